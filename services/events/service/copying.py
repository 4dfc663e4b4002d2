"""An event again, a year later."""

import dataclasses
import datetime

from services.accounts.types import OfficerActor
from services.core import audit
from services.events.queries import events
from services.events.service import organising
from services.events.types import EventId, Terms

YEAR = datetime.timedelta(weeks=52)
"""The same day of the week, about the same day of the year."""


def copy(*, actor: OfficerActor, event_id: EventId, now: datetime.datetime) -> EventId:
    """A draft with the same terms 52 weeks later; if that has passed too, at the next such time that is to come.

    All times move alike, the picture is the same file. For the same union. Audited as event.drafted, with what it was
    copied from. Raises as events.managed, and NotFound(union_unknown) for an organiser that is closed.
    """
    event = events.managed(event_id, actor=actor)
    made = organising.draft(actor=actor, union_id=event.union_id, terms=later(event.terms, now=now), now=now)
    audit.record("event.copied", actor=actor.label, subject_id=made, now=now, detail={"from": str(event_id)})
    return made


def later(terms: Terms, *, now: datetime.datetime) -> Terms:
    """The same terms by the smallest number of such years, at least one, after which the event is still to come."""
    return moved(terms, by=YEAR * max(1, (now - terms.starts_at) // YEAR + 1))


def moved(terms: Terms, *, by: datetime.timedelta) -> Terms:
    """Every time of the terms later by as much."""
    return dataclasses.replace(
        terms,
        starts_at=terms.starts_at + by,
        ends_at=terms.ends_at + by,
        opens_at=terms.opens_at + by,
        closes_at=terms.closes_at + by,
        cancel_until=terms.cancel_until + by,
        waves=tuple(dataclasses.replace(wave, at=wave.at + by) for wave in terms.waves),
        slots=tuple(
            dataclasses.replace(slot, begins_at=slot.begins_at + by, ends_at=slot.ends_at + by) for slot in terms.slots
        ),
    )
