"""WeChat's scanner on the till page, with a stand-in for its script and for the platform behind it."""

import hashlib
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Route, expect

from app.partners import Partners
from services.accounts.wechat import AppKeys, Platform
from services.core import clock
from services.core.transaction import in_transaction
from tests.browser.conftest import Phones
from tests.browser.phone import Phone
from tests.builders.world import World
from tests.partners.platform import StandIn, running

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("still")]

WECHAT = "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/120 MicroMessenger/8.0.49"
#: What WeChat's own script does of it all: it takes what was signed, says yes or no, and hands out what was scanned.
_SCRIPT = """
let ready, error;
window.configs = [];
window.wx = {
  ready: (then) => { ready = then; },
  error: (then) => { error = then; },
  config: (given) => {
    configs.push(given);
    document.documentElement.dataset.configs = configs.length;
    setTimeout(() => (configs.length <= REFUSALS ? error({ errMsg: "config:invalid signature" }) : ready()), 20);
  },
  scanQRCode: (asked) => {
    if (asked.needResult !== 1) throw new Error("the result would open in WeChat");
    if (SCANNED) asked.success({ resultStr: SCANNED, errMsg: "scanQRCode:ok" });
    else asked.fail({ errMsg: "scanQRCode:fail" });
  },
};
"""


@pytest.fixture
def platform(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with running() as stand_in:
        keys = AppKeys(stand_in.official_account.appid, stand_in.official_account.secret)
        ours = Platform(
            keys, transact=in_transaction, clock=lambda: clock.now(),  # noqa: PLW0108 - tests set it
            api_url=stand_in.url, open_url=stand_in.url,
        )  # fmt: skip
        monkeypatch.setitem(app.extensions, "partners", Partners(None, ours, None))
        yield stand_in


def in_wechat(phone: Phones, world: World, *, scanned: str = "", refusals: int = 0) -> Phone:
    shop = world.shop()
    world.offer(shop)
    till = phone(shop.clerk, user_agent=WECHAT)
    script = _SCRIPT.replace("REFUSALS", str(refusals)).replace("SCANNED", f'"{scanned}"')
    till.page.route(
        "https://res.wx.qq.com/**",
        lambda route: route.fulfill(status=200, content_type="text/javascript", body=script),
    )
    return till


def test_a_tap_scans_and_the_page_was_signed_as_the_browser_knows_it(
    phone: Phones, world: World, platform: StandIn, address: str
) -> None:
    till = in_wechat(phone, world, scanned=world.code(world.member())).open("/shop/?from=menu#top")
    till.tap("扫一扫")
    given = till.page.evaluate("configs[0]")
    text = (
        f"jsapi_ticket={platform.tickets[platform.official_account.appid]}&noncestr={given['nonceStr']}"
        f"&timestamp={given['timestamp']}&url={address}/shop/?from=menu"
    )
    assert given["signature"] == hashlib.sha1(text.encode()).hexdigest()
    till.page.locator(".verdict--ok").wait_for()
    till.shows("李*梅")


def test_a_bar_code_comes_with_its_kind_and_goes_without(phone: Phones, world: World, platform: StandIn) -> None:
    till = in_wechat(phone, world, scanned="CODE_128,48271936").open("/shop/")
    with till.page.expect_request("**/shop/scan") as sent:
        till.tap("扫一扫")
    assert "code=48271936" in (sent.value.post_data or "")
    till.page.locator(".verdict--no").wait_for()


def test_a_refused_signature_is_asked_for_once_more(phone: Phones, world: World, platform: StandIn) -> None:
    till = in_wechat(phone, world, refusals=1).open("/shop/")
    till.shows("扫一扫")
    assert till.page.evaluate("configs.length") == 2
    assert till.page.evaluate("configs[0].signature !== configs[1].signature")


def test_when_wechat_says_no_the_other_ways_stay(phone: Phones, world: World, platform: StandIn) -> None:
    till = in_wechat(phone, world, refusals=9).open("/shop/")
    till.page.locator('html[data-configs="2"]').wait_for()
    expect(till.page.locator("[data-wechat]")).to_be_hidden()
    expect(till.page.locator("#code")).to_be_focused()


def test_a_script_that_never_comes_holds_up_nothing(phone: Phones, world: World, platform: StandIn) -> None:
    shop, person = world.shop(), world.member()
    world.offer(shop)
    till = phone(shop.clerk, user_agent=WECHAT)
    hanging: list[Route] = []
    # A method of a list is no handler: Playwright wants to hang something on it.
    till.page.route("https://res.wx.qq.com/**", lambda route: hanging.append(route))  # noqa: PLW0108
    till.page.goto("/shop/", wait_until="domcontentloaded")
    till.page.locator("#code").fill(world.code(person))
    till.tap("查看可用优惠")
    till.page.locator(".verdict--ok").wait_for()
    assert len(hanging) == 1
    hanging[0].abort()


def test_a_scan_that_fails_in_wechat_says_what_else_there_is(phone: Phones, world: World, platform: StandIn) -> None:
    till = in_wechat(phone, world).open("/shop/")
    till.tap("扫一扫")
    till.shows("微信的扫一扫没打开")
