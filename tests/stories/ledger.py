"""A plain model of shops and offers: a list of uses, and every answer counted anew from that list."""

import datetime
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from services.accounts.types import ClerkActor
from services.core.calendar import DAY, local_date, monday
from services.offers.types import OfferId, Terms, VersionId
from services.redemptions import errors
from services.redemptions.types import RedemptionId

PURCHASE, HALF_HOUR = datetime.timedelta(minutes=15), datetime.timedelta(minutes=30)


@dataclass
class Use:
    """A redemption as the till was told of it, with the terms that held then."""

    id: RedemptionId
    offer: "Known"
    version_id: VersionId
    terms: Terms
    member: int
    clerk: ClerkActor
    at: datetime.datetime
    saved_fen: int
    voided: bool = False
    disputed: bool = False

    @property
    def day(self) -> datetime.date:
        return local_date(self.at)


@dataclass
class Known:
    """An offer and the terms that hold now."""

    id: OfferId
    shop: int
    terms: Terms
    paused: bool = False
    withdrawn: bool = False
    uses: list[Use] = field(default_factory=list)

    def count(self, which: Callable[[Use], bool]) -> int:
        return sum(which(use) for use in self.standing())

    def standing(self) -> list[Use]:
        return [use for use in self.uses if not use.voided]

    def taken(self) -> int:
        return self.count(lambda use: use.terms.stock_total is not None)

    def spent(self) -> int:
        return sum(use.saved_fen for use in self.standing() if use.terms.budget_fen is not None)

    def taken_at(self, branch_id: uuid.UUID) -> int:
        return self.count(lambda use: use.clerk.branch_id == branch_id and _own_stock(use.terms, branch_id) is not None)


def off(terms: Terms, amount_fen: int) -> int:
    """A percentage, half a fen up, and a cap."""
    saved = (amount_fen * (terms.percent_off or 0) + 50) // 100
    return saved if terms.most_off_fen is None else min(saved, terms.most_off_fen)


def may_be_given(
    offer: Known, everything: list[Known], *, member: int, branch_id: uuid.UUID, saved_fen: int, now: datetime.datetime
) -> bool:
    """Whether the terms that hold now let this member use this offer once more."""
    terms, today = offer.terms, local_date(now)
    here = [use for one in everything if one.shop == offer.shop for use in one.standing() if use.member == member]
    fresh = [use for use in here if use.offer is not offer and use.at > now - PURCHASE]
    windows: list[tuple[int | None, Callable[[Use], bool]]] = [
        (terms.per_member_daily, lambda use: use.terms.per_member_daily is not None and use.day == today),
        (
            terms.per_member_weekly,
            lambda use: use.terms.per_member_weekly is not None and monday(use.day) == monday(today),
        ),
        (
            terms.per_member_monthly,
            lambda use: use.terms.per_member_monthly is not None and use.day.replace(day=1) == today.replace(day=1),
        ),
        (terms.per_member_total, lambda use: use.terms.per_member_total is not None),
    ]
    mine = [use for use in here if use.offer is offer]
    own = _own_stock(terms, branch_id)
    return (
        not offer.withdrawn
        and not offer.paused
        and terms.starts_on <= today <= terms.ends_on
        and not (terms.first_use and here)
        and (terms.stock_total is None or offer.taken() < terms.stock_total)
        and (terms.budget_fen is None or (offer.spent() < terms.budget_fen >= offer.spent() + saved_fen))
        and (not terms.branches or branch_id in {share.branch_id for share in terms.branches})
        and (own is None or offer.taken_at(branch_id) < own)
        and all(limit is None or sum(map(counts, mine)) < limit for limit, counts in windows)
        and (terms.stacks or all(use.terms.stacks for use in fresh))
    )


def may_hold(offer: Known, terms: Terms) -> bool:
    """Whether these terms may be published: none of their totals is below what is gone already."""
    return (
        (terms.stock_total is None or offer.taken() <= terms.stock_total)
        and (terms.budget_fen is None or offer.spent() <= terms.budget_fen)
        and all(
            share.stock_total is None or offer.taken_at(share.branch_id) <= share.stock_total
            for share in terms.branches
        )
    )


def why_not_undone(use: Use, clerk: ClerkActor | None, *, owner: bool, now: datetime.datetime) -> str | None:
    """The code of the no when this clerk, or an officer, undoes this use; None where he may."""
    if clerk and not (use.clerk.merchant_id == clerk.merchant_id if owner else use.clerk.branch_id == clerk.branch_id):
        return errors.REDEMPTION_UNKNOWN
    if use.voided:
        return errors.REDEMPTION_VOIDED
    if clerk is None:
        return None
    if use.disputed:
        return errors.REDEMPTION_DISPUTED
    if now <= use.at + HALF_HOUR:
        return None
    if not owner:
        return errors.VOID_TOO_LATE_CLERK
    return None if local_date(now) == use.day else errors.VOID_TOO_LATE_OWNER


def ends(now: datetime.datetime, *, of: str) -> datetime.date:
    """The last day in China of this day, week or month."""
    today = local_date(now)
    if of == "week":
        return monday(today) + 6 * DAY
    return (today.replace(day=1) + 31 * DAY).replace(day=1) - DAY if of == "month" else today


def _own_stock(terms: Terms, branch_id: uuid.UUID) -> int | None:
    return next((share.stock_total for share in terms.branches if share.branch_id == branch_id), None)
