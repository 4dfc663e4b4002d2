"""An owner's day and month: what counts, what is apart, and each row."""

import datetime

import pytest

from services.accounts.types import ClerkActor, MemberActor
from services.core import clock
from services.core.calendar import DAY, day_start, local_date
from services.core.paging import PageRequest
from services.offers.types import OfferId
from services.redemptions import service
from services.redemptions.types import Receipt, VoidReason
from services.reports import shop as reports
from services.reports.sums import Sums
from tests.builders.world import Shop, World

NOON = datetime.timedelta(hours=12)
SECOND = datetime.timedelta(seconds=1)


def use(
    world: World, clerk: ClerkActor, offer_id: OfferId, *, at: datetime.datetime, amount_fen: int | None = 4650
) -> tuple[Receipt, MemberActor]:
    """One redemption then, by a new member."""
    member = world.member()
    code = world.code(member, now=at)

    def redeem() -> Receipt:
        scan = service.scan(actor=clerk, text=code, now=at)
        done = service.redeem(actor=clerk, scan_id=scan.id, offer_id=offer_id, amount_fen=amount_fen, now=at)  # type: ignore[union-attr]
        assert isinstance(done, Receipt)
        return done

    return world.do(redeem), member


@pytest.fixture
def month() -> datetime.date:
    """The first day of the month before this one."""
    return (local_date(clock.now()).replace(day=1) - DAY).replace(day=1)


@pytest.fixture
def shop(world: World, month: datetime.date) -> Shop:
    """Two branches. On the first day a bill, one without, one undone, one disputed; at the last second a bill at the
    other branch; a second before and a second after the month one each; another shop has one too."""
    shop = world.shop(agreed_days=(-400, 300))
    other, elsewhere = world.clerk(shop), world.shop("别家", agreed_days=(-400, 300))
    offer_id, theirs = (
        world.offer(one, amount_policy="optional", starts_on=month - 40 * DAY) for one in (shop, elsewhere)
    )
    begin, end = day_start(month), day_start((month + 31 * DAY).replace(day=1))
    use(world, shop.clerk, offer_id, at=begin)
    use(world, shop.clerk, offer_id, at=begin + NOON, amount_fen=None)
    undone, _ = use(world, shop.clerk, offer_id, at=begin + NOON)
    world.do(
        lambda: service.void(
            actor=shop.clerk, redemption_id=undone.id, reason=VoidReason.WRONG_AMOUNT, note=None, now=begin + NOON
        )
    )
    strange, member = use(world, shop.clerk, offer_id, at=begin + NOON)
    world.do(lambda: service.dispute(actor=member, redemption_id=strange.id, now=begin + NOON))
    for at, clerk in ((end - SECOND, other), (begin - SECOND, other), (end, other)):
        use(world, clerk, offer_id, at=at, amount_fen=10_000)
    use(world, elsewhere.clerk, theirs, at=begin)
    return shop


def test_a_month_has_its_sums_by_day_branch_and_clerk(world: World, shop: Shop, month: datetime.date) -> None:
    found = world.look(lambda: reports.shop_month(merchant_id=shop.merchant_id, month=month + 9 * DAY))
    last = (month + 31 * DAY).replace(day=1) - DAY
    here = Sums(redemptions=3, amount_fen=4650, saved_fen=465, unrecorded=1, disputed=1, voided=1)
    there = Sums(redemptions=1, amount_fen=10_000, saved_fen=1000)
    assert (found.first, found.last, found.total) == (month, last, here + there)
    assert found.days == ((month, here), (last, there))
    assert [(at.id, at.clerk_name, at.sums) for at in found.branches] == [
        (shop.clerk.branch_id, None, here), (found.branches[1].id, None, there),
    ]  # fmt: skip
    assert [(at.clerk_name, at.sums) for at in found.clerks] == [("小唐", here), ("小唐", there)]


def test_a_day_ends_at_midnight_in_china(world: World, shop: Shop, month: datetime.date) -> None:
    def counted(day: datetime.date) -> int:
        return world.look(lambda: reports.shop_day(merchant_id=shop.merchant_id, day=day)).total.redemptions

    assert [counted(month + number * DAY) for number in (-1, 0, 1)] == [1, 3, 0]


def test_each_row_is_there_once_and_says_what_became_of_it(world: World, shop: Shop, month: datetime.date) -> None:
    last = (month + 31 * DAY).replace(day=1) - DAY
    span = {"merchant_id": shop.merchant_id, "first": month, "last": last}
    rows = world.look(lambda: reports.rows_of_shop(**span))
    assert [(row.amount_fen, row.saved_fen, row.pay_fen) for row in rows] == [
        (4650, 465, 4185), (None, None, None), (4650, 465, 4185), (4650, 465, 4185), (10_000, 1000, 9000),
    ]  # fmt: skip
    assert [row.void_reason for row in rows] == [None, None, VoidReason.WRONG_AMOUNT, None, None]
    assert [bool(row.voided_at) for row in rows] == [False, False, True, False, False]
    assert [bool(row.disputed_at) for row in rows] == [False, False, False, True, False]
    assert {row.masked_name for row in rows} == {"李*梅"} and len({row.number for row in rows}) == 5
    first = world.look(lambda: reports.page_of_shop(**span, request=PageRequest(limit=3)))
    rest = world.look(lambda: reports.page_of_shop(**span, request=PageRequest(first.next, limit=3)))
    assert first.items + rest.items == rows[::-1] and rest.next is None


def test_a_shop_without_any_has_zeros(world: World) -> None:
    shop = world.shop()
    found = world.look(lambda: reports.shop_day(merchant_id=shop.merchant_id, day=local_date(clock.now())))
    assert (found.total, found.days, found.branches, found.clerks) == (Sums(), (), (), ())
