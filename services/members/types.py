import datetime
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from services.members.documents import Document, Sex
from services.unions.types import UnionId, UnionPath

MemberId = NewType("MemberId", uuid.UUID)


class Standing(StrEnum):
    """Where a person stands with the union (会籍状态)."""

    ACTIVE = "active"  # 正常
    GRACE = "grace"  # 续登宽限
    MOVING = "moving"  # 会籍转接中
    RETIRED = "retired"  # 退休
    SUSPENDED = "suspended"  # 暂停
    LEFT = "left"  # 离会


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
    """Whom a document belongs to. `phone` is in clear: for binding and for the officer's door, never for a page."""

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
