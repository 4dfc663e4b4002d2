"""What this package tells: payloads of the outbox. Ids and short words of ours only."""

import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class What(StrEnum):
    """What became of an entry."""

    CONFIRMED = "confirmed"  # 报上了
    FORMING = "forming"  # 等队友确认
    INVITED = "invited"  # told to those who are to confirm
    WAITING = "waiting"
    ENTERED = "entered"
    APPLIED = "applied"
    OFFERED = "offered"
    DECLINED = "declined"  # an offer, by them
    LAPSED = "lapsed"
    NO_PLACE = "no_place"  # waited until it was too late to offer any
    MATE_DECLINED = "mate_declined"  # told to the captain
    MATE_SILENT = "mate_silent"  # told to the captain: asked into an entry that stands, and did not answer
    DROPPED = "dropped"  # told to `only`: asked, and now has nothing to answer any more
    APPROVED = "approved"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    REMOVED = "removed"
    BY_UNIT = "by_unit"  # entered by the unit's officer: may withdraw


@dataclass(frozen=True)
class SignupChanged:
    """Told to the members of an entry: all of them, or the captain, by what it is; `only`: the id of the one member
    who hears it."""

    topic: ClassVar[str] = "events.signup"
    signup_id: uuid.UUID
    what: str
    only: str = ""


@dataclass(frozen=True)
class EventChanged:
    """Time, place or another term that matters to those signed up is another now. `fields`: names of terms."""

    topic: ClassVar[str] = "events.changed"
    event_id: uuid.UUID
    fields: str


@dataclass(frozen=True)
class EventCancelled:
    topic: ClassVar[str] = "events.cancelled"
    event_id: uuid.UUID


@dataclass(frozen=True)
class EventDrawn:
    topic: ClassVar[str] = "events.drawn"
    event_id: uuid.UUID


@dataclass(frozen=True)
class Reminder:
    """Told to the members of some entries; `signup_ids`: joined by commas, so that many are one message."""

    topic: ClassVar[str] = "events.reminder"
    event_id: uuid.UUID
    signup_ids: str


@dataclass(frozen=True)
class Missed:
    topic: ClassVar[str] = "events.missed"
    miss_id: uuid.UUID
