"""How officers get in: password and second factor, a computer by phone, one-time links."""

import datetime
import secrets
from typing import Any

from flask import Blueprint, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app import known_devices, permissions
from app.devices import device
from app.errors import refusal_problem
from app.language import language
from app.pages.paths import see_other
from app.pages.welcome import HOMES
from app.throttle import CROWD, SIGN_IN, WRITE, address, limiter
from app.wording import clerk_words
from services.accounts import passwords, service, staff
from services.accounts.rules import WITH_PASSWORD
from services.accounts.service.desk import waiting_desk
from services.accounts.service.sessions import PERSONAS
from services.accounts.types import Actor, ClerkActor, MemberActor, OfficerActor, Persona, SignIn, Via
from services.cards.picture import QUIET_ZONE, draw
from services.core import clock
from services.core.errors import Conflict, DomainError, Invalid, Refusal
from services.core.keyboard import half_width
from services.core.signing import token_digest
from services.core.transaction import in_transaction

blueprint = Blueprint("entry", __name__, template_folder="..")

DESK = "desk"
"""The cookie by which a waiting computer is known again."""
NONCE = "link"
"""The cookie without which a link's secret is another one: who has only seen the link does not know the secret."""


def _waiting() -> str:
    """Whom the polls of one computer are counted for: several stand behind one address."""
    return token_digest(request.cookies.get(DESK, "")).hex()


@blueprint.get("/staff/sign-in")
def sign_in() -> ResponseReturnValue:
    return render_template("staff/sign_in.html")


@blueprint.post("/staff/sign-in")
@limiter.limit(SIGN_IN, key_func=address)
def sign_in_with_password() -> ResponseReturnValue:
    """Whoever was signed in here before is signed out. A wrong try is kept on record and says the same of all parts."""
    login, now = request.form.get("login", ""), clock.now()
    source = known_devices.source(login) or f"address:{address()}"
    result = in_transaction(
        lambda: service.sign_in_with_password(
            login=login, password=request.form.get("password", ""), code=request.form.get("code", ""), source=source,
            now=now,
        )
    )  # fmt: skip
    if isinstance(result, Refusal):
        said = refusal_problem(result)["detail"]
        return render_template("staff/sign_in.html", said=said, login=login[:40]), 400
    response = _enter(result, Via.PASSWORD)
    known_devices.remember(response, login)
    return response


@blueprint.post("/desk")
@limiter.limit(SIGN_IN, key_func=address)
def open_desk() -> ResponseReturnValue:
    """A code for a phone to scan, and the cookie by which this computer is known when the phone says yes."""
    opened = in_transaction(lambda: service.open_desk(device=device(), now=clock.now()))
    link = f"{current_app.config['SETTINGS'].public_url}/D/{opened.code}".upper()
    page = render_template("staff/desk_code.html", drawing=draw(link), quiet=QUIET_ZONE, digits=opened.digits)
    response = Response(page, mimetype="text/html")
    _keep(response, DESK, opened.browser, path="/desk", seconds=120)
    return response


@blueprint.post("/desk/enter")
@limiter.limit(CROWD, key_func=address)
@limiter.limit("45 per minute", key_func=_waiting)
def enter_desk() -> ResponseReturnValue:
    """Asked by the waiting computer every two seconds: signed in as soon as the phone has said yes."""
    browser = request.cookies.get(DESK, "")
    claimed = in_transaction(lambda: service.claim_desk(browser=browser, now=clock.now()))
    if claimed is None:
        return jsonify(waiting=True), 202
    response = _enter(claimed.actor, Via.DESK, until=claimed.until)
    response.delete_cookie(DESK, path="/desk")
    return response


@blueprint.get("/D/<code>")
@blueprint.get("/d/<code>")
def look_at_desk(code: str) -> ResponseReturnValue:
    """On the phone: which computer wants in, and a button. Changes nothing."""
    waiting = waiting_desk(code.upper(), now=clock.now())
    return render_template(
        "staff/desk_confirm.html", code=code.upper(), waiting=waiting
    ), 409 if waiting is None else 200


@blueprint.post("/desk/confirm")
@limiter.limit(WRITE)
def confirm_desk() -> ResponseReturnValue:
    """Lets the computer in, if the digits are those on its screen. One wrong pair and the code is over."""
    actor = permissions.caller_if_any()
    if not isinstance(actor, OfficerActor | ClerkActor):
        return see_other("welcome.sign_in")
    code, token = request.form.get("code", ""), permissions.token_of_request() or ""
    digits = half_width(request.form.get("digits", "")).strip()
    refused = in_transaction(
        lambda: service.confirm_desk(code=code, digits=digits, token=token, actor=actor.label, now=clock.now())
    )
    if refused:
        said = refusal_problem(refused)["detail"]
        return render_template("staff/desk_confirm.html", code=code, waiting=None, said=said), 409
    return render_template("staff/desk_done.html")


