"""A unit enters its people: into which events, who of a list may be entered, entries made, those there are."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from app import permissions
from app.api.event_shapes import KEY_MOST, NEW, enum, whole, yes
from app.api.events import EventOut, event_body
from app.api.schemas import Answer, OfficerText, PageIn, Plain, no_of, page_request
from app.api.signup_shapes import NAME_MOST, PHONE_MOST
from app.api.staff import act, desk, officer, once
from app.api.staff_event_lists import listed_bodies
from app.api.staff_event_shapes import ListedSignupsOut, StaffSignupOut
from app.throttle import WRITE, limiter
from services.accounts.types import Capability
from services.core import clock
from services.core.phones import phone
from services.events.lists import MOST, Line
from services.events.queries import mine, signups
from services.events.service import entering
from services.events.service.entering import Looked, Verdict
from services.events.types import Both, EventId, SignupId
from services.members.types import MemberId
from services.unions import queries as unions
from services.unions.types import UnionPath

entries = desk("api_staff_entries", "A unit enters its people", Capability.ENTER_MEMBERS)

UNKNOWN = "no such event for your unit"
TEAM_MOST = 20


class UnitEventsOut(Answer):
    items = fields.List(fields.Nested(EventOut))


class UnitPersonIn(Schema):
    name = Plain(required=True, validate=validate.Length(1, NAME_MOST))
    phone = Plain(load_default="", validate=validate.Length(max=PHONE_MOST))


class UnitPeopleIn(Schema):
    category = whole(1, KEY_MOST, load_default=1)
    people = fields.List(fields.Nested(UnitPersonIn), required=True, validate=validate.Length(1, MOST))


class UnitLookedOut(Answer):
    verdict = enum(Verdict)
    member_id = fields.UUID(allow_none=True, metadata={"description": "of whoever may be entered"})
    union_name = OfficerText(allow_none=True)
    allowed = fields.Boolean()
    code = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)


class UnitLooksOut(Answer):
    items = fields.List(fields.Nested(UnitLookedOut), metadata={"description": "a verdict for each, in the order sent"})


class UnitEntryIn(Schema):
    members = fields.List(
        fields.UUID(), required=True, validate=validate.Length(1, TEAM_MOST),
        metadata={"description": "one person, or a team with its captain first: all or none"},
    )  # fmt: skip
    category = whole(1, KEY_MOST, load_default=1)
    slot = whole(1, KEY_MOST, **NEW)
    wait = yes(default=True)


@entries.route("/staff/unit-events")
@entries.response(200, UnitEventsOut)
def unit_events() -> dict[str, Any]:
    """Events into which the officer may enter people, now or soon: the next first."""
    now = clock.now()
    return {"items": [event_body(one, None, now) for one in signups.for_units(scopes=_scopes(), now=now)]}


@entries.route("/staff/events/<uuid:event_id>/entries")
@entries.arguments(PageIn, location="query")
@entries.response(200, ListedSignupsOut)
@entries.refusal(404, UNKNOWN)
@entries.refusal(409, "units do not enter their people there; see `code`")
def listed(query: dict[str, Any], event_id: UUID) -> dict[str, Any]:
    """The entries that the officer's units have made, the newest first."""
    event = entering.enterable(officer(), EventId(event_id))
    page = signups.by_units(event.id, page_request(query), scopes=_scopes())
    return {"items": listed_bodies(page.items), "next": page.next}


@entries.route("/staff/events/<uuid:event_id>/entries/look", methods=["POST"])
@limiter.limit(WRITE)
@entries.arguments(UnitPeopleIn)
@entries.response(200, UnitLooksOut)
@entries.refusal(404, UNKNOWN)
@entries.refusal(409, "units do not enter their people there; see `code`")
def look(data: dict[str, Any], event_id: UUID) -> dict[str, Any]:
    """Who of a list may be entered, and why not. Changes nothing."""
    lines = [_line(number, one) for number, one in enumerate(data["people"], start=1)]
    category = data["category"]
    looked = entering.look(
        actor=officer(), event_id=EventId(event_id), lines=lines, category=category, now=clock.now()
    )  # fmt: skip
    names = {path: unions.at(path).name for path in {one.union_path for one in looked} if path}
    return {"items": [_looked(one, names) for one in looked]}


@act(
    entries, "/staff/events/<uuid:event_id>/entries", StaffSignupOut, given=UnitEntryIn, status=201,
    unknown=UNKNOWN, refused="refused; see `code`",
)  # fmt: skip
def enter(data: dict[str, Any], event_id: UUID) -> Response:
    """One entry of people of the officer's unit. Nobody has to confirm; they are told and may withdraw."""
    members = [MemberId(one) for one in data["members"]]
    who, now, at = officer(), clock.now(), {name: data[name] for name in ("category", "slot", "wait")}

    def work() -> Any:
        done = entering.enter(actor=who, event_id=EventId(event_id), member_ids=members, now=now, **at)
        return mine.signups([SignupId(done)])[0] if isinstance(done, UUID) else done

    return once(work, StaffSignupOut(), f"enter {event_id}")


def _line(number: int, person: dict[str, str]) -> Line:
    return Line(number, person["name"], phone(person["phone"]) if person["phone"] else "")


def _looked(one: Looked, names: Mapping[UnionPath, Both]) -> dict[str, Any]:
    told = {**no_of(one.refusal), "allowed": one.verdict is Verdict.FOUND}
    name = names[one.union_path] if one.union_path else None
    return {"verdict": one.verdict, "member_id": one.member_id, "union_name": name, **told}


def _scopes() -> tuple[UnionPath, ...]:
    return permissions.scopes(Capability.ENTER_MEMBERS)
