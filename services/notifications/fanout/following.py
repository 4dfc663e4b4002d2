"""Of this package's own: who follows the official account for whom."""

import uuid
from collections.abc import Mapping
from typing import Any

from services.core.outbox import Message
from services.notifications.messages import FollowerLinked
from services.notifications.types import Fan, Notice, Recipient, RecipientKind


def _linked(payload: Mapping[str, Any]) -> list[Notice]:
    return [Notice(Recipient(RecipientKind.MEMBER, uuid.UUID(payload["member_id"])), "follow.linked")]


FANS: tuple[tuple[type[Message], Fan], ...] = ((FollowerLinked, _linked),)
