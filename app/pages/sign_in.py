"""How a member gets in: through WeChat in WeChat's own browser, by a code to the phone elsewhere."""

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app import partners, permissions, phone_codes
from app.devices import device, in_wechat
from app.errors import problem, refusal_problem
from app.pages import returning
from app.pages.paths import see_other
from app.throttle import CROWD, SIGN_IN, address, limiter
from services.accounts import service as accounts
from services.accounts.errors import WECHAT_STATE_WRONG
from services.accounts.service import codes, wechat
from services.accounts.types import CodeFor, MemberActor, SignIn, Via, VisitorActor
from services.accounts.wechat import WechatUser
from services.core import clock
from services.core.errors import DomainError, Invalid, NotFound, Refusal, TooOften
from services.core.transaction import in_transaction

blueprint = Blueprint("sign_in", __name__, template_folder=".")
platform = Blueprint("platform_files", __name__)

WAY = "wechat_way"
"""The cookie of a browser that went to WeChat: only it may come back."""
CALLBACK = "/wechat/callback"


@platform.get("/<name>.txt")
def verify_file(name: str) -> ResponseReturnValue:
    """By this file the platform knows that the domain is ours. Any other name is none."""
    found = current_app.config["SETTINGS"].wechat_verify_file
    if found is None or found[0] != f"{name}.txt":
        raise NotFound("not_found")
    return Response(found[1], mimetype="text/plain")


@blueprint.get("/wechat/sign-in")
@limiter.limit(CROWD, key_func=address)
def leave() -> ResponseReturnValue:
    """Off to WeChat, with a state of our own. In any other browser it would end nowhere: back to the sign-in page."""
    if not in_wechat():
        return see_other("welcome.sign_in")
    account = partners.official_account()
    state, browser = in_transaction(lambda: wechat.leave_for_wechat(clock.now()))
    settings = current_app.config["SETTINGS"]
    response = redirect(account.authorize_url(redirect_uri=settings.public_url + CALLBACK, state=state))
    response.set_cookie(
        WAY, browser, max_age=int(wechat.STATE_LIFETIME.total_seconds()), secure=settings.secure_cookies,
        httponly=True, samesite="Lax", path=CALLBACK,
    )  # fmt: skip
    return response


@blueprint.get(CALLBACK)
@limiter.limit(CROWD, key_func=address)
def come_back() -> ResponseReturnValue:
    """Back from WeChat with a code. Another browser's way, a second time or ten minutes later: 400 and no session."""
    state, browser, code = request.args.get("state", ""), request.cookies.get(WAY, ""), request.args.get("code", "")
    known = in_transaction(lambda: wechat.back_from_wechat(state=state, browser=browser, now=clock.now()))
    if not known or not code:
        return _failed(problem(WECHAT_STATE_WRONG, 400))
    user = partners.official_account().oauth_openid(code)
    signed = in_transaction(lambda: _with_wechat(user))
    response = _in(signed)
    response.delete_cookie(WAY, path=CALLBACK)
    return response


@blueprint.post("/sign-in/code")
@limiter.limit(SIGN_IN, key_func=address)
def ask_code() -> ResponseReturnValue:
    """Sends six digits to a phone, known here or not."""
    try:
        asked = phone_codes.ask(request.form.get("phone", ""), CodeFor.SIGN_IN)
    except (Invalid, TooOften) as error:
        typed, status = request.form.get("phone", "")[:20], 429 if isinstance(error, TooOften) else 422
        return render_template("welcome/sign_in.html", **partners.ways(), **said(error), typed=typed), status
    response = see_other("sign_in.type_code")
    phone_codes.remember(response, asked)
    return response


@blueprint.get("/sign-in/code")
def type_code() -> ResponseReturnValue:
    waiting = codes.pending(request=phone_codes.remembered(), purpose=CodeFor.SIGN_IN, now=clock.now())
    if waiting is None:
        return see_other("welcome.sign_in")
    return render_template("sign_in_code.html", waiting=waiting)


@blueprint.post("/sign-in/code/check")
@limiter.limit(SIGN_IN, key_func=address)
def check_code() -> ResponseReturnValue:
    """Signs in the one member of that phone, or a visitor who may bind."""
    signed = in_transaction(lambda: _with_phone(phone_codes.remembered(), request.form.get("code", "").strip()))
    if isinstance(signed, Refusal):
        waiting = codes.pending(request=phone_codes.remembered(), purpose=CodeFor.SIGN_IN, now=clock.now())
        return render_template("sign_in_code.html", waiting=waiting, wrong=refusal_problem(signed)), 400
    response = _in(signed)
    phone_codes.forget(response)
    return response


def said(error: DomainError) -> dict[str, object]:
    """What a form shows above itself."""
    return {"wrong": problem(error.code, 422, dict(error.facts))}


def _with_wechat(user: WechatUser) -> SignIn:
    now = clock.now()
    account_id = wechat.identify(user=user, now=now)
    return _instead(wechat.actor_of_account(account_id), Via.WECHAT)


def _with_phone(asked: str, typed: str) -> SignIn | Refusal:
    now = clock.now()
    phone = phone_codes.use(request=asked, code=typed, purpose=CodeFor.SIGN_IN, now=now)
    if isinstance(phone, Refusal):
        return phone
    actor = codes.by_phone(phone=phone, now=now)
    return _instead(actor, Via.PHONE, proved=codes.on_record(actor, phone=phone))


def _instead(actor: MemberActor | VisitorActor, via: Via, *, proved: bool = False) -> SignIn:
    """A new session; whoever was signed in here before is signed out."""
    accounts.sign_out(permissions.token_of_request() or "")
    return accounts.sign_in(actor, now=clock.now(), via=via, device=device(), proved=proved)


def _in(signed: SignIn) -> Response:
    response = see_other("member.home" if signed.persona == "member" else "binding.begin")
    if signed.persona == "member":
        returning.take(response, default=url_for("member.home"))
    permissions.remember(response, signed)
    return response  # type: ignore[return-value]


def _failed(body: dict[str, object]) -> ResponseReturnValue:
    return render_template("sign_in_failed.html", problem=body), 400
