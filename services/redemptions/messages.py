"""What this package tells: payloads of the outbox."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class RedemptionRecorded:
    """A discount stands; told to the member and to the branch."""

    topic: ClassVar[str] = "redemptions.recorded"
    redemption_id: uuid.UUID


@dataclass(frozen=True)
class RedemptionDisputed:
    """A member said "not me": the branch and the union look into it."""

    topic: ClassVar[str] = "redemptions.disputed"
    redemption_id: uuid.UUID


@dataclass(frozen=True)
class RedemptionVoided:
    """A discount was undone; told to the member and to the branch."""

    topic: ClassVar[str] = "redemptions.voided"
    redemption_id: uuid.UUID


@dataclass(frozen=True)
class DisputeSettled:
    """The union looked into a dispute and the redemption stands; told to the member and to the branch."""

    topic: ClassVar[str] = "redemptions.settled"
    redemption_id: uuid.UUID


@dataclass(frozen=True)
class TypingStopped:
    """A branch typed too many wrong codes in a day and may type no more today; told to it and to the union."""

    topic: ClassVar[str] = "redemptions.typing_stopped"
    branch_id: uuid.UUID
