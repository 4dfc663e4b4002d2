"""Pages for everybody: sign-in, the door behind a scanned code, the reader's choices."""

import re

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import demo, permissions
from app.demo_data.people import TRIAL
from app.language import COOKIE as LANGUAGE
from app.pages import returning
from app.pages.paths import local_path, see_other
from app.partners import ways
from app.templating import SIZES, THEMES
from app.throttle import SIGN_IN, WRITE, address, limiter
from services.accounts import queries as accounts_read
from services.accounts import service as accounts
from services.accounts.types import MemberActor, Persona, SignIn
from services.core import clock
from services.core.errors import NotFound
from services.core.transaction import in_transaction
from services.members import queries as members
from services.notifications import service as notifications
from services.notifications.types import Language
from services.unions import queries as unions

blueprint = Blueprint("welcome", __name__)

HOMES = {
    Persona.VISITOR: "binding.begin", Persona.MEMBER: "member.home", Persona.CLERK: "shop.till",
    Persona.OFFICER: "staff.day",
}  # fmt: skip
CHOICES = {"theme": THEMES, "text": SIZES, LANGUAGE: ("zh", "en")}
YEAR = 365 * 24 * 3600
LOOKS_LIKE_A_CODE = re.compile("[0-9A-Za-z]+")


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """The ways to sign in here; to a device whose session was ended, why and when, and whom to call about it."""
    token = permissions.token_of_request() or ""
    ended = accounts_read.why_ended(token) if token and not permissions.caller_if_any() else None
    member_id = accounts_read.member_behind(token) if ended else None
    office = unions.office(members.profile(member_id).union_id) if member_id else None
    code = permissions.ENDINGS[ended[0]] if ended else None
    return render_template("welcome/sign_in.html", **ways(), ended=ended, ended_code=code, office=office)


@blueprint.get("/demo")
def demo_personas() -> ResponseReturnValue:
    _demo_only()
    return render_template("welcome/demo.html", trial=TRIAL)


@blueprint.post("/demo")
@limiter.limit(SIGN_IN, key_func=address)
def demo_sign_in() -> ResponseReturnValue:
    """Signs in as a persona; whoever was signed in here before is signed out."""
    _demo_only()
    persona = _persona(request.form.get("persona", ""))
    signed = in_transaction(lambda: _change_person(persona))
    response = see_other(HOMES[persona])
    if persona is Persona.MEMBER:
        returning.take(response, default=url_for(HOMES[persona]))
    permissions.remember(response, signed)
    return response


@blueprint.post("/sign-out")
@limiter.limit(WRITE)
def sign_out() -> ResponseReturnValue:
    token = permissions.token_of_request()
    in_transaction(lambda: accounts.sign_out(token or ""))
    response = see_other("welcome.sign_in")
    permissions.forget(response)
    return response


@blueprint.post("/preferences")
def preferences() -> ResponseReturnValue:
    """Keeps theme, text size and language in cookies; what is not among the choices is left out. To a member WeChat and
    SMS write in the language that he has chosen."""
    actor, chosen = permissions.caller_if_any(), request.form.get(LANGUAGE)
    if isinstance(actor, MemberActor) and chosen in CHOICES[LANGUAGE]:
        account_id, spoken = actor.account_id, Language(chosen)
        in_transaction(lambda: notifications.write_in(account_id=account_id, language=spoken))
    response = redirect(local_path(request.form.get("back", "")), 303)
    secure = current_app.config["SETTINGS"].secure_cookies
    for name, allowed in CHOICES.items():
        value = request.form.get(name)
        if value in allowed:
            response.set_cookie(name, str(value), max_age=YEAR, samesite="Lax", secure=secure, httponly=True)
    return response


@blueprint.get("/C/<code>")
@blueprint.get("/c/<code>")
def code(code: str) -> ResponseReturnValue:
    """Behind the QR code. Changes nothing: a clerk gets a form that posts the scan, anybody else a how-to.

    What no code looks like is not sent on: a scan of it is refused in words.
    """
    address = f"/C/{code.upper()}" if current_app.config["SETTINGS"].code_case == "upper" else f"/c/{code.lower()}"
    if request.path != address and LOOKS_LIKE_A_CODE.fullmatch(code):
        return redirect(address)
    return make_response(render_template("welcome/code.html", code=code.upper()))


def _change_person(persona: Persona) -> SignIn:
    accounts.sign_out(permissions.token_of_request() or "")
    return demo.sign_in(persona, now=clock.now())


def _demo_only() -> None:
    if not current_app.config["SETTINGS"].demo:
        raise NotFound("not_found")


def _persona(name: str) -> Persona:
    try:
        return Persona(name)
    except ValueError:
        raise NotFound("not_found") from None
