import datetime
import uuid

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Code, Key


class PlatformValue(Base):
    """What the platform lends us for a while, shared by all processes: access token and page ticket of one app."""

    __tablename__ = "platform_values"

    appid: Mapped[str] = mapped_column(String(32), primary_key=True)
    #: types.Lent
    kind: Mapped[Code] = mapped_column(primary_key=True)
    #: sealed under "platform_values.value"; none before the first renewal
    value: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: a margin before the platform's own end
    expires_at: Mapped[datetime.datetime | None]
    #: one process renews at a time; who dies doing it holds the others up until then
    leased_until: Mapped[datetime.datetime | None]
    lease_holder: Mapped[uuid.UUID | None]


class WechatIdentity(Base):
    """One WeChat user as one of our apps sees him. Which person it is says the account."""

    __tablename__ = "wechat_identities"
    __table_args__ = (UniqueConstraint("appid", "openid_index"), UniqueConstraint("account_id", "appid"))

    id: Mapped[Key]
    appid: Mapped[str] = mapped_column(String(32))
    #: sealed under "wechat_identities.openid": personal, and needed to send
    openid: Mapped[bytes] = mapped_column(LargeBinary)
    openid_index: Mapped[bytes] = mapped_column(LargeBinary)
    #: joins the apps of one Open Platform account; sealed under "wechat_identities.unionid"
    unionid: Mapped[bytes | None] = mapped_column(LargeBinary)
    unionid_index: Mapped[bytes | None] = mapped_column(LargeBinary, index=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime.datetime]


class SignInState(Base):
    """One way to WeChat and back: the state in the address must be the one of the browser that left."""

    __tablename__ = "sign_in_states"

    #: SHA-256 of the state
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    #: SHA-256 of what only the browser holds
    browser_digest: Mapped[bytes] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime.datetime] = mapped_column(index=True)
    used_at: Mapped[datetime.datetime | None]
