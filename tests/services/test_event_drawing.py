"""The draw of an event: once, after the end of sign-up, and anybody can run it again."""

import datetime
from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from psycopg import Connection

from services.accounts.types import MemberActor, Role
from services.core import clock
from services.core.errors import Conflict, NotFound
from services.events import draw as drum
from services.events import errors
from services.events.queries import draws, mine
from services.events.service import drawing, leaving, offering, organising, seats, signing_up
from services.events.service.drawing import Drawn
from services.events.types import (
    Category,
    Entry,
    EventId,
    Kind,
    Mode,
    Named,
    Quota,
    QuotaKind,
    Signup,
    SignupId,
    State,
)
from services.members.documents import Sex
from tests.builders.events import Gathering
from tests.builders.world import World
from tests.harness.statements import statements
from tests.harness.threads import connected_to, together

CLOSED = datetime.timedelta(days=5, minutes=1)
PAIR = (Category(1, {"zh": "单人或双人"}, 1, 2),)


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


def enter(world: World, event_id: EventId, *actors: MemberActor, **entry: Any) -> list[SignupId]:
    found = []
    for actor in actors:
        one = world.do(
            lambda actor=actor: signing_up.sign_up(  # type: ignore[misc]
                actor=actor, event_id=event_id, entry=Entry(**entry), now=clock.now()
            )
        )
        found.append(SignupId(one))
    return found


def draw(gathering: Gathering, event_id: EventId, after: datetime.timedelta = CLOSED) -> Drawn:
    officer = gathering.officer
    return gathering.world.do(lambda: drawing.draw(actor=officer, event_id=event_id, now=clock.now() + after))


def seen(world: World, ids: list[SignupId]) -> list[Signup]:
    return world.look(lambda: mine.signups(ids))


def test_places_go_in_the_order_of_the_draw_and_the_others_wait_in_it(world: World, gathering: Gathering) -> None:
    event_id = gathering.event(places=3, mode=Mode.DRAW, waiting_most=1)
    ids = enter(world, event_id, *gathering.members(*"甲乙丙丁戊己庚辛"))
    assert draw(gathering, event_id) == Drawn(3, 5, 0)
    entries = seen(world, ids)
    published = world.look(lambda: draws.published(event_id))
    assert published is not None
    assert published.record is not None
    won = {one.number for one in entries if one.state is State.CONFIRMED}
    waiting = sorted((one for one in entries if one.state is State.WAITING), key=lambda one: one.position or 0)
    assert won == set(published.record["winners"])
    assert [one.number for one in waiting] == published.record["waiting"]
    event = gathering.seen(event_id)
    assert (event.total.taken, event.waiting, event.drawn_at is not None) == (3, 5, True)


def test_the_published_files_give_the_same_draw_and_fit_the_promise(world: World, gathering: Gathering) -> None:
    sexes = (Quota(0, QuotaKind.ALL, 4), Quota(1, QuotaKind.SEX, 1, sex=Sex.MALE))
    event_id = gathering.event(quotas=sexes, mode=Mode.DRAW)
    enter(world, event_id, *gathering.members(*"甲乙丙", sex=Sex.MALE), *gathering.members(*"丁戊", sex=Sex.FEMALE))
    before = world.look(lambda: draws.published(event_id))
    assert before is not None
    assert (before.record, before.entries) == (None, None)
    draw(gathering, event_id)
    after = world.look(lambda: draws.published(event_id))
    assert after is not None
    assert after.record is not None
    listed = world.look(lambda: draws.list_file(event_id))
    assert listed is not None
    record = drum.read_record(drum.write_record(after.record))
    entries = drum.read_entries(listed, 2)
    assert (after.entries, world.look(lambda: draws.record_of(event_id))) == (len(entries), after.record)
    found = drum.check(record, entries, drum.list_digest(entries, 2), before.commitment)
    assert [fits for fits, _, _ in found] == [True] * 5
    assert [room.taken for room in gathering.seen(event_id).rooms] == [3, 1]


def test_an_entry_in_which_somebody_has_not_confirmed_falls_out(world: World, gathering: Gathering) -> None:
    event_id = gathering.event(mode=Mode.DRAW, categories=PAIR)
    gathering.member("林芳", phone="10033330002")
    pair = enter(world, event_id, gathering.member("王强"), mates=(Named("林芳", "10033330002"),))
    single = enter(world, event_id, gathering.member("陈静"))
    assert draw(gathering, event_id) == Drawn(1, 0, 1)
    assert [one.state for one in seen(world, [*pair, *single])] == [State.LAPSED, State.CONFIRMED]


