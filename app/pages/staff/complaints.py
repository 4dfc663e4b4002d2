"""Members' reports that a shop did not give its offer: what waits longer than a day first; an answer for the union."""

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.language import language
from app.pages.paths import page_asked, see_other
from app.pages.staff import desk
from app.throttle import WRITE, limiter
from app.wording import clerk_words
from services.accounts.types import Capability
from services.complaints import queries, service
from services.complaints.rules import LONGEST
from services.complaints.types import ComplaintId
from services.core import clock
from services.core.errors import Conflict, DomainError, Invalid
from services.core.transaction import in_transaction
from services.offers import queries as offers
from services.offers import service as offer_verbs

blueprint = Blueprint("staff_complaints", __name__, template_folder="..")


@blueprint.get("")
def complaints() -> ResponseReturnValue:
    """What is open; `?done=1` what has its answer."""
    scopes, now = permissions.scopes(Capability.MANAGE_SHOPS), clock.now()
    if request.args.get("done") == "1":
        return desk.page("staff/complaints.html", done=queries.answered(scopes=scopes, request=page_asked()))
    late, young = queries.overdue(scopes=scopes, now=now), queries.young(scopes=scopes, now=now)
    return desk.page("staff/complaints.html", done=None, late=late, young=young)


@blueprint.get("/<uuid:complaint_id>")
def one(complaint_id: UUID) -> ResponseReturnValue:
    return _one(ComplaintId(complaint_id))


@blueprint.post("/<uuid:complaint_id>")
@limiter.limit(WRITE)
def answer(complaint_id: UUID) -> ResponseReturnValue:
    """In the name of the union; the shop reads it too."""
    permissions.scopes(Capability.MANAGE_SHOPS)
    officer, told, text = desk.officer(), ComplaintId(complaint_id), request.form.get("answer", "")
    try:
        in_transaction(lambda: service.answer(actor=officer, complaint_id=told, text=text, now=clock.now()))
    except (Conflict, Invalid) as error:
        return _one(told, error), 409 if isinstance(error, Conflict) else 422
    return see_other("staff_complaints.one", complaint_id=told)


@blueprint.post("/<uuid:complaint_id>/pause")
@limiter.limit(WRITE)
def pause(complaint_id: UUID) -> ResponseReturnValue:
    """Holds the offer back until it is clear what is wrong; it can be resumed where offers are looked after."""
    scopes, actor = permissions.scopes(Capability.MANAGE_SHOPS), desk.officer().label
    told = queries.one_of_union(ComplaintId(complaint_id), scopes=scopes)
    try:
        in_transaction(lambda: offer_verbs.pause(offer_id=told.offer_id, actor=actor, now=clock.now()))
    except Conflict as error:
        return _one(told.id, error), 409
    return see_other("staff_complaints.one", complaint_id=told.id)


def _one(complaint_id: ComplaintId, error: DomainError | None = None) -> str:
    told = queries.one_of_union(complaint_id, scopes=permissions.scopes(Capability.MANAGE_SHOPS))
    facts = {name: fact for name, fact in error.facts.items() if name != "field"} if error else {}
    return desk.page(
        "staff/complaints_one.html",
        told=told,
        offer=offers.offer(told.offer_id),
        shop_page=desk.address("staff_shops.shop", merchant_id=told.merchant_id),
        now=clock.now(),
        longest=LONGEST,
        said=clerk_words(error.code, facts, language=language()) if error else "",
        at_field=isinstance(error, Invalid),
        typed=request.form.get("answer", "")[: LONGEST * 2],
    )
