"""The owner's page: who may scan at this shop, six digits for a new clerk, and letting one go."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.language import language
from app.pages.paths import see_other
from app.pages.shop.frame import owner, page
from app.throttle import WRITE, limiter
from app.wording import clerk_words
from services.accounts.errors import INVITED_NAME_MISSING
from services.accounts.types import ClerkActor
from services.core import clock
from services.core.errors import NotFound
from services.core.keyboard import one_line
from services.core.transaction import in_transaction
from services.merchants import queries, service
from services.merchants.errors import CLERK_UNKNOWN
from services.merchants.types import BranchId, ClerkId, Colleague

blueprint = Blueprint("shop_colleagues", __name__, template_folder="..")


@blueprint.get("/")
def colleagues() -> ResponseReturnValue:
    return _page(owner())


@blueprint.post("/invite")
@limiter.limit(WRITE)
def invite() -> ResponseReturnValue:
    """Shows six digits, good for ten minutes."""
    mine, name, chosen = owner(), one_line(request.form.get("name", ""))[:60], request.form.get("branch", "")
    if not name:
        return _page(mine, said=clerk_words(INVITED_NAME_MISSING, {}, language=language())), 422
    branch = next((one for one in queries.branches_of(mine.merchant_id) if str(one.id) == chosen), None)
    branch_id = BranchId(branch.id if branch else mine.branch_id)
    digits = in_transaction(
        lambda: service.invite_clerk(branch_id=branch_id, name=name, actor=mine.label, now=clock.now())
    )
    return _page(mine, digits=digits, invited=name)


@blueprint.post("/<uuid:clerk_id>/let-go")
@limiter.limit(WRITE)
def let_go(clerk_id: UUID) -> ResponseReturnValue:
    """Every till of his closes at once. An owner does not let himself go: the shop would have nobody."""
    mine = owner()
    if clerk_id == mine.clerk_id or clerk_id not in {one.clerk_id for one in _all(mine)}:
        raise NotFound(CLERK_UNKNOWN)
    in_transaction(lambda: service.let_clerk_go(clerk_id=ClerkId(clerk_id), actor=mine.label, now=clock.now()))
    return see_other("shop_colleagues.colleagues")


def _page(mine: ClerkActor, **said: Any) -> str:
    """`digits` and `invited` after an invitation, `said` after a fault."""
    branches = queries.branches_of(mine.merchant_id)
    return page("shop/colleagues.html", colleagues=_all(mine), branches=branches, me=mine.clerk_id, **said)


def _all(mine: ClerkActor) -> list[Colleague]:
    return queries.clerks_of_merchant(mine.merchant_id)
