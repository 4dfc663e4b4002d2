import datetime
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Code, Key


class Follower(Base):
    """Whether one WeChat user follows the official account, as far as its events and refusals say."""

    __tablename__ = "followers"

    appid: Mapped[str] = mapped_column(String(32), primary_key=True)
    #: keyed digest, the same as wechat_identities.openid_index
    openid_index: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    #: sealed under "followers.openid"; only with `account_id`
    openid: Mapped[bytes | None] = mapped_column(LargeBinary)
    following: Mapped[bool]
    #: the platform's CreateTime of what said so: an event that is older changes nothing
    changed_at: Mapped[datetime.datetime]
    #: the account that showed the QR code by which this one follows; receives its messages, never signs in to it
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"), index=True)


class FollowScene(Base):
    """A QR code of the official account on somebody's page: the random scene, once and for a while."""

    __tablename__ = "follow_scenes"

    #: SHA-256 of the scene
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    expires_at: Mapped[datetime.datetime] = mapped_column(index=True)
    used_at: Mapped[datetime.datetime | None]


class Credit(Base):
    """What one WeChat user has consented to: so many messages of one template, or any number (long term)."""

    __tablename__ = "credits"
    __table_args__ = (
        UniqueConstraint("appid", "openid_index", "template_id"),
        CheckConstraint("least(granted, reserved, spent, lost, provisional) >= 0", name="not_negative"),
        CheckConstraint("granted >= reserved + spent + lost", name="covered"),
    )

    id: Mapped[Key]
    appid: Mapped[str] = mapped_column(String(32))
    openid_index: Mapped[bytes] = mapped_column(LargeBinary)
    #: the platform's id of the template
    template_id: Mapped[str] = mapped_column(String(64))
    #: consents that the platform told us of
    granted: Mapped[int] = mapped_column(default=0)
    #: held by deliveries under way
    reserved: Mapped[int] = mapped_column(default=0)
    spent: Mapped[int] = mapped_column(default=0)
    #: taken away: refused in the settings, or the platform said that none is left
    lost: Mapped[int] = mapped_column(default=0)
    #: consents that only the client told us of; never sent on
    provisional: Mapped[int] = mapped_column(default=0)
    #: long term: one consent, many messages, until it is taken back
    standing: Mapped[bool] = mapped_column(default=False)
    changed_at: Mapped[datetime.datetime]


class ChannelTemplate(Base):
    """A version of how a layout goes out on a channel: the provider's template and its key of each field."""

    __tablename__ = "channel_templates"
    __table_args__ = (
        # Of what was there may be many; one holds.
        Index(
            "uq_channel_templates_channel_layout_language", "channel", "provider", "layout", "language",
            unique=True, postgresql_where="ended_at IS NULL",
        ),
        UniqueConstraint("channel", "provider", "layout", "language", "version"),
        CheckConstraint("channel IN ('template', 'oa_subscribe', 'mp_subscribe', 'sms')", name="channel"),
    )  # fmt: skip

    id: Mapped[Key]
    channel: Mapped[Code]
    #: the app's id, or aliyun, tencent: a template belongs to one of them
    provider: Mapped[Code]
    #: templates.layouts, or for SMS the message's own name
    layout: Mapped[Code]
    language: Mapped[Code]
    version: Mapped[int]
    platform_id: Mapped[str] = mapped_column(String(64))
    #: our field -> the platform's key
    keys: Mapped[dict[str, Any]] = mapped_column(JSONB)
    long_term: Mapped[bool] = mapped_column(default=False)
    set_by: Mapped[str] = mapped_column(String(60))
    set_at: Mapped[datetime.datetime]
    ended_at: Mapped[datetime.datetime | None]


class Wish(Base):
    """What somebody switched off, by group of messages. No row: everything is on."""

    __tablename__ = "message_wishes"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    #: types.Group
    group: Mapped[Code] = mapped_column(primary_key=True)
    wechat: Mapped[bool]
    sms: Mapped[bool]


class Spoken(Base):
    """In which language somebody is written to outside the inbox. No row: Chinese."""

    __tablename__ = "message_languages"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    #: types.Language
    language: Mapped[Code]


class Block(Base):
    """An address that a channel refused for good: nothing goes there until the state changes."""

    __tablename__ = "blocks"

    channel: Mapped[Code] = mapped_column(primary_key=True)
    address_index: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    reason: Mapped[str] = mapped_column(String(60))
    since: Mapped[datetime.datetime]
