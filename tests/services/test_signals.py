"""What is worth a look: each kind just below and at its number, once a day, and looked at by one."""

import datetime
from collections.abc import Callable

import pytest

from services.accounts.types import ClerkActor, MemberActor, OfficerActor
from services.core import clock
from services.core.calendar import DAY, day_start, local_date, monday
from services.core.errors import Conflict, Invalid, NotFound
from services.core.paging import PageRequest
from services.merchants import service as merchants
from services.offers.types import OfferId
from services.redemptions import service as redemptions
from services.redemptions.types import Receipt, VoidReason
from services.signals import queries, rules, service
from services.signals.finding import seen_on
from services.signals.types import Kind, Seen, Signal
from services.unions.types import UnionPath
from tests.builders.world import Shop, World
from tests.harness.threads import together

NOON = datetime.timedelta(hours=12)
SECOND = datetime.timedelta(seconds=1)
TODAY = local_date(clock.now())


@pytest.fixture
def shop(world: World) -> Shop:
    return world.shop(agreed_days=(-90, 300))


@pytest.fixture
def offer_id(world: World, shop: Shop) -> OfferId:
    return world.offer(shop, starts_on=TODAY - 80 * DAY)


def use(
    world: World, clerk: ClerkActor, offer_id: OfferId, at: datetime.datetime, member: MemberActor | None = None
) -> Receipt:
    code = world.code(member or world.member(), now=at)

    def redeem() -> Receipt:
        scan = redemptions.scan(actor=clerk, text=code, now=at)
        done = redemptions.redeem(actor=clerk, scan_id=scan.id, offer_id=offer_id, amount_fen=1000, now=at)  # type: ignore[union-attr]
        assert isinstance(done, Receipt)
        return done

    return world.do(redeem)


def seen(world: World, day: datetime.date, kind: Kind) -> list[Seen]:
    found = world.look(lambda: seen_on(day))
    return [one for one in found if one.kind is kind]


def test_very_many_within_minutes_by_one_clerk(world: World, shop: Shop, offer_id: OfferId) -> None:
    day = TODAY - DAY
    # Five minutes, both ends included: the thirtieth stands at 12:04:59 or, one day earlier, at 12:05:01.
    for number in range(rules.FAST_COUNT - 1):
        for back in (0, 1):
            use(world, shop.clerk, offer_id, day_start(day - back * DAY) + NOON + number * 10 * SECOND)
    use(world, shop.clerk, offer_id, day_start(day) + NOON + 299 * SECOND)
    use(world, shop.clerk, offer_id, day_start(day - DAY) + NOON + 301 * SECOND)
    found = seen(world, day, Kind.FAST)
    assert [(one.clerk_id, one.facts) for one in found] == [(shop.clerk.clerk_id, {"count": 30, "minutes": 5})]
    assert len(found[0].redemptions) == rules.RECEIPTS and seen(world, day - DAY, Kind.FAST) == []


def test_two_clerks_are_two_tills(world: World, shop: Shop, offer_id: OfferId) -> None:
    other = world.clerk(shop, same_branch=True)
    for number in range(rules.FAST_COUNT):
        use(world, other if number % 2 else shop.clerk, offer_id, day_start(TODAY - DAY) + NOON + number * SECOND)
    assert seen(world, TODAY - DAY, Kind.FAST) == []


def test_the_card_of_somebody_who_scans_here(world: World, shop: Shop, offer_id: OfferId) -> None:
    colleague, day = world.member("王五"), TODAY - DAY
    hand = world.do(
        lambda: merchants.take_on_clerk(
            branch_id=shop.clerk.branch_id,
            account_id=colleague.account_id,
            name="王五",
            actor="test",
            now=clock.now(),  # type: ignore[arg-type]
        )
    )
    own = ClerkActor(colleague.account_id, hand, shop.clerk.branch_id, shop.merchant_id)
    use(world, shop.clerk, offer_id, day_start(day) + NOON, colleague)
    use(world, own, offer_id, day_start(day) + NOON + 40 * SECOND, colleague)
    use(world, own, offer_id, day_start(day) + NOON + 40 * SECOND)
    elsewhere = world.shop("别家", agreed_days=(-90, 300))
    use(world, elsewhere.clerk, world.offer(elsewhere), day_start(day) + 2 * NOON - SECOND, colleague)
    found = seen(world, day, Kind.OWN_STAFF)
    assert [(one.member_id, one.merchant_id, one.facts) for one in found] == [
        (colleague.member_id, shop.merchant_id, {"count": 2, "self": 1})
    ]


