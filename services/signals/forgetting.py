"""What of this package has had its time."""

import datetime

from services.core import purging
from services.signals.models import Signal

SIGNALS_KEPT = datetime.timedelta(days=365)


def purge_signals(now: datetime.datetime) -> int:
    """Forgets a batch of old lines, looked at or not; returns how many. Run it until it returns 0."""
    return purging.forget_made(Signal.id, before=now - SIGNALS_KEPT)
