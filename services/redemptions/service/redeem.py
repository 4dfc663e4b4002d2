"""A card meets an offer."""

import datetime

from sqlalchemy.dialects.postgresql import insert

from services.accounts.types import ClerkActor
from services.cards import rules as card_rules
from services.core import audit, outbox
from services.core.calendar import local_date
from services.core.db import run
from services.core.errors import LostRace, NotFound, Refusal
from services.core.ids import uuid7
from services.members import rules as member_rules
from services.merchants import rules as merchant_rules
from services.offers import rules as offer_rules
from services.offers import service as offers
from services.offers.types import Offer, OfferId, Saving
from services.redemptions import errors, queries, rules
from services.redemptions.messages import RedemptionRecorded
from services.redemptions.models import Redemption
from services.redemptions.queries import Till
from services.redemptions.service import attempts
from services.redemptions.types import Receipt, RedemptionId, ScanId

_REDEMPTION = insert(Redemption).on_conflict_do_nothing(index_elements=[Redemption.scan_id]).returning(Redemption.id)


def redeem(
    *, actor: ClerkActor, scan_id: ScanId, offer_id: OfferId, amount_fen: int | None, now: datetime.datetime
) -> Receipt | Refusal:
    """Records that this offer was given on this scan.

    Promises: at most one redemption a scan; no limit and no stock is ever exceeded; a refusal is returned, kept as
    an attempt and changes nothing else.
    Locks, in this order: the scan's row, the member's allowance rows of this offer by key, the offer's row (limited
    stock only, as the last statement).
    Raises: NotFound(scan_unknown), Invalid(amount_*), LostRace when the scan or the last piece of stock went meanwhile.
    Posts: redemptions.recorded.
    """
    till = queries.till(scan_id=scan_id, offer_id=offer_id)
    if till is None:
        raise NotFound(errors.SCAN_UNKNOWN)
    decision = _decide(till, actor, amount_fen, now)
    if isinstance(decision, Refusal):
        return attempts.keep(
            decision,
            stage=attempts.REDEEM,
            actor=actor,
            now=now,
            member_id=till.holder.member_id,
            offer_id=till.offer.id if till.offer else None,
        )
    return _record(till, *decision, actor=actor, now=now)


def _decide(
    till: Till, actor: ClerkActor, amount_fen: int | None, now: datetime.datetime
) -> tuple[Offer, Saving] | Refusal:
    refusal = (
        rules.may_redeem(
            scanned_by_caller=till.clerk_id == actor.clerk_id,
            expires_at=till.expires_at,
            used=till.used,
            now=now,
        )
        or merchant_rules.may_take_cards(till.counter, today=local_date(now))
        or card_rules.may_present(till.card_status)
        or member_rules.may_use_benefits(till.holder.standing)
    )
    if refusal:
        return refusal
    if till.offer is None:
        return Refusal(errors.OFFER_OF_ANOTHER_SHOP)
    saving = offer_rules.saving(till.offer, amount_fen)
    if isinstance(saving, Refusal):
        return saving
    return _count_use(till, till.offer, now) or (till.offer, saving)


def _count_use(till: Till, offer: Offer, now: datetime.datetime) -> Refusal | None:
    """Counts the use under its row locks, decides on the exact count, and takes it back on a no."""
    today, member_id = local_date(now), till.holder.member_id
    uses = offers.count_use(offer, member_id=member_id, today=today)
    refusal = offer_rules.may_use(offer, union_path=till.holder.union_path, uses=uses, today=today)
    if refusal:
        offers.uncount_use(offer, member_id=member_id, today=today)
    return refusal


def _record(till: Till, offer: Offer, saving: Saving, *, actor: ClerkActor, now: datetime.datetime) -> Receipt:
    redemption_id = RedemptionId(uuid7())
    redemption = {
        "id": redemption_id,
        "scan_id": till.scan_id,
        "offer_id": offer.id,
        "member_id": till.holder.member_id,
        "merchant_id": actor.merchant_id,
        "branch_id": actor.branch_id,
        "clerk_id": actor.clerk_id,
        "offer_title": offer.title,
        "gift": offer.gift,
        "amount_fen": saving.amount_fen,
        "saved_fen": saving.saved_fen,
        "pay_fen": saving.pay_fen,
        "redeemed_at": now,
    }
    if run(_REDEMPTION, redemption).first() is None:
        # Another request used this scan after our look at it: look again, and keep the no.
        raise LostRace
    detail = {"scan": str(till.scan_id), "offer": str(offer.id), "saved_fen": saving.saved_fen}
    audit.record("redemption.recorded", actor=actor.label, subject_id=redemption_id, now=now, detail=detail)
    outbox.post(RedemptionRecorded(redemption_id=redemption_id))
    offers.take_stock(offer)
    return Receipt(
        id=redemption_id,
        offer_title=offer.title,
        gift=offer.gift,
        merchant_name=till.counter.merchant_name,
        branch_name=till.counter.branch_name,
        masked_name=member_rules.masked_name(till.holder.name),
        amount_fen=saving.amount_fen,
        saved_fen=saving.saved_fen,
        pay_fen=saving.pay_fen,
        redeemed_at=now,
        disputed_at=None,
    )
