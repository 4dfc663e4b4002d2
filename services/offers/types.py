import datetime
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from services.merchants.types import MerchantId
from services.unions.types import UnionPath

OfferId = NewType("OfferId", uuid.UUID)


class OfferKind(StrEnum):
    PERCENT = "percent"  # 折扣
    AMOUNT_OFF = "amount_off"  # 满减
    GIFT = "gift"  # 赠品


class AmountPolicy(StrEnum):
    """Whether the clerk types the bill."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Terms of one offer. Dates are days in China, both included; amounts are fen; a limit of None is no limit."""

    id: OfferId
    merchant_id: MerchantId
    title: dict[str, str]
    kind: OfferKind
    percent_off: int | None
    threshold_fen: int | None
    off_fen: int | None
    gift: dict[str, str] | None
    amount_policy: AmountPolicy
    starts_on: datetime.date
    ends_on: datetime.date
    per_member_daily: int | None
    per_member_total: int | None
    stock_total: int | None
    stock_taken: int
    audience_path: UnionPath | None
    withdrawn: bool

    @property
    def stock_left(self) -> int | None:
        return None if self.stock_total is None else max(0, self.stock_total - self.stock_taken)


@dataclass(frozen=True)
class Uses:
    """How often one member has used one offer: today, and in all. Counted only where a limit needs it."""

    today: int = 0
    in_all: int = 0


@dataclass(frozen=True)
class Saving:
    """What one use is worth: the bill, what comes off, what is to pay. None where no amount was typed."""

    amount_fen: int | None
    saved_fen: int | None
    pay_fen: int | None
