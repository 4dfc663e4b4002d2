"""The rotating code, pure: what it looks like, how it is read, when it is good.

A code is 23 characters of Crockford base32: key id (1), serial (7), the low 15 bits of the 30 s time step (3), and the
first 60 bits of HMAC-SHA256 over serial and whole step (12). It holds nothing personal. Capitals and digits fit the
QR alphanumeric mode, so that the whole address is a small, coarse, easily read symbol.
"""

import datetime
import hmac
import re
from dataclasses import dataclass

from services.cards import errors
from services.cards.types import CardStatus, RotatingCode, Serial
from services.core.errors import Refusal
from services.core.ids import from_base32, to_base32
from services.core.keyboard import half_width
from services.core.signing import Signer

STEP_SECONDS = 30
SERIAL_BITS, STEP_BITS, MAC_BITS = 35, 15, 60
TYPED_DIGITS = 8
TYPED_SECONDS = 120
PURPOSE = "cards.rotating-code"

# ASCII: without it IGNORECASE takes the Kelvin sign for a k.
_QR = re.compile(r"(?:https?://[^/\s]+/c/)?([0-9a-hjkmnp-tv-z]{23})", re.IGNORECASE | re.ASCII)
_DIGITS = re.compile(r"[0-9]{4,12}")


@dataclass(frozen=True)
class QrText:
    key_id: str
    serial: Serial
    low_step: int
    mac: int


@dataclass(frozen=True)
class Digits:
    text: str


def step_at(instant: datetime.datetime) -> int:
    return int(instant.timestamp()) // STEP_SECONDS


def step_begin(step: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(step * STEP_SECONDS, datetime.UTC)


def sign(signer: Signer, serial: Serial, *, now: datetime.datetime) -> RotatingCode:
    """The code of the running step. It stays good through the next step: 30 to 60 seconds."""
    step = step_at(now)
    key_id = signer.current
    low_step = to_base32(step & ((1 << STEP_BITS) - 1), 3)
    text = key_id + to_base32(serial, 7) + low_step + to_base32(_mac(signer, key_id, serial, step), 12)
    return RotatingCode(text, step_begin(step + 1), step_begin(step + 2))


def parse(text: str) -> QrText | Digits | Refusal:
    """Reads what a camera, a scanner or a clerk sends: our address, the bare code, or eight digits."""
    plain = re.sub(r"[\s\-–]", "", half_width(text[:200]))
    if _DIGITS.fullmatch(plain):
        complete = len(plain) == TYPED_DIGITS
        return Digits(plain) if complete else Refusal(errors.DIGITS_INCOMPLETE, {"count": len(plain)})
    match = _QR.fullmatch(plain)
    if not match:
        return Refusal(errors.CODE_MALFORMED)
    code = match.group(1).upper()
    return QrText(code[0], Serial(from_base32(code[1:8])), from_base32(code[8:11]), from_base32(code[11:]))


def verify(signer: Signer, code: QrText, *, now: datetime.datetime) -> int | Refusal:
    """The step the code was made for, or why it is not good. Forgery is told before age.

    The low bits name a step of the last 11 days; the MAC covers the whole step, so no other can be meant. One step
    ahead is good too: the machine that signed it may have a clock that is a little faster than ours.
    """
    if not signer.knows(code.key_id):
        return Refusal(errors.CODE_KEY_UNKNOWN)
    running = step_at(now)
    newest = running + 1
    step = newest - ((newest - code.low_step) & ((1 << STEP_BITS) - 1))
    if not hmac.compare_digest(_mac(signer, code.key_id, code.serial, step).to_bytes(8), code.mac.to_bytes(8)):
        return Refusal(errors.CODE_FORGED)
    if step < running - 1:
        return Refusal(errors.CODE_EXPIRED, {"seconds": int(now.timestamp()) - (step + 2) * STEP_SECONDS})
    return step


def may_present(status: CardStatus) -> Refusal | None:
    """May a card in this state be used?"""
    if status is CardStatus.FROZEN:
        return Refusal(errors.CARD_FROZEN)
    if status is CardStatus.REPLACED:
        return Refusal(errors.CARD_REPLACED)
    return None


def _mac(signer: Signer, key_id: str, serial: Serial, step: int) -> int:
    return int.from_bytes(signer.mac(PURPOSE, serial.to_bytes(5) + step.to_bytes(5), key_id=key_id)[:8]) >> (
        64 - MAC_BITS
    )
