import datetime
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from services.core import rotating
from services.members.types import Holder, MemberId

CardId = NewType("CardId", uuid.UUID)
Serial = NewType("Serial", int)
"""35 random bits: names a card inside a code and says nothing of its holder."""
RotatingCode = rotating.RotatingCode


class CardStatus(StrEnum):
    ACTIVE = "active"
    FROZEN = "frozen"  # 冻结
    REPLACED = "replaced"  # 已换卡


@dataclass(frozen=True)
class CardView:
    id: CardId
    member_id: MemberId
    number: str
    serial: Serial
    status: CardStatus
    issued_at: datetime.datetime


@dataclass(frozen=True)
class TypedCodeView:
    digits: str
    expires_at: datetime.datetime


@dataclass(frozen=True)
class Presented:
    """A card that somebody has held out: the card and its holder, and the use of the code that a scan burns.

    `ref` names this one use of this one code, the same for everybody who scans it: unique with the card.
    """

    card: CardView
    holder: Holder
    ref: str
    source: "Source"


class Source(StrEnum):
    QR = "qr"
    TYPED = "typed"
