"""Shapes of a member's entries on the wire."""

import datetime
from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from app.api.event_shapes import KEY_MOST, NEW, enum, whole, yes
from app.api.schemas import Answer, OfficerText, PageIn, Plain
from services.core.errors import Invalid
from services.core.forms.errors import PHONE_WRONG
from services.core.phones import phone
from services.events.faults import COMPANIONS_MOST, ENTRY_MOST
from services.events.types import Event, Kind, Miss, Named, Presence, RefusedFor, Role, State

NAME_MOST, PHONE_MOST = 60, 40
REASONS = ", ".join(RefusedFor)
BORN = range(1900, 2101)


def born(day: datetime.date) -> None:
    """A year outside is a slip of the finger."""
    if day.year not in BORN:
        raise ValidationError("not such a year")


class MateIn(Schema):
    name = Plain(required=True, validate=validate.Length(1, NAME_MOST))
    phone = Plain(required=True, validate=validate.Length(1, PHONE_MOST))


def named(given: Mapping[str, Any], at: str) -> Named:
    """A colleague as he was written down. Raises Invalid(form_phone_wrong) at the field `at`."""
    digits = phone(given["phone"])
    if digits is None:
        raise Invalid(PHONE_WRONG, field=at)
    return Named(given["name"], digits)


class CompanionIn(Schema):
    role = enum(Role, required=True, validate=validate.NoneOf([Role.MEMBER]))
    name = Plain(required=True, validate=validate.Length(1, NAME_MOST))
    born_on = fields.Date(validate=born, metadata={"description": "of a child"}, **NEW)


class SignupIn(Schema):
    category = whole(1, KEY_MOST, load_default=1, metadata={"description": "a key of terms.categories"})
    slot = whole(1, KEY_MOST, metadata={"description": "a key of terms.slots, where there are any"}, **NEW)
    mates = fields.List(
        fields.Nested(MateIn), load_default=list, validate=validate.Length(max=ENTRY_MOST - 1),
        metadata={"description": "colleagues, as they stand in the roster; terms.joining says whether they are asked"},
    )  # fmt: skip
    companions = fields.List(
        fields.Nested(CompanionIn), load_default=list, validate=validate.Length(max=2 * COMPANIONS_MOST)
    )
    answers = fields.Dict(
        keys=fields.String(), load_default=dict,
        metadata={
            "description": "by the question's key: a text, a list of texts, or {data: the file in base64}; PDF, JPEG or"
            " PNG of at most 5 MB"
        },
    )  # fmt: skip
    wait = yes(default=True, metadata={"description": "without a place, takes a turn in the waiting line"})
    guardian = yes(
        default=False,
        metadata={
            "description": "the member is the guardian of the children, agrees that they come, and looks after them"
            " there; without it nobody signs up a child"
        },
    )


STATES = (
    "as it is now. confirmed: has its place; forming: has it while the others have not joined yet; offered: a place is"
    " kept until due_at, accept or decline; waiting, entered (in a draw), applied: no place yet; all others have ended"
)


class SignedUpOut(Answer):
    id = fields.UUID()
    number = fields.String(metadata={"description": "eight signs that name the entry at the door and in a draw"})
    state = enum(State, metadata={"description": STATES})
    due_at = fields.AwareDateTime(
        allow_none=True,
        metadata={
            "description": "until when a place is kept that is offered, or others may join: of one that is confirmed,"
            " those who were asked in since"
        },
    )
    position = fields.Integer(
        allow_none=True,
        metadata={"description": "while waiting, 1 is next; null where few wait for something private"},
    )


class SignupsIn(PageIn):
    state = fields.String(
        load_default=None,
        validate=validate.OneOf(["active", *(one.value for one in State)]),
        metadata={"description": "active: all that have not ended"},
    )


class OwnEventOut(Answer):
    id = fields.UUID()
    kind = enum(Kind)
    title = OfficerText()
    place = OfficerText()
    starts_at = fields.AwareDateTime()
    ends_at = fields.AwareDateTime()
    cancel_until = fields.AwareDateTime(
        metadata={
            "description": "whoever cancels later counts as missing, but for the first hour after the place became "
            "his: until 10:00 where that ends between 21:00 and then"
        }
    )
    cancelled_at = fields.AwareDateTime(allow_none=True)


def event_brief(event: Event) -> dict[str, Any]:
    """For OwnEventOut."""
    names = ("kind", "title", "place", "starts_at", "ends_at", "cancel_until")
    terms = {name: getattr(event.terms, name) for name in names}
    return {**terms, "id": event.id, "cancelled_at": event.cancelled_at}


class OwnPersonOut(Answer):
    ordinal = fields.Integer(metadata={"description": "0 is the captain"})
    role = enum(Role)
    presence = enum(Presence)
    name = fields.String()
    me = fields.Boolean()
    agreed = fields.Boolean(
        metadata={"description": "has said yes himself: only then not to come is a miss. join says it"}
    )
    checked_in_at = fields.AwareDateTime(allow_none=True)


class OwnSignupOut(SignedUpOut):
    event = fields.Nested(OwnEventOut)
    category = fields.Integer()
    slot = fields.Integer(allow_none=True)
    captain = fields.Boolean(metadata={"description": "whoever is one may cancel, accept, decline and replace"})
    people = fields.List(fields.Nested(OwnPersonOut))
    by_unit = fields.Boolean(metadata={"description": "entered by an officer of the unit"})
    tickets = fields.Integer(allow_none=True, metadata={"description": "in a draw: how many it has, 1 to 4"})
    reason = fields.String(allow_none=True, metadata={"description": f"why the organiser said no: {REASONS}"})
    note = fields.String(allow_none=True, metadata={"description": "what he wrote with it: for the captain"})
    created_at = fields.AwareDateTime()
    changed_at = fields.AwareDateTime()


class OneSignupOut(OwnSignupOut):
    answers = fields.Dict(keys=fields.String(), metadata={"description": "for the captain; of a file its size"})


class OwnSignupsOut(Answer):
    items = fields.List(fields.Nested(OwnSignupOut))
    next = fields.String(allow_none=True)


class MissOut(Answer):
    event_id = fields.UUID()
    title = OfficerText()
    starts_at = fields.AwareDateTime()
    because = enum(Miss)


class PauseRuleOut(Answer):
    kind = enum(Kind)
    free = fields.Integer(metadata={"description": "misses within `within_days` that cost nothing"})
    within_days = fields.Integer()
    pause_days = fields.Integer(metadata={"description": "so long a pause of this kind after one more; 0: none"})


class MissRecordOut(PauseRuleOut):
    misses = fields.List(fields.Nested(MissOut), metadata={"description": "those that count, the newest first"})
    paused_until = fields.AwareDateTime(allow_none=True, metadata={"description": "null: may sign up"})
    next_pauses = fields.Boolean(metadata={"description": "one more miss leads to a pause"})


class MissRecordsOut(Answer):
    items = fields.List(fields.Nested(MissRecordOut), metadata={"description": "kinds without misses are left out"})
