"""Branches of a shop at the desk: opened, changed, closed, opened again."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.idempotency import idempotently
from app.pages.staff import desk
from app.pages.staff.shops import act, seen
from app.pages.staff.shops_forms import Typed, given_branch
from app.throttle import WRITE, limiter
from services.core import clock
from services.merchants import records, service
from services.merchants.types import BranchId, Outlet, Record

blueprint = Blueprint("staff_branches", __name__, template_folder="..")


@blueprint.get("/<uuid:merchant_id>/branches/new")
def new_form(merchant_id: UUID) -> ResponseReturnValue:
    return _form(seen(merchant_id), None, {"begin": "09:00", "until": "21:00"})


@blueprint.post("/<uuid:merchant_id>/branches/new")
@limiter.limit(WRITE)
def new(merchant_id: UUID) -> ResponseReturnValue:
    """The same form sent twice is one branch."""
    found, typed = seen(merchant_id), Typed()
    where = typed.where()
    return act(
        found,
        typed,
        lambda: service.open_branch(**where, **_at(found)),
        lambda: _form(found, None, typed.given, typed.wrong),
        run=_once,
    )


@blueprint.get("/<uuid:merchant_id>/branches/<uuid:branch_id>")
def edit_form(merchant_id: UUID, branch_id: UUID) -> ResponseReturnValue:
    found = seen(merchant_id)
    outlet = records.outlet(BranchId(branch_id), merchant_id=found.id)
    return _form(found, outlet, given_branch(outlet.branch))


@blueprint.post("/<uuid:merchant_id>/branches/<uuid:branch_id>")
@limiter.limit(WRITE)
def edit(merchant_id: UUID, branch_id: UUID) -> ResponseReturnValue:
    found, typed = seen(merchant_id), Typed()
    outlet = records.outlet(BranchId(branch_id), merchant_id=found.id)
    where = typed.where()
    return act(
        found,
        typed,
        lambda: service.change_branch(branch_id=outlet.branch.id, **where, **_at(found)),
        lambda: _form(found, outlet, typed.given, typed.wrong),
    )


@blueprint.post("/<uuid:merchant_id>/branches/<uuid:branch_id>/close")
@limiter.limit(WRITE)
def close(merchant_id: UUID, branch_id: UUID) -> ResponseReturnValue:
    """No card is taken there from now on."""
    found = seen(merchant_id)
    return act(found, Typed(), lambda: service.close_branch(branch_id=BranchId(branch_id), **_at(found)))


@blueprint.post("/<uuid:merchant_id>/branches/<uuid:branch_id>/reopen")
@limiter.limit(WRITE)
def reopen(merchant_id: UUID, branch_id: UUID) -> ResponseReturnValue:
    found = seen(merchant_id)
    return act(found, Typed(), lambda: service.reopen_branch(branch_id=BranchId(branch_id), **_at(found)))


def _once(verb: Callable[[], object]) -> object:
    return idempotently(verb, lambda made: {"branch_id": str(made)}, scope=desk.officer().label)


def _form(
    found: Record, outlet: Outlet | None, given: Mapping[str, str], wrong: Mapping[str, str] | None = None
) -> str:
    return desk.page("staff/shops_branch.html", shop=found, outlet=outlet, given=given, wrong=wrong or {})


def _at(found: Record) -> dict[str, Any]:
    return {"merchant_id": found.id, "actor": desk.officer().label, "now": clock.now()}
