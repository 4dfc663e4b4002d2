import datetime
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Code, Key


class CorrectionRequest(Base):
    """A member says that something in his record is wrong. One open request a member."""

    __tablename__ = "correction_requests"
    __table_args__ = (
        Index("uq_correction_requests_member_id_open", "member_id", unique=True, postgresql_where="status = 'open'"),
        Index("ix_correction_requests_union_id_open", "union_id", "due_at", postgresql_where="status = 'open'"),
        Index(None, "member_id", "filed_at"),
        CheckConstraint("status IN ('open', 'done', 'refused', 'withdrawn')", name="status"),
        CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="closed"),
        CheckConstraint("(status = 'open') = (asked IS NOT NULL)", name="asked"),
    )

    id: Mapped[Key]
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id"))
    #: in whose tray it lies
    union_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unions.id"))
    status: Mapped[Code]
    #: names of what is to change: types.Wish
    fields: Mapped[list[str]] = mapped_column(JSONB)
    #: JSON of types.Wish, sealed under "correction_requests.asked"; gone when closed
    asked: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: the member proved within ten minutes to be there, or it is about neither phone nor document
    proven: Mapped[bool]
    filed_at: Mapped[datetime.datetime]
    due_at: Mapped[datetime.datetime]
    closed_at: Mapped[datetime.datetime | None] = mapped_column(index=True)
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    #: what the officer wrote to the member; sealed under "correction_requests.note"
    note: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: names of the fields that were written into the record
    outcome: Mapped[list[str]] = mapped_column(JSONB)
