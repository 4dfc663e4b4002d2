"""Every page on the smallest phone: nothing sticks out, everything is big enough for a finger, nothing complains."""

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from services.accounts.types import MemberActor
from services.core import clock
from services.offers.types import AmountPolicy, OfferKind
from services.redemptions import service
from tests.browser.conftest import Phones
from tests.browser.phone import Phone
from tests.builders.world import Shop, World

pytestmark = pytest.mark.browser


def scanned(world: World, shop: Shop, member: MemberActor) -> UUID:
    code = world.code(member)
    result = world.do(lambda: service.scan(actor=shop.clerk, text=code, now=clock.now()))
    return result.id  # type: ignore[union-attr]


@pytest.fixture
def screens(phone: Phones, world: World, run_jobs: Callable[[], None]) -> Callable[..., Iterator[Phone]]:
    """screens(**how the phones are set): every page there is, with long names on it, opened one after the other."""
    shop, person = world.shop("老灶牛肉面与手工水饺连锁餐厅"), world.member("阿卜杜拉·买买提")
    title = {"zh": "到店用餐八八折（酒水、海鲜和特价菜除外）", "en": "12% off meals, drinks and seafood excluded"}
    meal = world.offer(shop, title=title)
    gift = {"kind": OfferKind.GIFT, "gift": {"zh": "酸梅汤一杯"}, "amount_policy": AmountPolicy.NOT_ASKED}
    soup = world.offer(shop, title={"zh": "送汤"}, **gift)
    world.offer(shop, title={"zh": "远帆专用"}, audience_union_id=world.another_union().id)
    used, fresh = scanned(world, shop, person), scanned(world, shop, world.member("欧阳春晓"))
    receipt = world.do(
        lambda: service.redeem(actor=shop.clerk, scan_id=used, offer_id=meal, amount_fen=1234550, now=clock.now())  # type: ignore[arg-type]
    )
    number = receipt.id  # type: ignore[union-attr]
    run_jobs()
    addresses = {
        None: "/sign-in /demo /shops /offers /offers?trade=weddings /C/7ABC /no-such-page /api/v1/docs",
        person: f"/ /offers /shops /history /history/{number} /history/{number}/not-me /inbox /me /me/new-card "
        "/sign-in",
        shop.clerk: f"/shop/ /shop/scans/{used} /shop/scans/{fresh} /shop/scans/{fresh}/offers/{meal} /C/7ABC "
        f"/shop/scans/{fresh}/offers/{soup} /shop/redemptions/{number} /shop/today /shop/inbox /shop/me "
        f"/shop/redemptions/{number}/undo /shop/books/day /shop/books/month /shop/colleagues/",
        world.officer(): "/staff/ /staff/?day=x /staff/inbox",
    }

    def show(**options: object) -> Iterator[Phone]:
        one = None
        for actor, paths in addresses.items():
            one = phone(actor, same=one, **options)
            for path in paths.split():
                yield one.open(path)

    return show


@pytest.mark.parametrize(("text", "lang"), [
    pytest.param("normal", "zh", marks=pytest.mark.soak), ("large", "zh"),
    pytest.param("normal", "en", marks=pytest.mark.soak), ("large", "en"),
])  # fmt: skip
def test_nothing_sticks_out_and_everything_can_be_tapped(
    screens: Callable[..., Iterator[Phone]], text: str, lang: str
) -> None:
    seen = 0
    for screen in screens(text=text, lang=lang, viewport={"width": 360, "height": 740}):
        seen += 1
        if not screen.page.url.endswith("/api/v1/docs"):
            assert screen.overflow() <= 0, screen.page.url
            assert screen.small_targets() == [], screen.page.url
    assert seen == 35


def test_every_page_has_one_heading_a_title_and_a_place_to_skip_to(screens: Callable[..., Iterator[Phone]]) -> None:
    for screen in screens():
        page = screen.page
        if page.url.endswith("/api/v1/docs"):
            continue
        assert page.locator("h1").count() == 1, page.url
        assert page.locator("main#main").count() == 1 and page.locator("a.skip").count() == 1, page.url
        assert " · 工惠" in page.title() and len(page.title()) > 5, page.url
        unnamed = page.locator("button, a[href], input:not([type=hidden])").evaluate_all(
            "all => all.filter(one => !(one.textContent.trim() || one.ariaLabel || (one.labels && one.labels[0])))"
            ".map(one => one.outerHTML)"
        )
        assert unnamed == [], page.url


def test_a_desk_beside_its_menu(phone: Phones, world: World) -> None:
    desk = phone(world.officer(), viewport={"width": 1280, "height": 900}).open("/staff/")
    assert desk.overflow() <= 0
    side, main = desk.page.locator(".side").bounding_box(), desk.page.locator("main").bounding_box()
    assert side and main and side["x"] + side["width"] <= main["x"]


def test_the_api_documentation_draws_itself_under_our_policy(phone: Phones) -> None:
    docs = phone().open("/api/v1/docs")
    docs.page.locator(".opblock").first.wait_for()
    docs.page.locator(".opblock-summary").first.click()
    docs.page.locator(".opblock-body").first.wait_for()
