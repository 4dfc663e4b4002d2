"""A worker is killed at random moments while waiting lines move up and entries are reminded: every offer is made once
and told once, every reminder comes once, and no place is lost or given twice."""

import contextlib
import random
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from services.accounts.types import MemberActor
from services.core import clock
from services.core.errors import Conflict
from services.events.service import leaving, offering, signing_up
from services.events.types import Entry, EventId
from tests.builders.events import Gathering
from tests.builders.world import World
from tests.harness.invariants import nothing_doubled_or_lost
from tests.harness.processes import Processes, until
from tests.stories.test_sending_killed import DYING

PLACES = 10
#: Some of the offers that have been told run out.
RUN_OUT = b"""UPDATE signups SET due_at = now() - interval '1 second' WHERE id IN (
    SELECT s.id FROM signups s WHERE s.state = 'offered' AND s.due_at > now() AND EXISTS (
        SELECT FROM inbox_messages i WHERE i.facts ->> 'signup' = s.id::text AND i.template LIKE 'event.offered%%')
    ORDER BY random() LIMIT %s FOR UPDATE SKIP LOCKED)"""
#: For some entries it is time to be reminded: they were confirmed long ago.
FALL_DUE = b"""UPDATE signups SET changed_at = now() - interval '1 day' WHERE id IN (
    SELECT id FROM signups WHERE event_id = ANY(%s) AND changed_at > now() - interval '1 hour'
    LIMIT %s FOR UPDATE SKIP LOCKED)"""
NEAR = b"UPDATE events SET starts_at = now() + interval '90 minutes' WHERE id = ANY(%s)"
GIVES_UP = b"SELECT id, captain_id FROM signups WHERE event_id = %s AND state = 'confirmed' ORDER BY random() LIMIT 1"
TAKES = b"""SELECT s.id, s.captain_id FROM signups s JOIN inbox_messages i ON i.facts ->> 'signup' = s.id::text
    WHERE s.event_id = %s AND s.state = 'offered' AND i.template LIKE 'event.offered%%' LIMIT 1"""
#: The worker that died has not been heard of for a minute.
DEAD = b"UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"
DONE = b"SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'messages' AND status = 'succeeded'"
LEFT = b"""SELECT (SELECT count(*) FROM signups WHERE state IN ('waiting', 'offered'))
    + (SELECT count(*) FROM signups WHERE event_id = ANY(%s) AND reminded_at IS NULL)
    + (SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'messages' AND status IN ('todo', 'doing'))"""
MISTOLD = b"""SELECT made.subject_id, made.times, posted.times, told.times FROM (
        SELECT subject_id, count(*) AS times FROM audit_entries WHERE action = 'signup.offered' GROUP BY 1) made,
    LATERAL (SELECT count(*) AS times FROM procrastinate_jobs WHERE task_name = 'events.signup'
        AND args #>> '{payload,signup_id}' = made.subject_id::text AND args #>> '{payload,what}' = 'offered') posted,
    LATERAL (SELECT count(*) AS times FROM inbox_messages WHERE facts ->> 'signup' = made.subject_id::text
        AND template LIKE 'event.offered%') told
    WHERE (made.times, posted.times, told.times) <> (1, 1, 1)"""
REMINDED = b"""SELECT s.id, count(i.id) FROM signups s LEFT JOIN inbox_messages i
    ON i.facts ->> 'signup' = s.id::text AND i.template = 'event.reminder'
    WHERE s.event_id = ANY(%s) GROUP BY s.id HAVING count(i.id) <> 1"""


@pytest.fixture
def mover(environment: dict[str, str], tmp_path: Path, world: World) -> Iterator[Processes]:
    found = Processes({**environment, "DEMO": "0"}, tmp_path / "log", worker=("tests.stories.moving_worker",))
    yield found
    found.stop()


@pytest.mark.timeout(300)
def test_a_few_kills_while_lines_move_up(world: World, sql: psycopg.Connection, mover: Processes) -> None:
    print(_run(world, sql, mover, waiting=24, reminded=20, kills=3, chance=random.Random()))


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", [1, 2])
def test_lines_move_up_through_fifty_kills(
    world: World, sql: psycopg.Connection, mover: Processes, seed: int
) -> None:  # fmt: skip
    print(_run(world, sql, mover, waiting=400, reminded=200, kills=50, chance=random.Random(seed)))


def _run(
    world: World, sql: psycopg.Connection, mover: Processes, *, waiting: int, reminded: int, kills: int,
    chance: random.Random,
) -> str:  # fmt: skip
    gathering = Gathering(world)
    line = gathering.event(places=PLACES, waiting_most=1000)
    _enter(world, gathering.members(*(f"候补{number}" for number in range(PLACES + waiting))), line)
    near = [gathering.event(places=10) for _ in range(reminded // 10)]
    for one in near:
        _enter(world, gathering.members(*(f"参加{number}" for number in range(10))), one)
    sql.execute(NEAR, [near])

    done = 0
    mover.start("worker")
    while _number(sql, LEFT, [near]):
        known = _number(sql, DONE)
        _something_happens(world, sql, chance, line, near)
        with contextlib.suppress(AssertionError):
            # At the end nothing is posted any more.
            until(lambda known=known: _number(sql, DONE) > known, "it goes on", 5)
        if done < kills:
            time.sleep(chance.uniform(0, 0.1))
            mover.kill("worker")
            done += 1
            until(lambda: sql.execute(DYING).fetchone() is None, "the server is done with what the dead one began")
            sql.execute(DEAD)
            mover.start("worker")
        assert not mover.ended(), mover.tail()
    mover.kill("worker")

    assert done == kills, "the line was long enough for all kills"
    assert sql.execute(MISTOLD).fetchall() == []
    assert sql.execute(REMINDED, [near]).fetchall() == []
    offers = _number(sql, b"SELECT count(*) FROM audit_entries WHERE action = 'signup.offered'")
    assert offers == waiting, "everybody who waited had a turn"
    sql.execute(b"DELETE FROM procrastinate_jobs WHERE status = 'succeeded'")
    nothing_doubled_or_lost(sql, drained=True)
    return f"{done} kills, {offers} offers, {reminded} reminders"


def _something_happens(
    world: World, sql: psycopg.Connection, chance: random.Random, line: EventId, near: list[EventId]
) -> None:
    """Offers that were told run out, one is taken, a place is given up, some entries fall due to be reminded."""
    for query, verb, often in ((TAKES, offering.accept, 0.3), (GIVES_UP, leaving.cancel, 1)):
        row = sql.execute(query, [line]).fetchone()
        if row and chance.random() < often:
            actor = MemberActor(row[1], row[1])
            with contextlib.suppress(Conflict):
                world.do(lambda verb=verb, row=row, actor=actor: verb(actor=actor, signup_id=row[0], now=clock.now()))
    sql.execute(RUN_OUT, [chance.randint(1, 8)])
    sql.execute(FALL_DUE, [near, chance.randint(1, 6)])


def _enter(world: World, people: list[MemberActor], event_id: EventId) -> None:
    for one in people:
        found = world.do(
            lambda one=one: signing_up.sign_up(actor=one, event_id=event_id, entry=Entry(), now=clock.now())
        )
        assert isinstance(found, uuid.UUID), found


def _number(sql: psycopg.Connection, query: bytes, values: list[object] | None = None) -> int:
    row = sql.execute(query, values).fetchone()
    assert row is not None
    return int(row[0])
