"""Somebody lets go: cancels, leaves the line, is taken out."""

import datetime

from sqlalchemy import select

from services.accounts.types import MemberActor, OfficerActor
from services.core.db import db
from services.core.errors import Conflict, NotFound
from services.events import errors, notes, rules
from services.events.messages import What
from services.events.models import SignupPerson
from services.events.queries import events
from services.events.rows import read_counts
from services.events.service import seats, writing
from services.events.types import ACTIVE, HOLDING, Event, RefusedFor, SignupId, State


def cancel(*, actor: MemberActor, signup_id: SignupId, now: datetime.datetime) -> None:
    """The captain gives up the entry: a place, a turn in the line, a chance in the draw. Before the event begins.

    Promises: its places go to the next in line in this transaction. Too late (rules.free_until) it is noted,
    and is a miss unless somebody takes the place; not for a captain who has never said yes himself. Locks the event.
    Raises NotFound(signup_unknown) for others, Conflict(signup_over, event_begun, signup_in_already). Posts
    events.signup. Audited.
    """
    row = writing.one(signup_id)
    if row.captain_id != actor.member_id:
        raise NotFound(errors.SIGNUP_UNKNOWN)
    event = seats.hold(row.event_id)
    row = writing.one(signup_id)
    if State(row.state) not in ACTIVE:
        raise Conflict(errors.SIGNUP_OVER)
    if now >= event.terms.starts_at:
        raise Conflict(errors.EVENT_BEGUN)
    writing.nobody_in(signup_id)
    # One that stood and lost somebody keeps its places: to give them up is as late as before.
    stands = row.state == State.CONFIRMED or (row.state == State.FORMING and row.stood_until)
    late = stands and now > rules.free_until(event.terms, None if row.stood_until else row.changed_at)
    said_yes = select(SignupPerson.agreed_at).where(SignupPerson.signup_id == signup_id, SignupPerson.ordinal == 0)
    owed = late and db.session.scalar(said_yes) is not None
    let_go(event, signup_id, State.CANCELLED, actor=actor.label, now=now, late_at=now if owed else None)
    writing.tell(signup_id, What.CANCELLED)


def remove(*, actor: OfficerActor, signup_id: SignupId, reason: RefusedFor, note: str, now: datetime.datetime) -> None:
    """The organiser takes an entry out, and they are told why. Nobody who has come, and nobody once it is over: who
    was there and who was absent stays true. Locks the event.

    Raises NotFound(event_unknown, signup_unknown) outside of his scope, Conflict(signup_over, event_over,
    signup_in_already), Invalid(note_length). Posts events.signup. Audited.
    """
    row = writing.one(signup_id)
    events.managed(row.event_id, actor=actor)
    event = seats.hold(row.event_id)
    if State(writing.one(signup_id).state) not in ACTIVE:
        raise Conflict(errors.SIGNUP_OVER)
    if now >= event.terms.ends_at:
        raise Conflict(errors.EVENT_OVER)
    writing.nobody_in(signup_id)
    let_go(
        event, signup_id, State.REMOVED, actor=actor.label, now=now, reason=reason, note=notes.sealed(note)
    )  # fmt: skip
    writing.tell(signup_id, What.REMOVED)


def let_go(
    event: Event, signup_id: SignupId, to: State, *, actor: str, now: datetime.datetime, **values: object
) -> None:
    """Ends an entry, frees its places and moves up the line; under seats.hold."""
    row = writing.one(signup_id)
    writing.move(signup_id, to, actor=actor, now=now, **values)
    if State(row.state) in HOLDING:
        seats.give_back(event.id, read_counts(row.counts))
    # Who has left the line may have kept others from a place that was too small for him.
    seats.promote(event.id, now=now)
