"""Whom a captain asks into a team that stands has a time to answer; in whose place he asks him is told so."""

import datetime
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask

from services.accounts.types import MemberActor
from services.core.calendar import SHANGHAI
from services.core.errors import Conflict
from services.events import errors, rules
from services.events.types import Category, EventId, Presence, SignupId, State
from tests.builders.entries import Entries, fails
from tests.builders.events import HOUR
from tests.builders.world import DAY, World
from tests.harness.threads import connected_to, together
from tests.services.test_event_notices import told as inbox

CREW = (Category(1, {"zh": "接力"}, 2, 3), Category(2, {"zh": "单打"}))
TICK = datetime.timedelta(microseconds=1)
NOW = datetime.datetime(2027, 3, 1, 12, tzinfo=SHANGHAI)
"""At noon, so that two days later is by day too."""


@pytest.fixture
def events(world: World, at: Callable[..., None]) -> Entries:
    at(NOW)
    return Entries(world)


def crew(events: Entries, places: int = 3) -> tuple[EventId, SignupId, list[MemberActor]]:
    """Three who have all said yes, in a full house."""
    event_id = events.event(categories=CREW, places=places)
    captain, others = events.member("王强"), [events.named(name) for name in ("林芳", "李娜")]
    signup_id = events.entered(captain, event_id, mates=tuple(named for _, named in others))
    people = [captain, *(one for one, _ in others)]
    for one in people[1:]:
        events.join(one, signup_id)
    assert (events.states(signup_id), events.taken(event_id)) == ([State.CONFIRMED], [3])
    return event_id, signup_id, people


def asked_in(events: Entries, signup_id: SignupId, people: list[MemberActor], now: datetime.datetime) -> MemberActor:
    """The last one leaves, and the captain asks somebody else in."""
    newcomer, named = events.named("周洁")
    events.turn_down(people[2], signup_id, now=now)
    assert events.replace(people[0], signup_id, 2, named, now=now) is None
    return newcomer


def presences(events: Entries, signup_id: SignupId) -> list[Presence]:
    return [one.presence for one in events.entry(signup_id).people]


def test_a_newcomer_of_a_team_that_stands_has_as_long_as_whoever_is_asked_first(events: Entries) -> None:
    event_id, signup_id, people = crew(events)
    newcomer = asked_in(events, signup_id, people, NOW)
    due_at = events.entry(signup_id).due_at
    assert due_at == rules.join_by(events.seen(event_id).terms, NOW) == NOW + 2 * DAY
    assert (events.states(signup_id), events.taken(event_id)) == ([State.CONFIRMED], [3])
    events.join(newcomer, signup_id, now=due_at - TICK)
    assert events.entry(signup_id).due_at is None and events.expire(due_at) == 0
    assert presences(events, signup_id) == [Presence.IN] * 3


