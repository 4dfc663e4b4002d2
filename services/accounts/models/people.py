import datetime
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Code, Key


class Account(Base):
    """Somebody who can sign in: a member, a clerk, an officer, or a visitor who is not bound to a member yet."""

    __tablename__ = "accounts"

    id: Mapped[Key]
    #: how the person is addressed on clerk and officer pages; a visitor has none
    display_name: Mapped[str] = mapped_column(String(60))
    #: the person in the roster; none for a visitor and for a shop clerk who is no member
    member_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("members.id"), unique=True)
    created_at: Mapped[datetime.datetime]
    #: last sign-in as an officer: three months without one and the account counts as left
    officer_seen_at: Mapped[datetime.datetime | None]


class RoleGrant(Base):
    """Role x subtree (权限 = 角色 × 工会子树), until a day or for good."""

    __tablename__ = "role_grants"
    __table_args__ = (
        # Of what has ended there may be many; in force there is one.
        Index(
            "uq_role_grants_account_id_role_union_id", "account_id", "role", "union_id",
            unique=True, postgresql_where="ended_at IS NULL",
        ),
        CheckConstraint(
            "role IN ('grassroots', 'town', 'district', 'finance', 'system', 'auditor')", name="role"
        ),
    )  # fmt: skip

    id: Mapped[Key]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    role: Mapped[Code]
    union_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unions.id"), index=True)
    granted_at: Mapped[datetime.datetime]
    #: the last day, in China; none: for good
    ends_on: Mapped[datetime.date | None]
    #: taken back before its time
    ended_at: Mapped[datetime.datetime | None]


class Session(Base):
    """One sign-in on one device. The token itself is never stored."""

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint(
            "CASE persona WHEN 'member' THEN member_id IS NOT NULL WHEN 'clerk' THEN clerk_id IS NOT NULL "
            "AND branch_id IS NOT NULL AND merchant_id IS NOT NULL ELSE persona IN ('officer', 'visitor') END",
            name="persona",
        ),
    )

    #: SHA-256 of the token
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    #: names the session to its owner, in the list of his devices
    id: Mapped[uuid.UUID] = mapped_column(unique=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    persona: Mapped[Code]
    #: who acts, fixed at sign-in, so that knowing the caller is one look-up; ending a clerk's work or a role ends
    #: the session. No foreign key on the shop's columns: merchants stand above accounts.
    member_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("members.id"))
    clerk_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    branch_id: Mapped[uuid.UUID | None]
    merchant_id: Mapped[uuid.UUID | None]
    #: types.Via
    via: Mapped[Code]
    #: what the owner will recognise: "WeChat · Android"
    device: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime.datetime]
    expires_at: Mapped[datetime.datetime] = mapped_column(index=True)
    #: to the minute, for officers; they are signed out when idle
    seen_at: Mapped[datetime.datetime]
    #: when the person last proved to be there, by a code to the phone or a second factor
    proved_at: Mapped[datetime.datetime | None]
    #: ended before its time, and why: what the device is told when it asks again
    ended_at: Mapped[datetime.datetime | None]
    ended_because: Mapped[Code | None]
