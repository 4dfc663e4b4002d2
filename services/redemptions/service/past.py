"""Redemptions that happened before they are written here: taken over from elsewhere, or made up for the demo."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert

from services.cards.rules import step_at
from services.cards.types import Source
from services.core import audit
from services.core.calendar import local_date
from services.core.db import db
from services.core.errors import Conflict, Refusal
from services.core.ids import uuid7
from services.offers import rules as offer_rules
from services.offers import service as offers
from services.offers.service.counting import PastCount
from services.offers.types import Saving
from services.redemptions.models import Redemption, Scan
from services.redemptions.rules import SCAN_LIFETIME
from services.redemptions.types import PastUse, RedemptionId


def record_past(uses: Sequence[PastUse]) -> list[RedemptionId]:
    """Writes scans, redemptions and audit entries with the times they had; returns the ids in the same order.

    Uses are counted as at a till, a few thousand a call at most. Whether the member might have had the offer is not
    judged again; what a use was worth is. Nobody is told: it is no news.
    Raises Conflict(sold_out), Conflict(code_used) for two scans of a card within 30 s, and the refusal of
    offers.rules.saving as Conflict.
    """
    scans: list[dict[str, Any]] = []
    redemptions: list[dict[str, Any]] = []
    acts: list[audit.Act] = []
    for use in uses:
        scan, redemption = _rows(use)
        scans.append(scan)
        redemptions.append(redemption)
        detail = {"scan": str(scan["id"]), "offer": str(use.offer.id), "saved_fen": redemption["saved_fen"]}
        acts.append(audit.Act("redemption.recorded", use.actor.label, redemption["id"], use.redeemed_at, detail))
    if uses:
        db.session.execute(insert(Scan), scans)
        # Without the option rows with and without an amount would go in turns, each turn a statement of its own.
        db.session.execute(insert(Redemption).execution_options(render_nulls=True), redemptions)
    audit.record_many(acts)
    offers.count_past_uses(
        PastCount(use.offer, use.member_id, use.actor.branch_id, local_date(use.redeemed_at), row["saved_fen"])
        for use, row in zip(uses, redemptions, strict=True)
    )
    return [row["id"] for row in redemptions]


def _rows(use: PastUse) -> tuple[dict[str, Any], dict[str, Any]]:
    """The scan and the redemption that came of it."""
    saving, scan_id = _saving(use), uuid7(use.scanned_at)
    till = {"clerk_id": use.actor.clerk_id, "branch_id": use.actor.branch_id, "merchant_id": use.actor.merchant_id}
    scan = {
        "id": scan_id,
        "card_id": use.card_id,
        "ref": f"s{step_at(use.scanned_at)}",
        "source": Source.QR,
        "scanned_at": use.scanned_at,
        "expires_at": use.scanned_at + SCAN_LIFETIME,
    }
    redemption = {
        "id": RedemptionId(uuid7(use.redeemed_at)),
        "scan_id": scan_id,
        "offer_id": use.offer.id,
        "version_id": use.offer.version_id,
        "member_id": use.member_id,
        "offer_title": use.offer.title,
        "gift": use.offer.gift,
        "amount_fen": saving.amount_fen,
        "saved_fen": saving.saved_fen,
        "pay_fen": saving.pay_fen,
        "redeemed_at": use.redeemed_at,
    }
    return till | scan, till | redemption


def _saving(use: PastUse) -> Saving:
    saving = offer_rules.saving(use.offer, use.amount_fen)
    if isinstance(saving, Refusal):
        raise Conflict(saving.code, **saving.facts)
    return saving
