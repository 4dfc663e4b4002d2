"""What we promise about people's requests, in time."""

import datetime
from collections.abc import Collection

CORRECTED_IN = 10
"""Working days in which a union decides on a correction: two weeks, of the 15 days that the law gives."""
CORRECTIONS_KEPT = datetime.timedelta(days=180)
"""How long a decided correction stays: that it was, and what became of it; what it said goes at once."""
DISPUTE_OPEN = datetime.timedelta(days=30)
"""A use that the member said was not his is being looked into for so long."""
PROVES = frozenset({"phone", "document"})
"""Fields of a record that say who somebody is: whoever changes them can be that person from then on."""


def needs_proof(fields: Collection[str]) -> bool:
    """Is a session alone too little to ask for this? It may be stolen."""
    return not PROVES.isdisjoint(fields)
