"""The door of an event at the desk: who is expected, who has come; walk-ins, ticks made on paper, the venue's code."""

from typing import Any
from uuid import UUID

from flask import Response, current_app

from app import event_looks, permissions
from app.api.door_shapes import (
    AttendeeOut,
    CheckInOut,
    DoorCodeOut,
    DoorFindIn,
    DoorFoundOut,
    DoorPeopleIn,
    DoorPeopleOut,
    DoorPersonIn,
    OneStaffDoorOut,
    StaffDoorsOut,
    StaffWalkInIn,
    TickedOut,
    TicksIn,
)
from app.api.event_terms import utc
from app.api.schemas import no_of
from app.api.signup_shapes import named
from app.api.staff import act, desk, officer, once
from app.throttle import SCAN, limiter
from services.accounts.types import Capability
from services.core import clock
from services.core.errors import Invalid, NotFound, Refusal
from services.events import door_codes, door_rules, errors
from services.events.queries import door as queries
from services.events.queries import events, misses
from services.events.service import door, walking_in
from services.events.types import Event, EventId, SignupId
from services.events.types.door import Arrival, DoorPerson, Tick
from services.members.types import MemberId

doors = desk("api_staff_doors", "The door of an event, for the organiser", Capability.MANAGE_EVENTS)

UNKNOWN = "no such event in your unions, or a draft"


@doors.route("/staff/doors")
@doors.response(200, StaffDoorsOut)
def near() -> dict[str, Any]:
    """Events whose door is open, or was or will be within a day; the next first."""
    return {"items": [_body(one) for one in queries.near(scopes=_scopes(), now=clock.now())]}


@doors.route("/staff/events/<uuid:event_id>/door")
@doors.response(200, OneStaffDoorOut)
@doors.refusal(404, UNKNOWN)
def one(event_id: UUID) -> dict[str, Any]:
    """Whether the door is open, how many of how many have come, and what being absent will cost."""
    event = _event(event_id)
    turnout = misses.turnout(event.id)
    return {
        **_body(event),
        **vars(turnout),
        "kept": door_rules.kept(turnout.expected, turnout.come),
        "settles_at": event.terms.ends_at + door_rules.TICKS_UNTIL,
        "groups": queries.attendance(event.id),
        "settled": queries.settled(event.id),
        "missed": misses.written(event.id),
    }


@doors.route("/staff/events/<uuid:event_id>/door/people")
@doors.arguments(DoorPeopleIn, location="query")
@doors.response(200, DoorPeopleOut)
@doors.refusal(404, UNKNOWN)
def people(query: dict[str, Any], event_id: UUID) -> dict[str, Any]:
    """Everybody with a place, entry by entry, by their captains' names. Of a private kind kept on record."""
    event, first, limit = _event(event_id), _first(query["cursor"]), query["limit"]
    wanted = {name: query[name] for name in ("come", "category", "slot")}
    total, found = queries.count(event.id, **wanted), queries.expected(event.id, **wanted, first=first, most=limit)
    event_looks.keep(event, len(found))
    return {"items": found, "next": str(first + limit) if first + limit < total else None, "total": total}


@doors.route("/staff/events/<uuid:event_id>/door/find", methods=["POST"])
@limiter.limit(SCAN)
@doors.arguments(DoorFindIn)
@doors.response(200, DoorFoundOut)
@doors.refusal(404, UNKNOWN)
def find(data: dict[str, str], event_id: UUID) -> dict[str, Any]:
    """Whole entries by name or number: posted, for a name stands in no address. Changes nothing."""
    event = _event(event_id)
    found = queries.sought(event.id, data["q"])
    event_looks.keep(event, len(found))
    return {"items": found}


