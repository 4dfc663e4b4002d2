"""What of this package has had its time."""

import datetime

from sqlalchemy import exists

from services.core import purging
from services.redemptions.models import Attempt, Redemption, Scan

ATTEMPTS_KEPT = SCANS_KEPT = datetime.timedelta(days=183)
LATELY = datetime.timedelta(days=30)
REDEMPTIONS_KEPT = datetime.timedelta(days=3 * 365 + 1)
"""Three years: as long as a claim out of an agreement with a shop can be made (民法典 188)."""


def purge_attempts(now: datetime.datetime) -> int:
    """Forgets a batch of old refusals; returns how many. Run it until it returns 0."""
    return purging.forget_made(Attempt.id, before=now - ATTEMPTS_KEPT)


def purge_redemptions(now: datetime.datetime) -> int:
    """Forgets a batch of old redemptions; returns how many. Run it until it returns 0, and `purge_scans` after it."""
    return purging.forget(Redemption.redeemed_at, before=now - REDEMPTIONS_KEPT)


def purge_scans(now: datetime.datetime) -> int:
    """Forgets a batch of old scans that led to nothing, or to what is forgotten; returns how many."""
    unused = ~exists().where(Redemption.scan_id == Scan.id)
    forgotten = purging.forget_made(Scan.id, before=now - REDEMPTIONS_KEPT, which=unused)
    # What led to something stays for years: only those that came due lately are looked through every hour.
    lately = Scan.id >= purging.key_of(now - SCANS_KEPT - LATELY)
    return forgotten + purging.forget_made(Scan.id, before=now - SCANS_KEPT, which=unused & lately)
