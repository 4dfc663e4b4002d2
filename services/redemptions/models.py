import datetime
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Bilingual, Code, Key

_OPEN_DISPUTE = "disputed_at IS NOT NULL AND settled_at IS NULL AND voided_at IS NULL"


class Scan(Base):
    """A card that was held out at a till and read: good for five minutes and one redemption."""

    __tablename__ = "scans"
    __table_args__ = (UniqueConstraint("card_id", "ref"),)

    id: Mapped[Key]
    card_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cards.id"))
    #: which code of the card: cards.types.Presented.ref
    ref: Mapped[str] = mapped_column(String(40))
    source: Mapped[Code]
    clerk_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("clerks.id"))
    branch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("branches.id"))
    merchant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("merchants.id"))
    scanned_at: Mapped[datetime.datetime]
    expires_at: Mapped[datetime.datetime]


class Redemption(Base):
    """A discount given (核销): the row that says it happened. Only a dispute, its settling and an undoing change it."""

    __tablename__ = "redemptions"
    __table_args__ = (
        UniqueConstraint("scan_id"),
        Index(None, "member_id", "id"),
        Index(None, "branch_id", "id"),
        Index(None, "redeemed_at"),
        Index(None, "merchant_id", "redeemed_at"),
        # Those that somebody still has to look into: few of all.
        Index(None, "disputed_at", postgresql_where=text(_OPEN_DISPUTE)),
        # Looked through every hour for what is undone again and again.
        Index(None, "voided_at", postgresql_where=text("voided_at IS NOT NULL")),
        CheckConstraint(
            "num_nulls(amount_fen, saved_fen, pay_fen) IN (0, 3) AND amount_fen - saved_fen = pay_fen "
            "AND saved_fen >= 0 AND pay_fen >= 0",
            name="sum",
        ),
    )

    id: Mapped[Key]
    #: one scan, one redemption
    scan_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("scans.id"))
    offer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("offers.id"))
    #: the terms that it was decided by
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("offer_versions.id"))
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id"))
    merchant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("merchants.id"))
    branch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("branches.id"))
    clerk_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("clerks.id"))
    #: the terms as they were, for receipts: an offer may be reworded later
    offer_title: Mapped[Bilingual]
    gift: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    #: the bill, what came off, what was paid; empty where the clerk typed none
    amount_fen: Mapped[int | None]
    saved_fen: Mapped[int | None]
    pay_fen: Mapped[int | None]
    redeemed_at: Mapped[datetime.datetime]
    disputed_at: Mapped[datetime.datetime | None]
    #: an officer looked into the dispute, and the redemption stands
    settled_at: Mapped[datetime.datetime | None]
    #: undone: counts for no limit, no stock and no sum
    voided_at: Mapped[datetime.datetime | None]


class Void(Base):
    """An undoing (撤销): why, and by whom. Append-only; one a redemption."""

    __tablename__ = "voids"
    __table_args__ = (
        CheckConstraint("capacity IN ('clerk', 'owner', 'officer')", name="capacity"),
        CheckConstraint(
            "reason IN ('wrong_amount', 'wrong_offer', 'wrong_customer', 'returned', 'not_given', 'other')",
            name="reason",
        ),
    )

    redemption_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("redemptions.id", ondelete="CASCADE"), primary_key=True)
    voided_at: Mapped[datetime.datetime]
    #: label of the actor
    actor: Mapped[str] = mapped_column(String(60))
    capacity: Mapped[Code]
    reason: Mapped[Code]
    note: Mapped[str | None] = mapped_column(String(200))


class Settlement(Base):
    """What came out when an officer looked into a dispute that he did not undo. Append-only; one a redemption."""

    __tablename__ = "settlements"

    redemption_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("redemptions.id", ondelete="CASCADE"), primary_key=True)
    settled_at: Mapped[datetime.datetime]
    #: label of the officer
    actor: Mapped[str] = mapped_column(String(60))
    #: as the member is told it
    note: Mapped[str] = mapped_column(String(200))


class Attempt(Base):
    """A no at a till. Kept to answer "why not?" and to count wrong typed codes; append-only."""

    __tablename__ = "attempts"
    __table_args__ = (Index(None, "branch_id", "code", "at"),)

    id: Mapped[Key]
    at: Mapped[datetime.datetime]
    #: "scan" or "redeem"
    stage: Mapped[Code]
    #: the refusal's stable code, and its facts
    code: Mapped[Code]
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    clerk_id: Mapped[uuid.UUID]
    branch_id: Mapped[uuid.UUID]
    merchant_id: Mapped[uuid.UUID]
    #: known once the code has been read
    member_id: Mapped[uuid.UUID | None]
    offer_id: Mapped[uuid.UUID | None]
