"""Nobody gets round a miss, nobody pays for another, and a draw is held as it was promised."""

import dataclasses
import datetime
import functools
from typing import Any

import psycopg
import pytest

from services.accounts.types import MemberActor
from services.core.calendar import SHANGHAI
from services.core.errors import Conflict, Refusal
from services.events import errors, rules
from services.events.queries import draws
from services.events.service import door, drawing, joining, leaving, missing, organising
from services.events.types import Category, EventId, How, Joining, Kind, Mode, Quota, QuotaKind, SignupId, State
from services.events.types.door import Arrival
from services.members.documents import Sex
from tests.builders.entries import Entries, nothing_written
from tests.builders.events import HOUR, total
from tests.builders.world import DAY, World

PAIR = (Category(1, {"zh": "双打"}, 2, 2),)
CREW = (Category(1, {"zh": "接力"}, 2, 3),)
MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def events(world: World) -> Entries:
    return Entries(world)


def team(events: Entries, event_id: EventId, mates: int = 1) -> tuple[list[MemberActor], SignupId]:
    """Everybody of it has said yes."""
    captain, others = events.member("王强"), [events.named(name) for name in ("林芳", "李娜")[:mates]]
    signup_id = events.entered(captain, event_id, mates=tuple(named for _, named in others))
    for actor, _ in others:
        events.join(actor, signup_id)
    assert events.states(signup_id) == [State.CONFIRMED]
    return [captain, *(actor for actor, _ in others)], signup_id


def tick(events: Entries, event_id: EventId, signup_id: SignupId, *ordinals: int) -> Arrival | Refusal:
    officer, at = events.officer, events.seen(event_id).terms.starts_at
    return events.world.do(
        lambda: door.tick(actor=officer, event_id=event_id, signup_id=signup_id, ordinals=ordinals, now=at)
    )


def missed(events: Entries, event_id: EventId, sql: psycopg.Connection) -> dict[Any, str]:
    """By member, once somebody else has come and the event is over."""
    came = events.entered(events.member("来了"), event_id, category=2)
    assert isinstance(tick(events, event_id, came, 0), Arrival)
    events.world.do(lambda: missing.settle(events.seen(event_id).terms.ends_at + 2 * DAY))
    return dict(sql.execute("SELECT member_id, because FROM event_misses").fetchall())


def draw(events: Entries, event_id: EventId) -> datetime.datetime:
    officer, at = events.officer, events.seen(event_id).terms.closes_at
    events.world.do(lambda: drawing.draw(actor=officer, event_id=event_id, now=at))
    return at


SINGLE = Category(2, {"zh": "单打"})


def test_a_mate_who_leaves_late_and_the_captain_who_then_cancels_have_both_missed(
    events: Entries, sql: psycopg.Connection
) -> None:
    event_id = events.event(categories=(*PAIR, SINGLE))
    (captain, mate), signup_id = team(events, event_id)
    late = events.seen(event_id).terms.starts_at - HOUR
    events.turn_down(mate, signup_id, now=late)
    assert events.states(signup_id) == [State.FORMING]
    events.cancel(captain, signup_id, now=late + MINUTE)
    assert missed(events, event_id, sql) == {captain.member_id: "late_cancel", mate.member_id: "late_cancel"}


def test_a_mate_who_leaves_in_time_has_missed_nothing(events: Entries, sql: psycopg.Connection) -> None:
    event_id = events.event(categories=(*PAIR, SINGLE))
    (captain, mate), signup_id = team(events, event_id)
    events.turn_down(mate, signup_id)
    events.cancel(captain, signup_id)
    assert missed(events, event_id, sql) == {}


def test_a_captain_who_keeps_a_broken_team_and_stays_away_has_missed(events: Entries, sql: psycopg.Connection) -> None:
    event_id = events.event(categories=(*PAIR, SINGLE))
    (captain, mate), signup_id = team(events, event_id)
    starts_at = events.seen(event_id).terms.starts_at
    events.turn_down(mate, signup_id, now=starts_at - DAY)
    assert (events.entry(signup_id).due_at, events.expire(starts_at - MINUTE)) == (starts_at, 0)
    assert missed(events, event_id, sql) == {captain.member_id: "no_show", mate.member_id: "late_cancel"}


