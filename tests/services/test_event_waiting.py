"""The waiting line: it moves up by itself, strictly in order; offers that run out; leaving early, late and twice."""

import dataclasses
import datetime
from typing import Any

import psycopg
import pytest

from services.accounts.types import Role as Duty
from services.core import clock
from services.core.errors import Forbidden, Refusal
from services.events import errors, rules
from services.events.service import leaving, organising
from services.events.types import (
    Category,
    Companion,
    EventId,
    Mode,
    Quota,
    QuotaKind,
    RefusedFor,
    Role,
    SignupId,
    State,
)
from services.members.documents import Sex
from tests.builders.entries import Entries, fails, nothing_written, told, traced
from tests.builders.events import total
from tests.builders.world import DAY, World

MINUTE, HOUR = datetime.timedelta(minutes=1), datetime.timedelta(hours=1)
TICK = datetime.timedelta(microseconds=1)


@pytest.fixture
def events(world: World) -> Entries:
    return Entries(world)


def test_who_comes_after_the_last_place_waits_in_order_and_moves_up_when_somebody_leaves(
    events: Entries, sql: psycopg.Connection
) -> None:
    event_id = events.event(places=1)
    first, second, third = events.members("甲", "乙", "丙")
    ids = [events.entered(actor, event_id) for actor in (first, second, third)]
    assert [events.entry(one).position for one in ids] == [None, 1, 2]
    events.cancel(first, ids[0])
    assert events.states(*ids) == [State.CANCELLED, State.OFFERED, State.WAITING]
    assert [events.entry(one).position for one in ids] == [None, None, 1]
    events.decline(second, ids[1])
    events.accept(third, ids[2])
    assert events.states(*ids) == [State.CANCELLED, State.DECLINED, State.CONFIRMED]
    assert events.taken(event_id) == [1]
    assert [told(sql, one) for one in ids] == [
        ["confirmed", "cancelled"], ["waiting", "offered", "declined"], ["waiting", "offered", "confirmed"],
    ]  # fmt: skip
    assert traced(sql, ids[1]) == [
        ("signup.waiting", "member"), ("signup.offered", "job"), ("signup.declined", "member"),
    ]  # fmt: skip
    assert traced(sql, ids[2])[-1] == ("signup.confirmed", "member")


def full(events: Entries, **terms: Any) -> tuple[EventId, list[Any], list[SignupId]]:
    """An event with one place: who has it, who waits first, who waits second."""
    event_id = events.event(places=1, **terms)
    people = events.members("甲", "乙", "丙")
    return event_id, people, [events.entered(actor, event_id) for actor in people]


def test_each_act_twice(events: Entries, sql: psycopg.Connection) -> None:
    _, people, ids = full(events)
    events.cancel(people[0], ids[0])
    with nothing_written(sql), fails(errors.SIGNUP_OVER):
        events.cancel(people[0], ids[0])
    events.decline(people[1], ids[1])
    with nothing_written(sql):
        events.decline(people[1], ids[1])
    with nothing_written(sql), fails(errors.NOT_OFFERED):
        events.accept(people[1], ids[1])
    events.accept(people[2], ids[2])
    with nothing_written(sql):
        events.accept(people[2], ids[2])
    with nothing_written(sql), fails(errors.NOT_OFFERED):
        events.decline(people[2], ids[2])


def test_only_the_captain_acts_and_others_do_not_learn_that_it_exists(events: Entries, sql: psycopg.Connection) -> None:
    _, people, ids = full(events)
    for act in (events.cancel, events.accept, events.decline, events.join, events.turn_down):
        with nothing_written(sql), fails(errors.SIGNUP_UNKNOWN):
            act(people[2], ids[0])
        with fails(errors.SIGNUP_UNKNOWN):
            act(people[0], SignupId(events.event()))
    for act in (events.accept, events.decline):
        with nothing_written(sql), fails(errors.NOT_OFFERED):
            act(people[1], ids[1])


