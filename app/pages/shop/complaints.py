"""Members' reports that an offer was not given: any clerk reads those of his branch, the owner all, and answers."""

from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.language import language
from app.pages.paths import page_asked, see_other
from app.pages.ready_answers import READY
from app.throttle import WRITE, limiter
from app.wording import clerk_words
from services.accounts.types import ClerkActor
from services.complaints import queries, service
from services.complaints.rules import LONGEST
from services.complaints.types import ComplaintId
from services.core import clock
from services.core.errors import Conflict, Invalid
from services.core.transaction import in_transaction
from services.merchants import queries as merchants

blueprint = Blueprint("shop_complaints", __name__, template_folder="..")


@blueprint.get("")
def complaints() -> ResponseReturnValue:
    """What waits for an answer first."""
    actor, branch_id = _clerk(), _only_branch()
    waiting = queries.open_of_shop(actor.merchant_id, branch_id=branch_id)
    page = queries.answered_of_shop(actor.merchant_id, branch_id=branch_id, request=page_asked())
    return _page("shop/complaints.html", waiting=waiting, page=page)


@blueprint.get("/<uuid:complaint_id>")
def one(complaint_id: UUID) -> ResponseReturnValue:
    return _one(ComplaintId(complaint_id))


@blueprint.post("/<uuid:complaint_id>")
@limiter.limit(WRITE)
def answer(complaint_id: UUID) -> ResponseReturnValue:
    """One of the ready sentences, or the owner's own words, which go first."""
    actor, told, text = _clerk(), ComplaintId(complaint_id), _said()
    try:
        in_transaction(lambda: service.answer(actor=actor, complaint_id=told, text=text, now=clock.now()))
    except (Conflict, Invalid) as error:
        return _one(told, error), 409 if isinstance(error, Conflict) else 422
    return see_other("shop_complaints.one", complaint_id=told)


def waiting(actor: ClerkActor) -> int:
    """How many reports wait for an answer: of the clerk's branch, or of the whole shop for its owner."""
    branch_id = None if merchants.is_owner(actor.clerk_id) else actor.branch_id
    return queries.waiting_at_shop(actor.merchant_id, branch_id=branch_id)


def _said() -> str:
    """A ready sentence goes out in Chinese, whatever its owner reads."""
    typed, chosen = request.form.get("own", "").strip(), request.form.get("ready", "")
    if typed or not chosen.isascii() or not chosen.isdigit() or int(chosen[:2]) >= len(READY):
        return typed
    return READY[int(chosen)]


def _one(told: ComplaintId, error: Conflict | Invalid | None = None) -> str:
    facts = {name: fact for name, fact in error.facts.items() if name != "field"} if error else {}
    return _page(
        "shop/complaints_one.html",
        told=queries.one_of_shop(told, merchant_id=_clerk().merchant_id, branch_id=_only_branch()),
        ready=READY,
        longest=LONGEST,
        said=clerk_words(error.code, facts, language=language()) if error else "",
        at_field=isinstance(error, Invalid),
        chosen=request.form.get("ready", ""),
        own=request.form.get("own", "")[: LONGEST * 2],
    )


def _clerk() -> ClerkActor:
    return permissions.caller(ClerkActor)


def _only_branch() -> UUID | None:
    """A clerk reads what concerns his branch, an owner everything of the shop."""
    return None if merchants.is_owner(_clerk().clerk_id) else _clerk().branch_id


def _page(template: str, **values: object) -> str:
    actor = _clerk()
    return render_template(
        template,
        counter=merchants.counter(actor.clerk_id),
        owner=merchants.is_owner(actor.clerk_id),
        **values,
    )