def test_who_does_not_answer_falls_out_the_team_stands_and_the_line_moves_up(
    events: Entries, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    event_id, signup_id, people = crew(events)
    run_jobs()
    newcomer = asked_in(events, signup_id, people, NOW)
    waiting = events.entered(events.member("赵磊"), event_id, category=2)
    due_at = events.entry(signup_id).due_at
    assert due_at and events.expire(due_at - TICK) == 0 and events.states(waiting) == [State.WAITING]
    run_jobs()
    events.expire(due_at)
    assert events.states(signup_id, waiting) == [State.CONFIRMED, State.OFFERED]
    assert (presences(events, signup_id)[2], events.entry(signup_id).due_at) == (Presence.DECLINED, None)
    assert events.taken(event_id) == [3] and events.expire(due_at + TICK) == 0
    run_jobs()
    assert inbox(sql, people[0])[-1] == "event.mate_silent"
    assert inbox(sql, newcomer) == ["event.invited", "event.dropped"]
    assert "event.mate_silent" not in inbox(sql, people[1])
    events.entered(newcomer, event_id, category=2)


def test_a_newcomer_who_turns_down_leaves_no_time_behind(events: Entries) -> None:
    event_id, signup_id, people = crew(events)
    newcomer = asked_in(events, signup_id, people, NOW)
    events.turn_down(newcomer, signup_id, now=NOW)
    assert (events.states(signup_id), events.entry(signup_id).due_at) == ([State.CONFIRMED], None)
    assert events.taken(event_id) == [2]


def test_a_team_that_loses_another_while_it_waits_for_the_newcomer_has_until_then(events: Entries) -> None:
    """Two are in and one is asked: without one of the two it does not stand any more."""
    event_id, signup_id, people = crew(events)
    newcomer = asked_in(events, signup_id, people, NOW)
    events.turn_down(people[1], signup_id, now=NOW + HOUR)
    seen = events.entry(signup_id)
    assert (seen.state, seen.due_at) == (State.FORMING, NOW + HOUR + 2 * DAY)
    events.join(newcomer, signup_id, now=NOW + HOUR)
    assert (events.states(signup_id), events.taken(event_id)) == ([State.CONFIRMED], [2])


def test_who_is_asked_in_while_the_team_forms_has_his_whole_time_too(events: Entries) -> None:
    event_id, captain = events.event(categories=CREW), events.member("王强")
    (_, first), (second, named) = events.named("林芳"), events.named("李娜")
    signup_id = events.entered(captain, event_id, mates=(first,), now=NOW)
    later = NOW + 2 * DAY - HOUR
    assert events.entry(signup_id).due_at == NOW + 2 * DAY
    assert events.replace(captain, signup_id, 1, named, now=later) is None
    assert events.entry(signup_id).due_at == later + 2 * DAY
    events.join(second, signup_id, now=later + DAY)
    assert events.states(signup_id) == [State.CONFIRMED]


def test_once_the_door_is_open_nobody_falls_out(events: Entries) -> None:
    event_id, signup_id, people = crew(events)
    starts_at = events.seen(event_id).terms.starts_at
    asked_in(events, signup_id, people, starts_at - HOUR / 2)
    events.expire(starts_at)
    assert presences(events, signup_id) == [Presence.IN, Presence.IN, Presence.INVITED]


def test_who_is_replaced_before_he_answered_is_told_and_finds_that_behind_his_link(
    events: Entries, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    event_id, captain = events.event(categories=CREW), events.member("王强")
    (first, his), (_, hers) = events.named("林芳"), events.named("李娜")
    signup_id = events.entered(captain, event_id, mates=(his,))
    run_jobs()
    assert events.replace(captain, signup_id, 1, hers) is None
    run_jobs()
    assert inbox(sql, first) == ["event.invited", "event.dropped"]
    for verb in (events.join, events.turn_down):
        with fails(errors.SIGNUP_REPLACED, event=str(event_id)):
            verb(first, signup_id)
        with fails(errors.SIGNUP_UNKNOWN):
            verb(events.member("外人"), signup_id)
    assert events.replace(captain, signup_id, 1, his) is None
    run_jobs()
    assert inbox(sql, first) == ["event.invited", "event.dropped", "event.invited"], "asked again"
    events.join(first, signup_id)
    assert events.states(signup_id) == [State.CONFIRMED]


def test_who_said_no_himself_is_told_nothing_when_another_has_his_place(
    events: Entries, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    _, signup_id, people = crew(events)
    asked_in(events, signup_id, people, NOW)
    run_jobs()
    assert "event.dropped" not in inbox(sql, people[2])
    with fails(errors.SIGNUP_REPLACED):
        events.join(people[2], signup_id)


def test_who_answers_in_the_last_moment_is_in_or_out_and_his_place_is_one(app: Flask, events: Entries) -> None:
    event_id, signup_id, people = crew(events)
    newcomer = asked_in(events, signup_id, people, NOW)
    waiting = events.entered(events.member("赵磊"), event_id, category=2)
    due_at = events.entry(signup_id).due_at
    assert due_at

    def answer() -> str:
        try:
            events.join(newcomer, signup_id, now=due_at)
        except Conflict as late:
            return late.code
        return "in"

    with connected_to(app):
        said = together(answer, lambda: events.expire(due_at))[0]
    seen, line = events.entry(signup_id), events.states(waiting)
    assert (seen.state, seen.due_at, events.taken(event_id)) == (State.CONFIRMED, None, [3])
    outcome = (said, seen.people[2].presence, line)
    assert outcome in (
        ("in", Presence.IN, [State.WAITING]), (errors.NOT_INVITED, Presence.DECLINED, [State.OFFERED]),
    )  # fmt: skip
