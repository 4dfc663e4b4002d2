"""Partner shops at the federation's desk: six digits that make somebody the owner of a shop's till."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.pages.staff import desk
from app.throttle import WRITE, limiter
from services.accounts.types import Capability
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import NotFound
from services.core.transaction import in_transaction
from services.merchants import queries, service
from services.merchants.types import Branch, Shop

blueprint = Blueprint("staff_shops", __name__, template_folder="..")


@blueprint.get("/")
def shops() -> ResponseReturnValue:
    permissions.scopes(Capability.MANAGE_SHOPS)
    return desk.page("staff/shops.html", shops=_shops())


@blueprint.post("/owner")
@limiter.limit(WRITE)
def invite_owner() -> ResponseReturnValue:
    """Shows six digits for the owner, good for ten minutes: to be told to him in person or by telephone."""
    permissions.scopes(Capability.MANAGE_SHOPS)
    permissions.fresh()
    shop, branch = _branch(request.form.get("branch", ""))
    actor, name = desk.officer().label, shop.name["zh"][:60]
    digits = in_transaction(
        lambda: service.invite_clerk(branch_id=branch.id, name=name, actor=actor, now=clock.now(), owner=True)
    )
    return desk.page("staff/shops.html", shops=_shops(), digits=digits, told=shop, at=branch)


def _shops() -> list[Shop]:
    return queries.shops(on=local_date(clock.now()))


def _branch(text: str) -> tuple[Shop, Branch]:
    for shop in _shops():
        for branch in shop.branches:
            if str(branch.id) == text:
                return shop, branch
    raise NotFound("not_found")
