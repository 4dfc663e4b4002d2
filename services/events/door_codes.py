"""What is signed at the door: the venue's rotating code, stamps that a page carries, the code of a certificate."""

import datetime
import hmac
import uuid
from dataclasses import dataclass

from services.core import rotating
from services.core.errors import Refusal
from services.core.ids import from_base32, to_base32
from services.core.signing import signer
from services.events import errors
from services.events.types.door import DoorSerial

PURPOSE = "events.venue-code"
LETTER = "v"
STAMP_LASTS = datetime.timedelta(minutes=5)
"""Not shorter: whoever is sent a photo of the venue's code must open it in the same minute as one who stands there, and
then presses within a second. Shorter would keep out only slow phones; the stamp is of one member, so the page is no use
to anybody else. Where it matters who stands there, staff scan cards (types.Door.STAFF)."""
CERTIFICATE_LENGTH = 20
_CERTIFICATE, _STAMP = "events.certificate", "events.stamp"
_STAMP_MAC = 24
_BITS = 25


def venue_code(serial: DoorSerial, *, now: datetime.datetime) -> rotating.RotatingCode:
    """What the venue shows in this half minute: good for 30 to 60 seconds."""
    return rotating.sign(signer, PURPOSE, serial, now=now)


def read_venue_code(text: str, *, now: datetime.datetime) -> DoorSerial | Refusal:
    """Which door it is, if the code is good now."""
    code = rotating.read(text, letter=LETTER)
    if code is None:
        return Refusal(errors.DOOR_CODE_UNKNOWN)
    step = rotating.verify(signer, PURPOSE, code, now=now)
    if isinstance(step, rotating.Bad):
        expired = step.why is rotating.Why.EXPIRED
        return Refusal(errors.DOOR_CODE_EXPIRED if expired else errors.DOOR_CODE_UNKNOWN)
    return DoorSerial(code.serial)


def stamp(what: str, *ids: uuid.UUID, now: datetime.datetime) -> str:
    """Says that `what` was so at this moment, of these ids: for a form, which may be sent within five minutes."""
    second = int(now.timestamp())
    return f"{second:x}-{_stamp_mac(what, ids, second)}"


def stamped(text: str, what: str, *ids: uuid.UUID, now: datetime.datetime) -> bool:
    """Is this a stamp of ours, of the same, from the last five minutes?"""
    head, _, mac = text.partition("-")
    if not (head.isascii() and head.isalnum() and len(head) <= 10 and mac.isascii()):
        return False
    try:
        second = int(head, 16)
    except ValueError:
        return False
    good = hmac.compare_digest(_stamp_mac(what, ids, second), mac)
    return good and -60 <= int(now.timestamp()) - second <= STAMP_LASTS.total_seconds()


def _stamp_mac(what: str, ids: tuple[uuid.UUID, ...], second: int) -> str:
    said = b"".join(one.bytes for one in ids) + second.to_bytes(5)
    return signer.mac(f"{_STAMP}.{what}", said).hex()[:_STAMP_MAC]


@dataclass(frozen=True)
class Cited:
    """What a certificate's code names: an event and an entry. Whose of its people, `certifies` says."""

    serial: DoorSerial
    number: str
    mac: int


def certificate_code(serial: DoorSerial, number: str, ordinal: int) -> str:
    """20 characters of base32: the event (7), the entry (8), 25 bits of a signature that also holds the person (5).

    The database is asked too, so nobody can make one up: the signature keeps people from trying others' numbers.
    """
    return to_base32(serial, 7) + number + to_base32(_certificate_mac(serial, number, ordinal, signer.current), 5)


def cited(text: str) -> Cited | None:
    """Reads a certificate's code as somebody typed it: spaces, dashes, small letters, O for 0, I and L for 1."""
    plain = rotating.plain(text).upper().translate(str.maketrans("OIL", "011"))
    if len(plain) != CERTIFICATE_LENGTH:
        return None
    try:
        return Cited(DoorSerial(from_base32(plain[:7])), plain[7:15], from_base32(plain[15:]))
    except ValueError:
        return None


def certifies(code: Cited, ordinal: int) -> bool:
    """Is it this person of the entry? Old keys certify too: what was printed is kept for years."""
    macs = (_certificate_mac(code.serial, code.number, ordinal, key_id) for key_id in signer.key_ids)
    return any(hmac.compare_digest(mac.to_bytes(4), code.mac.to_bytes(4)) for mac in macs)


def _certificate_mac(serial: DoorSerial, number: str, ordinal: int, key_id: str) -> int:
    whole = signer.mac(_CERTIFICATE, serial.to_bytes(5) + number.encode() + bytes([ordinal]), key_id=key_id)
    return int.from_bytes(whole[:4]) >> (32 - _BITS)
