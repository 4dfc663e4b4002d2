"""The federation's figures: whose uses count, what is apart, and that few people are not named."""

import datetime

import pytest

from services.core import clock
from services.core.calendar import DAY, day_start, local_date
from services.merchants import service as merchants
from services.offers.types import OfferId
from services.redemptions import service
from services.redemptions.types import Receipt, VoidReason
from services.reports import figures
from services.reports.figures import FEWEST, Figures
from services.reports.sums import Sums
from services.unions import service as unions
from services.unions.types import Level, UnionPath, UnionView
from tests.builders.world import Shop, World

LUNCH, EVENING = datetime.timedelta(hours=12, minutes=10), datetime.timedelta(hours=23, minutes=59, seconds=59)
MANY = 5 * FEWEST


def use(
    world: World,
    shop: Shop,
    offer_id: OfferId,
    at: datetime.datetime,
    *,
    union: UnionView | None = None,
    amount_fen: int | None = 1000,
) -> Receipt:
    member = world.member(union=union)
    code = world.code(member, now=at)

    def redeem() -> Receipt:
        scan = service.scan(actor=shop.clerk, text=code, now=at)
        done = service.redeem(actor=shop.clerk, scan_id=scan.id, offer_id=offer_id, amount_fen=amount_fen, now=at)  # type: ignore[union-attr]
        assert isinstance(done, Receipt)
        return done

    return world.do(redeem)


@pytest.fixture
def monday() -> datetime.date:
    """A Monday some weeks ago."""
    day = local_date(clock.now()) - 21 * DAY
    return day - day.weekday() * DAY


def offer(world: World, shop: Shop, **terms: object) -> OfferId:
    start = local_date(clock.now()) - 60 * DAY
    return world.offer(shop, amount_policy="optional", starts_on=start, **terms)


def look(world: World, first: datetime.date, last: datetime.date, *scopes: UnionPath) -> Figures:
    return world.look(lambda: figures.period(scopes=scopes or (world.federation.path,), first=first, last=last))


def test_uses_are_counted_by_day_hour_trade_town_shop_and_offer(world: World, monday: datetime.date) -> None:
    noodles, bikes = world.shop(agreed_days=(-90, 300)), world.shop("单车行", trade="sport", agreed_days=(-90, 300))
    nine, gift = offer(world, noodles), offer(world, bikes, title={"zh": "免费打气"})
    lunch, late = day_start(monday) + LUNCH, day_start(monday + 2 * DAY) + EVENING
    for number in range(MANY):
        use(world, noodles, nine, lunch + number * datetime.timedelta(seconds=31))
    elsewhere = world.another_union()
    for _ in range(2):
        use(world, bikes, gift, late, union=elsewhere, amount_fen=None)
    found = look(world, monday, monday + 6 * DAY)
    full, few = Sums(MANY, MANY * 1000, MANY * 100), Sums(2, unrecorded=2)
    assert (found.total, found.used, found.members, found.percent) == (full + few, MANY + 2, MANY + 2, 100)
    assert [of.redemptions for _, of in found.days] == [MANY, 0, 2, 0, 0, 0, 0]
    assert found.hours[0][12] == MANY and found.hours[2][23] == 2 and sum(map(sum, found.hours)) == MANY + 2
    named = [(group.name and group.name["zh"], group.sums) for group in (*found.trades, *found.towns, *found.shops)]
    assert named == [
        ("餐饮美食", full), (None, few), ("柳渡镇总工会", full), (None, few), ("老灶牛肉面", full), (None, few),
    ]  # fmt: skip
    assert [(one.name, one.sums, of and of["zh"]) for one, of in found.offers] == [
        ({"zh": "堂食 9 折", "en": "10% off"}, full, "老灶牛肉面"), (None, few, None),
    ]  # fmt: skip


def test_the_same_person_many_times_is_still_one_person(world: World, monday: datetime.date) -> None:
    shop = world.shop(agreed_days=(-90, 300))
    offer_id, member = offer(world, shop), world.member()
    for number in range(MANY):
        at = day_start(monday) + LUNCH + number * datetime.timedelta(minutes=1)
        code = world.code(member, now=at)

        def redeem(code: str = code, at: datetime.datetime = at) -> None:
            scan = service.scan(actor=shop.clerk, text=code, now=at)
            service.redeem(actor=shop.clerk, scan_id=scan.id, offer_id=offer_id, amount_fen=1000, now=at)  # type: ignore[union-attr]

        world.do(redeem)
    found = look(world, monday, monday)
    assert (found.used, found.total.redemptions) == (1, MANY)
    assert [group.name for group in (*found.trades, *found.towns, *found.shops)] == [None, None, None]


def test_undone_and_disputed_uses_are_apart(world: World, monday: datetime.date) -> None:
    shop = world.shop(agreed_days=(-90, 300))
    offer_id, at = offer(world, shop), day_start(monday) + LUNCH
    use(world, shop, offer_id, at)
    undone = use(world, shop, offer_id, at)
    world.do(
        lambda: service.void(actor=shop.clerk, redemption_id=undone.id, reason=VoidReason.RETURNED, note=None, now=at)
    )
    found = look(world, monday, monday)
    assert found.total == Sums(1, 1000, 100, voided=1) and found.used == 1 and found.members == 2


def test_only_the_officers_members_and_only_their_federations_shops(world: World, monday: datetime.date) -> None:
    shop, elsewhere = world.shop(agreed_days=(-90, 300)), world.another_union()
    offer_id, at = offer(world, shop), day_start(monday) + LUNCH
    for _ in range(MANY):
        use(world, shop, offer_id, at)
        use(world, shop, offer_id, at, union=elsewhere)
    town = look(world, monday, monday, world.town.path)
    assert (town.total.redemptions, town.members) == (MANY, MANY)
    assert [group.name and group.name["zh"] for group in town.towns] == ["恒沛精密工会"]
    both = look(world, monday, monday, world.town.path, UnionPath(elsewhere.path.rpartition(".")[0]))
    assert both.total.redemptions == 2 * MANY and len(both.towns) == 2
    other = world.do(lambda: unions.found(name={"zh": "邻区总工会"}, level=Level.FEDERATION))
    assert look(world, monday, monday, other.path).total == Sums()
    theirs = world.do(
        lambda: merchants.sign(
            union_id=other.id, name={"zh": "邻区面馆"}, trade="dining", signed_by="店主", actor="test",  # type: ignore[arg-type]
            now=clock.now(), agreement_from=monday, agreement_until=monday + 300 * DAY,
        )
    )  # fmt: skip
    clerk = world.do(lambda: world._clerk(theirs))
    next_door = Shop(theirs, clerk)
    use(world, next_door, offer(world, next_door), at)
    assert look(world, monday, monday).total.redemptions == 2 * MANY


def test_a_day_ends_at_midnight_in_china(world: World, monday: datetime.date) -> None:
    shop = world.shop(agreed_days=(-90, 300))
    offer_id = offer(world, shop)
    use(world, shop, offer_id, day_start(monday) - datetime.timedelta(seconds=1))
    use(world, shop, offer_id, day_start(monday))
    found = look(world, monday, monday)
    assert found.total.redemptions == 1 and found.hours[0][0] == 1


@pytest.mark.parametrize("days", [-1, 366])
def test_nothing_is_counted_over_no_days_or_more_than_a_year(world: World, monday: datetime.date, days: int) -> None:
    with pytest.raises(ValueError, match="days"):
        look(world, monday, monday + days * DAY)
