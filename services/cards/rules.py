"""The card's rotating code and its typed digits, pure. What a code looks like is in core/rotating.py."""

import datetime
import re
from dataclasses import dataclass

from services.cards import errors
from services.cards.types import CardStatus, RotatingCode, Serial
from services.core import rotating
from services.core.errors import Refusal
from services.core.signing import Signer

STEP_SECONDS, SERIAL_BITS = rotating.STEP_SECONDS, rotating.SERIAL_BITS
TYPED_DIGITS = 8
TYPED_SECONDS = 120
PURPOSE = "cards.rotating-code"
LETTER = "c"
QrText = rotating.Read
step_at, step_begin = rotating.step_at, rotating.step_begin

_DIGITS = re.compile(r"[0-9]{4,12}")
_CODES = {
    rotating.Why.KEY_UNKNOWN: errors.CODE_KEY_UNKNOWN,
    rotating.Why.FORGED: errors.CODE_FORGED,
    rotating.Why.EXPIRED: errors.CODE_EXPIRED,
}


@dataclass(frozen=True)
class Digits:
    text: str


def sign(signer: Signer, serial: Serial, *, now: datetime.datetime) -> RotatingCode:
    """The code of the running step. It stays good through the next step: 30 to 60 seconds."""
    return rotating.sign(signer, PURPOSE, serial, now=now)


def parse(text: str) -> QrText | Digits | Refusal:
    """Reads what a camera, a scanner or a clerk sends: our address, the bare code, or eight digits."""
    plain = rotating.plain(text)
    if _DIGITS.fullmatch(plain):
        complete = len(plain) == TYPED_DIGITS
        return Digits(plain) if complete else Refusal(errors.DIGITS_INCOMPLETE, {"count": len(plain)})
    return rotating.read(text, letter=LETTER) or Refusal(errors.CODE_MALFORMED)


def verify(signer: Signer, code: QrText, *, now: datetime.datetime) -> int | Refusal:
    """The step the code was made for, or why it is not good: rotating.verify."""
    step = rotating.verify(signer, PURPOSE, code, now=now)
    if isinstance(step, rotating.Bad):
        expired = step.why is rotating.Why.EXPIRED
        return Refusal(_CODES[step.why], {"seconds": step.seconds} if expired else {})
    return step


def may_present(status: CardStatus) -> Refusal | None:
    """May a card in this state be used?"""
    if status is CardStatus.FROZEN:
        return Refusal(errors.CARD_FROZEN)
    if status is CardStatus.REPLACED:
        return Refusal(errors.CARD_REPLACED)
    return None
