import datetime
import uuid
from dataclasses import dataclass

from services.redemptions.types import RedemptionId, VoidReason
from services.reports.sums import Sums


@dataclass(frozen=True)
class HourFigure:
    """Redemptions in one hour of the day in China, 0 to 23."""

    hour: int
    redemptions: int


@dataclass(frozen=True)
class DayFigures:
    """One day in a subtree. What was undone is counted as `voided` only.

    `saved_fen` sums what was recorded and not disputed; `unrecorded` uses had no amount typed; of `disputed` ones the
    member says that it was somebody else.
    """

    day: datetime.date
    redemptions: int
    members: int
    saved_fen: int
    unrecorded: int
    disputed: int
    hours: tuple[HourFigure, ...]
    voided: int = 0


@dataclass(frozen=True)
class DayRow:
    id: uuid.UUID
    redeemed_at: datetime.datetime
    merchant_name: dict[str, str]
    branch_name: dict[str, str]
    offer_title: dict[str, str]
    masked_name: str
    union_name: dict[str, str]
    amount_fen: int | None
    saved_fen: int | None
    disputed: bool
    voided: bool = False


@dataclass(frozen=True)
class At:
    """What was done at one branch, or there by one clerk."""

    id: uuid.UUID
    branch_name: dict[str, str]
    clerk_name: str | None
    sums: Sums


@dataclass(frozen=True)
class ShopPeriod:
    """A shop's days from `first` to `last`; `days` holds those on which something happened, undone or not."""

    first: datetime.date
    last: datetime.date
    total: Sums
    days: tuple[tuple[datetime.date, Sums], ...]
    branches: tuple[At, ...]
    clerks: tuple[At, ...]


@dataclass(frozen=True, kw_only=True)
class ShopRow:
    """One redemption as its shop sees it. Amounts in fen, None where none was typed."""

    id: RedemptionId
    number: str
    redeemed_at: datetime.datetime
    branch_name: dict[str, str]
    clerk_name: str
    offer_title: dict[str, str]
    masked_name: str
    amount_fen: int | None
    saved_fen: int | None
    pay_fen: int | None
    #: since when it is in dispute; None again once the union let it stand
    disputed_at: datetime.datetime | None
    voided_at: datetime.datetime | None
    void_reason: VoidReason | None
