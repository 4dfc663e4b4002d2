"""The tray: requests to bind that the roster does not settle, by due date; one beside the roster; yes or no."""

from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.errors import problem, refusal_problem
from app.pages.paths import see_other
from app.pages.staff import desk
from app.throttle import WRITE, limiter
from services.accounts.types import Capability
from services.bindings import queries, service
from services.bindings.types import RefusedFor, RequestId
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Conflict, Invalid, Refusal
from services.core.transaction import in_transaction

blueprint = Blueprint("tray", __name__, template_folder="..")


@blueprint.get("/")
def requests() -> ResponseReturnValue:
    """Those of the officer's own unions; `?below=1` also those of the unions under them."""
    return _tray()


def _tray(refused: Refusal | None = None) -> str:
    scopes = permissions.scopes(Capability.DECIDE_BINDINGS)
    below = request.args.get("below") == "1"
    lines = queries.tray(scopes=scopes, below=below)
    wrong = refusal_problem(refused) if refused else None
    return desk.page("staff/tray.html", lines=lines, below=below, wrong=wrong, today=local_date(clock.now()))


@blueprint.get("/<uuid:request_id>")
def one(request_id: UUID) -> ResponseReturnValue:
    return _one(RequestId(request_id))


@blueprint.post("/<uuid:request_id>/phone")
@limiter.limit(WRITE)
def see_phone(request_id: UUID) -> ResponseReturnValue:
    """The worker's phone in full, this once, to call him; kept in the audit trail."""
    officer, asked = desk.officer(), RequestId(request_id)
    permissions.scopes(Capability.DECIDE_BINDINGS)
    try:
        phone = in_transaction(lambda: service.see_phone(actor=officer, request_id=asked, now=clock.now()))
    except Conflict as error:
        return _one(asked, error), 409
    return _one(asked, phone=phone)


@blueprint.post("/<uuid:request_id>/approve")
@limiter.limit(WRITE)
def approve(request_id: UUID) -> ResponseReturnValue:
    """Binds. Somebody was faster, or the roster has nobody: the page says so, with who and when. What this officer may
    not decide went to the union that may: the tray says that."""
    officer, take_phone = desk.officer(), request.form.get("phone") == "take"
    permissions.scopes(Capability.DECIDE_BINDINGS)
    try:
        result = in_transaction(
            lambda: service.approve(
                actor=officer, request_id=RequestId(request_id), take_phone=take_phone, now=clock.now()
            )
        )
    except Conflict as error:
        return _one(RequestId(request_id), error), 409
    return (_tray(result), 409) if isinstance(result, Refusal) else see_other("tray.requests")


@blueprint.post("/<uuid:request_id>/refuse")
@limiter.limit(WRITE)
def refuse(request_id: UUID) -> ResponseReturnValue:
    officer, note = desk.officer(), request.form.get("note", "")
    permissions.scopes(Capability.DECIDE_BINDINGS)
    try:
        reason = _reason()
        in_transaction(
            lambda: service.refuse(
                actor=officer, request_id=RequestId(request_id), reason=reason, note=note, now=clock.now()
            )
        )
    except (Conflict, Invalid) as error:
        return _one(RequestId(request_id), error, note=note), 409 if isinstance(error, Conflict) else 422
    return see_other("tray.requests")


def _reason() -> RefusedFor:
    asked = request.form.get("reason", "")
    if asked not in set(RefusedFor):
        raise Invalid("binding_reason_missing", field="reason")
    return RefusedFor(asked)


def _one(
    request_id: RequestId, error: Conflict | Invalid | None = None, *, note: str = "", phone: str | None = None
) -> str:
    case = queries.case(request_id, scopes=permissions.scopes(Capability.DECIDE_BINDINGS))
    facts = {name: fact for name, fact in error.facts.items() if name != "field"} if error else {}
    wrong = problem(error.code, 409, facts) if error else None
    mine = case.account_id == desk.officer().account_id
    return desk.page(
        "staff/tray_one.html", case=case, wrong=wrong, note=note, mine=mine, reasons=RefusedFor, phone=phone,
        today=local_date(clock.now()),
    )  # fmt: skip
