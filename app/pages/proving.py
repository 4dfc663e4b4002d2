"""Before what matters most (a copy of one's data, closing the account): once more, is it really you?"""

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app import permissions, phone_codes
from app.errors import refusal_problem
from app.pages.paths import local_path, see_other
from app.throttle import SIGN_IN, limiter
from services.accounts import queries, service
from services.accounts.errors import FACTOR_WRONG, NOT_SIGNED_IN
from services.accounts.service import codes
from services.accounts.types import AccountId, Actor, CodeFor, MemberActor
from services.core import clock
from services.core.errors import Refusal
from services.core.transaction import in_transaction
from services.members.rules import masked_phone

blueprint = Blueprint("proving", __name__, template_folder=".")


@blueprint.get("/")
def prove() -> ResponseReturnValue:
    """Where to prove it: an officer by his authenticator, everybody else by a code to the phone on record."""
    return _page()


@blueprint.post("/send")
@limiter.limit(SIGN_IN)
def send() -> ResponseReturnValue:
    asked = phone_codes.ask(phone_codes.on_record(_actor()), CodeFor.FRESH)
    response = see_other("proving.prove", back=_back())
    phone_codes.remember(response, asked)
    return response


@blueprint.post("/check")
@limiter.limit(SIGN_IN)
def check() -> ResponseReturnValue:
    """A right code is good for ten minutes of this session. A wrong one counts."""
    token, typed, now = permissions.token_of_request() or "", request.form.get("code", "").strip(), clock.now()
    actor, asked = _actor(), phone_codes.remembered()

    def work() -> Refusal | None:
        if _by_factor(actor):
            right = service.prove_by_factor(account_id=AccountId(actor.account_id), code=typed, now=now)
            refused = None if right else Refusal(FACTOR_WRONG)
        else:
            refused = phone_codes.use_own(actor, request=asked, code=typed, purpose=CodeFor.FRESH, now=now)
        if refused:
            return refused
        service.prove(token, now=now)
        return None

    refused = in_transaction(work)
    if refused:
        return _page(refused), 400
    response = redirect(_back(), 303)
    phone_codes.forget(response)
    return response


def _page(refused: Refusal | None = None) -> str:
    actor = _actor()
    waiting = codes.pending(request=phone_codes.remembered(), purpose=CodeFor.FRESH, now=clock.now())
    return render_template(
        "proving.html",
        by_factor=_by_factor(actor),
        waiting=waiting,
        wrong=refusal_problem(refused) if refused else None,
        back=_back(),
        phone=None if _by_factor(actor) else masked_phone(phone_codes.on_record(actor)),
    )


def _by_factor(actor: Actor) -> bool:
    return not isinstance(actor, MemberActor) and queries.has_password(actor.account_id)


def _back() -> str:
    return local_path(request.values.get("back", ""))


def _actor() -> Actor:
    actor = permissions.caller_if_any()
    if actor is None:
        raise permissions.SignInNeeded(NOT_SIGNED_IN)
    return actor
