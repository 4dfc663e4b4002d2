"""Pure decisions at the till."""

import datetime

from services.core.calendar import local_date
from services.core.errors import Refusal
from services.redemptions import errors
from services.redemptions.types import Capacity

SCAN_LIFETIME = datetime.timedelta(minutes=5)
"""Long enough to ring up a meal after the card was shown; an amount typed 150 s later must go through."""

CLERK_WINDOW, CLERK_WRONG = datetime.timedelta(minutes=10), 5
BRANCH_WRONG = 20

CLERK_MAY_VOID = datetime.timedelta(minutes=30)


def may_type(*, clerk_recent: int, clerk_oldest_seconds: int, branch_today: int) -> Refusal | None:
    """May this clerk type digits? 5 wrong in ten minutes stop him, 20 wrong in a day stop his branch.

    `clerk_recent` counts his wrong ones of the last ten minutes, the oldest of them `clerk_oldest_seconds` ago. What
    that leaves a guesser: docs/decisions/0010.
    """
    if branch_today >= BRANCH_WRONG:
        return Refusal(errors.TYPING_STOPPED_BRANCH)
    if clerk_recent >= CLERK_WRONG:
        left = int(CLERK_WINDOW.total_seconds()) - clerk_oldest_seconds
        return Refusal(errors.TYPING_STOPPED_CLERK, {"minutes": max(1, -(-left // 60))})
    return None


def may_redeem(
    *, scanned_by_caller: bool, expires_at: datetime.datetime, used: bool, now: datetime.datetime
) -> Refusal | None:
    """Is this scan good for this redemption, whatever the offer?"""
    if not scanned_by_caller:
        return Refusal(errors.SCAN_OF_ANOTHER_CLERK)
    if used:
        return Refusal(errors.SCAN_USED)
    if now >= expires_at:
        return Refusal(errors.SCAN_EXPIRED)
    return None


def may_void(
    capacity: Capacity, *, redeemed_at: datetime.datetime, disputed: bool, voided: bool, now: datetime.datetime
) -> Refusal | None:
    """May this redemption be undone by somebody in that capacity?

    A clerk undoes within 30 minutes, the owner of the shop on the same day in China, an officer at any time. What a
    member has disputed is evidence: only an officer undoes it.
    """
    if voided:
        return Refusal(errors.REDEMPTION_VOIDED)
    if capacity is Capacity.OFFICER:
        return None
    if disputed:
        return Refusal(errors.REDEMPTION_DISPUTED)
    if capacity is Capacity.CLERK and now - redeemed_at > CLERK_MAY_VOID:
        return Refusal(errors.VOID_TOO_LATE_CLERK)
    if capacity is Capacity.OWNER and local_date(now) > local_date(redeemed_at) and now - redeemed_at > CLERK_MAY_VOID:
        return Refusal(errors.VOID_TOO_LATE_OWNER)
    return None
