"""An officer's pages of shops and tasks on a phone: they fit, can be tapped, and a new shop is soon on record."""

import datetime
from collections.abc import Callable, Iterator

import pytest

from services.complaints import service as complaints
from services.core import clock
from services.core.calendar import Hours, local_date
from services.merchants import queries, service
from services.merchants.types import BranchId, OpenHours
from services.unions.types import Place
from tests.browser.conftest import Phones
from tests.browser.phone import Phone
from tests.builders.world import DAY, World

pytestmark = pytest.mark.browser

ADDRESS = {"zh": "高营产业园兴业路一百九十九号二期厂房东侧办公楼三层"}


@pytest.fixture
def screens(phone: Phones, world: World) -> Callable[..., Iterator[Phone]]:
    """screens(**how the phone is set): every page of these, with long names and in every state."""
    now, today = clock.now(), local_date(clock.now())
    shop = world.shop("老灶牛肉面与手工水饺连锁餐厅", agreed_days=(-300, 6))
    ended, suspended = world.shop("芯桥数码", agreed_days=(-300, -3)), world.shop("暖泉池汤浴")
    begins = world.shop("麦溪采摘园", agreed_days=(5, 300))
    offer_id, member = world.offer(shop), world.member()
    world.offer(suspended)
    hours = [OpenHours(day, Hours(420, 840)) for day in range(1, 8)]
    hours += [OpenHours(day, Hours(1020, 60)) for day in range(1, 6)]
    at = {"merchant_id": shop.merchant_id, "actor": "test", "now": now}
    branch = BranchId(shop.clerk.branch_id)
    world.do(
        lambda: service.change_branch(
            branch_id=branch, name={"zh": "高营产业园东门二号店"}, address=ADDRESS, phone="010-10002000",
            place=Place(30.57, 104.06), hours=hours, **at,
        )
    )  # fmt: skip
    world.do(lambda: service.hang(plaque_number="YH-2026-000012", plaque_hung_on=today, door_sign_on=None, **at))
    world.do(
        lambda: service.suspend(
            merchant_id=suspended.merchant_id, first_day=today, reason="汤池管道检修，大约两周，到时另行通知",
            actor="test", now=now,
        )
    )  # fmt: skip
    world.do(
        lambda: complaints.file(
            actor=member, offer_id=offer_id, branch_id=branch, note="", now=now - datetime.timedelta(days=2)
        )
    )
    one = f"/staff/shops/{shop.merchant_id}"
    paths = (
        f"/staff/tasks /staff/shops/ /staff/shops/?state=ended&q=没有 {one} {one}/edit {one}/renew {one}/branches/new "
        f"{one}/branches/{branch} /staff/shops/new /staff/shops/{ended.merchant_id} "
        f"/staff/shops/{suspended.merchant_id} /staff/shops/{begins.merchant_id} /staff/prints/shops/{shop.merchant_id}"
    )

    def show(**options: object) -> Iterator[Phone]:
        desk = phone(world.officer(), **options)
        for path in paths.split():
            desk.open(path)
            desk.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
            yield desk

    return show


@pytest.mark.parametrize(("text", "lang"), [("normal", "zh"), ("large", "zh"), ("large", "en")])
def test_nothing_sticks_out_and_everything_can_be_tapped(
    screens: Callable[..., Iterator[Phone]], text: str, lang: str
) -> None:
    seen = 0
    for screen in screens(text=text, lang=lang, viewport={"width": 360, "height": 740}):
        seen += 1
        assert screen.overflow() <= 0, screen.page.url
        assert screen.small_targets() == [], screen.page.url
        assert screen.page.locator("h1").count() == 1, screen.page.url
    assert seen == 13


def test_a_desk_is_as_wide_as_its_screen(screens: Callable[..., Iterator[Phone]]) -> None:
    for screen in screens(viewport={"width": 1280, "height": 900}):
        assert screen.overflow() <= 0, screen.page.url


def test_a_new_shop_is_eight_fields_and_two_taps(phone: Phones, world: World) -> None:
    """Dates and hours stand there already; a fault keeps what was typed and shows where."""
    desk = phone(world.officer()).open("/staff/shops/")
    desk.tap("登记新商户")
    page, today = desk.page, local_date(clock.now())
    page.fill("#name", "满碗粥铺")
    page.select_option("#trade", "dining")
    page.fill("#signed_by", "老周")
    page.fill("#address", "雍城街道钟楼巷 3 号")
    page.fill("#phone", "钟楼巷")
    page.fill("#begin", "05:30")
    page.fill("#until", "13:30")
    desk.tap("登记")
    desk.shows("电话看不懂")
    assert page.input_value("#address") == "雍城街道钟楼巷 3 号" and page.input_value("#begin") == "05:30"
    page.fill("#phone", "010-10002000")
    desk.tap("登记")
    desk.shows("商户登记好了")
    desk.shows("每天 05:30–13:30")
    (shop,) = world.look(lambda: queries.shops(on=today + 364 * DAY))
    assert (shop.name["zh"], shop.branches[0].phone) == ("满碗粥铺", "010-10002000")
