"""The places of an event: its lock, what is taken and given back, and the waiting line that moves up by itself.

Whoever changes the state of an entry holds the event first (`hold`), then touches entries. Only somebody who takes a
place that is plainly there does without: `take` is one conditional UPDATE, the last of his transaction.
"""

import datetime
import uuid
from collections.abc import Iterator, Mapping

from sqlalchemy import ARRAY, Integer, bindparam, func, or_, select, tuple_, update
from sqlalchemy.orm import aliased

from services.core.db import db, run
from services.core.errors import LostRace, NotFound
from services.events import errors, rules
from services.events.messages import What
from services.events.models import EventQuota, Signup, SignupPerson
from services.events.queries import events
from services.events.rows import read_counts
from services.events.service import writing
from services.events.types import Event, SignupId, State

_QUOTAS = select(EventQuota.ordinal).where(EventQuota.event_id == bindparam("event_id")).order_by(EventQuota.ordinal)
_ALL = _QUOTAS.with_for_update()
_TOTAL = _QUOTAS.where(EventQuota.ordinal == 0).with_for_update(read=True)


def hold(event_id: uuid.UUID) -> Event:
    """Locks the event's quota rows, by ordinal, and reads it as it is then. Raises NotFound(event_unknown)."""
    if not run(_ALL, {"event_id": event_id}).all():
        raise NotFound(errors.EVENT_UNKNOWN)
    return events.event(event_id)


def look(event_id: uuid.UUID) -> Event:
    """The event under a lock that others may share: no place is given, taken or freed until the transaction ends.

    For whoever takes none: begins to wait, enters a draw, applies.
    """
    if run(_TOTAL, {"event_id": event_id}).first() is None:
        raise NotFound(errors.EVENT_UNKNOWN)
    return events.event(event_id)


_held = aliased(EventQuota)
_HELD = (
    select(_held.ordinal)
    .where(_held.event_id == bindparam("event"), _held.ordinal == func.any(bindparam("ordinals", type_=ARRAY(Integer))))
    .order_by(_held.ordinal)
    .with_for_update()
    .cte("held")
)
_WANTED = select(
    func.unnest(bindparam("ordinals", type_=ARRAY(Integer))).label("ordinal"),
    func.unnest(bindparam("places", type_=ARRAY(Integer))).label("places"),
).cte("wanted")
_SOMEBODY_WAITS = (
    select(Signup.id).where(Signup.event_id == bindparam("event"), Signup.state == State.WAITING).limit(1).exists()
)
_TAKE = (
    update(EventQuota)
    .where(
        EventQuota.event_id == bindparam("event"),
        EventQuota.ordinal == _HELD.c.ordinal,
        EventQuota.ordinal == _WANTED.c.ordinal,
        EventQuota.revision == bindparam("seen"),
        EventQuota.taken + _WANTED.c.places <= func.coalesce(EventQuota.capacity, 2**31 - 1),
        or_(EventQuota.ordinal != 0, EventQuota.taken + _WANTED.c.places <= bindparam("released")),
        ~_SOMEBODY_WAITS,
    )
    .values(taken=EventQuota.taken + _WANTED.c.places)
    .returning(EventQuota.ordinal)
)


def take(event: Event, counts: Mapping[int, int], *, now: datetime.datetime) -> None:
    """Takes places of each quota, all or none, while nobody waits and the terms are those of `event`.

    Locks the quota rows by ordinal until the commit, and everybody who signs up wants them: call this last. Raises
    LostRace when somebody was faster, waits, or the terms have changed.
    """
    out = rules.released(event.terms.waves, now)
    values = {
        "event": event.id,
        "ordinals": list(counts),
        "places": list(counts.values()),
        "seen": event.revision,
        "released": 2**31 - 1 if out is None else out,
    }
    if len(run(_TAKE, values).all()) != len(counts):
        raise LostRace


def add(event_id: uuid.UUID, counts: Mapping[int, int]) -> None:
    """Moves what is taken, under `hold`: negative gives back. The table refuses one too many."""
    for ordinal, places in sorted(counts.items()):
        if places:
            this = (EventQuota.event_id == event_id) & (EventQuota.ordinal == ordinal)
            db.session.execute(update(EventQuota).where(this).values(taken=EventQuota.taken + places))


