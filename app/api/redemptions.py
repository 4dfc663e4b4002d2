"""A card meets an offer: the clerk's scan and redemption, the member's history."""

from typing import Any
from uuid import UUID

from flask import Response, jsonify
from marshmallow import Schema, fields, validate

from app import permissions
from app.api import Blueprint
from app.api.schemas import KEY, Answer, Fen, OfficerText, PageIn, page_request
from app.errors import problem_response, refusal_problem
from app.idempotency import idempotently
from app.language import language, text
from app.throttle import SCAN, WRITE, limiter
from app.wording import clerk_words
from services.accounts.types import ClerkActor, MemberActor
from services.core import clock
from services.core.errors import Refusal
from services.core.transaction import in_transaction
from services.offers.types import OfferId
from services.redemptions import queries, service, undoing
from services.redemptions.types import OfferAnswer, Receipt, RedemptionId, ScanId, ScanView, VoidReason

till = Blueprint("api_till", __name__, description="The clerk's till")
history = Blueprint("api_history", __name__, description="The member's own redemptions")


class ScanIn(Schema):
    code = fields.String(
        required=True,
        validate=validate.Length(1, 200),
        metadata={"description": "what the scanner read, or eight typed digits"},
    )


class ScannedMemberOut(Answer):
    masked_name = fields.String()
    union_name = OfficerText()


class OfferAnswerOut(Answer):
    id = fields.UUID()
    title = fields.String()
    kind = fields.String()
    amount = fields.String(metadata={"description": "required, optional or not_asked"})
    allowed = fields.Boolean()
    code = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)


class ScanOut(Answer):
    scan_id = fields.UUID()
    redemption_id = fields.UUID(allow_none=True, metadata={"description": "set when this scan has been redeemed"})
    expires_at = fields.AwareDateTime()
    member = fields.Nested(ScannedMemberOut)
    offers = fields.List(fields.Nested(OfferAnswerOut))


class RedeemIn(Schema):
    scan_id = fields.UUID(required=True)
    offer_id = fields.UUID(required=True)
    amount_fen = Fen(load_default=None, allow_none=True, metadata={"description": "the bill in fen"})


class ReceiptOut(Answer):
    id = fields.UUID()
    number = fields.String()
    offer_title = OfficerText()
    gift = OfficerText(allow_none=True)
    shop_name = OfficerText(attribute="merchant_name")
    branch_name = OfficerText()
    masked_name = fields.String()
    amount_fen = fields.Integer(allow_none=True)
    saved_fen = fields.Integer(allow_none=True)
    pay_fen = fields.Integer(allow_none=True)
    redeemed_at = fields.AwareDateTime()
    disputed_at = fields.AwareDateTime(allow_none=True)
    settled_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "when the union had looked into the dispute and let it stand"}
    )
    voided_at = fields.AwareDateTime(
        allow_none=True, metadata={"description": "when it was undone: it counts for no limit and no sum"}
    )


class VoidIn(Schema):
    reason = fields.String(required=True, validate=validate.OneOf([reason.value for reason in VoidReason]))
    note = fields.String(
        load_default="",
        validate=validate.Length(max=undoing.NOTE_LENGTH),
        metadata={"description": "asked for `other`"},
    )


class ReceiptsOut(Answer):
    items = fields.List(fields.Nested(ReceiptOut))
    next = fields.String(allow_none=True)


_receipt = ReceiptOut()


@till.route("/shop/scan", methods=["POST"])
@limiter.limit(SCAN)
@till.arguments(ScanIn())
@till.response(200, ScanOut())
@till.refusal(409, "the code or the card is not good; see `code`")
def scan(data: dict[str, Any]) -> Any:
    """Reads a code and says what its holder may use here. The same clerk and code give the same scan again."""
    actor = permissions.caller(ClerkActor)
    result = in_transaction(lambda: service.scan(actor=actor, text=data["code"], now=clock.now()))
    return problem_response(refusal_problem(result)) if isinstance(result, Refusal) else _scan_body(result)


