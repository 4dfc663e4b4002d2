import datetime
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Code, Key


class Credential(Base):
    """Password and second factor of an officer who signs in without WeChat (district, finance, system, auditor)."""

    __tablename__ = "credentials"

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    #: lower case
    login: Mapped[str] = mapped_column(String(40), unique=True)
    #: argon2id, with its parameters
    password_hash: Mapped[str] = mapped_column(String(200))
    #: sealed under "credentials.totp_secret"
    totp_secret: Mapped[bytes] = mapped_column(LargeBinary)
    #: the newest 30-second step that was used: a code works once
    totp_step: Mapped[int]
    changed_at: Mapped[datetime.datetime]


class FailedSignIns(Base):
    """Wrong passwords of one login from one source, so that guessing is slowed and the owner not locked out."""

    __tablename__ = "failed_sign_ins"

    #: keyed digest of login and source
    pair: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failures: Mapped[int]
    #: nobody gets in by this pair before then
    locked_until: Mapped[datetime.datetime | None]
    last_at: Mapped[datetime.datetime] = mapped_column(index=True)


class Invitation(Base):
    """A one-time link by which somebody becomes an officer: role x subtree, from the union above."""

    __tablename__ = "invitations"

    id: Mapped[Key]
    #: SHA-256 of the token in the link
    token_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    #: who is meant, as the inviter calls them
    name: Mapped[str] = mapped_column(String(60))
    role: Mapped[Code]
    union_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unions.id"), index=True)
    #: the last day of the role
    ends_on: Mapped[datetime.date | None]
    #: none: from the command line
    invited_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    #: the officer whose role and open work pass to whoever accepts
    takes_over_from: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime.datetime]
    expires_at: Mapped[datetime.datetime]
    withdrawn_at: Mapped[datetime.datetime | None]
    accepted_at: Mapped[datetime.datetime | None]
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))


class FactorReset(Base):
    """A lost second factor: one officer asks, another one agrees, the owner sets up a new one by a one-time link."""

    __tablename__ = "factor_resets"
    __table_args__ = (
        Index("uq_factor_resets_open", "account_id", unique=True, postgresql_where="closed_at IS NULL"),
        CheckConstraint("agreed_by <> asked_by AND asked_by <> account_id AND agreed_by <> account_id", name="two"),
    )

    id: Mapped[Key]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    asked_by: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    asked_at: Mapped[datetime.datetime]
    agreed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("accounts.id"))
    agreed_at: Mapped[datetime.datetime | None]
    #: SHA-256 of the token in the link
    token_digest: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    #: used, refused or out of time
    closed_at: Mapped[datetime.datetime | None]


class DeskSignIn(Base):
    """A computer's sign-in page waiting for a phone that scans its code (扫码登录)."""

    __tablename__ = "desk_sign_ins"

    #: SHA-256 of what the QR code carries
    code_digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    #: SHA-256 of what only the waiting browser holds
    browser_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    #: on the computer's screen, typed on the phone
    digits: Mapped[str] = mapped_column(String(2))
    #: what the person is shown before saying yes: "Chrome · Windows"
    device: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime.datetime]
    expires_at: Mapped[datetime.datetime] = mapped_column(index=True)
    #: the phone's session that said yes; the computer acts as the same person
    confirmed_by: Mapped[bytes | None] = mapped_column(LargeBinary)
    used_at: Mapped[datetime.datetime | None]
