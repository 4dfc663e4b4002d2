"""Rights over one's own data for clients: who looked, corrections, a copy, closing the account."""

from typing import Any

from flask import Response, request
from marshmallow import Schema, fields, validate
from werkzeug.exceptions import MethodNotAllowed

from app import permissions
from app.api import Blueprint
from app.api.schemas import Answer, OfficerText, PageIn, page_request
from app.errors import problem_response, refusal_problem
from app.language import language
from app.throttle import COPY, WRITE, limiter
from services.accounts.types import MemberActor
from services.core import clock
from services.core.errors import Invalid, NotFound
from services.core.transaction import in_transaction
from services.members import documents
from services.members.documents import Document, DocumentType, Fault
from services.rights import copies, queries, service
from services.rights.errors import CORRECTION_UNKNOWN
from services.rights.types import Wish

rights = Blueprint("api_rights", __name__, description="Rights over the data about oneself")


class LookOut(Answer):
    id = fields.UUID()
    at = fields.AwareDateTime()
    action = fields.String(metadata={"description": "member.unmasked, member.corrected and others"})
    roles = fields.List(fields.String(), metadata={"description": "which offices the officer held then"})
    union_name = OfficerText(allow_none=True)
    reason = fields.String(allow_none=True)
    note = fields.String(allow_none=True)
    changed = fields.List(fields.String())


class LooksOut(Answer):
    items = fields.List(fields.Nested(LookOut))
    next = fields.String(allow_none=True)


class CorrectionIn(Schema):
    name = fields.String(load_default=None, validate=validate.Length(1, 60))
    phone = fields.String(load_default=None, validate=validate.Length(1, 30))
    document_type = fields.String(
        load_default=None, validate=validate.OneOf([kind.value for kind in DocumentType]), allow_none=True
    )
    document_number = fields.String(load_default=None, validate=validate.Length(1, 30))
    words = fields.String(load_default="", validate=validate.Length(0, 200))


class CorrectionOut(Answer):
    id = fields.UUID()
    status = fields.String(metadata={"description": "open, done, refused or withdrawn"})
    fields_ = fields.List(fields.String(), data_key="fields", attribute="fields")
    union_name = OfficerText()
    union_phone = fields.String(allow_none=True)
    filed_at = fields.AwareDateTime()
    due_at = fields.AwareDateTime()
    closed_at = fields.AwareDateTime(allow_none=True)
    note = fields.String(allow_none=True)


class CorrectionsOut(Answer):
    items = fields.List(fields.Nested(CorrectionOut))


class CopyOut(Answer):
    made_at = fields.String()
    register = fields.String(metadata={"description": "version of the register that the privacy page shows"})
    record = fields.Dict(metadata={"description": "the member record, in clear"})
    card = fields.Dict(allow_none=True)
    redemptions = fields.List(fields.Dict())
    complaints = fields.List(fields.Dict(metadata={"description": "what the member said was not given"}))
    messages = fields.List(fields.Dict())
    sessions = fields.List(fields.Dict())
    consents = fields.List(fields.Dict())
    requests = fields.Dict()
    looks = fields.List(fields.Dict())


@rights.route("/me/data/looks")
@rights.arguments(PageIn, location="query")
@rights.response(200, LooksOut)
def looks(query: dict[str, Any]) -> dict[str, Any]:
    """Who read or changed the caller's record, the newest first: offices, never an officer's name."""
    page = queries.looks(_member().member_id, page_request(query))
    return {"items": page.items, "next": page.next}


@rights.route("/me/data/corrections")
@rights.response(200, CorrectionsOut)
def corrections() -> dict[str, Any]:
    """What the caller asked for, the newest first, ten at most."""
    return {"items": queries.corrections_of(_member().member_id)}


@rights.route("/me/data/corrections", methods=["POST"])
@limiter.limit(WRITE)
@rights.arguments(CorrectionIn)
@rights.response(201, CorrectionsOut)
@rights.refusal(409, "another request is open")
def ask(data: dict[str, Any]) -> dict[str, Any]:
    """Asks the union to correct the record. Only what is wrong is given.

    A new phone or document is decided sooner with a fresh proof; without one the union calls first.
    """
    actor, proven = _member(), permissions.is_fresh()
    wish = Wish(data["name"], data["phone"], _document(data), data["words"])
    in_transaction(lambda: service.ask_correction(actor=actor, wish=wish, now=clock.now(), proven=proven))
    return corrections_body(actor)


@rights.route("/me/data/corrections", methods=["DELETE"])
@limiter.limit(WRITE)
@rights.response(200, CorrectionsOut)
@rights.refusal(404, "there is no open request")
def withdraw() -> dict[str, Any]:
    """Takes the open request back."""
    actor = _member()
    asked = queries.open_correction(actor.member_id)
    if asked is None:
        raise NotFound(CORRECTION_UNKNOWN)
    in_transaction(lambda: service.withdraw_correction(actor=actor, request_id=asked, now=clock.now()))
    return corrections_body(actor)


@rights.route("/me/data/copy")
@limiter.limit(COPY)
@rights.response(200, CopyOut)
def copy() -> dict[str, Any]:
    """Everything about the caller, in clear. Needs a fresh proof: 401 fresh_check_needed without."""
    permissions.fresh()
    if request.method == "HEAD":
        raise MethodNotAllowed  # the audit trail tells of what was given out
    actor, token, words = _member(), permissions.token_of_request() or "", language()
    return in_transaction(lambda: copies.copy_of(actor=actor, token=token, language=words, now=clock.now()))


@rights.route("/me/account", methods=["DELETE"])
@limiter.limit(WRITE)
@rights.response(204)
@rights.refusal(409, "something has to be ended first")
def close() -> Response | None:
    """Ends card, bond and all sessions for good. Needs a fresh proof: 401 fresh_check_needed without."""
    permissions.fresh()
    actor = _member()
    refused = in_transaction(lambda: service.close_account(actor=actor, now=clock.now()))
    return problem_response(refusal_problem(refused)) if refused else None


def corrections_body(actor: MemberActor) -> dict[str, Any]:
    return {"items": queries.corrections_of(actor.member_id)}


def _document(data: dict[str, Any]) -> Document | None:
    if data["document_number"] is None:
        return None
    kind = DocumentType(data["document_type"]) if data["document_type"] else None
    read = documents.document(kind, data["document_number"])
    if isinstance(read, Fault):
        raise Invalid(read.code, field="document_number")
    return read


def _member() -> MemberActor:
    return permissions.caller(MemberActor)
