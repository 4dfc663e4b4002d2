"""What its owner does with an inbox."""

import datetime
import uuid

from sqlalchemy import update

from services.core.db import db
from services.notifications.models import Delivery, InboxMessage
from services.notifications.types import DeliveryStatus, Recipient


def mark_read(recipient: Recipient, *, now: datetime.datetime, newest: uuid.UUID | None = None) -> None:
    """The recipient has seen everything up to `newest`, the top of the list shown; without it, everything there is.

    No channel is tried any more for what was read.
    """
    seen = update(InboxMessage).where(
        InboxMessage.recipient_kind == recipient.kind,
        InboxMessage.recipient_id == recipient.id,
        InboxMessage.read_at.is_(None),
    )
    if newest is not None:
        seen = seen.where(InboxMessage.id <= newest)
    read = list(db.session.scalars(seen.values(read_at=now, next_step_at=None).returning(InboxMessage.id)))
    if read:
        arrived = Delivery.status.in_([DeliveryStatus.SENT, DeliveryStatus.DELIVERED])
        theirs = update(Delivery).where(Delivery.inbox_id.in_(read), arrived)
        db.session.execute(theirs.values(status=DeliveryStatus.READ))
