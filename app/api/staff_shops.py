"""Partner shops for the federation's officers: listed, signed, changed, suspended, ended."""

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from app.api.schemas import KEY, Answer, BothIn, BothOut, PageIn, Plain, likely, page_request
from app.api.staff import desk, officer, once, scopes, seen
from app.api.staff_branches import AgreementOut, BranchIn, OutletOut, SignedIn, outlet_body, signed_of, where_of
from app.throttle import WRITE, limiter
from services.core import clock
from services.core.calendar import local_date
from services.core.transaction import in_transaction
from services.merchants import records, rules, service
from services.merchants.types import Record, State, TradeCode
from services.unions import queries as unions

shops = desk("api_staff_shops", "The federation's desk: partner shops")


class RecordsIn(PageIn):
    q = Plain(load_default="", validate=validate.Length(max=records.SEARCH_MOST))
    trade = fields.String(load_default=None, validate=validate.Length(1, 40))
    state = fields.String(load_default=None, validate=validate.OneOf([state.value for state in State]))


class RecordOut(Answer):
    id = fields.UUID()
    name = fields.Nested(BothOut)
    trade = fields.String(attribute="trade.code")
    about = fields.Nested(BothOut, allow_none=True)
    state = fields.String(metadata={"description": "today: open, ending, begins, suspended, no_branch or ended"})
    agreement_from = fields.Date(metadata={"description": "first day with cards"})
    agreement_until = fields.Date(metadata={"description": "last day with cards"})
    suspended_on = fields.Date(allow_none=True, metadata={"description": "first day without cards"})
    suspension_reason = fields.String(allow_none=True)
    plaque_number = fields.String(allow_none=True)
    plaque_hung_on = fields.Date(allow_none=True)
    door_sign_on = fields.Date(allow_none=True)
    ended_at = fields.AwareDateTime(allow_none=True)
    ended_reason = fields.String(allow_none=True)


class RecordsOut(Answer):
    items = fields.List(fields.Nested(RecordOut))
    next = fields.String(allow_none=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), metadata={"description": "of all, by state"})


class WholeRecordOut(RecordOut):
    branches = fields.List(fields.Nested(OutletOut), metadata={"description": "the open ones first"})
    agreements = fields.List(fields.Nested(AgreementOut), metadata={"description": "the newest first"})


class FactsIn(Schema):
    name = fields.Nested(BothIn, required=True)
    trade = fields.String(required=True, validate=validate.Length(1, 40))
    about = fields.Nested(BothIn, load_default=None, allow_none=True)


class ShopIn(FactsIn):
    agreement = fields.Nested(SignedIn, required=True)
    branch = fields.Nested(BranchIn, required=True)


class PlaqueIn(Schema):
    number = Plain(load_default="", validate=validate.Length(max=60))
    hung_on = fields.Date(load_default=None, allow_none=True, validate=likely)
    door_sign_on = fields.Date(load_default=None, allow_none=True, validate=likely)


class SuspendIn(Schema):
    first_day = fields.Date(
        required=True, validate=likely, metadata={"description": "the first day without cards: today or later"}
    )
    reason = Plain(required=True, validate=validate.Length(max=400), metadata={"description": "the shop is told"})


class EndIn(Schema):
    last_day = fields.Date(
        required=True, validate=likely, metadata={"description": "the last day with cards: today or later"}
    )
    reason = Plain(required=True, validate=validate.Length(max=400), metadata={"description": "the shop is told"})


@shops.route("/staff/shops")
@shops.arguments(RecordsIn, location="query")
@shops.response(200, RecordsOut)
def list_shops(query: dict[str, Any]) -> dict[str, Any]:
    """The shops of the officer's federation as they stand today, newest first."""
    today = local_date(clock.now())
    page = records.page_of_records(
        scopes=scopes(),
        on=today,
        request=page_request(query),
        text=query["q"],
        trade=TradeCode(query["trade"]) if query["trade"] else None,
        state=State(query["state"]) if query["state"] else None,
    )
    return {"items": page.items, "next": page.next, "counts": records.counts(scopes=scopes(), on=today)}


