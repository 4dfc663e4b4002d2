"""What became of a form whose answer got lost on the way: asked by its key, changing nothing."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import permissions
from app.idempotency import answered
from app.throttle import SCAN, limiter
from services.accounts.types import ClerkActor
from services.core.errors import NotFound
from services.core.money import yuan
from services.core.transaction import in_transaction
from services.redemptions import queries, undoing
from services.redemptions.types import RedemptionId, ScanId

blueprint = Blueprint("shop_answers", __name__)

RULES = {
    "scan": "/shop/scan",
    "redeem": "/shop/redemptions",
    "undo": "/shop/redemptions/<uuid:redemption_id>/undo",
}
"""The routes whose forms carry a key."""


@blueprint.get("/<act>/<key>")
@limiter.limit(SCAN)
def answer(act: str, key: str) -> ResponseReturnValue:
    """`state` is recorded (with `url` and what to tell the clerk), refused (the form sent again gets the same
    refusal), running (ask again), or unknown: nothing has come under this key so far.

    Whether it is running is looked at first: what ended before that look is seen by the next one.
    """
    actor = permissions.caller(ClerkActor)
    if act not in RULES:
        raise NotFound("not_found")
    scan_id = _scan_asked() if act == "redeem" else None
    if scan_id and in_transaction(lambda: undoing.is_busy(scan_id, actor=actor)):
        return {"state": "running"}
    found = answered(key, scope=actor.label, rule=RULES[act])
    if found and found.status >= 400:
        return {"state": "refused"}
    if act == "scan":
        return _recorded(_("扫上了"), "shop.scanned", scan_id=found.answer["id"]) if found else _unknown()
    if act == "undo":
        return _recorded(_("已撤销"), "shop.receipt", redemption_id=found.answer["id"]) if found else _unknown()
    redemption_id = UUID(found.answer["id"]) if found else scan_id and undoing.redemption_of_scan(scan_id, actor=actor)
    return _redeemed(redemption_id) if redemption_id else _unknown()


def _redeemed(redemption_id: UUID) -> dict[str, Any]:
    pay_fen = queries.receipt_of(RedemptionId(redemption_id)).pay_fen
    said = _("已核销") if pay_fen is None else _("已核销，收顾客 %(sum)s 元", sum=yuan(pay_fen))
    return _recorded(said, "shop.receipt", redemption_id=redemption_id)


def _recorded(said: str, endpoint: str, **values: Any) -> dict[str, Any]:
    return {"state": "recorded", "said": said, "url": url_for(endpoint, **values)}


def _unknown() -> dict[str, Any]:
    return {"state": "unknown"}


def _scan_asked() -> ScanId | None:
    try:
        return ScanId(UUID(request.args.get("scan", "")))
    except ValueError:
        return None
