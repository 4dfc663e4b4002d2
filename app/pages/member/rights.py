"""A member's rights over the data about him: who looked, a correction, a copy, the way out."""

import datetime
import json
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import MethodNotAllowed

from app import permissions
from app.errors import problem, refusal_problem
from app.language import language
from app.pages.member.binding import document_of
from app.pages.member.reaching_offers import answer, consent_offer
from app.pages.paths import page_asked, see_other
from app.pages.privacy import stays
from app.throttle import COPY, WRITE, limiter
from services.accounts.types import MemberActor
from services.bindings import queries as bindings
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Conflict, Invalid, Refusal
from services.core.paging import PageRequest
from services.core.transaction import in_transaction
from services.members.documents import DocumentType
from services.notifications.service.asking import Tap
from services.rights import copies, queries, rules, service
from services.rights.types import CorrectionId, CorrectionStatus, Wish

blueprint = Blueprint("rights", __name__, template_folder="..")
NEWEST = 3


@blueprint.get("/")
def hub() -> ResponseReturnValue:
    """Everything on one page: the last who looked, what was asked for, and where to go on."""
    actor = _member()
    return render_template(
        "member/rights.html",
        looks=queries.looks(actor.member_id, PageRequest(limit=NEWEST)).items,
        corrections=queries.corrections_of(actor.member_id),
        consents=bindings.consents(actor.account_id),
    )


@blueprint.get("/looks")
def looks() -> ResponseReturnValue:
    return render_template("member/rights_looks.html", page=queries.looks(_member().member_id, page_asked()))


@blueprint.get("/correction")
def correction() -> ResponseReturnValue:
    """The form; while a request is open, where it stands."""
    return _correction_page()


@blueprint.post("/correction")
@limiter.limit(WRITE)
def ask() -> ResponseReturnValue:
    actor = _member()
    try:
        wish = _wish()
        proven = permissions.is_fresh()
        in_transaction(lambda: service.ask_correction(actor=actor, wish=wish, now=clock.now(), proven=proven))
    except (Invalid, Conflict) as error:
        return _correction_page(error), 422 if isinstance(error, Invalid) else 409
    return see_other("rights.correction")


@blueprint.post("/correction/<uuid:request_id>/withdraw")
@limiter.limit(WRITE)
def withdraw(request_id: UUID) -> ResponseReturnValue:
    actor, asked = _member(), CorrectionId(request_id)
    in_transaction(lambda: service.withdraw_correction(actor=actor, request_id=asked, now=clock.now()))
    return see_other("rights.correction")


@blueprint.get("/copy")
@limiter.limit(COPY)
def copy() -> ResponseReturnValue:
    """All of it, to read. Asks for a fresh proof first: it is in clear."""
    permissions.fresh()
    _given_out()
    return render_template("member/rights_copy.html", copy=_copy(), when=datetime.datetime.fromisoformat)


@blueprint.get("/copy.json")
@limiter.limit(COPY)
def download() -> ResponseReturnValue:
    """The same as a file."""
    permissions.fresh()
    _given_out()
    body = json.dumps(_copy(), ensure_ascii=False, indent=2)
    name = f"gonghui-{local_date(clock.now())}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, mimetype="application/json", headers=headers)


@blueprint.get("/close")
def about_closing() -> ResponseReturnValue:
    """Says what closing the account does, what stays, and what has to be ended first."""
    return _close_page(service.obstacles(_member(), now=clock.now()))


@blueprint.post("/close")
@limiter.limit(WRITE)
def close() -> ResponseReturnValue:
    """For good. Asks for a fresh proof first."""
    permissions.fresh()
    actor = _member()
    refused = in_transaction(lambda: service.close_account(actor=actor, now=clock.now()))
    if isinstance(refused, Refusal):
        return _close_page([refused.code]), 409
    response = see_other("privacy.closed")
    permissions.forget(response)
    return response


def _given_out() -> None:
    """Raises MethodNotAllowed for a request that takes no body home: the audit trail tells of what was given out."""
    if request.method == "HEAD":
        raise MethodNotAllowed


def _member() -> MemberActor:
    return permissions.caller(MemberActor)


def _copy() -> dict[str, Any]:
    actor, token, words = _member(), permissions.token_of_request() or "", language()
    return in_transaction(lambda: copies.copy_of(actor=actor, token=token, language=words, now=clock.now()))


def _wish() -> Wish:
    form = request.form
    number = form.get("document_number", "").strip()[:60]
    document = document_of(form.get("document_type", ""), number) if number else None
    return Wish(form.get("name", "").strip()[:60] or None, form.get("phone", "").strip()[:30] or None, document,
                form.get("words", "").strip()[:200])  # fmt: skip


def _correction_page(error: Invalid | Conflict | None = None) -> Response:
    asked = queries.corrections_of(_member().member_id)
    open_one = next((one for one in asked if one.status is CorrectionStatus.OPEN), None)
    waits = consent_offer(_member().account_id, tap=Tap.ASK, act=str(open_one.id)) if open_one else None
    facts = {name: fact for name, fact in error.facts.items() if name != "field"} if error else {}
    page = render_template(
        "member/rights_correction.html",
        open=open_one,
        consent=waits,
        decided=[one for one in asked if one.status is not CorrectionStatus.OPEN],
        days=rules.CORRECTED_IN,
        proven=permissions.is_fresh(),
        kinds=DocumentType,
        typed=request.form,
        wrong=problem(error.code, 422, facts) if error else None,
        field=error.facts.get("field") if error else None,
    )
    return answer(page, waits)


def _close_page(stand: list[str]) -> str:
    obstacles = [refusal_problem(Refusal(code)) for code in stand]
    return render_template("member/rights_close.html", obstacles=obstacles, stays=stays())
