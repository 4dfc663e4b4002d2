import datetime
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Bilingual, Code, Key


class Merchant(Base):
    """A partner shop (合作商户) under an agreement with the federation."""

    __tablename__ = "merchants"
    __table_args__ = (
        CheckConstraint("agreement_from <= agreement_until", name="agreement_dates"),
        CheckConstraint(
            "trade IN ('sport', 'training', 'weddings', 'entertainment', "
            "'leisure', 'dining', 'appliances', 'car_repair')",
            name="trade",
        ),
    )

    id: Mapped[Key]
    name: Mapped[Bilingual]
    trade: Mapped[Code]
    #: first and last day of the agreement, both included, days in China
    agreement_from: Mapped[datetime.date]
    agreement_until: Mapped[datetime.date]
    suspended_at: Mapped[datetime.datetime | None]


class Branch(Base):
    """One address of a shop (门店)."""

    __tablename__ = "branches"

    id: Mapped[Key]
    merchant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("merchants.id"), index=True)
    name: Mapped[Bilingual]
    address: Mapped[Bilingual]
    closed_at: Mapped[datetime.datetime | None]


class Clerk(Base):
    """Somebody who may scan cards at one branch (店员)."""

    __tablename__ = "clerks"

    id: Mapped[Key]
    branch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("branches.id"), index=True)
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id"))
    name: Mapped[str] = mapped_column(String(60))
    #: may invite clerks and let them go (店主、店长)
    owner: Mapped[bool] = mapped_column(default=False)
    left_at: Mapped[datetime.datetime | None]


class ClerkInvite(Base):
    """Six digits by which somebody becomes a clerk of a branch, once, within ten minutes."""

    __tablename__ = "clerk_invites"

    #: blind index of the digits: two open invitations never have the same
    code_index: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    branch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("branches.id"))
    name: Mapped[str] = mapped_column(String(60))
    owner: Mapped[bool]
    expires_at: Mapped[datetime.datetime] = mapped_column(index=True)