@pytest.mark.parametrize("joins", [True, False])
def test_who_left_late_is_to_blame_until_another_has_said_yes(
    events: Entries, sql: psycopg.Connection, joins: bool
) -> None:
    event_id = events.event(categories=(*PAIR, SINGLE))
    (captain, mate), signup_id = team(events, event_id)
    late = events.seen(event_id).terms.starts_at - DAY
    events.turn_down(mate, signup_id, now=late)
    other, named = events.named("周洁")
    assert events.replace(captain, signup_id, 1, named, now=late) is None
    if joins:
        events.join(other, signup_id, now=late)
    assert isinstance(tick(events, event_id, signup_id, 0), Arrival)
    # Who was invited and did not answer owes nothing.
    left = {other.member_id: "no_show"} if joins else {mate.member_id: "late_cancel"}
    assert missed(events, event_id, sql) == left


def test_one_who_leaves_late_shuts_nobody_out_who_comes(events: Entries) -> None:
    event_id = events.event(categories=PAIR)
    (_, mate), signup_id = team(events, event_id)
    starts_at = events.seen(event_id).terms.starts_at
    events.turn_down(mate, signup_id, now=starts_at - HOUR)
    assert events.entry(signup_id).due_at == starts_at
    assert events.expire(starts_at + MINUTE) == 0
    found = tick(events, event_id, signup_id, 0)
    assert isinstance(found, Arrival) and found.person.how is How.NAME and not found.others


def test_who_was_invited_and_never_said_yes_is_not_let_in(events: Entries) -> None:
    starts_at = events.terms().starts_at
    event_id = events.event(categories=PAIR, closes_at=starts_at)
    _, named = events.named("林芳")
    signup_id = events.entered(events.member("王强"), event_id, now=starts_at - HOUR / 2, mates=(named,))
    assert tick(events, event_id, signup_id, 1) == Refusal(errors.DOOR_FORMING)
    assert isinstance(tick(events, event_id, signup_id, 0), Arrival)


def test_where_enough_are_left_a_late_place_goes_to_the_line_and_then_nobody_is_to_blame(
    events: Entries, sql: psycopg.Connection
) -> None:
    event_id = events.event(categories=(*CREW, SINGLE), places=4)
    people, signup_id = team(events, event_id, 2)
    others = events.members("甲", "乙")
    ids = [events.entered(one, event_id, category=2) for one in others]
    late = events.seen(event_id).terms.starts_at - DAY
    assert events.states(*ids) == [State.CONFIRMED, State.WAITING]
    events.turn_down(people[2], signup_id, now=late)
    assert events.states(signup_id, ids[1]) == [State.CONFIRMED, State.OFFERED]
    blamed = "SELECT late_id FROM signup_people WHERE late_id IS NOT NULL"
    assert sql.execute(blamed).fetchall() == [(people[2].member_id,)]
    events.accept(others[1], ids[1], now=late)
    assert sql.execute(blamed).fetchall() == []
    _, named = events.named("周洁")
    assert events.replace(people[0], signup_id, 2, named, now=late) == Refusal(errors.QUOTA_FULL)
    events.turn_down(people[1], signup_id, now=late)
    assert (events.states(signup_id), events.taken(event_id)) == ([State.FORMING], [4])
    events.cancel(people[0], signup_id, now=late)
    assert events.taken(event_id) == [2]


def test_others_may_confirm_until_offers_end_and_after_that_until_it_begins(events: Entries) -> None:
    begins = datetime.datetime(2027, 3, 8, 14, tzinfo=SHANGHAI)
    terms = dataclasses.replace(events.terms(starts_at=begins), offers_end_minutes=120)
    terms = dataclasses.replace(terms, closes_at=terms.starts_at + HOUR)
    last = terms.starts_at - 2 * HOUR
    asked = [(last - 5 * HOUR, last), (last - 3 * DAY, last - DAY), (last + HOUR / 2, terms.starts_at)]
    assert [rules.join_by(terms, now) for now, _ in asked] == [due for _, due in asked]
    assert rules.join_by(terms, terms.starts_at) > terms.starts_at


