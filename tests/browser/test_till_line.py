"""The till on a slow line and on a line that is cut: nothing doubles, and the clerk is told what is known."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask
from playwright.sync_api import Request, Route, expect

from services.accounts.types import ClerkActor
from services.offers.types import AmountPolicy, OfferKind
from services.redemptions import service
from tests.browser.conftest import Phones
from tests.browser.phone import PATIENCE, Phone
from tests.builders.world import World

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("still")]

SLOW = {"offline": False, "latency": 400, "downloadThroughput": 20_000, "uploadThroughput": 20_000}


def counted(sql: psycopg.Connection, table: str) -> int:
    return int(sql.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # type: ignore[index]


def keys_of(till: Phone, path: str) -> list[str]:
    """Grows by the key of each form that is sent to `path` from now on."""
    keys: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST" and request.url.endswith(path):
            keys.append((request.post_data or "").split("key=")[1].partition("&")[0])

    till.page.on("request", note)
    return keys


def at_the_bill(phone: Phones, world: World, **terms: Any) -> Phone:
    """A clerk with a customer in front of him and 46.50 typed."""
    shop, person = world.shop(), world.member()
    world.offer(shop, **terms)
    till = phone(shop.clerk).open("/shop/")
    till.page.keyboard.type(world.code(person) + "\n")
    till.page.locator(".verdict--ok").wait_for()
    till.tap("堂食 9 折")
    till.page.locator("#amount").fill("46.50")
    return till


def lose(times: int, *, arrives: bool) -> Callable[[Route], None]:
    """Cuts the line for so many requests, before they leave or after the server has answered."""
    left = [times]

    def handle(route: Route) -> None:
        if not left[0]:
            return route.continue_()
        left[0] -= 1
        if arrives:
            route.fetch(max_redirects=0)
        return route.abort()

    return handle


def test_on_a_slow_line_a_scan_and_a_bill_take_their_time_and_happen_once(
    phone: Phones, world: World, sql: psycopg.Connection
) -> None:
    shop, person = world.shop(), world.member()
    world.offer(shop)
    till = phone(shop.clerk).open("/shop/")
    wire = till.page.context.new_cdp_session(till.page)
    wire.send("Network.enable")
    wire.send("Network.emulateNetworkConditions", SLOW)
    till.page.keyboard.type(world.code(person) + "\n\n\n")
    till.page.locator(".verdict--ok").wait_for()
    till.tap("堂食 9 折")
    till.page.locator("#amount").fill("46.50")
    till.page.locator(".keypad .go").dblclick()
    till.shows("41.85 元")
    assert (counted(sql, "scans"), counted(sql, "redemptions")) == (1, 1)


@pytest.mark.parametrize("arrives", [False, True])
def test_one_lost_answer_is_asked_for_again_by_itself_under_the_same_key(
    phone: Phones, world: World, sql: psycopg.Connection, arrives: bool
) -> None:
    till = at_the_bill(phone, world)
    keys = keys_of(till, "/shop/redemptions")
    till.page.route("**/shop/redemptions", lose(1, arrives=arrives))
    till.page.locator(".keypad .go").click()
    till.shows("已核销，收顾客")
    assert len(keys) == 2 and keys[0] == keys[1]
    assert counted(sql, "redemptions") == 1


def test_a_bill_that_arrived_while_its_answers_were_lost_is_found_by_asking(
    phone: Phones, world: World, sql: psycopg.Connection
) -> None:
    till = at_the_bill(phone, world)
    till.page.route("**/shop/redemptions", lose(2, arrives=True))
    till.page.locator(".keypad .go").click()
    till.shows("不确定")
    till.shows("46.50 元")
    expect(till.page.locator("#main")).to_be_hidden()
    keys = keys_of(till, "/shop/redemptions")
    till.tap("点这里查一下")
    till.shows("已核销，收顾客")
    till.shows("41.85 元")
    till.page.wait_for_url("**/shop/redemptions/*")
    assert keys == [], "asking sends nothing"
    assert counted(sql, "redemptions") == 1
    till.page.reload()
    till.shows("41.85 元")


def test_a_bill_that_never_left_is_said_to_be_missing_and_goes_off_again_under_its_key(
    phone: Phones, world: World, sql: psycopg.Connection
) -> None:
    till = at_the_bill(phone, world)
    keys = keys_of(till, "/shop/redemptions")
    till.page.route("**/shop/redemptions", lose(2, arrives=False))
    till.page.locator(".keypad .go").click()
    till.shows("不确定")
    assert counted(sql, "redemptions") == 0
    till.tap("点这里查一下")
    till.shows("服务器没有收到")
    till.tap("先不发，回上一步")
    expect(till.page.locator("#amount")).to_have_value("46.50")
    till.page.locator(".keypad .go").click()
    till.shows("已核销，收顾客")
    assert len(keys) == 3 and len(set(keys)) == 1
    assert counted(sql, "redemptions") == 1


def test_with_the_line_gone_the_clerk_is_told_so_and_the_answer_comes_by_itself(
    phone: Phones, world: World, sql: psycopg.Connection
) -> None:
    till = at_the_bill(phone, world)
    till.page.route("**/shop/redemptions", lose(2, arrives=True))
    till.page.locator(".keypad .go").click()
    till.shows("不确定")
    till.page.context.set_offline(True)
    till.tap("点这里查一下")
    till.shows("还是连不上")
    till.page.context.set_offline(False)
    till.shows("已核销，收顾客")
    assert counted(sql, "redemptions") == 1


def test_a_receipt_that_cannot_be_fetched_leaves_what_is_known_on_the_screen(phone: Phones, world: World) -> None:
    till = at_the_bill(phone, world)
    till.page.route("**/shop/redemptions", lose(2, arrives=True))
    till.page.locator(".keypad .go").click()
    till.shows("不确定")
    till.page.route("**/shop/redemptions/*", lose(1, arrives=False))
    till.tap("点这里查一下")
    till.shows("已核销，收顾客 41.85 元")
    till.tap("看结果")
    till.page.wait_for_url("**/shop/redemptions/*")


def test_while_the_server_is_at_it_nothing_is_sent_again(
    app: Flask, phone: Phones, world: World, sql: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first request hangs inside the server with the customer's card locked; the answer is waited for."""
    till = at_the_bill(phone, world)
    till.page.clock.install()
    keys = keys_of(till, "/shop/redemptions")
    go_on, begun, real = threading.Event(), threading.Event(), service.redeem

    def slow(*, actor: ClerkActor, **given: Any) -> object:
        result = real(actor=actor, **given)
        begun.set()
        assert go_on.wait(PATIENCE / 1000)
        return result

    monkeypatch.setattr(service, "redeem", slow)
    till.page.locator(".keypad .go").click()
    assert begun.wait(PATIENCE / 1000)
    till.page.route("**/shop/redemptions", lose(1, arrives=False))
    till.page.clock.fast_forward(8000)  # its answer is no longer waited for, and the second request is cut
    till.shows("不确定")
    till.tap("点这里查一下")
    till.shows("服务器正在办这一笔")
    go_on.set()
    till.shows("已核销，收顾客")
    assert len(set(keys)) == 1
    assert counted(sql, "redemptions") == 1


