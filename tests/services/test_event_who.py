"""Who may sign up: records, levels, misses, once; families; the memory of draws."""

import datetime
from typing import Any

import psycopg
import pytest

from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Refusal
from services.events import errors
from services.events.types import (
    Category,
    Companion,
    Eligibility,
    EventId,
    Joining,
    Kind,
    Mode,
    Once,
    Role,
    SignupId,
    State,
)
from services.members.documents import Sex
from services.members.errors import MEMBER_LEFT, MEMBER_SUSPENDED
from services.members.types import Standing
from services.unions.types import TradeGroup
from tests.builders.entries import Entries, nothing_written, told
from tests.builders.world import DAY, World

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def events(world: World) -> Entries:
    return Entries(world)


@pytest.mark.parametrize(
    ("terms", "record", "code"),
    [
        ({"standings": frozenset({Standing.ACTIVE})}, {"standing": Standing.RETIRED}, errors.EVENT_NOT_FOR_STANDING),
        ({"trades": frozenset({TradeGroup.MANUFACTURING})}, {}, errors.EVENT_NOT_FOR_TRADE),
        ({"sex": Sex.FEMALE}, {"sex": Sex.MALE}, errors.EVENT_NOT_FOR_SEX),
        ({"sex": Sex.FEMALE}, {}, errors.SEX_UNKNOWN),
        ({"age_from": 40}, {"age": 39}, errors.TOO_YOUNG),
        ({"age_to": 40}, {"age": 41}, errors.TOO_OLD),
        ({"age_to": 40}, {}, errors.BIRTH_UNKNOWN),
        ({"level": 2}, {}, errors.LEVEL_MISSING),
        ({}, {"standing": Standing.LEFT}, MEMBER_LEFT),
        ({}, {"standing": Standing.SUSPENDED}, MEMBER_SUSPENDED),
        ({"standings": frozenset({Standing.LEFT})}, {"standing": Standing.LEFT}, MEMBER_LEFT),
    ],
)
def test_a_record_that_does_not_fit_is_told_why(
    events: Entries, sql: psycopg.Connection, terms: dict[str, Any], record: dict[str, Any], code: str
) -> None:
    event_id = events.event(eligibility=Eligibility(**terms), series="电工")
    actor = events.member(**record)
    with nothing_written(sql):
        assert events.refused(actor, event_id).code == code


def test_an_event_for_a_town_is_for_its_unions_only(world: World, events: Entries, sql: psycopg.Connection) -> None:
    event_id = events.event(eligibility=Eligibility(union=world.town.path))
    events.entered(events.member(), event_id)
    stranger = events.member(union=world.another_union())
    with nothing_written(sql):
        assert events.refused(stranger, event_id) == Refusal(errors.EVENT_NOT_FOR_UNION)


def attained(sql: psycopg.Connection, actor_id: object, event_id: EventId, level: int) -> None:
    sql.execute(
        "INSERT INTO attainments (member_id, series, event_id, level, at) VALUES (%s, '电工', %s, %s, now())",
        [actor_id, event_id, level],
    )


def test_a_level_counts_in_its_series(events: Entries, sql: psycopg.Connection) -> None:
    rule = Eligibility(level=2)
    event_id = events.event(eligibility=rule, series="电工")
    low, high = events.members("甲", "乙")
    attained(sql, low.member_id, event_id, 1)
    attained(sql, high.member_id, event_id, 3)
    assert events.refused(low, event_id) == Refusal(errors.LEVEL_MISSING, {"level": 2, "series": "电工"})
    events.entered(high, event_id)
    assert events.refused(high, events.event(eligibility=rule, series="焊工")).code == errors.LEVEL_MISSING


def missed(
    sql: psycopg.Connection, actor_id: object, event_id: EventId, days_ago: int, *, cleared: bool = False
) -> None:
    sql.execute(
        """INSERT INTO event_misses (id, event_id, member_id, kind, because, at, cleared_at, cleared_by, cleared_note)
        VALUES (gen_random_uuid(), %s, %s, 'sport', 'no_show', %s, %s, %s, %s)""",
        [event_id, actor_id, clock.now() - days_ago * DAY, *([clock.now(), "x", "x"] if cleared else [None] * 3)],
    )


def test_the_second_miss_pauses_sign_ups_of_its_kind_until_it_is_cleared_or_over(
    events: Entries, sql: psycopg.Connection
) -> None:
    before, other, event_id = events.event(), events.event(), events.event()
    actor = events.member()
    missed(sql, actor.member_id, before, 40)
    events.cancel(actor, events.entered(actor, event_id))
    missed(sql, actor.member_id, other, 10)
    refusal = events.refused(actor, event_id)
    assert refusal.code == errors.SIGN_UP_PAUSED
    until = datetime.datetime.fromisoformat(str(refusal.facts["at"]))
    assert datetime.timedelta() <= clock.now() + 20 * DAY - until < HOUR
    events.entered(actor, events.event(kind=Kind.SHOW))
    events.entered(actor, events.event(closes_at=clock.now() + 60 * DAY, starts_at=clock.now() + 70 * DAY,
                                       cancel_until=clock.now() + 60 * DAY), now=until)  # fmt: skip
    sql.execute("UPDATE event_misses SET cleared_at = now(), cleared_by = 'x', cleared_note = 'x' WHERE event_id = %s",
                [before])  # fmt: skip
    events.entered(actor, event_id)


