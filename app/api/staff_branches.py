"""What belongs to a shop, for officers: its branches, its agreements, who stands at its tills."""

from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from app import permissions
from app.api.own_shop import ClerksOut, InvitedOut, end_clerk, open_branch
from app.api.schemas import KEY, Answer, BothIn, BothOut, Plain, likely
from app.api.shops import OpenOut
from app.api.staff import desk, officer, once, seen
from app.api.terms import CLOCK, UNTIL, span_body, span_of
from app.throttle import WRITE, limiter
from services.core import clock
from services.core.transaction import in_transaction
from services.merchants import queries as merchants
from services.merchants import records, rules, service
from services.merchants.errors import BRANCH_NAME_MISSING
from services.merchants.types import BranchId, OpenHours, Outlet
from services.unions.rules import phone_of
from services.unions.types import Place

branches = desk("api_staff_branches", "The federation's desk: branches, agreements and clerks of partner shops")


class OpenIn(Schema):
    weekday = fields.Integer(
        required=True, strict=True, validate=validate.Range(1, 7), metadata={"description": "1 is Monday"}
    )
    begin = fields.String(required=True, validate=CLOCK, metadata={"description": "HH:MM in China"})
    until = fields.String(required=True, validate=CLOCK, metadata=UNTIL)


class PlaceIn(Schema):
    latitude = fields.Float(required=True, validate=validate.Range(3, 54), metadata={"description": "GCJ-02"})
    longitude = fields.Float(required=True, validate=validate.Range(73, 136))


class BranchIn(Schema):
    name = fields.Nested(BothIn, required=True)
    address = fields.Nested(BothIn, required=True)
    phone = Plain(load_default="", validate=validate.Length(max=40))
    place = fields.Nested(PlaceIn, load_default=None, allow_none=True)
    hours = fields.List(fields.Nested(OpenIn), load_default=list, validate=validate.Length(max=21))


class OutletOut(Answer):
    id = fields.UUID()
    name = fields.Nested(BothOut)
    address = fields.Nested(BothOut)
    phone = fields.String(allow_none=True)
    latitude = fields.Float(allow_none=True)
    longitude = fields.Float(allow_none=True)
    hours = fields.List(fields.Nested(OpenOut))
    closed_at = fields.AwareDateTime(allow_none=True)


class SignedIn(Schema):
    starts_on = fields.Date(required=True, validate=likely)
    ends_on = fields.Date(required=True, validate=likely)
    signed_on = fields.Date(
        load_default=None, allow_none=True, validate=likely, metadata={"description": "today without it"}
    )
    signed_by = Plain(required=True, validate=validate.Length(max=60))


class AgreementOut(Answer):
    id = fields.UUID()
    starts_on = fields.Date()
    ends_on = fields.Date()
    signed_on = fields.Date()
    signed_by = fields.String()
    recorded_at = fields.AwareDateTime()


class AgreementsOut(Answer):
    items = fields.List(fields.Nested(AgreementOut))


class OwnerIn(Schema):
    branch_id = fields.UUID(required=True)


@branches.route("/staff/shops/<uuid:merchant_id>/branches", methods=["POST"])
@limiter.limit(WRITE)
@branches.arguments(BranchIn())
@branches.response(201, OutletOut())
@branches.refusal(404, "no such shop of your federation")
@branches.doc(parameters=[KEY])
def open_one(data: dict[str, Any], merchant_id: UUID) -> Response:
    """One more address of a shop."""
    found, actor, where = seen(merchant_id), officer().label, where_of(data)

    def work() -> dict[str, Any]:
        branch_id = service.open_branch(merchant_id=found.id, **where, actor=actor, now=clock.now())
        return outlet_body(records.outlet(branch_id, merchant_id=found.id))

    return once(work, OutletOut(), f"branch {merchant_id}")


@branches.route("/staff/shops/<uuid:merchant_id>/branches/<uuid:branch_id>", methods=["PUT"])
@limiter.limit(WRITE)
@branches.arguments(BranchIn)
@branches.response(200, OutletOut)
@branches.refusal(404, "no such branch of a shop of your federation")
def change(data: dict[str, Any], merchant_id: UUID, branch_id: UUID) -> dict[str, Any]:
    """Sets all of it as a whole."""
    return _act(merchant_id, branch_id, service.change_branch, **where_of(data))


@branches.route("/staff/shops/<uuid:merchant_id>/branches/<uuid:branch_id>/close", methods=["POST"])
@limiter.limit(WRITE)
@branches.response(200, OutletOut)
@branches.refusal(404, "no such branch of a shop of your federation")
def close(merchant_id: UUID, branch_id: UUID) -> dict[str, Any]:
    """No card is taken there from now on. Twice is once."""
    return _act(merchant_id, branch_id, service.close_branch)


