"""Partner shops: agreements that extend each other, suspensions and endings that are told, branches."""

import datetime
import uuid
from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest

from services.core import clock
from services.core.calendar import DAY, Hours, day_start, local_date
from services.core.errors import Conflict, DomainError, Invalid, NotFound, Refusal
from services.core.paging import PageRequest
from services.merchants import queries, records, rules, service
from services.merchants.types import BranchId, MerchantId, OpenHours, Record, State, TradeCode
from services.notifications.queries import inbox
from services.notifications.templates import words
from services.notifications.types import Recipient, RecipientKind
from tests.builders.world import Shop, World


@pytest.fixture
def today() -> datetime.date:
    return local_date(clock.now())


def record(world: World, merchant_id: MerchantId, *, on: datetime.date | None = None) -> Record:
    day = on or local_date(clock.now())
    return world.look(lambda: records.record(merchant_id, scopes=(world.federation.path,), on=day))


def do(world: World, verb: Callable[..., object], shop: Shop, **values: object) -> object:
    now = values.pop("now", clock.now())
    return world.do(lambda: verb(merchant_id=shop.merchant_id, actor="officer:test", now=now, **values))


def refusal(world: World, verb: Callable[..., object], shop: Shop, **values: object) -> str:
    with pytest.raises((Conflict, Invalid, NotFound)) as refused:
        do(world, verb, shop, **values)
    assert isinstance(refused.value, DomainError)
    return refused.value.code


def told(world: World, kind: RecipientKind, who: uuid.UUID) -> list[str]:
    """Everything in that inbox, title and body, the oldest first."""
    page = world.look(lambda: inbox(Recipient(kind, who), PageRequest()))
    said = [words(one.template, one.facts, language="zh") for one in page.items]
    return [f"{one.title}：{one.body}" for one in reversed(said)]


def takes_cards(world: World, shop: Shop, day: datetime.date) -> str:
    """The code of the no at the till on that day; "" for a yes."""
    counter = world.look(lambda: queries.counter(shop.clerk.clerk_id))
    refused = rules.may_take_cards(counter, today=day)
    return refused.code if isinstance(refused, Refusal) else ""


def test_a_renewal_extends_the_days_with_cards(world: World, today: datetime.date) -> None:
    shop = world.shop(agreed_days=(-300, 10))
    first = do(world, service.renew, shop, starts_on=today + 11 * DAY, ends_on=today + 375 * DAY, signed_by="老周")
    again = do(world, service.renew, shop, starts_on=today + 11 * DAY, ends_on=today + 375 * DAY, signed_by="老周")
    signed = world.look(lambda: records.agreements(shop.merchant_id))
    assert first == again and signed[0].id == first and len(signed) == 2
    found = record(world, shop.merchant_id)
    assert (found.agreement_from, found.agreement_until) == (today - 300 * DAY, today + 375 * DAY)
    assert found.state is State.OPEN and takes_cards(world, shop, today + 375 * DAY) == ""
    gap = {"starts_on": today + 377 * DAY, "ends_on": today + 400 * DAY, "signed_by": "老周"}
    assert refusal(world, service.renew, shop, **gap) == "agreement_gap"
    assert refusal(world, service.renew, shop, **{**gap, "signed_on": today + DAY}) == "signed_later"
    assert len(world.look(lambda: records.agreements(shop.merchant_id))) == 2


def test_after_the_end_it_begins_anew_with_days_between(world: World, today: datetime.date) -> None:
    shop = world.shop(agreed_days=(-300, -5))
    do(world, service.renew, shop, starts_on=today + 3 * DAY, ends_on=today + 100 * DAY, signed_by="老周")
    assert record(world, shop.merchant_id).state is State.BEGINS
    assert takes_cards(world, shop, today) == "agreement_not_started"
    assert takes_cards(world, shop, today + 3 * DAY) == ""


