"""Who lets go late and why it costs nothing: no time to say so before, no word of his own, another day or place."""

import dataclasses
import datetime
from typing import Any

import psycopg
import pytest

from services.accounts.types import MemberActor, Role
from services.core.calendar import SHANGHAI
from services.core.errors import Conflict, Refusal
from services.events import errors
from services.events.service import deciding, door, drawing, entering, leaving, organising
from services.events.types import Category, EventId, Mode, RefusedFor, SignupId, Slot, State
from services.events.types.door import Arrival
from tests.builders.entries import Entries, fails, nothing_written
from tests.builders.events import HOUR
from tests.builders.world import DAY, World

TICK = datetime.timedelta(microseconds=1)
CREW = (Category(1, {"zh": "接力"}, 2, 3),)
SOON = datetime.datetime.combine(
    datetime.datetime.now(SHANGHAI).date() + 8 * DAY, datetime.time(14), SHANGHAI
).astimezone(datetime.UTC)
"""A day of next week, at 14:00 in China."""
BY_DAY = {"opens_at": SOON - 9 * DAY, "closes_at": SOON - 2 * DAY, "cancel_until": SOON - 3 * DAY, "starts_at": SOON}
"""Decided after the last moment to cancel."""


@pytest.fixture
def events(world: World) -> Entries:
    return Entries(world)


def late(sql: psycopg.Connection) -> list[bool]:
    return [one for (one,) in sql.execute("SELECT late_at IS NOT NULL FROM signups ORDER BY id")]


def decided(events: Entries, actor: MemberActor, mode: Mode, at: datetime.datetime) -> SignupId:
    event_id, officer = events.event(mode=mode, **BY_DAY), events.officer
    signup_id = events.entered(actor, event_id)
    if mode is Mode.DRAW:
        events.world.do(lambda: drawing.draw(actor=officer, event_id=event_id, now=at))
    else:
        events.world.do(lambda: deciding.approve(actor=officer, event_id=event_id, signup_ids=[signup_id], now=at))
    assert events.states(signup_id) == [State.CONFIRMED]
    return signup_id


@pytest.mark.parametrize("mode", [Mode.DRAW, Mode.APPROVAL])
@pytest.mark.parametrize(
    ("hour", "free"),
    [(0, 1), (8, 20)],
    ids=["told at 14:00, free until 15:00", "told at 22:00, free until 10:00 of the day after"],
)
def test_who_is_drawn_or_approved_late_has_an_hour_by_day_to_give_it_up(
    events: Entries, sql: psycopg.Connection, mode: Mode, hour: int, free: int
) -> None:
    told, until = SOON - 2 * DAY + hour * HOUR, SOON - 2 * DAY + free * HOUR
    for nth, moment in enumerate((until, until + TICK)):
        actor = events.member(f"甲{nth}")
        events.cancel(actor, decided(events, actor, mode, told), now=moment)
    assert late(sql) == [False, True]


def test_a_mate_of_a_team_that_was_approved_late_has_that_hour_too(events: Entries, sql: psycopg.Connection) -> None:
    event_id, officer = events.event(mode=Mode.APPROVAL, categories=CREW, **BY_DAY), events.officer
    captain, mates = events.member("王强"), [events.named(name) for name in ("林芳", "李娜")]
    signup_id = events.entered(captain, event_id, mates=tuple(named for _, named in mates))
    for mate, _ in mates:
        events.join(mate, signup_id)
    told = SOON - 2 * DAY
    events.world.do(lambda: deciding.approve(actor=officer, event_id=event_id, signup_ids=[signup_id], now=told))
    events.turn_down(mates[0][0], signup_id, now=told + HOUR)
    events.turn_down(mates[1][0], signup_id, now=told + HOUR + TICK)
    blamed = sql.execute("SELECT late_id FROM signup_people WHERE late_id IS NOT NULL").fetchall()
    assert blamed == [(mates[1][0].member_id,)]
    # A team that is put together again has had its time.
    another, named = events.named("周洁")
    assert events.replace(captain, signup_id, 1, named, now=told + 2 * HOUR) is None
    events.expire(told + 2 * HOUR)
    events.join(another, signup_id, now=told + 2 * HOUR)
    assert events.states(signup_id) == [State.CONFIRMED]
    events.cancel(captain, signup_id, now=told + 2 * HOUR + TICK)
    assert late(sql) == [True]


