"""At the door, and after: who is in, who did not come."""

import datetime
import uuid
from dataclasses import dataclass
from typing import NewType

from services.core.errors import Refusal
from services.events.types.entries import PauseRule, SignupId
from services.events.types.states import How, Kind, Miss, Role, State
from services.events.types.terms import Both, EventId
from services.members.rules import masked_name
from services.members.types import MemberId

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


@dataclass(frozen=True, kw_only=True)
class DoorPerson:
    """Somebody of an entry, at the door. `name` in clear is for the organiser's list only."""

    signup_id: SignupId
    ordinal: int
    number: str
    state: State
    category: int
    slot: int | None
    role: Role
    captain: bool
    #: said yes, or another has for him
    joined: bool
    name: str
    member_id: MemberId | None
    union_name: Both | None
    in_at: datetime.datetime | None
    #: masked name of the officer; None: by herself
    in_by: str | None
    how: How | None
    #: when a tick made on paper was typed in
    ticked_at: datetime.datetime | None

    @property
    def masked_name(self) -> str:
        return masked_name(self.name)


@dataclass(frozen=True)
class Arrival:
    """Who has come. `fresh`: just now; otherwise she was in already, and `person` says since when and by whom.

    `others`: the rest of the entry, if she is its captain.
    """

    person: DoorPerson
    fresh: bool
    others: tuple[DoorPerson, ...] = ()

    @property
    def missing(self) -> list[DoorPerson]:
        return [one for one in self.others if one.in_at is None]


@dataclass(frozen=True)
class Stranger:
    """A member whose card is good and who has not signed up. `refusal`: why not at the door either; None: may."""

    member_id: MemberId
    masked_name: str
    refusal: Refusal | None


@dataclass(frozen=True)
class Tick:
    """A tick made on paper."""

    signup_id: SignupId
    ordinal: int
    at: datetime.datetime


@dataclass(frozen=True)
class Ticked:
    """What became of ticks: new ones, people who were in already, those whose entry has no place (any more)."""

    fresh: int
    already: int
    refused: int


@dataclass(frozen=True)
class Attendance:
    """How many of how many have come, by category and slot."""

    category: int
    slot: int | None
    expected: int
    come: int


@dataclass(frozen=True)
class Certificate:
    """That somebody took part. `code` in groups of five."""

    name: str
    title: Both
    organiser: Both
    starts_at: datetime.datetime
    ends_at: datetime.datetime
    series: str | None
    level: int | None
    code: str

    @property
    def masked_name(self) -> str:
        return masked_name(self.name)


@dataclass(frozen=True)
class OfficersMiss:
    """A miss on an officer's list. `named`: which event it was may be shown to him."""

    miss: Missed
    masked_name: str
    union_name: Both
    named: bool


@dataclass(frozen=True)
class Turnout:
    """Of the members with a place at an event: how many, how many were checked in, and how many of the others have
    said yes themselves and owe it to come."""

    expected: int
    come: int
    absent: int
