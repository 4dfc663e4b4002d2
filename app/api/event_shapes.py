"""Shapes of an event's terms on the wire. A quota's place in the list is its ordinal."""

from typing import Any

from marshmallow import Schema, fields, validate

from app.api.schemas import Answer, BothIn, BothOut, moment
from services.events.faults import (
    AGE_MOST,
    CAPACITY_MOST,
    CATEGORIES_MOST,
    COMPANIONS_MOST,
    ENTRY_MOST,
    OFFER_MINUTES,
    OFFERS_END_MOST,
    QUOTAS_MOST,
    SLOTS_MOST,
    TEXT_MOST,
    WAITING_MOST,
    WAVES_MOST,
)
from services.events.types import Door, Joining, Kind, Mode, Once, QuotaKind, Unit
from services.members.documents import Sex
from services.members.types import Standing
from services.unions.types import TradeGroup

NEW: dict[str, Any] = {"load_default": None, "allow_none": True}
KEY_MOST = 9999


def enum(kind: Any, **options: Any) -> fields.Enum[Any]:
    return fields.Enum(kind, by_value=True, **options)


def whole(least: int, most: int, **options: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(least, most), **options)


def yes(*, default: bool, **options: Any) -> fields.Boolean:
    return fields.Boolean(load_default=default, truthy={True}, falsy={False}, **options)


class EventTextIn(Schema):
    """A text of several lines."""

    zh = fields.String(load_default="", validate=validate.Length(max=TEXT_MOST))
    en = fields.String(load_default="", validate=validate.Length(max=2 * TEXT_MOST))


class PointIn(Schema):
    """Degrees in GCJ-02."""

    latitude = fields.Float(required=True, validate=validate.Range(-90, 90))
    longitude = fields.Float(required=True, validate=validate.Range(-180, 180))


class PointOut(Answer):
    latitude = fields.Float()
    longitude = fields.Float()


class WaveIn(Schema):
    at = moment(required=True)
    places = whole(0, CAPACITY_MOST, required=True)


class WaveOut(Answer):
    at = fields.AwareDateTime()
    places = fields.Integer()


class AgesIn(Schema):
    sex = enum(Sex, **NEW)
    age_from = whole(0, AGE_MOST, **NEW)
    age_to = whole(0, AGE_MOST, **NEW)


class CategoryIn(AgesIn):
    """Something to enter for; least and most: members of one entry, the captain included."""

    key = whole(1, KEY_MOST, required=True)
    name = fields.Nested(BothIn, required=True)
    least = whole(1, ENTRY_MOST, load_default=1)
    most = whole(1, ENTRY_MOST, load_default=1)
    men = whole(0, ENTRY_MOST, load_default=0)
    women = whole(0, ENTRY_MOST, load_default=0)
    guests = whole(0, COMPANIONS_MOST, load_default=0)
    children = whole(0, COMPANIONS_MOST, load_default=0)
    child_from = whole(0, AGE_MOST, load_default=0)
    child_to = whole(0, AGE_MOST, load_default=17)


class CategoryOut(Answer):
    key = fields.Integer()
    name = fields.Nested(BothOut)
    least = fields.Integer()
    most = fields.Integer()
    men = fields.Integer()
    women = fields.Integer()
    guests = fields.Integer()
    children = fields.Integer()
    child_from = fields.Integer()
    child_to = fields.Integer()
    sex = enum(Sex, allow_none=True)
    age_from = fields.Integer(allow_none=True)
    age_to = fields.Integer(allow_none=True)


class SlotIn(Schema):
    key = whole(1, KEY_MOST, required=True)
    begins_at = moment(required=True)
    ends_at = moment(required=True)
    name = fields.Nested(BothIn, **NEW)


class SlotOut(Answer):
    key = fields.Integer()
    begins_at = fields.AwareDateTime()
    ends_at = fields.AwareDateTime()
    name = fields.Nested(BothOut, allow_none=True)


class QuotaIn(AgesIn):
    """So many places for those whom it counts; the first of the list is the total, of kind `all`."""

    kind = enum(QuotaKind, required=True)
    capacity = whole(0, CAPACITY_MOST, metadata={"description": "none: no limit"}, **NEW)
    unit = enum(Unit, load_default=Unit.PEOPLE)
    category = whole(1, KEY_MOST, **NEW)
    slot = whole(1, KEY_MOST, **NEW)
    union_id = fields.UUID(metadata={"description": "this union and all below it"}, **NEW)
    trades = fields.List(enum(TradeGroup), load_default=list, validate=validate.Length(max=len(TradeGroup)))
    name = fields.Nested(BothIn, **NEW)


