"""What this package tells: payloads of the outbox."""

import uuid
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class ComplaintMade:
    """A member was not given an offer; told to the branch, and wherever an owner of the shop stands."""

    topic: ClassVar[str] = "complaints.made"
    complaint_id: uuid.UUID


@dataclass(frozen=True)
class ComplaintOverdue:
    """A day has passed without an answer; told to the shop's federation."""

    topic: ClassVar[str] = "complaints.overdue"
    complaint_id: uuid.UUID


@dataclass(frozen=True)
class ComplaintAnswered:
    """There is an answer; told to the member, and to the branch when it was the union that answered."""

    topic: ClassVar[str] = "complaints.answered"
    complaint_id: uuid.UUID
