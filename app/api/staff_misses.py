"""Misses at the desk: whose they are, cleared with a reason; what a federation makes them cost."""

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from app import permissions
from app.api.event_shapes import enum, whole
from app.api.schemas import Answer, OfficerText, PageIn, Plain, page_request
from app.api.signup_shapes import PauseRuleOut
from app.api.staff import act, desk, officer, once
from app.throttle import WRITE, limiter
from services.accounts.types import Capability
from services.core import clock
from services.core.errors import Invalid
from services.core.transaction import in_transaction
from services.events.queries import misses as queries
from services.events.service import missing
from services.events.types import Kind, Miss, PauseRule
from services.events.types.door import MissId, OfficersMiss
from services.unions.types import UnionPath

misses = desk("api_staff_misses", "Who missed what, and what it costs", Capability.MANAGE_EVENTS)

ELSEWHERE: dict[str, Any] = {
    "allow_none": True,
    "metadata": {"description": "null where another union put on something private"},
}


class MissesFindIn(PageIn):
    q = Plain(
        required=True, validate=validate.Length(1, 40),
        metadata={"description": "a part of a member's name, or a whole phone number"},
    )  # fmt: skip


class StaffMissOut(Answer):
    id = fields.UUID()
    masked_name = fields.String()
    union_name = OfficerText()
    because = enum(Miss)
    kind = enum(Kind, **ELSEWHERE)
    event_id = fields.UUID(**ELSEWHERE)
    title = OfficerText(**ELSEWHERE)
    starts_at = fields.AwareDateTime(**ELSEWHERE)


class StaffMissesOut(Answer):
    items = fields.List(fields.Nested(StaffMissOut))
    next = fields.String(allow_none=True)


class ClearIn(Schema):
    note = Plain(required=True, metadata={"description": "why: 2 to 200 characters, for the officers only"})


class ClearedOut(Answer):
    id = fields.UUID()


class PauseRulesOut(Answer):
    items = fields.List(fields.Nested(PauseRuleOut))
    may_change = fields.Boolean(metadata={"description": "only officers of a federation do"})


class PauseRuleIn(Schema):
    kind = enum(Kind, required=True)
    free = whole(0, missing.FREE_MOST, required=True)
    within_days = whole(1, missing.DAYS_MOST, required=True)
    pause_days = whole(
        0, missing.DAYS_MOST, required=True, metadata={"description": "at most within_days; 0: never a pause"}
    )


@misses.route("/staff/misses")
@misses.arguments(PageIn, location="query")
@misses.response(200, StaffMissesOut)
def listed(query: dict[str, Any]) -> dict[str, Any]:
    """Misses that count, of the members of the officer's unions, the newest first."""
    return _page(query)


@misses.route("/staff/misses/find", methods=["POST"])
@limiter.limit(WRITE)
@misses.arguments(MissesFindIn)
@misses.response(200, StaffMissesOut)
def find(data: dict[str, Any]) -> dict[str, Any]:
    """As the list, by name or phone: posted, for neither stands in an address. Changes nothing."""
    return _page(data, data["q"])


@act(
    misses, "/staff/misses/<uuid:miss_id>/clear", ClearedOut, given=ClearIn,
    unknown="no such miss in your unions", refused="cleared before; see `code`",
)  # fmt: skip
def clear(data: dict[str, str], miss_id: UUID) -> Response:
    """It counts for nothing from now on; a pause that hung on it ends."""
    who, now = officer(), clock.now()

    def work() -> dict[str, UUID]:
        missing.clear(officer=who, miss_id=MissId(miss_id), note=data["note"], now=now)
        return {"id": miss_id}

    return once(work, ClearedOut(), f"clear {miss_id}", status=200)


@misses.route("/staff/pause-rules")
@misses.response(200, PauseRulesOut)
def pause_rules() -> dict[str, Any]:
    """What misses cost in the officer's federation, by kind."""
    return _rules()


@misses.route("/staff/pause-rules", methods=["PUT"])
@limiter.limit(WRITE)
@misses.arguments(PauseRuleIn)
@misses.response(200, PauseRulesOut)
def set_rule(data: dict[str, Any]) -> dict[str, Any]:
    """Sets the rule of one kind; it holds at once, for misses there are already too. For officers of a federation."""
    who, rule = officer(), PauseRule(data["free"], data["within_days"], data["pause_days"])
    try:
        in_transaction(lambda: missing.set_rule(officer=who, kind=data["kind"], rule=rule, now=clock.now()))
    except Invalid as error:
        raise Invalid(error.code, field="pause_days") from error
    return _rules()


def _page(asked: dict[str, Any], sought: str = "") -> dict[str, Any]:
    page = queries.page(page_request(asked), scopes=_scopes(), words=sought)
    return {"items": [_body(one) for one in page.items], "next": page.next}


def _body(one: OfficersMiss) -> dict[str, Any]:
    names = ("kind", "event_id", "title", "starts_at")
    told = {name: getattr(one.miss, name) if one.named else None for name in names}
    return {**told, **vars(one), "id": one.miss.id, "because": one.miss.because}


def _rules() -> dict[str, Any]:
    found, scopes = queries.pause_rules(UnionPath(_scopes()[0])), _scopes()
    return {
        "items": [{"kind": kind, **vars(rule)} for kind, rule in found.items()],
        "may_change": any("." not in scope for scope in scopes),
    }


def _scopes() -> tuple[UnionPath, ...]:
    return permissions.scopes(Capability.MANAGE_EVENTS)
