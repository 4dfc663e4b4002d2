"""What this package tells: payloads of the outbox. Days are ISO dates in China."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class AgreementEnding:
    """An agreement that nobody has renewed ends soon; told to the shop and to its federation."""

    topic: ClassVar[str] = "merchants.agreement_ending"
    merchant_id: uuid.UUID
    #: its last day
    on: str


@dataclass(frozen=True)
class Suspended:
    """A shop takes no cards from that day on; told to the shop, with the reason."""

    topic: ClassVar[str] = "merchants.suspended"
    merchant_id: uuid.UUID
    on: str
    reason: str


@dataclass(frozen=True)
class Resumed:
    """The suspension was taken back; told to the shop."""

    topic: ClassVar[str] = "merchants.resumed"
    merchant_id: uuid.UUID


@dataclass(frozen=True)
class Ended:
    """The partnership ends; told to the shop, with its last day and the reason."""

    topic: ClassVar[str] = "merchants.ended"
    merchant_id: uuid.UUID
    on: str
    reason: str
