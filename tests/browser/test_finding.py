"""Nearest first, on a real phone: asked for on a tap, worked out on the phone, told to nobody."""

import re

import psycopg
import pytest
from playwright.sync_api import Request

from services.unions.types import Place
from tests.browser.conftest import Phones
from tests.browser.phone import Phone
from tests.builders.market import branch, every_day
from tests.builders.world import World

pytestmark = pytest.mark.browser
NEAREST = "离我近的排前面"
SORTED, DENIED, LOST = "已按离您远近排好", "您没有允许定位", "现在定不到位置"

#: what a phone says (WGS-84) and what Chinese maps call it (GCJ-02): the reference values of eviltransform
PLACES = [
    ((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215)),
    ((22.543847, 113.912316), (22.540796131694766, 113.9171764808363)),
    ((39.911954, 116.377817), (39.91334545536069, 116.38404722455657)),
]


def shop_at(world: World, name: str, *places: Place) -> None:
    shop = world.shop(name)
    for number, place in enumerate(places):
        branch(world, shop, f"{number} 店", place=place, hours=every_day(0, 1440))
    world.offer(shop)


def north(place: tuple[float, float], metres: float) -> Place:
    return Place(place[0] + metres / 111_195, place[1])


def names(phone: Phone) -> list[str]:
    return phone.page.locator("#shops .cell__title").all_inner_texts()


def somewhere(place: tuple[float, float]) -> dict[str, object]:
    return {"geolocation": {"latitude": place[0], "longitude": place[1]}, "permissions": ["geolocation"]}


@pytest.mark.parametrize(("said", "here"), PLACES)
def test_the_nearest_branch_counts_in_chinese_coordinates(
    phone: Phones, world: World, said: tuple[float, float], here: tuple[float, float]
) -> None:
    shop_at(world, "远", north(here, 12_340))
    world.shop("没有地点")
    shop_at(world, "近", north(here, 90_000), north(here, -300))
    shop_at(world, "就在这里", north(here, 0))
    one = phone(**somewhere(said)).open("/shops")
    assert names(one) == ["远", "没有地点", "近", "就在这里"]
    one.tap(NEAREST)
    one.shows(SORTED)
    assert names(one) == ["就在这里", "近", "远", "没有地点"]
    assert one.page.locator("[data-far]").all_inner_texts() == ["10 米", "300 米", "12 公里", ""]
    assert one.overflow() <= 0 and one.small_targets() == []


def test_shops_of_further_pages_are_sorted_too(phone: Phones, world: World) -> None:
    here = PLACES[0][1]
    for number in range(22):
        shop_at(world, f"第{number}家", north(here, 1000 * (22 - number)))
    one = phone(**somewhere(PLACES[0][0])).open("/shops?trade=dining")
    assert len(names(one)) == 20 and one.page.locator("#pages a").is_visible()
    one.tap(NEAREST)
    one.shows(SORTED)
    assert names(one) == [f"第{number}家" for number in range(21, -1, -1)]
    assert not one.page.locator("#pages").is_visible()


def test_the_place_never_leaves_the_phone(phone: Phones, world: World, sql: psycopg.Connection) -> None:
    said, here = PLACES[0]
    for number in range(22):
        shop_at(world, f"第{number}家", north(here, 500 + 100 * number))
    one = phone(world.member(), **somewhere(said))
    sent: list[str] = []

    def keep(request: Request) -> None:
        sent.append(" ".join([request.url, str(request.headers), request.post_data or ""]))

    one.page.on("request", keep)
    one.open("/shops").tap(NEAREST)
    one.shows(SORTED)
    one.page.locator("#shops a").first.click()
    one.shows("会员优惠")
    one.page.go_back()
    assert len(sent) > 5 and any("/shops/all" in request for request in sent)
    digits = [f"{number:.2f}" for number in (*said, *here)]
    assert [request for request in sent if any(each in request for each in digits)] == []
    kept = one.page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])")
    assert not any(each in kept for each in digits)


def test_nothing_is_asked_before_the_tap(phone: Phones, world: World) -> None:
    shop_at(world, "近", Place(*PLACES[0][1]))
    one = phone()
    one.page.add_init_script("navigator.geolocation.getCurrentPosition = () => { window.asked = true; };")
    one.open("/shops")
    assert one.page.evaluate("() => window.asked") is None
    one.tap(NEAREST)
    assert one.page.evaluate("() => window.asked") is True


@pytest.mark.parametrize(("code", "words"), [(1, DENIED), (2, LOST), (3, LOST)])
def test_without_a_place_the_list_stays_and_says_what_to_do(phone: Phones, world: World, code: int, words: str) -> None:
    shop_at(world, "甲", Place(30.7, 104.0))
    shop_at(world, "乙", Place(*PLACES[0][1]))
    one = phone()
    one.page.add_init_script(
        f"navigator.geolocation.getCurrentPosition = (yes, no) => no({{code: {code}, PERMISSION_DENIED: 1}});"
    )
    one.open("/shops").tap(NEAREST)
    one.shows(words)
    assert names(one) == ["甲", "乙"]
    assert one.page.get_by_role("button", name=NEAREST).get_attribute("aria-disabled") is None


def test_without_scripts_nothing_is_promised(phone: Phones, world: World) -> None:
    shop_at(world, "近", Place(*PLACES[0][1]))
    one = phone(java_script_enabled=False).open("/shops")
    assert not one.page.get_by_text(NEAREST).is_visible() and names(one) == ["近"]


def test_a_list_that_cannot_be_fetched_says_so(phone: Phones, world: World) -> None:
    here = PLACES[0][1]
    for number in range(21):
        shop_at(world, f"第{number}家", north(here, 100 * number))
    one = phone(**somewhere(PLACES[0][0])).open("/shops")
    one.page.route(re.compile("/shops/all"), lambda route: route.abort())
    one.tap(NEAREST)
    one.shows("没有连上")
    assert len(names(one)) == 20


def test_a_shop_is_found_by_typing_and_walked_to_its_offer(phone: Phones, world: World) -> None:
    shop_at(world, "老灶牛肉面", Place(*PLACES[0][1]))
    shop_at(world, "快净洗车", Place(*PLACES[0][1]))
    one = phone(world.member()).open("/shops")
    one.page.get_by_role("searchbox").fill("牛肉")
    one.page.keyboard.press("Enter")
    one.shows("1 家商户")
    one.tap("老灶牛肉面")
    one.shows("在哪里")
    one.tap("堂食 9 折")
    one.shows("您现在能用")
    one.tap("分享给工友")
    one.shows("长按或用微信扫一扫")
    # The picture may still be on its way when the words are there: decode() waits, and fails on a broken one.
    code = one.page.locator("img.poster__code")
    assert code.evaluate("async img => { await img.decode(); return img.naturalWidth > 100 }")
