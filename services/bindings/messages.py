"""What this package tells: payloads of the outbox."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Bound:
    """A member was bound; told to the member, who would know if it was somebody else."""

    topic: ClassVar[str] = "bindings.bound"
    member_id: uuid.UUID


@dataclass(frozen=True)
class BondMoved:
    """The bond went to another WeChat; told to the member, whose old phone is signed out."""

    topic: ClassVar[str] = "bindings.moved"
    member_id: uuid.UUID
    at: str


@dataclass(frozen=True)
class Unbound:
    """The bond ended; told to the member."""

    topic: ClassVar[str] = "bindings.unbound"
    member_id: uuid.UUID


@dataclass(frozen=True)
class RequestFiled:
    """A request lies in a union's tray; told to the union."""

    topic: ClassVar[str] = "bindings.filed"
    union_id: uuid.UUID
    request_id: uuid.UUID


@dataclass(frozen=True)
class RequestNudged:
    """A request has been waiting and is due soon; told to the union."""

    topic: ClassVar[str] = "bindings.nudged"
    union_id: uuid.UUID
    request_id: uuid.UUID


@dataclass(frozen=True)
class RequestRaised:
    """Nobody decided in time; told to the union above, whose request it is now, and to the one that missed it."""

    topic: ClassVar[str] = "bindings.raised"
    from_union_id: uuid.UUID
    to_union_id: uuid.UUID
    request_id: uuid.UUID