@blueprint.get("/o/<token>")
def invitation(token: str) -> ResponseReturnValue:
    """What somebody is invited to, and the form to accept it."""
    return _invitation(token)


@blueprint.post("/o/<token>")
@limiter.limit(SIGN_IN, key_func=address)
def accept(token: str) -> ResponseReturnValue:
    """By password and second factor for a federation's roles; by the bound WeChat for the others."""
    found, actor, now = staff.behind(token, now=clock.now()), permissions.caller_if_any(), clock.now()
    if found.role in WITH_PASSWORD:
        form = request.form
        try:
            in_transaction(
                lambda: service.accept_with_password(
                    token=token, login=form.get("login", ""), password=form.get("password", ""),
                    code=form.get("code", ""), nonce=request.cookies.get(NONCE, ""), now=now,
                )
            )  # fmt: skip
        except (Invalid, Conflict) as error:
            return _invitation(token, said=_said(error), status=422)
        return see_other("entry.sign_in")
    if not isinstance(actor, MemberActor):
        return _invitation(token, status=400)
    in_transaction(lambda: service.accept(token=token, account_id=actor.account_id, actor=actor.label, now=now))
    return see_other("entry.sign_in")


@blueprint.get("/r/<token>")
def reset(token: str) -> ResponseReturnValue:
    """A new password and authenticator for somebody who lost one; two colleagues agreed to it."""
    return _reset(token)


@blueprint.post("/r/<token>")
@limiter.limit(SIGN_IN, key_func=address)
def use_reset(token: str) -> ResponseReturnValue:
    password, code, nonce = (
        request.form.get("password", ""),
        request.form.get("code", ""),
        request.cookies.get(NONCE, ""),
    )
    try:
        in_transaction(
            lambda: service.use_reset(token=token, nonce=nonce, password=password, code=code, now=clock.now())
        )
    except Invalid as error:
        return _reset(token, said=_said(error), status=422)
    return see_other("entry.sign_in")


def _enter(actor: Actor, via: Via, until: datetime.datetime | None = None) -> Response:
    """A new session for this browser; the one before it ends. One that a phone gave ends with the phone's."""
    old, label = permissions.token_of_request(), device()

    def change() -> SignIn:
        if old:
            service.sign_out(old)
        return service.sign_in(actor, now=clock.now(), via=via, device=label, proved=until is None, until=until)

    signed = in_transaction(change)
    persona: Persona = PERSONAS[type(actor)]
    response = see_other(HOMES[persona])
    permissions.remember(response, signed)
    return response


def _invitation(token: str, said: str = "", status: int = 200) -> Response:
    found = staff.behind(token, now=clock.now())
    needs_password = found.role in WITH_PASSWORD
    values = {"invited": found, "needs_password": needs_password, "said": said, "login": request.form.get("login", "")}
    return _with_factor("staff/invitation.html", token, status, **values)


def _reset(token: str, said: str = "", status: int = 200) -> Response:
    login = staff.owner_of_reset(token, now=clock.now())
    return _with_factor("staff/reset.html", token, status, login=login, said=said)


def _with_factor(template: str, token: str, status: int, **values: Any) -> Response:
    """A page with the authenticator's secret of this link in this browser, as text and as a code to scan."""
    nonce = request.cookies.get(NONCE) or secrets.token_urlsafe(24)
    secret = passwords.secret_of_link(token, nonce)
    drawing = draw(passwords.provisioning_uri(secret, login=str(values["login"]) or "gonghui"))
    page = render_template(template, secret=secret, drawing=drawing, quiet=QUIET_ZONE, **values)
    response = Response(page, status, mimetype="text/html")
    _keep(response, NONCE, nonce, path=request.path, seconds=24 * 3600)
    return response


def _keep(response: Response, name: str, value: str, *, path: str, seconds: int) -> None:
    """A cookie that only this path gets."""
    secure = current_app.config["SETTINGS"].secure_cookies
    response.set_cookie(name, value, max_age=seconds, httponly=True, secure=secure, samesite="Lax", path=path)


def _said(error: DomainError) -> str:
    facts = {name: value for name, value in error.facts.items() if name != "field"}
    return clerk_words(error.code, facts, language=language())
