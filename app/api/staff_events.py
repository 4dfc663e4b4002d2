"""Events at the desk: written, published, changed, called off, copied, drawn."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from app import permissions, uploads
from app.api.event_shapes import EventTermsIn, EventTermsOut, enum, whole
from app.api.event_terms import terms_body, terms_of
from app.api.schemas import Answer, BothOut, PageIn, Plain, page_request
from app.api.staff import act, desk, officer, once
from app.language import language
from app.pages import event_picture
from app.wording import clerk_words
from services.accounts.types import Capability
from services.core import clock
from services.core.errors import Invalid
from services.core.files import files
from services.core.forms.errors import PICTURE_BROKEN
from services.events import rules
from services.events.faults import faults
from services.events.queries import events as queries
from services.events.queries import organising as lists
from services.events.queries.organising import Shelf
from services.events.service import copying, drawing, organising
from services.events.types import Event, EventId, Phase
from services.unions import queries as unions
from services.unions.types import UnionId, UnionPath

events = desk("api_staff_events", "Events at the desk", Capability.MANAGE_EVENTS)

REVISION_MOST = 2**31 - 1
SEEN = {"description": "the revision that the caller looked at"}
UNKNOWN = "no such event in your unions"
PICTURE_MOST = event_picture.LARGEST // 3 * 4 + 4
"""Signs of a picture in base64."""
uploads.room("api_staff_events.picture", most=PICTURE_MOST + 1024)


class StaffEventsIn(PageIn):
    shelf = enum(Shelf, load_default=Shelf.COMING)


class EventIn(Schema):
    union_id = fields.UUID(required=True, metadata={"description": "who puts it on"})
    terms = fields.Nested(EventTermsIn, required=True)


class EventChangeIn(Schema):
    revision = whole(1, REVISION_MOST, required=True, metadata=SEEN)
    union_id = fields.UUID(load_default=None, metadata={"description": "of a draft only"})
    terms = fields.Nested(EventTermsIn, required=True)


class RevisionIn(Schema):
    revision = whole(1, REVISION_MOST, required=True, metadata=SEEN)


class PictureIn(RevisionIn):
    picture = fields.String(
        required=True, allow_none=True, validate=validate.Length(1, PICTURE_MOST),
        metadata={"description": "in base64: a JPEG, PNG or WebP of at most 8 MB; null: none any more"},
    )  # fmt: skip


class EventNoteIn(Schema):
    note = Plain(required=True, metadata={"description": "2 to 200 characters that members read"})


class EventFaultOut(Answer):
    field = fields.String(metadata={"description": "a term, or categories.0.name and the like"})
    code = fields.String()
    detail = fields.String()


class StaffRoomOut(Answer):
    quota = fields.Integer(metadata={"description": "its place in terms.quotas; 0 is the total"})
    taken = fields.Integer()
    left = fields.Integer(allow_none=True, metadata={"description": "null: no limit"})


class StaffEventOut(Answer):
    id = fields.UUID()
    union_id = fields.UUID()
    union_name = fields.Nested(BothOut)
    phase = enum(Phase)
    private = fields.Boolean()
    revision = fields.Integer()
    published_at = fields.AwareDateTime(allow_none=True)
    cancelled_at = fields.AwareDateTime(allow_none=True)
    cancelled_note = fields.String(allow_none=True)
    drawn_at = fields.AwareDateTime(allow_none=True)
    waiting = fields.Integer()
    undecided = fields.Integer(metadata={"description": "entries in the draw, or applications"})
    rooms = fields.List(fields.Nested(StaffRoomOut))
    picture = fields.Boolean(metadata={"description": "there is one"})
    terms = fields.Nested(EventTermsOut)
    faults = fields.List(
        fields.Nested(EventFaultOut), metadata={"description": "what keeps a draft from being published"}
    )


class StaffEventsOut(Answer):
    items = fields.List(fields.Nested(StaffEventOut))
    next = fields.String(allow_none=True)


class DrawnOut(Answer):
    won = fields.Integer()
    waiting = fields.Integer()
    lapsed = fields.Integer(metadata={"description": "somebody of them had not confirmed"})


@events.route("/staff/events")
@events.arguments(StaffEventsIn, location="query")
@events.response(200, StaffEventsOut)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """One shelf: coming and running ones soonest first, drafts and past ones latest first."""
    page = lists.page(page_request(query), shelf=query["shelf"], scopes=_scopes(), now=clock.now())
    return {"items": [_body(one) for one in page.items], "next": page.next}


@act(events, "/staff/events", StaffEventOut, given=EventIn, status=201, unknown="no such union in your reach")
def draft(data: dict[str, Any]) -> Response:
    """A draft, however unfinished; `faults` says what is missing before it can be published."""
    who, now, terms = officer(), clock.now(), terms_of(data["terms"], _path)
    return once(
        lambda: _read(organising.draft(actor=who, union_id=UnionId(data["union_id"]), terms=terms, now=now)),
        StaffEventOut(),
        "draft",
    )


@events.route("/staff/events/<uuid:event_id>")
@events.response(200, StaffEventOut)
@events.refusal(404, UNKNOWN)
def one(event_id: UUID) -> dict[str, Any]:
    """One event as its organiser has written it."""
    return _read(event_id)


@act(
    events, "/staff/events/<uuid:event_id>", StaffEventOut, given=EventChangeIn, method="PUT",
    unknown=UNKNOWN, refused="it has changed since, or the change is no longer possible; see `code` and `errors`",
)  # fmt: skip
def rewrite(data: dict[str, Any], event_id: UUID) -> Response:
    """Other terms. Of a published event whoever is signed up is told of another time or place, and who waits gets the
    new places."""
    picture = _seen(event_id).terms.picture
    terms = terms_of(data["terms"], _path, picture=picture)
    union_id = UnionId(data["union_id"]) if data["union_id"] else None
    return _act(
        event_id, "rewrite", organising.rewrite, revision=data["revision"], terms=terms, union_id=union_id
    )  # fmt: skip


@act(
    events, "/staff/events/<uuid:event_id>", StaffEventOut, method="DELETE",
    unknown=UNKNOWN, refused="it is published; see `code`",
)  # fmt: skip
def discard(event_id: UUID) -> Response:
    """Deletes a draft; answers with what it said."""
    who, now, pictures = officer(), clock.now(), list[str | None]()

    def work() -> dict[str, Any]:
        event = _seen(event_id)
        organising.discard(actor=who, event_id=event.id, now=now)
        pictures.append(event.terms.picture)
        return _body(event)

    answer = once(work, StaffEventOut(), f"discard {event_id}", status=200)
    for one in pictures:
        event_picture.forget(one)
    return answer


@act(
    events, "/staff/events/<uuid:event_id>/picture", StaffEventOut, given=PictureIn, method="PUT",
    unknown=UNKNOWN, refused="it has changed since; see `code`",
)  # fmt: skip
def picture(data: dict[str, Any], event_id: UUID) -> Response:
    """Another picture, or none. It is drawn anew, so that it says neither place nor camera."""
    event = _seen(event_id)
    key = files.put(event_picture.drawn_anew(_decoded(data["picture"]))) if data["picture"] else None
    try:
        terms = replace(event.terms, picture=key)
        return _act(event_id, "picture", organising.rewrite, revision=data["revision"], terms=terms)
    finally:
        event_picture.forget(key)
        event_picture.forget(event.terms.picture)


@act(
    events, "/staff/events/<uuid:event_id>/publish", StaffEventOut, given=RevisionIn,
    unknown=UNKNOWN, refused="it has changed since; see `code`",
)  # fmt: skip
def publish(data: dict[str, int], event_id: UUID) -> Response:
    """Everybody can read it from now on. Of a draw, the promise about its seed is published with it."""
    return _act(event_id, "publish", organising.publish, revision=data["revision"])


@act(
    events, "/staff/events/<uuid:event_id>/cancel", StaffEventOut, given=EventNoteIn,
    unknown=UNKNOWN, refused="a draft, or over; see `code`",
)  # fmt: skip
def cancel(data: dict[str, str], event_id: UUID) -> Response:
    """Calls it off: every entry ends, and everybody is told why."""
    return _act(event_id, "cancel", organising.cancel, note=data["note"])


@act(events, "/staff/events/<uuid:event_id>/copy", StaffEventOut, status=201, unknown=UNKNOWN)
def copy(event_id: UUID) -> Response:
    """A draft with the same terms 52 weeks later."""
    who, now = officer(), clock.now()
    return once(
        lambda: _read(copying.copy(actor=who, event_id=EventId(event_id), now=now)), StaffEventOut(), f"copy {event_id}"
    )


@act(
    events, "/events/<uuid:event_id>/draw", DrawnOut,
    unknown=UNKNOWN, refused="too early, drawn already, or no draw; see `code`",
)  # fmt: skip
def draw(event_id: UUID) -> Response:
    """Opens the seed, draws, and publishes the list and the result. Once."""
    _seen(event_id)
    who, now = officer(), clock.now()
    return once(
        lambda: drawing.draw(actor=who, event_id=EventId(event_id), now=now), DrawnOut(), f"draw {event_id}", status=200
    )


def _act(event_id: UUID, act: str, verb: Callable[..., Any], **given: Any) -> Response:
    """One verb of an organiser, once for each key; answers with the event as it is then."""
    who, now = officer(), clock.now()

    def work() -> dict[str, Any]:
        verb(actor=who, event_id=EventId(event_id), now=now, **given)
        return _read(event_id)

    return once(work, StaffEventOut(), f"{act} {event_id}", status=200)


def _read(event_id: UUID) -> dict[str, Any]:
    return _body(_seen(event_id))


def _seen(event_id: UUID) -> Event:
    return queries.within(event_id, scopes=_scopes())


def _body(event: Event) -> dict[str, Any]:
    found = faults(event.terms, union=event.union_path) if not event.published_at else []
    return {
        **vars(event),
        "private": event.private,
        "phase": rules.phase(event, clock.now()),
        "rooms": [{"quota": one.quota.ordinal, "taken": one.taken, "left": one.left} for one in event.rooms],
        "picture": event.terms.picture is not None,
        "terms": terms_body(event.terms, for_managers=True),
        "faults": [_fault(one) for one in found],
    }


def _fault(fault: Invalid) -> dict[str, str]:
    facts = {name: fact for name, fact in fault.facts.items() if name != "field"}
    words = clerk_words(fault.code, facts, language=language())
    return {"field": str(fault.facts.get("field", "")), "code": fault.code, "detail": words}


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Invalid(PICTURE_BROKEN, field="picture") from None


def _path(union_id: UnionId) -> UnionPath:
    """Of any union; whether it is one of the organiser's, the terms' own rules say. Raises NotFound(union_unknown)."""
    return unions.office(union_id).path


def _scopes() -> tuple[UnionPath, ...]:
    return permissions.scopes(Capability.MANAGE_EVENTS)
