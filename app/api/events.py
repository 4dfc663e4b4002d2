"""Events for everybody: what is on, one event with everything it says; for a member whether he may, or why not."""

import datetime
from typing import Any
from uuid import UUID

from flask import url_for
from marshmallow import fields, validate

from app import permissions
from app.api import Blueprint
from app.api.event_shapes import EventTermsOut, enum
from app.api.event_terms import terms_body
from app.api.schemas import Answer, OfficerText, PageIn, Plain, no_of, page_request
from app.throttle import SEARCH
from app.wording import member_words
from services.accounts.types import MemberActor
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Refusal
from services.core.searching import TYPED_MOST, words
from services.events import eligibility, errors, rules, showing
from services.events.queries import entrants, finding, mine, reading
from services.events.queries import events as queries
from services.events.queries.finding import When
from services.events.types import ACTIVE, Category, Entrant, Event, Kind, Mode, Once, Phase, Room, State

events = Blueprint("api_events", __name__, description="What unions put on")

SHOWN_FROM = showing.FEW
STILL = frozenset({Phase.COMING, Phase.OPEN})
HIDDEN = {"description": "null where few people have signed up for something private"}
FOR_MEMBER = {"description": "for the signed-in member; null for others"}


class EventsIn(PageIn):
    kind = enum(Kind, load_default=None)
    when = enum(When, load_default=None, metadata={"description": "none: all that is not over; past: 90 days"})
    q = Plain(
        load_default="",
        validate=validate.Length(max=TYPED_MOST),
        metadata={"description": "words of title, place or organiser; each has to be there"},
    )


class EventOut(Answer):
    id = fields.UUID()
    kind = enum(Kind)
    private = fields.Boolean(metadata={"description": "names and small figures are for the organiser only"})
    title = OfficerText()
    place = OfficerText()
    union_name = OfficerText()
    picture = fields.String(allow_none=True, metadata={"description": "its path on this host, for anybody"})
    phase = enum(Phase)
    mode = enum(Mode)
    starts_at = fields.AwareDateTime()
    ends_at = fields.AwareDateTime()
    opens_at = fields.AwareDateTime()
    closes_at = fields.AwareDateTime()
    capacity = fields.Integer(allow_none=True, metadata={"description": "null: no limit"})
    taken = fields.Integer(allow_none=True, metadata=HIDDEN)
    left = fields.Integer(allow_none=True, metadata={"description": "of the places that are out; null as `taken`"})
    full = fields.Boolean(metadata={"description": "nothing is left of what is out"})
    waiting = fields.Integer(allow_none=True, metadata=HIDDEN)
    next_wave_at = fields.AwareDateTime(allow_none=True, metadata={"description": "when more places come out"})
    signup_id = fields.UUID(allow_none=True, metadata={"description": "the entry that the member is in already"})
    allowed = fields.Boolean(allow_none=True, metadata=FOR_MEMBER)
    code = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)


class EventsOut(Answer):
    items = fields.List(fields.Nested(EventOut))
    next = fields.String(allow_none=True)


class RoomOut(Answer):
    quota = fields.Integer(metadata={"description": "its place in terms.quotas; 0 is the total"})
    taken = fields.Integer(allow_none=True, metadata=HIDDEN)
    left = fields.Integer(allow_none=True, metadata=HIDDEN)
    full = fields.Boolean()


class ChoiceOut(Answer):
    category = fields.Integer()
    allowed = fields.Boolean()
    code = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)


class OwnEntryOut(Answer):
    id = fields.UUID()
    state = enum(State)
    category = fields.Integer()
    slot = fields.Integer(allow_none=True)


class OneEventOut(EventOut):
    terms = fields.Nested(EventTermsOut)
    rooms = fields.List(fields.Nested(RoomOut))
    cancelled_note = fields.String(allow_none=True)
    drawn_at = fields.AwareDateTime(allow_none=True)
    closed_code = fields.String(allow_none=True, metadata={"description": "why nobody may sign up now"})
    closed_reason = fields.String(allow_none=True)
    choices = fields.List(
        fields.Nested(ChoiceOut), allow_none=True, metadata={"description": "by category, for the signed-in member"}
    )
    entries = fields.List(
        fields.Nested(OwnEntryOut), allow_none=True, metadata={"description": "of the member, the newest first"}
    )


