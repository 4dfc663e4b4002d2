"""At the door, and after: who is in, who did not come."""

import datetime
import uuid
from dataclasses import dataclass
from typing import NewType

from services.events.types.entries import PauseRule
from services.events.types.states import Kind, Miss
from services.events.types.terms import Both, EventId

MissId = NewType("MissId", uuid.UUID)
DoorSerial = NewType("DoorSerial", int)
"""35 random bits: names an event inside the venue's code and says nothing of it."""


@dataclass(frozen=True)
class Missed:
    """One miss (爽约), as its member and the officers see it."""

    id: MissId
    event_id: EventId
    title: Both
    starts_at: datetime.datetime
    kind: Kind
    because: Miss
    at: datetime.datetime
    cleared_at: datetime.datetime | None


@dataclass(frozen=True)
class Record:
    """Where a member stands with the misses of one kind. `misses`: those that count, the newest first."""

    kind: Kind
    misses: tuple[Missed, ...]
    rule: PauseRule
    #: may not sign up before then; None: may
    paused_until: datetime.datetime | None

    @property
    def next_pauses(self) -> bool:
        """Would one more miss now lead to a pause?"""
        return bool(self.rule.pause_days) and len(self.misses) + 1 > self.rule.free
