import datetime
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Code, Key


class Member(Base):
    """A person in the union (会员)."""

    __tablename__ = "members"
    __table_args__ = (
        CheckConstraint("standing IN ('active', 'grace', 'moving', 'retired', 'suspended', 'left')", name="standing"),
        CheckConstraint("sex IN ('male', 'female')", name="sex"),
        CheckConstraint("id_type IN ('mainland', 'hk_macao', 'taiwan', 'passport', 'foreign_permit')", name="id_type"),
        CheckConstraint("(id_type IS NULL) = (id_index IS NULL)", name="id_whole"),
    )

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(60))
    union_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unions.id"), index=True)
    standing: Mapped[Code]
    #: sealed under "members.phone"; several people may share one phone
    phone: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: blind index of the phone
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    joined_on: Mapped[datetime.date]
    sex: Mapped[Code | None]
    born_on: Mapped[datetime.date | None]
    #: kind of the identity document: documents.DocumentType
    id_type: Mapped[Code | None]
    #: sealed under "members.id_number"
    id_number: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: blind index of Document.index_text under "members.id_number"
    id_index: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    #: sealed under "members.printed_card": the number on the old service card, a reference and never a credential
    printed_card: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: the last day in the union; only of those who left
    left_on: Mapped[datetime.date | None]
    #: the last change of this record by anybody; an import is undone only where it made that change
    changed_at: Mapped[datetime.datetime | None]


class UnmaskTally(Base):
    """How many records in full an officer has read on a day in China: counted, so that many are noticed."""

    __tablename__ = "unmask_tallies"

    #: "officer:<account id>"
    actor: Mapped[str] = mapped_column(String(60), primary_key=True)
    day: Mapped[datetime.date] = mapped_column(primary_key=True)
    looks: Mapped[int]


class RosterImport(Base):
    """One sheet that an officer handed in."""

    __tablename__ = "roster_imports"
    __table_args__ = (
        CheckConstraint("kind IN ('additions', 'whole')", name="kind"),
        CheckConstraint(
            "state IN ('reading', 'refused', 'checked', 'applying', 'applied', 'undoing', 'undone', 'dropped')",
            name="state",
        ),
    )

    id: Mapped[Key]
    #: the list is of this union and those below it
    union_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unions.id"), index=True)
    #: path: members may be moved here out of unions within it only; the officer's scope at the upload
    reach: Mapped[str] = mapped_column(String(200))
    kind: Mapped[Code]
    state: Mapped[Code]
    #: sealed under "roster_imports.file_name": people put names into file names
    file_name: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: in core/files; none once it has been forgotten
    file_key: Mapped[str | None] = mapped_column(String(26))
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    #: whoever holds this is reading or staging: a second start takes it over and the first stops
    run: Mapped[uuid.UUID | None]
    #: code of errors.py why nothing was staged, and what its sentence needs
    fault: Mapped[Code | None]
    fault_facts: Mapped[dict[str, str]] = mapped_column(JSONB)
    #: headers that were ignored, dropped or not taken: types.SheetReport
    report: Mapped[dict[str, Any]] = mapped_column(JSONB)
    #: rows by verdict, and by outcome
    counts: Mapped[dict[str, int]] = mapped_column(JSONB)
    outcomes: Mapped[dict[str, int]] = mapped_column(JSONB)
    progress: Mapped[int]
    total: Mapped[int]
    #: of a whole list: members who are not in it, and how many the union had
    missing: Mapped[int]
    members_before: Mapped[int]
    #: labels of actors
    created_by: Mapped[str]
    created_at: Mapped[datetime.datetime] = mapped_column(index=True)
    second_by: Mapped[str | None]
    applied_by: Mapped[str | None]
    #: when the first and the last row was written; undoing starts from the last
    begun_at: Mapped[datetime.datetime | None]
    applied_at: Mapped[datetime.datetime | None]
    undo_until: Mapped[datetime.datetime | None]
    #: payloads and befores are gone
    cleared_at: Mapped[datetime.datetime | None]


class RosterRow(Base):
    """One row of a sheet, or a member whom a whole list does not name."""

    __tablename__ = "roster_rows"
    __table_args__ = (
        CheckConstraint("action IN ('enrol', 'change', 'leave', 'nothing')", name="action"),
        CheckConstraint("outcome IN ('applied', 'moved_on', 'officers', 'undone', 'kept')", name="outcome"),
        Index("ix_roster_rows_import_id_verdict_line", "import_id", "verdict", "line"),
        Index("ix_roster_rows_import_id_id_index", "import_id", "id_index"),
        Index("ix_roster_rows_import_id_phone_index", "import_id", "phone_index"),
        Index("ix_roster_rows_import_id_member_id", "import_id", "member_id"),
    )

    import_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("roster_imports.id"), primary_key=True)
    #: the row's number in the file; those who are missing follow after the last
    line: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: types.Verdict: of the row by itself, and beside the others of its sheet
    own_verdict: Mapped[Code]
    verdict: Mapped[Code]
    action: Mapped[Code]
    notes: Mapped[list[str]] = mapped_column(JSONB)
    #: names of the columns that applying writes
    changes: Mapped[list[str]] = mapped_column(JSONB)
    #: sealed under "roster_rows.payload": the cells that were taken
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: blind indexes of what the row says: they tell the rows of a sheet apart
    id_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    name_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: whom the row is about, if he is in the roster, or came into it with this row
    member_id: Mapped[uuid.UUID | None]
    chosen: Mapped[bool]
    outcome: Mapped[Code | None]
    #: sealed under "roster_rows.before": what the record held, for undoing
    before: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: members.changed_at as applying left it
    applied_at: Mapped[datetime.datetime | None]
    phone_taken_at: Mapped[datetime.datetime | None]
