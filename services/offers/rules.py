"""Who may use an offer, when, how often, and what it is worth. Pure: plain values in, a Refusal or a Saving out."""

import datetime

from services.core.errors import Invalid, Refusal
from services.core.money import MAX_FEN, share
from services.offers import errors
from services.offers.types import AmountPolicy, Offer, OfferKind, Saving, Uses
from services.unions.rules import within
from services.unions.types import UnionPath

ALL = "all"


def windows(offer: Offer, *, today: datetime.date) -> list[str]:
    """The windows in which uses of this offer are counted, sorted: the order in which their rows are locked."""
    daily = [today.isoformat()] if offer.per_member_daily is not None else []
    return daily + ([ALL] if offer.per_member_total is not None else [])


def may_use(offer: Offer, *, union_path: UnionPath, uses: Uses, today: datetime.date) -> Refusal | None:
    """May this member use this offer once more today? `uses` counts the former ones.

    The first reason that holds is given, from what nobody can change to what time will mend.
    """
    if offer.withdrawn:
        return Refusal(errors.OFFER_WITHDRAWN)
    if today < offer.starts_on:
        return Refusal(errors.OFFER_NOT_STARTED, {"date": offer.starts_on.isoformat()})
    if today > offer.ends_on:
        return Refusal(errors.OFFER_ENDED, {"date": offer.ends_on.isoformat()})
    if offer.audience_path is not None and not within(union_path, offer.audience_path):
        return Refusal(errors.NOT_FOR_YOUR_UNION)
    if offer.stock_left == 0:
        return Refusal(errors.SOLD_OUT)
    if offer.per_member_total is not None and uses.in_all >= offer.per_member_total:
        return Refusal(errors.TOTAL_LIMIT, {"limit": offer.per_member_total})
    if offer.per_member_daily is not None and uses.today >= offer.per_member_daily:
        return Refusal(errors.DAILY_LIMIT, {"limit": offer.per_member_daily})
    return None


def saving(offer: Offer, amount_fen: int | None) -> Saving | Refusal:
    """What this use is worth on a bill of `amount_fen`.

    Raises Invalid for an amount that cannot be (zero, negative, above a million yuan) or that the offer does not
    ask for. A missing or too small one is a Refusal: the clerk did nothing wrong. Where the offer asks for none, the
    shop's own till has computed the bill, and the shop answers for the threshold.
    """
    if amount_fen is None:
        missing = offer.amount_policy is AmountPolicy.REQUIRED
        return Refusal(errors.AMOUNT_MISSING) if missing else Saving(None, None, None)
    if offer.amount_policy is AmountPolicy.NOT_ASKED:
        raise Invalid(errors.AMOUNT_NOT_ASKED, field="amount_fen")
    if amount_fen <= 0:
        raise Invalid(errors.AMOUNT_ZERO if amount_fen == 0 else errors.AMOUNT_NEGATIVE, field="amount_fen")
    if amount_fen > MAX_FEN:
        raise Invalid(errors.AMOUNT_TOO_LARGE, field="amount_fen")
    if offer.kind is OfferKind.AMOUNT_OFF and amount_fen < (offer.threshold_fen or 0):
        short = (offer.threshold_fen or 0) - amount_fen
        return Refusal(errors.BELOW_THRESHOLD, {"threshold_fen": offer.threshold_fen, "short_fen": short})
    saved = {
        OfferKind.PERCENT: share(amount_fen, offer.percent_off or 0),
        OfferKind.AMOUNT_OFF: offer.off_fen or 0,
        OfferKind.GIFT: 0,
    }[offer.kind]
    return Saving(amount_fen, saved, amount_fen - saved)
