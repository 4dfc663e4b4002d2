"""Pure decisions at the till, and about receipts."""

import datetime

from services.core.calendar import DAY, local_date
from services.core.errors import Invalid, Refusal
from services.core.ids import from_base32
from services.core.keyboard import half_width, one_line
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


NOTE_LEAST, NOTE_MOST = 2, 200


def settle_note(text: str) -> str:
    """What a member is told of his dispute, on one line. Raises Invalid(settle_note_length)."""
    note = one_line(text)
    if not NOTE_LEAST <= len(note) <= NOTE_MOST:
        raise Invalid(errors.SETTLE_NOTE_LENGTH, field="note", least=NOTE_LEAST, most=NOTE_MOST)
    return note


MOST_DAYS = 31
_NUMBER_LENGTH = 8
_MISREAD = str.maketrans("OIL", "011", "- ")


def receipt_number(typed: str) -> int:
    """The low 40 bits of the id behind a receipt's number as somebody reads it out: "7k3m-9qpo", letters as they may.

    Raises Invalid(receipt_number_wrong).
    """
    plain = half_width(typed).upper().translate(_MISREAD)
    try:
        if len(plain) == _NUMBER_LENGTH:
            return from_base32(plain)
    except ValueError:
        pass
    raise Invalid(errors.RECEIPT_NUMBER_WRONG, field="number")


def searched_days(first: datetime.date, last: datetime.date) -> None:
    """No index knows a receipt's number, so it is looked for in a month at most. Raises Invalid(receipt_days_wrong)."""
    if not 0 <= (last - first) // DAY < MOST_DAYS:
        raise Invalid(errors.RECEIPT_DAYS_WRONG, field="first", most=MOST_DAYS)
