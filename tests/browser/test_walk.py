"""The main walk on real screens: a code is shown, read by a camera, redeemed, and everybody knows."""

import datetime
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from services.core import clock
from services.offers.types import OfferKind
from tests.browser.conftest import Phones
from tests.builders.world import World

pytestmark = pytest.mark.browser


def test_from_the_members_screen_to_the_officers_desk(
    phone: Phones, world: World, run_jobs: Callable[[], None], address: str, still: None
) -> None:
    shop, person = world.shop(), world.member()
    world.offer(shop, kind=OfferKind.AMOUNT_OFF, threshold_fen=3000, off_fen=800, title={"zh": "满 30 减 8"})
    world.offer(shop, title={"zh": "别家专用"}, audience_union_id=world.another_union().id)
    member, till = phone(person), phone(shop.clerk)

    code = member.open("/").read_code()
    assert re.fullmatch(re.escape(address.upper()) + r"/C/[0-9A-HJKMNP-TV-Z]{23}", code)

    till.open(code)  # the scanner of the clerk's phone opens the address; the page sends the scan by itself
    till.page.wait_for_url("**/shop/scans/*")
    for words in ("可以用", "李*梅", "满 30 减 8", "不在范围内"):
        till.shows(words)
    assert "李春梅" not in till.page.content()

    till.tap("满 30 减 8")
    till.page.wait_for_url("**/offers/*")
    keys = till.page.locator("[data-keypad]")
    for key in ("1", "2"):
        keys.get_by_role("button", name=key, exact=True).click()
    expect(till.page.locator("[data-saved]")).to_have_text("还差 18.00 元")
    till.page.locator(".keypad .go").click()
    till.shows("满 30.00 元才能用")
    till.page.wait_for_load_state()
    expect(till.page.locator("#amount")).to_have_value("12")
    keys.get_by_role("button", name="删除一位").click()
    keys.get_by_role("button", name="删除一位").click()
    for key in ("4", "6", "小数点", "5"):
        keys.get_by_role("button", name=key, exact=True).click()
    expect(till.page.locator("[data-pay]")).to_have_text("38.50")
    till.page.locator(".keypad .go").click()
    till.page.wait_for_url("**/shop/redemptions/*")
    till.shows("已核销，收顾客")
    till.shows("38.50 元")

    other = phone(world.clerk(shop)).open("/shop/")
    other.page.keyboard.type(code + "\n")
    other.page.locator(".verdict--no").wait_for()
    other.shows("已经扫过了")

    member.page.evaluate("dispatchEvent(new Event('online'))")
    member.shows("刚刚用了一次")
    run_jobs()
    member.open("/")
    member.shows("有一件事等您看")
    member.open("/inbox")
    member.shows("您的会员卡刚用过一次")
    expect(member.page.locator(".dot")).to_have_count(1)
    with member.page.expect_response("**/read"):
        member.tap("您的会员卡刚用过一次")
    member.open("/inbox")
    expect(member.page.locator(".dot")).to_have_count(0)
    till.open("/shop/inbox").shows("核销成功一笔")
    member.open("/history")
    member.tap("老灶牛肉面")
    member.shows("38.50 元")
    desk = phone(world.officer()).open("/staff/")
    desk.shows("满 30 减 8")
    desk.shows("8.00")


def test_a_code_renews_itself_at_the_servers_time(phone: Phones, world: World, at: Callable[..., None]) -> None:
    """The phone knows only how many seconds were left when the page came; its own clock stands in 1970."""
    hours_ahead = clock.now() + datetime.timedelta(hours=3)
    step = hours_ahead - datetime.timedelta(seconds=hours_ahead.timestamp() % 30)
    at(step + datetime.timedelta(seconds=27))
    member = phone(world.member())
    member.page.clock.install(time=0)
    member.page.clock.pause_at(1000)
    asked = member.open("/").requests("/card")
    first, ink = member.read_code(), member.page.locator("path.qr__ink")
    drawn = ink.get_attribute("d")
    member.page.clock.run_for(2500)
    assert asked == []
    at(step + datetime.timedelta(seconds=31))
    member.page.clock.run_for(4000)  # three seconds were left, and up to three more keep phones apart
    expect(ink).not_to_have_attribute("d", drawn or "")
    assert member.read_code() != first
    member.page.clock.run_for(500)
    assert len(asked) == 1, "one small request for one code"
    assert 25 <= int(member.page.locator("[data-seconds]").first.inner_text()) <= 32


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("text", ["normal", "large"])
def test_the_code_is_read_in_every_dress(phone: Phones, world: World, theme: str, text: str) -> None:
    member = phone(world.member(), theme=theme, text=text).open("/")
    assert "/C/" in member.read_code()


def test_digits_are_read_out_typed_and_run_out(phone: Phones, world: World) -> None:
    shop, person = world.shop(), world.member()
    world.offer(shop)
    member = phone(person).open("/")
    member.tap("报 8 位数字")
    digits = member.page.locator(".digits").inner_text()
    assert re.fullmatch(r"\d{4} \d{4}", digits)
    before = member.page.url
    till = phone(shop.clerk).open("/shop/")
    till.page.locator("#code").fill(digits)
    till.tap("查看可用优惠")
    till.page.locator(".verdict--ok").wait_for()
    assert member.page.url == before, "the code stays on the screen while the digits are read out"


def test_a_disputed_use_freezes_the_card_on_the_screen(phone: Phones, world: World) -> None:
    member = phone(world.member())
    member.open("/me").tap("冻结")
    member.shows("已冻结")
    member.open("/").shows("卡已冻结，现在没有码")
    member.tap("解冻")
    member.page.locator("svg.qr").wait_for()


def test_the_walk_without_scripts(phone: Phones, world: World) -> None:
    shop, person = world.shop(), world.member()
    world.offer(shop)
    member = phone(person, java_script_enabled=False).open("/")
    assert member.page.locator('meta[http-equiv="refresh"]').count() == 1
    member.tap("报 8 位数字")
    digits = member.page.locator(".digits").inner_text()
    till = phone(shop.clerk, java_script_enabled=False).open("/shop/")
    till.page.locator("#code").fill(digits)
    till.tap("查看可用优惠")
    till.tap("堂食 9 折")
    till.page.locator("#amount").fill("46.50")
    till.tap("核销")
    till.shows("41.85 元")
    member.open("/").shows("刚刚用了一次")
