import datetime
import uuid
from typing import Any

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Code, Key


class Callback(Base):
    """Something that the platform or an SMS provider told us: kept first, worked on afterwards, once."""

    __tablename__ = "callbacks"
    __table_args__ = (
        # The same event comes up to three times.
        UniqueConstraint("source", "event_digest"),
        Index("ix_callbacks_open", "next_try_at", postgresql_where="handled_at IS NULL"),
    )

    id: Mapped[Key]
    #: the app's id, or aliyun, tencent
    source: Mapped[str] = mapped_column(String(32))
    #: SHA-256 of MsgId, or of FromUserName + CreateTime + Event + its key
    event_digest: Mapped[bytes] = mapped_column(LargeBinary)
    event: Mapped[Code]
    #: the event as JSON, sealed under "callbacks.body": it names people
    body: Mapped[bytes] = mapped_column(LargeBinary)
    #: the sender's own time
    happened_at: Mapped[datetime.datetime]
    received_at: Mapped[datetime.datetime]
    next_try_at: Mapped[datetime.datetime]
    tries: Mapped[int] = mapped_column(default=0)
    handled_at: Mapped[datetime.datetime | None]


class CallbackNonce(Base):
    """A signed request that was taken: the same one again is a replay."""

    __tablename__ = "callback_nonces"

    #: SHA-256 of app, signature, timestamp and nonce
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    seen_at: Mapped[datetime.datetime] = mapped_column(index=True)


class Pause(Base):
    """A channel, or one template of it, that is left alone: for a while, or until an officer lets it go."""

    __tablename__ = "pauses"

    channel: Mapped[Code] = mapped_column(primary_key=True)
    #: "" for the whole channel, else the platform's id of the template
    subject: Mapped[str] = mapped_column(String(64), primary_key=True)
    #: none: until somebody has mended the cause and says so
    until: Mapped[datetime.datetime | None]
    #: the channel's code, or "breaker"
    reason: Mapped[str] = mapped_column(String(60))
    since: Mapped[datetime.datetime]
    #: how often in a row: a breaker waits longer each time
    times: Mapped[int] = mapped_column(default=1)


class SendingHour(Base):
    """What a channel did in an hour: for the plots and the metrics, long after the deliveries have gone."""

    __tablename__ = "sending_hours"

    hour: Mapped[datetime.datetime] = mapped_column(primary_key=True)
    channel: Mapped[Code] = mapped_column(primary_key=True)
    #: types.DeliveryStatus, or "retry"
    outcome: Mapped[Code] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(60), primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
    #: milliseconds that the channel took, all together
    took_ms: Mapped[int] = mapped_column(default=0)
    under_100: Mapped[int] = mapped_column(default=0)
    under_300: Mapped[int] = mapped_column(default=0)
    under_1000: Mapped[int] = mapped_column(default=0)
    under_3000: Mapped[int] = mapped_column(default=0)


class LocalMessage(Base):
    """What would have gone out, on a machine without WeChat or SMS: shown on the demo's page of a phone."""

    __tablename__ = "local_messages"

    id: Mapped[Key]
    channel: Mapped[Code]
    account_id: Mapped[uuid.UUID | None]
    #: title, fields, text, link: as a phone shows it
    shown: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime.datetime]
