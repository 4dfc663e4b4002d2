"""Ids, states, verdicts and views of imports."""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

from services.members.documents import Document, DocumentType, Sex
from services.members.types import MemberId, Standing
from services.unions.types import UnionId, UnionPath

ImportId = NewType("ImportId", uuid.UUID)


class Kind(StrEnum):
    ADDITIONS = "additions"  # 新增和更新
    WHOLE = "whole"  # 一个工会的全部会员


class State(StrEnum):
    READING = "reading"
    REFUSED = "refused"  # the file or the sheet cannot be used; nothing was staged
    CHECKED = "checked"  # every row has a verdict; waits for officers
    APPLYING = "applying"
    APPLIED = "applied"
    UNDOING = "undoing"
    UNDONE = "undone"
    DROPPED = "dropped"


class Field(StrEnum):
    """What is taken from a sheet, and nothing else."""

    NAME = "name"
    SEX = "sex"
    KIND = "kind"
    NUMBER = "number"
    PHONE = "phone"
    UNION = "union"
    CARD = "card"
    JOINED = "joined"
    BORN = "born"


class Oddity(StrEnum):
    """What is wrong with a cell before anybody asks what it says."""

    FORMULA = "formula"
    ERROR = "error"
    DIGITS_LOST = "digits_lost"


@dataclass(frozen=True, slots=True)
class Odd:
    """A cell whose content cannot be taken: what is wrong, and what could be seen of it."""

    oddity: Oddity
    text: str = ""


Cell = str | Odd
Cells = Mapping[Field, Cell]


class Weight(StrEnum):
    GOOD = "good"  # chosen unless an officer unticks it
    ASK = "ask"  # an officer must look and tick
    BAD = "bad"  # cannot be applied before it is corrected
    SKIP = "skip"  # no person, or the same again: nothing to do


class Verdict(StrEnum):
    """What is to be said of a row. `weight` follows from it."""

    NEW = "new"
    SAME = "same"
    CHANGES = "changes"
    MOVED = "moved"
    RETURNS = "returns"
    PHONE_PROPOSED = "phone_proposed"

    NAME_DIFFERS = "name_differs"
    LOOKS_KNOWN = "looks_known"
    SEX_DIFFERS = "sex_differs"
    BORN_DIFFERS = "born_differs"
    TOO_YOUNG = "too_young"
    TOO_OLD = "too_old"
    MISSING = "missing"

    NOT_A_PERSON = "not_a_person"
    HEADER_AGAIN = "header_again"
    EXAMPLE = "example"
    TWICE = "twice"

    FORMULA = "formula"
    CELL_ERROR = "cell_error"
    SIGNS_BROKEN = "signs_broken"
    NAME_MISSING = "name_missing"
    NAME_TOO_LONG = "name_too_long"
    NAME_SIGNS = "name_signs"
    NAME_OF_TWO = "name_of_two"
    DOCUMENT_MISSING = "document_missing"
    DOCUMENT_KIND_UNKNOWN = "document_kind_unknown"
    DOCUMENT_SIGNS = "document_signs"
    DOCUMENT_TOO_SHORT = "document_too_short"
    DOCUMENT_TOO_LONG = "document_too_long"
    DOCUMENT_REGION = "document_region"
    DOCUMENT_BIRTH_DATE = "document_birth_date"
    DOCUMENT_NOT_BORN_YET = "document_not_born_yet"
    DOCUMENT_CHECK_DIGIT = "document_check_digit"
    DOCUMENT_ROUNDED = "document_rounded"
    DOCUMENT_DIGITS_LOST = "document_digits_lost"
    DOCUMENT_PERMIT_FORM = "document_permit_form"
    DOCUMENT_TAIWAN_FORM = "document_taiwan_form"
    DOCUMENT_PASSPORT_FORM = "document_passport_form"
    DOCUMENT_FOREIGN_FORM = "document_foreign_form"
    DOCUMENT_SHARED = "document_shared"
    PERSON_TWICE = "person_twice"
    SEX_UNREADABLE = "sex_unreadable"
    BORN_UNREADABLE = "born_unreadable"
    PHONE_DIGITS_LOST = "phone_digits_lost"
    PHONE_TOO_SHORT = "phone_too_short"
    PHONE_TOO_LONG = "phone_too_long"
    PHONE_LANDLINE = "phone_landline"
    PHONE_SIGNS = "phone_signs"
    PHONE_OF_TWO = "phone_of_two"
    CARD_SIGNS = "card_signs"
    JOINED_UNREADABLE = "joined_unreadable"
    JOINED_IN_FUTURE = "joined_in_future"
    UNION_MISSING = "union_missing"
    UNION_UNKNOWN = "union_unknown"
    UNION_OUTSIDE = "union_outside"
    UNION_AMBIGUOUS = "union_ambiguous"
    BELONGS_ELSEWHERE = "belongs_elsewhere"

    @property
    def weight(self) -> Weight:
        return _WEIGHTS.get(self, Weight.BAD)