@pytest.mark.parametrize(("days", "second", "lines"), [(3, 59, 1), (2, 5, 0), (3, 60, 0)])
def test_right_after_midnight_again_and_again(
    world: World, shop: Shop, offer_id: OfferId, days: int, second: int, lines: int
) -> None:
    member = world.member()
    for back in range(days):
        use(world, shop.clerk, offer_id, day_start(TODAY - (1 + 7 * back) * DAY) + second * SECOND, member)
    found = seen(world, TODAY - DAY, Kind.AT_RESET)
    assert [one.facts for one in found] == [{"days": days, "seconds": second}] * lines
    assert seen(world, TODAY - 2 * DAY, Kind.AT_RESET) == []


@pytest.mark.parametrize(("times", "lines"), [(rules.OFTEN_COUNT, 1), (rules.OFTEN_COUNT - 1, 0)])
def test_one_member_very_often_at_one_branch(
    world: World, shop: Shop, offer_id: OfferId, times: int, lines: int
) -> None:
    member = world.member()
    for number in range(times):
        at = day_start(TODAY - (1 + number % 20) * DAY) + NOON + number // 20 * datetime.timedelta(hours=1)
        use(world, shop.clerk, offer_id, at, member)
    found = seen(world, TODAY - DAY, Kind.OFTEN)
    assert [(one.member_id, one.facts, one.day) for one in found] == [
        (member.member_id, {"count": times, "days": 20}, monday(TODAY - DAY))
    ] * lines


@pytest.mark.parametrize(("times", "lines"), [(rules.AGAIN_COUNT, 1), (rules.AGAIN_COUNT - 1, 0)])
def test_a_limit_that_is_washed_by_undoing(world: World, shop: Shop, times: int, lines: int) -> None:
    """Once a day, taken, undone, taken again: no count holds it and no sum shows it."""
    daily, member, officer = world.offer(shop, per_member_daily=1), world.member(), world.officer()
    at = day_start(TODAY - DAY) + NOON
    washed = []
    for number in range(times):
        washed.append(use(world, shop.clerk, daily, at + number * 31 * SECOND, member))
        _undo(world, shop.clerk, washed[-1], at + number * 31 * SECOND)
    for number in range(rules.AGAIN_COUNT):
        # An officer's undoing is nobody's gain at the shop, and other members' is another line.
        _undo(world, officer, use(world, shop.clerk, daily, at + (60 + number) * 31 * SECOND, member), at + NOON)
        _undo(world, shop.clerk, use(world, shop.clerk, daily, at + number * SECOND), at + NOON / 60)
    found = seen(world, TODAY - DAY, Kind.UNDONE_AGAIN)
    assert [(one.member_id, one.branch_id, one.facts, one.day) for one in found] == [
        (member.member_id, shop.clerk.branch_id, {"count": times}, monday(TODAY - DAY))
    ] * lines
    assert all({*one.redemptions} == {receipt.id for receipt in washed} for one in found)
    assert seen(world, TODAY, Kind.UNDONE_AGAIN) == [], "only while it goes on"


def _undo(world: World, actor: ClerkActor | OfficerActor, receipt: Receipt, at: datetime.datetime) -> None:
    done = world.do(
        lambda: redemptions.void(
            actor=actor, redemption_id=receipt.id, reason=VoidReason.WRONG_AMOUNT, note=None, now=at
        )
    )
    assert isinstance(done, Receipt)


