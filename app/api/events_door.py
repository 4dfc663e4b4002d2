"""At the door of an event: an officer checks people in, or a member herself by the venue's code."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify
from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app import permissions
from app.api import Blueprint
from app.api.schemas import Answer, OfficerText
from app.errors import problem_response, refusal_problem
from app.throttle import SCAN, limiter
from services.accounts.types import Capability, MemberActor, OfficerActor
from services.core import clock
from services.core.errors import Forbidden, Refusal
from services.core.transaction import in_transaction
from services.events import errors
from services.events.service import door
from services.events.types import EventId, How, Role, SignupId
from services.events.types.door import Arrival, Stranger

doors = Blueprint("api_event_doors", __name__, description="Check-in at events")


class CheckInIn(Schema):
    """`code` alone, or `signup_id` with `ordinals`: the latter for officers."""

    code = fields.String(
        validate=validate.Length(1, 200),
        metadata={"description": "officer: the member’s card code or eight digits; member: the venue’s code"},
    )
    signup_id = fields.UUID()
    ordinals = fields.List(
        fields.Integer(strict=True, validate=validate.Range(0, 100)), validate=validate.Length(1, 50)
    )

    @validates_schema
    def one_way(self, data: dict[str, Any], **kwargs: Any) -> None:
        if ("code" in data) == ("signup_id" in data) or ("signup_id" in data) != ("ordinals" in data):
            raise ValidationError("code, or signup_id and ordinals", "code")


class AttendeeOut(Answer):
    """Somebody of the entry; `masked_name` may be shown to anybody."""

    signup_id = fields.UUID()
    ordinal = fields.Integer()
    role = fields.Enum(Role, by_value=True)
    masked_name = fields.String()
    union_name = OfficerText(allow_none=True)
    checked_in_at = fields.AwareDateTime(attribute="in_at", allow_none=True)
    checked_in_by = fields.String(
        attribute="in_by", allow_none=True, metadata={"description": "masked name of the officer; null: the member"}
    )
    how = fields.Enum(How, by_value=True, allow_none=True)


class CheckInOut(Answer):
    fresh = fields.Boolean(metadata={"description": "false: was in already, since and by whom `person` says"})
    person = fields.Nested(AttendeeOut)
    others = fields.List(fields.Nested(AttendeeOut), metadata={"description": "the rest of a captain’s entry"})


_out = CheckInOut()


@doors.route("/events/<uuid:event_id>/checkins", methods=["POST"])
@limiter.limit(SCAN)
@doors.arguments(CheckInIn())
@doors.response(200, CheckInOut())
@doors.refusal(404, "there is no such event, or not within the officer’s reach")
@doors.refusal(409, "not checked in; see `code`")
def check_in(data: dict[str, Any], event_id: UUID) -> Response:
    """Checks in by code or by entry. The same person twice is no error: the answer says since when she is in."""
    actor, event = permissions.caller_if_any(), EventId(event_id)
    if isinstance(actor, MemberActor) and "code" in data:
        member: MemberActor = actor
        result: Arrival | Stranger | Refusal = in_transaction(
            lambda: door.check_in_by_code(actor=member, event_id=event, text=data["code"], now=clock.now())
        )
    else:
        result = _by_officer(data, event)
    if isinstance(result, Stranger):
        result = Refusal(errors.NOT_SIGNED_UP)
    return problem_response(refusal_problem(result)) if isinstance(result, Refusal) else jsonify(_out.dump(result))


def _by_officer(data: dict[str, Any], event_id: EventId) -> Arrival | Stranger | Refusal:
    actor = permissions.caller(OfficerActor)
    if not actor.scopes(Capability.MANAGE_EVENTS):
        raise Forbidden("not_allowed")
    if "code" in data:
        return in_transaction(lambda: door.scan(actor=actor, event_id=event_id, text=data["code"], now=clock.now()))
    entry = SignupId(data["signup_id"])
    return in_transaction(
        lambda: door.tick(actor=actor, event_id=event_id, signup_id=entry, ordinals=data["ordinals"], now=clock.now())
    )
