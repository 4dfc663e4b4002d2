"""Entries at the desk: applications decided, an entry taken out; a unit's officer enters its people."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from app.api.event_shapes import KEY_MOST, NEW, enum, whole, yes
from app.api.schemas import Answer, OfficerText, Plain, no_of
from app.api.signup_shapes import NAME_MOST, PHONE_MOST
from app.api.staff import act, desk, officer, once
from app.throttle import WRITE, limiter
from services.accounts.types import Capability
from services.core import clock
from services.core.errors import NotFound
from services.core.phones import phone
from services.events.errors import SIGNUP_UNKNOWN
from services.events.lists import MOST, Line
from services.events.queries import mine
from services.events.service import deciding, entering, leaving
from services.events.service.deciding import Decided
from services.events.service.entering import Looked, Verdict
from services.events.types import Both, EventId, RefusedFor, Signup, SignupId, State
from services.members.types import MemberId
from services.unions import queries as unions
from services.unions.types import UnionPath

signups = desk("api_staff_signups", "Entries at the organiser's desk", Capability.MANAGE_EVENTS)
entries = desk("api_staff_entries", "A unit enters its people", Capability.ENTER_MEMBERS)

UNKNOWN = "no such entry in your unions' events"
NOTE_MOST = 200
TEAM_MOST = 20


class ReasonIn(Schema):
    reason = enum(RefusedFor, required=True)
    note = Plain(
        load_default="", validate=validate.Length(max=NOTE_MOST), metadata={"description": "asked for `other`"}
    )


class DecidedOut(Answer):
    outcome = fields.String(
        validate=validate.OneOf(["placed", "waiting", "full", "refused", "already", "gone"]),
        metadata={"description": "full: neither a place nor a waiting list, it stays an application"},
    )


class StaffSignupOut(Answer):
    id = fields.UUID()
    event_id = fields.UUID()
    number = fields.String()
    state = enum(State)


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


@act(
    signups, "/staff/signups/<uuid:signup_id>/approve", DecidedOut,
    unknown=UNKNOWN, refused="nothing to decide any more; see `code`",
)  # fmt: skip
def approve(signup_id: UUID) -> Response:
    """Says yes to an application: a place where there is room, else a turn in the waiting line. Twice is no error."""
    entry, who, now = _entry(signup_id), officer(), clock.now()
    return once(
        lambda: _outcome(deciding.approve(actor=who, event_id=entry.event_id, signup_ids=[entry.id], now=now)),
        DecidedOut(),
        f"approve {signup_id}",
        status=200,
    )


@act(
    signups, "/staff/signups/<uuid:signup_id>/refuse", DecidedOut, given=ReasonIn,
    unknown=UNKNOWN, refused="nothing to decide any more; see `code`",
)  # fmt: skip
def refuse(data: dict[str, Any], signup_id: UUID) -> Response:
    """Says no to an application; they are told why. Twice is no error."""
    entry, who, now = _entry(signup_id), officer(), clock.now()

    def work() -> dict[str, str]:
        done = deciding.refuse(actor=who, event_id=entry.event_id, signup_ids=[entry.id], now=now, **data)
        return {"outcome": "refused"} if done.full else _outcome(done)

    return once(work, DecidedOut(), f"refuse {signup_id}", status=200)


@act(
    signups, "/staff/signups/<uuid:signup_id>/remove", StaffSignupOut, given=ReasonIn,
    unknown=UNKNOWN, refused="it has ended; see `code`",
)  # fmt: skip
def remove(data: dict[str, Any], signup_id: UUID) -> Response:
    """Takes an entry out; they are told why, and the next in line is asked."""
    who, now = officer(), clock.now()

    def work() -> Signup:
        leaving.remove(actor=who, signup_id=SignupId(signup_id), now=now, **data)
        return _entry(signup_id)

    return once(work, StaffSignupOut(), f"remove {signup_id}", status=200)


@entries.route("/staff/events/<uuid:event_id>/entries/look", methods=["POST"])
@limiter.limit(WRITE)
@entries.arguments(UnitPeopleIn)
@entries.response(200, UnitLooksOut)
@entries.refusal(404, "no such event for your unit")
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
    unknown="no such event for your unit", refused="refused; see `code`",
)  # fmt: skip
def enter(data: dict[str, Any], event_id: UUID) -> Response:
    """One entry of people of the officer's unit. Nobody has to confirm; they are told and may withdraw."""
    members = [MemberId(one) for one in data["members"]]
    who, now, at = officer(), clock.now(), {name: data[name] for name in ("category", "slot", "wait")}

    def work() -> Any:
        done = entering.enter(actor=who, event_id=EventId(event_id), member_ids=members, now=now, **at)
        return _entry(done) if isinstance(done, UUID) else done

    return once(work, StaffSignupOut(), f"enter {event_id}")


def _entry(signup_id: UUID) -> Signup:
    found = mine.signups([SignupId(signup_id)])
    if not found:
        raise NotFound(SIGNUP_UNKNOWN)
    return found[0]


def _outcome(done: Decided) -> dict[str, str]:
    return {"outcome": next(name for name, ids in vars(done).items() if ids)}


def _line(number: int, person: dict[str, str]) -> Line:
    return Line(number, person["name"], phone(person["phone"]) if person["phone"] else "")


def _looked(one: Looked, names: Mapping[UnionPath, Both]) -> dict[str, Any]:
    told = {**no_of(one.refusal), "allowed": one.verdict is Verdict.FOUND}
    name = names[one.union_path] if one.union_path else None
    return {"verdict": one.verdict, "member_id": one.member_id, "union_name": name, **told}
