"""Places that were kept for somebody out of the line: taken, turned down, run out."""

import datetime
import uuid
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from services.accounts.types import MemberActor
from services.core.db import db
from services.core.errors import Conflict, NotFound
from services.events import door_rules, errors, rules
from services.events.messages import What
from services.events.models import Event, EventQuota, Signup
from services.events.rows import read_counts
from services.events.service import joining, replacing, seats, writing
from services.events.service.leaving import let_go
from services.events.types import SignupId, State

JOB = "job:waiting-line"
AT_ONCE = 500
"""Entries that one transaction ends: after a draw tens of thousands wait, and a statement has five seconds."""


def accept(*, actor: MemberActor, signup_id: SignupId, now: datetime.datetime) -> None:
    """The captain takes the place. Locks the event; accepting twice is no error.

    Raises NotFound(signup_unknown), Conflict(offer_over, not_offered). Posts events.signup. Audited.
    """
    row = _own(actor, signup_id)
    event = seats.hold(row.event_id)
    row = writing.one(signup_id)
    if row.state in (State.CONFIRMED, State.FORMING):
        return
    _must_be_offered(row, now)
    waits = not joining.stands(event, row, now)
    state = State.FORMING if waits else State.CONFIRMED
    due_at = rules.join_by(event.terms, now) if waits else None
    writing.move(signup_id, state, actor=actor.label, now=now, due_at=due_at)
    writing.agree(signup_id, row.captain_id, now=now)
    seats.filled(event, read_counts(row.counts), now=now)
    writing.tell(signup_id, What.FORMING if waits else What.CONFIRMED)


def decline(*, actor: MemberActor, signup_id: SignupId, now: datetime.datetime) -> None:
    """The captain turns the place down, and it goes to the next. Locks the event; declining twice is no error.

    Raises NotFound(signup_unknown), Conflict(offer_over, not_offered). Posts events.signup. Audited.
    """
    row = _own(actor, signup_id)
    event = seats.hold(row.event_id)
    row = writing.one(signup_id)
    if row.state == State.DECLINED:
        return
    _must_be_offered(row, now)
    let_go(event, signup_id, State.DECLINED, actor=actor.label, now=now)
    writing.tell(signup_id, What.DECLINED)


def expire(now: datetime.datetime) -> int:
    """Takes back, at one event, what was not taken or confirmed in time, and moves up its line; an entry that stands
    goes on without those who were asked in anew and have not answered. Or, where it is too late to offer anything,
    lets those go who still wait. Some hundreds at a time: run it until it returns 0; each time
    is a transaction.

    Locks the event, unless somebody else does: then another. Posts events.signup (lapsed, offered). Audited.
    """
    event_id = db.session.scalar(_with_something_due(now))
    if event_id is None:
        return 0
    event = seats.hold(event_id)
    due = (
        select(Signup.id)
        .where(Signup.event_id == event_id, _is_due(now))
        .order_by(Signup.due_at, Signup.id)
        .limit(AT_ONCE)
    )
    gone = list(db.session.scalars(due))
    for signup_id in gone:
        row = writing.one(signup_id)
        if row.state == State.CONFIRMED:
            replacing.unanswered(event, row, actor=JOB, now=now)
            continue
        writing.move(signup_id, State.LAPSED, actor=JOB, now=now)
        seats.give_back(event_id, read_counts(row.counts))
        writing.tell(signup_id, What.LAPSED)
    seats.promote(event_id, now=now)
    if rules.offered_until(event.terms, now) is None:
        gone += _close_line(event_id, now)
    return len(gone)


def _close_line(event_id: uuid.UUID, now: datetime.datetime) -> list[SignupId]:
    waiting = [one for one, _ in islice(seats.line(event_id), AT_ONCE)]
    writing.move_many(waiting, State.LAPSED, event_id=event_id, actor=JOB, now=now)
    writing.tell_many(waiting, What.NO_PLACE)
    return waiting


def _is_due(now: datetime.datetime) -> ColumnElement[bool]:
    """From the hour in which the door opens no team falls apart any more: who of it comes has a place."""
    begun = select(Event.id).where(Event.id == Signup.event_id, Event.starts_at <= now + door_rules.EARLY)
    forming = Signup.state.in_((State.FORMING, State.CONFIRMED)) & ~begun.correlate(Signup).exists()
    return (Signup.due_at <= now) & ((Signup.state == State.OFFERED) | forming)


def _with_something_due(now: datetime.datetime) -> Select[uuid.UUID]:
    """One event, its total locked: of several workers each takes another."""
    too_late = Event.starts_at - func.make_interval(0, 0, 0, 0, 0, Event.offers_end_minutes) <= now
    due = select(Signup.event_id).where(_is_due(now))
    waiting = (
        select(Signup.event_id)
        .join(Event, Event.id == Signup.event_id)
        .where(Signup.state == State.WAITING, too_late, Event.starts_at > now - datetime.timedelta(days=2))
    )
    return (
        select(EventQuota.event_id)
        .where(EventQuota.ordinal == 0, EventQuota.event_id.in_(due.union_all(waiting)))
        .limit(1)
        .with_for_update(skip_locked=True)
    )


def _own(actor: MemberActor, signup_id: SignupId) -> Any:
    row = writing.one(signup_id)
    if row.captain_id != actor.member_id:
        raise NotFound(errors.SIGNUP_UNKNOWN)
    return row


def _must_be_offered(row: Any, now: datetime.datetime) -> None:
    if row.state == State.OFFERED and row.due_at > now:
        return
    if row.state in (State.OFFERED, State.LAPSED):
        at = row.due_at or row.changed_at
        raise Conflict(errors.OFFER_OVER, at=at.isoformat())
    raise Conflict(errors.NOT_OFFERED)
