"""What this package tells."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class GuessingStopped:
    """Somebody guessed at an officer's password until the source was stopped. Told to the officer's union."""

    topic: ClassVar[str] = "accounts.guessing_stopped"
    union_id: uuid.UUID
    at: str


@dataclass(frozen=True)
class ResetUnderWay:
    """Two colleagues set an officer's password and factor anew. Told to his union at each of the two steps."""

    topic: ClassVar[str] = "accounts.reset_under_way"
    union_id: uuid.UUID
    at: str


@dataclass(frozen=True)
class RoleTaken:
    """Somebody has become an officer of a union. Told to that union and to whoever is above."""

    topic: ClassVar[str] = "accounts.role_taken"
    union_id: uuid.UUID
    at: str