@pytest.mark.parametrize(
    ("terms", "after", "code"),
    [
        ({"mode": Mode.DRAW}, datetime.timedelta(days=4), errors.DRAW_TOO_EARLY),
        ({"mode": Mode.DRAW}, datetime.timedelta(days=9), errors.EVENT_OVER),
        ({}, CLOSED, errors.NOT_A_DRAW),
    ],
)
def test_a_draw_has_its_time_and_its_kind(
    gathering: Gathering, terms: dict[str, Any], after: datetime.timedelta, code: str
) -> None:
    event_id = gathering.event(**terms)
    with pytest.raises(Conflict) as no:
        draw(gathering, event_id, after)
    assert no.value.code == code


def test_it_is_held_once_and_by_nobody_from_below(world: World, gathering: Gathering) -> None:
    event_id = gathering.event(mode=Mode.DRAW)
    below = gathering.another_officer(Role.GRASSROOTS)
    with pytest.raises(NotFound):
        world.do(lambda: drawing.draw(actor=below, event_id=event_id, now=clock.now() + CLOSED))
    assert draw(gathering, event_id) == Drawn(0, 0, 0)
    with pytest.raises(Conflict) as again:
        draw(gathering, event_id)
    assert again.value.code == errors.DRAWN_ALREADY


def test_of_officers_at_once_one_draws(app: Flask, world: World, gathering: Gathering) -> None:
    event_id = gathering.event(places=2, mode=Mode.DRAW)
    enter(world, event_id, *gathering.members(*"甲乙丙丁"))

    def knock() -> str:
        try:
            draw(gathering, event_id)
        except Conflict as late:
            return late.code
        return "drawn"

    with connected_to(app):
        outcomes = together(*[knock] * 4)
    assert sorted(outcomes) == ["drawn", *[errors.DRAWN_ALREADY] * 3]
    assert gathering.seen(event_id).total.taken == 2


def test_a_place_given_back_goes_to_the_first_of_the_draws_waiting_order(world: World, gathering: Gathering) -> None:
    event_id = gathering.event(places=1, mode=Mode.DRAW)
    people = gathering.members(*"甲乙丙")
    ids = enter(world, event_id, *people)
    draw(gathering, event_id)
    entries = seen(world, ids)
    winner = next(n for n, one in enumerate(entries) if one.state is State.CONFIRMED)
    first = next(one for one in entries if one.position == 1)
    world.do(lambda: leaving.cancel(actor=people[winner], signup_id=ids[winner], now=clock.now() + CLOSED))
    assert seen(world, [first.id])[0].state is State.OFFERED


def test_who_lost_has_more_tickets_in_the_next_draw_of_the_kind(world: World, gathering: Gathering) -> None:
    people = gathering.members(*"甲乙")
    first = gathering.event(places=1, mode=Mode.DRAW)
    before = seen(world, enter(world, first, *people))
    draw(gathering, first)
    after = seen(world, [one.id for one in before])
    second = seen(world, enter(world, gathering.event(places=1, mode=Mode.DRAW), *people))
    assert [one.tickets for one in before] == [1, 1]
    assert [one.tickets for one in second] == [1 if one.state is State.CONFIRMED else 2 for one in after]


def test_the_draw_of_an_event_that_is_called_off_has_cost_nobody_his_tickets(
    world: World, gathering: Gathering
) -> None:
    people, officer = gathering.members(*"甲乙"), gathering.officer

    def lost() -> list[int]:
        of, later = [one.member_id for one in people], clock.now() + 2 * CLOSED
        return world.look(lambda: draws.losses(of, kind=Kind.SPORT, now=later))

    first, second = gathering.event(places=1, mode=Mode.DRAW), gathering.event(places=2, mode=Mode.DRAW)
    for event_id in (first, second):
        enter(world, event_id, *people)
    draw(gathering, first)
    before = lost()
    assert sorted(before) == [0, 1]
    draw(gathering, second)
    assert lost() == [0, 0], "both have won"
    world.do(lambda: organising.cancel(actor=officer, event_id=second, note="场馆停电", now=clock.now() + CLOSED))
    assert lost() == before