def test_whom_another_entered_and_who_did_nothing_has_missed_nothing(events: Entries, sql: psycopg.Connection) -> None:
    event_id = events.event(categories=(*PAIR, SINGLE), joining=Joining.VOUCHED)
    (silent, first), (spoke, second) = events.named("林芳"), events.named("李娜")
    captains = events.members("王强", "陈静")
    ids = [events.entered(one, event_id, mates=(named,)) for one, named in zip(captains, (first, second), strict=True)]
    assert events.states(*ids) == [State.CONFIRMED, State.CONFIRMED]
    events.join(spoke, ids[1])
    found = missed(events, event_id, sql)
    assert silent.member_id not in found
    assert found == {one.member_id: "no_show" for one in (*captains, spoke)}


def test_who_lost_and_was_offered_a_place_after_all_has_lost_nothing(events: Entries) -> None:
    event_id = events.event(places=1, mode=Mode.DRAW)
    people = events.members("甲", "乙", "丙")
    ids = {events.entered(one, event_id): one for one in people}
    at = draw(events, event_id)
    state = dict(zip(ids, events.states(*ids), strict=True))
    winner = next(one for one in ids if state[one] is State.CONFIRMED)
    events.cancel(ids[winner], winner, now=at)
    state = dict(zip(ids, events.states(*ids), strict=True))
    offered = next(one for one in ids if state[one] is State.OFFERED)
    waiting = next(one for one in ids if state[one] is State.WAITING)

    def lost() -> list[int]:
        of = [ids[one].member_id for one in (winner, offered, waiting)]
        return events.world.look(lambda: draws.losses(of, kind=Kind.SPORT, now=at + DAY))

    assert lost() == [0, 0, 1]
    events.decline(ids[offered], offered, now=at)
    assert lost() == [0, 0, 0], "each was offered one"


def test_after_the_draw_nobody_steps_in_who_would_have_had_fewer_chances(
    events: Entries, sql: psycopg.Connection
) -> None:
    old = events.event(mode=Mode.DRAW)
    captain, (lucky, named), (_, fresh), (sharer, same) = (
        events.member("王强"), events.named("林芳"), events.named("甲"), events.named("乙"),
    )  # fmt: skip
    for actor in (captain, lucky, sharer):
        events.entered(actor, old)
    at = draw(events, old)
    sql.execute("UPDATE signups SET won = false")
    event_id = events.event(mode=Mode.DRAW, categories=PAIR, joining=Joining.VOUCHED, closes_at=at + HOUR)
    signup_id = events.entered(captain, event_id, now=at + MINUTE, mates=(named,))
    assert events.entry(signup_id).tickets == 2
    drawn = draw(events, event_id)
    events.turn_down(lucky, signup_id, now=drawn)
    refused = events.replace(captain, signup_id, 1, fresh, now=drawn)
    assert refused == Refusal(errors.MATE_FEWER_TICKETS, {"tickets": 2})
    assert events.replace(captain, signup_id, 1, same, now=drawn) is None


def rewrite(events: Entries, event_id: EventId, now: datetime.datetime, **terms: Any) -> tuple[str, Any] | None:
    event, officer = events.seen(event_id), events.officer
    after = dataclasses.replace(event.terms, **terms)
    try:
        events.world.do(
            lambda: organising.rewrite(
                actor=officer, event_id=event_id, revision=event.revision, terms=after, now=now
            )
        )  # fmt: skip
    except Conflict as no:
        return no.code, no.facts["field"]
    return None


def test_a_draw_closes_no_sooner_than_was_said_and_who_is_in_it_is_told(
    events: Entries, sql: psycopg.Connection
) -> None:
    event_id = events.event(mode=Mode.DRAW)
    events.entered(events.member(), event_id)
    terms = events.seen(event_id).terms
    early, late = terms.closes_at - HOUR, terms.closes_at + HOUR
    no = (errors.DRAW_CLOSES_SOONER, "closes_at")
    assert rewrite(events, event_id, early - DAY, closes_at=early) == no
    assert rewrite(events, event_id, early, closes_at=late) is None
    told = sql.execute(
        "SELECT args #>> '{payload,fields}' FROM procrastinate_jobs WHERE task_name = 'events.changed'"
    ).fetchall()
    assert told == [("closes_at",)]
    assert rewrite(events, event_id, late, closes_at=late + HOUR) == no


