"""Our own bounds, before a provider is asked: they hold for all processes, and cost nothing when they are passed."""

import datetime
from dataclasses import dataclass

from services.accounts.errors import PHONE_CODE_TOO_OFTEN
from services.core.budget import DAY, MINUTE, spend
from services.core.errors import TooOften
from services.notifications.ports import Effect
from services.notifications.sending import MINUTE_OVER, MONEY_OVER, OWN_MINUTE, OWN_MONEY
from services.notifications.sms.provider import Answer
from services.notifications.types import DeliveryStatus

PER_NUMBER = 10
"""Messages to one number a day, codes apart: they have bounds of their own (accounts.service.codes)."""
FOR_CODES = 5
"""A fifth of the day's money is left to codes, and half of that to messages at once too: no notice may lock people out
or keep what is urgent."""
AT_ONCE = 5
"""A fifth of the minute is left to messages at once: no notice to thousands may keep what is urgent."""
FOR_STRANGERS = 2
"""Half of the day's money at most goes for codes that nobody known asked for: whoever uses it up keeps new people out,
but no member, no officer, and nothing urgent."""
PER_SOURCE = 200
"""Such codes a day for one address, IPv6 by /64. A whole factory may stand behind one, and a mobile operator's too."""
NUMBER_FULL = Answer(DeliveryStatus.PERMANENT_FAILURE, "own_number_limit")
_NO_MINUTE = {
    at_once: Answer(DeliveryStatus.CREATED, reason, Effect.PAUSE_MINUTE)
    for at_once, reason in ((False, OWN_MINUTE), (True, MINUTE_OVER))
}
_NO_MONEY = {
    at_once: Answer(DeliveryStatus.CREATED, reason, Effect.PAUSE_UNTIL_MIDNIGHT)
    for at_once, reason in ((False, OWN_MONEY), (True, MONEY_OVER))
}


@dataclass(frozen=True)
class Limits:
    fen_per_message: int
    fen_per_day: int
    per_minute: int


class Held(TooOften):
    """Not sent, by our own bounds; undoes what was counted on the way to the one that is full."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer.reason))
        self.answer = answer


def pay_for_stranger(limits: Limits, *, source: str, fen: int, now: datetime.datetime) -> bool:
    """Counts one code that somebody unknown asks for from this address: the source's day, and the strangers' money.

    True once a day, when half of that money is gone: somebody should look. Raises TooOften(phone_code_too_often), with
    the seconds until midnight; roll back then.
    """
    pot = limits.fen_per_day // FOR_STRANGERS
    wait = spend("codes.source", source.encode(), limits=((DAY, PER_SOURCE),), now=now)
    wait = wait or spend("codes.strangers", b"", limits=((DAY, pot),), now=now, amount=fen)
    if wait:
        raise TooOften(PHONE_CODE_TOO_OFTEN, seconds=wait)
    if not spend("codes.strangers.half", b"", limits=((DAY, pot // 2),), now=now, amount=fen):
        return False
    return not spend("codes.strangers.told", b"", limits=((DAY, 1),), now=now)


def pay(limits: Limits, *, phone: str, fen: int, is_code: bool, now: datetime.datetime, at_once: bool = False) -> None:
    """Counts one SMS of `fen`: for its number today, in this minute, and its money today; codes by money alone.

    What is `at_once` may have what is kept of both for it. Two cannot both have the last one. What is
    counted stays counted, whatever the provider says. Raises Held.
    """
    most, minute = limits.fen_per_day, limits.per_minute
    if not is_code:
        most -= most // (2 * FOR_CODES if at_once else FOR_CODES)
        minute -= 0 if at_once else minute // AT_ONCE
        if spend("sms.number", phone.encode(), limits=((DAY, PER_NUMBER),), now=now):
            raise Held(NUMBER_FULL)
        if spend("sms.minute", b"", limits=((MINUTE, minute),), now=now):
            raise Held(_NO_MINUTE[at_once])
    if spend("sms.fen", b"", limits=((DAY, most),), now=now, amount=fen):
        raise Held(_NO_MONEY[at_once])
