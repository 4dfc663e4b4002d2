"""Rotating codes, pure: what one looks like, how it is read, when it is good.

A code is 23 characters of Crockford base32: key id (1), serial (7), the low 15 bits of the 30 s time step (3), and the
first 60 bits of HMAC-SHA256 over serial and whole step (12). It holds nothing personal. Capitals and digits fit the
QR alphanumeric mode, so that the whole address is a small, coarse, easily read symbol.

The purpose keeps the codes of one kind apart from all others: a member's card and the door of a venue.
"""

import datetime
import hmac
import re
from dataclasses import dataclass
from enum import StrEnum

from services.core.ids import from_base32, to_base32
from services.core.keyboard import half_width
from services.core.signing import Signer

STEP_SECONDS = 30
SERIAL_BITS, STEP_BITS, MAC_BITS = 35, 15, 60


@dataclass(frozen=True)
class RotatingCode:
    """`text` is what the QR code carries behind the address; good until `expires_at`, a new one comes at `renew_at`."""

    text: str
    renew_at: datetime.datetime
    expires_at: datetime.datetime


@dataclass(frozen=True)
class Read:
    """A code as it was read. Nothing is said yet of whether it is good."""

    key_id: str
    serial: int
    low_step: int
    mac: int


class Why(StrEnum):
    KEY_UNKNOWN = "key_unknown"
    FORGED = "forged"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Bad:
    """Why a code is not good; `seconds` since when, if it once was."""

    why: Why
    seconds: int = 0


def step_at(instant: datetime.datetime) -> int:
    return int(instant.timestamp()) // STEP_SECONDS


def step_begin(step: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(step * STEP_SECONDS, datetime.UTC)


def plain(text: str) -> str:
    """What a camera, a scanner or a person sends, without the spaces, dashes and wide characters in between."""
    return re.sub(r"[\s\-–]", "", half_width(text[:200]))


def sign(signer: Signer, purpose: str, serial: int, *, now: datetime.datetime) -> RotatingCode:
    """The code of the running step. It stays good through the next step: 30 to 60 seconds."""
    step = step_at(now)
    key_id = signer.current
    low_step = to_base32(step & ((1 << STEP_BITS) - 1), 3)
    text = key_id + to_base32(serial, 7) + low_step + to_base32(_mac(signer, purpose, key_id, serial, step), 12)
    return RotatingCode(text, step_begin(step + 1), step_begin(step + 2))


def read(text: str, *, letter: str) -> Read | None:
    """Reads the bare code, or an address of ours whose path is this letter and the code; None for anything else."""
    # ASCII: without it IGNORECASE takes the Kelvin sign for a k.
    address = rf"(?:https?://[^/\s]+/{letter}/)?([0-9a-hjkmnp-tv-z]{{23}})"
    match = re.fullmatch(address, plain(text), re.IGNORECASE | re.ASCII)
    if not match:
        return None
    code = match.group(1).upper()
    return Read(code[0], from_base32(code[1:8]), from_base32(code[8:11]), from_base32(code[11:]))


def verify(signer: Signer, purpose: str, code: Read, *, now: datetime.datetime) -> int | Bad:
    """The step the code was made for, or why it is not good. Forgery is told before age.

    The low bits name a step of the last 11 days; the MAC covers the whole step, so no other can be meant. One step
    ahead is good too: the machine that signed it may have a clock that is a little faster than ours.
    """
    if not signer.knows(code.key_id):
        return Bad(Why.KEY_UNKNOWN)
    running = step_at(now)
    newest = running + 1
    step = newest - ((newest - code.low_step) & ((1 << STEP_BITS) - 1))
    made = _mac(signer, purpose, code.key_id, code.serial, step)
    if not hmac.compare_digest(made.to_bytes(8), code.mac.to_bytes(8)):
        return Bad(Why.FORGED)
    if step < running - 1:
        return Bad(Why.EXPIRED, int(now.timestamp()) - (step + 2) * STEP_SECONDS)
    return step


def _mac(signer: Signer, purpose: str, key_id: str, serial: int, step: int) -> int:
    """The first MAC_BITS bits of the keyed digest."""
    whole = signer.mac(purpose, serial.to_bytes(5) + step.to_bytes(5), key_id=key_id)
    return int.from_bytes(whole[:8]) >> (64 - MAC_BITS)