def test_between_the_end_of_sign_up_and_the_draw_no_place_moves(events: Entries) -> None:
    rooms = (total(5), Quota(1, QuotaKind.CATEGORY, 3, category=1))
    fewer, more = dataclasses.replace(rooms[1], capacity=0), Quota(2, QuotaKind.AGE, 1, ages=(20, 30))
    event_id = events.event(mode=Mode.DRAW, quotas=rooms)
    events.entered(events.member(), event_id)
    closed = events.seen(event_id).terms.closes_at
    assert rewrite(events, event_id, closed, quotas=(rooms[0], fewer)) == (
        errors.DRAW_QUOTAS_FIXED, "quotas.1.capacity",
    )  # fmt: skip
    assert rewrite(events, event_id, closed, quotas=(*rooms, more)) == (errors.DRAW_QUOTAS_FIXED, "quotas.2.capacity")
    assert rewrite(events, event_id, closed, quotas=rooms[:1]) == (errors.DRAW_QUOTAS_FIXED, "quotas.1.capacity")
    assert rewrite(events, event_id, closed, title={"zh": "夜跑"}) is None
    draw(events, event_id)
    assert rewrite(events, event_id, closed, quotas=(total(6), rooms[1])) is None


def test_who_has_checked_in_can_neither_cancel_nor_leave_the_team(events: Entries) -> None:
    event_id = events.event(categories=CREW)
    (captain, mate), signup_id = team(events, event_id)
    before = events.seen(event_id).terms.starts_at - 30 * MINUTE
    officer = events.officer
    events.world.do(
        lambda: door.tick(actor=officer, event_id=event_id, signup_id=signup_id, ordinals=[0, 1], now=before)
    )
    for leave, actor in ((leaving.cancel, captain), (joining.turn_down, mate)):
        with pytest.raises(Conflict) as refused:
            events.world.do(functools.partial(leave, actor=actor, signup_id=signup_id, now=before))
        assert refused.value.code == errors.SIGNUP_IN_ALREADY


def test_a_newcomer_of_a_team_takes_no_place_before_those_who_wait_for_it(
    events: Entries, sql: psycopg.Connection
) -> None:
    """One of two has left, and a pair waits for his place and another."""
    one_or_two = (Category(1, {"zh": "一至两人"}, least=1, most=2),)
    event_id = events.event(categories=one_or_two, places=3, joining=Joining.VOUCHED)
    captain, (mate, named) = events.member("陈静"), events.named("王伟")
    signup_id = events.entered(captain, event_id, mates=(named,))
    events.join(mate, signup_id)
    events.entered(events.member("周洁"), event_id)
    pair, (_, other) = events.member("李明"), events.named("赵磊")
    waits = events.entered(pair, event_id, mates=(other,))
    events.turn_down(mate, signup_id)
    assert (events.states(signup_id, waits), events.taken(event_id)) == ([State.CONFIRMED, State.WAITING], [2])
    newcomer = events.named("孙丽")[1]
    with nothing_written(sql):
        assert events.replace(captain, signup_id, 1, newcomer) == Refusal(errors.QUOTA_FULL)
    events.cancel(pair, waits)
    assert events.replace(captain, signup_id, 1, newcomer) is None and events.taken(event_id) == [3]


def test_a_newcomer_who_needs_no_more_of_the_total_waits_for_nobody_who_lacks_that_alone(events: Entries) -> None:
    """Full, and somebody waits: a woman takes the man's place of a pair while women have room."""
    women = Quota(1, QuotaKind.SEX, 2, sex=Sex.FEMALE)
    event_id = events.event(quotas=(total(2), women), categories=(Category(1, {"zh": "双打"}, 2, 2),))
    captain, named = events.member("王强", sex=Sex.MALE), events.named("李明", sex=Sex.MALE)[1]
    signup_id = events.entered(captain, event_id, mates=(named,))
    him, his = events.member("赵一", sex=Sex.MALE), events.named("钱二", sex=Sex.MALE)[1]
    assert events.states(events.entered(him, event_id, mates=(his,))) == [State.WAITING]
    assert events.replace(captain, signup_id, 1, events.named("林芳", sex=Sex.FEMALE)[1]) is None
    assert events.taken(event_id) == [2, 1]
