"""What the worker does by itself after something came from outside: posted as a job. Nobody is told of it."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class CallbackKept:
    """The platform or an SMS provider told us something: work on it."""

    topic: ClassVar[str] = "notifications.callback"
    callback_id: uuid.UUID
