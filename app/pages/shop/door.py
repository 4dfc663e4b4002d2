"""How somebody who is signed in gets to a till: by the digits of the shop's owner once, by a button from then on."""

from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.devices import device, in_wechat
from app.errors import refusal_problem
from app.pages.paths import see_other
from app.throttle import WRITE, limiter
from services.accounts import service as accounts
from services.accounts.types import AccountId, SignIn, Via
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import NotFound, Refusal
from services.core.transaction import in_transaction
from services.merchants import queries, rules, service
from services.merchants.errors import BRANCH_CLOSED, CLERK_UNKNOWN, MERCHANT_SUSPENDED

blueprint = Blueprint("shop_door", __name__, template_folder="..")

NO_CARDS = {BRANCH_CLOSED, MERCHANT_SUSPENDED}
"""Why no card is taken. The owner comes in all the same: members wait for his answer, the books are his, and the
reason of a suspension stands in his messages."""


@blueprint.get("/")
def posts() -> ResponseReturnValue:
    """The tills at which the caller may stand, and the field for the digits of a new shop."""
    return render_template("shop/door.html", posts=queries.clerks_of_account(_account()))


@blueprint.post("/join")
@limiter.limit(WRITE)
def join() -> ResponseReturnValue:
    account_id, digits = _account(), request.form.get("digits", "")
    result = in_transaction(lambda: service.join(digits=digits, account_id=account_id, now=clock.now()))
    return _said(result) if isinstance(result, Refusal) else _enter(result)


@blueprint.post("/enter")
@limiter.limit(WRITE)
def enter() -> ResponseReturnValue:
    """A till's session, for one shift at one branch; the one that was here ends.

    Whoever may let others in proves first that it is he: the phone may be somebody else's by now.
    """
    chosen = request.form.get("clerk", "")
    found = next((post for post in queries.clerks_of_account(_account()) if str(post.clerk_id) == chosen), None)
    if found is None:
        raise NotFound(CLERK_UNKNOWN)
    refused = rules.may_stand_at(queries.counter(found.clerk_id), today=local_date(clock.now()))
    if refused and not (found.owner and refused.code in NO_CARDS):
        return _said(refused)
    if found.owner:
        permissions.fresh()
    return _enter(found.clerk_id)


def _said(refused: Refusal) -> ResponseReturnValue:
    said = refusal_problem(refused)["detail"]
    return render_template("shop/door.html", posts=queries.clerks_of_account(_account()), said=said), 409


def _enter(clerk_id: UUID) -> ResponseReturnValue:
    old, label = permissions.token_of_request() or "", device()
    via = Via.WECHAT if in_wechat() else Via.PHONE

    def change() -> SignIn:
        accounts.sign_out(old)
        return accounts.sign_in(queries.clerk_actor(clerk_id), now=clock.now(), via=via, device=label)

    signed = in_transaction(change)
    response = see_other("shop.till")
    permissions.remember(response, signed)
    return response


def _account() -> AccountId:
    actor = permissions.caller_if_any()
    if actor is None:
        raise NotFound(CLERK_UNKNOWN)
    return actor.account_id
