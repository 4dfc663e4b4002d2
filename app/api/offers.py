"""Offers for everybody, with all their terms as data and in plain words; for a member whether he may use each."""

from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from app.api import Blueprint
from app.api.schemas import Answer, OfficerText, PageIn, Plain, no_of, page_request
from app.api.terms import TermsOut, terms_body
from app.readers import reader
from app.terms import names, sentences, terms
from app.throttle import SEARCH
from app.wording import member_words
from services.core import clock
from services.core.calendar import local_date
from services.core.searching import TYPED_MOST, words
from services.merchants import finding as shops
from services.merchants.types import TradeCode
from services.offers import finding
from services.offers.finding import Answer as Told
from services.offers.finding import ListedOffer
from services.offers.types import Offer, OfferId

offers = Blueprint("api_offers", __name__, description="What partner shops give")


class OffersIn(PageIn):
    trade = Plain(load_default=None, validate=validate.Length(1, 40))
    q = Plain(
        load_default="",
        validate=validate.Length(max=TYPED_MOST),
        metadata={"description": "words of the offer or of its shop; each has to be there"},
    )
    usable = fields.Boolean(
        load_default=False, metadata={"description": "for a signed-in member: only what he may use now"}
    )


class OfferOut(Answer):
    id = fields.UUID()
    shop_id = fields.UUID()
    shop_name = OfficerText()
    trade = fields.String()
    title = OfficerText()
    kind = fields.String()
    starts_on = fields.Date()
    ends_on = fields.Date()
    stock_left = fields.Integer(allow_none=True)
    said = fields.List(fields.String(), metadata={"description": "what tells it from others, in plain words"})
    allowed = fields.Boolean(allow_none=True, metadata={"description": "for the signed-in member; none for others"})
    code = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)


class OffersOut(Answer):
    items = fields.List(fields.Nested(OfferOut))
    next = fields.String(allow_none=True)


class UsedOut(Answer):
    today = fields.Integer()
    this_week = fields.Integer()
    this_month = fields.Integer()
    in_all = fields.Integer()


class OneOfferOut(OfferOut):
    said = fields.List(fields.String(), metadata={"description": "every term, each in a sentence"})
    terms = fields.Nested(TermsOut)
    version = fields.Integer(metadata={"description": "counts what was published; a receipt keeps its own"})
    paused = fields.Boolean()
    withdrawn = fields.Boolean()
    again = fields.AwareDateTime(
        allow_none=True, metadata={"description": "when the member may use it, where time alone mends it"}
    )
    used = fields.Nested(
        UsedOut, allow_none=True, metadata={"description": "by the member, counted where it is limited"}
    )


@offers.route("/offers")
@SEARCH
@offers.arguments(OffersIn, location="query")
@offers.response(200, OffersOut)
@offers.doc(security=[{}, {"bearer": []}])
def list_offers(query: dict[str, Any]) -> dict[str, Any]:
    """Offers that run or will, newest first; for a signed-in member with "may I" and the reason if not."""
    page = finding.page_of_offers(
        now=clock.now(),
        request=page_request(query),
        reader=reader(),
        # A trade that there is not has no offers: an empty list, no error.
        trade=TradeCode(query["trade"]) if query["trade"] else None,
        asked=words(query["q"]),
        usable=query["usable"],
    )
    return {"items": [listed_body(listed) for listed in page.items], "next": page.next}


@offers.route("/offers/<uuid:offer_id>")
@offers.response(200, OneOfferOut)
@offers.refusal(404, "no such offer, or it was never published")
@offers.doc(security=[{}, {"bearer": []}])
def offer(offer_id: UUID) -> dict[str, Any]:
    """One offer, whatever became of it; for a signed-in member why not now, and when again."""
    now = clock.now()
    found = finding.one(OfferId(offer_id), now=now, reader=reader())
    held = found.offer
    shop = shops.shop(held.merchant_id, on=local_date(now))
    return {
        **_facts(held, shop.name, shop.trade.code, found.answer),
        "said": sentences(held, names(held.merchant_id, held)),
        "terms": terms_body(held),
        "version": held.number,
        "paused": held.paused,
        "withdrawn": held.withdrawn,
        "again": found.again,
        "used": found.answer.uses if found.answer else None,
    }


def listed_body(listed: ListedOffer) -> dict[str, Any]:
    facts = _facts(listed.offer, listed.merchant_name, listed.trade.code, listed.answer)
    return {**facts, "said": terms(listed.offer)}


def _facts(offer: Offer, shop_name: dict[str, str], trade: str, answer: Told | None) -> dict[str, Any]:
    told = no_of(answer.refusal, member_words) if answer else {"allowed": None, "code": None, "reason": None}
    return {
        "id": offer.id,
        "shop_id": offer.merchant_id,
        "shop_name": shop_name,
        "trade": trade,
        "title": offer.title,
        "kind": offer.kind,
        "starts_on": offer.starts_on,
        "ends_on": offer.ends_on,
        "stock_left": offer.stock_left,
        **told,
    }