@pytest.mark.parametrize("verb", [service.renew, service.change, service.suspend, service.resume, service.end])
def test_a_shop_that_there_is_not(world: World, today: datetime.date, verb: Callable[..., object]) -> None:
    facts: dict[Callable[..., object], dict[str, object]] = {
        service.renew: {"starts_on": today, "ends_on": today, "signed_by": "x"},
        service.change: {"name": {"zh": "x"}, "trade": TradeCode("dining"), "about": None},
        service.suspend: {"first_day": today, "reason": "x"},
        service.resume: {},
        service.end: {"last_day": today, "reason": "x"},
    }
    nowhere = replace(world.shop(), merchant_id=MerchantId(uuid.uuid4()))
    assert refusal(world, verb, nowhere, **facts[verb]) == "merchant_unknown"


def test_a_suspension_begins_on_its_day_and_the_shop_is_told_once(
    world: World, today: datetime.date, run_jobs: Callable[[], None]
) -> None:
    shop, first_day = world.shop(), local_date(clock.now()) + 7 * DAY
    for _ in range(2):
        do(world, service.suspend, shop, first_day=first_day, reason="装修停业")
    assert takes_cards(world, shop, first_day - DAY) == "" and takes_cards(world, shop, first_day) != ""
    assert record(world, shop.merchant_id).state is State.OPEN
    assert record(world, shop.merchant_id, on=first_day).state is State.SUSPENDED
    assert refusal(world, service.suspend, shop, first_day=today, reason="别的") == "suspended_already"
    run_jobs()
    (notice,) = told(world, RecipientKind.BRANCH, shop.clerk.branch_id)
    assert "暂停" in notice and "装修停业" in notice and f"{first_day.day} 日" in notice
    for _ in range(2):
        do(world, service.resume, shop)
    run_jobs()
    assert len(told(world, RecipientKind.BRANCH, shop.clerk.branch_id)) == 2
    assert takes_cards(world, shop, first_day) == ""
    assert refusal(world, service.suspend, shop, first_day=today - DAY, reason="x") == "day_past"


def test_a_suspension_is_told_to_every_open_branch_and_to_the_owner_of_a_closed_one(
    world: World, run_jobs: Callable[[], None]
) -> None:
    shop = world.shop()
    still_open, nobodys = (
        do(world, service.open_branch, shop, name={"zh": name}, address={"zh": "高营路"}) for name in ("东店", "西店")
    )
    for closed in (shop.clerk.branch_id, nobodys):
        do(world, service.close_branch, shop, branch_id=closed)
    do(world, service.suspend, shop, first_day=local_date(clock.now()) + 7 * DAY, reason="装修停业")
    run_jobs()
    branches = (shop.clerk.branch_id, still_open, nobodys)
    assert [len(told(world, RecipientKind.BRANCH, branch)) for branch in branches] == [1, 1, 0]


def test_an_ended_partnership_takes_no_cards_after_its_last_day(
    world: World, today: datetime.date, run_jobs: Callable[[], None]
) -> None:
    shop = world.shop()
    assert refusal(world, service.end, shop, last_day=today - DAY, reason="x") == "day_past"
    for _ in range(2):
        do(world, service.end, shop, last_day=today + 3 * DAY, reason="搬走了")
    assert takes_cards(world, shop, today + 3 * DAY) == ""
    assert takes_cards(world, shop, today + 4 * DAY) == "agreement_ended"
    assert refusal(world, service.end, shop, last_day=today, reason="别的") == "partnership_ended"
    run_jobs()
    (notice,) = told(world, RecipientKind.BRANCH, shop.clerk.branch_id)
    assert "搬走了" in notice
    do(world, service.renew, shop, starts_on=today + 4 * DAY, ends_on=today + 90 * DAY, signed_by="老周")
    found = record(world, shop.merchant_id)
    assert found.ended_at is None and found.agreement_until == today + 90 * DAY


def test_an_agreement_that_has_not_begun_never_does_once_it_is_ended(world: World, today: datetime.date) -> None:
    shop = world.shop(agreed_days=(5, 300))
    do(world, service.end, shop, last_day=today, reason="不做了")
    assert {takes_cards(world, shop, today + days * DAY) for days in (0, 5, 6, 300)} == {"agreement_ended"}
    late = world.shop(agreed_days=(-300, -10))
    do(world, service.end, late, last_day=today, reason="不做了")
    assert record(world, late.merchant_id).agreement_until == today - 10 * DAY
    assert refusal(world, service.suspend, late, first_day=today, reason="x") == "partnership_ended"


