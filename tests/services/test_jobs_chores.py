"""The worker's periodic chores: what is old goes, however much it is, and what fails is told."""

import datetime
from collections.abc import Callable

import psycopg
import pytest
from structlog.testing import CapturedCall, CapturingLogger

from app import jobs
from services.core import clock, purging
from services.core.errors import Unavailable
from tests.builders.world import World

LONG_AGO = datetime.timedelta(days=30)
OLD = {
    "card_burns": "INSERT INTO card_burns SELECT gen_random_uuid(), 's1', %s FROM generate_series(1, %s)",
    "typed_codes": "INSERT INTO typed_codes SELECT id, id, serial::text::bytea, %s FROM cards LIMIT %s",
    "idempotency_keys": "INSERT INTO idempotency_keys SELECT 'a', n, '', 200, '{}', %s FROM generate_series(1, %s) n",
    "sessions": "INSERT INTO sessions (digest, id, account_id, persona, via, device, created_at, seen_at, expires_at) "
    "SELECT n::text::bytea, gen_random_uuid(), (SELECT id FROM accounts LIMIT 1), 'officer', 'demo', '', now(), now(), "
    "%s FROM generate_series(1, %s) n",
}
Write = Callable[[datetime.datetime, int], None]
Left = Callable[[], dict[str, int]]


@pytest.fixture
def write(world: World, sql: psycopg.Connection) -> Write:
    """So many rows of that time in each table that is purged, codes for one card each."""

    def insert(at: datetime.datetime, count: int) -> None:
        for _ in range(count):
            world.member()
        for statement in OLD.values():
            sql.execute(statement, [at, count])

    return insert


@pytest.fixture
def left(sql: psycopg.Connection) -> Left:
    return lambda: {table: sql.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in OLD}  # type: ignore[index]


def test_what_is_old_goes_in_batches_until_nothing_is_left(
    world: World, write: Write, left: Left, sql: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purging, "BATCH", 2)
    write(clock.now() - LONG_AGO, 5)
    sql.execute("CREATE TABLE batches (xid xid8, rows int)")
    sql.execute(
        "CREATE FUNCTION counted() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN INSERT INTO batches SELECT pg_current_xact_id(), count(*) FROM gone; RETURN NULL; END $$"
    )
    sql.execute(
        "CREATE TRIGGER counted AFTER DELETE ON card_burns REFERENCING OLD TABLE AS gone "
        "FOR EACH STATEMENT EXECUTE FUNCTION counted()"
    )
    try:
        with world.app.app_context():
            jobs.purge(0)
        batches = sql.execute("SELECT sum(rows) FROM batches WHERE rows > 0 GROUP BY xid ORDER BY 1").fetchall()
    finally:
        sql.execute("DROP FUNCTION counted CASCADE; DROP TABLE batches")
    assert left() == dict.fromkeys(OLD, 0)
    assert batches == [(1,), (2,), (2,)], "each batch is a transaction"


def test_what_is_not_old_stays(world: World, write: Write, left: Left) -> None:
    write(clock.now() + datetime.timedelta(minutes=1), 1)
    with world.app.app_context():
        jobs.purge(0)
    assert left() == dict.fromkeys(OLD, 1)


def test_a_row_that_somebody_holds_is_left_for_the_next_round(
    world: World, write: Write, left: Left, sql: psycopg.Connection
) -> None:
    write(clock.now() - LONG_AGO, 2)
    with sql.transaction():
        sql.execute("SELECT 1 FROM card_burns LIMIT 1 FOR UPDATE")
        with world.app.app_context():
            jobs.purge(0)
        assert left() == dict.fromkeys(OLD, 0) | {"card_burns": 1}
    with world.app.app_context():
        jobs.purge(0)
    assert left() == dict.fromkeys(OLD, 0)


