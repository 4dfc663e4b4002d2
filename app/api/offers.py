"""Partner shops and their offers: readable without a sign-in."""

from typing import Any

from marshmallow import Schema, fields, validate

from app.api import Blueprint
from app.api.schemas import Answer, OfficerText, PageIn, page_request
from app.language import language, text
from app.terms import reader
from app.wording import member_words
from services.core import clock
from services.core.calendar import local_date
from services.merchants import queries as merchants
from services.merchants.types import TradeCode
from services.offers import queries as offers
from services.offers.queries import ListedOffer

shops = Blueprint("api_shops", __name__, description="Partner shops and offers")


class TradeIn(Schema):
    trade = fields.String(load_default=None, validate=validate.Length(1, 40))


class OffersIn(PageIn):
    trade = fields.String(load_default=None, validate=validate.Length(1, 40))


class BranchOut(Answer):
    id = fields.UUID()
    name = OfficerText()
    address = OfficerText()


class ShopOut(Answer):
    id = fields.UUID()
    name = OfficerText()
    trade = fields.String(attribute="trade.code")
    branches = fields.List(fields.Nested(BranchOut))


class ShopsOut(Answer):
    items = fields.List(fields.Nested(ShopOut))
    next = fields.String(allow_none=True)


class OfferOut(Answer):
    id = fields.UUID()
    shop_id = fields.UUID()
    shop_name = fields.String()
    trade = fields.String()
    title = fields.String()
    kind = fields.String()
    starts_on = fields.Date()
    ends_on = fields.Date()
    stock_left = fields.Integer(allow_none=True)
    allowed = fields.Boolean(allow_none=True, metadata={"description": "for the signed-in member; none for others"})
    code = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)


class OffersOut(Answer):
    items = fields.List(fields.Nested(OfferOut))
    next = fields.String(allow_none=True)


@shops.route("/shops")
@shops.arguments(TradeIn, location="query")
@shops.response(200, ShopsOut)
@shops.doc(security=[])
def list_shops(query: dict[str, Any]) -> dict[str, Any]:
    """All shops whose agreement runs today, by trade. There are a few dozen: one page."""
    return {"items": merchants.shops(on=local_date(clock.now()), trade=_trade(query)), "next": None}


@shops.route("/offers")
@shops.arguments(OffersIn, location="query")
@shops.response(200, OffersOut)
@shops.doc(security=[{}, {"bearer": []}])
def list_offers(query: dict[str, Any]) -> dict[str, Any]:
    """Offers that run or will, newest first; for a signed-in member with "may I" and the reason if not."""
    page = offers.page_of_offers(
        now=clock.now(),
        request=page_request(query),
        reader=reader(),
        trade=_trade(query),
    )
    return {"items": [_offer_body(listed) for listed in page.items], "next": page.next}


def _trade(query: dict[str, Any]) -> TradeCode | None:
    """A trade that there is not has no shops: an empty list, no error."""
    return TradeCode(query["trade"]) if query["trade"] else None


def _offer_body(listed: ListedOffer) -> dict[str, Any]:
    offer, refusal = listed.offer, listed.refusal
    return {
        "id": offer.id,
        "shop_id": offer.merchant_id,
        "shop_name": text(listed.merchant_name),
        "trade": listed.trade.code,
        "title": text(offer.title),
        "kind": offer.kind,
        "starts_on": offer.starts_on,
        "ends_on": offer.ends_on,
        "stock_left": offer.stock_left,
        "allowed": listed.allowed,
        "code": refusal.code if refusal else None,
        "reason": member_words(refusal.code, refusal.facts, language=language()) if refusal else None,
    }