class QuotaOut(Answer):
    kind = enum(QuotaKind)
    capacity = fields.Integer(allow_none=True)
    unit = enum(Unit)
    category = fields.Integer(allow_none=True)
    slot = fields.Integer(allow_none=True)
    union_id = fields.UUID(allow_none=True)
    sex = enum(Sex, allow_none=True)
    age_from = fields.Integer(allow_none=True)
    age_to = fields.Integer(allow_none=True)
    trades = fields.List(enum(TradeGroup))
    name = fields.Nested(BothOut, allow_none=True)


class EligibilityIn(AgesIn):
    """Empty: everybody of the federation."""

    union_id = fields.UUID(**NEW)
    standings = fields.List(enum(Standing), load_default=list, validate=validate.Length(max=len(Standing)))
    trades = fields.List(enum(TradeGroup), load_default=list, validate=validate.Length(max=len(TradeGroup)))
    level = whole(1, 9, metadata={"description": "has attended the same series at this level or above"}, **NEW)


class EligibilityOut(Answer):
    union_id = fields.UUID(allow_none=True)
    standings = fields.List(enum(Standing))
    trades = fields.List(enum(TradeGroup))
    sex = enum(Sex, allow_none=True)
    age_from = fields.Integer(allow_none=True)
    age_to = fields.Integer(allow_none=True)
    level = fields.Integer(allow_none=True)


class EventTermsIn(Schema):
    """All that an officer says of an event. What is left out is as for most events."""

    kind = enum(Kind, required=True)
    title = fields.Nested(BothIn, required=True)
    text = fields.Nested(EventTextIn, load_default=lambda: {"zh": "", "en": ""})
    place = fields.Nested(BothIn, required=True)
    point = fields.Nested(PointIn, **NEW)
    starts_at = moment(required=True)
    ends_at = moment(required=True)
    opens_at = moment(required=True)
    closes_at = moment(required=True)
    cancel_until = moment(required=True)
    mode = enum(Mode, load_default=Mode.FIRST_COME)
    waves = fields.List(fields.Nested(WaveIn), load_default=list, validate=validate.Length(max=WAVES_MOST))
    categories = fields.List(
        fields.Nested(CategoryIn), required=True, validate=validate.Length(min=1, max=CATEGORIES_MOST)
    )
    slots = fields.List(fields.Nested(SlotIn), load_default=list, validate=validate.Length(max=SLOTS_MOST))
    quotas = fields.List(fields.Nested(QuotaIn), required=True, validate=validate.Length(min=1, max=QUOTAS_MOST))
    eligibility = fields.Nested(EligibilityIn, load_default=lambda: EligibilityIn().load({}))
    once = enum(Once, load_default=Once.EVENT)
    joining = enum(Joining, load_default=Joining.CONFIRM)
    waiting_most = whole(0, WAITING_MOST, load_default=200)
    offer_minutes = whole(*OFFER_MINUTES, load_default=24 * 60)
    offers_end_minutes = whole(0, OFFERS_END_MOST, load_default=120)
    unit_entry = yes(default=False)
    walk_ins = yes(default=False)
    door = enum(Door, load_default=Door.BOTH)
    form = fields.Dict(
        keys=fields.String(), load_default=dict,
        metadata={"description": "questions and keep_days, as GET gives them"},
    )  # fmt: skip
    series = fields.String(validate=validate.Length(1, 40), **NEW)
    level = whole(1, 9, **NEW)
    contact = fields.String(validate=validate.Length(1, 60), **NEW)


class EventTermsOut(Answer):
    kind = enum(Kind)
    title = fields.Nested(BothOut)
    text = fields.Nested(BothOut)
    place = fields.Nested(BothOut)
    point = fields.Nested(PointOut, allow_none=True)
    starts_at = fields.AwareDateTime()
    ends_at = fields.AwareDateTime()
    opens_at = fields.AwareDateTime()
    closes_at = fields.AwareDateTime()
    cancel_until = fields.AwareDateTime()
    mode = enum(Mode)
    waves = fields.List(fields.Nested(WaveOut))
    categories = fields.List(fields.Nested(CategoryOut))
    slots = fields.List(fields.Nested(SlotOut))
    quotas = fields.List(fields.Nested(QuotaOut))
    eligibility = fields.Nested(EligibilityOut)
    once = enum(Once)
    joining = enum(Joining)
    waiting_most = fields.Integer()
    offer_minutes = fields.Integer()
    offers_end_minutes = fields.Integer()
    unit_entry = fields.Boolean()
    walk_ins = fields.Boolean()
    door = enum(Door)
    form = fields.Dict(keys=fields.String(), metadata={"description": "the questions of this reader"})
    series = fields.String(allow_none=True)
    level = fields.Integer(allow_none=True)
    contact = fields.String(allow_none=True)