@pytest.mark.parametrize(("times", "lines"), [(rules.LATE_COUNT, 1), (rules.LATE_COUNT - 1, 0)])
def test_much_that_is_undone_on_a_later_day(
    world: World, shop: Shop, offer_id: OfferId, times: int, lines: int
) -> None:
    officer, undone = world.officer(), day_start(TODAY) + NOON
    same_day = [use(world, shop.clerk, offer_id, undone - SECOND) for _ in range(3)]
    late = [use(world, shop.clerk, offer_id, undone - NOON - SECOND) for _ in range(times)]
    for receipt in (*late, *same_day):
        world.do(
            lambda receipt=receipt: redemptions.void(
                actor=officer, redemption_id=receipt.id, reason=VoidReason.RETURNED, note=None, now=undone
            )
        )
    found = seen(world, TODAY, Kind.UNDONE_LATE)
    assert [(one.merchant_id, one.facts) for one in found] == [(shop.merchant_id, {"count": times})] * lines
    assert all({*one.redemptions} == {receipt.id for receipt in late} for one in found)


@pytest.fixture
def line(world: World, shop: Shop, offer_id: OfferId) -> Callable[[], list[Signal]]:
    """Somebody's own card at his own till, found; gives the federation's open lines."""
    colleague = world.member("王五")
    hand = world.do(
        lambda: merchants.take_on_clerk(
            branch_id=shop.clerk.branch_id,
            account_id=colleague.account_id,
            name="王五",
            actor="test",
            now=clock.now(),  # type: ignore[arg-type]
        )
    )
    own = ClerkActor(colleague.account_id, hand, shop.clerk.branch_id, shop.merchant_id)
    use(world, own, offer_id, clock.now(), colleague)
    world.do(lambda: service.find(clock.now()))

    def lines(looked: bool = False, *scopes: UnionPath) -> list[Signal]:
        asked = scopes or (world.federation.path,)
        return world.look(lambda: queries.page_of_signals(scopes=asked, looked=looked, request=PageRequest())).items

    return lines


def test_a_line_stands_once_and_is_the_federations(world: World, line: Callable[..., list[Signal]]) -> None:
    world.do(lambda: service.find(clock.now()))
    (found,) = line()
    assert (found.kind, found.masked_name, found.facts) == (Kind.OWN_STAFF, "王*", {"count": 1, "self": 1})
    assert line(False, world.town.path) == [] and line(True) == []
    with pytest.raises(NotFound):
        world.look(lambda: queries.one(found.id, scopes=[world.town.path]))


def test_who_looked_first_is_kept_and_the_second_is_told(world: World, line: Callable[..., list[Signal]]) -> None:
    (found,) = line()
    officers = [world.officer() for _ in range(4)]

    def look(number: int) -> Conflict | None:
        try:
            world.do(
                lambda: service.look(
                    actor=officers[number], scopes=[world.federation.path], signal_id=found.id,
                    note=f"问过店主 {number}", now=clock.now(),
                )
            )  # fmt: skip
        except Conflict as late:
            return late
        return None

    outcomes = together(*(lambda number=number: look(number) for number in range(4)))  # type: ignore[misc]
    assert sum(isinstance(one, Conflict) for one in outcomes) == 3
    winner = next(number for number, one in enumerate(outcomes) if one is None)
    (kept,) = line(True)
    assert kept.look and (kept.look.actor, kept.look.note) == (officers[winner].label, f"问过店主 {winner}")
    world.do(lambda: service.find(clock.now()))
    assert line() == []


@pytest.mark.parametrize("note", ["", " ", "看", "长" * 201, "有\x00字"])
def test_a_look_wants_a_word(world: World, line: Callable[..., list[Signal]], note: str) -> None:
    (found,) = line()
    with pytest.raises(Invalid):
        world.do(
            lambda: service.look(
                actor=world.officer(), scopes=[world.federation.path], signal_id=found.id, note=note, now=clock.now()
            )
        )
    assert len(line()) == 1