def test_shop_and_federation_are_told_of_an_ending_at_30_days_and_at_7(
    world: World, today: datetime.date, run_jobs: Callable[[], None], sql: psycopg.Connection
) -> None:
    shop = world.shop(agreed_days=(-300, 31))
    renewed = world.shop("已续签", agreed_days=(-300, 20))
    do(world, service.renew, renewed, starts_on=today, ends_on=today + 400 * DAY, signed_by="老周")
    over = world.shop("不做了", agreed_days=(-300, 20))
    do(world, service.end, over, last_day=today + 20 * DAY, reason="x")
    told_on = []
    for ahead in range(34):
        noon = day_start(today + ahead * DAY) + datetime.timedelta(hours=12)
        for hour in range(2):
            at = noon + datetime.timedelta(hours=hour)
            told_on += [ahead] * world.do(lambda at=at: service.tell_ending(at))  # type: ignore[misc]
    assert told_on == [1, 24], "30 days and 7 days before the last"
    run_jobs()
    at_shop = told(world, RecipientKind.BRANCH, shop.clerk.branch_id)
    at_union = told(world, RecipientKind.UNION, world.federation.id)
    assert len(at_shop) == 2 and [("老灶牛肉面" in one) for one in at_union] == [True, True]
    assert told(world, RecipientKind.BRANCH, renewed.clerk.branch_id) == []


def test_whoever_comes_late_is_told_once(world: World) -> None:
    world.shop(agreed_days=(-300, 5))
    assert [world.do(lambda: service.tell_ending(clock.now())) for _ in range(3)] == [1, 0, 0]


def test_a_change_that_changes_nothing_leaves_no_trace(world: World, sql: psycopg.Connection) -> None:
    shop = world.shop()
    facts = {"name": {"zh": "老灶面馆"}, "trade": TradeCode("dining"), "about": {"zh": "只卖面"}}
    hung = {"plaque_number": "YH-1", "plaque_hung_on": None, "door_sign_on": None}
    hours = [OpenHours(1, Hours(540, 1260))]
    branch = {
        "branch_id": BranchId(shop.clerk.branch_id),
        "name": {"zh": "总店"},
        "address": {"zh": "x"},
        "hours": hours,
    }
    for _ in range(2):
        do(world, service.change, shop, **facts)
        do(world, service.hang, shop, **hung)
        do(world, service.change_branch, shop, **branch)
        do(world, service.close_branch, shop, branch_id=branch["branch_id"])
    kinds = ("merchant.changed", "merchant.hung", "branch.changed", "branch.closed")
    acts = sql.execute("SELECT action, detail FROM audit_entries WHERE action = ANY(%s)", [list(kinds)]).fetchall()
    assert sorted(action for action, _ in acts) == sorted(kinds)
    assert dict(acts)["merchant.changed"] == {"changed": ["name", "about"]}, "names of fields, and no words"
    assert record(world, shop.merchant_id).state is State.NO_BRANCH
    do(world, service.reopen_branch, shop, branch_id=branch["branch_id"])
    assert record(world, shop.merchant_id).state is State.OPEN
    assert refusal(world, service.change, shop, **{**facts, "trade": TradeCode("magic")}) == "trade_unknown"


def test_a_branch_is_of_one_shop(world: World) -> None:
    shop, other = world.shop(), world.shop("乙")
    branch_id = BranchId(other.clerk.branch_id)
    assert refusal(world, service.close_branch, shop, branch_id=branch_id) == "branch_unknown"
    changed = {"branch_id": branch_id, "name": {"zh": "x"}, "address": {"zh": "x"}}
    assert refusal(world, service.change_branch, shop, **changed) == "branch_unknown"
    late = [OpenHours(1, Hours(1080, 120)), OpenHours(2, Hours(60, 600))]
    changed = {"name": {"zh": "x"}, "address": {"zh": "x"}, "hours": late}
    assert refusal(world, service.open_branch, shop, **changed) == "open_hours_overlap"
