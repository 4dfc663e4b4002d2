"""What the worker does for this package: posted as a job, told to nobody, so it has no template.

Not in messages.py, where everything is told by the gateway: a code must not wait for a plan, stand in an inbox, or be
tried again.
"""

import uuid
from dataclasses import dataclass
from typing import ClassVar

from services.core import outbox


@dataclass(frozen=True)
class SendCode:
    """Bring six digits to a phone. Neither travels with the job: they stand, sealed, in the code's own row."""

    topic: ClassVar[str] = "accounts.send_code"
    code_id: uuid.UUID


class PostedCodes:
    """The CodeSender of this application: the worker sends, ahead of everything that waits."""

    def send(self, *, code_id: uuid.UUID, phone: str, code: str) -> None:
        outbox.post(SendCode(code_id), priority=outbox.URGENT)
