"""Shapes of entries and figures at the organiser's desk."""

from typing import Any

from marshmallow import Schema, fields, validate

from app.api.event_draws import DrumOut
from app.api.event_shapes import enum
from app.api.schemas import Answer, OfficerText, Plain
from app.api.signup_shapes import REASONS
from services.events.types import Presence, RefusedFor, Role, State

NOTE_MOST = 200
FEW: dict[str, Any] = {
    "allow_none": True,
    "metadata": {"description": "people; null where few have signed up for something private"},
}


class ReasonIn(Schema):
    reason = enum(RefusedFor, required=True)
    note = Plain(
        load_default="", validate=validate.Length(max=NOTE_MOST), metadata={"description": "asked for `other`"}
    )


class StaffSignupOut(Answer):
    id = fields.UUID()
    event_id = fields.UUID()
    number = fields.String()
    state = enum(State)


class ListedPersonOut(Answer):
    ordinal = fields.Integer(metadata={"description": "0 is the captain"})
    role = enum(Role)
    presence = enum(Presence)
    name = fields.String()
    union_name = OfficerText(allow_none=True, metadata={"description": "of a member"})
    checked_in_at = fields.AwareDateTime(allow_none=True)


class ListedSignupOut(Answer):
    id = fields.UUID()
    number = fields.String()
    state = enum(State)
    category = fields.Integer()
    slot = fields.Integer(allow_none=True)
    position = fields.Integer(allow_none=True, metadata={"description": "while waiting; 1 is next"})
    due_at = fields.AwareDateTime(allow_none=True)
    tickets = fields.Integer(allow_none=True, metadata={"description": "in a draw: how many it has, 1 to 4"})
    by_unit = fields.Boolean(metadata={"description": "entered by an officer of the unit"})
    reason = fields.String(allow_none=True, metadata={"description": REASONS})
    created_at = fields.AwareDateTime()
    changed_at = fields.AwareDateTime()
    people = fields.List(fields.Nested(ListedPersonOut))


class OneListedSignupOut(ListedSignupOut):
    event_id = fields.UUID()
    note = fields.String(allow_none=True, metadata={"description": "what they were told with `reason`"})
    answers = fields.Dict(
        keys=fields.String(),
        metadata={"description": "the organiser's own among them; of a file its size: files/{key} has it"},
    )


class ListedSignupsOut(Answer):
    items = fields.List(fields.Nested(ListedSignupOut))
    next = fields.String(allow_none=True)


class StepOut(Answer):
    at = fields.AwareDateTime(metadata={"description": "the hour or day that begins then"})
    new = fields.Integer()
    sum = fields.Integer()


class UnionBarOut(Answer):
    name = OfficerText()
    count = fields.Integer(**FEW)


class ChoiceBarOut(UnionBarOut):
    key = fields.Integer()


class OthersOut(Answer):
    count = fields.Integer(**FEW)


class StateCountOut(Answer):
    state = enum(State)
    entries = fields.Integer()


class EventFiguresOut(Answer):
    taken = fields.Integer(**FEW)
    states = fields.List(fields.Nested(StateCountOut), metadata={"description": "those with few left out if private"})
    hourly = fields.Boolean(metadata={"description": "`steps` are hours; else days"})
    steps = fields.List(fields.Nested(StepOut), metadata={"description": "of all entries; none if private"})
    unions = fields.List(fields.Nested(UnionBarOut), metadata={"description": "the largest"})
    others = fields.Nested(OthersOut, allow_none=True, metadata={"description": "all other unions; null: none"})
    categories = fields.List(fields.Nested(ChoiceBarOut))
    slots = fields.List(fields.Nested(ChoiceBarOut))
    drum = fields.Nested(DrumOut, allow_none=True, metadata={"description": "of a draw to come; null if private"})
