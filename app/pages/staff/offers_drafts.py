"""An officer writes an offer: kind, terms, a look at it as member and as clerk, published or dropped."""

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from app import terms
from app.idempotency import idempotently
from app.language import language
from app.pages.offer_drafting import changed_by_other, desk_of, form_values, kind_asked, preview_values, seen_asked
from app.pages.offer_form import Written, written
from app.pages.offer_form_fill import blank, typed_of
from app.pages.paths import see_other
from app.pages.staff import desk
from app.pages.staff.offers import found, shop_within
from app.throttle import WRITE, limiter
from app.wording import clerk_words
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Conflict, DomainError, Invalid
from services.core.transaction import in_transaction
from services.merchants.types import Record
from services.offers import queries, service
from services.offers.errors import DRAFT_CHANGED, NOTHING_TO_PUBLISH, OFFER_WITHDRAWN
from services.offers.faults import over
from services.offers.types import Draft, Offer, OfferId, Terms

blueprint = Blueprint("staff_offer_drafts", __name__, template_folder="..")


@blueprint.get("/shop/<uuid:merchant_id>/new")
def new_form(merchant_id: UUID) -> ResponseReturnValue:
    """First the kind, then its form; `?like=` an offer of the shop fills it with that one's terms."""
    shop = shop_within(merchant_id)
    like = next((one for one in queries.all_of_shop(shop.id) if str(one.id) == request.args.get("like")), None)
    if like:
        return _form(shop, typed_of(like, terms.names(shop.id, like).union))
    kind = kind_asked(request.args)
    if kind is None:
        return desk.page("staff/offers_kind.html", shop=shop)
    return _form(shop, blank(kind, first=local_date(clock.now()), last=shop.agreement_until))


@blueprint.post("/shop/<uuid:merchant_id>/new")
@limiter.limit(WRITE)
def new(merchant_id: UUID) -> ResponseReturnValue:
    """The same form sent twice is one draft."""
    shop, actor = shop_within(merchant_id), desk.officer().label
    read = written(request.form, desk_of(shop))
    if read.terms is None:
        return _form(shop, request.form, read), 422
    said = read.terms
    try:
        made, _ = idempotently(
            lambda: service.draft(merchant_id=shop.id, terms=said, actor=actor, now=clock.now()),
            lambda offer_id: {"offer_id": str(offer_id)},
            scope=actor,
        )
    except Invalid as error:
        read.fault(str(error.facts.get("field", "title")), error)
        return _form(shop, request.form, read), 422
    return see_other("staff_offer_drafts.preview", offer_id=made["offer_id"])


@blueprint.get("/<uuid:offer_id>/edit")
def edit_form(offer_id: UUID) -> ResponseReturnValue:
    """The draft, or else the terms that hold: the next version begins with them."""
    held, draft, shop = found(offer_id)
    begun: Terms = draft.terms if draft else held  # type: ignore[assignment]
    typed = typed_of(begun, terms.names(shop.id, begun).union)
    typed["seen"] = str(draft.revision) if draft else ""
    return _form(shop, typed, offer_id=offer_id)


@blueprint.post("/<uuid:offer_id>/edit")
@limiter.limit(WRITE)
def edit(offer_id: UUID) -> ResponseReturnValue:
    """Keeps what was typed; when somebody else has written meanwhile, shows that beside it and asks again."""
    *_, shop = found(offer_id)
    read, actor, known = written(request.form, desk_of(shop)), desk.officer().label, OfferId(offer_id)
    if read.terms is None:
        return _form(shop, request.form, read, offer_id=offer_id), 422
    said, seen = read.terms, seen_asked()
    try:
        in_transaction(lambda: service.redraft(offer_id=known, terms=said, seen=seen, actor=actor, now=clock.now()))
    except Invalid as error:
        read.fault(str(error.facts.get("field", "title")), error)
        return _form(shop, request.form, read, offer_id=offer_id), 422
    except Conflict as error:
        if error.code != DRAFT_CHANGED:
            raise
        typed, newer = changed_by_other(shop.id, known)
        return _form(shop, typed, offer_id=offer_id, newer=newer), 409
    return see_other("staff_offer_drafts.preview", offer_id=offer_id)


@blueprint.get("/<uuid:offer_id>/preview")
def preview(offer_id: UUID) -> ResponseReturnValue:
    held, draft, shop = found(offer_id)
    return _preview(held, draft, shop)


@blueprint.post("/<uuid:offer_id>/publish")
@limiter.limit(WRITE)
def publish(offer_id: UUID) -> ResponseReturnValue:
    """What was looked at holds from now on; pressed twice it is one version."""
    held, draft, shop = found(offer_id)
    actor, seen = desk.officer().label, seen_asked() or 0
    past = over(draft.terms, today=local_date(clock.now())) if draft and draft.revision == seen else None
    if past:
        return _preview(held, draft, shop, past), 422
    try:
        in_transaction(lambda: service.publish(offer_id=OfferId(offer_id), seen=seen, actor=actor, now=clock.now()))
    except (Conflict, Invalid) as error:
        if error.code != NOTHING_TO_PUBLISH:
            _, draft, _ = found(offer_id)
            return _preview(held, draft, shop, error), 422 if isinstance(error, Invalid) else 409
    return see_other("staff_offers.one", offer_id=offer_id)


@blueprint.post("/<uuid:offer_id>/discard")
@limiter.limit(WRITE)
def discard(offer_id: UUID) -> ResponseReturnValue:
    """Drops the draft; twice is once."""
    held, _, shop = found(offer_id)
    actor = desk.officer().label
    try:
        in_transaction(lambda: service.discard(offer_id=OfferId(offer_id), actor=actor, now=clock.now()))
    except Conflict as error:
        if error.code == OFFER_WITHDRAWN:
            raise
    if held:
        return see_other("staff_offers.one", offer_id=offer_id)
    return see_other("staff_offers.of_shop", merchant_id=shop.id)


def _form(
    shop: Record,
    typed: MultiDict[str, str],
    read: Written | None = None,
    *,
    offer_id: UUID | None = None,
    newer: list[str] | None = None,
) -> str:
    return desk.page("staff/offers_form.html", **form_values(shop, typed, read, newer), offer_id=offer_id)


def _preview(held: Offer | None, draft: Draft | None, shop: Record, error: DomainError | None = None) -> str:
    said: Terms = draft.terms if draft else held  # type: ignore[assignment]
    facts = {name: fact for name, fact in error.facts.items() if name != "field"} if error else {}
    offer_id = draft.offer_id if draft else held.id  # type: ignore[union-attr]
    offer = queries.as_offer(said, offer_id=offer_id, shop=shop, held=held)
    return desk.page(
        "staff/offers_preview.html",
        **preview_values(offer, shop),
        shop=shop,
        held=held,
        draft=draft,
        changes=terms.differences(held, said, *_names(shop, said, held)) if held and draft else [],
        problem=clerk_words(error.code, facts, language=language()) if error else "",
    )


def _names(shop: Record, new: Terms, old: Terms) -> tuple[terms.Names, terms.Names]:
    return terms.names(shop.id, new), terms.names(shop.id, old)
