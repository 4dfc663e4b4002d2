"""A report is kept when it comes and worked on afterwards: the delivery that it is of ends where the carrier says."""

import contextlib
import datetime
import uuid
from typing import Any

from sqlalchemy import or_, select, update

from services.accounts.service.codes import PROVEN_FIELD
from services.core.crypto import vault
from services.core.db import db
from services.members.service import PHONE_FIELD
from services.notifications.models import Delivery, InboxMessage
from services.notifications.ports import Effect, Result
from services.notifications.service import callbacks, effects
from services.notifications.service.callbacks import Event, Handlers
from services.notifications.sms import reports
from services.notifications.sms.reports import EVENT
from services.notifications.types import Channel, DeliveryId, DeliveryStatus

RACE = datetime.timedelta(minutes=5)
"""A report may come before the send that it is about is written down. After so long it is of a code, or of nothing."""
_NOT_SETTLED = frozenset({DeliveryStatus.SENT, DeliveryStatus.UNKNOWN})


def keep(*, provider: str, raw: bytes, now: datetime.datetime) -> int:
    """Keeps each report of a push, once, sealed; how many were new. Two statements a report. Raises Wrong."""
    kept = [
        callbacks.keep(
            source=provider, event=EVENT, body=one.body(), digest=one.digest(provider), happened_at=one.happened_at,
            now=now,
        )
        for one in reports.parse(provider, raw)
    ]  # fmt: skip
    return sum(one is not None for one in kept)


def reported(event: Event) -> bool:
    """An SMS arrived, or did not: a number that does not exist or is on a blacklist gets none from then on, anything
    else may be better the next time.

    What is read, or settled before, stays so. A failure frees the next step of its message's ladder. Locks the
    delivery, then its inbox message.
    """
    row = _delivery(event)
    if row is None:
        return event.now - event.happened_at > RACE
    if DeliveryStatus(row.status) not in _NOT_SETTLED:
        return True
    arrived, dead = event.text("arrived") == "1", event.text("dead") == "1"
    failed = DeliveryStatus.PERMANENT_FAILURE if dead else DeliveryStatus.TEMPORARY_FAILURE
    status, reason = (DeliveryStatus.DELIVERED, None) if arrived else (failed, event.text("code") or "failed")
    one = update(Delivery).where(Delivery.id == row.id)
    provider_id = event.text("provider_id")
    db.session.execute(one.values(status=status, reason=reason, finished_at=event.now, provider_id=provider_id))
    if dead:
        result = Result(DeliveryId(row.id), status, reason, effect=Effect.BLOCK_ADDRESS)
        effects.apply([(result, row)], now=event.now)
    if not arrived:
        later = or_(InboxMessage.next_step_at.is_(None), InboxMessage.next_step_at > event.now)
        unread = update(InboxMessage).where(InboxMessage.id == row.inbox_id, InboxMessage.read_at.is_(None), later)
        db.session.execute(unread.values(next_step_at=event.now))
    return True


def _delivery(event: Event) -> Any:
    """By the provider's number, or by ours where it came back and the answer with the provider's got lost. The phone
    must be the one that it went to."""
    phone = event.text("phone")
    addresses = [vault.blind_index(field, phone) for field in (PHONE_FIELD, PROVEN_FIELD)]
    known = Delivery.provider_id == event.text("provider_id")
    with contextlib.suppress(ValueError):
        known = or_(known, Delivery.id == uuid.UUID(event.text("reference")))
    query = select(
        Delivery.id, Delivery.inbox_id, Delivery.status, Delivery.channel, Delivery.address_index, Delivery.credit_id,
        Delivery.template_id,
    ).where(known, Delivery.channel == Channel.SMS, Delivery.address_index.in_(addresses))  # fmt: skip
    return db.session.execute(query.with_for_update()).first()


HANDLERS: Handlers = {EVENT: reported}