@pytest.mark.parametrize("agrees", [False, True])
def test_whom_his_unit_entered_owes_nothing_before_he_has_said_yes(
    events: Entries, sql: psycopg.Connection, agrees: bool
) -> None:
    event_id, unit = events.event(unit_entry=True), events.another_officer(Role.GRASSROOTS)
    actor, until = events.member(), events.seen(event_id).terms.cancel_until
    found = events.world.do(
        lambda: entering.enter(
            actor=unit, event_id=event_id, member_ids=[actor.member_id], category=1, slot=None, wait=True,
            now=until - 3 * DAY,
        )
    )  # fmt: skip
    assert not isinstance(found, Refusal)
    if agrees:
        events.join(actor, found)
    events.cancel(actor, found, now=until + HOUR)
    assert late(sql) == [agrees]


def rewrite(events: Entries, event_id: EventId, now: datetime.datetime, **terms: Any) -> None:
    event, officer = events.seen(event_id), events.officer
    after = dataclasses.replace(event.terms, **terms)
    events.world.do(
        lambda: organising.rewrite(actor=officer, event_id=event_id, revision=event.revision, terms=after, now=now)
    )


SLOT = Slot(1, SOON, SOON + HOUR)


@pytest.mark.parametrize(
    "moved",
    [
        {"starts_at": SOON - HOUR},
        {"ends_at": SOON + 4 * HOUR},
        {"place": {"zh": "文化宫"}},
        {"slots": (dataclasses.replace(SLOT, ends_at=SOON + 2 * HOUR),)},
    ],
)
def test_another_day_or_place_once_it_is_late_gives_time_to_cancel(
    events: Entries, sql: psycopg.Connection, moved: dict[str, Any]
) -> None:
    event_id, actor = events.event(slots=(SLOT,), **BY_DAY), events.member()
    terms, now = events.seen(event_id).terms, SOON - DAY
    rewrite(events, event_id, now, place={"zh": "没人报，随便改"})
    signup_id = events.entered(actor, event_id, slot=1)
    rewrite(events, event_id, terms.cancel_until - TICK, text={"zh": "带水"})
    with nothing_written(sql), pytest.raises(Conflict) as no:
        rewrite(events, event_id, now, **moved)
    assert (no.value.code, no.value.facts["field"]) == (errors.MOVED_TOO_LATE, "cancel_until")
    rewrite(events, event_id, now, **moved, cancel_until=now + HOUR)
    events.cancel(actor, signup_id, now=now + HOUR)
    assert late(sql) == [False]


def test_once_it_has_begun_it_may_still_end_later(events: Entries) -> None:
    event_id = events.event(**BY_DAY)
    events.entered(events.member(), event_id)
    rewrite(events, event_id, SOON, ends_at=SOON + 9 * HOUR)
    assert events.seen(event_id).terms.ends_at == SOON + 9 * HOUR


def test_nobody_is_taken_out_who_has_come_and_nobody_once_it_is_over(events: Entries, sql: psycopg.Connection) -> None:
    event_id, officer = events.event(), events.officer
    ids = [events.entered(one, event_id) for one in events.members("来了", "没来")]
    starts_at, ends_at = events.seen(event_id).terms.starts_at, events.seen(event_id).terms.ends_at
    arrived = events.world.do(
        lambda: door.tick(actor=officer, event_id=event_id, signup_id=ids[0], ordinals=[0], now=starts_at)
    )
    assert isinstance(arrived, Arrival)

    def remove(signup_id: SignupId, now: datetime.datetime) -> None:
        events.world.do(
            lambda: leaving.remove(
                actor=officer, signup_id=signup_id, reason=RefusedFor.CONDITIONS, note="名单有误", now=now
            )
        )

    with nothing_written(sql), fails(errors.SIGNUP_IN_ALREADY):
        remove(ids[0], starts_at + HOUR)
    with nothing_written(sql), fails(errors.EVENT_OVER):
        remove(ids[1], ends_at)
    remove(ids[1], ends_at - TICK)
    assert events.states(*ids) == [State.CONFIRMED, State.REMOVED]
