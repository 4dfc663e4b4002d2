"""What is forgotten by itself: promised by services/rights/register, done by the worker's `purge` every hour."""

import datetime
import functools
from collections.abc import Callable
from pathlib import Path

from flask import current_app

from services.accounts import service as accounts
from services.accounts.service import codes, wechat
from services.bindings import service as bindings
from services.cards import service as cards
from services.complaints import forgetting as complaints
from services.core import budget, idempotency
from services.core.db import db
from services.core.files import files
from services.core.transaction import in_transaction
from services.events import forgetting as events
from services.members import forgetting as members
from services.members.roster.service import purging as rosters
from services.merchants import service as merchants
from services.notifications import forgetting as notifications
from services.redemptions import forgetting as redemptions
from services.rights import service as rights
from services.signals import forgetting as signals


def inbox_kept() -> datetime.timedelta:
    """How long a message stands in an inbox of this installation."""
    return datetime.timedelta(days=current_app.config["SETTINGS"].inbox_days)


def _purge_inbox(now: datetime.datetime) -> int:
    return notifications.purge_inbox(now, age=inbox_kept())


PURGES: dict[str, Callable[[datetime.datetime], int]] = {
    "codes": cards.purge,
    "answers": idempotency.purge,
    "sessions": accounts.purge_sessions,
    "phone codes": codes.purge_codes,
    "states": wechat.purge_states,
    "desks": accounts.purge_desks,
    "failures": accounts.purge_failures,
    "budgets": budget.purge,
    "invites": merchants.purge_invites,
    "requests": bindings.purge,
    "corrections": rights.purge_corrections,
    "rosters": rosters.purge,
    "tallies": members.purge_tallies,
    "inbox": _purge_inbox,
    "deliveries": notifications.purge_deliveries,
    "callbacks": notifications.purge_callbacks,
    "nonces": notifications.purge_nonces,
    "scenes": notifications.purge_scenes,
    "local": notifications.purge_local,
    "blocks": notifications.purge_blocks,
    "complaints": complaints.purge_complaints,
    "signals": signals.purge_signals,
    "entries": events.purge,
    "attempts": redemptions.purge_attempts,
    "redemptions": redemptions.purge_redemptions,
    "scans": redemptions.purge_scans,
}
"""Each forgets one batch of what is older than its time, and returns how many rows. The order matters: a scan goes
after what it led to."""


def forget(name: str, now: datetime.datetime) -> int:
    """All that is due of one kind, a transaction a batch; returns how many rows."""
    gone = 0
    while batch := in_transaction(functools.partial(PURGES[name], now)):
        gone += batch
    return gone


def rehearse(now: datetime.datetime) -> dict[str, int]:
    """What would be forgotten now. All of it is done in one transaction, which is undone, and no file is touched."""
    folder = files.folder
    files.open_in(Path("/nonexistent"))
    counts = {}
    try:
        for name, purge in PURGES.items():
            counts[name] = 0
            while batch := purge(now):
                counts[name] += batch
    finally:
        db.session.rollback()
        files.open_in(folder)
    return counts
