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


@dataclass(frozen=True)
class UnionView:
    id: UnionId
    parent_id: UnionId | None
    path: UnionPath
    level: Level
    name: dict[str, str]
