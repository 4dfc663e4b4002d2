import datetime
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Bilingual, Code, Key


class OfficerNotice(Base):
    """A text of a union to many members (工会通知). Above a number of readers a second officer releases it."""

    __tablename__ = "officer_notices"
    __table_args__ = (
        CheckConstraint(
            "status IN ('draft', 'waiting', 'scheduled', 'sending', 'sent', 'stopped', 'dropped')", name="status"
        ),
        CheckConstraint("released_by IS DISTINCT FROM author OR NOT second_needed", name="two_people"),
        CheckConstraint(
            "status IN ('draft', 'waiting', 'dropped') OR released_by IS NOT NULL", name="released_before_sending"
        ),
        Index("ix_officer_notices_union_id_id", "union_id", "id"),
        Index("ix_officer_notices_due", "send_at", postgresql_where="status IN ('scheduled', 'sending')"),
    )

    id: Mapped[Key]
    #: whose notice it is: its readers are in this union's subtree
    union_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unions.id"))
    #: account of whoever wrote it last: never the one who releases it where a second is needed
    author: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    title: Mapped[Bilingual]
    body: Mapped[Bilingual]
    #: notices.audience: who reads it
    audience: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sms: Mapped[bool]
    #: 群发: the official account's own mass message
    mass: Mapped[bool]
    status: Mapped[Code]
    #: goes up with every change: what is released is what was read
    revision: Mapped[int] = mapped_column(default=1)
    second_needed: Mapped[bool]
    #: readers when it was last counted
    people: Mapped[int | None]
    created_at: Mapped[datetime.datetime]
    #: not before; none: as soon as it is released
    send_at: Mapped[datetime.datetime | None]
    released_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    released_at: Mapped[datetime.datetime | None]
    started_at: Mapped[datetime.datetime | None]
    finished_at: Mapped[datetime.datetime | None]
    stopped_at: Mapped[datetime.datetime | None]
    #: shown instead of the text from then on
    withdrawn_at: Mapped[datetime.datetime | None]


class MassSend(Base):
    """One call of the official account's mass message: up to 10,000 followers of one notice."""

    __tablename__ = "mass_sends"
    __table_args__ = (
        UniqueConstraint("notice_id", "chunk"),
        CheckConstraint(
            "status IN ('created', 'sending', 'sent', 'delivered', 'expired', 'temporary_failure', "
            "'permanent_failure', 'technical_failure', 'unknown')",
            name="status",
        ),
    )

    id: Mapped[Key]
    notice_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("officer_notices.id"))
    chunk: Mapped[int]
    people: Mapped[int]
    status: Mapped[Code]
    reason: Mapped[str | None] = mapped_column(String(60))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime.datetime]
    leased_until: Mapped[datetime.datetime | None]
    sent_at: Mapped[datetime.datetime | None]
    provider_id: Mapped[str | None] = mapped_column(String(64))