@pytest.mark.parametrize("arrives", [False, True])
def test_a_scan_on_a_cut_line_is_one_scan(phone: Phones, world: World, sql: psycopg.Connection, arrives: bool) -> None:
    shop, person = world.shop(), world.member()
    world.offer(shop)
    till = phone(shop.clerk).open("/shop/")
    keys = keys_of(till, "/shop/scan")
    till.page.route("**/shop/scan", lose(2, arrives=arrives))
    till.page.keyboard.type(world.code(person) + "\n")
    till.shows("不确定")
    assert counted(sql, "scans") == int(arrives)
    till.tap("点这里查一下")
    if not arrives:
        till.shows("服务器没有收到")
        till.tap("再发一次")
    till.page.locator(".verdict--ok").wait_for()
    till.page.wait_for_url("**/shop/scans/*")
    assert len(set(keys)) == 1
    assert counted(sql, "scans") == 1


def test_another_code_after_a_lost_one_has_a_key_of_its_own(phone: Phones, world: World) -> None:
    shop, person = world.shop(), world.member()
    world.offer(shop)
    till = phone(shop.clerk).open("/shop/")
    keys = keys_of(till, "/shop/scan")
    till.page.route("**/shop/scan", lose(2, arrives=False))
    till.page.keyboard.type("12345678\n")
    till.tap("点这里查一下")
    till.tap("先不发，回上一步")
    till.page.locator("#code").fill(world.code(person))
    till.tap("查看可用优惠")
    till.page.locator(".verdict--ok").wait_for()
    assert len(keys) == 3 and keys[0] == keys[1] != keys[2]


def test_a_page_that_is_not_ours_is_no_answer(phone: Phones, world: World, sql: psycopg.Connection) -> None:
    """A guest network that wants its terms agreed to first answers anything with its own page."""
    till = at_the_bill(phone, world)
    till.page.route(
        "**/shop/redemptions", lambda route: route.fulfill(status=200, content_type="text/html", body="<h1>Wi-Fi</h1>")
    )
    till.page.locator(".keypad .go").click()
    till.shows("不确定")
    assert counted(sql, "redemptions") == 0


