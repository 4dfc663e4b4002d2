"""Who has read names of a private kind: kept on record."""

from app.permissions import caller
from services.accounts.types import OfficerActor
from services.core import audit, clock
from services.core.transaction import in_transaction
from services.events.types import Event


def keep(event: Event, count: int) -> None:
    """So many entries, or people at the door, were shown. Nobody shown is nothing looked at."""
    if event.private and count:
        officer, detail = caller(OfficerActor), {"entries": count}
        in_transaction(
            lambda: audit.record(
                "event.list_read", actor=officer.label, subject_id=event.id, now=clock.now(), detail=detail
            )
        )
