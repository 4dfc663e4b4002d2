"""Offers at the federation's desk: of each shop what it gives, one offer with its counters and former versions."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app import permissions, terms
from app.language import language
from app.pages.paths import page_asked, see_other
from app.pages.staff import desk
from app.throttle import WRITE, limiter
from app.wording import clerk_words
from services.accounts.types import Capability
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Conflict, DomainError, Invalid, NotFound
from services.core.transaction import in_transaction
from services.merchants import records
from services.merchants.types import MerchantId, Record
from services.offers import queries, service
from services.offers.errors import OFFER_UNKNOWN
from services.offers.types import Draft, Offer, OfferId
from services.redemptions.queries.of_offers import times_used
from services.unions.errors import NOT_CONFIRMED

blueprint = Blueprint("staff_offers", __name__, template_folder="..")
Verb = Callable[[OfferId, str], None]


@blueprint.get("")
def offers() -> ResponseReturnValue:
    """What shops handed in, and the shops to choose from: `?q=` finds one."""
    scopes, today = permissions.scopes(Capability.MANAGE_SHOPS), local_date(clock.now())
    asked = request.args.get("q", "").strip()[: records.SEARCH_MOST]
    page = records.page_of_records(scopes=scopes, on=today, request=page_asked(), text=asked)
    waiting = queries.drafts_waiting(scopes)
    shops = {draft.merchant_id: shop_within(draft.merchant_id) for draft in waiting}
    return desk.page("staff/offers.html", page=page, asked=asked, waiting=waiting, shops=shops)


@blueprint.get("/shop/<uuid:merchant_id>")
def of_shop(merchant_id: UUID) -> ResponseReturnValue:
    shop = shop_within(merchant_id)
    return desk.page(
        "staff/offers_shop.html",
        shop=shop,
        offers=queries.all_of_shop(shop.id),
        drafts={draft.offer_id: draft for draft in queries.drafts_of(shop.id)},
        used=times_used(shop.id),
        line=terms.line,
        terms=terms.terms,
        today=local_date(clock.now()),
    )


@blueprint.get("/<uuid:offer_id>")
def one(offer_id: UUID) -> ResponseReturnValue:
    """An offer that was published; of one that never was, its preview is all there is."""
    held, draft, _ = found(offer_id)
    return _one(held, draft) if held else see_other("staff_offer_drafts.preview", offer_id=offer_id)


@blueprint.post("/<uuid:offer_id>/pause")
@limiter.limit(WRITE)
def pause(offer_id: UUID) -> ResponseReturnValue:
    return _done(offer_id, lambda known, actor: service.pause(offer_id=known, actor=actor, now=clock.now()))


@blueprint.post("/<uuid:offer_id>/resume")
@limiter.limit(WRITE)
def resume(offer_id: UUID) -> ResponseReturnValue:
    return _done(offer_id, lambda known, actor: service.resume(offer_id=known, actor=actor, now=clock.now()))


@blueprint.post("/<uuid:offer_id>/withdraw")
@limiter.limit(WRITE)
def withdraw(offer_id: UUID) -> ResponseReturnValue:
    """For good; the page asks once more. Twice is once."""

    def work(known: OfferId, actor: str) -> None:
        if request.form.get("sure") != "yes":
            raise Invalid(NOT_CONFIRMED, field="sure")
        service.withdraw(offer_id=known, actor=actor, now=clock.now())

    return _done(offer_id, work)


def shop_within(merchant_id: UUID) -> Record:
    """A shop of the officer's federation. Raises NotFound(merchant_unknown) for any other, Forbidden."""
    scopes = permissions.scopes(Capability.MANAGE_SHOPS)
    return records.record(MerchantId(merchant_id), scopes=scopes, on=local_date(clock.now()))


def found(offer_id: UUID) -> tuple[Offer | None, Draft | None, Record]:
    """An offer with what is being written for it. Raises NotFound(offer_unknown), also for another federation's."""
    permissions.scopes(Capability.MANAGE_SHOPS)
    known = OfferId(offer_id)
    draft, held = queries.draft(known), None
    try:
        held = queries.offer(known)
    except NotFound:
        if draft is None:
            raise
    try:
        return held, draft, shop_within(held.merchant_id if held else draft.merchant_id)  # type: ignore[union-attr]
    except NotFound:
        raise NotFound(OFFER_UNKNOWN) from None


def _done(offer_id: UUID, work: Verb) -> ResponseReturnValue:
    held, draft, _ = found(offer_id)
    if held is None:
        raise NotFound(OFFER_UNKNOWN)
    actor = desk.officer().label
    try:
        in_transaction(lambda: work(held.id, actor))
    except Conflict as error:
        if not held.withdrawn:
            return _one(held, draft, error), 409
    except Invalid as error:
        return _one(held, draft, error), 422
    return see_other("staff_offers.one", offer_id=offer_id)


def _one(held: Offer, draft: Draft | None, error: DomainError | None = None) -> str:
    shop = shop_within(held.merchant_id)
    facts = {name: fact for name, fact in error.facts.items() if name != "field"} if error else {}
    history = queries.history(held.id)
    olders = [*(version[3] for version in history[1:]), None]
    return desk.page(
        "staff/offers_one.html",
        offer=held,
        draft=draft,
        shop=shop,
        said=terms.sentences(held, terms.names(shop.id, held)),
        used=times_used(shop.id).get(held.id, 0),
        history=[
            (number, at, terms.differences(older, said) if older else [])
            for (number, at, _, said), older in zip(history, olders, strict=True)
        ],
        today=local_date(clock.now()),
        problem=clerk_words(error.code, facts, language=language()) if error else "",
    )
