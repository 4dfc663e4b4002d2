"""What an officer says of an event. Times are aware UTC, ages whole years."""

import datetime
import uuid
from dataclasses import dataclass, field
from typing import NewType

from services.core.forms import Form
from services.events.types.states import PRIVATE, Door, Joining, Kind, Mode, Once, QuotaKind, Unit
from services.members.documents import Sex
from services.members.types import Standing
from services.unions.types import Place, TradeGroup, UnionId, UnionPath

EventId = NewType("EventId", uuid.UUID)
Both = dict[str, str]
"""Chinese, and English if somebody wrote it."""


@dataclass(frozen=True)
class Wave:
    """From `at` on, so many more places of the total are out (分批放号)."""

    at: datetime.datetime
    places: int


@dataclass(frozen=True)
class Category:
    """Something to enter for (组别). Least and most: members of one entry, the captain included."""

    key: int
    name: Both
    least: int = 1
    most: int = 1
    #: so many of its members at least: a mixed double has one of each
    men: int = 0
    women: int = 0
    guests: int = 0
    children: int = 0
    #: ages of children on the day of the event
    child_from: int = 0
    child_to: int = 17
    sex: Sex | None = None
    age_from: int | None = None
    age_to: int | None = None


@dataclass(frozen=True)
class Slot:
    """An arrival window (时段)."""

    key: int
    begins_at: datetime.datetime
    ends_at: datetime.datetime
    name: Both | None = None


@dataclass(frozen=True)
class Quota:
    """So many places for those whom it counts; no capacity is no limit. `of` by kind: nothing, a category's or slot's
    key, a union's path, a sex, (from, to) ages, trade groups."""

    ordinal: int
    kind: QuotaKind
    capacity: int | None
    unit: Unit = Unit.PEOPLE
    category: int | None = None
    slot: int | None = None
    union: UnionPath | None = None
    sex: Sex | None = None
    ages: tuple[int, int] | None = None
    trades: frozenset[TradeGroup] = frozenset()
    name: Both | None = None


@dataclass(frozen=True)
class Eligibility:
    """Who may sign up, read from the record on the day of entry; empty means everybody."""

    union: UnionPath | None = None
    standings: frozenset[Standing] = frozenset()
    trades: frozenset[TradeGroup] = frozenset()
    sex: Sex | None = None
    age_from: int | None = None
    age_to: int | None = None
    #: has attended an event of the same series at this level or above
    level: int | None = None


@dataclass(frozen=True, kw_only=True)
class Terms:
    """All that an officer says of an event."""

    kind: Kind
    title: Both
    text: Both
    place: Both
    point: Place | None = None
    starts_at: datetime.datetime
    ends_at: datetime.datetime
    opens_at: datetime.datetime
    closes_at: datetime.datetime
    #: after this whoever cancels counts as missing, unless the place is taken by somebody else
    cancel_until: datetime.datetime
    mode: Mode = Mode.FIRST_COME
    waves: tuple[Wave, ...] = ()
    categories: tuple[Category, ...]
    slots: tuple[Slot, ...] = ()
    #: the total first
    quotas: tuple[Quota, ...]
    eligibility: Eligibility = field(default_factory=Eligibility)
    once: Once = Once.EVENT
    joining: Joining = Joining.CONFIRM
    #: how many entries may wait; 0: no waiting list
    waiting_most: int = 200
    #: how long an offered place is kept at least: it never ends while people sleep (rules.offered_until)
    offer_minutes: int = 24 * 60
    #: no place is offered later than so many minutes before the beginning
    offers_end_minutes: int = 120
    #: a unit's officer may enter its people
    unit_entry: bool = False
    walk_ins: bool = False
    door: Door = Door.BOTH
    form: Form = field(default_factory=Form)
    #: whoever attends has this level of this series, e.g. "电工" 2
    series: str | None = None
    level: int | None = None
    #: public, of an office
    contact: str | None = None
    #: of core.files
    picture: str | None = None


@dataclass(frozen=True)
class Room:
    """A quota with what is taken of it."""

    quota: Quota
    taken: int

    @property
    def left(self) -> int | None:
        return None if self.quota.capacity is None else max(0, self.quota.capacity - self.taken)


@dataclass(frozen=True, kw_only=True)
class Event:
    """An event as a page needs it."""

    id: EventId
    union_id: UnionId
    union_path: UnionPath
    union_name: Both
    terms: Terms
    rooms: tuple[Room, ...]
    revision: int
    published_at: datetime.datetime | None
    cancelled_at: datetime.datetime | None
    cancelled_note: str | None
    drawn_at: datetime.datetime | None
    #: entries that wait
    waiting: int = 0
    #: entries in the draw, or to be decided; 0 where nobody asked for it (queries.events)
    undecided: int = 0

    @property
    def private(self) -> bool:
        return self.terms.kind in PRIVATE

    @property
    def total(self) -> Room:
        return self.rooms[0]
