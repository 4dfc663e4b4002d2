"""Shapes of what happens at the door of an event."""

from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app.api.event_shapes import KEY_MOST, NEW, enum, whole
from app.api.schemas import Answer, OfficerText, PageIn, Plain, ProblemOut, moment
from app.api.signup_shapes import PHONE_MOST, MateIn, OwnEventOut
from services.events.types import How, Role

CODE_MOST, STAMP_MOST, PEOPLE_MOST = 200, 80, 50
TICKS_MOST = 2000
FEW_MINUTES = "good for five minutes"


def ordinal(**options: Any) -> fields.Integer:
    return whole(0, 100, **options)


def code(description: str, **options: Any) -> fields.String:
    return fields.String(validate=validate.Length(1, CODE_MOST), metadata={"description": description}, **options)


def stamp(description: str, **options: Any) -> fields.String:
    return fields.String(validate=validate.Length(1, STAMP_MOST), metadata={"description": description}, **options)


class CheckInIn(Schema):
    """`code` alone; or, for a member, `stamp`; or, for officers, `signup_id` with `ordinals`."""

    code = code("officer: the member’s card code or eight digits; member: the venue’s code, for all who came along")
    stamp = stamp("of POST /venue")
    signup_id = fields.UUID()
    ordinals = fields.List(
        ordinal(), validate=validate.Length(1, PEOPLE_MOST),
        metadata={"description": "with `stamp`: guests and children who came along; with `signup_id`: who has come"},
    )  # fmt: skip

    @validates_schema
    def one_way(self, data: dict[str, Any], **kwargs: Any) -> None:
        if set(data) not in ({"code"}, {"stamp"}, {"stamp", "ordinals"}, {"signup_id", "ordinals"}):
            raise ValidationError("code, or stamp, or signup_id and ordinals", "code")


class AttendeeOut(Answer):
    """Somebody of the entry; `masked_name` may be shown to anybody."""

    signup_id = fields.UUID()
    ordinal = fields.Integer()
    role = enum(Role)
    masked_name = fields.String()
    union_name = OfficerText(allow_none=True)
    checked_in_at = fields.AwareDateTime(attribute="in_at", allow_none=True)
    checked_in_by = fields.String(
        attribute="in_by", allow_none=True, metadata={"description": "masked name of the officer; null: the member"}
    )
    how = enum(How, allow_none=True)


class CheckInOut(Answer):
    fresh = fields.Boolean(metadata={"description": "false: was in already, since and by whom `person` says"})
    person = fields.Nested(AttendeeOut)
    others = fields.List(fields.Nested(AttendeeOut), metadata={"description": "the rest of a captain’s entry"})


class StrangerOut(Answer):
    """A member whose card is good and who has not signed up."""

    member_id = fields.UUID()
    masked_name = fields.String()
    stamp = fields.String(
        allow_none=True, metadata={"description": f"for door/walk-ins, {FEW_MINUTES}; null: she is not taken in"}
    )
    allowed = fields.Boolean(metadata={"description": "the event takes people at the door now"})
    code = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)


class NotCheckedInOut(ProblemOut):
    stranger = fields.Nested(StrangerOut, metadata={"description": "to officers, with `not_signed_up` after a card"})


class VenueIn(Schema):
    code = code("as the venue shows it, with or without the address before it", required=True)


class VenueOut(Answer):
    event = fields.Nested(OwnEventOut)
    people = fields.List(
        fields.Nested(AttendeeOut),
        metadata={"description": "the member in each entry that has a place, then guests and children of hers"},
    )
    walk_in = fields.Boolean(metadata={"description": "has no entry that goes on, and may sign up here"})
    stamp = fields.String(metadata={"description": f"for checkins and walk-ins of this member, {FEW_MINUTES}"})


class WalkInIn(Schema):
    category = whole(1, KEY_MOST, load_default=1, metadata={"description": "a key of terms.categories"})
    slot = whole(1, KEY_MOST, metadata={"description": "a key of terms.slots, where there are any"}, **NEW)


class OwnWalkInIn(WalkInIn):
    stamp = stamp("of POST /venue", required=True)


