"""Rows of entries: written, moved to another state, ended; the trace and the message of each."""

import datetime
import hashlib
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Boolean, bindparam, case, column, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from services.core import audit, outbox
from services.core.db import among, db, run
from services.core.errors import Conflict, LostRace, NotFound
from services.events import errors
from services.events.messages import SignupChanged, What
from services.events.models import POSITIONS, Signup, SignupPerson
from services.events.types import ACTIVE, Presence, SignupId, State

# One after the other in the order given; an aggregate, so that PostgreSQL leaves none out.
_CLAIMED = (
    select(func.count(func.pg_advisory_xact_lock(column("person", BigInteger))))
    .select_from(func.unnest(bindparam("persons", type_=ARRAY(BigInteger))).alias("person"))
    .scalar_subquery()
)
_CLAIM = select(_CLAIMED)
_POSITION = case((bindparam("waits", type_=Boolean), POSITIONS.next_value()))
_SIGNUP = (
    insert(Signup)
    .values(position=_POSITION)
    .on_conflict_do_nothing(index_elements=["event_id", "number"])
    .returning(Signup.id, _CLAIMED)
)
_PEOPLE = (
    insert(SignupPerson)
    .on_conflict_do_nothing(
        index_elements=["once_id", "member_id"], index_where=text("active AND member_id IS NOT NULL")
    )
    .returning(SignupPerson.ordinal)
)


def claim(once_id: uuid.UUID, member_ids: Iterable[uuid.UUID]) -> None:
    """Locks these members for what they may be in once, until the commit: two tries of one person wait for each other
    before either waits for places. Whoever locks the event and then writes an entry calls this first."""
    run(_CLAIM, {"persons": _persons((once_id, member_id) for member_id in member_ids)})


def write(signup: Mapping[str, Any], people: Sequence[Mapping[str, Any]]) -> None:
    """An entry and its people, who are claimed. Raises LostRace when its number is taken: it is drawn again, and when
    one of them has just got in elsewhere: looked at again, it is said who. Waits for another entry of the same person
    that is being written, in one order for all, so two teams do not wait for each other."""
    persons = _persons((one["once_id"], one["member_id"]) for one in people if one["member_id"])
    waits = signup["state"] is State.WAITING
    if run(_SIGNUP, {**signup, "waits": waits, "persons": persons}).first() is None:
        raise LostRace
    rows = sorted(people, key=lambda one: str(one["member_id"]))
    # One row alone costs half of what a list of one does.
    written = run(_PEOPLE, rows[0]) if len(rows) == 1 else db.session.connection().execute(_PEOPLE, rows)
    if len(written.all()) < len(rows):
        raise LostRace


def _persons(pairs: Iterable[tuple[uuid.UUID, uuid.UUID]]) -> list[int]:
    """A number of 64 bits for each, in the order in which they are locked."""
    digests = (hashlib.blake2b(once.bytes + member.bytes, digest_size=8).digest() for once, member in pairs)
    return sorted(int.from_bytes(digest, signed=True) for digest in digests)


def one(signup_id: uuid.UUID) -> Any:
    """The row of an entry as it is now. Raises NotFound(signup_unknown)."""
    row = db.session.execute(select(*Signup.__table__.c).where(Signup.id == signup_id)).first()
    if row is None:
        raise NotFound(errors.SIGNUP_UNKNOWN)
    return row


def agree(signup_id: uuid.UUID, member_id: uuid.UUID, *, now: datetime.datetime) -> None:
    """Notes that this person of it has said yes himself, the first time."""
    person = (SignupPerson.signup_id == signup_id) & (SignupPerson.member_id == member_id)
    db.session.execute(update(SignupPerson).where(person, SignupPerson.agreed_at.is_(None)).values(agreed_at=now))


def nobody_in(signup_id: uuid.UUID) -> None:
    """Raises Conflict(signup_in_already) when one of its people has been checked in. Locks the entry as the door does:
    nobody is checked in before the commit."""
    db.session.execute(select(Signup.id).where(Signup.id == signup_id).with_for_update(key_share=True))
    come = (SignupPerson.signup_id == signup_id) & SignupPerson.checked_in_at.is_not(None)
    if db.session.scalar(select(SignupPerson.ordinal).where(come).limit(1)) is not None:
        raise Conflict(errors.SIGNUP_IN_ALREADY)


def complete(signup_id: uuid.UUID) -> bool:
    """Have all of its people said yes?"""
    missing = (SignupPerson.signup_id == signup_id) & (SignupPerson.presence != Presence.IN)
    return db.session.scalar(select(SignupPerson.ordinal).where(missing).limit(1)) is None


def move(signup_id: uuid.UUID, to: State, *, actor: str, now: datetime.datetime, **values: Any) -> None:
    """Another state, under the event's lock; an entry that ends lets its people go. Audited."""
    moved = {"state": to, "position": None, "due_at": None, "changed_at": now, **values}
    db.session.execute(update(Signup).where(Signup.id == signup_id).values(moved))
    if to not in ACTIVE:
        db.session.execute(update(SignupPerson).where(SignupPerson.signup_id == signup_id).values(active=False))
    event_id = db.session.scalars(select(Signup.event_id).where(Signup.id == signup_id)).one()
    trace(signup_id, event_id, to, actor=actor, now=now)


def move_many(
    signup_ids: Collection[SignupId],
    to: State,
    *,
    event_id: uuid.UUID,
    actor: str,
    now: datetime.datetime,
    due_at: datetime.datetime | None = None,
) -> None:
    """As `move`, for the entries of one event, in four statements however many they are."""
    values: dict[str, Any] = {"state": to, "position": None, "due_at": due_at, "changed_at": now}
    if to is State.OFFERED:
        values["offered_at"] = now
    db.session.execute(update(Signup).where(among(Signup.id, signup_ids)).values(values))
    if to not in ACTIVE:
        of_these = among(SignupPerson.signup_id, signup_ids)
        db.session.execute(update(SignupPerson).where(of_these).values(active=False))
    detail = {"event": str(event_id)}
    audit.record_many(audit.Act(f"signup.{to}", actor, one, now, detail) for one in signup_ids)


def trace(
    signup_id: uuid.UUID,
    event_id: uuid.UUID,
    state: State,
    *,
    actor: str,
    now: datetime.datetime,
    telling: What | None = None,
) -> None:
    detail, told = {"event": str(event_id)}, SignupChanged(signup_id=signup_id, what=telling) if telling else None
    audit.record(f"signup.{state}", actor=actor, subject_id=signup_id, now=now, detail=detail, telling=told)


def tell(signup_id: uuid.UUID, what: What) -> None:
    outbox.post(SignupChanged(signup_id=signup_id, what=what))


def tell_many(signup_ids: Iterable[uuid.UUID], what: What) -> None:
    """As `tell`, a statement for a thousand."""
    outbox.post_many([SignupChanged(signup_id=one, what=what) for one in signup_ids])
