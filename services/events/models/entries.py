"""Entries and their people."""

import datetime
import uuid

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
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core.db import Base, Code, Key

POSITIONS = Sequence("signup_positions", metadata=Base.metadata)
"""Who began to wait first: a sequence, so that nobody queues at a counter; taken under a lock, see service.seats."""

_WAITING = "state = 'waiting'"


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