@branches.route("/staff/shops/<uuid:merchant_id>/branches/<uuid:branch_id>/reopen", methods=["POST"])
@limiter.limit(WRITE)
@branches.response(200, OutletOut)
@branches.refusal(404, "no such branch of a shop of your federation")
def reopen(merchant_id: UUID, branch_id: UUID) -> dict[str, Any]:
    """Cards are taken there again. Twice is once."""
    return _act(merchant_id, branch_id, service.reopen_branch)


@branches.route("/staff/shops/<uuid:merchant_id>/agreements")
@branches.response(200, AgreementsOut)
@branches.refusal(404, "no such shop of your federation")
def agreements(merchant_id: UUID) -> dict[str, Any]:
    """What was signed, newest first. Signed papers are kept and read at the desk."""
    return {"items": records.agreements(seen(merchant_id).id)}


@branches.route("/staff/shops/<uuid:merchant_id>/agreements", methods=["POST"])
@limiter.limit(WRITE)
@branches.arguments(SignedIn())
@branches.response(201, AgreementOut())
@branches.refusal(404, "no such shop of your federation")
@branches.doc(parameters=[KEY])
def renew(data: dict[str, Any], merchant_id: UUID) -> Response:
    """Another agreement; the days with cards follow. A partnership that was ended begins again."""
    found, actor, signed = seen(merchant_id), officer().label, signed_of(data)

    def work() -> Any:
        agreement_id = service.renew(merchant_id=found.id, **signed, actor=actor, now=clock.now())
        return records.agreement(agreement_id, merchant_id=found.id)

    return once(work, AgreementOut(), f"agreement {merchant_id}")


@branches.route("/staff/shops/<uuid:merchant_id>/clerks")
@branches.response(200, ClerksOut)
@branches.refusal(404, "no such shop of your federation")
def clerks(merchant_id: UUID) -> dict[str, Any]:
    """Everybody who may scan there, by branch."""
    return {"items": merchants.clerks_of_merchant(seen(merchant_id).id)}


@branches.route("/staff/shops/<uuid:merchant_id>/owner", methods=["POST"])
@limiter.limit(WRITE)
@branches.arguments(OwnerIn)
@branches.response(201, InvitedOut)
@branches.refusal(404, "no such shop of your federation, no such branch of it, or it is closed")
@branches.refusal(409, "the digits drawn are another invitation's: try again")
def invite_owner(data: dict[str, Any], merchant_id: UUID) -> dict[str, Any]:
    """Six digits for the owner, good for ten minutes. Needs a fresh proof: 401 fresh_check_needed without."""
    found, actor, now = seen(merchant_id), officer().label, clock.now()
    permissions.fresh()
    branch_id, name = open_branch(found.id, data["branch_id"]), found.name["zh"][: rules.NAME_MOST]
    digits = in_transaction(
        lambda: service.invite_clerk(branch_id=branch_id, name=name, actor=actor, now=now, owner=True)
    )
    return {"digits": digits, "expires_at": now + service.INVITE_LASTS}


@branches.route("/staff/shops/<uuid:merchant_id>/clerks/<uuid:clerk_id>", methods=["DELETE"])
@limiter.limit(WRITE)
@branches.response(204)
@branches.refusal(404, "no such clerk of a shop of your federation")
def let_go(merchant_id: UUID, clerk_id: UUID) -> None:
    """Ends a clerk's work, or an owner's, at once."""
    end_clerk(seen(merchant_id).id, clerk_id, officer().label)


def where_of(data: dict[str, Any]) -> dict[str, Any]:
    """A branch, as the verbs take it. Raises Invalid."""
    place = data["place"]
    return {
        "name": rules.name_of(**data["name"], missing=BRANCH_NAME_MISSING),
        "address": rules.address_of(**data["address"]),
        "phone": phone_of(data["phone"]),
        "place": Place(round(place["latitude"], 6), round(place["longitude"], 6)) if place else None,
        "hours": [OpenHours(one["weekday"], hours) for one in data["hours"] for hours in span_of(one)],
    }


def signed_of(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "signed_by": rules.signer_of(data["signed_by"])}


def outlet_body(outlet: Outlet) -> dict[str, Any]:
    branch, place = outlet.branch, outlet.branch.place
    return {
        "id": branch.id,
        "name": branch.name,
        "address": branch.address,
        "phone": branch.phone,
        "latitude": place.latitude if place else None,
        "longitude": place.longitude if place else None,
        "hours": [{"weekday": one.weekday, **span_body(one.hours)} for one in branch.hours],
        "closed_at": outlet.closed_at,
    }


def _act(merchant_id: UUID, branch_id: UUID, verb: Any, **values: Any) -> dict[str, Any]:
    found, known, actor = seen(merchant_id), BranchId(branch_id), officer().label
    in_transaction(lambda: verb(branch_id=known, merchant_id=found.id, **values, actor=actor, now=clock.now()))
    return outlet_body(records.outlet(known, merchant_id=found.id))