def test_a_rule_of_the_federation_goes_before_the_usual_one(
    world: World, events: Entries, sql: psycopg.Connection
) -> None:
    sql.execute("INSERT INTO pause_rules VALUES (%s, 'sport', 0, 30, 7)", [world.federation.id])
    before, event_id, actor = events.event(), events.event(union=world.town), events.member()
    missed(sql, actor.member_id, before, 6)
    assert events.refused(actor, event_id).code == errors.SIGN_UP_PAUSED
    late = events.member()
    missed(sql, late.member_id, before, 8)
    events.entered(late, event_id)


@pytest.mark.parametrize("mode", list(Mode))
def test_nobody_is_in_twice(events: Entries, sql: psycopg.Connection, mode: Mode) -> None:
    event_id, actor = events.event(mode=mode), events.member()
    signup_id = events.entered(actor, event_id)
    with nothing_written(sql):
        refusal = events.refused(actor, event_id)
        assert refusal == Refusal(errors.ALREADY_SIGNED_UP, {"signup": str(signup_id)})
    events.cancel(actor, signup_id)
    assert events.entered(actor, event_id) != signup_id


def test_who_waits_is_in_already(events: Entries) -> None:
    event_id = events.event(places=1)
    first, second = events.members("甲", "乙")
    events.entered(first, event_id)
    waiting = events.entered(second, event_id)
    assert events.refused(second, event_id) == Refusal(errors.ALREADY_SIGNED_UP, {"signup": str(waiting)})


def test_once_in_each_category_where_the_event_says_so(events: Entries) -> None:
    categories = (Category(1, {"zh": "男单"}), Category(2, {"zh": "男双"}))
    event_id, actor = events.event(once=Once.CATEGORY, categories=categories), events.member()
    events.entered(actor, event_id, category=1)
    events.entered(actor, event_id, category=2)
    assert events.refused(actor, event_id, category=2).code == errors.ALREADY_SIGNED_UP
    single = events.event(categories=categories)
    events.entered(actor, single, category=1)
    assert events.refused(actor, single, category=2).code == errors.ALREADY_SIGNED_UP


def test_a_family_brings_who_the_category_lets_in(events: Entries, sql: psycopg.Connection) -> None:
    family = Category(1, {"zh": "家庭"}, guests=1, children=1, child_from=6, child_to=12)
    event_id = events.event(categories=(family,), places=3)
    actor = events.member()
    day = local_date(events.seen(event_id).terms.starts_at)
    child, guest = Companion(Role.CHILD, "小雨", day.replace(year=day.year - 6, day=1)), Companion(Role.GUEST, "王伟")
    tried: list[tuple[tuple[Companion, ...], Refusal]] = [
        ((guest, guest), Refusal(errors.TOO_MANY_GUESTS, {"most": 1})),
        ((child, child), Refusal(errors.TOO_MANY_CHILDREN, {"most": 1})),
        ((Companion(Role.CHILD, "小雨"),), Refusal(errors.CHILD_BIRTH_MISSING)),
        ((Companion(Role.CHILD, "小雨", day),), Refusal(errors.CHILD_AGE, {"least": 6, "most": 12})),
    ]
    for companions, refusal in tried:
        with nothing_written(sql):
            assert events.refused(actor, event_id, companions=companions, guardian=True) == refusal
    signup_id = events.entered(actor, event_id, companions=(child, guest), guardian=True)
    assert (events.taken(event_id), events.states(signup_id)) == ([3], [State.CONFIRMED])


def lost(sql: psycopg.Connection, event_id: EventId, days_ago: int, *, won: bool = False) -> None:
    """The draw of this event was so long ago, and everybody who had said yes until then lost, or won."""
    at = clock.now() - days_ago * DAY
    sql.execute("UPDATE events SET drawn_at = %s WHERE id = %s", [at, event_id])
    sql.execute("UPDATE signups SET won = %s WHERE event_id = %s", [won, event_id])
    sql.execute("UPDATE signup_people SET agreed_at = %s WHERE event_id = %s AND agreed_at IS NOT NULL", [at, event_id])


def tickets(events: Entries, signup_id: SignupId) -> int | None:
    return events.entry(signup_id).tickets


def test_who_lost_lately_has_more_tickets_until_a_draw_is_won(events: Entries, sql: psycopg.Connection) -> None:
    actor = events.member()

    def drawn(days_ago: int, *, won: bool = False, **terms: Any) -> int | None:
        event_id = events.event(mode=Mode.DRAW, **terms)
        found = tickets(events, events.entered(actor, event_id))
        lost(sql, event_id, days_ago, won=won)
        return found

    assert drawn(400) == 1
    assert drawn(300) == 1, "a loss counts for a year"
    assert drawn(200, kind=Kind.SHOW) == 1, "of its kind"
    assert drawn(100) == 2
    assert drawn(50, won=True) == 3
    assert drawn(40) == 1, "since the last win"
    assert drawn(30) == 2


def test_a_pair_in_a_draw_has_the_tickets_of_whoever_lost_less(events: Entries, sql: psycopg.Connection) -> None:
    pair = (Category(1, {"zh": "双打"}, 2, 2),)
    old, (his, _), (_, hers) = events.event(mode=Mode.DRAW), events.named("王强"), events.named("林芳")
    events.entered(his, old)
    lost(sql, old, 10)
    event_id = events.event(mode=Mode.DRAW, categories=pair, joining=Joining.CONFIRM)
    signup_id = events.entered(his, event_id, mates=(hers,))
    assert tickets(events, signup_id) == 1
    assert told(sql, signup_id) == ["entered", "invited"]


def test_what_was_drawn_takes_nobody_more(events: Entries, sql: psycopg.Connection) -> None:
    event_id = events.event(mode=Mode.DRAW)
    lost(sql, event_id, 0)
    late = events.member()
    with nothing_written(sql):
        assert events.refused(late, event_id).code == errors.SIGN_UP_OVER
