import datetime
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from services.members.documents import Document
from services.members.types import MemberId
from services.unions.types import UnionId

CorrectionId = NewType("CorrectionId", uuid.UUID)


class CorrectionStatus(StrEnum):
    OPEN = "open"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Wish:
    """What a member says is right; None: as it is. `words` is for what no field is for."""

    name: str | None = None
    phone: str | None = None
    document: Document | None = None
    words: str = ""


@dataclass(frozen=True)
class Asked:
    """A request as its member sees it."""

    id: CorrectionId
    status: CorrectionStatus
    #: names of what is to change: name, phone, document, words
    fields: tuple[str, ...]
    union_name: dict[str, str]
    union_phone: str | None
    filed_at: datetime.datetime
    due_at: datetime.datetime
    closed_at: datetime.datetime | None
    note: str | None


@dataclass(frozen=True)
class CorrectionLine:
    """One line of an officer's tray."""

    id: CorrectionId
    member_id: MemberId
    masked_name: str
    union_id: UnionId
    union_name: dict[str, str]
    fields: tuple[str, ...]
    filed_at: datetime.datetime
    due_at: datetime.datetime
    #: False: asked for without a proof; an officer has to have called
    proven: bool


@dataclass(frozen=True)
class Change:
    """What a record says and what the member says is right, both masked; "words" is as he wrote it."""

    field: str
    now: str | None
    asked: str


@dataclass(frozen=True)
class CorrectionCase:
    """A request as the officer who decides it sees it."""

    line: CorrectionLine
    status: CorrectionStatus
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Look:
    """Somebody read or changed this member's record. Who: a union's office, never the officer's own name."""

    id: uuid.UUID
    at: datetime.datetime
    #: the audit entry's action: "member.unmasked"
    action: str
    #: roles and union at that time; empty for the system and for roles that nobody can tell any more
    roles: tuple[str, ...]
    union_name: dict[str, str] | None
    #: LookReason or ChangeReason
    reason: str | None
    note: str | None
    #: names of the fields that were changed
    changed: tuple[str, ...]
