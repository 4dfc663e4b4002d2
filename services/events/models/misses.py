"""What is written after an event: who missed it and what that costs, who has reached a level."""

import datetime
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Code, Key


class EventMiss(Base):
    """Somebody had a place and did not come (爽约)."""

    __tablename__ = "event_misses"
    __table_args__ = (
        UniqueConstraint("event_id", "member_id"),
        Index(None, "member_id", "kind", "at"),
        CheckConstraint("because IN ('no_show', 'late_cancel')", name="because"),
        CheckConstraint("num_nulls(cleared_at, cleared_by, cleared_note) IN (0, 3)", name="cleared_whole"),
    )

    id: Mapped[Key]
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"))
    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id"))
    #: of the event
    kind: Mapped[Code]
    because: Mapped[Code]
    at: Mapped[datetime.datetime]
    cleared_at: Mapped[datetime.datetime | None]
    #: label of the officer
    cleared_by: Mapped[str | None] = mapped_column(String(60))
    #: sealed under "event_misses.cleared_note": what excuses somebody may be an illness
    cleared_note: Mapped[bytes | None] = mapped_column(LargeBinary)


class PauseRule(Base):
    """After how many misses a federation pauses sign-ups of a kind: types.PauseRule, where it differs from that."""

    __tablename__ = "pause_rules"
    __table_args__ = (CheckConstraint("free >= 0 AND within_days > 0 AND pause_days >= 0", name="range"),)

    union_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unions.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    free: Mapped[int] = mapped_column(SmallInteger)
    within_days: Mapped[int] = mapped_column(SmallInteger)
    pause_days: Mapped[int] = mapped_column(SmallInteger)


class Attainment(Base):
    """A level of a series that a member has (级别), by having attended."""

    __tablename__ = "attainments"

    member_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id"), primary_key=True)
    series: Mapped[str] = mapped_column(String(40), primary_key=True)
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"), primary_key=True)
    level: Mapped[int] = mapped_column(SmallInteger)
    at: Mapped[datetime.datetime]
