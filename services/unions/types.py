import datetime
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

UnionId = NewType("UnionId", uuid.UUID)
UnionPath = NewType("UnionPath", str)
"""Codes of all nodes from the root down, each of four characters, joined by dots: "0001.0007.0123"."""


class Level(StrEnum):
    FEDERATION = "federation"  # 区总工会
    TOWN = "town"  # 镇街、园区总工会
    GRASSROOTS = "grassroots"  # 基层工会


class TradeGroup(StrEnum):
    """What the members of a grass-roots union do (行业、从业群体): offers and events may be for some of them."""

    MANUFACTURING = "manufacturing"  # 制造业
    CONSTRUCTION = "construction"  # 建筑
    COURIERS = "couriers"  # 快递员
    RIDERS = "riders"  # 外卖骑手
    DRIVERS = "drivers"  # 货车、网约车司机
    SANITATION = "sanitation"  # 环卫
    CARE = "care"  # 家政、护理
    SERVICES = "services"  # 商贸服务
    EDUCATION = "education"  # 教育
    HEALTH = "health"  # 卫生健康
    PUBLIC = "public"  # 机关事业单位


@dataclass(frozen=True)
class UnionView:
    id: UnionId
    parent_id: UnionId | None
    path: UnionPath
    level: Level
    name: dict[str, str]


@dataclass(frozen=True)
class Place:
    """A point on Chinese maps (GCJ-02), in degrees north and east."""

    latitude: float
    longitude: float


@dataclass(frozen=True)
class Contact:
    """How a union is reached. The phone is an office's, not a person's: everybody may read it."""

    phone: str | None = None
    address: dict[str, str] | None = None
    place: Place | None = None


@dataclass(frozen=True)
class Office:
    """A union as the public sees it. `above` is the name of the union above, None for a federation."""

    id: UnionId
    parent_id: UnionId | None
    path: UnionPath
    level: Level
    name: dict[str, str]
    above: dict[str, str] | None
    contact: Contact
    closed_at: datetime.datetime | None
    trade_group: TradeGroup | None = None
