"""Binding for clients: prove a phone, say who one is, see where it stands, go on as the member, unbind."""

from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from app import partners, permissions, phone_codes
from app.api import Blueprint
from app.api.accounts import SignInOut
from app.api.schemas import Answer, OfficerText
from app.api.sign_in import PLATFORM, TypedIn, WechatCodeIn
from app.devices import device
from app.errors import problem_response, refusal_problem
from app.throttle import SIGN_IN, WRITE, limiter
from services.accounts import service as accounts
from services.accounts.service import codes, wechat
from services.accounts.types import CodeFor, MemberActor, SignIn, Via, VisitorActor
from services.bindings import queries, rules, service
from services.bindings.errors import BINDING_UNKNOWN, BOUND_ALREADY
from services.bindings.types import BondEnd, Bound, Claim, RequestId, Status
from services.core import clock
from services.core.errors import Conflict, Invalid, NotFound, Refusal
from services.core.phones import phone as read_phone
from services.core.transaction import in_transaction
from services.members import documents
from services.members.documents import DocumentType, Fault
from services.members.rules import masked_phone
from services.unions.types import UnionId

bindings = Blueprint("api_bindings", __name__, description="Binding a sign-in to a person in the roster")
unbinding = Blueprint("api_unbinding", __name__, description="Ending the bond")


class BindingOut(Answer):
    state = fields.String(metadata={"description": "none, open, approved, refused or withdrawn; `bound` for a member"})
    proven_phone = fields.String(allow_none=True, metadata={"description": "masked; proven within half an hour"})
    consent_version = fields.String(metadata={"description": "the version to accept now"})
    request_id = fields.UUID(allow_none=True)
    union_id = fields.UUID(allow_none=True, metadata={"description": "the union that was named"})
    union_name = OfficerText(allow_none=True)
    union_phone = fields.String(allow_none=True)
    filed_at = fields.AwareDateTime(allow_none=True)
    due_at = fields.AwareDateTime(allow_none=True)
    raised = fields.Boolean(metadata={"description": "it went to the union above because nobody decided in time"})
    reason = fields.String(allow_none=True, metadata={"description": "not_ours, not_the_person, not_reached or other"})
    note = fields.String(allow_none=True, metadata={"description": "what the union says to it"})


class ClaimIn(Schema):
    name = fields.String(required=True, validate=validate.Length(1, 60))
    document_type = fields.String(required=True, validate=validate.OneOf([kind.value for kind in DocumentType]))
    document_number = fields.String(required=True, validate=validate.Length(1, 30))
    union_id = fields.UUID(required=True)
    consent_version = fields.String(required=True, validate=validate.Length(1, 20))


class ProvenOut(Answer):
    proven_phone = fields.String(metadata={"description": "masked"})


class ClaimedOut(Answer):
    state = fields.String(metadata={"description": "bound, with a new session; or open: a union looks at it"})
    due_at = fields.AwareDateTime(allow_none=True)
    session = fields.Nested(SignInOut, allow_none=True)


@bindings.route("/binding")
@bindings.response(200, BindingOut)
def standing() -> dict[str, Any]:
    """Where the caller's binding stands."""
    actor = permissions.caller_if_any()
    if not isinstance(actor, VisitorActor):
        return _state("bound")
    asked = queries.standing(actor.account_id)
    phone = codes.proven_phone(actor.account_id, since=clock.now() - codes.PROVEN_FOR)
    found = _state(asked.status if asked else "none", proven_phone=masked_phone(phone) if phone else None)
    if asked:
        found |= {name: getattr(asked, name) for name in _OF_REQUEST} | {"request_id": asked.id}
    return found


@bindings.route("/binding/phone", methods=["POST"])
@limiter.limit(SIGN_IN)
@bindings.arguments(TypedIn)
@bindings.response(200, ProvenOut)
@bindings.refusal(409, "the digits are wrong, used or over")
def prove_phone(data: dict[str, Any]) -> dict[str, Any] | Response:
    """Proves a phone with digits that were sent for binding."""
    actor = unbound()

    def work() -> str | Refusal:
        now = clock.now()
        phone = phone_codes.use(request=data["request"], code=data["code"], purpose=CodeFor.BINDING, now=now)
        if not isinstance(phone, Refusal):
            codes.prove_phone(account_id=actor.account_id, phone=phone, now=now)
        return phone

    result = in_transaction(work)
    if isinstance(result, Refusal):
        return problem_response(refusal_problem(result))
    return {"proven_phone": masked_phone(result)}


