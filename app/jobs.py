"""What the worker runs: a task for each topic of the outbox, and the periodic chores.

Every task may run twice: a job of a killed worker is revived (the library does not do it by itself). Each job gets a
fresh application context of its own, so no two share a database session.
"""

import contextlib
import functools
import time
import uuid
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import procrastinate
import procrastinate.exceptions
import structlog
from flask import Flask, current_app
from sqlalchemy import text

from app import callbacks, notices, phone_codes, roster
from app.channels import channels
from app.retention import PURGES
from app.settings import Settings
from services.bindings import service as bindings
from services.complaints import service as complaints
from services.core import audit, clock, outbox
from services.core.db import db
from services.core.transaction import in_transaction
from services.events.service import missing, offering, reminding
from services.merchants import service as merchants
from services.notifications import backlog, trial
from services.notifications import service as notifications
from services.notifications.backlog import Backlog
from services.notifications.fanout import FANS
from services.notifications.sending import send
from services.notifications.service import Leased, Plan
from services.notifications.types import DeliveryId, InboxId, NoticeId
from services.notifications.work import NoticeReleased, TrialWritten
from services.signals import service as signals

log = structlog.get_logger("gonghui.worker")
DEAD_AFTER = 20.0
"""Seconds without a heartbeat after which a worker counts as killed."""
CONNECT_SECONDS = 5.0
"""How long the queue waits for a connection before it takes the database for away."""
RETRY = procrastinate.RetryStrategy(max_attempts=10, exponential_wait=3)
CHORES = "chores"
SWEEP_SECONDS = 50.0
LANES = 2
AHEAD = 10
"""Chores go before messages (priority 0): a backlog must not keep a dead worker's jobs from coming back."""
_FAILED_CHORES = text("DELETE FROM procrastinate_jobs WHERE queue_name = :queue AND status = 'failed'")


