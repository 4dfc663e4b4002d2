"""Of signing in, of officers, of people's records."""

import uuid
from collections.abc import Mapping
from typing import Any

from services.accounts.messages import GuessingStopped, RoleTaken
from services.core.outbox import Message
from services.notifications.types import Fan, Notice, Recipient, RecipientKind


def _guessing(payload: Mapping[str, Any]) -> list[Notice]:
    return [Notice(_union(payload), "guessing.union", {"at": payload["at"]})]


def _role_taken(payload: Mapping[str, Any]) -> list[Notice]:
    return [Notice(_union(payload), "role.union", {"at": payload["at"]})]


def _union(payload: Mapping[str, Any]) -> Recipient:
    return Recipient(RecipientKind.UNION, uuid.UUID(payload["union_id"]))


FANS: tuple[tuple[type[Message], Fan], ...] = (
    (GuessingStopped, _guessing),
    (RoleTaken, _role_taken),
)
