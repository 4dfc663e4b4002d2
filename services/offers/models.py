import datetime
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Bilingual, Code, Key


class Offer(Base):
    """Something that a shop gives to members. What exactly is said by its versions; here are its counters."""

    __tablename__ = "offers"
    __table_args__ = (
        Index(None, "merchant_id", "id"),
        CheckConstraint("stock_taken >= 0 AND stock_taken <= stock_total", name="stock"),
        CheckConstraint("budget_spent_fen >= 0 AND budget_spent_fen <= budget_fen", name="budget"),
    )

    id: Mapped[Key]
    merchant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("merchants.id"))
    #: the version that holds now; none while the first is a draft. The two tables point at each other: judged at commit
    version_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey(
            "offer_versions.id", use_alter=True, name="fk_offers_version_id", deferrable=True, initially="DEFERRED"
        )
    )
    #: as the version says: here again, so that the table itself refuses one too many
    stock_total: Mapped[int | None]
    budget_fen: Mapped[int | None]
    #: move only by the conditional UPDATE of service.counting.take
    stock_taken: Mapped[int] = mapped_column(default=0)
    budget_spent_fen: Mapped[int] = mapped_column(default=0)
    #: revisions are counted over all its drafts: whoever has seen one can mean no other
    drafts_written: Mapped[int]
    #: the shop or the federation holds it back for a while; what the federation holds back the shop does not let go
    paused_at: Mapped[datetime.datetime | None]
    paused_by_shop: Mapped[bool] = mapped_column(default=False)
    #: the shop itself wrote the first draft and handed it in
    proposed: Mapped[bool] = mapped_column(default=False)
    withdrawn_at: Mapped[datetime.datetime | None]


class Version(Base):
    """The terms of an offer (优惠条款). Once published never changed: a redemption points to what it was decided by.

    types.Terms says what they mean.
    """

    __tablename__ = "offer_versions"
    __table_args__ = (
        UniqueConstraint("offer_id", "number"),
        Index("uq_offer_versions_offer_id_draft", "offer_id", unique=True, postgresql_where="published_at IS NULL"),
        # A check that comes to NULL passes: a missing term must come to false.
        CheckConstraint(
            "coalesce(CASE kind WHEN 'percent' THEN percent_off BETWEEN 1 AND 99 "
            "WHEN 'amount_off' THEN off_fen BETWEEN 1 AND threshold_fen "
            "WHEN 'fixed_price' THEN price_fen > 0 "
            "WHEN 'member_price' THEN price_fen BETWEEN 1 AND list_fen - 1 AND amount_policy = 'not_asked' "
            "WHEN 'gift' THEN gift IS NOT NULL END, false)",
            name="terms",
        ),
        CheckConstraint("amount_policy IN ('required', 'optional', 'not_asked')", name="amount_policy"),
        CheckConstraint("holidays IN ('any', 'not', 'only')", name="holidays"),
        CheckConstraint("starts_on <= ends_on", name="dates"),
        CheckConstraint("most_off_fen > 0 AND stock_total >= 0 AND budget_fen >= 0", name="ranges"),
        CheckConstraint(
            "per_member_daily > 0 AND per_member_weekly > 0 AND per_member_monthly > 0 AND per_member_total > 0",
            name="limits",
        ),
        CheckConstraint(
            "budget_fen IS NULL OR kind = 'member_price' OR amount_policy = 'required'", name="budget_known"
        ),
        CheckConstraint("(published_at IS NULL) = (published_by IS NULL)", name="published_whole"),
    )

    id: Mapped[Key]
    offer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("offers.id"))
    #: 1, 2, 3 …
    number: Mapped[int]
    #: which writing of the offer's drafts this is: whoever publishes says which one he saw
    revision: Mapped[int] = mapped_column(default=1)
    title: Mapped[Bilingual]
    kind: Mapped[Code]
    amount_policy: Mapped[Code]
    starts_on: Mapped[datetime.date]
    ends_on: Mapped[datetime.date]
    percent_off: Mapped[int | None]
    most_off_fen: Mapped[int | None]
    threshold_fen: Mapped[int | None]
    off_fen: Mapped[int | None]
    price_fen: Mapped[int | None]
    list_fen: Mapped[int | None]
    gift: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    note: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    weekdays: Mapped[list[int]] = mapped_column(JSONB)
    #: [[begin, until], …] in minutes: core.calendar.Hours
    hours: Mapped[list[list[int]]] = mapped_column(JSONB)
    holidays: Mapped[Code]
    per_member_daily: Mapped[int | None]
    per_member_weekly: Mapped[int | None]
    per_member_monthly: Mapped[int | None]
    per_member_total: Mapped[int | None]
    stock_total: Mapped[int | None]
    #: [[branch, stock or null], …]
    branches: Mapped[list[list[Any]]] = mapped_column(JSONB)
    budget_fen: Mapped[int | None]
    #: only members of this union or below it; everybody when empty
    audience_union_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("unions.id"))
    audience_groups: Mapped[list[str]] = mapped_column(JSONB)
    audience_standings: Mapped[list[str]] = mapped_column(JSONB)
    first_use: Mapped[bool]
    stacks: Mapped[bool]
    #: labels of actors
    drafted_by: Mapped[str] = mapped_column(String(60))
    drafted_at: Mapped[datetime.datetime]
    published_by: Mapped[str | None] = mapped_column(String(60))
    published_at: Mapped[datetime.datetime | None]


class BranchStock(Base):
    """A branch's own stock of an offer (门店库存)."""

    __tablename__ = "branch_stocks"
    __table_args__ = (CheckConstraint("taken >= 0 AND taken <= total", name="stock"),)

    offer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("offers.id"), primary_key=True)
    branch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("branches.id"), primary_key=True)
    total: Mapped[int | None]
    taken: Mapped[int]


class Allowance(Base):
    """How often one member has used one offer in one window: a row that two tills queue at."""

    __tablename__ = "allowances"
    __table_args__ = (CheckConstraint("used >= 0", name="used"),)

    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id"), primary_key=True)
    offer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("offers.id"), primary_key=True)
    #: rules.windows: "all", a day in China "2026-11-22", a week "2026-W47", a month "2026-11"
    window: Mapped[str] = mapped_column(String(10), primary_key=True)
    used: Mapped[int]
