import datetime
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Bilingual, Code, Key


class Offer(Base):
    """What a shop gives to members. types.Offer says what the terms mean."""

    __tablename__ = "offers"
    __table_args__ = (
        Index(None, "merchant_id", "id"),
        # A check that comes to NULL passes: a missing term must come to false.
        CheckConstraint(
            "coalesce(CASE kind WHEN 'percent' THEN percent_off BETWEEN 1 AND 99 "
            "WHEN 'amount_off' THEN off_fen BETWEEN 1 AND threshold_fen "
            "WHEN 'gift' THEN gift IS NOT NULL END, false)",
            name="terms",
        ),
        CheckConstraint("amount_policy IN ('required', 'optional', 'not_asked')", name="amount_policy"),
        CheckConstraint("starts_on <= ends_on", name="dates"),
        CheckConstraint("stock_taken >= 0 AND stock_taken <= stock_total", name="stock"),
        CheckConstraint("per_member_daily > 0 AND per_member_total > 0", name="limits"),
    )

    id: Mapped[Key]
    merchant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("merchants.id"))
    title: Mapped[Bilingual]
    kind: Mapped[Code]
    percent_off: Mapped[int | None]
    threshold_fen: Mapped[int | None]
    off_fen: Mapped[int | None]
    gift: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    amount_policy: Mapped[Code]
    starts_on: Mapped[datetime.date]
    ends_on: Mapped[datetime.date]
    per_member_daily: Mapped[int | None]
    per_member_total: Mapped[int | None]
    stock_total: Mapped[int | None]
    #: moves only by the conditional UPDATE of service.take_stock
    stock_taken: Mapped[int] = mapped_column(default=0)
    #: only members of this union or below it; everybody when empty
    audience_union_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("unions.id"))
    withdrawn_at: Mapped[datetime.datetime | None]


class Allowance(Base):
    """How often one member has used one offer in one window: the row that two tills queue at."""

    __tablename__ = "allowances"

    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id"), primary_key=True)
    offer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("offers.id"), primary_key=True)
    #: "all", or a day in China: "2026-11-22"
    window: Mapped[str] = mapped_column(String(10), primary_key=True)
    used: Mapped[int]
