"""The owner's page: who may scan at this shop, six digits for a new clerk, and letting one go."""

from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.pages.paths import see_other
from app.throttle import WRITE, limiter
from services.accounts.errors import INVITED_NAME_MISSING
from services.accounts.types import ClerkActor
from services.core import clock
from services.core.errors import Forbidden, Invalid, NotFound
from services.core.transaction import in_transaction
from services.merchants import queries, service
from services.merchants.errors import CLERK_UNKNOWN, OWNER_ONLY
from services.merchants.types import BranchId, ClerkId, Colleague
from services.notifications import queries as notifications
from services.notifications.types import Recipient, RecipientKind

blueprint = Blueprint("shop_colleagues", __name__, template_folder="..")


@blueprint.get("/")
def colleagues() -> ResponseReturnValue:
    return _page()


@blueprint.post("/invite")
@limiter.limit(WRITE)
def invite() -> ResponseReturnValue:
    """Shows six digits, good for ten minutes."""
    owner, name, chosen = _owner(), request.form.get("name", "").strip()[:60], request.form.get("branch", "")
    if not name:
        raise Invalid(INVITED_NAME_MISSING, field="name")
    branch = next((one for one in queries.branches_of(owner.merchant_id) if str(one.id) == chosen), None)
    branch_id = BranchId(branch.id if branch else owner.branch_id)
    digits = in_transaction(
        lambda: service.invite_clerk(branch_id=branch_id, name=name, actor=owner.label, now=clock.now())
    )
    return _page(digits=digits, invited=name)


@blueprint.post("/<uuid:clerk_id>/let-go")
@limiter.limit(WRITE)
def let_go(clerk_id: UUID) -> ResponseReturnValue:
    """Every till of his closes at once. An owner does not let himself go: the shop would have nobody."""
    owner = _owner()
    if clerk_id == owner.clerk_id or clerk_id not in {one.clerk_id for one in _all(owner)}:
        raise NotFound(CLERK_UNKNOWN)
    in_transaction(lambda: service.let_clerk_go(clerk_id=ClerkId(clerk_id), actor=owner.label, now=clock.now()))
    return see_other("shop_colleagues.colleagues")


def _page(digits: str = "", invited: str = "") -> str:
    owner = _owner()
    return render_template(
        "shop/colleagues.html",
        counter=queries.counter(owner.clerk_id),
        colleagues=_all(owner),
        branches=queries.branches_of(owner.merchant_id),
        me=owner.clerk_id,
        digits=digits,
        invited=invited,
        unread=notifications.unread(Recipient(RecipientKind.BRANCH, owner.branch_id)),
    )


def _owner() -> ClerkActor:
    actor = permissions.caller(ClerkActor)
    if not queries.is_owner(actor.clerk_id):
        raise Forbidden(OWNER_ONLY)
    return actor


def _all(owner: ClerkActor) -> list[Colleague]:
    return queries.clerks_of_merchant(owner.merchant_id)
