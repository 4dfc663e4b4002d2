"""What an owner looks after: his offers, held back and let go, and who may scan."""

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from app.api import Blueprint
from app.api.figures import owner
from app.api.schemas import Answer, BothOut, OfficerText, Plain
from app.api.terms import WholeTermsOut, terms_body
from app.terms import line
from app.throttle import WRITE, limiter
from services.core import clock
from services.core.errors import NotFound
from services.core.transaction import in_transaction
from services.merchants import queries as merchants
from services.merchants import service as merchants_service
from services.merchants.errors import BRANCH_UNKNOWN, CLERK_UNKNOWN
from services.merchants.types import BranchId, ClerkId, MerchantId
from services.offers import queries, service
from services.offers.errors import OFFER_UNKNOWN
from services.offers.types import Offer, OfferId
from services.redemptions.queries.of_offers import times_used

own_shop = Blueprint("api_own_shop", __name__, description="The owner's offers and clerks")


class HeldOut(Answer):
    """An offer with its counters, for those who look after it."""

    id = fields.UUID()
    title = fields.Nested(BothOut)
    line = fields.String(metadata={"description": "the offer in one line"})
    version = fields.Integer()
    terms = fields.Nested(WholeTermsOut)
    used = fields.Integer(metadata={"description": "uses that stand"})
    stock_left = fields.Integer(allow_none=True)
    budget_left_fen = fields.Integer(allow_none=True)
    paused = fields.Boolean()
    paused_by_shop = fields.Boolean()
    withdrawn = fields.Boolean()


class HeldOnesOut(Answer):
    items = fields.List(fields.Nested(HeldOut))


class ClerkOut(Answer):
    id = fields.UUID(attribute="clerk_id")
    name = fields.String()
    owner = fields.Boolean()
    branch_id = fields.UUID()
    branch_name = OfficerText()


class ClerksOut(Answer):
    items = fields.List(fields.Nested(ClerkOut))


class InviteIn(Schema):
    name = Plain(required=True, validate=validate.Length(1, 60))
    branch_id = fields.UUID(required=True)


class InvitedOut(Answer):
    digits = fields.String(metadata={"description": "to be told to the clerk; they work once"})
    expires_at = fields.AwareDateTime()


@own_shop.route("/shop/offers")
@own_shop.response(200, HeldOnesOut)
def offers() -> dict[str, Any]:
    """Every offer that was published and is not withdrawn, newest first. 403 owner_only for another clerk."""
    merchant_id = MerchantId(owner().merchant_id)
    used = times_used(merchant_id)
    held = [one for one in queries.all_of_shop(merchant_id) if not one.withdrawn]
    return {"items": [held_body(one, used.get(one.id, 0)) for one in held]}


@own_shop.route("/shop/offers/<uuid:offer_id>/pause", methods=["POST"])
@limiter.limit(WRITE)
@own_shop.response(200, HeldOut)
@own_shop.refusal(404, "no such offer of your shop")
@own_shop.refusal(409, "it is withdrawn")
def pause(offer_id: UUID) -> dict[str, Any]:
    """Holds it back at once; the union is told. Twice is once."""
    found, actor = _own(offer_id), owner().label
    in_transaction(lambda: service.pause(offer_id=found.id, actor=actor, now=clock.now(), by_shop=True))
    return _held(found.id)


@own_shop.route("/shop/offers/<uuid:offer_id>/resume", methods=["POST"])
@limiter.limit(WRITE)
@own_shop.response(200, HeldOut)
@own_shop.refusal(404, "no such offer of your shop")
@own_shop.refusal(409, "it is withdrawn, or the union holds it back")
def resume(offer_id: UUID) -> dict[str, Any]:
    """Gives it again; the union is told. Twice is once."""
    found, actor = _own(offer_id), owner().label
    in_transaction(lambda: service.resume(offer_id=found.id, actor=actor, now=clock.now(), by_shop=True))
    return _held(found.id)


@own_shop.route("/shop/clerks")
@own_shop.response(200, ClerksOut)
def clerks() -> dict[str, Any]:
    """Everybody who may scan at this shop, by branch. 403 owner_only for another clerk."""
    return {"items": merchants.clerks_of_merchant(owner().merchant_id)}


@own_shop.route("/shop/clerks", methods=["POST"])
@limiter.limit(WRITE)
@own_shop.arguments(InviteIn)
@own_shop.response(201, InvitedOut)
@own_shop.refusal(404, "no such branch of your shop, or it is closed")
@own_shop.refusal(409, "the digits drawn are another invitation's: try again")
def invite(data: dict[str, Any]) -> dict[str, Any]:
    """Six digits that make whoever types them a clerk, within ten minutes. No answer is kept: digits are a secret."""
    mine, now = owner(), clock.now()
    branch_id = open_branch(mine.merchant_id, data["branch_id"])
    digits = in_transaction(
        lambda: merchants_service.invite_clerk(branch_id=branch_id, name=data["name"], actor=mine.label, now=now)
    )
    return {"digits": digits, "expires_at": now + merchants_service.INVITE_LASTS}


@own_shop.route("/shop/clerks/<uuid:clerk_id>", methods=["DELETE"])
@limiter.limit(WRITE)
@own_shop.response(204)
@own_shop.refusal(404, "no such clerk of your shop, or it is you")
def let_go(clerk_id: UUID) -> None:
    """Every till of his closes at once. An owner does not let himself go: the shop would have nobody."""
    mine = owner()
    if clerk_id == mine.clerk_id:
        raise NotFound(CLERK_UNKNOWN)
    end_clerk(mine.merchant_id, clerk_id, mine.label)


def open_branch(merchant_id: UUID, branch_id: UUID) -> BranchId:
    """Raises NotFound(branch_unknown) for what is no open branch of this shop."""
    if branch_id not in {one.id for one in merchants.branches_of(merchant_id)}:
        raise NotFound(BRANCH_UNKNOWN)
    return BranchId(branch_id)


def end_clerk(merchant_id: UUID, clerk_id: UUID, actor: str) -> None:
    """Raises NotFound(clerk_unknown) for who does not scan at this shop."""
    if clerk_id not in {one.clerk_id for one in merchants.clerks_of_merchant(merchant_id)}:
        raise NotFound(CLERK_UNKNOWN)
    in_transaction(lambda: merchants_service.let_clerk_go(clerk_id=ClerkId(clerk_id), actor=actor, now=clock.now()))


def held_body(offer: Offer, used: int) -> dict[str, Any]:
    return {
        "id": offer.id,
        "title": offer.title,
        "line": line(offer),
        "version": offer.number,
        "terms": terms_body(offer),
        "used": used,
        "stock_left": offer.stock_left,
        "budget_left_fen": offer.budget_left_fen,
        "paused": offer.paused,
        "paused_by_shop": offer.paused_by_shop,
        "withdrawn": offer.withdrawn,
    }


def _own(offer_id: UUID) -> Offer:
    """Raises NotFound(offer_unknown), also for another shop's."""
    merchant_id, found = owner().merchant_id, queries.offer(OfferId(offer_id))
    if found.merchant_id != merchant_id:
        raise NotFound(OFFER_UNKNOWN)
    return found


def _held(offer_id: OfferId) -> dict[str, Any]:
    found = queries.offer(offer_id)
    return held_body(found, times_used(found.merchant_id).get(offer_id, 0))