@till.route("/redemptions", methods=["POST"])
@limiter.limit(SCAN)
@till.arguments(RedeemIn())
@till.response(201, ReceiptOut())
@till.refusal(404, "there is no such scan")
@till.refusal(409, "refused; see `code`")
@till.doc(parameters=[KEY])
def redeem(data: dict[str, Any]) -> Response:
    """Records the discount. The same Idempotency-Key gives the same answer; with another body 422."""
    actor = permissions.caller(ClerkActor)
    body, status = idempotently(
        lambda: service.redeem(
            actor=actor,
            scan_id=ScanId(data["scan_id"]),
            offer_id=OfferId(data["offer_id"]),
            amount_fen=data["amount_fen"],
            now=clock.now(),
        ),
        receipt_body,
        scope=actor.label,
    )
    return problem_response(body) if status >= 400 else _as_stored(body, status)


@till.route("/redemptions/<uuid:redemption_id>/void", methods=["POST"])
@limiter.limit(WRITE)
@till.arguments(VoidIn())
@till.response(200, ReceiptOut())
@till.refusal(404, "there is no such redemption at your branch or, for an owner, at your shop")
@till.refusal(409, "too late, disputed, or undone already; see `code`")
@till.doc(parameters=[KEY])
def void(data: dict[str, Any], redemption_id: UUID) -> Response:
    """Undoes a redemption: a clerk within 30 minutes, the owner on the same day. The member is told."""
    actor = permissions.caller(ClerkActor)
    reason, note = undoing.reason_of(data["reason"], data["note"])
    body, status = idempotently(
        lambda: service.void(
            actor=actor, redemption_id=RedemptionId(redemption_id), reason=reason, note=note, now=clock.now()
        ),
        receipt_body,
        scope=f"{actor.label} {redemption_id}",
        status=200,
    )
    return problem_response(body) if status >= 400 else _as_stored(body, status)


@history.route("/me/redemptions")
@history.arguments(PageIn, location="query")
@history.response(200, ReceiptsOut)
def my_redemptions(query: dict[str, Any]) -> Any:
    """Newest first."""
    actor = permissions.caller(MemberActor)
    return queries.history(member_id=actor.member_id, request=page_request(query))


@history.route("/me/redemptions/<uuid:redemption_id>/not-me", methods=["POST"])
@limiter.limit(WRITE)
@history.response(200, ReceiptOut)
@history.refusal(404, "not one of yours")
def not_me(redemption_id: UUID) -> Receipt:
    """The member did not do this: the card is frozen at once, the shop and the union are told."""
    actor = permissions.caller(MemberActor)
    now = clock.now()
    return in_transaction(lambda: service.dispute(actor=actor, redemption_id=RedemptionId(redemption_id), now=now))


def receipt_body(receipt: Receipt) -> dict[str, Any]:
    body: dict[str, Any] = _receipt.dump(receipt)
    return body


def _as_stored(body: dict[str, Any], status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
    return response


def _scan_body(scan: ScanView) -> dict[str, Any]:
    return {
        "scan_id": scan.id,
        "redemption_id": scan.redemption_id,
        "expires_at": scan.expires_at,
        "member": {"masked_name": scan.masked_name, "union_name": scan.union_name},
        "offers": [_answer_body(answer) for answer in scan.offers],
    }


def _answer_body(answer: OfferAnswer) -> dict[str, Any]:
    refusal = answer.refusal
    return {
        "id": answer.offer.id,
        "title": text(answer.offer.title),
        "kind": answer.offer.kind,
        "amount": answer.offer.amount_policy,
        "allowed": refusal is None,
        "code": refusal.code if refusal else None,
        "reason": clerk_words(refusal.code, refusal.facts, language=language()) if refusal else None,
    }
