"""At the door of an event: an officer checks people in, or a member herself by the venue's code."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify

from app import permissions
from app.api import PROBLEM, Blueprint
from app.api.door_shapes import CheckInIn, CheckInOut, NotCheckedInOut, OwnWalkInIn, StrangerOut, VenueIn, VenueOut
from app.api.schemas import KEY, no_of
from app.api.signup_shapes import event_brief
from app.api.staff import once
from app.errors import problem_response, refusal_problem
from app.throttle import SCAN, WRITE, limiter
from services.accounts.types import Capability, MemberActor, OfficerActor
from services.core import clock
from services.core.errors import Forbidden, Refusal
from services.core.transaction import in_transaction
from services.events import door_rules, errors
from services.events.queries import door as queries
from services.events.service import door, walking_in
from services.events.types import EventId, Role, SignupId
from services.events.types.door import Arrival, Stranger

doors = Blueprint("api_event_doors", __name__, description="Check-in at events")
venue = Blueprint("api_venue", __name__, description="A member where an event takes place")

_out, _stranger = CheckInOut(), StrangerOut()
Result = Arrival | Stranger | Refusal


@doors.route("/events/<uuid:event_id>/checkins", methods=["POST"])
@limiter.limit(SCAN)
@doors.arguments(CheckInIn())
@doors.response(200, CheckInOut())
@doors.refusal(404, "there is no such event, or not within the officer’s reach")
@doors.alt_response(409, schema=NotCheckedInOut, content_type=PROBLEM, description="not checked in; see `code`")
def check_in(data: dict[str, Any], event_id: UUID) -> Response:
    """Checks in by code, stamp or entry. The same person twice is no error: the answer says since when she is in."""
    own = "stamp" in data or ("code" in data and isinstance(permissions.caller_if_any(), MemberActor))
    result = _herself(data, EventId(event_id)) if own else _by_officer(data, EventId(event_id))
    if isinstance(result, Stranger):
        return problem_response(_unknown(result, EventId(event_id)))
    return problem_response(refusal_problem(result)) if isinstance(result, Refusal) else jsonify(_out.dump(result))


@venue.route("/venue", methods=["POST"])
@limiter.limit(SCAN)
@venue.arguments(VenueIn)
@venue.response(200, VenueOut)
@venue.refusal(409, "not a venue’s code, or not any more; see `code`")
def here(data: dict[str, str]) -> Any:
    """Where a member is who has read the venue's code, and who of her people may be checked in. Changes nothing."""
    actor, now = permissions.caller(MemberActor), clock.now()
    event = queries.at_venue(data["code"], now)
    if isinstance(event, Refusal):
        return problem_response(refusal_problem(event))
    mine = queries.of_member(event.id, actor.member_id)
    placed = [one for one in mine if one.joined and one.state in door_rules.PLACED]
    others = queries.of_entries(event.id, [one.signup_id for one in placed if one.captain])
    anew = door_rules.comes_anew(event, [one.state for one in mine], now)
    return {
        "event": event_brief(event),
        "people": [*placed, *(one for one in others if one.role is not Role.MEMBER)],
        "walk_in": anew and door_rules.by_member(event, None, now) is None,
        "stamp": door.venue_stamp(actor=actor, event_id=event.id, now=now),
    }


@venue.route("/events/<uuid:event_id>/walk-ins", methods=["POST"])
@limiter.limit(WRITE)
@venue.arguments(OwnWalkInIn)
@venue.response(201, CheckInOut)
@venue.refusal(404, "no such event, or it was never published")
@venue.refusal(409, "not at the door; see `code`")
@venue.doc(parameters=[KEY])
def walk_in(data: dict[str, Any], event_id: UUID) -> Response:
    """Signs up at the venue, where there is room and the event takes people at the door, and is in."""
    actor, now = permissions.caller(MemberActor), clock.now()
    return once(
        lambda: walking_in.take_in_here(actor=actor, event_id=EventId(event_id), now=now, **data),
        _out,
        f"walk-in {event_id}",
        actor=actor,
    )


def _herself(data: dict[str, Any], event_id: EventId) -> Result:
    actor, now = permissions.caller(MemberActor), clock.now()
    if "code" in data:
        return in_transaction(
            lambda: door.check_in_by_code(actor=actor, event_id=event_id, text=data["code"], now=now)
        )  # fmt: skip
    given: dict[str, Any] = {"stamp": data["stamp"], "ordinals": data.get("ordinals", [])}
    return in_transaction(lambda: door.check_in_here(actor=actor, event_id=event_id, now=now, **given))


def _by_officer(data: dict[str, Any], event_id: EventId) -> Result:
    actor = permissions.caller(OfficerActor)
    if not actor.scopes(Capability.MANAGE_EVENTS):
        raise Forbidden("not_allowed")
    if "code" in data:
        return in_transaction(lambda: door.scan(actor=actor, event_id=event_id, text=data["code"], now=clock.now()))
    entry = SignupId(data["signup_id"])
    return in_transaction(
        lambda: door.tick(actor=actor, event_id=event_id, signup_id=entry, ordinals=data["ordinals"], now=clock.now())
    )


def _unknown(found: Stranger, event_id: EventId) -> dict[str, Any]:
    """To the officer who has just read her card: what it needs to take her in, if she may come in at all."""
    actor, stamp = permissions.caller(OfficerActor), None
    if found.refusal is None:
        stamp = walking_in.scanned_stamp(actor=actor, event_id=event_id, member_id=found.member_id, now=clock.now())
    told = {**vars(found), **no_of(found.refusal), "stamp": stamp}
    return {**refusal_problem(Refusal(errors.NOT_SIGNED_UP)), "stranger": _stranger.dump(told)}
