"""What this package tells: payloads of the outbox."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class OfferProposed:
    """A shop has handed in the draft of an offer; told to its federation."""

    topic: ClassVar[str] = "offers.proposed"
    offer_id: uuid.UUID


@dataclass(frozen=True)
class ProposalAnswered:
    """What a shop handed in was published, or dropped; told to the shop. Its title, for the draft may be gone;
    the English may be empty."""

    topic: ClassVar[str] = "offers.answered"
    merchant_id: uuid.UUID
    title_zh: str
    title_en: str
    accepted: bool


@dataclass(frozen=True)
class OfferHeldByShop:
    """A shop holds its offer back, or gives it again; told to its federation."""

    topic: ClassVar[str] = "offers.held"
    offer_id: uuid.UUID
    paused: bool
