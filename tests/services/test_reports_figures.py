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
FEW, MANY = FEWEST - 1, 5 * FEWEST


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
    songs = world.shop("晚风歌厅", trade="leisure", agreed_days=(-90, 300))
    nine, gift, song = offer(world, noodles), offer(world, bikes, title={"zh": "免费打气"}), offer(world, songs)
    lunch, late = day_start(monday) + LUNCH, day_start(monday + 2 * DAY) + EVENING
    for number in range(MANY):
        use(world, noodles, nine, lunch + number * datetime.timedelta(seconds=31))
    elsewhere = world.another_union()
    for _ in range(FEW):
        use(world, bikes, gift, late, union=elsewhere, amount_fen=None)
    for _ in range(FEW):
        use(world, songs, song, late, union=world.federation, amount_fen=None)
    found = look(world, monday, monday + 6 * DAY)
    two = 2 * FEW
    full, few = Sums(MANY, MANY * 1000, MANY * 100), Sums(two, unrecorded=two)
    assert (found.total, found.used, found.members, found.percent) == (full + few, MANY + two, MANY + two, 100)
    assert [of.redemptions for _, of in found.days] == [MANY, 0, two, 0, 0, 0, 0]
    assert found.hours[0][12] == MANY and found.hours[2][23] == two and sum(map(sum, found.hours)) == MANY + two
    named = [(group.name and group.name["zh"], group.sums) for group in (*found.trades, *found.towns, *found.shops)]
    assert named == [
        ("餐饮美食", full), (None, few), ("柳渡镇总工会", full), (None, few), ("老灶牛肉面", full), (None, few),
    ]  # fmt: skip
    assert [(one.name, one.sums, of and of["zh"]) for one, of in found.offers] == [
        ({"zh": "堂食 9 折", "en": "10% off"}, full, "老灶牛肉面"), (None, few, None),
    ]  # fmt: skip


def test_one_group_of_few_takes_the_smallest_named_one_along(world: World, monday: datetime.date) -> None:
    """Else what is missing from the total would be theirs."""
    at, shops = day_start(monday) + LUNCH, [world.shop(name, agreed_days=(-90, 300)) for name in ("甲", "乙", "丙")]
    for shop, count in zip(shops, (MANY + 1, MANY, FEW), strict=True):
        offer_id = offer(world, shop)
        for _ in range(count):
            use(world, shop, offer_id, at)
    found = look(world, monday, monday)
    named = [(group.name and group.name["zh"], group.sums.redemptions) for group in found.shops]
    assert named == [("甲", MANY + 1), (None, MANY + FEW)]
    assert [(group.name is None, group.sums.redemptions) for group, _ in found.offers] == [
        (False, MANY + 1), (True, MANY + FEW),
    ]  # fmt: skip
    assert [group.name is None for group in (*found.trades, *found.towns)] == [False, False], (
        "nobody is left over there"
    )


def test_two_groups_that_are_few_together_take_one_along_too(world: World, monday: datetime.date) -> None:
    at, shops = day_start(monday) + LUNCH, [world.shop(name, agreed_days=(-90, 300)) for name in ("甲", "乙", "丙")]
    for shop, count in zip(shops, (MANY, 1, 1), strict=True):
        offer_id = offer(world, shop)
        for _ in range(count):
            use(world, shop, offer_id, at)
    assert [(group.name, group.sums.redemptions) for group in look(world, monday, monday).shops] == [(None, MANY + 2)]


def test_of_few_people_only_how_much_they_used_is_told(world: World, monday: datetime.date) -> None:
    shop = world.shop(agreed_days=(-90, 300))
    offer_id, at = offer(world, shop), day_start(monday) + LUNCH
    for _ in range(FEWEST - 1):
        use(world, shop, offer_id, at)
    found = look(world, monday, monday)
    assert found.few and (found.used, found.total) == (FEWEST - 1, Sums(FEWEST - 1))
    assert [of for _, of in found.days] == [Sums(FEWEST - 1)]
    assert (found.hours, found.trades, found.towns, found.shops, found.offers) == ((), (), (), (), ())
    use(world, shop, offer_id, at)
    found = look(world, monday, monday)
    assert not found.few and found.total == Sums(FEWEST, FEWEST * 1000, FEWEST * 100) and found.hours[0][12] == FEWEST


def test_the_same_person_many_times_is_still_one_person(world: World, monday: datetime.date) -> None:
    shop = world.shop(agreed_days=(-90, 300))
    offer_id, member = offer(world, shop), world.member()
    for _ in range(FEWEST):
        use(world, shop, offer_id, day_start(monday - DAY) + LUNCH)
    for number in range(MANY):
        at = day_start(monday) + LUNCH + number * datetime.timedelta(minutes=1)
        code = world.code(member, now=at)

        def redeem(code: str = code, at: datetime.datetime = at) -> None:
            scan = service.scan(actor=shop.clerk, text=code, now=at)
            service.redeem(actor=shop.clerk, scan_id=scan.id, offer_id=offer_id, amount_fen=1000, now=at)  # type: ignore[union-attr]

        world.do(redeem)
    found = look(world, monday, monday)
    assert (found.used, found.total.redemptions, found.few) == (1, MANY, True)
    assert look(world, monday - DAY, monday).used == 1 + FEWEST


def test_undone_and_disputed_uses_are_apart(world: World, monday: datetime.date) -> None:
    shop = world.shop(agreed_days=(-90, 300))
    offer_id, at = offer(world, shop), day_start(monday) + LUNCH
    for _ in range(FEWEST):
        use(world, shop, offer_id, at)
    undone = use(world, shop, offer_id, at)
    world.do(
        lambda: service.void(actor=shop.clerk, redemption_id=undone.id, reason=VoidReason.RETURNED, note=None, now=at)
    )
    found = look(world, monday, monday)
    assert found.total == Sums(FEWEST, FEWEST * 1000, FEWEST * 100, voided=1)
    assert (found.used, found.members) == (FEWEST, FEWEST + 1)


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
    use(world, next_door, offer(world, next_door), at, union=other)
    assert look(world, monday, monday).total.redemptions == 2 * MANY


def test_a_day_ends_at_midnight_in_china(world: World, monday: datetime.date) -> None:
    shop = world.shop(agreed_days=(-90, 300))
    offer_id = offer(world, shop)
    use(world, shop, offer_id, day_start(monday) - datetime.timedelta(seconds=1))
    for _ in range(FEWEST):
        use(world, shop, offer_id, day_start(monday))
    found = look(world, monday, monday)
    assert found.total.redemptions == FEWEST and found.hours[0][0] == FEWEST


@pytest.mark.parametrize("days", [-1, 366])
def test_nothing_is_counted_over_no_days_or_more_than_a_year(world: World, monday: datetime.date, days: int) -> None:
    with pytest.raises(ValueError, match="days"):
        look(world, monday, monday + days * DAY)
