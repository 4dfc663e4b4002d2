import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.accounts.types import AccountId
from services.members.types import Standing
from services.notifications.types import NoticeId
from services.unions.types import UnionId, UnionPath

__all__ = ["Count", "Draft", "NoticeId", "NoticeView", "Progress", "Readers", "SignedUp", "State", "UsedShop"]

Both = dict[str, str]
"""Chinese, and English if somebody wrote it."""


class State(StrEnum):
    DRAFT = "draft"
    WAITING = "waiting"  # for a second officer
    SCHEDULED = "scheduled"  # released, not begun
    SENDING = "sending"  # stands in the inboxes; the channels are at it
    SENT = "sent"
    STOPPED = "stopped"
    DROPPED = "dropped"


@dataclass(frozen=True)
class UsedShop:
    """Used their card at this shop within so many days before the notice begins."""

    shop_id: uuid.UUID
    days: int


@dataclass(frozen=True)
class SignedUp:
    """Have a place at this event when the notice begins, or wait for one.

    `private`: of a kind whose name no lock screen shows; the event says so when the notice is written.
    """

    event_id: uuid.UUID
    waiting: bool = False
    private: bool = False


@dataclass(frozen=True)
class Readers:
    """Who of a union and those below it: no standing means everybody who has not left."""

    standings: tuple[Standing, ...] = ()
    bound: bool = False
    #: what they did, if the notice answers it
    act: UsedShop | SignedUp | None = None

    @property
    def used(self) -> UsedShop | None:
        return self.act if isinstance(self.act, UsedShop) else None

    @property
    def signed_up(self) -> SignedUp | None:
        return self.act if isinstance(self.act, SignedUp) else None


@dataclass(frozen=True)
class Draft:
    """What an officer writes. `send_at`: not before; None: as soon as it is released."""

    union_id: UnionId
    title: Both
    body: Both
    readers: Readers = field(default_factory=Readers)
    sms: bool = False
    mass: bool = False
    send_at: datetime.datetime | None = None


@dataclass(frozen=True)
class NoticeView:
    id: NoticeId
    union_id: UnionId
    union_path: UnionPath
    union_name: Both
    author: AccountId
    title: Both
    body: Both
    readers: Readers
    sms: bool
    mass: bool
    state: State
    revision: int
    second_needed: bool
    people: int | None
    created_at: datetime.datetime
    send_at: datetime.datetime | None
    released_by: AccountId | None
    released_at: datetime.datetime | None
    started_at: datetime.datetime | None
    finished_at: datetime.datetime | None
    stopped_at: datetime.datetime | None
    withdrawn_at: datetime.datetime | None

    @property
    def leaves_the_house(self) -> bool:
        """Is there a lock screen that may show its title?"""
        return self.sms or self.mass or self.readers.act is not None


@dataclass(frozen=True)
class Count:
    """How many it reaches now, and by what. Somebody may be reached by both SMS and WeChat."""

    people: int
    wechat: int
    sms: int
    #: the inbox alone: `unbound` never signed in, `unwanted` switched notices off, `without` has no way to be reached
    inbox_only: int
    unbound: int
    unwanted: int
    without: int


@dataclass(frozen=True)
class Progress:
    """`told`: inboxes in which it stands; `pending`: of these, still to be taken further by a channel."""

    told: int
    pending: int
    read: int
    #: "sms sent" -> how many deliveries
    deliveries: Mapping[str, int]
    #: calls of the mass message by status
    mass: Mapping[str, int]

    @property
    def done(self) -> int:
        return max(self.told - self.pending, 0)

    def of(self, *statuses: str) -> int:
        return sum(self.deliveries.get(status, 0) for status in statuses)