class StaffWalkInIn(WalkInIn):
    """`member_id` with `stamp`, of a card that was just read; or `name` with `phone`, as the person says them."""

    member_id = fields.UUID()
    stamp = stamp("of `stranger`")
    name = Plain(validate=MateIn().fields["name"].validate)
    phone = Plain(validate=validate.Length(1, PHONE_MOST))

    @validates_schema
    def one_way(self, data: dict[str, Any], **kwargs: Any) -> None:
        if set(data) - {"category", "slot"} not in ({"member_id", "stamp"}, {"name", "phone"}):
            raise ValidationError("member_id and stamp, or name and phone", "name")


class StaffDoorOut(Answer):
    id = fields.UUID()
    title = OfficerText()
    place = OfficerText()
    starts_at = fields.AwareDateTime()
    ends_at = fields.AwareDateTime()
    allowed = fields.Boolean(metadata={"description": "officers may check people in now"})
    code = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    walk_ins = fields.Boolean(metadata={"description": "people may sign up at the door now"})


class StaffDoorsOut(Answer):
    items = fields.List(fields.Nested(StaffDoorOut))


class AttendanceOut(Answer):
    category = fields.Integer()
    slot = fields.Integer(allow_none=True)
    expected = fields.Integer()
    come = fields.Integer()


class OneStaffDoorOut(StaffDoorOut):
    groups = fields.List(fields.Nested(AttendanceOut), metadata={"description": "people, by category and slot"})
    expected = fields.Integer(metadata={"description": "members with a place, each once"})
    come = fields.Integer(metadata={"description": "of these"})
    absent = fields.Integer(metadata={"description": "of these, who have said yes themselves and are not in"})
    kept = fields.Boolean(metadata={"description": "enough are in for the others to count as missing"})
    settles_at = fields.AwareDateTime(metadata={"description": "misses are written then; paper is entered before"})
    settled = fields.Boolean(metadata={"description": "misses are written: nothing about the door can change"})
    missed = fields.Integer(metadata={"description": "people who missed it, cleared misses too"})


class DoorPeopleIn(PageIn):
    come = fields.Boolean(load_default=None, metadata={"description": "only those who are in, or are not"})
    category = fields.Integer(load_default=None, validate=validate.Range(1, KEY_MOST))
    slot = fields.Integer(load_default=None, validate=validate.Range(1, KEY_MOST))


class DoorFindIn(Schema):
    q = Plain(
        required=True, validate=validate.Length(1, 40),
        metadata={"description": "a part of a member's name, or a whole number"},
    )  # fmt: skip


class DoorPersonOut(AttendeeOut):
    """Somebody of an entry that has its place, by name: for the organiser only."""

    number = fields.String()
    name = fields.String()
    category = fields.Integer()
    slot = fields.Integer(allow_none=True)
    joined = fields.Boolean(metadata={"description": "said yes, or another for them: may be checked in"})
    ticked_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "when a tick made on paper was typed in; checked_in_at is its time"}
    )


class DoorFoundOut(Answer):
    items = fields.List(fields.Nested(DoorPersonOut))


class DoorPeopleOut(DoorFoundOut):
    next = fields.String(allow_none=True)
    total = fields.Integer()


class DoorPersonIn(Schema):
    signup_id = fields.UUID(required=True)
    ordinal = ordinal(required=True)


class TickIn(DoorPersonIn):
    at = moment(required=True, metadata={"description": "when the tick was made"})


class TicksIn(Schema):
    ticks = fields.List(fields.Nested(TickIn), required=True, validate=validate.Length(1, TICKS_MOST))


class TickedOut(Answer):
    fresh = fields.Integer()
    already = fields.Integer(metadata={"description": "were in, and stay as they were"})
    refused = fields.Integer(metadata={"description": "have no place, or have not said yes to it"})


class DoorCodeOut(Answer):
    code = fields.String()
    address = fields.String(metadata={"description": "what the QR code holds"})
    renew_at = fields.AwareDateTime(metadata={"description": "when to fetch the next one"})
    expires_at = fields.AwareDateTime()
