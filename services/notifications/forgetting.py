"""What of this package has had its time."""

import datetime

from services.core import purging
from services.notifications.models import Delivery, InboxMessage

INBOX_KEPT = datetime.timedelta(days=730)
DELIVERIES_KEPT = datetime.timedelta(days=183)


def purge_inbox(now: datetime.datetime) -> int:
    """Forgets a batch of old messages; returns how many. Run it until it returns 0."""
    return purging.forget_made(InboxMessage.id, before=now - INBOX_KEPT)


def purge_deliveries(now: datetime.datetime) -> int:
    """Forgets a batch of old deliveries; returns how many. Run it until it returns 0."""
    return purging.forget_made(Delivery.id, before=now - DELIVERIES_KEPT)
