"""An event, its quotas and its draw."""

import datetime
import uuid
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Bilingual, Code, Key


class Event(Base):
    """Something that a union puts on (活动). types.Terms says what the columns mean."""

    __tablename__ = "events"
    __table_args__ = (
        Index(None, "union_id", "id"),
        Index(None, "starts_at"),
        CheckConstraint(
            "kind IN ('sport', 'social', 'contest', 'lecture', 'clinic', 'checkup', 'training', 'trip', 'show')",
            name="kind",
        ),
        CheckConstraint("mode IN ('first_come', 'draw', 'approval')", name="mode"),
        CheckConstraint("joining IN ('confirm', 'vouched')", name="joining"),
        CheckConstraint("once IN ('event', 'category')", name="once"),
        CheckConstraint("door IN ('staff', 'venue', 'both')", name="door"),
        CheckConstraint("published_at IS NULL OR (opens_at < closes_at AND starts_at < ends_at)", name="times"),
        CheckConstraint("waiting_most >= 0 AND offer_minutes > 0 AND offers_end_minutes >= 0", name="waiting"),
        CheckConstraint("(cancelled_at IS NULL) = (cancelled_note IS NULL)", name="cancelled_whole"),
    )

    id: Mapped[Key]
    union_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("unions.id"))
    kind: Mapped[Code]
    title: Mapped[Bilingual]
    text: Mapped[Bilingual]
    place: Mapped[Bilingual]
    #: degrees in GCJ-02
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    starts_at: Mapped[datetime.datetime]
    ends_at: Mapped[datetime.datetime]
    opens_at: Mapped[datetime.datetime]
    closes_at: Mapped[datetime.datetime]
    cancel_until: Mapped[datetime.datetime]
    mode: Mapped[Code]
    #: [[instant, places], …]
    waves: Mapped[list[list[Any]]] = mapped_column(JSONB)
    #: rows.py has the shapes
    categories: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    slots: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    eligibility: Mapped[dict[str, Any]] = mapped_column(JSONB)
    once: Mapped[Code]
    joining: Mapped[Code]
    waiting_most: Mapped[int]
    offer_minutes: Mapped[int]
    offers_end_minutes: Mapped[int]
    unit_entry: Mapped[bool]
    walk_ins: Mapped[bool]
    door: Mapped[Code]
    form: Mapped[dict[str, Any]] = mapped_column(JSONB)
    series: Mapped[str | None] = mapped_column(String(40))
    level: Mapped[int | None] = mapped_column(SmallInteger)
    contact: Mapped[str | None] = mapped_column(String(60))
    #: in core/files
    picture: Mapped[str | None] = mapped_column(String(26))
    #: 1, 2, 3 …: whoever changes or publishes says which one he saw
    revision: Mapped[int]
    #: of the venue's rotating code: 35 random bits
    door_serial: Mapped[int] = mapped_column(BigInteger, unique=True)
    created_by: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime.datetime]
    published_at: Mapped[datetime.datetime | None]
    cancelled_at: Mapped[datetime.datetime | None]
    #: as members are told it
    cancelled_note: Mapped[str | None] = mapped_column(String(200))
    drawn_at: Mapped[datetime.datetime | None]
    #: misses and levels are written
    settled_at: Mapped[datetime.datetime | None]
    #: what was answered has had its time
    forgotten_at: Mapped[datetime.datetime | None]


class EventQuota(Base):
    """So many places of an event for those whom it counts (名额). 0 is the total; its row is the event's lock."""

    __tablename__ = "event_quotas"
    __table_args__ = (
        CheckConstraint("kind IN ('all', 'category', 'slot', 'union', 'sex', 'age', 'trade')", name="kind"),
        CheckConstraint("unit IN ('people', 'entries')", name="unit"),
        CheckConstraint("taken >= 0 AND taken <= capacity", name="taken"),
        CheckConstraint("(ordinal = 0) = (kind = 'all')", name="total_first"),
    )

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    kind: Mapped[Code]
    unit: Mapped[Code]
    #: what it counts, by kind: rows.py
    of: Mapped[dict[str, Any]] = mapped_column(JSONB)
    name: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    #: none: no limit
    capacity: Mapped[int | None]
    #: moves only by service.seats
    taken: Mapped[int] = mapped_column(default=0)
    #: of the event: here again, so that whoever takes a place by terms that are no longer true finds out
    revision: Mapped[int]


class Draw(Base):
    """The draw of an event (摇号): the promise before it, the files after it."""

    __tablename__ = "draws"
    __table_args__ = (CheckConstraint("num_nulls(drawn_at, revealed, entries, result) IN (0, 4)", name="whole"),)

    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id", ondelete="CASCADE"), primary_key=True)
    #: published with the event: draw.commitment of the seed, hexadecimal
    commitment: Mapped[str] = mapped_column(String(64))
    #: sealed under "draws.seed"
    seed: Mapped[bytes] = mapped_column(LargeBinary)
    committed_at: Mapped[datetime.datetime]
    drawn_at: Mapped[datetime.datetime | None]
    #: the seed, hexadecimal, once it is public
    revealed: Mapped[str | None] = mapped_column(String(64))
    #: the published files: entries.csv and draw.json
    entries: Mapped[str | None] = mapped_column(Text)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
