"""Undoing a redemption at the shop: a reason, and what it means, before; the receipt that says so, after."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import permissions
from app.idempotency import Reused, idempotently
from app.language import language
from app.pages.paths import see_other
from app.pages.shop.frame import page
from app.throttle import WRITE, limiter
from app.wording import clerk_words
from services.accounts.types import ClerkActor
from services.core import clock
from services.core.errors import Invalid, NotFound
from services.redemptions import service, undoing
from services.redemptions.errors import REDEMPTION_UNKNOWN
from services.redemptions.types import Receipt, RedemptionId, VoidReason

blueprint = Blueprint("shop_undo", __name__, template_folder="..")


@blueprint.get("/redemptions/<uuid:redemption_id>/undo")
def begin(redemption_id: UUID) -> ResponseReturnValue:
    return _form(redemption_id)


@blueprint.post("/redemptions/<uuid:redemption_id>/undo")
@limiter.limit(WRITE)
def undo(redemption_id: UUID) -> ResponseReturnValue:
    """The same form sent twice is one undoing."""
    actor = permissions.caller(ClerkActor)
    try:
        reason, note = undoing.reason_of(request.form.get("reason", ""), request.form.get("note", ""))
    except Invalid as error:
        said = clerk_words(error.code, {}, language=language())
        return _form(redemption_id, said=said, field=str(error.facts["field"])), 422
    body, status = idempotently(
        lambda: service.void(
            actor=actor, redemption_id=RedemptionId(redemption_id), reason=reason, note=note, now=clock.now()
        ),
        _which,
        scope=actor.label,
    )
    if status < 400:
        if body["id"] != str(redemption_id):
            raise Reused("idempotency_key_reused")
        return see_other("shop.receipt", redemption_id=redemption_id)
    return _form(redemption_id, said=body["detail"]), status


def reasons() -> dict[VoidReason, str]:
    """Why something is undone, in words for whoever chooses."""
    return {
        VoidReason.WRONG_AMOUNT: _("金额输错了"),
        VoidReason.WRONG_OFFER: _("选错了优惠"),
        VoidReason.WRONG_CUSTOMER: _("扫错了人"),
        VoidReason.RETURNED: _("顾客退货或退款了"),
        VoidReason.NOT_GIVEN: _("优惠没有给"),
        VoidReason.OTHER: _("其他"),
    }


def _which(receipt: Receipt) -> dict[str, Any]:
    return {"id": str(receipt.id)}


def _form(redemption_id: UUID, *, said: str = "", field: str = "") -> str:
    actor = permissions.caller(ClerkActor)
    receipt = undoing.receipt_at_till(RedemptionId(redemption_id), actor=actor)
    if receipt is None:
        raise NotFound(REDEMPTION_UNKNOWN)
    no = undoing.why_not(receipt, actor=actor, now=clock.now())
    return page("shop/undo.html", receipt=receipt, may=no is None, no=no, reasons=reasons(), said=said, field=field)
