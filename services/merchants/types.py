import datetime
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from services.core.calendar import Hours
from services.unions.types import Place, UnionId, UnionPath

MerchantId = NewType("MerchantId", uuid.UUID)
AgreementId = NewType("AgreementId", uuid.UUID)
BranchId = NewType("BranchId", uuid.UUID)
ClerkId = NewType("ClerkId", uuid.UUID)
TradeCode = NewType("TradeCode", str)


@dataclass(frozen=True)
class Trade:
    """A trade of partner shops; the eight of the federation (八大行业) come with a migration."""

    code: TradeCode
    name: dict[str, str]
    icon: str


@dataclass(frozen=True)
class OpenHours:
    """On these weekdays (1 is Monday) from `hours.begin` to `hours.until`."""

    weekday: int
    hours: Hours


@dataclass(frozen=True)
class Branch:
    """One address as the public sees it. `hours` is empty where nobody said when it is open."""

    id: BranchId
    name: dict[str, str]
    address: dict[str, str]
    phone: str | None = None
    place: Place | None = None
    hours: tuple[OpenHours, ...] = ()


@dataclass(frozen=True)
class Shop:
    """A partner shop as the public sees it."""

    id: MerchantId
    name: dict[str, str]
    trade: Trade
    branches: tuple[Branch, ...]
    about: dict[str, str] | None = None
    #: on the day that was asked for
    takes_cards: bool = True


class State(StrEnum):
    """How a partner shop stands on a day, for the federation."""

    OPEN = "open"  # takes cards
    ENDING = "ending"  # takes cards, and its agreement ends within 30 days
    BEGINS = "begins"  # the agreement has not begun
    SUSPENDED = "suspended"
    NO_BRANCH = "no_branch"  # no branch is open
    ENDED = "ended"


@dataclass(frozen=True)
class Record:
    """Everything about a partner shop that its federation keeps, but for its agreements, branches and clerks."""

    id: MerchantId
    federation_id: UnionId
    federation_path: UnionPath
    name: dict[str, str]
    trade: Trade
    about: dict[str, str] | None
    #: first and last day with cards
    agreement_from: datetime.date
    agreement_until: datetime.date
    #: the first day without cards
    suspended_on: datetime.date | None
    suspension_reason: str | None
    plaque_number: str | None
    plaque_hung_on: datetime.date | None
    door_sign_on: datetime.date | None
    #: when the federation ended the partnership
    ended_at: datetime.datetime | None
    ended_reason: str | None
    state: State


@dataclass(frozen=True)
class Agreement:
    """A signed agreement as an officer reads it. `paper_key` is the signed paper in core/files, where one was kept."""

    id: AgreementId
    starts_on: datetime.date
    ends_on: datetime.date
    signed_on: datetime.date
    signed_by: str
    paper_key: str | None
    recorded_by: str
    recorded_at: datetime.datetime


@dataclass(frozen=True)
class Outlet:
    """A branch with what only the federation sees: whether it is closed."""

    branch: Branch
    closed_at: datetime.datetime | None


@dataclass(frozen=True)
class Post:
    """A till at which somebody may stand."""

    clerk_id: ClerkId
    merchant_name: dict[str, str]
    branch_name: dict[str, str]
    #: lets others in: opening it asks for a fresh proof
    owner: bool = False


@dataclass(frozen=True)
class Colleague:
    """A clerk, as the owner of the shop sees him."""

    clerk_id: ClerkId
    name: str
    owner: bool
    branch_id: BranchId
    branch_name: dict[str, str]


@dataclass(frozen=True)
class Counter:
    """Where a clerk stands: the facts that decide whether this till may take cards now."""

    merchant_id: MerchantId
    merchant_name: dict[str, str]
    branch_name: dict[str, str]
    clerk_name: str
    agreement_from: datetime.date
    agreement_until: datetime.date
    #: the first day without cards
    suspended_on: datetime.date | None
    branch_closed: bool
    clerk_left: bool
