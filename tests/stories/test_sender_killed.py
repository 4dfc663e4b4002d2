"""The worker dies between handing a message to the channel and writing down that it did."""

import contextlib
import datetime
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from procrastinate.exceptions import AlreadyEnqueued

from app import jobs
from services.core import clock
from services.notifications import service as notifications
from services.notifications.types import Channel
from tests.builders.reach import OA, Reachable
from tests.builders.world import World
from tests.harness.channels import Fake, Use
from tests.harness.invariants import nothing_doubled_or_lost
from tests.harness.processes import Processes, until
from tests.races.till import Till

SECOND = datetime.timedelta(seconds=1)


@pytest.fixture
def stuck(app: Flask, environment: dict[str, str], tmp_path: Path) -> Iterator[Processes]:
    """A worker that hangs in its first send."""
    log, taken = tmp_path / "log", tmp_path / "taken"
    found = Processes({**environment, "TAKEN": str(taken)}, log, worker=("tests.stories.stuck_worker",))
    yield found
    found.stop()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("repeats_safely", [False, True])
def test_a_message_whose_sender_died_is_unknown_or_sent_again_as_its_channel_allows(
    world: World,
    sql: psycopg.Connection,
    stuck: Processes,
    run_jobs: Callable[[], None],
    at: Callable[..., None],
    use: Use,
    tmp_path: Path,
    repeats_safely: bool,
) -> None:
    taken, channel = tmp_path / "taken", Fake(Channel.TEMPLATE, provider=OA, repeats_safely=repeats_safely)
    _redeem(world)
    stuck.start("worker")
    until(taken.exists, f"the channel takes the message; log:\n{stuck.tail()}")
    stuck.kill("worker")
    assert _deliveries(sql) == ["sending"]
    use(channel)
    died = clock.now()

    with world.app.app_context():
        jobs.sweep(0)
    assert (channel.got, _deliveries(sql)) == ([], ["sending"]), "nobody else touches it within its lease"

    at(died + notifications.LEASE + SECOND)
    for _ in range(3):
        with world.app.app_context():
            jobs.sweep(0)
    sql.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    _revive(world.app, run_jobs)

    assert _deliveries(sql) == (["sent"] if repeats_safely else ["unknown"])
    took = [str(one.id) for one in channel.got]
    assert len(took) == (1 if repeats_safely else 0)
    assert set(taken.read_text().split()) <= set(took) or not repeats_safely, "a repeat has the same id"
    nothing_doubled_or_lost(sql, drained=True, by_key=True)


def test_a_message_that_nobody_sent_yet_is_sent_by_the_sweep(
    world: World, sql: psycopg.Connection, run_jobs: Callable[[], None], use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    _redeem(world)
    channel = Fake(Channel.TEMPLATE, provider=OA)
    use(channel)
    with monkeypatch.context() as dying:
        dying.setattr(jobs, "deliver", lambda _ids: None)
        run_jobs()
    assert _deliveries(sql) == ["created"]

    for _ in range(2):
        with world.app.app_context():
            jobs.sweep(0)

    assert _deliveries(sql) == ["sent"]
    assert len(channel.got) == 1
    nothing_doubled_or_lost(sql, drained=True, by_key=True)


def test_dead_chores_do_not_keep_a_dead_workers_messages_from_coming_back(
    world: World, sql: psycopg.Connection, run_jobs: Callable[[], None], use: Use
) -> None:
    use(Fake(Channel.TEMPLATE, provider=OA))
    # The worker died in a sweep while the next sweep was waiting already: only one of a kind may wait.
    for status in ("doing", "todo"):
        sql.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, queueing_lock, args, status)"
            " VALUES ('chores', 'chores.sweep', 'sweep', '{\"timestamp\": 0}', %s)",
            [status],
        )
    _redeem(world)
    sql.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE queue_name = 'messages'")
    sql.execute("UPDATE procrastinate_jobs SET priority = -1 WHERE status = 'todo'")

    _revive(world.app, run_jobs)

    assert _deliveries(sql) == ["sent"]
    nothing_doubled_or_lost(sql, drained=True, by_key=True)


def _redeem(world: World) -> None:
    shop, member, reachable = world.shop(), world.member(), Reachable(world)
    reachable.wechat(member.account_id)
    reachable.mapped(Channel.TEMPLATE, "use")
    till = Till(world, shop.clerk)
    assert till.redeem(till.scanned(member), world.offer(shop)).code == "done"


def _deliveries(sql: psycopg.Connection) -> list[str]:
    return [status for (status,) in sql.execute("SELECT status FROM deliveries ORDER BY id")]


def _revive(app: Flask, run_jobs: Callable[[], None]) -> None:
    """One round of the periodic chore, and what it brings back."""
    queue = jobs.build(app)
    # The dead worker may have left one waiting, which is as good.
    with queue.open(), contextlib.suppress(AlreadyEnqueued):
        queue.configure_task("chores.revive").defer(timestamp=0)
    run_jobs()