@shops.route("/staff/shops", methods=["POST"])
@limiter.limit(WRITE)
@shops.arguments(ShopIn())
@shops.response(201, WholeRecordOut())
@shops.doc(parameters=[KEY])
def sign(data: dict[str, Any]) -> Response:
    """A new partner with its agreement and its first branch, all at once."""
    actor, now, federation = officer().label, clock.now(), unions.at(scopes()[0])
    facts, where = _facts(data), where_of(data["branch"])
    signed = signed_of(data["agreement"])
    first, last = signed.pop("starts_on"), signed.pop("ends_on")

    def work() -> dict[str, Any]:
        merchant_id = service.sign(
            union_id=federation.id, **facts, agreement_from=first, agreement_until=last, **signed, actor=actor, now=now
        )
        service.open_branch(merchant_id=merchant_id, **where, actor=actor, now=now)
        return whole(seen(merchant_id))

    return once(work, WholeRecordOut(), "sign")


@shops.route("/staff/shops/<uuid:merchant_id>")
@shops.response(200, WholeRecordOut)
@shops.refusal(404, "no such shop of your federation")
def shop(merchant_id: UUID) -> dict[str, Any]:
    """One shop with its branches and agreements."""
    return whole(seen(merchant_id))


@shops.route("/staff/shops/<uuid:merchant_id>", methods=["PUT"])
@limiter.limit(WRITE)
@shops.arguments(FactsIn)
@shops.response(200, WholeRecordOut)
@shops.refusal(404, "no such shop of your federation")
def change(data: dict[str, Any], merchant_id: UUID) -> dict[str, Any]:
    """Sets name, trade and what the shop is, as a whole."""
    return _act(merchant_id, service.change, **_facts(data))


@shops.route("/staff/shops/<uuid:merchant_id>/plaque", methods=["PUT"])
@limiter.limit(WRITE)
@shops.arguments(PlaqueIn)
@shops.response(200, WholeRecordOut)
@shops.refusal(404, "no such shop of your federation")
@shops.refusal(409, "another shop has this number")
def hang(data: dict[str, Any], merchant_id: UUID) -> dict[str, Any]:
    """Sets the plaque's number and day and the day of the door sign, as a whole: what is left out is not there."""
    number, hung_on, sign_on = rules.plaque_of(data["number"]), data["hung_on"], data["door_sign_on"]
    return _act(merchant_id, service.hang, plaque_number=number, plaque_hung_on=hung_on, door_sign_on=sign_on)


@shops.route("/staff/shops/<uuid:merchant_id>/suspend", methods=["POST"])
@limiter.limit(WRITE)
@shops.arguments(SuspendIn)
@shops.response(200, WholeRecordOut)
@shops.refusal(404, "no such shop of your federation")
@shops.refusal(409, "another suspension stands, or the partnership has ended")
def suspend(data: dict[str, Any], merchant_id: UUID) -> dict[str, Any]:
    """From that day on the shop takes no cards; it is told why. The same twice is once."""
    return _act(merchant_id, service.suspend, first_day=data["first_day"], reason=rules.reason_of(data["reason"]))


@shops.route("/staff/shops/<uuid:merchant_id>/resume", methods=["POST"])
@limiter.limit(WRITE)
@shops.response(200, WholeRecordOut)
@shops.refusal(404, "no such shop of your federation")
def resume(merchant_id: UUID) -> dict[str, Any]:
    """Takes a suspension back, begun or not; the shop is told. Twice is once."""
    return _act(merchant_id, service.resume)


@shops.route("/staff/shops/<uuid:merchant_id>/end", methods=["POST"])
@limiter.limit(WRITE)
@shops.arguments(EndIn)
@shops.response(200, WholeRecordOut)
@shops.refusal(404, "no such shop of your federation")
@shops.refusal(409, "the partnership was ended otherwise before")
def end(data: dict[str, Any], merchant_id: UUID) -> dict[str, Any]:
    """Ends the partnership on a day; the shop is told why. The same twice is once."""
    return _act(merchant_id, service.end, last_day=data["last_day"], reason=rules.reason_of(data["reason"]))


def whole(record: Record) -> dict[str, Any]:
    outlets = [outlet_body(outlet) for outlet in records.outlets(record.id)]
    return {**vars(record), "branches": outlets, "agreements": records.agreements(record.id)}


def _act(merchant_id: UUID, verb: Any, **values: Any) -> dict[str, Any]:
    found, actor = seen(merchant_id), officer().label
    in_transaction(lambda: verb(merchant_id=found.id, **values, actor=actor, now=clock.now()))
    return whole(seen(merchant_id))


def _facts(data: dict[str, Any]) -> dict[str, Any]:
    about = data["about"]
    return {
        "name": rules.name_of(**data["name"]),
        "trade": TradeCode(data["trade"]),
        "about": rules.about_of(**about) if about else None,
    }
