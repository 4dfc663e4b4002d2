"""The owner's side of offers: what his shop gives, held back and given again; a new one written for the union."""

from collections.abc import Callable
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app import permissions, terms
from app.idempotency import idempotently
from app.language import language
from app.pages.offer_drafting import changed_by_other, desk_of, form_values, kind_asked, preview_values, seen_asked
from app.pages.offer_form import Written, written
from app.pages.offer_form_fill import blank, typed_of
from app.pages.paths import see_other
from app.pages.shop import frame
from app.throttle import WRITE, limiter
from app.wording import clerk_words
from services.accounts.types import ClerkActor
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, TooOften
from services.core.transaction import in_transaction
from services.merchants import queries as merchants
from services.merchants import records
from services.merchants.errors import OWNER_ONLY
from services.merchants.types import MerchantId, Record
from services.offers import queries, service
from services.offers.errors import DRAFT_CHANGED, NOTHING_TO_PUBLISH, OFFER_UNKNOWN, PROPOSALS_OPEN
from services.offers.types import Draft, OfferId
from services.redemptions.queries.of_offers import times_used
from services.unions import queries as unions

blueprint = Blueprint("shop_offers", __name__, template_folder="..")


@blueprint.get("")
def offers() -> ResponseReturnValue:
    return _list()


@blueprint.post("/<uuid:offer_id>/pause")
@limiter.limit(WRITE)
def pause(offer_id: UUID) -> ResponseReturnValue:
    """Holds it back at once; the union is told."""
    return _held(offer_id, service.pause)


@blueprint.post("/<uuid:offer_id>/resume")
@limiter.limit(WRITE)
def resume(offer_id: UUID) -> ResponseReturnValue:
    """Gives it again; what the union holds back stays so."""
    return _held(offer_id, service.resume)


@blueprint.get("/new")
def new_form() -> ResponseReturnValue:
    shop = _shop()
    kind = kind_asked(request.args)
    if kind is None:
        return frame.page("shop/offers_kind.html")
    return _form(shop, blank(kind, first=local_date(clock.now()), last=shop.agreement_until))


@blueprint.post("/new")
@limiter.limit(WRITE)
def new() -> ResponseReturnValue:
    """Handed in: it waits in the union's list, and nobody else sees it. The same form sent twice is one offer."""
    shop, actor = _shop(), _owner().label
    read = written(request.form, desk_of(shop))
    if read.terms is None:
        return _form(shop, request.form, read), 422
    said = read.terms
    try:
        made, _ = idempotently(
            lambda: service.draft(merchant_id=shop.id, terms=said, actor=actor, now=clock.now(), by_shop=True),
            lambda offer_id: {"offer_id": str(offer_id)},
            scope=actor,
        )
    except Invalid as error:
        read.fault(str(error.facts.get("field", "title")), error)
        return _form(shop, request.form, read), 422
    except Conflict as error:
        if error.code != PROPOSALS_OPEN:
            raise
        read.fault("title", error)
        return _form(shop, request.form, read), 409
    return see_other("shop_offers.draft", offer_id=made["offer_id"])


@blueprint.get("/<uuid:offer_id>")
def draft(offer_id: UUID) -> ResponseReturnValue:
    """What the owner handed in, as members and the till would see it."""
    found, shop = _draft(offer_id), _shop()
    offer = queries.as_offer(found.terms, offer_id=found.offer_id, shop=shop, held=None)
    return frame.page("shop/offers_draft.html", **preview_values(offer, shop), shop=shop, draft=found)


@blueprint.get("/<uuid:offer_id>/edit")
def edit_form(offer_id: UUID) -> ResponseReturnValue:
    found, shop = _draft(offer_id), _shop()
    typed = typed_of(found.terms, terms.names(shop.id, found.terms).union)
    typed["seen"] = str(found.revision)
    return _form(shop, typed, offer_id=found.offer_id)


@blueprint.post("/<uuid:offer_id>/edit")
@limiter.limit(WRITE)
def edit(offer_id: UUID) -> ResponseReturnValue:
    found, shop, actor, seen = _draft(offer_id), _shop(), _owner().label, seen_asked()
    read = written(request.form, desk_of(shop))
    if read.terms is None:
        return _form(shop, request.form, read, offer_id=found.offer_id), 422
    said = read.terms
    try:
        in_transaction(
            lambda: service.redraft(offer_id=found.offer_id, terms=said, seen=seen, actor=actor, now=clock.now())
        )
    except Invalid as error:
        read.fault(str(error.facts.get("field", "title")), error)
        return _form(shop, request.form, read, offer_id=found.offer_id), 422
    except Conflict as error:
        if error.code != DRAFT_CHANGED or queries.draft(found.offer_id) is None:
            raise
        typed, newer = changed_by_other(shop.id, found.offer_id)
        return _form(shop, typed, offer_id=found.offer_id, newer=newer), 409
    return see_other("shop_offers.draft", offer_id=found.offer_id)


@blueprint.post("/<uuid:offer_id>/take-back")
@limiter.limit(WRITE)
def take_back(offer_id: UUID) -> ResponseReturnValue:
    """The owner does not want it after all."""
    found, actor = _draft(offer_id), _owner().label
    try:
        in_transaction(lambda: service.discard(offer_id=found.offer_id, actor=actor, now=clock.now(), by_shop=True))
    except Conflict as error:
        if error.code != NOTHING_TO_PUBLISH:
            raise
    return see_other("shop_offers.offers")


def _list(problem: DomainError | None = None) -> str:
    owner = _owner()
    merchant_id = MerchantId(owner.merchant_id)
    return frame.page(
        "shop/offers.html",
        offers=[one for one in queries.all_of_shop(merchant_id) if not one.withdrawn],
        drafts=[one for one in queries.drafts_of(merchant_id) if one.proposed and not one.published],
        used=times_used(merchant_id),
        line=terms.line,
        terms=terms.terms,
        today=local_date(clock.now()),
        problem=clerk_words(problem.code, problem.facts, language=language()) if problem else "",
    )


def _held(offer_id: UUID, verb: Callable[..., None]) -> ResponseReturnValue:
    owner = _owner()
    found = queries.offer(OfferId(offer_id))
    if found.merchant_id != owner.merchant_id:
        raise NotFound(OFFER_UNKNOWN)
    try:
        in_transaction(lambda: verb(offer_id=found.id, actor=owner.label, now=clock.now(), by_shop=True))
    except Conflict as error:
        return _list(error), 409
    except TooOften as error:
        return _list(error), 429
    return see_other("shop_offers.offers")


def _form(
    shop: Record,
    typed: MultiDict[str, str],
    read: Written | None = None,
    *,
    offer_id: OfferId | None = None,
    newer: list[str] | None = None,
) -> str:
    return frame.page("shop/offers_form.html", **form_values(shop, typed, read, newer), offer_id=offer_id)


def _draft(offer_id: UUID) -> Draft:
    """What this shop handed in and the union has not answered. Raises NotFound(offer_unknown) for anything else."""
    owner, found = _owner(), queries.draft(OfferId(offer_id))
    if found is None or found.merchant_id != owner.merchant_id or not found.proposed or found.published:
        raise NotFound(OFFER_UNKNOWN)
    return found


def _shop() -> Record:
    roots = [root.path for root in unions.roots()]
    return records.record(MerchantId(_owner().merchant_id), scopes=roots, on=local_date(clock.now()))


def _owner() -> ClerkActor:
    actor = permissions.caller(ClerkActor)
    if not merchants.is_owner(actor.clerk_id):
        raise Forbidden(OWNER_ONLY)
    return actor