def test_an_offer_that_nobody_takes_goes_to_the_next(events: Entries, sql: psycopg.Connection) -> None:
    event_id, people, ids = full(events)
    now = clock.now()
    events.cancel(people[0], ids[0], now=now)
    due_at = rules.offered_until(events.seen(event_id).terms, now)
    assert due_at is not None and events.entry(ids[1]).due_at == due_at >= now + DAY
    assert events.expire(due_at - TICK) == 0
    with fails(errors.OFFER_OVER, at=due_at.isoformat()):
        events.accept(people[1], ids[1], now=due_at)
    assert events.expire(due_at) == 1
    assert events.states(*ids[1:]) == [State.LAPSED, State.OFFERED]
    for act in (events.accept, events.decline):
        with nothing_written(sql), fails(errors.OFFER_OVER):
            act(people[1], ids[1])
    events.accept(people[2], ids[2], now=now + 2 * DAY - TICK)
    assert events.taken(event_id) == [1]
    assert told(sql, ids[1])[-1] == "lapsed" and traced(sql, ids[1])[-1] == ("signup.lapsed", "job")


def test_who_leaves_the_line_or_an_offer_lets_the_next_up(events: Entries) -> None:
    event_id, people, ids = full(events)
    events.cancel(people[1], ids[1])
    assert events.entry(ids[2]).position == 1
    events.cancel(people[0], ids[0])
    events.cancel(people[2], ids[2])
    assert events.states(*ids) == [State.CANCELLED] * 3 and events.taken(event_id) == [0]
    again = [events.entered(actor, event_id) for actor in people]
    assert events.states(*again) == [State.CONFIRMED, State.WAITING, State.WAITING]


def test_a_family_at_the_head_that_leaves_lets_singles_behind_it_up(events: Entries) -> None:
    family = Category(1, {"zh": "家庭"}, guests=2)
    event_id = events.event(places=2, categories=(family,))
    guest = (Companion(Role.GUEST, "王伟"),)
    people = events.members("甲", "乙", "丙", "丁")
    one, other = (events.entered(actor, event_id) for actor in people[:2])
    pair = events.entered(people[2], event_id, companions=guest)
    events.cancel(people[0], one)
    late = events.entered(people[3], event_id)
    assert events.states(pair, late) == [State.WAITING, State.WAITING], "one place is kept for the two"
    events.cancel(people[2], pair)
    assert events.states(late) == [State.OFFERED]
    assert events.taken(event_id) == [2]
    assert events.states(other) == [State.CONFIRMED]


BALANCED = (total(9), Quota(1, QuotaKind.SEX, 1, sex=Sex.MALE), Quota(2, QuotaKind.SEX, 1, sex=Sex.FEMALE))


def test_who_needs_nothing_of_what_is_short_comes_in_past_the_line(events: Entries) -> None:
    event_id = events.event(quotas=BALANCED)
    men, women = events.members("甲", "乙", "丙", sex=Sex.MALE), events.members("丁", "戊", sex=Sex.FEMALE)
    ids = [events.entered(actor, event_id) for actor in men]
    assert events.states(*ids) == [State.CONFIRMED, State.WAITING, State.WAITING]
    hers = [events.entered(actor, event_id) for actor in women]
    assert events.states(*hers) == [State.CONFIRMED, State.WAITING]
    events.cancel(women[0], hers[0])
    assert events.states(ids[1], hers[1]) == [State.WAITING, State.OFFERED]
    events.cancel(men[0], ids[0])
    assert events.states(ids[1], ids[2]) == [State.OFFERED, State.WAITING]


def test_a_line_has_its_length_and_is_joined_only_by_who_agrees(events: Entries, sql: psycopg.Connection) -> None:
    event_id = events.event(places=1, waiting_most=1)
    people = events.members("甲", "乙", "丙")
    events.entered(people[0], event_id)
    with nothing_written(sql):
        assert events.refused(people[1], event_id, wait=False) == Refusal(errors.WAITING_NOT_WANTED)
    waiting = events.entered(people[1], event_id)
    with nothing_written(sql):
        assert events.refused(people[2], event_id) == Refusal(errors.WAITING_FULL)
    events.cancel(people[1], waiting)
    events.entered(people[2], event_id)
    none = events.event(places=1, waiting_most=0)
    events.entered(people[0], none)
    with nothing_written(sql):
        assert events.refused(people[1], none) == Refusal(errors.EVENT_FULL)


def at_the_end(events: Entries) -> tuple[EventId, list[Any], list[SignupId], datetime.datetime]:
    """A full event where sign-up goes on to its beginning, and when its last offer is made."""
    starts_at = clock.now().replace(second=0, microsecond=0) + 2 * DAY
    terms = {"starts_at": starts_at, "closes_at": starts_at, "cancel_until": starts_at - DAY}
    return *full(events, **terms), starts_at - 2 * HOUR


