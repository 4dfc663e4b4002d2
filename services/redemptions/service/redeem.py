"""A card meets an offer."""

import datetime

from sqlalchemy import insert

from services.accounts.types import ClerkActor
from services.cards import rules as card_rules
from services.core import audit
from services.core.calendar import local_date
from services.core.db import run
from services.core.errors import NotFound, Refusal
from services.core.ids import uuid7
from services.members import rules as member_rules
from services.merchants import rules as merchant_rules
from services.offers import queries as offer_queries
from services.offers import rules as offer_rules
from services.offers import service as offers
from services.offers.types import Offer, OfferId, Person, Saving
from services.redemptions import errors, queries, rules
from services.redemptions.messages import RedemptionRecorded
from services.redemptions.models import Redemption
from services.redemptions.queries import Till
from services.redemptions.service import attempts
from services.redemptions.types import Receipt, RedemptionId, ScanId

_REDEMPTION = insert(Redemption)


def redeem(
    *, actor: ClerkActor, scan_id: ScanId, offer_id: OfferId, amount_fen: int | None, now: datetime.datetime
) -> Receipt | Refusal:
    """Records that this offer was given on this scan.

    Promises: at most one redemption a scan; no limit and no stock is ever exceeded; a refusal is returned, kept as
    an attempt and changes nothing else.
    Locks, in this order: the scan's row, the card's, the member's allowance rows of this offer by key, the offer's row
    and the branch's stock (limited stock and budget only, as the last statements).
    Raises: NotFound(scan_unknown), Invalid(amount_*), LostRace when stock, budget or terms went meanwhile.
    Posts: redemptions.recorded.
    """
    till = queries.till(scan_id=scan_id, offer_id=offer_id, now=now)
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
    # What is wrong with the bill is said last: the clerk would mend it for nothing.
    if refusal := _may_use(till, till.offer, actor, now):
        return refusal
    return saving if isinstance(saving, Refusal) else (till.offer, saving)


def _may_use(till: Till, offer: Offer, actor: ClerkActor, now: datetime.datetime) -> Refusal | None:
    holder = till.holder
    return offer_rules.may_use(
        offer,
        Person(holder.union_path, holder.standing, holder.trade_group),
        uses=till.uses,
        moment=offer_queries.moment(now, [offer]),
        branch_id=actor.branch_id,
    )


def _record(till: Till, offer: Offer, saving: Saving, *, actor: ClerkActor, now: datetime.datetime) -> Receipt:
    redemption_id = RedemptionId(uuid7())
    redemption = {
        "id": redemption_id,
        "scan_id": till.scan_id,
        "offer_id": offer.id,
        "version_id": offer.version_id,
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
    run(_REDEMPTION, redemption)
    offers.count(offer, member_id=till.holder.member_id, day=local_date(now))
    detail = {"scan": str(till.scan_id), "offer": str(offer.id), "saved_fen": saving.saved_fen}
    audit.record(
        "redemption.recorded", actor=actor.label, subject_id=redemption_id, now=now, detail=detail,
        telling=RedemptionRecorded(redemption_id=redemption_id),
    )  # fmt: skip
    offers.take(offer, branch_id=actor.branch_id, saved_fen=saving.saved_fen)
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
        offer_id=offer.id,
        version_id=offer.version_id,
    )
