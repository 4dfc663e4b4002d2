"""Bad lines, other scanners, second thoughts."""

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Phones
from tests.builders.world import World

pytestmark = pytest.mark.browser

#: A camera that sees one code, for a chromium that can read none.
_DETECTOR = """
window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect() { return [{ rawValue: "%s" }]; }
};
"""


def test_offline_says_so_keeps_the_code_and_recovers_by_itself(phone: Phones, world: World, still: None) -> None:
    member = phone(world.member()).open("/")
    first = member.read_code()
    member.page.context.set_offline(True)
    member.page.locator("[data-renew]").click()
    member.shows("网断了，正在重连。这个码还能用")
    assert member.read_code() == first
    member.page.context.set_offline(False)
    expect(member.page.locator("#lost")).to_be_hidden()


def test_digits_refused_are_refused_in_words_beside_the_code(phone: Phones, world: World) -> None:
    member = phone(world.member()).open("/")
    member.tap("报 8 位数字")
    member.page.locator(".digits").wait_for()
    reloaded, digits = member.requests("/"), member.page.locator(".digits").inner_text()

    def too_often(route: Route) -> None:
        assert route.request.headers["accept"] == "application/json"
        route.fulfill(status=429, json={"member_detail": "操作太快了，请等 7 秒再试。"})

    member.page.route("**/digits", too_often)
    member.tap("换一组数字")
    member.shows("操作太快了，请等 7 秒再试。")
    assert member.page.locator(".digits").inner_text() == digits and member.page.locator("svg.qr").is_visible()
    assert reloaded == []


def test_a_second_tap_asks_for_no_second_digits(phone: Phones, world: World) -> None:
    """The first ones would be dead when the second ones come."""
    member = phone(world.member()).open("/")
    asked = member.requests("/digits")
    held: list[Route] = []
    member.page.route("**/digits", lambda route: held.append(route))  # noqa: PLW0108 - a method of a list is no handler
    button = member.page.locator("form[data-digits] button")
    with member.page.expect_request("**/digits"):
        button.click()
    expect(button).to_have_attribute("aria-disabled", "true")
    button.dispatch_event("click")
    held[0].continue_()
    member.page.locator(".digits").wait_for()
    assert len(asked) == 1
    expect(button).not_to_have_attribute("aria-disabled", "true")


def test_a_hidden_page_asks_nothing_and_asks_at_once_when_it_is_seen(phone: Phones, world: World, still: None) -> None:
    member = phone(world.member()).open("/")
    asked = member.requests("/card")
    hide = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true});"
    tell = "document.dispatchEvent(new Event('visibilitychange'))"
    member.page.evaluate(hide % "true" + tell)
    member.page.evaluate("dispatchEvent(new Event('online'))")
    assert asked == []
    with member.page.expect_response("**/card"):
        member.page.evaluate(hide % "false" + tell)
    assert len(asked) == 1


def test_a_second_tap_sends_nothing_twice(phone: Phones, world: World) -> None:
    shop, person = world.shop(), world.member()
    world.offer(shop)
    till = phone(shop.clerk).open("/shop/")
    till.page.keyboard.type(world.code(person) + "\n")
    till.page.locator(".verdict--ok").wait_for()
    till.tap("堂食 9 折")
    till.page.locator("#amount").fill("46.50")
    sent: list[str] = []
    till.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    till.page.locator(".keypad .go").dblclick()
    till.shows("已核销，收顾客")
    assert len(sent) == 1


def test_a_hardware_scanner_is_heard_wherever_the_focus_is(phone: Phones, world: World) -> None:
    """It types and sends Enter: on the scan page, on the page of a no, and on a receipt."""
    shop, person = world.shop(), world.member()
    world.offer(shop)
    till = phone(shop.clerk).open("/shop/")
    till.page.locator("#main h1").click()  # the focus is nowhere
    till.page.keyboard.type("HTTPS://ELSEWHERE.EXAMPLE/X\n")
    till.page.locator(".verdict--no").wait_for()
    till.page.keyboard.type(world.code(person) + "\n")
    till.page.locator(".verdict--ok").wait_for()
    till.tap("堂食 9 折")
    till.page.locator("#amount").fill("46.50")
    till.page.locator(".keypad .go").click()
    till.shows("已核销，收顾客")
    till.page.keyboard.type("12345678\n")
    till.page.locator(".verdict--no").wait_for()


def test_a_camera_reads_the_code(phone: Phones, world: World, still: None) -> None:
    shop, person = world.shop(), world.member()
    world.offer(shop)
    till = phone(shop.clerk, permissions=["camera"])
    till.page.add_init_script(_DETECTOR % world.code(person))
    till.open("/shop/").tap("打开相机")
    till.page.locator(".verdict--ok").wait_for()


def test_without_a_detector_there_is_no_camera_button(phone: Phones, world: World) -> None:
    till = phone(world.shop().clerk)
    till.page.add_init_script("delete window.BarcodeDetector")
    till.open("/shop/")
    expect(till.page.get_by_text("打开相机", exact=True)).to_be_hidden()
    expect(till.page.locator("#code")).to_be_focused()


def test_back_from_a_scan_does_not_scan_again(phone: Phones, world: World, address: str, still: None) -> None:
    shop, person = world.shop(), world.member()
    world.offer(shop)
    till = phone(shop.clerk).open("/shop/today")
    till.page.goto(f"{address}/C/{world.code(person)}")
    till.page.locator(".verdict--ok").wait_for()
    till.page.go_back()
    till.page.wait_for_url("**/shop/today")


def test_a_choice_is_kept_and_shown_at_once(phone: Phones, world: World) -> None:
    member = phone(world.member()).open("/me")
    member.tap("深色")
    member.page.locator('html[data-theme="dark"]').wait_for()
    member.tap("English")
    member.page.locator('html[lang="en"]').wait_for()
    member.shows("Sign out")
    assert member.page.url.endswith("/me")