def test_the_last_offer_is_short_and_after_it_the_line_is_let_go_and_told(
    events: Entries, sql: psycopg.Connection
) -> None:
    event_id, people, ids, last = at_the_end(events)
    events.cancel(people[0], ids[0], now=last - MINUTE)
    assert events.entry(ids[1]).due_at == last
    assert events.expire(last - TICK) == 0
    assert events.expire(last) == 2
    assert events.states(*ids) == [State.CANCELLED, State.LAPSED, State.LAPSED]
    assert [told(sql, one)[-1] for one in ids[1:]] == ["lapsed", "no_place"]
    assert traced(sql, ids[2])[-1] == ("signup.lapsed", "job")
    assert events.expire(last) == 0
    assert events.taken(event_id) == [0]
    again = events.entered(people[1], event_id, now=last + MINUTE)
    assert events.states(again) == [State.CONFIRMED]
    with nothing_written(sql):
        assert events.refused(people[2], event_id, now=last + MINUTE) == Refusal(errors.EVENT_FULL)


def test_a_place_that_comes_free_too_late_is_offered_to_nobody(events: Entries, sql: psycopg.Connection) -> None:
    event_id, people, ids, last = at_the_end(events)
    events.cancel(people[0], ids[0], now=last)
    assert events.states(*ids[1:]) == [State.WAITING, State.WAITING]
    stranger = events.member()
    with nothing_written(sql):
        assert events.refused(stranger, event_id, now=last) == Refusal(errors.EVENT_FULL)
    assert events.expire(last) == 2
    assert events.states(events.entered(stranger, event_id, now=last)) == [State.CONFIRMED]


def test_nothing_moves_once_it_has_begun(events: Entries, sql: psycopg.Connection) -> None:
    event_id, people, ids = full(events)
    starts_at = events.seen(event_id).terms.starts_at
    for signup_id, actor in zip(ids, people, strict=True):
        with nothing_written(sql), fails(errors.EVENT_BEGUN):
            events.cancel(actor, signup_id, now=starts_at)
    events.cancel(people[0], ids[0], now=starts_at - TICK)


def test_a_late_cancellation_is_noted_unless_it_is_filled(events: Entries, sql: psycopg.Connection) -> None:
    event_id, people, ids = full(events)
    until = events.seen(event_id).terms.cancel_until

    def late(signup_id: SignupId) -> tuple[bool, bool]:
        row = sql.execute("SELECT late_at IS NOT NULL, refilled FROM signups WHERE id = %s", [signup_id]).fetchone()
        assert row is not None
        return row[0], row[1]

    events.cancel(people[0], ids[0], now=until + TICK)
    assert late(ids[0]) == (True, False)
    events.accept(people[1], ids[1], now=until + MINUTE)
    assert late(ids[0]) == (True, True)
    events.cancel(people[1], ids[1], now=until + DAY)
    events.decline(people[2], ids[2], now=until + DAY)
    assert [late(one) for one in ids] == [(True, True), (True, False), (False, False)]
    assert events.taken(event_id) == [0]


@pytest.mark.parametrize(("after", "noted"), [(datetime.timedelta(), False), (TICK, True)])
def test_the_deadline_is_the_last_instant_that_is_free(
    events: Entries, sql: psycopg.Connection, after: datetime.timedelta, noted: bool
) -> None:
    event_id, actor = events.event(), events.member()
    signup_id = events.entered(actor, event_id)
    events.cancel(actor, signup_id, now=events.seen(event_id).terms.cancel_until + after)
    assert sql.execute("SELECT late_at IS NOT NULL FROM signups").fetchone() == (noted,)


def test_somebody_who_just_signs_up_fills_a_late_cancellation_too(events: Entries, sql: psycopg.Connection) -> None:
    starts_at = clock.now().replace(second=0, microsecond=0) + 7 * DAY
    event_id = events.event(starts_at=starts_at, closes_at=starts_at, cancel_until=starts_at - 2 * DAY)
    first, second, third = events.members("甲", "乙", "丙")
    now = starts_at - DAY
    one, other = events.entered(first, event_id), events.entered(second, event_id)
    events.cancel(first, one, now=now)
    events.cancel(second, other, now=now + HOUR)
    events.entered(third, event_id, now=now + 2 * HOUR)
    kept = sql.execute("SELECT refilled FROM signups WHERE late_at IS NOT NULL ORDER BY late_at").fetchall()
    assert kept == [(True,), (False,)], "one place fills one, the first"


