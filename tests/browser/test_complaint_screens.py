"""“The shop said no” and receipts at the desk in a real browser: they fit, can be tapped, and the report is one tap."""

import datetime
from collections.abc import Callable, Iterator

import pytest

from services.complaints import service
from services.complaints.types import ComplaintId
from services.core import clock
from services.merchants.types import BranchId
from services.offers.types import OfferId
from services.redemptions import service as redemptions
from services.redemptions.types import Receipt, ScanView
from services.unions.types import TradeGroup
from tests.browser.conftest import Phones
from tests.browser.phone import Phone
from tests.builders.world import Shop, World

pytestmark = pytest.mark.browser

LONG = {"zh": "到店用餐八八折（酒水、海鲜、特价菜和节日套餐除外）"}
NOTE = "店员说没听过这个优惠，让我找店长，店长又不在，等了二十分钟还是按原价付的"


def use(world: World, name: str, shop: Shop, offer_id: OfferId, *, disputed: bool) -> Receipt:
    member = world.member(name)
    code, now = world.code(member), clock.now()
    scan = world.do(lambda: redemptions.scan(actor=shop.clerk, text=code, now=now))
    assert isinstance(scan, ScanView)
    receipt = world.do(
        lambda: redemptions.redeem(actor=shop.clerk, scan_id=scan.id, offer_id=offer_id, amount_fen=12800, now=now)
    )
    assert isinstance(receipt, Receipt)
    if disputed:
        world.do(lambda: redemptions.dispute(actor=member, redemption_id=receipt.id, now=now))
    return receipt


@pytest.fixture
def screens(phone: Phones, world: World) -> Callable[..., Iterator[Phone]]:
    """screens(**how the phones are set): every page of these, with long names on it."""
    member, shop = world.member("阿不都热依木江·阿不都克里木阿吉"), world.shop("老灶牛肉面与手工水饺连锁餐厅")
    offers = [world.offer(shop, title=LONG) for _ in range(4)]
    # for another trade: the page says that the shop may be right
    offers.append(world.offer(shop, title=LONG, audience_groups=(TradeGroup.RIDERS,)))
    branch, colleague = BranchId(shop.clerk.branch_id), world.clerk(shop)

    def tell(offer_id: OfferId, ago: int) -> ComplaintId:
        at = clock.now() - datetime.timedelta(hours=ago)
        return world.do(lambda: service.file(actor=member, offer_id=offer_id, branch_id=branch, note=NOTE, now=at))

    young, late, done = tell(offers[0], 0), tell(offers[1], 30), tell(offers[2], 5)
    world.do(lambda: service.raise_overdue(clock.now()))
    world.do(
        lambda: service.answer(
            actor=world.officer(), complaint_id=done, text="已经跟商户说好了，您再去就行。" * 4, now=clock.now()
        )
    )
    disputed = use(world, "王强", shop, offers[3], disputed=True)
    other = use(world, "赵敏", shop, offers[3], disputed=False)
    ours = {one: f"/me/complaints/{one}" for one in (young, late, done)}
    addresses = {
        member: f"/offers/{offers[3]}/refused /offers/{offers[4]}/refused /me/complaints {' '.join(ours.values())}",
        shop.clerk: f"/shop/complaints /shop/complaints/{young} /shop/complaints/{late} /shop/complaints/{done} "
        "/shop/inbox /shop/me",
        colleague: "/shop/complaints",
        world.officer(): "/staff/complaints /staff/complaints?done=1 "
        f"/staff/complaints/{late} /staff/complaints/{done} "
        f"/staff/receipts /staff/receipts?shop=牛肉 /staff/receipts?number=1 /staff/receipts/{disputed.id} "
        f"/staff/receipts/{other.id} /staff/receipts/{disputed.id}/undo",
    }

    def show(**options: object) -> Iterator[Phone]:
        for actor, paths in addresses.items():
            one = phone(actor, **options)
            for path in paths.split():
                yield one.open(path)

    return show


@pytest.mark.parametrize(
    ("text", "lang"), [pytest.param("normal", "zh", marks=pytest.mark.soak), ("large", "zh"), ("large", "en")]
)
def test_nothing_sticks_out_and_everything_can_be_tapped(
    screens: Callable[..., Iterator[Phone]], text: str, lang: str
) -> None:
    seen = 0
    for screen in screens(text=text, lang=lang, viewport={"width": 360, "height": 740}):
        seen += 1
        assert screen.overflow() <= 0, screen.page.url
        assert screen.small_targets() == [], screen.page.url
        assert screen.page.locator("h1").count() == 1, screen.page.url
        assert screen.page.locator("main#main").count() == 1, screen.page.url
    assert seen == 23


def test_a_desk_is_as_wide_as_its_screen(screens: Callable[..., Iterator[Phone]]) -> None:
    for screen in screens(viewport={"width": 1280, "height": 900}):
        assert screen.overflow() <= 0, screen.page.url


def test_one_tap_reaches_the_owner_and_his_answer_the_member(
    phone: Phones, world: World, run_jobs: Callable[[], None]
) -> None:
    member, shop = world.member(), world.shop()
    offer_id = world.offer(shop)
    hers, his = phone(member), phone(shop.clerk)
    hers.open(f"/offers/{offer_id}/refused").tap("告诉商户")
    hers.shows("已告诉商户")
    run_jobs()
    his.open("/shop/inbox").shows("有一条会员反馈等店主答复")
    his.tap("去看")
    his.tap("堂食 9 折")
    his.page.get_by_label("当时网络或设备有问题").check()
    his.tap("答复会员")
    his.shows("本店的答复")
    run_jobs()
    hers.open("/inbox").shows("您的反馈有了答复")
    hers.open("/me/complaints").tap("老灶牛肉面")
    hers.shows("商户的答复")
    hers.shows("当时网络或设备有问题")
