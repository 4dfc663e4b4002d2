import datetime
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from services.accounts.types import AccountId, Via
from services.members.documents import Document
from services.members.types import MemberId
from services.unions.types import UnionId, UnionPath

RequestId = NewType("RequestId", uuid.UUID)


class How(StrEnum):
    """How a bond came to be."""

    ROSTER = "roster"  # name, document and the roster's phone agreed
    TRAY = "tray"  # an officer decided
    BEFORE = "before"  # there before bonds were recorded


class BondEnd(StrEnum):
    """Why a bond ended."""

    MOVED = "moved"
    BY_MEMBER = "by_member"
    BY_OFFICER = "by_officer"
    CLOSED = "account_closed"


class Why(StrEnum):
    """What the roster alone could not settle. For officers only: it tells whether a document is known."""

    NOT_FOUND = "not_found"
    NAME_DIFFERS = "name_differs"
    OTHER_PHONE = "other_phone"
    SHARED_PHONE = "shared_phone"
    MOVED_LATELY = "moved_lately"
    HOLDS_ROLE = "holds_role"


class Status(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class RefusedFor(StrEnum):
    """The reasons that an officer chooses from; more in words of his own."""

    NOT_OURS = "not_ours"
    NOT_THE_PERSON = "not_the_person"
    NOT_REACHED = "not_reached"
    OTHER = "other"


@dataclass(frozen=True)
class Claim:
    """Who somebody says to be. `union_id` is the union that the worker named or whose poster was scanned."""

    name: str
    document: Document
    union_id: UnionId
    consent_version: str
    via: Via


@dataclass(frozen=True)
class Bound:
    """The claim was proven: this account acts for this member from now on."""

    account_id: AccountId
    member_id: MemberId


@dataclass(frozen=True)
class Filed:
    """The claim lies in a tray. The same for a document that nobody has."""

    request_id: RequestId
    due_at: datetime.datetime


@dataclass(frozen=True)
class Standing:
    """Where a request stands, as the worker sees it."""

    id: RequestId
    status: Status
    union_id: UnionId
    union_name: dict[str, str]
    union_phone: str | None
    filed_at: datetime.datetime
    due_at: datetime.datetime
    raised: bool
    closed_at: datetime.datetime | None
    reason: RefusedFor | None
    note: str | None


@dataclass(frozen=True)
class InTray:
    """One line of an officer's tray."""

    id: RequestId
    masked_name: str
    union_name: dict[str, str]
    why: Why
    crowded: bool
    filed_at: datetime.datetime
    due_at: datetime.datetime
    raised: bool


@dataclass(frozen=True)
class Compared:
    """One thing that the worker said beside what the roster says, both masked. None: the roster has nothing."""

    said: str
    roster: str | None
    same: bool


@dataclass(frozen=True)
class Case:
    """A request as the officer who decides it sees it."""

    line: InTray
    union_path: UnionPath
    account_id: AccountId
    member_id: MemberId | None
    status: Status
    name: Compared
    document: Compared
    phone: Compared
    #: how many members of the roster have the phone that was proven
    on_phone: int
    document_kind: str
    member_union: dict[str, str] | None
    member_standing: str | None
    #: the member is bound to another account already, which approval would end
    bound_elsewhere: bool
    #: the document is that of a member of a union that is none of this officer's: nothing of him is shown
    elsewhere: bool
    decided_by: str | None
    closed_at: datetime.datetime | None
