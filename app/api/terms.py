"""The terms of an offer on the wire, read and written; money is whole fen, times are HH:MM in China."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from marshmallow import Schema, fields, validate

from app.api.schemas import Answer, BothIn, BothOut, Fen, both_of, likely
from services.core import clock
from services.core.calendar import Hours, local_date
from services.core.errors import Invalid
from services.members.types import Standing
from services.merchants.opening import hours_of
from services.merchants.types import BranchId
from services.offers.faults import MOST_STOCK, MOST_USES, faults, over
from services.offers.types import AmountPolicy, BranchShare, Holidays, OfferKind, Terms
from services.unions import queries as unions
from services.unions.types import TradeGroup, UnionId, UnionPath

ON_THE_WIRE = {
    "most_off": "most_off_fen", "threshold": "threshold_fen", "off": "off_fen", "price": "price_fen",
    "list_price": "list_fen", "budget": "budget_fen",
}  # fmt: skip
"""Fields that the form calls otherwise."""
CLOCK = validate.Regexp(r"^([01][0-9]|2[0-4]):[0-5][0-9]\Z")
NEW: dict[str, Any] = {"load_default": None, "allow_none": True}
UNTIL = {"description": "at or before `begin` it is on the next day"}


def _one_of(kinds: Any) -> Any:
    return validate.OneOf([one.value for one in kinds])


class SpanIn(Schema):
    begin = fields.String(required=True, validate=CLOCK, metadata={"description": "HH:MM in China"})
    until = fields.String(required=True, validate=CLOCK, metadata=UNTIL)


class SpanOut(Answer):
    begin = fields.String(metadata={"description": "HH:MM in China"})
    until = fields.String(metadata=UNTIL)


class ShareIn(Schema):
    branch_id = fields.UUID(required=True)
    stock_total = fields.Integer(strict=True, validate=validate.Range(0, MOST_STOCK), **NEW)


class ShareOut(Answer):
    branch_id = fields.UUID()
    stock_total = fields.Integer(allow_none=True)


class TermsIn(Schema):
    """What one version of an offer says. A limit that is left out is none."""

    title = fields.Nested(BothIn, required=True)
    kind = fields.String(required=True, validate=_one_of(OfferKind))
    amount_policy = fields.String(required=True, validate=_one_of(AmountPolicy))
    starts_on = fields.Date(required=True, validate=likely)
    ends_on = fields.Date(required=True, validate=likely)
    percent_off = fields.Integer(strict=True, metadata={"description": "12 is 8.8 折"}, **NEW)
    most_off_fen = Fen(**NEW)
    threshold_fen = Fen(**NEW)
    off_fen = Fen(**NEW)
    price_fen = Fen(metadata={"description": "what the member pays"}, **NEW)
    list_fen = Fen(metadata={"description": "what everybody else pays"}, **NEW)
    gift = fields.Nested(BothIn, **NEW)
    note = fields.Nested(BothIn, metadata={"description": "small print"}, **NEW)
    weekdays = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, 7)), load_default=list, validate=validate.Length(max=7),
        metadata={"description": "1 is Monday; none is every day"},
    )  # fmt: skip
    hours = fields.List(
        fields.Nested(SpanIn), load_default=list, validate=validate.Length(max=6),
        metadata={"description": "none is all day"},
    )  # fmt: skip
    holidays = fields.String(load_default=Holidays.ANY.value, validate=_one_of(Holidays))
    per_member_daily = fields.Integer(strict=True, validate=validate.Range(1, MOST_USES), **NEW)
    per_member_weekly = fields.Integer(strict=True, validate=validate.Range(1, MOST_USES), **NEW)
    per_member_monthly = fields.Integer(strict=True, validate=validate.Range(1, MOST_USES), **NEW)
    per_member_total = fields.Integer(strict=True, validate=validate.Range(1, MOST_USES), **NEW)
    stock_total = fields.Integer(strict=True, validate=validate.Range(0, MOST_STOCK), **NEW)
    branches = fields.List(
        fields.Nested(ShareIn), load_default=list, validate=validate.Length(max=200),
        metadata={"description": "none is every branch of the shop"},
    )  # fmt: skip
    budget_fen = Fen(metadata={"description": "what all uses together may take off"}, **NEW)
    audience_union_id = fields.UUID(metadata={"description": "this union and all below it"}, **NEW)
    audience_groups = fields.List(fields.String(validate=_one_of(TradeGroup)), load_default=list)
    audience_standings = fields.List(fields.String(validate=_one_of(Standing)), load_default=list)
    first_use = fields.Boolean(load_default=False)
    stacks = fields.Boolean(load_default=False)


class TermsOut(Answer):
    """As everybody may read them: what an offer may cost in all is the federation's."""

    title = fields.Nested(BothOut)
    kind = fields.String()
    amount_policy = fields.String(metadata={"description": "whether the clerk types the bill"})
    starts_on = fields.Date()
    ends_on = fields.Date()
    percent_off = fields.Integer(allow_none=True)
    most_off_fen = fields.Integer(allow_none=True)
    threshold_fen = fields.Integer(allow_none=True)
    off_fen = fields.Integer(allow_none=True)
    price_fen = fields.Integer(allow_none=True)
    list_fen = fields.Integer(allow_none=True)
    gift = fields.Nested(BothOut, allow_none=True)
    note = fields.Nested(BothOut, allow_none=True)
    weekdays = fields.List(fields.Integer())
    hours = fields.List(fields.Nested(SpanOut))
    holidays = fields.String()
    per_member_daily = fields.Integer(allow_none=True)
    per_member_weekly = fields.Integer(allow_none=True)
    per_member_monthly = fields.Integer(allow_none=True)
    per_member_total = fields.Integer(allow_none=True)
    stock_total = fields.Integer(allow_none=True)
    branches = fields.List(fields.Nested(ShareOut))
    audience_union_id = fields.UUID(allow_none=True)
    audience_groups = fields.List(fields.String())
    audience_standings = fields.List(fields.String())
    first_use = fields.Boolean()
    stacks = fields.Boolean()


