"""Corrections that members ask for: a list by due date, one beside the record, yes or no in words."""

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.language import language
from app.pages.paths import see_other
from app.pages.staff import desk
from app.throttle import WRITE, limiter
from app.wording import clerk_words
from services.accounts import queries as accounts
from services.accounts.types import Capability
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Conflict, DomainError, Forbidden, Invalid
from services.core.transaction import in_transaction
from services.rights import queries, service
from services.rights.types import CorrectionId

blueprint = Blueprint("staff_corrections", __name__, template_folder="..")


@blueprint.get("")
def corrections() -> ResponseReturnValue:
    lines = queries.correction_tray(scopes=permissions.scopes(Capability.EDIT_MEMBERS))
    return desk.page("staff/corrections.html", lines=lines, today=local_date(clock.now()))


@blueprint.get("/<uuid:correction_id>")
def one(correction_id: UUID) -> ResponseReturnValue:
    return _one(CorrectionId(correction_id))


@blueprint.post("/<uuid:correction_id>")
@limiter.limit(WRITE)
def decide(correction_id: UUID) -> ResponseReturnValue:
    """`answer=yes` writes what was asked for into the record; `no` says why in words that the member reads."""
    permissions.scopes(Capability.EDIT_MEMBERS)
    officer, found = desk.officer(), CorrectionId(correction_id)
    accept, note = request.form.get("answer") == "yes", request.form.get("note", "")
    called = request.form.get("called") == "yes"
    try:
        in_transaction(
            lambda: service.decide_correction(
                actor=officer, request_id=found, accept=accept, note=note, now=clock.now(), called=called
            )
        )
    except (Conflict, Forbidden, Invalid) as error:
        return _one(found, problem=error, note=note), 422 if isinstance(error, Invalid) else 409
    return see_other("staff_corrections.corrections")


def _one(correction_id: CorrectionId, *, problem: DomainError | None = None, note: str = "") -> str:
    case = queries.correction_case(correction_id, scopes=permissions.scopes(Capability.EDIT_MEMBERS))
    return desk.page(
        "staff/corrections_one.html",
        case=case,
        mine=accounts.member_of(desk.officer().account_id) == case.line.member_id,
        today=local_date(clock.now()),
        note=note,
        problem=clerk_words(problem.code, problem.facts, language=language()) if problem else "",
    )
