"""Finding shops and offers, for everybody: by trade, by words, open now, nearest first; sheets that are shared.

Nobody's place comes here: the phone sorts by itself (static/js/near.js).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.pages.finding.shown import ShownShop, again_words, shown_branches, shown_shop, uses_left, wants_person
from app.pages.paths import page_asked
from app.readers import reader
from app.terms import line, names, sentences, terms
from app.throttle import SEARCH
from services.cards import picture
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Invalid, NotFound
from services.core.paging import DEFAULT, Page
from services.core.searching import TYPED_MOST, words
from services.merchants import finding as merchants_finding
from services.merchants import queries as merchants
from services.merchants.errors import MERCHANT_UNKNOWN
from services.merchants.types import MerchantId, Shop, Trade, TradeCode
from services.offers import finding
from services.offers.types import Offer, OfferId

blueprint = Blueprint("finding", __name__, template_folder="..")

LINES = 4
"""Offers on a poster."""
GEOLOCATION = "camera=(self), geolocation=(self), microphone=()"


@dataclass(frozen=True)
class Asked:
    """What somebody looks for. Nonsense in `trade` is all of them."""

    trade: TradeCode | None
    trades: list[Trade]
    typed: str
    open_now: bool
    usable: bool

    @property
    def words(self) -> list[str]:
        return words(self.typed)

    @property
    def kept(self) -> dict[str, str | None]:
        """As parameters of an address; None leaves one out."""
        return {
            "trade": self.trade,
            "q": self.typed or None,
            "open": "1" if self.open_now else None,
            "mine": "1" if self.usable else None,
        }


@blueprint.get("/shops")
@SEARCH
def shops() -> ResponseReturnValue:
    """Partner shops by trade, in pages; `?q=` words, `?open=1` only those that are open now."""
    asked = _asked()
    found = _ids(asked)
    start = _start()
    end = start + DEFAULT
    page = Page(_shown(found[start:end]), str(end) if end < len(found) else None)
    response = make_response(render_template("finding/shops.html", asked=asked, page=page, count=len(found)))
    # Only this page may ask the phone where it is.
    response.headers["Permissions-Policy"] = GEOLOCATION
    return response


@blueprint.get("/shops/all")
@SEARCH
def all_shops() -> ResponseReturnValue:
    """The same shops in one list without a page around it, for a phone that sorts them by itself."""
    return render_template("finding/shops_all.html", shops=_shown(_ids(_asked())))


@blueprint.get("/shops/<uuid:merchant_id>")
def shop(merchant_id: UUID) -> ResponseReturnValue:
    """One shop: what it is, where, when, how to call it, what it gives and whether the reader may use it."""
    now = clock.now()
    found = merchants_finding.shop(merchant_id, on=local_date(now))
    listed = finding.of_shop(found.id, now=now, reader=reader())
    offers = [(one, terms(one.offer)) for one in listed]
    branches = shown_branches(found.branches, now)
    return render_template("finding/shop.html", shop=found, branches=branches, offers=offers)


@blueprint.get("/offers")
@SEARCH
def offers() -> ResponseReturnValue:
    """Offers newest first; a signed-in member sees of each whether he may use it, with `?mine=1` only those."""
    asked, who = _asked(), reader()
    found = finding.page_of_offers(
        now=clock.now(), request=page_asked(), reader=who, trade=asked.trade, asked=asked.words, usable=asked.usable
    )
    page = Page([(listed, terms(listed.offer)) for listed in found.items], found.next)
    return render_template("finding/offers.html", asked=asked, page=page, member=who is not None)


@blueprint.get("/offers/<uuid:offer_id>")
def offer(offer_id: UUID) -> ResponseReturnValue:
    """One offer with all its terms: where, when, what a member has left of it, why not now and when again."""
    now = clock.now()
    found = finding.one(OfferId(offer_id), now=now, reader=reader())
    shop = merchants_finding.shop(found.offer.merchant_id, on=local_date(now))
    shares = {share.branch_id for share in found.offer.branches}
    branches = [branch for branch in shop.branches if not shares or branch.id in shares]
    return render_template(
        "finding/offer.html",
        one=found,
        offer=found.offer,
        shop=shop,
        branches=shown_branches(branches, now),
        over=found.offer.withdrawn or found.offer.ends_on < local_date(now),
        said=sentences(found.offer, names(found.offer.merchant_id, found.offer)),
        left=uses_left(found.offer, found.answer) if found.answer else [],
        again=again_words(found.again, now) if found.again else None,
        own=wants_person(found),
    )


@blueprint.get("/shops/<uuid:merchant_id>/poster")
def shop_poster(merchant_id: UUID) -> ResponseReturnValue:
    """A sheet to pass on: the shop, what it gives, and a code that leads to its page."""
    now = clock.now()
    found = _open_shop(merchant_id)
    running = [one.offer for one in finding.of_shop(found.id, now=now) if one.offer.starts_on <= local_date(now)]
    # Whoever sees the sheet may be of any union: what is for everybody goes first.
    lines = [line(offer) for offer in sorted(running, key=_is_for_some)]
    return render_template("finding/poster.html", shop=found, lines=lines[:LINES], more=len(lines) > LINES, offer=None)


@blueprint.get("/offers/<uuid:offer_id>/poster")
def offer_poster(offer_id: UUID) -> ResponseReturnValue:
    """As a shop's, for one offer."""
    found = finding.one(OfferId(offer_id), now=clock.now()).offer
    shop = _open_shop(found.merchant_id)
    return render_template("finding/poster.html", shop=shop, offer=found, lines=terms(found)[:LINES], more=False)


