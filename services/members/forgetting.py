"""What of this package has had its time."""

import datetime

from sqlalchemy import delete

from services.core.calendar import local_date
from services.core.db import run
from services.members.models import UnmaskTally

TALLIES_KEPT = datetime.timedelta(days=183)
"""As long as the law asks for records of access."""


def purge_tallies(now: datetime.datetime) -> int:
    """Forgets tallies of looks; returns how many. Run it until it returns 0."""
    return run(delete(UnmaskTally).where(UnmaskTally.day < local_date(now - TALLIES_KEPT)), {}).rowcount
