import datetime
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Code, Key


class Signal(Base):
    """Something worth a look at a shop (值得看一眼), and what an officer found. It judges and blocks nothing."""

    __tablename__ = "signals"
    __table_args__ = (
        UniqueConstraint("kind", "day", "subject"),
        CheckConstraint(
            "kind IN ('fast', 'own_staff', 'at_reset', 'often', 'undone_again', 'undone_late')", name="kind"
        ),
        CheckConstraint("num_nulls(looked_by, looked_at, note) IN (0, 3)", name="look_whole"),
        Index(None, "merchant_id", "id"),
    )

    id: Mapped[Key]
    kind: Mapped[Code]
    #: the day in China on which it was seen; the Monday of what is counted over weeks
    day: Mapped[datetime.date]
    #: types.Seen.subject: shop, branch, clerk and member, as far as it is about them
    subject: Mapped[str] = mapped_column(String(140))
    merchant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("merchants.id"))
    branch_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("branches.id"))
    clerk_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("clerks.id"))
    member_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("members.id"), index=True)
    #: numbers for its sentence
    facts: Mapped[dict[str, int]] = mapped_column(JSONB)
    #: ids of the newest redemptions that it was seen in
    redemptions: Mapped[list[str]] = mapped_column(JSONB)
    found_at: Mapped[datetime.datetime]
    #: label of the officer who looked, when, and what he found
    looked_by: Mapped[str | None] = mapped_column(String(60))
    looked_at: Mapped[datetime.datetime | None]
    note: Mapped[str | None] = mapped_column(String(200))
