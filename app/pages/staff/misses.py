"""Misses of an officer's people, cleared with a reason; and what a federation makes them cost."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.errors import problem
from app.pages.events import words
from app.pages.paths import page_asked, see_other
from app.pages.sent import whole_number
from app.pages.staff import desk
from app.throttle import WRITE, limiter
from services.accounts.types import Capability
from services.core import clock
from services.core.errors import Conflict, Invalid, NotFound
from services.core.paging import PageRequest
from services.core.transaction import in_transaction
from services.events import errors
from services.events.queries import misses
from services.events.service import missing
from services.events.types import Kind, PauseRule
from services.events.types.door import MissId
from services.unions.types import UnionPath

blueprint = Blueprint("staff_misses", __name__, template_folder="..")


@blueprint.get("")
def listed() -> ResponseReturnValue:
    return _page()


@blueprint.post("")
@limiter.limit(WRITE)
def find() -> ResponseReturnValue:
    """By a part of a name or a whole phone number, which stand in no address."""
    return _page(sought=request.form.get("q", "").strip()[:40])


@blueprint.post("/<uuid:miss_id>/clear")
@limiter.limit(WRITE)
def clear(miss_id: UUID) -> ResponseReturnValue:
    permissions.scopes(Capability.MANAGE_EVENTS)
    officer, note = desk.officer(), request.form.get("note", "")
    try:
        in_transaction(lambda: missing.clear(officer=officer, miss_id=MissId(miss_id), note=note, now=clock.now()))
    except (Invalid, Conflict) as error:
        return _page(wrong=problem(error.code, 409), at=miss_id, typed=note), 422 if isinstance(error, Invalid) else 409
    return see_other(".listed")


@blueprint.post("/rules")
@limiter.limit(WRITE)
def set_rule() -> ResponseReturnValue:
    permissions.scopes(Capability.MANAGE_EVENTS)
    officer, form = desk.officer(), request.form
    typed = [whole_number(form.get(name)) for name in ("free", "within_days", "pause_days")]
    try:
        kind = Kind(form.get("kind", ""))
    except ValueError:
        raise NotFound(errors.MISS_UNKNOWN) from None
    # What is no number is out of the range too.
    rule = PauseRule(*(-1 if one is None else one for one in typed))
    try:
        in_transaction(lambda: missing.set_rule(officer=officer, kind=kind, rule=rule, now=clock.now()))
    except Invalid as error:
        return _page(wrong=problem(error.code, 422), at=kind, typed=dict(form)), 422
    return see_other(".listed", _anchor="rules")


def _page(wrong: dict[str, Any] | None = None, at: object = None, typed: Any = None, sought: str = "") -> str:
    """`wrong`: what was, at the miss or the kind `at`, where `typed` was typed."""
    scopes = permissions.scopes(Capability.MANAGE_EVENTS)
    asked = PageRequest(cursor=request.form.get("cursor") or None) if sought else page_asked()
    federation = next((scope for scope in scopes if "." not in scope), None)
    return desk.page(
        "staff/misses.html", page=misses.page(asked, scopes=scopes, words=sought), sought=sought, words=words,
        rules=misses.pause_rules(UnionPath(scopes[0])), may_rule=federation is not None, wrong=wrong, at=at,
        typed=typed,
    )  # fmt: skip