class WholeTermsOut(TermsOut):
    budget_fen = fields.Integer(allow_none=True)


def terms_of(data: dict[str, Any], federation: UnionPath) -> Terms:
    """What was written, for a shop of that federation.

    Raises Invalid for the first fault, named as on the wire, and NotFound(union_unknown).
    """
    union_id = data["audience_union_id"]
    if union_id:
        union = unions.office_within(UnionId(union_id), scopes=(federation,))
        # The whole federation is everybody.
        union_id = union.id if "." in union.path else None
    terms = Terms(
        **{
            **data,
            "title": both_of(data["title"]) or {"zh": ""},
            "kind": OfferKind(data["kind"]),
            "amount_policy": AmountPolicy(data["amount_policy"]),
            "gift": both_of(data["gift"]),
            "note": both_of(data["note"]),
            "weekdays": tuple(sorted(data["weekdays"])),
            "hours": tuple(sorted(hours for span in data["hours"] for hours in span_of(span))),
            "holidays": Holidays(data["holidays"]),
            "branches": tuple(BranchShare(BranchId(one["branch_id"]), one["stock_total"]) for one in data["branches"]),
            "audience_union_id": union_id,
            "audience_groups": tuple(map(TradeGroup, dict.fromkeys(data["audience_groups"]))),
            "audience_standings": tuple(map(Standing, dict.fromkeys(data["audience_standings"]))),
        }
    )
    with named_as_sent():
        for fault in faults(terms):
            raise fault
        refuse_over(terms)
    return terms


def refuse_over(terms: Terms) -> None:
    """Raises Invalid(last_day_past)."""
    if fault := over(terms, today=local_date(clock.now())):
        raise fault


@contextmanager
def named_as_sent() -> Iterator[None]:
    """A fault of terms names the field that the client sent."""
    try:
        yield
    except Invalid as error:
        field = str(error.facts.get("field", ""))
        error.facts["field"] = ON_THE_WIRE.get(field, field or None)
        raise


def terms_body(terms: Terms) -> dict[str, Any]:
    body = {one.name: getattr(terms, one.name) for one in dataclasses.fields(Terms)}
    return {**body, "hours": [span_body(hours) for hours in terms.hours]}


def span_of(span: dict[str, str], field: str = "hours") -> tuple[Hours, ...]:
    return hours_of(f"{span['begin']}-{span['until']}", field=field)


def span_body(hours: Hours) -> dict[str, str]:
    begin, until = (f"{minute // 60:02d}:{minute % 60:02d}" for minute in (hours.begin, hours.until))
    return {"begin": begin, "until": until}