@blueprint.get("/shops/<uuid:merchant_id>/code.png")
@SEARCH
def shop_code(merchant_id: UUID) -> ResponseReturnValue:
    return _code(f"/shops/{merchant_id}")


@blueprint.get("/offers/<uuid:offer_id>/code.png")
@SEARCH
def offer_code(offer_id: UUID) -> ResponseReturnValue:
    return _code(f"/offers/{offer_id}")


def _is_for_some(offer: Offer) -> bool:
    below = offer.audience_path is not None and "." in offer.audience_path
    return below or bool(offer.audience_groups or offer.audience_standings or offer.first_use)


def _code(path: str) -> Response:
    """The address of a public page as a picture: one that a long press in WeChat reads and saves."""
    response = make_response(picture.png(current_app.config["SETTINGS"].public_url + path))
    response.mimetype = "image/png"
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def _asked() -> Asked:
    trades = merchants.trades()
    trade = next((one.code for one in trades if one.code == request.args.get("trade", "")), None)
    typed = request.args.get("q", "").strip()[:TYPED_MOST]
    return Asked(trade, trades, typed, request.args.get("open") == "1", request.args.get("mine") == "1")


def _ids(asked: Asked) -> list[MerchantId]:
    now = clock.now()
    today = local_date(now)
    among = finding.shops_having(asked.words, on=today) if asked.words else None
    return merchants_finding.ids(on=today, trade=asked.trade, among=among, open_at=now if asked.open_now else None)


def _shown(ids: Sequence[MerchantId]) -> list[ShownShop]:
    if not ids:
        return []
    now = clock.now()
    gives = finding.titles_of(ids, today=local_date(now))
    return [shown_shop(shop, gives.get(shop.id, ()), now) for shop in merchants.shops(on=local_date(now), among=ids)]


def _open_shop(merchant_id: UUID) -> Shop:
    found = merchants_finding.shop(MerchantId(merchant_id), on=local_date(clock.now()))
    if not found.takes_cards:
        raise NotFound(MERCHANT_UNKNOWN)
    return found


def _start() -> int:
    """Where the page of shops begins that is asked for."""
    cursor = request.args.get("cursor") or "0"
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 6):
        raise Invalid("cursor_malformed", field="cursor")
    return int(cursor)