def test_a_place_of_another_quota_fills_nothing(events: Entries, sql: psycopg.Connection) -> None:
    starts_at = clock.now().replace(second=0, microsecond=0) + 7 * DAY
    event_id = events.event(quotas=BALANCED, starts_at=starts_at, closes_at=starts_at, cancel_until=starts_at - 2 * DAY)
    man, woman = events.member(sex=Sex.MALE), events.member(sex=Sex.FEMALE)
    signup_id = events.entered(man, event_id)
    events.cancel(man, signup_id, now=starts_at - DAY)
    events.entered(woman, event_id, now=starts_at - DAY)
    assert sql.execute("SELECT refilled FROM signups WHERE id = %s", [signup_id]).fetchone() == (False,)


def test_more_places_go_to_the_line_in_the_same_transaction(
    world: World, events: Entries, sql: psycopg.Connection
) -> None:
    event_id, _, ids = full(events)
    terms = dataclasses.replace(events.seen(event_id).terms, quotas=(total(2),))
    world.do(
        lambda: organising.rewrite(actor=events.officer, event_id=event_id, revision=1, terms=terms, now=clock.now())
    )
    assert events.states(*ids) == [State.CONFIRMED, State.OFFERED, State.WAITING]
    assert events.taken(event_id) == [2] and told(sql, ids[1]) == ["waiting", "offered"]


def test_an_event_that_is_called_off_ends_every_entry(world: World, events: Entries, sql: psycopg.Connection) -> None:
    event_id, people, ids = full(events)
    world.do(lambda: organising.cancel(actor=events.officer, event_id=event_id, note="台风", now=clock.now()))
    assert events.states(*ids) == [State.CALLED_OFF] * 3 and events.taken(event_id) == [0]
    assert [traced(sql, one)[-1] for one in ids] == [("signup.called_off", "officer")] * 3
    for actor, signup_id in zip(people, ids, strict=True):
        for act in (events.cancel, events.join, events.turn_down):
            with nothing_written(sql), fails(errors.SIGNUP_OVER):
                act(actor, signup_id)
    assert events.expire(clock.now() + 30 * DAY) == 0


def test_an_organiser_takes_an_entry_out_with_a_reason_and_the_next_moves_up(
    world: World, events: Entries, sql: psycopg.Connection
) -> None:
    _, _, ids = full(events)

    def remove(note: str = "证件不符", actor: Any = events.officer) -> None:
        said = {"reason": RefusedFor.CONDITIONS, "note": note, "now": clock.now()}
        world.do(lambda: leaving.remove(actor=actor, signup_id=ids[0], **said))

    for note in ("", " 短 ", "长" * 201):
        with nothing_written(sql), fails(errors.NOTE_LENGTH, field="note"):
            remove(note)
    elsewhere = events.another_officer(Duty.TOWN)
    with nothing_written(sql), fails(errors.EVENT_UNKNOWN):
        remove(actor=elsewhere)
    powerless = dataclasses.replace(events.officer, grants=())
    with nothing_written(sql), pytest.raises(Forbidden):
        remove(actor=powerless)
    remove()
    assert events.states(*ids) == [State.REMOVED, State.OFFERED, State.WAITING]
    seen = events.entry(ids[0])
    assert (seen.reason, seen.note) == (RefusedFor.CONDITIONS, "证件不符")
    assert told(sql, ids[0])[-1] == "removed" and traced(sql, ids[0])[-1] == ("signup.removed", "officer")
    assert "证件" not in str(sql.execute("SELECT to_jsonb(s) FROM signups s").fetchall())
    with nothing_written(sql), fails(errors.SIGNUP_OVER):
        remove()


@pytest.mark.parametrize("mode", [Mode.DRAW, Mode.APPROVAL])
def test_who_is_not_decided_on_yet_may_withdraw(events: Entries, mode: Mode) -> None:
    event_id, actor = events.event(mode=mode), events.member()
    signup_id = events.entered(actor, event_id)
    events.cancel(actor, signup_id)
    assert events.states(signup_id) == [State.CANCELLED] and events.taken(event_id) == [0]
