"""What this package tells: payloads of the outbox."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class RecordChanged:
    """An officer changed what is kept about members, one by one or by a sheet; told to each of them.

    `changed` has a line for each member: the id, then the names of the fields, never their values: name, union, sex,
    document, phone, standing. `changed_lines` writes them.
    """

    topic: ClassVar[str] = "members.record_changed"
    changed: str


def changed_lines(changed: Mapping[uuid.UUID, Sequence[str]]) -> str:
    return "\n".join(" ".join([str(member_id), *names]) for member_id, names in changed.items())


@dataclass(frozen=True)
class CorrectionAsked:
    """A member says that his record is wrong; told to the union in whose tray it lies."""

    topic: ClassVar[str] = "members.correction_asked"
    union_id: uuid.UUID
    request_id: uuid.UUID


@dataclass(frozen=True)
class CorrectionDecided:
    """An officer has decided on it; told to the member."""

    topic: ClassVar[str] = "members.correction_decided"
    member_id: uuid.UUID
    accepted: bool


@dataclass(frozen=True)
class UnmaskedOften:
    """One officer has read many records in full today; told to the federation above him."""

    topic: ClassVar[str] = "members.unmasked_often"
    #: path of the officer's union
    scope: str
    looks: int
    at: str
