"""Who has signed up, at the organiser's desk: listed, looked for, in figures, as a sheet; many approved at once."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from app import event_looks, event_sheet, permissions
from app.api.event_draws import drum
from app.api.event_shapes import KEY_MOST, enum
from app.api.schemas import Answer, PageIn, Plain, page_request
from app.api.staff import act, desk, officer, once
from app.api.staff_event_shapes import EventFiguresOut, ListedSignupsOut, ReasonIn
from app.throttle import WRITE, limiter
from services.accounts.types import Capability
from services.core import clock
from services.core.sheets import XLSX_TYPE
from services.events.queries import events as queries
from services.events.queries import figures, signups
from services.events.queries.signups import Sought
from services.events.service import deciding
from services.events.types import Event, Signup, SignupId, State
from services.members.types import LookReason
from services.unions import queries as unions
from services.unions.types import UnionId

lists = desk("api_staff_event_lists", "Who has signed up, for the organiser", Capability.MANAGE_EVENTS)

UNKNOWN = "no such event in your unions"
SHEET = {"type": "string", "format": "binary"}
SOUGHT_MOST = 40


class ListedIn(PageIn):
    state = enum(State, load_default=None)
    category = fields.Integer(load_default=None, validate=validate.Range(1, KEY_MOST))
    slot = fields.Integer(load_default=None, validate=validate.Range(1, KEY_MOST))
    union_id = fields.UUID(load_default=None, metadata={"description": "with somebody of this union or below it"})


class FoundIn(ListedIn):
    q = Plain(
        required=True,
        validate=validate.Length(1, SOUGHT_MOST),
        metadata={"description": "a part of a member's name, or a whole number"},
    )


class ExportIn(Schema):
    phones = enum(
        LookReason, load_default=None, validate=validate.NoneOf([LookReason.OTHER]),
        metadata={"description": "why phones of the officer's own members are wanted in full: each is kept as a look"},
    )  # fmt: skip


class ManyIn(Schema):
    signup_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(1, 100))


class ManyRefuseIn(ManyIn, ReasonIn):
    pass


class ManyRefusedOut(Answer):
    refused = fields.List(fields.UUID())
    already = fields.List(fields.UUID())
    gone = fields.List(fields.UUID(), metadata={"description": "somebody else decided, or they withdrew"})


class ManyDecidedOut(Answer):
    placed = fields.List(fields.UUID())
    waiting = fields.List(fields.UUID())
    full = fields.List(
        fields.UUID(), metadata={"description": "neither a place nor a waiting list: they stay applications"}
    )
    already = fields.List(fields.UUID())
    gone = fields.List(fields.UUID(), metadata={"description": "somebody else decided, or they withdrew"})


@lists.route("/staff/events/<uuid:event_id>/signups")
@lists.arguments(ListedIn, location="query")
@lists.response(200, ListedSignupsOut)
@lists.refusal(404, UNKNOWN)
def listed(query: dict[str, Any], event_id: UUID) -> dict[str, Any]:
    """Applications and those who wait in their order, others the newest first. Of a private kind kept on record."""
    return _page(_seen(event_id), query)


@lists.route("/staff/events/<uuid:event_id>/signups/find", methods=["POST"])
@limiter.limit(WRITE)
@lists.arguments(FoundIn)
@lists.response(200, ListedSignupsOut)
@lists.refusal(404, UNKNOWN)
def find(data: dict[str, Any], event_id: UUID) -> dict[str, Any]:
    """As the list, by name or number: posted, for a name stands in no address. Changes nothing."""
    return _page(_seen(event_id), data)


@lists.route("/staff/events/<uuid:event_id>/figures")
@lists.response(200, EventFiguresOut)
@lists.refusal(404, UNKNOWN)
def event_figures(event_id: UUID) -> dict[str, Any]:
    """Over time, by union, category and slot. Of a private kind no figure under five, nor what would give it away."""
    event, now = _seen(event_id), clock.now()
    steps, hourly = figures.over_time(event, now)
    by_union, others = figures.by_union(event)
    categories, slots = figures.by_choice(event)
    return {
        "taken": event.total.taken if _shown(event, event.total.taken) else None,
        "states": _states(event),
        "hourly": hourly, "steps": steps, "unions": by_union, "others": others,
        "categories": categories, "slots": slots, "drum": drum(event),
    }  # fmt: skip


@lists.route("/staff/events/<uuid:event_id>/export", methods=["POST"])
@limiter.limit(WRITE)
@lists.arguments(ExportIn)
@lists.response(200, SHEET, content_type=XLSX_TYPE)
@lists.refusal(404, UNKNOWN)
def export(data: dict[str, Any], event_id: UUID) -> Response:
    """All entries as a sheet, a person a line, phones masked unless asked for. Posted, for it is kept on record as the
    officer's look: no link that he follows takes one in his name."""
    return event_sheet.sheet(_seen(event_id), officer=officer(), reason=data["phones"], now=clock.now())


