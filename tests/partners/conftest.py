"""The platform's stand-in, and clients of ours that take it for the platform."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from app.partners import Partners
from services.accounts.wechat import AppKeys, Platform, wire
from services.core import clock
from services.core.transaction import in_transaction
from tests.partners.inbox import SentCodes
from tests.partners.patience import patient
from tests.partners.platform import StandIn, running

Client = Callable[..., Platform]


@pytest.fixture
def platform() -> Iterator[StandIn]:
    with running() as stand_in:
        yield stand_in


@pytest.fixture
def client_of(platform: StandIn, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Our client for one app; a platform that is made to hang is given up after a moment."""
    patient(platform, lambda read: monkeypatch.setattr(wire, "TIMEOUT", (2, read)))
    return lambda app, connections=10: Platform(
        AppKeys(app.appid, app.secret), transact=in_transaction, clock=lambda: clock.now(),  # noqa: PLW0108 - tests set it
        api_url=platform.url, open_url=platform.url, connections=connections,
    )  # fmt: skip


@pytest.fixture
def sent(app: Flask) -> SentCodes:
    return SentCodes()


@pytest.fixture
def connected(
    app: Flask, platform: StandIn, client_of: Client, sent: SentCodes, monkeypatch: pytest.MonkeyPatch
) -> Flask:
    """The application with the stand-in as its platform, and phones that we can read."""
    partners = Partners(client_of(platform.mini_program), client_of(platform.official_account), sent)
    monkeypatch.setitem(app.extensions, "partners", partners)
    return app