def test_a_purge_that_fails_is_logged_and_does_not_stop_the_others(
    world: World, write: Write, left: Left, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(now: datetime.datetime) -> int:
        raise Unavailable("busy")

    monkeypatch.setitem(jobs.PURGES, "codes", busy)
    log = CapturingLogger()
    monkeypatch.setattr(jobs, "log", log)
    write(clock.now() - LONG_AGO, 1)
    with world.app.app_context():
        jobs.purge(0)
    assert left() == {"card_burns": 1, "typed_codes": 1, "idempotency_keys": 0, "sessions": 0}
    assert log.calls == [CapturedCall("warning", ("not purged",), {"what": "codes", "error": "Unavailable"})]


JOB = "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status) VALUES (%s, %s, '{}', %s)"


def jobs_left(sql: psycopg.Connection) -> list[tuple[str, str]]:
    return sql.execute("SELECT task_name, status::text FROM procrastinate_jobs ORDER BY id").fetchall()


def test_messages_that_were_given_up_are_reported_and_stay_while_failed_chores_go(
    world: World, sql: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = CapturingLogger()
    monkeypatch.setattr(jobs, "log", log)
    for status in ("failed", "failed", "todo", "doing"):
        sql.execute(JOB, ["messages", "cards.frozen", status])
        sql.execute(JOB, ["chores", "chores.seal", status])
    with world.app.app_context():
        jobs.report(0)
    assert log.calls == [CapturedCall("error", ("messages not told",), {"jobs": 2})]
    assert [task for task, status in jobs_left(sql) if status == "failed"] == ["cards.frozen"] * 2
    assert len(jobs_left(sql)) == 6


def test_what_stands_still_and_what_waits_too_long_is_said_aloud(
    world: World, sql: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = CapturingLogger()
    monkeypatch.setattr(jobs, "log", log)
    pause = "INSERT INTO pauses VALUES (%s, %s, now() + %s::interval, %s, now(), 1)"
    sql.execute(pause, ["template", "", None, "48001"])
    sql.execute(pause, ["sms", "", "1 minute", "breaker"])
    message = "INSERT INTO inbox_messages (id, message_id, recipient_kind, recipient_id, template, version, facts, "
    message += "created_at, next_step_at) VALUES (gen_random_uuid(), gen_random_uuid(), 'member', gen_random_uuid(), "
    sql.execute(message + "'card.frozen', 1, '{}', now(), now() - interval '11 minutes 5 seconds')")
    with world.app.app_context():
        jobs.report(0)
    assert [(call.args, call.kwargs.get("reason"), call.kwargs.get("minutes")) for call in log.calls] == [
        (("channel stands still",), "48001", None),
        (("messages wait",), None, 11),
    ]


def test_nothing_is_reported_while_every_message_is_told(
    world: World, sql: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = CapturingLogger()
    monkeypatch.setattr(jobs, "log", log)
    sql.execute(JOB, ["messages", "cards.frozen", "todo"])
    sql.execute(JOB, ["chores", "chores.seal", "failed"])
    with world.app.app_context():
        jobs.report(0)
    assert (log.calls, jobs_left(sql)) == ([], [("cards.frozen", "todo")])


def test_a_chore_that_ran_and_failed_is_removed_with_what_the_queue_remembers_of_it(
    world: World, sql: psycopg.Connection, run_jobs: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs.audit, "seal", lambda now: 1 // 0)
    queue = jobs.build(world.app)
    with queue.open():
        queue.configure_task("chores.seal").defer(timestamp=0)
    sql.execute(
        "INSERT INTO procrastinate_periodic_defers (task_name, defer_timestamp, job_id, periodic_id)"
        " SELECT 'chores.seal', 0, id, '' FROM procrastinate_jobs"
    )
    run_jobs()
    assert jobs_left(sql) == [("chores.seal", "failed")]
    with world.app.app_context():
        jobs.report(0)
    assert jobs_left(sql) == []
    sql.execute("DELETE FROM procrastinate_periodic_defers")


def test_every_chore_runs_by_itself(world: World) -> None:
    crons = {one.task.name: one.cron for one in jobs.build(world.app).periodic_registry.periodic_tasks.values()}
    assert crons.keys() == {
        "chores.revive",
        "chores.seal",
        "chores.sweep",
        "chores.report",
        "chores.purge",
        "chores.look",
        "chores.tray",
        "chores.unanswered",
        "chores.agreements",
        "chores.hear_again",
        "chores.let_go",
        "chores.go_on",
        "chores.waiting_lines",
        "chores.reminders",
        "chores.settle",
    }
    assert crons["chores.report"] == "*/10 * * * *"