@doors.route("/staff/events/<uuid:event_id>/door/code")
@limiter.limit(SCAN)
@doors.response(200, DoorCodeOut)
@doors.refusal(404, UNKNOWN)
def code(event_id: UUID) -> dict[str, Any]:
    """The venue's code for a screen of its own: members read it and check themselves in."""
    shown, settings = door_codes.venue_code(queries.serial(_event(event_id).id), now=clock.now()), _settings()
    address = f"{settings.public_url}/v/{shown.text}"
    return {
        "code": shown.text,
        "address": address.upper() if settings.code_case == "upper" else address.lower(),
        "renew_at": shown.renew_at,
        "expires_at": shown.expires_at,
    }


@act(
    doors, "/staff/events/<uuid:event_id>/door/walk-ins", CheckInOut, given=StaffWalkInIn, status=201,
    unknown=UNKNOWN, refused="not taken in; see `code`",
)  # fmt: skip
def walk_in(data: dict[str, Any], event_id: UUID) -> Response:
    """Signs up and checks in whose card was just read, or a member by name and phone, where there is room."""
    event, who, now = _event(event_id), officer(), clock.now()
    at = {"category": data["category"], "slot": data["slot"]}
    mate = named(data, "phone") if "phone" in data else None

    def work() -> Arrival | Refusal:
        if mate:
            return walking_in.take_in_named(actor=who, event_id=event.id, named=mate, now=now, **at)
        member_id = MemberId(data["member_id"])
        return walking_in.take_in(
            actor=who, event_id=event.id, member_id=member_id, stamp=data["stamp"], now=now, **at
        )  # fmt: skip

    return once(work, CheckInOut(), f"walk-in {event_id}")


@act(
    doors, "/staff/events/<uuid:event_id>/door/ticks", TickedOut, given=TicksIn,
    unknown=UNKNOWN, refused="none of them was entered; see `code`",
)  # fmt: skip
def enter_ticks(data: dict[str, Any], event_id: UUID) -> Response:
    """Ticks made on paper, up to a day after the end; none if a time cannot be. Who is in already stays so."""
    event, who, now = _event(event_id), officer(), clock.now()
    ticks = [Tick(SignupId(one["signup_id"]), one["ordinal"], utc(one["at"])) for one in data["ticks"]]
    return once(
        lambda: door.enter_ticks(actor=who, event_id=event.id, ticks=ticks, now=now),
        TickedOut(),
        f"ticks {event_id}",
        status=200,
    )


@act(
    doors, "/staff/events/<uuid:event_id>/door/undo", AttendeeOut, given=DoorPersonIn,
    unknown="no such event in your unions, or nobody of it", refused="was not in, or too late; see `code`",
)  # fmt: skip
def undo(data: dict[str, Any], event_id: UUID) -> Response:
    """Takes a check-in back, on the day of the event; answers with who is out again."""
    event, who, now = _event(event_id), officer(), clock.now()
    signup_id, ordinal = SignupId(data["signup_id"]), data["ordinal"]

    def work() -> DoorPerson:
        door.undo(actor=who, event_id=event.id, signup_id=signup_id, ordinal=ordinal, now=now)
        return next(one for one in queries.of_entry(event.id, signup_id) if one.ordinal == ordinal)

    return once(work, AttendeeOut(), f"undo {event_id}", status=200)


def _body(event: Event) -> dict[str, Any]:
    now = clock.now()
    return {
        **{name: getattr(event.terms, name) for name in ("title", "place", "starts_at", "ends_at")},
        "id": event.id,
        **no_of(door_rules.by_staff(event, now)),
        "walk_ins": door_rules.walk_in(event, now) is None,
    }


def _event(event_id: UUID) -> Event:
    """A published event of the officer's. Raises NotFound(event_unknown)."""
    event = events.within(EventId(event_id), scopes=_scopes())
    if not event.published_at:
        raise NotFound(errors.EVENT_UNKNOWN)
    return event


def _first(cursor: str | None) -> int:
    """Where the next part of the list begins: it has the order of names, which no id follows."""
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < len("100000")):
        raise Invalid("cursor_malformed", field="cursor")
    return int(cursor)


def _scopes() -> Any:
    return permissions.scopes(Capability.MANAGE_EVENTS)


def _settings() -> Any:
    return current_app.config["SETTINGS"]
