"""What is looked at when the noise is over."""

import datetime

import psycopg
from flask import Flask

from app import jobs
from app.channels import channels
from services.core import clock
from services.core.transaction import in_transaction
from services.notifications import service as notifications
from tests.harness.invariants import DRAINED, nothing_doubled_or_lost
from tests.harness.processes import Processes, until
from tests.stories.traffic import Tally

EXPECTED = {"200", "201", "409", "429", "503", "broken"}


def queue_is_worked_off(sql: psycopg.Connection, processes: Processes) -> float:
    """Waits for the worker to empty the queue; returns how long it took."""
    return until(lambda: not _left(sql, "no job is left"), f"the queue is empty; log:\n{processes.tail()}", 300)


def deliveries_are_closed(sql: psycopg.Connection, processes: Processes) -> float:
    """Waits for the worker's own sweep to close what dead workers left under way; returns how long it took."""
    what = "no delivery is left under way"
    return until(lambda: not _left(sql, what), f"deliveries are closed; log:\n{processes.tail()}", 300)


def sweep_later(app: Flask) -> None:
    """What the worker's sweep does once the leases of the dead have run out."""
    later = clock.now() + notifications.LEASE + datetime.timedelta(minutes=1)
    with app.app_context():
        safely = channels().repeats_safely
        in_transaction(lambda: notifications.sweep(repeats_safely=safely, now=later))
        jobs.sweep(0)


def all_is_there(sql: psycopg.Connection, tally: Tally, *, number: int) -> None:
    """What the clients were told is what is stored, once, and both sides know of it."""
    assert len(tally.answers) == number
    assert set(tally.seen) <= EXPECTED, tally.seen
    assert set(tally.refused()) <= {"sold_out"}, tally.refused()
    stored = {str(one) for (one,) in sql.execute("SELECT id FROM redemptions")}
    assert stored == tally.done(), "what is stored is what was acknowledged"
    nothing_doubled_or_lost(sql, drained=True, by_key=True)


def _left(sql: psycopg.Connection, check: str) -> list[tuple[object, ...]]:
    return sql.execute(DRAINED[check]).fetchall()
