"""An officer decides applications (审核)."""

import datetime
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from sqlalchemy import select

from services.accounts.types import OfficerActor
from services.core.db import among, db
from services.core.errors import Conflict
from services.events import errors, notes, rules
from services.events.messages import What
from services.events.models import POSITIONS, Signup
from services.events.queries import events
from services.events.rows import read_counts
from services.events.service import seats, writing
from services.events.types import Event, EventId, RefusedFor, SignupId, State

_APPROVED = (State.FORMING, State.CONFIRMED, State.WAITING)


@dataclass(frozen=True)
class Decided:
    """What became of applications. `full`: approved, but neither a place nor a waiting list, so they stay as they are;
    `already`: that was their answer before; `gone`: somebody else has decided, or they have withdrawn."""

    placed: list[SignupId] = field(default_factory=list)
    waiting: list[SignupId] = field(default_factory=list)
    full: list[SignupId] = field(default_factory=list)
    refused: list[SignupId] = field(default_factory=list)
    already: list[SignupId] = field(default_factory=list)
    gone: list[SignupId] = field(default_factory=list)


def approve(
    *, actor: OfficerActor, event_id: EventId, signup_ids: Collection[SignupId], now: datetime.datetime
) -> Decided:
    """Says yes to applications, in order of arrival: a place where there is room, else a place in the waiting line.

    Promises: nobody is placed before one who waits and needs the same. Approving twice is no error. Locks the event.
    Raises NotFound(event_unknown), Forbidden(not_allowed), Conflict(event_cancelled, event_over; not_applied when there
    was nothing left to decide). Posts events.signup. Audited.
    """
    events.managed(event_id, actor=actor)
    event = seats.hold(event_id)
    if event.cancelled_at:
        raise Conflict(errors.EVENT_CANCELLED)
    if now >= event.terms.ends_at:
        raise Conflict(errors.EVENT_OVER)
    rows = _rows(event_id, signup_ids)
    applied = {SignupId(row.id): read_counts(row.counts) for row in rows if row.state == State.APPLIED}
    found = Decided(
        already=[SignupId(row.id) for row in rows if row.state in _APPROVED],
        gone=[SignupId(row.id) for row in rows if row.state not in (*_APPROVED, State.APPLIED)],
    )
    if not applied and (found.gone or not rows):
        raise Conflict(errors.NOT_APPLIED)
    line = chain[tuple[SignupId, Mapping[int, int]]](seats.line(event_id), applied.items())
    placed = set(rules.next_in_line(rules.left(event, now), line))
    for signup_id, counts in applied.items():
        if signup_id in placed:
            _place(event, signup_id, counts, actor=actor.label, now=now)
            found.placed.append(signup_id)
        elif event.waiting + len(found.waiting) < event.terms.waiting_most and rules.offered_until(event.terms, now):
            position = db.session.scalar(POSITIONS)
            writing.move(signup_id, State.WAITING, actor=actor.label, now=now, position=position)
            writing.tell(signup_id, What.WAITING)
            found.waiting.append(signup_id)
        else:
            found.full.append(signup_id)
    return found


def refuse(
    *,
    actor: OfficerActor,
    event_id: EventId,
    signup_ids: Collection[SignupId],
    reason: RefusedFor,
    note: str,
    now: datetime.datetime,
) -> Decided:
    """Says no to applications, with a reason and, where it is OTHER, a note: both are told. Twice is no error.

    Locks the event. Raises NotFound(event_unknown), Forbidden(not_allowed), Invalid(note_length), Conflict(not_applied)
    when there was nothing left to decide. Posts events.signup. Audited.
    """
    events.managed(event_id, actor=actor)
    said = notes.sealed(note) if note.strip() or reason is RefusedFor.OTHER else None
    seats.hold(event_id)
    rows = _rows(event_id, signup_ids)
    found = Decided(
        refused=[SignupId(row.id) for row in rows if row.state == State.APPLIED],
        already=[SignupId(row.id) for row in rows if row.state == State.REFUSED],
        gone=[SignupId(row.id) for row in rows if row.state not in (State.APPLIED, State.REFUSED)],
    )
    if not found.refused and (found.gone or not rows):
        raise Conflict(errors.NOT_APPLIED)
    for signup_id in found.refused:
        writing.move(signup_id, State.REFUSED, actor=actor.label, now=now, reason=reason, note=said)
        writing.tell(signup_id, What.REFUSED)
    return found


def _place(event: Event, signup_id: SignupId, counts: Mapping[int, int], *, actor: str, now: datetime.datetime) -> None:
    whole = writing.complete(signup_id)
    state = State.CONFIRMED if whole else State.FORMING
    due_at = None if whole else rules.join_by(event.terms, now)
    writing.move(signup_id, state, actor=actor, now=now, due_at=due_at)
    seats.add(event.id, counts)
    seats.filled(event, counts, now=now)
    writing.tell(signup_id, What.APPROVED if whole else What.FORMING)


def _rows(event_id: EventId, signup_ids: Collection[SignupId]) -> list[Any]:
    """In order of arrival: ids sort by it."""
    query = select(Signup.id, Signup.state, Signup.counts).where(Signup.event_id == event_id)
    return list(db.session.execute(query.where(among(Signup.id, signup_ids)).order_by(Signup.id)))
