"""The gateway's verbs: write what is told into inboxes, lease deliveries, send them, record what happened."""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from services.core.db import db
from services.core.ids import uuid7
from services.notifications.fanout import FANS
from services.notifications.models import Delivery, InboxMessage
from services.notifications.ports import Outgoing, Port
from services.notifications.templates import words
from services.notifications.types import DeliveryId, DeliveryStatus, Recipient

log = structlog.get_logger("gonghui.notifications")
LEASE = datetime.timedelta(seconds=60)
CHUNK = 10
"""How many are leased together. They are sent one after the other: ten of ports.TIMEOUT are 50 s, less than a lease."""
PATIENCE = datetime.timedelta(seconds=30)
"""How long the sweep leaves a new delivery to the job that wrote it."""
BATCH = 200
MOST_ATTEMPTS = 8
FIRST_WAIT, LONGEST_WAIT = 60, 3600
"""Seconds from a failed attempt to the next: a minute, doubled each time, an hour at most, less up to a half at random,
so that what failed together does not come back together. Eight attempts take one to two hours."""


def tell(
    *, topic: str, message_id: uuid.UUID, payload: Mapping[str, Any], channel: str, now: datetime.datetime
) -> list[DeliveryId]:
    """Fans one outbox message out to inboxes, and opens a delivery for each new one. Returns those to send.

    Running it twice adds nothing: an inbox row is unique by message and recipient.
    """
    notices = FANS[topic](payload)
    if not notices:
        return []
    rows = [
        {
            "id": uuid7(),
            "message_id": message_id,
            "recipient_kind": notice.recipient.kind,
            "recipient_id": notice.recipient.id,
            "template": notice.template,
            "facts": notice.facts,
            "created_at": now,
        }
        for notice in notices
    ]
    statement = insert(InboxMessage).values(rows).on_conflict_do_nothing().returning(InboxMessage.id)
    new = list(db.session.scalars(statement))
    deliveries: list[dict[str, Any]] = [
        {"id": uuid7(), "inbox_id": inbox_id, "channel": channel, "status": DeliveryStatus.CREATED, "attempts": 0,
         "created_at": now, "next_try_at": now + PATIENCE}
        for inbox_id in new
    ]  # fmt: skip
    if deliveries:
        db.session.execute(insert(Delivery).values(deliveries))
    return [DeliveryId(delivery["id"]) for delivery in deliveries]


def lease(ids: list[DeliveryId], *, now: datetime.datetime) -> list[Outgoing]:
    """Takes those deliveries that are still unsent and that nobody else holds. Commit before sending.

    Give it CHUNK at most: of more the lease may run out while the last are being sent. From here to `record` no
    database connection is needed: a slow channel holds up nobody else.
    """
    taken = (
        update(Delivery)
        .where(Delivery.id.in_(ids), Delivery.status == DeliveryStatus.CREATED)
        .values(status=DeliveryStatus.SENDING, leased_until=now + LEASE, attempts=Delivery.attempts + 1)
        .returning(Delivery.id, Delivery.inbox_id)
        .cte("taken")
    )
    query = select(taken.c.id, InboxMessage.template, InboxMessage.facts).join(
        InboxMessage, InboxMessage.id == taken.c.inbox_id
    )
    return [
        Outgoing(DeliveryId(row.id), words(row.template, row.facts, language="zh").title)
        for row in db.session.execute(query)
    ]


@dataclass(frozen=True)
class Outcome:
    """What became of a batch: ids that the channel took, and ids that it did not."""

    sent: list[DeliveryId]
    failed: list[DeliveryId]


def send(port: Port, batch: list[Outgoing]) -> Outcome:
    """Calls the channel, outside any transaction. What it did not take is logged by id: an error may name a person."""
    outcome = Outcome([], [])
    for outgoing in batch:
        try:
            port.send(outgoing)
        except Exception as error:
            log.warning("not sent", channel=port.name, delivery=str(outgoing.id), error=type(error).__name__)
            outcome.failed.append(outgoing.id)
        else:
            outcome.sent.append(outgoing.id)
    return outcome


def record(outcome: Outcome, *, now: datetime.datetime) -> None:
    """Marks a batch. A failed one is tried again by the sweep, after a while that grows, eight times in all."""
    _mark(outcome.sent, DeliveryStatus.SENT, now)
    if outcome.failed:
        failed = update(Delivery).where(Delivery.id.in_(outcome.failed), Delivery.status != DeliveryStatus.SENT)
        wait = func.least(FIRST_WAIT * func.power(2, Delivery.attempts - 1), LONGEST_WAIT) * (1 - func.random() / 2)
        next_try_at = literal(now) + func.make_interval(0, 0, 0, 0, 0, 0, wait)
        db.session.execute(
            failed.where(Delivery.attempts < MOST_ATTEMPTS).values(
                status=DeliveryStatus.CREATED, leased_until=None, next_try_at=next_try_at
            )
        )
        db.session.execute(
            failed.where(Delivery.attempts >= MOST_ATTEMPTS).values(status=DeliveryStatus.FAILED, finished_at=now)
        )


def sweep(port: Port, *, now: datetime.datetime) -> list[DeliveryId]:
    """Finds what a killed sender left behind; returns those to send (again).

    Between send and mark nobody knows whether it went out: it is sent again if the channel recognises a repeat,
    and marked unknown if not. The inbox has the message either way.
    """
    stale = (Delivery.status == DeliveryStatus.SENDING) & (Delivery.leased_until < now)
    values: dict[str, Any] = (
        {"status": DeliveryStatus.CREATED, "leased_until": None}
        if port.repeats_safely
        else {"status": DeliveryStatus.UNKNOWN, "finished_at": now}
    )
    db.session.execute(update(Delivery).where(stale, Delivery.channel == port.name).values(values))
    waiting = (
        select(Delivery.id)
        .where(
            Delivery.status == DeliveryStatus.CREATED, Delivery.channel == port.name,
            Delivery.next_try_at < now,
        )
        .order_by(Delivery.next_try_at)
        .limit(BATCH)
    )  # fmt: skip
    return [DeliveryId(found) for found in db.session.scalars(waiting)]


def mark_read(recipient: Recipient, *, now: datetime.datetime, newest: uuid.UUID | None = None) -> None:
    """The recipient has seen everything up to `newest`, the top of the list shown; without it, everything there is."""
    seen = update(InboxMessage).where(
        InboxMessage.recipient_kind == recipient.kind,
        InboxMessage.recipient_id == recipient.id,
        InboxMessage.read_at.is_(None),
    )
    if newest is not None:
        seen = seen.where(InboxMessage.id <= newest)
    db.session.execute(seen.values(read_at=now))


def _mark(ids: list[DeliveryId], status: DeliveryStatus, now: datetime.datetime) -> None:
    if ids:
        db.session.execute(update(Delivery).where(Delivery.id.in_(ids)).values(status=status, finished_at=now))
