"""Rows of entries: written, moved to another state, ended; the trace and the message of each."""

import datetime
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from services.core import audit, outbox
from services.core.db import among, db, run
from services.core.errors import LostRace, NotFound
from services.events import errors
from services.events.messages import SignupChanged, What
from services.events.models import Signup, SignupPerson
from services.events.types import ACTIVE, Presence, SignupId, State

_SIGNUP = insert(Signup).on_conflict_do_nothing(index_elements=["event_id", "number"]).returning(Signup.id)
_PEOPLE = (
    insert(SignupPerson)
    .on_conflict_do_nothing(
        index_elements=["once_id", "member_id"], index_where=text("active AND member_id IS NOT NULL")
    )
    .returning(SignupPerson.ordinal)
)


def write(signup: Mapping[str, Any], people: Sequence[Mapping[str, Any]]) -> None:
    """An entry and its people. Raises LostRace when its number is taken: it is drawn again, and when one of them has
    just got in elsewhere: looked at again, it is said who. Waits for another entry of the same person that is being
    written; people are in the order of their ids, so two teams do not wait for each other."""
    if run(_SIGNUP, signup).first() is None:
        raise LostRace
    rows = sorted(people, key=lambda one: str(one["member_id"]))
    if len(db.session.connection().execute(_PEOPLE, rows).all()) < len(rows):
        raise LostRace


def one(signup_id: uuid.UUID) -> Any:
    """The row of an entry as it is now. Raises NotFound(signup_unknown)."""
    row = db.session.execute(select(*Signup.__table__.c).where(Signup.id == signup_id)).first()
    if row is None:
        raise NotFound(errors.SIGNUP_UNKNOWN)
    return row


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
    signup_ids: Collection[SignupId], to: State, *, event_id: uuid.UUID, actor: str, now: datetime.datetime
) -> None:
    """As `move`, for the entries of one event, in four statements however many they are."""
    values = {"state": to, "position": None, "due_at": None, "changed_at": now}
    db.session.execute(update(Signup).where(among(Signup.id, signup_ids)).values(values))
    if to not in ACTIVE:
        of_these = among(SignupPerson.signup_id, signup_ids)
        db.session.execute(update(SignupPerson).where(of_these).values(active=False))
    detail = {"event": str(event_id)}
    audit.record_many(audit.Act(f"signup.{to}", actor, one, now, detail) for one in signup_ids)


def trace(signup_id: uuid.UUID, event_id: uuid.UUID, state: State, *, actor: str, now: datetime.datetime) -> None:
    audit.record(f"signup.{state}", actor=actor, subject_id=signup_id, now=now, detail={"event": str(event_id)})


def tell(signup_id: uuid.UUID, what: What) -> None:
    outbox.post(SignupChanged(signup_id=signup_id, what=what))
