"""A real browser against a real server: the application of the test, on a port of its own."""

import dataclasses
import datetime
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from services.accounts.types import Actor
from services.core import clock
from tests.browser.phone import PATIENCE, Phone
from tests.builders.world import World
from tests.harness.machine import CHROMIUM_MISSING, chromium

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
Phones = Callable[..., Phone]


class _Silent(WSGIRequestHandler):
    """A failing test is easier to read without a line for each picture."""

    def log_request(self, code: object = "-", size: object = "-") -> None:
        pass


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for these tests and no longer: while it runs, its event loop is in everybody's way."""
    path = chromium()
    if not path:
        pytest.skip(CHROMIUM_MISSING)
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield started
        started.close()


@pytest.fixture
def address(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where the application answers; its card codes carry this address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Silent)
    server.daemon_threads = False  # type: ignore[attr-defined]  # its end waits for them: none writes into the next test
    url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], public_url=url))
    # The server looks for its end that often: by itself every half second, which is what each test then waited.
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield url
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def phone(browser: Browser, address: str, world: World) -> Iterator[Phones]:
    """phone(actor, **options of the context): somebody's phone, 360 pixels wide, already signed in.

    `same` is a phone that goes to this actor with its options as they were: a new one costs a second and a process.
    At the end no page may have thrown an error or been stopped by the content security policy.
    """
    phones: list[Phone] = []

    def sign_in(context: BrowserContext, actor: Actor | None) -> None:
        context.clear_cookies(name=re.compile("^(?!(theme|text|lang)$)"))
        if actor:
            context.add_cookies([{"name": "gonghui", "value": world.token(actor), "url": address}])

    def take(
        actor: Actor | None = None, *, same: Phone | None = None, theme: str = "light", text: str = "normal",
        **options: object,
    ) -> Phone:  # fmt: skip
        if same:
            same.open("about:blank")  # a page that asks the server by itself no longer does
            sign_in(same.page.context, actor)
            return same
        lang = options.pop("lang", "zh")
        settings = {"viewport": {"width": 360, "height": 740}, "device_scale_factor": 2, "locale": "zh-CN", **options}
        context = browser.new_context(base_url=address, **settings)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        cookies = {"theme": theme, "text": text, "lang": str(lang)}
        context.add_cookies([{"name": name, "value": value, "url": address} for name, value in cookies.items()])
        sign_in(context, actor)
        phones.append(Phone(context.new_page()))
        return phones[-1]

    yield take
    complaints = [complaint for one in phones for complaint in one.complaints]
    for one in phones:
        one.page.context.close()
    assert complaints == []


@pytest.fixture
def still(at: Callable[..., None]) -> None:
    """The server's clock stands where a code's half minute begins: a slow machine meets no new and no dead code."""
    now = clock.now()
    at(now + datetime.timedelta(seconds=30 - now.timestamp() % 30))


@pytest.fixture
def run_jobs(run_jobs: Callable[[], None]) -> Callable[[], None]:
    """In a thread of its own: in this one Playwright's event loop is running, and the worker wants one for itself."""

    def run() -> None:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(run_jobs).result()

    return run