def build(app: Flask) -> procrastinate.App:
    """The Procrastinate App with every task; nothing is connected before it is opened."""
    connector = procrastinate.PsycopgConnector(conninfo=conninfo(app), timeout=CONNECT_SECONDS)
    queue = procrastinate.App(connector=connector)

    def in_context(work: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(work)
        def run(*args: Any, **kwargs: Any) -> None:
            with app.app_context():
                work(*args, **kwargs)

        return run

    for topic in FANS:
        queue.task(name=topic, queue=outbox.QUEUE, retry=RETRY)(in_context(functools.partial(tell, topic)))
    for topic, work in {**roster.JOBS, **callbacks.JOBS, **phone_codes.JOBS, TrialWritten.topic: send_trial,
                        NoticeReleased.topic: spread}.items():  # fmt: skip
        queue.task(name=topic, queue=outbox.QUEUE, retry=RETRY)(in_context(work))
    for chore, cron in CRON.items():
        periodic = queue.task(
            name=f"chores.{chore.__name__}", queue=CHORES, queueing_lock=chore.__name__, priority=AHEAD
        )
        queue.periodic(cron=cron)(periodic(in_context(chore)))

    @queue.periodic(cron="* * * * * */10")
    @queue.task(name="chores.revive", queue=CHORES, queueing_lock="revive", priority=AHEAD)
    async def revive(timestamp: int) -> None:
        """Jobs of workers that have not been heard of for 20 s go back to the queue."""
        for job in await queue.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
            # Another worker may be faster, and of a chore the next round may be waiting, which is enough.
            with contextlib.suppress(procrastinate.exceptions.ConnectorException):
                await queue.job_manager.retry_job(job)
                log.warning("revived", job=job.id, task=job.task_name)

    return queue


def conninfo(app: Flask) -> str:
    """Where the database is, as libpq takes it."""
    settings: Settings = app.config["SETTINGS"]
    return settings.database_url.replace("postgresql+psycopg://", "postgresql://", 1)


def tell(topic: str, *, message_id: str, payload: dict[str, Any]) -> None:
    """Writes inboxes, then plans and sends: the database is let go of before a channel is called.

    A crowd is told part by part, a transaction each; begun again, it passes over those who have been told.
    """
    part = functools.partial(notifications.tell_part, topic=topic, message_id=uuid.UUID(message_id), payload=payload)
    ids, after = in_transaction(lambda: part(after=None, now=clock.now()))
    crowd = after is not None
    while after:
        _, after = in_transaction(functools.partial(part, after=after, now=clock.now()))
    while (ids or crowd) and climb(None if crowd else ids):
        pass


def send_trial(*, message_id: str, payload: dict[str, Any]) -> None:
    """A test message goes out at once: an officer waits for it. It may run twice: a delivery is leased once."""
    deliver(in_transaction(lambda: trial.opened(InboxId(uuid.UUID(payload["inbox_id"])))))


def spread(*, message_id: str, payload: dict[str, Any]) -> None:
    """Puts an officer's notice into the inboxes, then sends. Killed, the chores `notices.go_on` and `sweep` go on."""
    notice_id = NoticeId(uuid.UUID(payload["notice_id"]))
    notices.spread(notice_id)
    while climb():
        pass
    notices.finish(notice_id)


def climb(only: Collection[InboxId] | None = None) -> int:
    """One step up the ladder for messages that are due, and what that opens is sent; how many were looked at."""
    step: Plan = in_transaction(lambda: notifications.plan(providers=channels().providers, now=clock.now(), only=only))
    deliver(step.opened)
    return step.looked


def deliver(ids: Sequence[DeliveryId]) -> None:
    """Sends batch by batch: each is leased, sent by many threads and recorded before the next."""
    here, in_flight = channels(), current_app.config["SETTINGS"].sends_in_flight
    split = functools.partial(notifications.batches, ids, repeats_safely=here.repeats_safely, in_flight=in_flight)
    for batch in in_transaction(split):
        leased: Leased = in_transaction(
            functools.partial(notifications.lease, batch, providers=here.providers, now=clock.now())
        )
        results = [*leased.dead, *send(here.ports, leased.outgoing, here.pool)]
        in_transaction(functools.partial(notifications.record, results, now=clock.now()))


def seal(timestamp: int) -> None:
    """Chains the audit trail up to five minutes ago."""
    while in_transaction(lambda: audit.seal(clock.now())):
        pass


def sweep(timestamp: int) -> None:
    """Closes what killed senders left, then sends whatever is due, for most of a minute: the next round goes on.

    In two lanes, so that one reads and writes the database while the other's messages are on their way.
    """
    here, app = channels(), current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    in_transaction(lambda: notifications.sweep(repeats_safely=here.repeats_safely, now=clock.now()))
    until = time.monotonic() + SWEEP_SECONDS

    def lane(_: int) -> None:
        with app.app_context():
            _send_what_is_due(until)

    with ThreadPoolExecutor(LANES, thread_name_prefix="lane") as lanes:
        list(lanes.map(lane, range(LANES)))


def _send_what_is_due(until: float) -> None:
    here = channels()
    while time.monotonic() < until:
        looked = climb()
        due = in_transaction(lambda: notifications.due(providers=here.providers, now=clock.now()))
        deliver(due)
        if not looked and not due:
            return


def purge(timestamp: int) -> None:
    """Forgets what has had its time: codes, answers to old keys, ended sessions. Each batch is a transaction.

    What cannot be forgotten now is logged and tried again in an hour; it does not keep the rest.
    """
    now = clock.now()
    for name, forget in PURGES.items():
        try:
            while in_transaction(functools.partial(forget, now)):
                pass
        except Exception as error:
            log.warning("not purged", what=name, error=type(error).__name__)


def report(timestamp: int) -> None:
    """Says aloud what an operator must look at: messages given up (their jobs stay until somebody retries or removes
    them), pauses that end by nobody but an officer, and that something has waited for more than ten minutes.

    A chore that failed is only removed: its next round is its retry, and the library logged why.
    """
    in_transaction(lambda: db.session.execute(_FAILED_CHORES, {"queue": CHORES}))
    now = clock.now()
    found: Backlog = in_transaction(lambda: backlog.backlog(now=now))
    if found.untold:
        log.error("messages not told", jobs=found.untold)
    for pause in found.pauses:
        if pause.until is None:
            log.error(
                "channel stands still", channel=pause.channel, template=pause.subject, reason=pause.reason,
                since=pause.since.isoformat(),
            )  # fmt: skip
    if found.oldest(now) > backlog.LATE:
        log.error("messages wait", minutes=int(found.oldest(now).total_seconds() // 60))


def tray(timestamp: int) -> None:
    """Reminds unions of requests that are due, and takes what nobody decided to the union above."""
    while in_transaction(lambda: bindings.raise_overdue(clock.now())):
        pass
    while in_transaction(lambda: bindings.nudge(clock.now())):
        pass


def unanswered(timestamp: int) -> None:
    """Takes what shops have not answered for a day to their federations."""
    while in_transaction(lambda: complaints.raise_overdue(clock.now())):
        pass


def waiting_lines(timestamp: int) -> None:
    """Takes back what was not taken or confirmed in time, and moves the waiting lines up."""
    while in_transaction(lambda: offering.expire(clock.now())):
        pass


def reminders(timestamp: int) -> None:
    """Reminds of events that are near."""
    while in_transaction(lambda: reminding.remind(clock.now())):
        pass


def settle(timestamp: int) -> None:
    """Writes who missed events that ended a day ago, an event in each transaction."""
    while in_transaction(lambda: missing.settle(clock.now())):
        pass


def agreements(timestamp: int) -> None:
    """Tells shops and federations of agreements that end soon, by day in China: cron runs by UTC."""
    while in_transaction(lambda: merchants.tell_ending(clock.now())):
        pass


def look(timestamp: int) -> None:
    """Looks through today's and yesterday's redemptions for what is worth an officer's look."""
    in_transaction(lambda: signals.find(clock.now()))


CRON: dict[Callable[[int], None], str] = {
    seal: "* * * * *", sweep: "* * * * *", report: "*/10 * * * *", purge: "17 * * * *", tray: "41 * * * *",
    callbacks.hear_again: "* * * * *", callbacks.let_go: "*/5 * * * *", notices.go_on: "* * * * *",
    unanswered: "*/10 * * * *", agreements: "23 1-9 * * *", look: "37 * * * *",
    waiting_lines: "* * * * *", reminders: "*/5 * * * *", settle: "27 * * * *",
}  # fmt: skip
"""The periodic chores, and when they run."""
