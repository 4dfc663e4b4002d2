"""An entry: who hands in what, and what has become of it."""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NewType

from services.core.forms import Answers
from services.events.types.states import How, Presence, Role, State
from services.events.types.terms import EventId
from services.members.documents import Sex
from services.members.types import MemberId, Standing
from services.unions.types import TradeGroup, UnionPath

SignupId = NewType("SignupId", uuid.UUID)


@dataclass(frozen=True)
class Entrant:
    """What the record says of a member on the day of entry."""

    member_id: MemberId
    name: str
    union_path: UnionPath
    standing: Standing
    sex: Sex | None
    born_on: datetime.date | None
    trade: TradeGroup | None
    #: levels attended, by series
    levels: Mapping[str, int] = field(default_factory=dict)
    #: may not sign up for this kind before then
    paused_until: datetime.datetime | None = None
    #: the entry that the member is in already
    signup_id: SignupId | None = None
    #: where that entry stands, and whether it waits for this member's own word
    signup_state: State | None = None
    asked: bool = False


@dataclass(frozen=True)
class Named:
    """A colleague as the captain or a unit's officer writes him down. `phone`: digits."""

    name: str
    phone: str


@dataclass(frozen=True)
class Companion:
    """Somebody who is no member: a guest, or a child with its birth date. The captain is a child's guardian."""

    role: Role
    name: str
    born_on: datetime.date | None = None


@dataclass(frozen=True)
class Entry:
    """What a member hands in."""

    category: int = 1
    slot: int | None = None
    mates: tuple[Named, ...] = ()
    companions: tuple[Companion, ...] = ()
    #: as core.forms.read gives them; files are kept already
    answers: Answers = field(default_factory=dict)
    #: agreed to wait if there is no place
    wait: bool = True
    #: has said that he is the guardian of the children, agrees that they come, and looks after them there
    guardian: bool = False


@dataclass(frozen=True)
class PersonView:
    """One person of an entry. `name` is in clear for the entry's own people and the organiser, else masked."""

    ordinal: int
    role: Role
    presence: Presence
    name: str
    member_id: MemberId | None
    checked_in_at: datetime.datetime | None
    checked_in_by: str | None = None
    checked_in_how: How | None = None
    #: of a child
    born_on: datetime.date | None = None
    #: has said yes himself
    agreed: bool = False


@dataclass(frozen=True, kw_only=True)
class Signup:
    """An entry as its people and the organiser see it."""

    id: SignupId
    event_id: EventId
    number: str
    state: State
    category: int
    slot: int | None
    captain_id: MemberId
    people: tuple[PersonView, ...]
    created_at: datetime.datetime
    changed_at: datetime.datetime
    #: until when an offer, or the confirmation of the others, holds
    due_at: datetime.datetime | None
    #: place in the queue, 1 is next; only while waiting
    position: int | None
    #: label of the officer who entered them
    entered_by: str | None
    reason: str | None
    note: str | None
    tickets: int | None
    #: forming, but it was confirmed before somebody turned it down: to cancel it late is late
    stood: bool = False
    #: a place out of the line was once kept for it
    offered: bool = False


@dataclass(frozen=True)
class Entered:
    """What became of an entry, in few words. Fields as of Signup; `position` is left out where nobody asked for it."""

    id: SignupId
    number: str
    state: State
    due_at: datetime.datetime | None
    position: int | None = None


@dataclass(frozen=True)
class PauseRule:
    """So many misses within so many days lead to a pause of so many days."""

    free: int = 1
    within_days: int = 365
    pause_days: int = 30