def test_odds_are_by_tickets_and_add_up_to_the_places(world: World, gathering: Gathering) -> None:
    event_id = gathering.event(places=2, mode=Mode.DRAW)
    enter(world, event_id, *gathering.members(*"甲乙丙丁戊己庚辛"))
    found = world.look(lambda: draws.odds(gathering.seen(event_id)))
    assert (found.entries, found.people, found.places) == (8, 8, 2)
    assert found.chance(1) == pytest.approx(0.25)
    assert found.chance(1) < found.chance(2) < found.chance(4) < 1


def entries_of(sql: Connection, event_id: EventId, captain: MemberActor, count: int) -> None:
    """So many entries in a draw, each of one person with a row in signup_people."""
    sql.execute(
        """WITH made AS (
            INSERT INTO signups (id, event_id, number, category, state, captain_id, counts, tickets, refilled,
                created_at, changed_at)
            SELECT gen_random_uuid(), %(event)s, translate(lpad(to_hex(n), 8, '0'), 'abcdef', 'ABCDEF'), 1, 'entered',
                %(captain)s, '{"0": 1}', 1 + n %% 4, false, now(), now() FROM generate_series(1, %(count)s) n
            RETURNING id)
        INSERT INTO signup_people (signup_id, ordinal, event_id, once_id, member_id, role, presence, active)
            SELECT id, 0, %(event)s, gen_random_uuid(), %(captain)s, 'member', 'in', true FROM made""",
        {"event": event_id, "captain": captain.member_id, "count": count},
    )
    sql.execute("ANALYZE signups, signup_people")


def test_after_a_large_draw_one_who_cancels_reads_little_of_the_line_and_it_closes_in_parts(
    world: World, gathering: Gathering, sql: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(offering, "AT_ONCE", 300)
    event_id, captain, people = gathering.event(places=5, mode=Mode.DRAW), gathering.member(), 1000
    entries_of(sql, event_id, captain, people)
    draw(gathering, event_id)
    (won,) = sql.execute("SELECT id FROM signups WHERE state = 'confirmed' LIMIT 1").fetchone() or (None,)
    read, counts = list[Mapping[str, Any]](), seats.read_counts

    def spied(kept: Mapping[str, Any]) -> dict[int, int]:
        read.append(kept)
        return counts(kept)

    monkeypatch.setattr(seats, "read_counts", spied)
    world.do(lambda: leaving.cancel(actor=captain, signup_id=SignupId(won), now=clock.now() + CLOSED))
    assert 0 < len(read) < 10
    offered = sql.execute("SELECT count(*) FROM signups WHERE state = 'offered'").fetchone()
    assert offered == (1,)
    late, closed = gathering.seen(event_id).terms.starts_at, []
    while count := world.do(lambda: offering.expire(late)):
        closed.append(count)
    assert closed == [301, 300, 300, 94]
    told = sql.execute(
        "SELECT count(DISTINCT args #>> '{payload,signup_id}'), count(DISTINCT args ->> 'message_id'), count(*)"
        " FROM procrastinate_jobs WHERE args #>> '{payload,what}' = 'no_place'"
    ).fetchone()
    assert told == (994, 994, 994)


def test_ten_thousand_entries_are_drawn_in_few_statements(world: World, gathering: Gathering, sql: Connection) -> None:
    """Each of them has five seconds; the whole is some two on a machine that has nothing else to do."""
    event_id, people = gathering.event(places=1000, mode=Mode.DRAW), 10_000
    captain = gathering.member()
    sql.execute(
        """INSERT INTO signups (id, event_id, number, category, state, captain_id, counts, tickets, refilled,
                created_at, changed_at)
            SELECT gen_random_uuid(), %s, translate(lpad(to_hex(n), 8, '0'), 'abcdef', 'ABCDEF'), 1, 'entered', %s,
                '{"0": 1}', 1 + n %% 4, false, now(), now() FROM generate_series(1, %s) n""",
        (event_id, captain.member_id, people),
    )
    with statements() as sent:
        assert draw(gathering, event_id) == Drawn(1000, 9000, 0)
    assert len(sent) <= 20, len(sent)
    assert gathering.seen(event_id).total.taken == 1000
    row = sql.execute("SELECT count(*), count(DISTINCT position) FROM signups WHERE state = 'waiting'").fetchone()
    assert row == (9000, 9000)
