"""From a member's phone to the desk: officers of grass-roots and town unions, by their bound WeChat and a code."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app import permissions, phone_codes
from app.devices import device
from app.errors import refusal_problem
from app.pages.paths import see_other
from app.throttle import SIGN_IN, limiter
from services.accounts import queries, service
from services.accounts.errors import NO_ROLE_HERE
from services.accounts.service import codes
from services.accounts.types import CodeFor, MemberActor, OfficerActor, SignIn, Via
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Conflict, Refusal
from services.core.transaction import in_transaction
from services.members.rules import masked_phone

blueprint = Blueprint("enter", __name__, template_folder="..")


@blueprint.get("/")
def begin() -> ResponseReturnValue:
    """Whose desk it will be, and the button that sends the code."""
    _officer()
    return _page()


@blueprint.post("/send")
@limiter.limit(SIGN_IN)
def send() -> ResponseReturnValue:
    _officer()
    asked = phone_codes.ask(phone_codes.on_record(_member()), CodeFor.OFFICER)
    response = see_other("enter.begin")
    phone_codes.remember(response, asked)
    return response


@blueprint.post("/check")
@limiter.limit(SIGN_IN)
def check() -> ResponseReturnValue:
    """The member's session ends, the officer's begins."""
    member, officer, old, label = _member(), _officer(), permissions.token_of_request() or "", device()
    asked, typed = phone_codes.remembered(), request.form.get("code", "").strip()

    def work() -> SignIn | Refusal:
        now = clock.now()
        refused = phone_codes.use_own(member, request=asked, code=typed, purpose=CodeFor.OFFICER, now=now)
        if refused:
            return refused
        service.sign_out(old)
        return service.sign_in(officer, now=now, via=Via.PHONE, device=label, proved=True)

    signed = in_transaction(work)
    if isinstance(signed, Refusal):
        return _page(signed), 400
    response = see_other("staff.day")
    permissions.remember(response, signed)
    phone_codes.forget(response)
    return response


def _page(refused: Refusal | None = None) -> str:
    return render_template(
        "staff/enter.html",
        waiting=codes.pending(request=phone_codes.remembered(), purpose=CodeFor.OFFICER, now=clock.now()),
        wrong=refusal_problem(refused) if refused else None,
        phone=masked_phone(phone_codes.on_record(_member())),
    )


def _officer() -> OfficerActor:
    """Raises Conflict(no_role_here), also for whoever signs in by password: a code to a phone is less."""
    account_id = _member().account_id
    found = queries.officer(account_id, on=local_date(clock.now()))
    if found is None or queries.has_password(account_id):
        raise Conflict(NO_ROLE_HERE)
    return found


def _member() -> MemberActor:
    return permissions.caller(MemberActor)
