"""Partner shops for everybody: by trade, by words, open now. Nobody's place comes here: phones sort by themselves."""

import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from app.api import Blueprint
from app.api.offers import OfferOut, listed_body
from app.api.schemas import Answer, OfficerText, Plain
from app.api.terms import span_body
from app.maps import map_link
from app.readers import reader
from app.throttle import SEARCH
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Invalid
from services.core.searching import TYPED_MOST, words
from services.merchants import finding
from services.merchants import queries as merchants
from services.merchants.hours import opening
from services.merchants.types import Branch, Shop, TradeCode
from services.offers import finding as offers

shops = Blueprint("api_shops", __name__, description="Partner shops")

MOST = 100


class ShopsIn(Schema):
    trade = Plain(load_default=None, validate=validate.Length(1, 40))
    q = Plain(
        load_default="",
        validate=validate.Length(max=TYPED_MOST),
        metadata={
            "description": "words of the shop's name, trade, branches, or of what it gives; each has to be there"
        },
    )
    open_now = fields.Boolean(load_default=False, metadata={"description": "only with a branch that is open now"})
    cursor = fields.UUID(load_default=None, metadata={"description": "`next` of the former page"})
    limit = fields.Integer(load_default=MOST, validate=validate.Range(1, MOST))


class TradeOut(Answer):
    code = fields.String()
    name = OfficerText()


class TradesOut(Answer):
    items = fields.List(fields.Nested(TradeOut))


class OpenOut(Answer):
    weekday = fields.Integer(metadata={"description": "1 is Monday"})
    begin = fields.String(metadata={"description": "HH:MM in China"})
    until = fields.String(metadata={"description": "HH:MM; at or before `begin` it is on the next day"})


class BranchOut(Answer):
    id = fields.UUID()
    name = OfficerText()
    address = OfficerText()
    phone = fields.String(allow_none=True)
    latitude = fields.Float(allow_none=True, metadata={"description": "degrees, GCJ-02"})
    longitude = fields.Float(allow_none=True)
    map_url = fields.String(allow_none=True, metadata={"description": "a map that the reader may open"})
    hours = fields.List(fields.Nested(OpenOut), metadata={"description": "none where nobody said when"})
    open = fields.Boolean(allow_none=True, metadata={"description": "now; null where nobody said when"})
    changes_at = fields.AwareDateTime(allow_none=True, metadata={"description": "when it closes or opens next"})


class ShopOut(Answer):
    id = fields.UUID()
    name = OfficerText()
    trade = fields.String()
    about = OfficerText(allow_none=True)
    takes_cards = fields.Boolean(metadata={"description": "today"})
    branches = fields.List(fields.Nested(BranchOut))


class ShopsOut(Answer):
    items = fields.List(fields.Nested(ShopOut))
    next = fields.UUID(allow_none=True)


class OneShopOut(ShopOut):
    offers = fields.List(fields.Nested(OfferOut))


@shops.route("/trades")
@shops.response(200, TradesOut)
@shops.doc(security=[])
def trades() -> dict[str, Any]:
    """The trades of partner shops, in their order."""
    return {"items": merchants.trades()}


@shops.route("/shops")
@SEARCH
@shops.arguments(ShopsIn, location="query")
@shops.response(200, ShopsOut)
@shops.doc(security=[])
def list_shops(query: dict[str, Any]) -> dict[str, Any]:
    """Shops that take cards today, by trade and age, with the branches that are not closed for good."""
    now = clock.now()
    today, asked = local_date(now), words(query["q"])
    # A trade that there is not has no shops: an empty list, no error.
    found = finding.ids(
        on=today,
        trade=TradeCode(query["trade"]) if query["trade"] else None,
        among=offers.shops_having(asked, on=today) if asked else None,
        open_at=now if query["open_now"] else None,
    )
    start = _after(query["cursor"], found)
    page = found[start : start + query["limit"]]
    more = len(found) > start + len(page)
    items = merchants.shops(on=today, among=page) if page else []
    return {"items": [shop_body(shop, now) for shop in items], "next": page[-1] if page and more else None}


@shops.route("/shops/<uuid:merchant_id>")
@shops.response(200, OneShopOut)
@shops.refusal(404, "no such shop, or its first agreement has not begun")
@shops.doc(security=[{}, {"bearer": []}])
def shop(merchant_id: UUID) -> dict[str, Any]:
    """One shop and what it gives; for a signed-in member with "may I" and the reason if not."""
    now = clock.now()
    found = finding.shop(merchant_id, on=local_date(now))
    listed = offers.of_shop(found.id, now=now, reader=reader())
    return {**shop_body(found, now), "offers": [listed_body(one) for one in listed]}


def shop_body(shop: Shop, now: datetime.datetime) -> dict[str, Any]:
    return {
        "id": shop.id,
        "name": shop.name,
        "trade": shop.trade.code,
        "about": shop.about,
        "takes_cards": shop.takes_cards,
        "branches": [branch_body(branch, now) for branch in shop.branches],
    }


def branch_body(branch: Branch, now: datetime.datetime) -> dict[str, Any]:
    place, opens = branch.place, opening(branch.hours, now)
    return {
        "id": branch.id,
        "name": branch.name,
        "address": branch.address,
        "phone": branch.phone,
        "latitude": place.latitude if place else None,
        "longitude": place.longitude if place else None,
        "map_url": map_link(place, branch.name),
        "hours": [{"weekday": one.weekday, **span_body(one.hours)} for one in branch.hours],
        "open": opens.open if opens else None,
        "changes_at": opens.changes_at if opens else None,
    }


def _after(cursor: UUID | None, found: list[Any]) -> int:
    if cursor is None:
        return 0
    if cursor not in found:
        raise Invalid("cursor_malformed", field="cursor")
    return found.index(cursor) + 1