@act(
    lists, "/staff/events/<uuid:event_id>/approve", ManyDecidedOut, given=ManyIn,
    unknown=UNKNOWN, refused="nothing to decide any more; see `code`",
)  # fmt: skip
def approve(data: dict[str, list[UUID]], event_id: UUID) -> Response:
    """Says yes to many, in order of arrival: places while there are any, then turns in the line. Twice is no error."""
    event, who, now = _seen(event_id), officer(), clock.now()
    ids = [SignupId(one) for one in data["signup_ids"]]
    return once(
        lambda: deciding.approve(actor=who, event_id=event.id, signup_ids=ids, now=now),
        ManyDecidedOut(),
        f"approve of {event_id}",
        status=200,
    )


@act(
    lists, "/staff/events/<uuid:event_id>/refuse", ManyRefusedOut, given=ManyRefuseIn,
    unknown=UNKNOWN, refused="nothing to decide any more; see `code`",
)  # fmt: skip
def refuse(data: dict[str, Any], event_id: UUID) -> Response:
    """Says no to many, all for one reason; they are told why. Twice is no error."""
    event, who, now = _seen(event_id), officer(), clock.now()
    ids = [SignupId(one) for one in data.pop("signup_ids")]
    return once(
        lambda: deciding.refuse(actor=who, event_id=event.id, signup_ids=ids, now=now, **data),
        ManyRefusedOut(),
        f"refuse of {event_id}",
        status=200,
    )


def _seen(event_id: UUID) -> Event:
    return queries.within(event_id, scopes=permissions.scopes(Capability.MANAGE_EVENTS))


def _page(event: Event, asked: dict[str, Any]) -> dict[str, Any]:
    union = unions.office(UnionId(asked["union_id"])).path if asked["union_id"] else None
    sought = Sought(asked.get("q", ""), asked["state"], asked["category"], asked["slot"], union)
    page = signups.page(event.id, sought, page_request(asked))
    event_looks.keep(event, len(page.items))
    return {"items": listed_bodies(page.items), "next": page.next}


def listed_bodies(found: Sequence[Signup]) -> list[dict[str, Any]]:
    """For ListedSignupOut."""
    homes = signups.homes(found)
    return [
        {
            **vars(one),
            "by_unit": one.entered_by is not None,
            "people": [
                {**vars(person), "union_name": homes.get(person.member_id) if person.member_id else None}
                for person in one.people
            ],
        }
        for one in found
    ]


def _states(event: Event) -> list[dict[str, Any]]:
    tallies = signups.tallies(event.id)
    return [
        {"state": one, "entries": tallies[one].entries}
        for one in State
        if one in tallies and _shown(event, tallies[one].entries)
    ]


def _shown(event: Event, count: int) -> bool:
    return not event.private or count >= figures.FEW
