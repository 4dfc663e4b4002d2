""" "The shop said no": a member tells, the shop answers. The shop never learns who it was."""

from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from app import permissions
from app.api import Blueprint
from app.api.schemas import Answer, OfficerText, PageIn, Plain, page_request
from app.throttle import WRITE, limiter
from services.accounts.types import ClerkActor, MemberActor
from services.complaints import queries, service
from services.complaints.rules import LONGEST, SHORTEST_ANSWER
from services.complaints.types import Complaint, ComplaintId, ForShop
from services.core import clock
from services.core.transaction import in_transaction
from services.merchants import queries as merchants
from services.merchants.types import BranchId
from services.offers.types import OfferId

told = Blueprint("api_complaints", __name__, description="An offer was not given: what a member tells")
answers = Blueprint("api_shop_complaints", __name__, description="What members told about the clerk's shop")


class RefusedIn(Schema):
    branch_id = fields.UUID(required=True)
    note = Plain(load_default="", validate=validate.Length(max=LONGEST))


class AnswerIn(Schema):
    answer = Plain(required=True, validate=validate.Length(SHORTEST_ANSWER, LONGEST))


class AnsweredOut(Answer):
    text = fields.String()
    at = fields.AwareDateTime()
    answered_as = fields.String(metadata={"description": "owner or union"})


class ComplaintOut(Answer):
    id = fields.UUID()
    offer_id = fields.UUID()
    offer_title = OfficerText()
    shop_id = fields.UUID(attribute="merchant_id")
    shop_name = OfficerText(attribute="merchant_name")
    branch_name = OfficerText()
    happened_at = fields.AwareDateTime()
    note = fields.String(allow_none=True)
    due_at = fields.AwareDateTime(metadata={"description": "unanswered until then the union looks into it"})
    raised_at = fields.AwareDateTime(allow_none=True, metadata={"description": "when the union was told"})
    answer = fields.Nested(AnsweredOut, allow_none=True)


class ComplaintsOut(Answer):
    items = fields.List(fields.Nested(ComplaintOut))
    next = fields.String(allow_none=True)


class ForShopOut(Answer):
    id = fields.UUID()
    offer_title = OfficerText()
    branch_name = OfficerText()
    hour = fields.AwareDateTime(metadata={"description": "the beginning of the hour in which it happened"})
    note = fields.String(allow_none=True)
    due_at = fields.AwareDateTime()
    raised = fields.Boolean(metadata={"description": "the union looks into it as well"})
    answer = fields.Nested(AnsweredOut, allow_none=True)


class ForShopsOut(Answer):
    waiting = fields.List(fields.Nested(ForShopOut), metadata={"description": "the most urgent first, 200 at most"})
    items = fields.List(fields.Nested(ForShopOut), metadata={"description": "answered, newest first"})
    next = fields.String(allow_none=True)


@told.route("/offers/<uuid:offer_id>/refused", methods=["POST"])
@limiter.limit(WRITE)
@told.arguments(RefusedIn)
@told.response(201, ComplaintOut)
@told.refusal(404, "no such offer")
@told.refusal(409, "it does not run today, or the shop takes no cards")
@told.refusal(429, "more than five in a day")
def refused(data: dict[str, Any], offer_id: UUID) -> Complaint:
    """The shop did not give this offer just now. The first of an offer and a day counts; again it comes back as it is.

    It needs no Idempotency-Key for that.
    """
    actor, now = permissions.caller(MemberActor), clock.now()
    complaint_id = in_transaction(
        lambda: service.file(
            actor=actor, offer_id=OfferId(offer_id), branch_id=BranchId(data["branch_id"]), note=data["note"], now=now
        )
    )
    return queries.one_of_member(complaint_id, member_id=actor.member_id)


@told.route("/me/complaints")
@told.arguments(PageIn, location="query")
@told.response(200, ComplaintsOut)
def mine(query: dict[str, Any]) -> Any:
    """What the caller told, newest first, each with its answer if there is one."""
    return queries.of_member(member_id=permissions.caller(MemberActor).member_id, request=page_request(query))


@answers.route("/shop/complaints")
@answers.arguments(PageIn, location="query")
@answers.response(200, ForShopsOut)
def of_shop(query: dict[str, Any]) -> dict[str, Any]:
    """Of the clerk's branch, or of the whole shop for its owner. Nothing in it tells one customer from another."""
    actor = permissions.caller(ClerkActor)
    branch_id = _only_branch(actor)
    page = queries.answered_of_shop(actor.merchant_id, branch_id=branch_id, request=page_request(query))
    waiting = queries.open_of_shop(actor.merchant_id, branch_id=branch_id)
    return {"waiting": waiting, "items": page.items, "next": page.next}


@answers.route("/shop/complaints/<uuid:complaint_id>/answer", methods=["POST"])
@limiter.limit(WRITE)
@answers.arguments(AnswerIn)
@answers.response(200, ForShopOut)
@answers.refusal(404, "no such complaint at your shop")
@answers.refusal(409, "it has its answer")
def answer(data: dict[str, Any], complaint_id: UUID) -> ForShop:
    """The owner's word, once; the member reads it. 403 owner_only for another clerk."""
    actor, known = permissions.caller(ClerkActor), ComplaintId(complaint_id)
    in_transaction(lambda: service.answer(actor=actor, complaint_id=known, text=data["answer"], now=clock.now()))
    return queries.one_of_shop(known, merchant_id=actor.merchant_id)


def _only_branch(actor: ClerkActor) -> UUID | None:
    return None if merchants.is_owner(actor.clerk_id) else actor.branch_id
