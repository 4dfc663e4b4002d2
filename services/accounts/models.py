import datetime
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Code, Key


class Account(Base):
    """Somebody who can sign in. How (WeChat, phone code, password) comes with the sign-in issue."""

    __tablename__ = "accounts"

    id: Mapped[Key]
    #: how the person is addressed on clerk and officer pages
    display_name: Mapped[str] = mapped_column(String(60))
    #: the person in the roster; none for a shop clerk who is no member
    member_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("members.id"), unique=True)
    created_at: Mapped[datetime.datetime]


class RoleGrant(Base):
    """Role x subtree (权限 = 角色 × 工会子树), until a day or for good. One subtree a role, for now."""

    __tablename__ = "role_grants"
    __table_args__ = (UniqueConstraint("account_id", "role"), CheckConstraint("role IN ('district')", name="role"))

    id: Mapped[Key]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    role: Mapped[Code]
    union_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unions.id"), index=True)
    ends_on: Mapped[datetime.date | None]


class Session(Base):
    """One sign-in on one device. The token itself is never stored."""

    __tablename__ = "sessions"
    __table_args__ = (
        CheckConstraint(
            "CASE persona WHEN 'member' THEN member_id IS NOT NULL WHEN 'clerk' THEN clerk_id IS NOT NULL "
            "AND branch_id IS NOT NULL AND merchant_id IS NOT NULL ELSE persona = 'officer' END",
            name="persona",
        ),
    )

    #: SHA-256 of the token
    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    persona: Mapped[Code]
    #: who acts, fixed at sign-in, so that knowing the caller is one look-up; ending a clerk's work or a role ends
    #: the session. No foreign key on the shop's columns: merchants stand above accounts.
    member_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("members.id"))
    clerk_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    branch_id: Mapped[uuid.UUID | None]
    merchant_id: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime.datetime]
    expires_at: Mapped[datetime.datetime] = mapped_column(index=True)