@events.route("/events")
@SEARCH
@events.arguments(EventsIn, location="query")
@events.response(200, EventsOut)
@events.doc(security=[{}, {"bearer": []}])
def list_events(query: dict[str, Any]) -> dict[str, Any]:
    """What is on, the next first; for a signed-in member with "may I" and the reason if not."""
    now, actor = clock.now(), permissions.caller_if_any()
    page = finding.page_of_events(
        now=now, request=page_request(query), kind=query["kind"], when=query["when"], asked=words(query["q"])
    )
    own = reading.readers(actor.member_id, of=page.items, now=now) if isinstance(actor, MemberActor) else {}
    return {"items": [event_body(event, own.get(event.id), now) for event in page.items], "next": page.next}


@events.route("/events/<uuid:event_id>")
@events.response(200, OneEventOut)
@events.refusal(404, "no such event, or it was never published")
@events.doc(security=[{}, {"bearer": []}])
def event(event_id: UUID) -> dict[str, Any]:
    """One event, whatever became of it; for a signed-in member why not, by category, and what he is in already."""
    now, actor = clock.now(), permissions.caller_if_any()
    found = queries.public(event_id)
    closed = eligibility.open_now(found, now)
    return {
        "terms": terms_body(found.terms, for_managers=False),
        "rooms": [_room(found, room, now) for room in found.rooms],
        "cancelled_note": found.cancelled_note,
        "drawn_at": found.drawn_at,
        "closed_code": closed.code if closed else None,
        "closed_reason": no_of(closed, member_words)["reason"],
        "choices": None,
        "entries": None,
        **(_of_member(found, actor, now) if isinstance(actor, MemberActor) else event_body(found, None, now)),
    }


def event_body(event: Event, entrant: Entrant | None, now: datetime.datetime) -> dict[str, Any]:
    """The facts of an event; `entrant`: the member who reads it."""
    terms, total = event.terms, _room(event, event.total, now)
    wave = rules.next_wave(terms.waves, now)
    told: dict[str, Any] = {"allowed": None, "code": None, "reason": None}
    if entrant and not entrant.signup_id and rules.phase(event, now) in STILL:
        refusals = [_refusal(event, one, entrant, now) for one in terms.categories]
        told = no_of(None if not refusals or None in refusals else refusals[0], member_words)
    return {
        **{name: getattr(terms, name) for name in _SAME},
        **{name: total[name] for name in ("taken", "left", "full")},
        "id": event.id,
        "private": event.private,
        "union_name": event.union_name,
        "picture": url_for("event_picture.picture", event_id=event.id) if terms.picture else None,
        "phase": rules.phase(event, now),
        "capacity": event.total.quota.capacity,
        "waiting": None if event.private and event.waiting < showing.FEW else event.waiting,
        "next_wave_at": wave.at if wave else None,
        "signup_id": entrant.signup_id if entrant else None,
        **told,
    }


_SAME = ("kind", "title", "place", "mode", "starts_at", "ends_at", "opens_at", "closes_at")


def _of_member(event: Event, actor: MemberActor, now: datetime.datetime) -> dict[str, Any]:
    found = entrants.entrants([actor.member_id], event=event, once_id=event.id, now=now)
    if not found:
        return event_body(event, None, now)
    entries = [own.signup for own in mine.of_event(event.id, member_id=actor.member_id)]
    inside = {one.category for one in entries if one.state in ACTIVE}
    each = event.terms.once is Once.CATEGORY
    already = Refusal(errors.ALREADY_SIGNED_UP)
    choices = [
        {
            "category": one.key,
            **no_of(
                already if (one.key in inside if each else inside) else _refusal(event, one, found[0], now),
                member_words,
            ),
        }
        for one in event.terms.categories
    ]
    return {**event_body(event, found[0], now), "choices": choices, "entries": entries}


def _refusal(event: Event, category: Category, entrant: Entrant, now: datetime.datetime) -> Refusal | None:
    return eligibility.eligible(event.terms, category, entrant, today=local_date(now))


def _room(event: Event, room: Room, now: datetime.datetime) -> dict[str, Any]:
    """Figures of a quota as far as everybody may know them."""
    left = rules.left(event, now)[room.quota.ordinal]
    hidden = room.quota.ordinal not in showing.rooms_shown(event)
    return {
        "quota": room.quota.ordinal,
        "taken": None if hidden else room.taken,
        "left": None if hidden else left,
        "full": left == 0,
    }
