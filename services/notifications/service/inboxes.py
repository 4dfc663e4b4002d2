"""What its owner does with an inbox."""

import datetime
import uuid

from sqlalchemy import ColumnElement, and_, func, update

from services.core.db import db
from services.core.errors import NotFound
from services.notifications.errors import MESSAGE_UNKNOWN
from services.notifications.models import Delivery, InboxMessage
from services.notifications.types import DeliveryStatus, Recipient


def mark_read(recipient: Recipient, *, now: datetime.datetime, newest: uuid.UUID | None = None) -> None:
    """The recipient has seen everything up to `newest`, the top of the list shown; without it, everything there is.

    No channel is tried any more for what was read.
    """
    _read(_of(recipient) if newest is None else and_(_of(recipient), InboxMessage.id <= newest), now)


def mark_one_read(recipient: Recipient, *, inbox_id: uuid.UUID, now: datetime.datetime) -> None:
    """The recipient has opened this one. A second time changes nothing, and so does another's message."""
    _read(and_(_of(recipient), InboxMessage.id == inbox_id), now)


def archive(recipient: Recipient, *, inbox_id: uuid.UUID, now: datetime.datetime) -> None:
    """Puts a message away; it counts as read. Raises NotFound(message_unknown)."""
    this = and_(_of(recipient), InboxMessage.id == inbox_id)
    put = update(InboxMessage).where(this).values(archived_at=func.coalesce(InboxMessage.archived_at, now))
    if db.session.execute(put.returning(InboxMessage.id)).first() is None:
        raise NotFound(MESSAGE_UNKNOWN)
    _read(this, now)


def bring_back(recipient: Recipient, *, inbox_id: uuid.UUID) -> None:
    """Takes a message out of the archive. Raises NotFound(message_unknown)."""
    this = and_(_of(recipient), InboxMessage.id == inbox_id)
    back = update(InboxMessage).where(this).values(archived_at=None)
    if db.session.execute(back.returning(InboxMessage.id)).first() is None:
        raise NotFound(MESSAGE_UNKNOWN)


def _read(which: ColumnElement[bool], now: datetime.datetime) -> None:
    seen = update(InboxMessage).where(which, InboxMessage.read_at.is_(None))
    read = list(db.session.scalars(seen.values(read_at=now, next_step_at=None).returning(InboxMessage.id)))
    if read:
        arrived = Delivery.status.in_([DeliveryStatus.SENT, DeliveryStatus.DELIVERED])
        theirs = update(Delivery).where(Delivery.inbox_id.in_(read), arrived)
        db.session.execute(theirs.values(status=DeliveryStatus.READ))


def _of(recipient: Recipient) -> ColumnElement[bool]:
    return and_(InboxMessage.recipient_kind == recipient.kind, InboxMessage.recipient_id == recipient.id)
