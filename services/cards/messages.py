"""What this package tells: payloads of the outbox."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class CardFrozen:
    """The card was stopped; told to its holder, who may not have done it himself."""

    topic: ClassVar[str] = "cards.frozen"
    card_id: uuid.UUID
    member_id: uuid.UUID
