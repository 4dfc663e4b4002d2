import datetime
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from services.core.calendar import Hours, local_date, minute_of
from services.members.types import Standing
from services.merchants.types import BranchId, MerchantId
from services.unions.types import TradeGroup, UnionId, UnionPath

OfferId = NewType("OfferId", uuid.UUID)
VersionId = NewType("VersionId", uuid.UUID)


class OfferKind(StrEnum):
    PERCENT = "percent"  # 折扣
    AMOUNT_OFF = "amount_off"  # 满减
    FIXED_PRICE = "fixed_price"  # 一口价：账单多少都付这么多
    GIFT = "gift"  # 赠品
    MEMBER_PRICE = "member_price"  # 会员价：原价和会员价都标明，不用输金额


class AmountPolicy(StrEnum):
    """Whether the clerk types the bill."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NOT_ASKED = "not_asked"


class Holidays(StrEnum):
    """Public holidays (法定节假日), the weekends in them too."""

    ANY = "any"
    NOT = "not"
    ONLY = "only"


@dataclass(frozen=True)
class BranchShare:
    """A branch where the offer may be used, with its own stock if it has one."""

    branch_id: BranchId
    stock_total: int | None


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What one version of an offer says. Dates are days in China, both included; amounts are fen; None is no limit."""

    title: dict[str, str]
    kind: OfferKind
    amount_policy: AmountPolicy
    starts_on: datetime.date
    ends_on: datetime.date
    percent_off: int | None = None
    #: what a percentage takes off at most
    most_off_fen: int | None = None
    threshold_fen: int | None = None
    off_fen: int | None = None
    #: what the member pays: of a fixed price and a member price
    price_fen: int | None = None
    #: what everybody else pays for it: of a member price
    list_fen: int | None = None
    gift: dict[str, str] | None = None
    #: small print
    note: dict[str, str] | None = None
    #: 1 is Monday; none is every day
    weekdays: tuple[int, ...] = ()
    #: none is all day
    hours: tuple[Hours, ...] = ()
    holidays: Holidays = Holidays.ANY
    per_member_daily: int | None = None
    #: Monday to Sunday
    per_member_weekly: int | None = None
    per_member_monthly: int | None = None
    per_member_total: int | None = None
    stock_total: int | None = None
    #: none is every branch of the shop
    branches: tuple[BranchShare, ...] = ()
    #: what all uses together may take off
    budget_fen: int | None = None
    audience_union_id: UnionId | None = None
    #: none is every trade group, every standing that may use benefits
    audience_groups: tuple[TradeGroup, ...] = ()
    audience_standings: tuple[Standing, ...] = ()
    #: only for who has never used anything at this shop
    first_use: bool = False
    #: may be used together with another offer of the shop
    stacks: bool = False


@dataclass(frozen=True, kw_only=True)
class Offer(Terms):
    """An offer with the terms that hold now, and where its counters stand."""

    id: OfferId
    merchant_id: MerchantId
    version_id: VersionId
    number: int
    #: of the shop's federation: nobody else's members may use it
    federation_path: UnionPath
    stock_taken: int = 0
    budget_spent_fen: int = 0
    #: taken of a branch's own stock, by branch
    branch_taken: tuple[tuple[BranchId, int], ...] = ()
    audience_path: UnionPath | None = None
    audience_name: dict[str, str] | None = None
    paused: bool = False
    paused_by_shop: bool = False
    withdrawn: bool = False

    @property
    def stock_left(self) -> int | None:
        return None if self.stock_total is None else max(0, self.stock_total - self.stock_taken)

    @property
    def budget_left_fen(self) -> int | None:
        return None if self.budget_fen is None else max(0, self.budget_fen - self.budget_spent_fen)

    def left_at(self, branch_id: uuid.UUID) -> int | None:
        """What is left of that branch's own stock; None where it has none of its own."""
        total = next((share.stock_total for share in self.branches if share.branch_id == branch_id), None)
        return None if total is None else max(0, total - dict(self.branch_taken).get(BranchId(branch_id), 0))


@dataclass(frozen=True)
class Draft:
    """Terms that are being written: a new offer, or the next version of one. `revision` counts all writings of it."""

    offer_id: OfferId
    merchant_id: MerchantId
    revision: int
    terms: Terms
    drafted_by: str
    drafted_at: datetime.datetime
    #: the shop itself handed in the first draft
    proposed: bool = False
    #: versions of the offer that were published before
    published: bool = False


@dataclass(frozen=True)
class Moment:
    """An instant as offers see it. `holidays` says of that day and the one before whether they are public holidays."""

    at: datetime.datetime
    holidays: Collection[datetime.date] = frozenset()

    @property
    def day(self) -> datetime.date:
        return local_date(self.at)

    @property
    def minute(self) -> int:
        return minute_of(self.at)


@dataclass(frozen=True)
class Person:
    """Of a member what an audience asks for."""

    union_path: UnionPath
    standing: Standing
    trade_group: TradeGroup | None = None


@dataclass(frozen=True)
class Visit:
    """The member's latest use of another offer at this shop."""

    offer_title: dict[str, str]
    at: datetime.datetime
    stacks: bool


@dataclass(frozen=True)
class Uses:
    """How often one member has used one offer: today, this week, this month and in all, counted where it is limited.

    `been_here`: has used anything at this shop. `lately`: another offer of this shop, within rules.ONE_PURCHASE.
    """

    today: int = 0
    this_week: int = 0
    this_month: int = 0
    in_all: int = 0
    been_here: bool = False
    lately: Visit | None = None


@dataclass(frozen=True)
class Saving:
    """What one use is worth: the bill, what comes off, what is to pay. None where no amount was typed."""

    amount_fen: int | None
    saved_fen: int | None
    pay_fen: int | None
