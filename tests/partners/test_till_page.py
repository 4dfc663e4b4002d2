"""WeChat's scanner on the till page: who gets its script, and what is signed for it."""

import hashlib

from flask import Flask
from flask.testing import FlaskClient

from services.accounts.types import ClerkActor
from tests.builders.world import World
from tests.http.pages import Reader
from tests.partners.platform import Fault, StandIn

WECHAT = {"User-Agent": "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 MicroMessenger/8.0.49"}
SCRIPT = "https://res.wx.qq.com/open/js/jweixin-1.6.0.js"
PAGE = "http://127.0.0.1:8000/shop/"
SIGNED = "/shop/wechat/signature"


def _till(app: Flask, world: World) -> FlaskClient:
    clerk: ClerkActor = world.shop().clerk
    return Reader(app.test_client(), world, clerk).client


def test_the_till_page_in_wechat_may_load_wechats_script_and_no_other_page_may(connected: Flask, world: World) -> None:
    till = _till(connected, world)
    page = till.get("/shop/", headers=WECHAT)
    assert f'data-script="{SCRIPT}"' in page.text and SIGNED in page.text
    assert page.headers["Content-Security-Policy"].endswith(f"script-src 'self' {SCRIPT}")
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    for path in ("/shop/today", "/shop/me", "/offers"):
        assert "qq.com" not in till.get(path, headers=WECHAT).headers["Content-Security-Policy"]
    elsewhere = till.get("/shop/")
    assert "data-wechat" not in elsewhere.text and "qq.com" not in elsewhere.headers["Content-Security-Policy"]


def test_the_page_comes_without_asking_the_platform(connected: Flask, world: World, platform: StandIn) -> None:
    _till(connected, world).get("/shop/", headers=WECHAT)
    assert not platform.calls


def test_without_an_official_account_there_is_no_script(app: Flask, world: World) -> None:
    till = _till(app, world)
    assert "data-wechat" not in till.get("/shop/", headers=WECHAT).text
    assert till.get(f"{SIGNED}?url={PAGE}", headers={"Accept": "application/json"}).status_code == 404


def test_the_address_of_the_till_page_is_signed_exactly_and_no_other(
    connected: Flask, world: World, platform: StandIn
) -> None:
    till = _till(connected, world)
    url = f"{PAGE}?from=menu"
    given = till.get(SIGNED, query_string={"url": f"{url}#top"}).json
    assert given
    ticket = platform.tickets[platform.official_account.appid]
    text = f"jsapi_ticket={ticket}&noncestr={given['nonceStr']}&timestamp={given['timestamp']}&url={url}"
    assert given["signature"] == hashlib.sha1(text.encode()).hexdigest()
    assert given["appId"] == platform.official_account.appid and isinstance(given["timestamp"], int)
    assert given["jsApiList"] == ["scanQRCode"]
    for other in ("http://127.0.0.1:8000/me", "https://evil.example/shop/", f"{PAGE}../me", "", "/shop/"):
        refused = till.get(SIGNED, query_string={"url": other}, headers={"Accept": "application/json"})
        assert refused.status_code == 422 and "not_our_page" in refused.text, other


def test_only_a_clerk_gets_a_signature(connected: Flask, world: World) -> None:
    nobody = connected.test_client().get(SIGNED, query_string={"url": PAGE}, headers={"Accept": "application/json"})
    assert nobody.status_code == 401
    member = Reader(connected.test_client(), world, world.member()).client
    assert member.get(SIGNED, query_string={"url": PAGE}).status_code == 403


def test_a_platform_that_is_away_is_said_and_the_page_stays(connected: Flask, world: World, platform: StandIn) -> None:
    till = _till(connected, world)
    platform.fail("/cgi-bin/ticket/getticket", Fault.SERVER_ERROR, Fault.SERVER_ERROR)
    answer = till.get(SIGNED, query_string={"url": PAGE}, headers={"Accept": "application/json"})
    assert answer.status_code == 503
    assert till.get("/shop/", headers=WECHAT).status_code == 200
