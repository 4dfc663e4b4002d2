import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from services.redemptions.types import RedemptionId

SignalId = NewType("SignalId", uuid.UUID)


class Kind(StrEnum):
    """What was seen. None of them proves anything."""

    FAST = "fast"  # 短时间内很多笔
    OWN_STAFF = "own_staff"  # 本店店员的会员卡在本店用
    AT_RESET = "at_reset"  # 次数一更新就用
    OFTEN = "often"  # 同一会员在同一门店用得很勤
    UNDONE_AGAIN = "undone_again"  # 用了又撤销，次数还了再用
    UNDONE_LATE = "undone_late"  # 当天之后撤销很多


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Something that was seen: once for each subject and day in China. `facts` are numbers for its sentence.

    `redemptions` are the newest of those that it was seen in.
    """

    kind: Kind
    day: datetime.date
    merchant_id: uuid.UUID
    branch_id: uuid.UUID | None = None
    clerk_id: uuid.UUID | None = None
    member_id: uuid.UUID | None = None
    facts: Mapping[str, int]
    redemptions: tuple[RedemptionId, ...]

    @property
    def subject(self) -> str:
        """Who or what it is about, to keep one line of it a day."""
        about = (self.merchant_id, self.branch_id, self.clerk_id, self.member_id)
        return ":".join(one.hex if one else "" for one in about)


@dataclass(frozen=True)
class Look:
    """Who looked, when, and what he found."""

    actor: str
    at: datetime.datetime
    note: str


@dataclass(frozen=True, kw_only=True)
class Signal:
    """A line for an officer of the shop's federation. Of a member the name is masked."""

    id: SignalId
    kind: Kind
    day: datetime.date
    merchant_id: uuid.UUID
    merchant_name: dict[str, str]
    branch_name: dict[str, str] | None
    clerk_name: str | None
    masked_name: str | None
    facts: Mapping[str, int]
    redemptions: tuple[RedemptionId, ...]
    found_at: datetime.datetime
    look: Look | None


@dataclass(frozen=True)
class AboutMember:
    """A line about a member as his own copy has it, after somebody has looked: no clerk's and no officer's name."""

    kind: Kind
    day: datetime.date
    facts: Mapping[str, int]
    looked_at: datetime.datetime
    note: str