def test_reload_and_the_way_back_change_nothing(phone: Phones, world: World, sql: psycopg.Connection) -> None:
    till = at_the_bill(phone, world)
    till.page.locator(".keypad .go").click()
    till.shows("已核销，收顾客")
    till.page.reload()
    till.shows("41.85 元")
    till.page.go_back()
    till.shows("已核销过")
    till.page.go_back()
    till.shows("扫顾客的会员码")
    till.page.go_forward()
    till.shows("已核销过")
    assert (counted(sql, "scans"), counted(sql, "redemptions")) == (1, 1)


def test_the_result_stays_until_it_is_confirmed(phone: Phones, world: World) -> None:
    till = at_the_bill(phone, world)
    till.page.clock.install()
    till.page.locator(".keypad .go").click()
    till.shows("已核销，收顾客")
    till.page.clock.run_for(20 * 60 * 1000)
    till.shows("41.85 元")
    till.tap("知道了，扫下一个")
    till.page.wait_for_url("**/shop/")
    expect(till.page.locator("#code")).to_be_focused()


def test_a_refusal_after_a_failure_comes_as_its_page_and_the_next_code_is_awaited(phone: Phones, world: World) -> None:
    till = at_the_bill(phone, world, kind=OfferKind.AMOUNT_OFF, threshold_fen=9000, off_fen=800)
    till.page.route("**/shop/redemptions", lose(1, arrives=True))
    till.page.locator(".keypad .go").click()
    till.shows("满 90.00 元才能用")
    expect(till.page.locator("#amount")).to_have_value("46.50")
    till.page.locator("#amount").fill("100")
    till.page.locator(".keypad .go").click()
    till.shows("92.00 元")


def test_one_tap_where_the_shops_own_till_has_done_the_sum(
    phone: Phones, world: World, sql: psycopg.Connection
) -> None:
    shop, person = world.shop(), world.member()
    none = AmountPolicy.NOT_ASKED
    price = {"kind": OfferKind.MEMBER_PRICE, "list_fen": 3800, "price_fen": 2800, "title": {"zh": "牛肉面"}}
    world.offer(shop, **price, amount_policy=none)
    world.offer(shop, title={"zh": "全单 9 折"}, amount_policy=AmountPolicy.OPTIONAL)
    till = phone(shop.clerk).open("/shop/")
    till.page.keyboard.type(world.code(person) + "\n")
    till.shows("收 28.00 元")
    till.shows("原价 38.00 元")
    till.page.locator(".give", has_text="牛肉面").get_by_role("button").dblclick()
    till.shows("已核销，收顾客")
    till.shows("28.00 元")
    assert counted(sql, "redemptions") == 1


@pytest.mark.parametrize(
    ("terms", "typed", "pay"),
    [
        ({"percent_off": 12}, "10.37", "9.13"),
        ({"percent_off": 10, "most_off_fen": 500}, "80", "75.00"),
        ({"percent_off": 10, "most_off_fen": 500}, "49.99", "44.99"),
        ({"kind": OfferKind.AMOUNT_OFF, "threshold_fen": 3000, "off_fen": 800}, "30", "22.00"),
        ({"kind": OfferKind.FIXED_PRICE, "price_fen": 2990}, "45.50", "29.90"),
    ],
)
def test_what_the_keypad_shows_is_what_the_server_decides(
    phone: Phones, world: World, sql: psycopg.Connection, terms: dict[str, Any], typed: str, pay: str
) -> None:
    till = at_the_bill(phone, world, **terms)
    till.page.locator("#amount").fill(typed)
    expect(till.page.locator("[data-pay]")).to_have_text(pay)
    till.page.locator(".keypad .go").click()
    till.shows("已核销，收顾客")
    till.shows(f"{pay} 元")
    row = sql.execute("SELECT pay_fen FROM redemptions").fetchone()
    assert row == (round(float(pay) * 100),)


def test_a_bill_below_a_fixed_price_says_so_before_and_after(phone: Phones, world: World) -> None:
    till = at_the_bill(phone, world, kind=OfferKind.FIXED_PRICE, price_fen=9900)
    expect(till.page.locator("[data-saved]")).to_have_text("还差 52.50 元")
    till.page.locator(".keypad .go").click()
    till.shows("按原价收更便宜")


def test_an_undoing_whose_answer_is_lost_is_found_by_asking(
    phone: Phones, world: World, sql: psycopg.Connection
) -> None:
    till = at_the_bill(phone, world)
    till.page.locator(".keypad .go").click()
    till.tap("弄错了？撤销这笔")
    till.page.get_by_label("选错了优惠").check()
    keys = keys_of(till, "/undo")
    till.page.route("**/undo", lose(2, arrives=True))
    till.page.get_by_role("button", name="撤销这笔").click()
    till.shows("不确定")
    till.tap("点这里查一下")
    till.shows("会员已收到通知")
    assert len(keys) == 2 and len(set(keys)) == 1
    assert counted(sql, "voids") == 1
    till.open("/shop/today").shows("今天 0 笔")
