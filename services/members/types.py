import datetime
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from services.members.documents import Document, DocumentType, Sex
from services.unions.types import TradeGroup, UnionId, UnionPath

MemberId = NewType("MemberId", uuid.UUID)

Untouchable = Callable[[str, Collection[MemberId], datetime.datetime], Collection[MemberId]]
"""Of these members, those whose records this actor may not change now. Who holds which role is known above this room:
the view passes accounts.above.untouchable."""


def nobody(actor: str, members: Collection[MemberId], now: datetime.datetime) -> Collection[MemberId]:
    """Every record may be changed: for an actor who is no officer."""
    return ()


class Standing(StrEnum):
    """Where a person stands with the union (会籍状态)."""

    ACTIVE = "active"  # 正常
    GRACE = "grace"  # 续登宽限
    MOVING = "moving"  # 会籍转接中
    RETIRED = "retired"  # 退休
    SUSPENDED = "suspended"  # 暂停
    LEFT = "left"  # 离会


class LookReason(StrEnum):
    """Why an officer reads a record in full."""

    ASKED = "asked"  # 本人来电、来访核对
    CONTACT = "contact"  # 需要联系本人
    BINDING = "binding"  # 核实绑定申请
    BENEFIT = "benefit"  # 办理慰问、补助
    ROSTER = "roster"  # 核对花名册
    OTHER = "other"


class ChangeReason(StrEnum):
    """Why an officer changes a record."""

    ASKED = "asked"  # 本人提出
    PAPERS = "papers"  # 看过证件
    MOVED = "moved"  # 单位变动
    TYPED_WRONG = "typed_wrong"  # 原来录错
    OTHER = "other"


@dataclass(frozen=True)
class Clear:
    """A record with what is otherwise masked. For one look; never kept, logged or sent on."""

    name: str
    document: Document | None
    phone: str | None
    printed_card: str | None
    born_on: datetime.date | None


@dataclass(frozen=True)
class Correction:
    """What a record is to say; None leaves a field as it is. `no_phone` takes the phone away."""

    name: str | None = None
    union_id: UnionId | None = None
    sex: Sex | None = None
    document: Document | None = None
    phone: str | None = None
    no_phone: bool = False


@dataclass(frozen=True)
class NewMember:
    """What `enrol` takes, for many at once. `phone` is digits; the document may say sex and birth date."""

    name: str
    union_id: UnionId
    joined_on: datetime.date
    phone: str | None = None
    standing: Standing = Standing.ACTIVE
    document: Document | None = None
    sex: Sex | None = None
    born_on: datetime.date | None = None
    printed_card: str | None = None


@dataclass(frozen=True)
class Found:
    """Whom a document belongs to. `phone` is in clear: for binding and for what an officer types, never for a page."""

    member_id: MemberId
    name: str
    standing: Standing
    union_id: UnionId
    union_path: UnionPath
    phone: str | None


@dataclass(frozen=True)
class Holder:
    """What the till needs to know of a member, and no more."""

    member_id: MemberId
    name: str
    standing: Standing
    union_path: UnionPath
    union_name: dict[str, str]
    trade_group: TradeGroup | None = None


@dataclass(frozen=True)
class Sheet:
    """One record as an officer's page shows it: names and numbers are masked."""

    id: MemberId
    masked_name: str
    standing: Standing
    union_id: UnionId
    union_path: UnionPath
    union_name: dict[str, str]
    sex: str | None
    id_type: DocumentType | None
    masked_number: str | None
    masked_phone: str | None
    masked_card: str | None
    joined_on: datetime.date
    left_on: datetime.date | None
    changed_at: datetime.datetime | None


@dataclass(frozen=True)
class Profile:
    """Who a member is and where he stands; what is sealed is read apart, by who shows it."""

    id: MemberId
    name: str
    standing: Standing
    union_id: UnionId
    union_path: UnionPath
    union_name: dict[str, str]
    joined_on: datetime.date
    trade_group: TradeGroup | None = None
