import datetime
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Code, Key


class InboxMessage(Base):
    """What somebody was told, in facts: the words are made when it is read, in the reader's language."""

    __tablename__ = "inbox_messages"
    __table_args__ = (
        # Told once: the job may run twice, the row cannot.
        UniqueConstraint("message_id", "recipient_kind", "recipient_id", "template", name="uq_inbox_messages_told"),
        Index(None, "recipient_kind", "recipient_id", "id"),
        CheckConstraint("recipient_kind IN ('member', 'branch', 'union')", name="recipient_kind"),
    )

    id: Mapped[Key]
    #: the outbox message that this answers
    message_id: Mapped[uuid.UUID]
    #: types.Recipient
    recipient_kind: Mapped[Code]
    recipient_id: Mapped[uuid.UUID]
    template: Mapped[Code]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime.datetime]
    read_at: Mapped[datetime.datetime | None]


class Delivery(Base):
    """One inbox message on its way through one channel."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("inbox_id", "channel"),
        CheckConstraint("status IN ('created', 'sending', 'sent', 'failed', 'unknown')", name="status"),
        Index("ix_deliveries_open", "next_try_at", postgresql_where="status IN ('created', 'sending')"),
    )

    id: Mapped[Key]
    inbox_id: Mapped[uuid.UUID]
    channel: Mapped[Code]
    status: Mapped[Code]
    attempts: Mapped[int] = mapped_column(default=0)
    #: while sending: nobody else touches it before this time
    leased_until: Mapped[datetime.datetime | None]
    created_at: Mapped[datetime.datetime]
    #: while created: the sweep leaves it alone before this time
    next_try_at: Mapped[datetime.datetime]
    finished_at: Mapped[datetime.datetime | None]