@bindings.route("/binding/phone/mini-program", methods=["POST"])
@limiter.limit(SIGN_IN)
@bindings.arguments(WechatCodeIn)
@bindings.response(200, ProvenOut)
@bindings.refusal(404, "sign-in with WeChat is not set up here")
@bindings.refusal(503, PLATFORM)
def prove_phone_mini_program(data: dict[str, Any]) -> dict[str, Any]:
    """Proves the phone that WeChat knows of this user."""
    actor = unbound()
    phone = read_phone(partners.mini_program().phone_number(data["code"]))
    if phone is None:
        raise Invalid("phone_malformed", field="code")
    in_transaction(lambda: codes.prove_phone(account_id=actor.account_id, phone=phone, now=clock.now()))
    return {"proven_phone": masked_phone(phone)}


@bindings.route("/binding", methods=["POST"])
@limiter.limit(WRITE)
@bindings.arguments(ClaimIn)
@bindings.response(201, ClaimedOut)
@bindings.refusal(404, "there is no such union")
@bindings.refusal(409, "no phone is proven, or there is a request already, or a bond")
@bindings.refusal(429, "too many tries of this caller, this phone or about this document")
def claim(data: dict[str, Any]) -> dict[str, Any]:
    """Binds at once, or files a request with the union. The answer does not tell whether a document is known."""
    actor, read = unbound(), documents.document(DocumentType(data["document_type"]), data["document_number"])
    if isinstance(read, Fault):
        raise Invalid(read.code, field="document_number")
    said = Claim(data["name"], read, UnionId(data["union_id"]), data["consent_version"], Via.MINI_PROGRAM)
    result = in_transaction(lambda: service.claim(actor=actor, said=said, now=clock.now()))
    if isinstance(result, Bound):
        return {"state": "bound", "due_at": None, "session": go_on_as(result, Via.MINI_PROGRAM)}
    return {"state": Status.OPEN, "due_at": result.due_at, "session": None}


@bindings.route("/binding", methods=["DELETE"])
@limiter.limit(WRITE)
@bindings.response(204)
@bindings.refusal(404, "there is no open request")
def withdraw() -> None:
    """Takes the open request back."""
    actor = unbound()
    asked = queries.standing(actor.account_id)
    if asked is None:
        raise NotFound(BINDING_UNKNOWN)
    in_transaction(lambda: service.withdraw(actor=actor, request_id=RequestId(asked.id), now=clock.now()))


@bindings.route("/binding/session", methods=["POST"])
@limiter.limit(WRITE)
@bindings.response(201, SignInOut)
@bindings.refusal(404, "nothing was approved")
def enter() -> SignIn:
    """After an approval: the visitor's session ends, a member's session begins."""
    found = service.enter(account_id=unbound().account_id)
    if found is None:
        raise NotFound(BINDING_UNKNOWN)
    return go_on_as(Bound(found.account_id, found.member_id), Via.MINI_PROGRAM)


@unbinding.route("/me/binding", methods=["DELETE"])
@limiter.limit(WRITE)
@unbinding.response(204)
@unbinding.refusal(409, "the member holds a role, which is handed over first")
def unbind() -> None:
    """Ends the bond and every session of the member. Card and history are kept.

    Needs a fresh proof: 401 fresh_check_needed without.
    """
    permissions.fresh()
    actor = permissions.caller(MemberActor)
    because, now = BondEnd.BY_MEMBER, clock.now()
    in_transaction(lambda: service.unbind(member_id=actor.member_id, because=because, actor=actor.label, now=now))


_OF_REQUEST = ("union_id", "union_name", "union_phone", "filed_at", "due_at", "raised", "reason", "note")


def _state(state: str, *, proven_phone: str | None = None) -> dict[str, Any]:
    return {
        "state": state, "proven_phone": proven_phone, "consent_version": rules.CONSENT_VERSION, "request_id": None,
        **dict.fromkeys(_OF_REQUEST), "raised": False,
    }  # fmt: skip


def unbound() -> VisitorActor:
    """The visitor who calls. Raises Conflict(bound_already) for a member."""
    if isinstance(permissions.caller_if_any(), MemberActor):
        raise Conflict(BOUND_ALREADY)
    return permissions.caller(VisitorActor)


def go_on_as(bound: Bound, via: Via) -> SignIn:
    """The visitor's session ends and the member's begins, in one transaction. Raises NotFound(binding_unknown) if
    the bond has ended meanwhile."""

    def change() -> SignIn:
        actor = wechat.actor_of_account(bound.account_id)
        if actor != MemberActor(bound.account_id, bound.member_id):
            raise NotFound(BINDING_UNKNOWN)
        accounts.sign_out(permissions.token_of_request() or "")
        return accounts.sign_in(actor, now=clock.now(), via=via, device=device())

    return in_transaction(change)