_WEIGHTS: dict[Verdict, Weight] = {
    **dict.fromkeys(
        (Verdict.NEW, Verdict.SAME, Verdict.CHANGES, Verdict.MOVED, Verdict.RETURNS, Verdict.PHONE_PROPOSED),
        Weight.GOOD,
    ),
    **dict.fromkeys(
        (
            Verdict.NAME_DIFFERS, Verdict.LOOKS_KNOWN, Verdict.SEX_DIFFERS, Verdict.BORN_DIFFERS, Verdict.TOO_YOUNG,
            Verdict.TOO_OLD, Verdict.MISSING,
        ),
        Weight.ASK,
    ),
    **dict.fromkeys(
        (Verdict.NOT_A_PERSON, Verdict.HEADER_AGAIN, Verdict.EXAMPLE, Verdict.TWICE), Weight.SKIP
    ),
}  # fmt: skip


class Note(StrEnum):
    """Worth saying of a row, whatever its verdict."""

    FROM_FIFTEEN = "from_fifteen"  # the number had 15 digits
    PHONE_PROPOSED = "phone_proposed"  # the sheet has another phone than the record
    PHONE_SHARED = "phone_shared"  # several people of the sheet or the roster have it
    CARD_LIKE_BANK = "card_like_bank"  # the printed number looks like a bank card: not taken
    SUSPENDED = "suspended"  # the member is suspended and stays so


class Action(StrEnum):
    """What applying a row does."""

    ENROL = "enrol"
    CHANGE = "change"
    LEAVE = "leave"
    NOTHING = "nothing"


class Outcome(StrEnum):
    """What became of a row that was chosen."""

    APPLIED = "applied"
    MOVED_ON = "moved_on"  # the member changed between check and apply: left alone
    OFFICERS = "officers"  # about an officer above or beside the one who applied, or about himself: left alone
    UNDONE = "undone"
    KEPT = "kept"  # somebody changed or used the record after the import: undo left it alone


@dataclass(frozen=True)
class Person:
    """What a good row says."""

    name: str
    document: Document
    union_id: UnionId
    phone: str | None = None
    sex: Sex | None = None
    born_on: datetime.date | None = None
    printed_card: str | None = None
    joined_on: datetime.date | None = None


@dataclass(frozen=True)
class Known:
    """The member that a row may be about. Sealed values stay sealed but the printed card."""

    member_id: MemberId
    name: str
    standing: Standing
    union_id: UnionId
    union_path: UnionPath
    sex: Sex | None
    born_on: datetime.date | None
    joined_on: datetime.date
    phone_index: bytes | None
    printed_card: str | None
    id_type: DocumentType | None


@dataclass(frozen=True)
class Judgement:
    verdict: Verdict
    action: Action = Action.NOTHING
    notes: tuple[Note, ...] = ()
    #: names of the columns of members that applying writes
    changes: tuple[str, ...] = ()
    person: Person | None = None
    known: Known | None = None


@dataclass(frozen=True)
class SheetReport:
    """What was seen of the columns: said to the officer, never what stands in them."""

    ignored: tuple[str, ...] = ()
    bank: tuple[str, ...] = ()
    not_taken: tuple[str, ...] = ()
    #: line after which more than a thousand rows were empty; what comes later was not read
    stopped_after: int | None = None


@dataclass(frozen=True)
class ImportView:
    id: ImportId
    union_id: UnionId
    union_path: UnionPath
    union_name: dict[str, str]
    kind: Kind
    state: State
    file_name: str
    fault: str | None
    fault_facts: dict[str, str]
    counts: dict[Verdict, int]
    outcomes: dict[Outcome, int]
    report: SheetReport
    progress: int
    total: int
    chosen: int
    missing: int
    members_before: int
    created_by: str
    created_at: datetime.datetime
    second_by: str | None
    applied_at: datetime.datetime | None
    undo_until: datetime.datetime | None
    cleared: bool

    @property
    def needs_second(self) -> bool:
        """More than a tenth of a whole list is missing: a second officer looks before it is applied."""
        return self.kind is Kind.WHOLE and self.missing * 10 > self.members_before

    def count(self, weight: Weight) -> int:
        return sum(count for verdict, count in self.counts.items() if verdict.weight is weight)


@dataclass(frozen=True)
class RowView:
    """A row as an officer sees it: masked, unless it is the one that is being corrected."""

    line: int
    verdict: Verdict
    action: Action
    notes: tuple[Note, ...]
    changes: tuple[str, ...]
    chosen: bool
    outcome: Outcome | None
    phone_taken: bool
    shown: dict[Field, str] = field(default_factory=dict)
