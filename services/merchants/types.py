import datetime
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

MerchantId = NewType("MerchantId", uuid.UUID)
BranchId = NewType("BranchId", uuid.UUID)
ClerkId = NewType("ClerkId", uuid.UUID)


class Trade(StrEnum):
    """The eight trades of the federation's partner shops (八大行业)."""

    SPORT = "sport"  # 体育健身
    TRAINING = "training"  # 教育培训
    WEDDINGS = "weddings"  # 婚庆摄影
    ENTERTAINMENT = "entertainment"  # 影视娱乐
    LEISURE = "leisure"  # 休闲旅游
    DINING = "dining"  # 餐饮美食
    APPLIANCES = "appliances"  # 家电数码
    CAR_REPAIR = "car_repair"  # 汽车维修


@dataclass(frozen=True)
class Shop:
    """A partner shop as the public sees it."""

    id: MerchantId
    name: dict[str, str]
    trade: Trade
    branches: tuple["Branch", ...]


@dataclass(frozen=True)
class Branch:
    id: BranchId
    name: dict[str, str]
    address: dict[str, str]


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
    suspended: bool
    branch_closed: bool
    clerk_left: bool