def give_back(event_id: uuid.UUID, counts: Mapping[int, int]) -> None:
    """Frees the places of an entry, under `hold`."""
    add(event_id, {ordinal: -places for ordinal, places in counts.items()})


WINDOW = 200
"""So many of a waiting line are read at a time: after a draw it is tens of thousands, and few move up at once."""
_LINE = (
    select(Signup.id, Signup.counts, Signup.position)
    .where(
        Signup.event_id == bindparam("event_id"), Signup.state == State.WAITING, Signup.position > bindparam("after")
    )
    .order_by(Signup.position)
    .limit(WINDOW)
)


def line(event_id: uuid.UUID) -> Iterator[tuple[SignupId, dict[int, int]]]:
    """Who waits, in order, with the places each needs: read as far as it is gone through, under `hold` or `look`."""
    after = -1
    while rows := run(_LINE, {"event_id": event_id, "after": after}).all():
        yield from ((SignupId(row.id), read_counts(row.counts)) for row in rows)
        if len(rows) < WINDOW:
            return
        after = rows[-1].position


def promote(event_id: uuid.UUID, *, now: datetime.datetime) -> list[SignupId]:
    """Offers what is free to those who wait, strictly in order; under `hold`, in the transaction that freed it.

    Nothing is offered once it is too late (rules.offered_until) or the event is called off. Posts events.signup
    (offered) for each. Returns whom.
    """
    event = events.event(event_id)
    until = rules.offered_until(event.terms, now)
    if not event.waiting or until is None or event.cancelled_at or not event.published_at:
        return []
    needs: dict[SignupId, dict[int, int]] = {}
    chosen = rules.next_in_line(rules.left(event, now), _noted(line(event_id), needs))
    if not chosen:
        return []
    total: dict[int, int] = {}
    for one in chosen:
        for ordinal, places in needs[one].items():
            total[ordinal] = total.get(ordinal, 0) + places
    add(event_id, total)
    writing.move_many(chosen, State.OFFERED, event_id=event_id, actor="job:waiting-line", now=now, due_at=until)
    writing.tell_many(chosen, What.OFFERED)
    return chosen


def _noted(
    waiting: Iterator[tuple[SignupId, dict[int, int]]], needs: dict[SignupId, dict[int, int]]
) -> Iterator[tuple[SignupId, dict[int, int]]]:
    for one, counts in waiting:
        needs[one] = counts
        yield one, counts


def filled(event: Event, counts: Mapping[int, int], *, now: datetime.datetime) -> None:
    """Somebody has taken a place after the deadline for cancelling: the first who left one behind is not to blame.

    Under `hold`. Marks the oldest late cancellation of which this fills a place.
    """
    if now <= event.terms.cancel_until:
        return
    query = (
        select(Signup.id, Signup.counts)
        .where(Signup.event_id == event.id, Signup.late_at.is_not(None), Signup.refilled.is_(False))
        .order_by(Signup.late_at)
    )
    for row in db.session.execute(query):
        if read_counts(row.counts).keys() & counts.keys() - {0} or set(row.counts) == {"0"}:
            db.session.execute(update(Signup).where(Signup.id == row.id).values(refilled=True))
            return
    _filled_for_one(event.id)


def _filled_for_one(event_id: uuid.UUID) -> None:
    """Nobody gave up a whole entry: then it is the place of somebody who left his team. Teams that are not complete
    still keep theirs."""
    blamed = (
        select(SignupPerson.signup_id, SignupPerson.ordinal)
        .join(Signup, Signup.id == SignupPerson.signup_id)
        .where(Signup.event_id == event_id, SignupPerson.late_id.is_not(None), Signup.state != State.FORMING)
        .order_by(SignupPerson.signup_id, SignupPerson.ordinal)
        .limit(1)
    )
    person = tuple_(SignupPerson.signup_id, SignupPerson.ordinal)
    db.session.execute(update(SignupPerson).where(person.in_(blamed)).values(late_id=None))
