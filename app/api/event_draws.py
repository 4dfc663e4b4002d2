"""The draw of an event, for everybody: before it the promise, after it the seed, the list and the result."""

from typing import Any
from uuid import UUID

from flask import url_for
from marshmallow import fields

from app.api import Blueprint
from app.api.schemas import Answer
from app.throttle import SEARCH
from services.core.errors import NotFound
from services.events import errors
from services.events.queries import draws, events
from services.events.types import Event, Mode

event_draws = Blueprint("api_event_draws", __name__, description="Draws that anybody can run again")

TICKETS = range(1, 5)
AFTER: dict[str, Any] = {"allow_none": True, "metadata": {"description": "null before the draw"}}
NUMBERS: dict[str, Any] = {"allow_none": True, "metadata": {"description": "in the order of the draw; null before it"}}


class DrawQuotaOut(Answer):
    label = fields.String(metadata={"description": "Q and its place in terms.quotas; Q0 is the total"})
    capacity = fields.Integer(metadata={"description": "9999999: no limit"})


class DrawFilesOut(Answer):
    """Paths on this host, for anybody."""

    entries = fields.String(**AFTER)
    record = fields.String(**AFTER)
    program = fields.String(metadata={"description": "runs the draw again: python draw.py draw.json entries.csv"})


class DrumOut(Answer):
    entries = fields.Integer()
    people = fields.Integer()
    places = fields.Integer()
    chances = fields.List(fields.Float(), metadata={"description": "of an entry with 1, 2, 3 and 4 tickets, 0 to 1"})


class DrawOut(Answer):
    commitment = fields.String(metadata={"description": "SHA-256 that was published with the event"})
    committed_at = fields.AwareDateTime()
    drawn_at = fields.AwareDateTime(**AFTER)
    seed = fields.String(**AFTER)
    entries = fields.Integer(**AFTER)
    quotas = fields.List(fields.Nested(DrawQuotaOut), **AFTER)
    winners = fields.List(fields.String(), **NUMBERS)
    waiting = fields.List(fields.String(), **NUMBERS)
    drum = fields.Nested(DrumOut, allow_none=True, metadata={"description": "chances as they stand; null after it"})
    files = fields.Nested(DrawFilesOut)


@event_draws.route("/events/<uuid:event_id>/draw")
@SEARCH
@event_draws.response(200, DrawOut)
@event_draws.refusal(404, "no such event, it was never published, or it has no draw; see `code`")
@event_draws.doc(security=[{}, {"bearer": []}])
def published(event_id: UUID) -> dict[str, Any]:
    """What everybody may know of a draw: entries by their numbers, never by names."""
    event = events.public(event_id)
    found = draws.published(event_id) if event.terms.mode is Mode.DRAW else None
    if found is None:
        raise NotFound(errors.NOT_A_DRAW)
    record: dict[str, Any] = found.record or {}
    paths = {
        name: url_for(f"event_draws.{name}", event_id=event_id) if found.record or name == "program" else None
        for name in ("entries", "record", "program")
    }
    told = {name: record.get(name) for name in ("seed", "quotas", "winners", "waiting")}
    return {**vars(found), **told, "files": paths, "drum": drum(event)}


def drum(event: Event) -> dict[str, Any] | None:
    """For DrumOut: what is in the drum of a draw to come, and what each number of tickets is worth."""
    if event.private or event.terms.mode is not Mode.DRAW or event.drawn_at or event.cancelled_at:
        return None
    odds = draws.odds(event)
    return {**vars(odds), "chances": [odds.chance(tickets) for tickets in TICKETS]}
