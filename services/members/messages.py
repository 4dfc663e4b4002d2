"""What this package tells: payloads of the outbox."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class RecordChanged:
    """An officer changed what is kept about members, one by one or by a sheet; told to each of them.

    `changed`: for each member's id the names of the fields, never their values: name, union, sex, document, phone,
    standing.
    """

    topic: ClassVar[str] = "members.record_changed"
    changed: Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class UnmaskedOften:
    """One officer has read many records in full today; told to the federation above him."""

    topic: ClassVar[str] = "members.unmasked_often"
    #: path of the officer's union
    scope: str
    looks: int
    at: str
