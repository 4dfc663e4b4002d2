"""Binding: a signed-in visitor says who he is, and sees where it stands; the way out for a member."""

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from app import permissions, phone_codes
from app.api.bindings import go_on_as, unbound
from app.devices import in_wechat
from app.errors import problem, refusal_problem
from app.pages.paths import see_other
from app.throttle import CROWD, SIGN_IN, WRITE, address, limiter
from services.accounts.service import codes
from services.accounts.types import CodeFor, MemberActor, Via, VisitorActor
from services.bindings import queries, rules, service
from services.bindings.errors import BINDING_ACCOUNT_HAS_ROLE, CONSENT_MISSING, PHONE_NOT_PROVEN
from services.bindings.types import BondEnd, Bound, Claim, Filed, RequestId, Status
from services.core import clock
from services.core.errors import Conflict, DomainError, Invalid, NotFound, Refusal, TooOften
from services.core.paging import PageRequest
from services.core.transaction import in_transaction
from services.members import documents
from services.members.documents import Document, DocumentType, Fault
from services.members.rules import masked_phone
from services.unions import queries as unions
from services.unions.types import Office, UnionId

door = Blueprint("binding", __name__, template_folder="..")
visitor = Blueprint("binding_steps", __name__, template_folder="..")
member = Blueprint("unbinding", __name__, template_folder="..")

POSTER = "poster"
"""The cookie that keeps whose poster was scanned over the way through the sign-in: a public token, for an hour."""
CHOICES = 12


@door.get("/binding")
def begin() -> ResponseReturnValue:
    """The next step of whoever is here: sign in, prove a phone, fill in the form, see where it stands."""
    actor = permissions.caller_if_any()
    if not isinstance(actor, VisitorActor):
        response = see_other("member.home" if isinstance(actor, MemberActor) else "welcome.sign_in")
        return _keep_poster(response)
    asked = queries.standing(actor.account_id)
    if (asked and asked.status is Status.OPEN) or service.enter(account_id=actor.account_id):
        return see_other("binding_steps.standing")
    return _keep_poster(_answer(_form(actor, asked=asked)))


@visitor.post("/binding/phone")
@limiter.limit(SIGN_IN)
@limiter.limit(CROWD, key_func=address)
def ask_code() -> ResponseReturnValue:
    """Counted by account too: one WeChat has as many sessions as it likes."""
    actor = unbound()
    try:
        asked = phone_codes.ask(request.form.get("phone", ""), CodeFor.BINDING, account_id=actor.account_id)
    except (Invalid, TooOften) as error:
        return _form(actor, error=error, typed=request.form), 429 if isinstance(error, TooOften) else 422
    response = see_other("binding_steps.type_code")
    phone_codes.remember(response, asked)
    return response


@visitor.get("/binding/code")
def type_code() -> ResponseReturnValue:
    waiting = codes.pending(request=phone_codes.remembered(), purpose=CodeFor.BINDING, now=clock.now())
    if waiting is None:
        return see_other("binding.begin")
    return render_template("member/binding_code.html", waiting=waiting)


@visitor.post("/binding/code")
@limiter.limit(SIGN_IN)
def check_code() -> ResponseReturnValue:
    actor, now = unbound(), clock.now()
    wrong = in_transaction(lambda: _prove(actor, now))
    if wrong:
        waiting = codes.pending(request=phone_codes.remembered(), purpose=CodeFor.BINDING, now=now)
        return render_template("member/binding_code.html", waiting=waiting, wrong=refusal_problem(wrong)), 400
    response = see_other("binding.begin")
    phone_codes.forget(response)
    return response


@visitor.post("/binding")
@limiter.limit(WRITE)
def send() -> ResponseReturnValue:
    """Bound at once, or a request in a tray. What is wrong is said above the form, which keeps what was typed."""
    actor = unbound()
    try:
        named = _named_union()
        if not isinstance(named, Office):
            return _form(actor, typed=request.form, choices=named), 200
        said = _claim(named.id)
        result = in_transaction(lambda: service.claim(actor=actor, said=said, now=clock.now()))
    except (Invalid, TooOften) as error:
        return _form(actor, error=error, typed=request.form), 429 if isinstance(error, TooOften) else 422
    except Conflict as error:
        if error.code not in (PHONE_NOT_PROVEN, BINDING_ACCOUNT_HAS_ROLE):
            return see_other("binding.begin")  # bound, or waiting: the page there says how it stands
        return _form(actor, error=error, typed=request.form), 409
    return see_other("binding_steps.standing") if isinstance(result, Filed) else _go_on_as(result)


@visitor.get("/binding/status")
def standing() -> ResponseReturnValue:
    """Where the request stands: with whom, until when, whom to call. Approved: the page goes on by itself."""
    actor = unbound()
    asked = queries.standing(actor.account_id)
    approved = service.enter(account_id=actor.account_id) is not None
    if asked is None and not approved:
        return see_other("binding.begin")
    return render_template("member/binding_status.html", asked=asked, approved=approved)


