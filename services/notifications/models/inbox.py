import datetime
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, Index, LargeBinary, SmallInteger, String, UniqueConstraint
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
        Index("ix_inbox_messages_next_step_at", "next_step_at", postgresql_where="next_step_at IS NOT NULL"),
        CheckConstraint("recipient_kind IN ('member', 'branch', 'union')", name="recipient_kind"),
    )

    id: Mapped[Key]
    #: the outbox message that this answers
    message_id: Mapped[uuid.UUID]
    #: types.Recipient
    recipient_kind: Mapped[Code]
    recipient_id: Mapped[uuid.UUID]
    template: Mapped[Code]
    #: of the template's words: a message is read as it was told
    version: Mapped[int] = mapped_column(SmallInteger, default=1)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime.datetime]
    read_at: Mapped[datetime.datetime | None]
    archived_at: Mapped[datetime.datetime | None]
    #: when the ladder looks at it again: which channel is next; none when it is done with it
    next_step_at: Mapped[datetime.datetime | None]


class Delivery(Base):
    """One inbox message on its way to one account through one channel."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("inbox_id", "account_id", "channel"),
        CheckConstraint(
            "status IN ('created', 'sending', 'sent', 'delivered', 'read', 'expired', 'temporary_failure', "
            "'permanent_failure', 'technical_failure', 'unknown')",
            name="status",
        ),
        Index("ix_deliveries_open", "next_try_at", postgresql_where="status IN ('created', 'sending')"),
        Index("ix_deliveries_provider_id", "provider_id", postgresql_where="provider_id IS NOT NULL"),
        Index("ix_deliveries_unknown", "address_index", postgresql_where="status = 'unknown'"),
        Index("ix_deliveries_notice_id", "notice_id", "status", postgresql_where="notice_id IS NOT NULL"),
    )

    id: Mapped[Key]
    inbox_id: Mapped[uuid.UUID]
    #: whom it goes to. No foreign key: rows go by age, an account may go before
    account_id: Mapped[uuid.UUID]
    #: types.Channel
    channel: Mapped[Code]
    #: types.DeliveryStatus
    status: Mapped[Code]
    #: why it stands there: the channel's own code, or a short word of ours
    reason: Mapped[str | None] = mapped_column(String(60))
    attempts: Mapped[int] = mapped_column(default=0)
    #: goes out at night too
    at_once: Mapped[bool] = mapped_column(default=False)
    #: useless after this
    deadline_at: Mapped[datetime.datetime | None]
    #: while sending: nobody else touches it before this time
    leased_until: Mapped[datetime.datetime | None]
    created_at: Mapped[datetime.datetime]
    #: while created: nobody sends it before this time
    next_try_at: Mapped[datetime.datetime]
    finished_at: Mapped[datetime.datetime | None]
    #: keyed digest of the openid or phone that it went to, so that a callback finds it
    address_index: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: ChannelTemplate that it was filled by
    template_id: Mapped[uuid.UUID | None]
    #: Credit that it holds, from reservation until it is spent or given back
    credit_id: Mapped[uuid.UUID | None]
    #: what the channel calls it: msgid, BizId, SerialNo
    provider_id: Mapped[str | None] = mapped_column(String(64))
    #: the officer's notice that it belongs to
    notice_id: Mapped[uuid.UUID | None]


class Told(Base):
    """How many were told something on a day and how many read it: what stays when the messages have gone."""

    __tablename__ = "told_days"

    day: Mapped[datetime.date] = mapped_column(primary_key=True)
    template: Mapped[Code] = mapped_column(primary_key=True)
    told: Mapped[int] = mapped_column(default=0)
    read: Mapped[int] = mapped_column(default=0)
