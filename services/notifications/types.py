import datetime
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NewType

from services.core.errors import Value

DeliveryId = NewType("DeliveryId", uuid.UUID)


class RecipientKind(StrEnum):
    MEMBER = "member"
    BRANCH = "branch"
    UNION = "union"


@dataclass(frozen=True)
class Recipient:
    kind: RecipientKind
    id: uuid.UUID


@dataclass(frozen=True)
class Notice:
    """One thing to tell to one recipient: which template, and the facts that fill it."""

    recipient: Recipient
    template: str
    facts: dict[str, Value] = field(default_factory=dict)


Fan = Callable[[Mapping[str, Any]], list[Notice]]
"""From a message's payload to whom it is told."""


class DeliveryStatus(StrEnum):
    CREATED = "created"
    SENDING = "sending"  # leased: somebody is talking to the channel
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"  # the sender died between send and mark, and the channel cannot tell a repeat


@dataclass(frozen=True)
class InboxItem:
    id: uuid.UUID
    template: str
    facts: dict[str, Value]
    created_at: datetime.datetime
    read: bool
