"""What the worker does by itself after something came from outside: posted as a job. Nobody is told of it."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class CallbackKept:
    """The platform or an SMS provider told us something: work on it."""

    topic: ClassVar[str] = "notifications.callback"
    callback_id: uuid.UUID


@dataclass(frozen=True)
class TrialWritten:
    """A test message stands in an inbox with its deliveries: send them now, somebody waits for it."""

    topic: ClassVar[str] = "notifications.test"
    inbox_id: uuid.UUID


@dataclass(frozen=True)
class NoticeReleased:
    """An officer's notice may go out: put it into the inboxes, then send."""

    topic: ClassVar[str] = "notifications.notice_released"
    notice_id: uuid.UUID