@visitor.post("/binding/withdraw")
@limiter.limit(WRITE)
def withdraw() -> ResponseReturnValue:
    """Takes the request back; the form is there again, to correct it."""
    actor, request_id = unbound(), _request_id()
    in_transaction(lambda: service.withdraw(actor=actor, request_id=request_id, now=clock.now()))
    return see_other("binding.begin")


@visitor.post("/binding/enter")
@limiter.limit(WRITE)
def enter() -> ResponseReturnValue:
    """The visitor whose request was approved goes on as the member, with a new token."""
    found = service.enter(account_id=unbound().account_id)
    return _go_on_as(Bound(found.account_id, found.member_id)) if found else see_other("binding.begin")


@member.get("/me/unbind")
def about_unbinding() -> ResponseReturnValue:
    """Says what unbinding does before it is done."""
    return _unbind_page()


@member.post("/me/unbind")
@limiter.limit(WRITE)
def unbind() -> ResponseReturnValue:
    """Asks for a fresh proof first. Whoever holds a role is told to hand it over before."""
    permissions.fresh()
    actor, because = permissions.caller(MemberActor), BondEnd.BY_MEMBER
    try:
        in_transaction(
            lambda: service.unbind(member_id=actor.member_id, because=because, actor=actor.label, now=clock.now())
        )
    except Conflict as error:
        return _unbind_page(error), 409
    response = see_other("welcome.sign_in")
    permissions.forget(response)
    return response


def _unbind_page(error: Conflict | None = None) -> str:
    wrong = refusal_problem(Refusal(error.code)) if error else None
    return render_template("member/unbind.html", wrong=wrong)


def via() -> Via:
    return Via.WECHAT if in_wechat() else Via.PHONE


def document_of(kind: str, number: str) -> Document:
    """Raises Invalid with the fault of the number."""
    read = documents.document(DocumentType(kind) if kind in set(DocumentType) else None, number)
    if isinstance(read, Fault):
        raise Invalid(read.code, field="document_number")
    return read


def _go_on_as(bound: Bound) -> Response:
    response = see_other("reaching.done")
    permissions.remember(response, go_on_as(bound, via()))
    return response


def _prove(actor: VisitorActor, now: Any) -> Refusal | None:
    typed = request.form.get("code", "").strip()
    phone = phone_codes.use(request=phone_codes.remembered(), code=typed, purpose=CodeFor.BINDING, now=now)
    if isinstance(phone, Refusal):
        return phone
    codes.prove_phone(account_id=actor.account_id, phone=phone, now=now)
    return None


def _claim(union_id: UnionId) -> Claim:
    form = request.form
    if form.get("agree") != rules.CONSENT_VERSION:
        raise Invalid(CONSENT_MISSING, field="agree")
    document = document_of(form.get("document_type", ""), form.get("document_number", "")[:60])
    return Claim(form.get("name", "")[:60], document, union_id, rules.CONSENT_VERSION, via())


def _named_union() -> Office | list[Office]:
    """The union that was chosen, or those that fit what was typed, to choose from. Raises Invalid when none does."""
    chosen = request.form.get("union", "")
    try:
        if chosen:
            return unions.open_office(UnionId(UUID(hex=chosen)))
    except (ValueError, NotFound):
        raise Invalid("union_unknown", field="union") from None
    found = unions.search(request.form.get("union_name", "").strip()[:60], PageRequest(limit=CHOICES)).items
    if not found:
        raise Invalid("union_unknown", field="union")
    return found[0] if len(found) == 1 else found


def _form(actor: VisitorActor, *, error: DomainError | None = None, **values: Any) -> str:
    """The step of whoever has no open request: the phone first, then who he is."""
    phone = codes.proven_phone(actor.account_id, since=clock.now() - codes.PROVEN_FOR)
    facts = {name: fact for name, fact in error.facts.items() if name != "field"} if error else {}
    return render_template(
        "member/binding.html",
        phone=masked_phone(phone) if phone else None,
        poster=_poster(),
        version=rules.CONSENT_VERSION,
        kinds=DocumentType,
        wrong=problem(error.code, 422, facts) if error else None,
        field=error.facts.get("field") if error else None,
        **{"typed": {}, "choices": [], "asked": None, **values},
    )


def _poster() -> Office | None:
    token = request.args.get("union") or request.cookies.get(POSTER) or ""
    try:
        return unions.by_join_token(token[:20]) if token else None
    except NotFound:
        return None


def _keep_poster(response: Response) -> Response:
    token = request.args.get("union", "")
    if token.isalnum() and len(token) <= 20:
        secure = current_app.config["SETTINGS"].secure_cookies
        response.set_cookie(POSTER, token, max_age=3600, secure=secure, httponly=True, samesite="Lax", path="/binding")
    return response


def _answer(page: str) -> Response:
    return Response(page, mimetype="text/html")


def _request_id() -> RequestId:
    try:
        return RequestId(UUID(hex=request.form.get("request", "")))
    except ValueError:
        raise NotFound("binding_unknown") from None
