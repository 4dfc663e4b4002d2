"""Budgets hold in the database; what is over is forgotten, and so are old codes, ways and requests."""

import datetime

import psycopg
import pytest

from app import jobs
from services.core import clock
from services.core.budget import DAY, HOUR, MINUTE, left, spend
from tests.builders.binding import Binding, number
from tests.builders.world import World

NOON = datetime.datetime(2026, 11, 20, 4, 0, 30, tzinfo=datetime.UTC)
MIDNIGHT = datetime.datetime(2026, 11, 20, 16, 0, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)


def _spend(world: World, now: datetime.datetime, *limits: tuple[int, int], who: bytes = b"x") -> int:
    return world.do(lambda: spend("test", who, limits=limits, now=now))


def test_a_budget_says_when_it_begins_anew(world: World) -> None:
    assert [_spend(world, NOON, (MINUTE, 2)) for _ in range(3)] == [0, 0, 31]
    assert _spend(world, NOON + 30 * SECOND, (MINUTE, 2)) == 0
    assert _spend(world, NOON, (MINUTE, 2), who=b"y") == 0


def test_a_day_is_a_day_in_china(world: World) -> None:
    assert _spend(world, MIDNIGHT - SECOND, (DAY, 1)) == 0
    assert _spend(world, MIDNIGHT - SECOND, (DAY, 1)) == 2
    assert _spend(world, MIDNIGHT, (DAY, 1)) == 0


def test_asking_whether_something_is_left_takes_nothing(world: World, sql: psycopg.Connection) -> None:
    def asked(*limits: tuple[int, int]) -> bool:
        return world.do(lambda: left("test", b"x", limits=limits, now=NOON))

    assert [asked((DAY, 2)), asked((DAY, 2)), asked((DAY, 0))] == [True, True, False]
    assert sql.execute("SELECT used FROM spendings").fetchall() == [(0,)]
    assert [_spend(world, NOON, (DAY, 2)), asked((DAY, 2)), asked((MINUTE, 9), (DAY, 1))] == [0, True, False]
    assert [_spend(world, NOON, (DAY, 2)), asked((DAY, 2))] == [0, False]


def test_a_no_that_is_undone_counts_nothing(world: World, sql: psycopg.Connection) -> None:
    _spend(world, NOON, (HOUR, 1))

    def refused() -> None:
        if spend("test", b"x", limits=((MINUTE, 9), (HOUR, 1)), now=NOON):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        world.do(refused)
    assert sql.execute("SELECT seconds, used FROM spendings").fetchall() == [(HOUR, 1)]


def test_what_has_had_its_time_is_forgotten_and_the_rest_stays(world: World, sql: psycopg.Connection) -> None:
    binding = Binding(world)
    old, new = clock.now() - datetime.timedelta(days=200), clock.now()
    for at in (old, new):
        _spend(world, at, (HOUR, 5))
        sql.execute(
            "INSERT INTO phone_codes (id, request_digest, purpose, phone, code_mac, attempts, created_at, expires_at) "
            "VALUES (gen_random_uuid(), %s, 'sign_in', '', '', 0, %s, %s)",
            [at.isoformat().encode(), at, at],
        )
        later = at + datetime.timedelta(minutes=10)
        sql.execute(
            "INSERT INTO sign_in_states (digest, browser_digest, expires_at) VALUES (%s, '', %s)",
            [at.isoformat().encode(), later],
        )
        binding.filed(binding.visitor(phone=f"1000000{at.month:04d}"), number())
    closed = (
        "UPDATE binding_requests SET status = 'withdrawn', closed_at = %s WHERE id = (SELECT min(id::text)::uuid FROM "
    )
    sql.execute(closed + "binding_requests)", [old])
    with world.app.app_context():
        jobs.purge(0)
    rest = {
        table: sql.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # type: ignore[index]
        for table in ("phone_codes", "sign_in_states", "binding_requests")
    }
    assert rest == {"phone_codes": 1, "sign_in_states": 1, "binding_requests": 1}
    assert sql.execute("SELECT count(*) FROM spendings WHERE begins_at < now() - interval '3 days'").fetchone() == (0,)
    assert sql.execute("SELECT count(*) FROM spendings").fetchone() != (0,)


def test_an_amount_is_taken_whole_or_not_at_all(world: World, sql: psycopg.Connection) -> None:
    def take(amount: int) -> int:
        return world.do(lambda: spend("test", b"x", limits=((DAY, 10),), now=NOON, amount=amount))

    assert take(11) > 0, "not even of an empty span"
    assert [take(6), take(5) > 0, take(4), take(1) > 0] == [0, True, 0, True]
    assert sql.execute("SELECT used FROM spendings").fetchall() == [(10,)]
