import datetime
import uuid
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    Sequence,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Bilingual, Code, Key

POSITIONS = Sequence("signup_positions", metadata=Base.metadata)
"""Who began to wait first: a sequence, so that nobody queues at a counter; taken under a lock, see service.seats."""

_WAITING = "state = 'waiting'"


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


class Signup(Base):
    """An entry (报名): one person, a pair, a team or a family, all or none."""

    __tablename__ = "signups"
    __table_args__ = (
        UniqueConstraint("event_id", "number"),
        Index("ix_signups_waiting", "event_id", "position", postgresql_where=text(_WAITING)),
        Index(None, "event_id", "state", "id"),
        Index(None, "captain_id", "id"),
        # Few of all: what runs out.
        Index("ix_signups_due_at", "due_at", postgresql_where=text("due_at IS NOT NULL")),
        CheckConstraint(
            "state IN ('forming', 'applied', 'entered', 'waiting', 'offered', 'confirmed', 'cancelled', 'declined', "
            "'lapsed', 'refused', 'removed', 'called_off')",
            name="state",
        ),
        CheckConstraint("(state = 'waiting') <= (position IS NOT NULL)", name="waits_in_line"),
        CheckConstraint("(due_at IS NOT NULL) <= (state IN ('forming', 'offered', 'confirmed'))", name="due"),
        CheckConstraint("(state = 'offered') <= (due_at IS NOT NULL)", name="offer_ends"),
        CheckConstraint("tickets BETWEEN 1 AND 4", name="tickets"),
    )

    id: Mapped[Key]
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"))
    #: what is read out and published in a draw: random, says nothing of the order of arrival
    number: Mapped[str] = mapped_column(String(8))
    #: keys in the event's lists
    category: Mapped[int] = mapped_column(SmallInteger)
    slot: Mapped[int | None] = mapped_column(SmallInteger)
    state: Mapped[Code]
    #: a member; the guardian of its children
    captain_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("members.id"))
    #: how many places it takes of each quota, by ordinal: {"0": 2, "3": 1}
    counts: Mapped[dict[str, int]] = mapped_column(JSONB)
    #: where it stands in the waiting order
    position: Mapped[int | None] = mapped_column(BigInteger)
    #: until when an offer is kept, or the others may confirm; of one that stands, those who were asked in anew
    due_at: Mapped[datetime.datetime | None]
    #: in a draw: 1 to 4
    tickets: Mapped[int | None] = mapped_column(SmallInteger)
    #: the draw's verdict; none before it, and of entries that were not in it
    won: Mapped[bool | None]
    #: label of the officer who entered them, and his union
    entered_by: Mapped[str | None] = mapped_column(String(60))
    entered_union_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("unions.id"))
    #: sealed under "signups.answers": what they answered, as JSON
    answers: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: why an officer said no
    reason: Mapped[Code | None]
    #: sealed under "signups.note": what he wrote to them
    note: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: cancelled after the deadline; `refilled` when somebody else took the place after all
    late_at: Mapped[datetime.datetime | None]
    refilled: Mapped[bool] = mapped_column(default=False)
    #: when the line last gave it a place
    offered_at: Mapped[datetime.datetime | None]
    #: it was confirmed until one of its people turned it down and too few were left
    stood_until: Mapped[datetime.datetime | None]
    #: when the captain said that he is the guardian of the children who come with him, and agrees
    guardian_at: Mapped[datetime.datetime | None]
    #: members who were asked and in whose place the captain then named others: the link they have tells them so
    replaced: Mapped[list[uuid.UUID] | None] = mapped_column(ARRAY(Uuid))
    reminded_at: Mapped[datetime.datetime | None]
    created_at: Mapped[datetime.datetime]
    changed_at: Mapped[datetime.datetime]


class SignupPerson(Base):
    """A person of an entry. One member once: `once_id` is the event's, or one for each category."""

    __tablename__ = "signup_people"
    __table_args__ = (
        Index(
            "uq_signup_people_once", "once_id", "member_id", unique=True,
            postgresql_where=text("active AND member_id IS NOT NULL"),
        ),
        Index(None, "member_id", "signup_id"),
        Index(None, "event_id", "checked_in_at"),
        CheckConstraint("role IN ('member', 'guest', 'child')", name="role"),
        CheckConstraint("presence IN ('in', 'invited', 'declined')", name="presence"),
        CheckConstraint("(role = 'member') = (member_id IS NOT NULL)", name="member"),
        CheckConstraint("checked_in_how IN ('card', 'venue', 'name', 'paper', 'walk_in')", name="checked_in_how"),
        CheckConstraint("num_nulls(checked_in_at, checked_in_by, checked_in_how) IN (0, 3)", name="checked_in_whole"),
    )  # fmt: skip

    signup_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("signups.id", ondelete="CASCADE"), primary_key=True)
    #: the captain is 0
    ordinal: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("events.id"))
    once_id: Mapped[uuid.UUID]
    member_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("members.id"))
    role: Mapped[Code]
    presence: Mapped[Code]
    #: the entry is alive: keeps the person from signing up again
    active: Mapped[bool]
    #: sealed under "signup_people.said": name and birth date of somebody who is no member
    said: Mapped[bytes | None] = mapped_column(LargeBinary)
    checked_in_at: Mapped[datetime.datetime | None]
    #: label of the actor
    checked_in_by: Mapped[str | None] = mapped_column(String(60))
    checked_in_how: Mapped[Code | None]
    #: when a tick made on paper was typed in
    ticked_at: Mapped[datetime.datetime | None]
    #: when the person said yes himself; none while only another has spoken for him
    agreed_at: Mapped[datetime.datetime | None]
    #: the member who left this place after the deadline, until somebody else has it
    late_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("members.id"))


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
