"""What of this package has had its time."""

import datetime

from services.complaints.models import Complaint
from services.core import purging

COMPLAINTS_KEPT = datetime.timedelta(days=2 * 365)


def purge_complaints(now: datetime.datetime) -> int:
    """Forgets a batch of old complaints; returns how many. Run it until it returns 0."""
    return purging.forget_made(Complaint.id, before=now - COMPLAINTS_KEPT)
