"""The one commit point: all or nothing, again where that helps, and plain words for what went wrong."""

from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.core.db import db
from services.core.errors import Conflict, LostRace, NotFound, Unavailable
from services.core.transaction import ATTEMPTS, in_transaction

WRITE = (
    "INSERT INTO idempotency_keys (scope, key, digest, status, answer, stored_at) "
    "VALUES ('test', :key, '', 200, '{}', now())"
)


class Work:
    """Writes a row each time it runs, then does what the list says for that time; after the list it ends well."""

    def __init__(self, *then: str | Exception) -> None:
        self.then, self.runs = then, 0

    def __call__(self) -> int:
        self.runs += 1
        db.session.execute(text(WRITE), {"key": f"run-{self.runs}"})
        if self.runs <= len(self.then):
            act = self.then[self.runs - 1]
            if isinstance(act, Exception):
                raise act
            db.session.execute(text(act))
        return self.runs


@pytest.fixture
def run(app: Flask) -> Callable[[Work], int]:
    def inside(work: Work) -> int:
        with app.app_context():
            return in_transaction(work)

    return inside


@pytest.fixture
def rows(sql: psycopg.Connection) -> Callable[[], list[str]]:
    """The rows that really stand."""
    return lambda: [row[0] for row in sql.execute("SELECT key FROM idempotency_keys ORDER BY key")]


Run, Rows = Callable[[Work], int], Callable[[], list[str]]


def failing(state: str) -> str:
    return f"DO $$ BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '{state}'; END $$"


END_CONNECTION = "SELECT pg_terminate_backend(pg_backend_pid())"
DEADLOCK, SERIALIZATION, LOCKED, CANCELED = map(failing, ("40P01", "40001", "55P03", "57014"))


def test_what_ends_well_is_committed(run: Run, rows: Rows) -> None:
    assert run(Work()) == 1
    assert rows() == ["run-1"]


@pytest.mark.parametrize("fault", [NotFound("offer_unknown"), ZeroDivisionError("planted")])
def test_an_exception_undoes_all_and_passes_on(run: Run, rows: Rows, fault: Exception) -> None:
    work = Work(fault)
    with pytest.raises(type(fault)) as raised:
        run(work)
    assert (raised.value, work.runs, rows()) == (fault, 1, [])


@pytest.mark.parametrize("act", [LostRace(), DEADLOCK, SERIALIZATION, END_CONNECTION])
@pytest.mark.parametrize("times", [1, ATTEMPTS - 1])
def test_what_a_second_try_can_mend_is_tried_again_from_the_beginning(
    run: Run, rows: Rows, act: str | Exception, times: int
) -> None:
    assert run(Work(*[act] * times)) == times + 1
    assert rows() == [f"run-{times + 1}"]


@pytest.mark.parametrize(
    ("act", "code"),
    [(LostRace(), "busy"), (DEADLOCK, "busy"), (SERIALIZATION, "busy"), (END_CONNECTION, "database_away")],
)
def test_after_four_tries_it_is_given_up(run: Run, rows: Rows, act: str | Exception, code: str) -> None:
    work = Work(*[act] * 9)
    with pytest.raises(Unavailable) as raised:
        run(work)
    assert (raised.value.code, work.runs, rows()) == (code, ATTEMPTS, [])


@pytest.mark.parametrize("act", [LOCKED, CANCELED, PoolTimeout("planted")])
def test_a_busy_database_is_not_asked_again(run: Run, rows: Rows, act: str | Exception) -> None:
    work = Work(act)
    with pytest.raises(Unavailable) as raised:
        run(work)
    assert (raised.value.code, work.runs) == ("busy", 1)
    assert rows() == []


def test_a_statement_that_takes_too_long_is_ended_by_the_database(app: Flask, run: Run) -> None:
    with pytest.raises(Unavailable, match="busy"):
        run(Work("SET LOCAL statement_timeout = 50; SELECT pg_sleep(5)"))


def test_a_fault_of_ours_is_neither_repeated_nor_dressed_up(run: Run, rows: Rows) -> None:
    work = Work("SELECT nothing FROM nowhere")
    with pytest.raises(ProgrammingError):
        run(work)
    assert (work.runs, rows()) == (1, [])


def test_a_clash_with_a_constraint_has_the_code_of_that_constraint(run: Run, rows: Rows) -> None:
    run(Work())
    with pytest.raises(Conflict) as raised:
        run(Work())
    assert raised.value.code == "idempotency_key_taken"
    assert rows() == ["run-1"]


def test_a_constraint_that_means_nothing_to_a_caller_stays_a_fault(run: Run, rows: Rows) -> None:
    with pytest.raises(IntegrityError):
        run(Work("UPDATE idempotency_keys SET answer = NULL"))
    assert rows() == []


def test_a_connection_that_breaks_inside_the_commit_is_told_and_not_repeated(
    run: Run, rows: Rows, sql: psycopg.Connection
) -> None:
    class LastMoment(Work):
        def __call__(self) -> int:
            done = super().__call__()
            pid = db.session.scalar(text("SELECT pg_backend_pid()"))
            sql.execute("SELECT pg_terminate_backend(%s, 1000)", [pid])
            return done

    work = LastMoment()
    with pytest.raises(Unavailable) as raised:
        run(work)
    assert (raised.value.code, work.runs, rows()) == ("database_away", 1, [])


def test_the_next_transaction_works_after_each_fault(app: Flask, rows: Rows) -> None:
    faults = [LostRace(), END_CONNECTION, LOCKED, PoolTimeout("planted"), ZeroDivisionError(), "SELECT nothing"]
    with app.app_context():
        for number, fault in enumerate(faults, 1):
            with pytest.raises((Unavailable, ZeroDivisionError, DBAPIError)):
                in_transaction(Work(*[fault] * ATTEMPTS))
            key = f"after-{number}"
            in_transaction(lambda key=key: db.session.execute(text(WRITE), {"key": key}))
    assert rows() == [f"after-{number}" for number in range(1, len(faults) + 1)]
