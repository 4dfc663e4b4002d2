"""One event, or some, whole: terms, room, who waits."""

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from services.accounts.types import Capability, OfficerActor
from services.core.db import Rows, db, run
from services.core.errors import Forbidden, NotFound
from services.events import errors
from services.events.models import Event as EventRow
from services.events.models import EventQuota, Signup
from services.events.rows import quota_of, terms_of
from services.events.types import Event, EventId, Room, State, Terms
from services.unions import queries as unions
from services.unions.rules import within as below
from services.unions.types import UnionId, UnionPath

UNDECIDED = (State.ENTERED, State.APPLIED)
_UNDECIDED = Signup.state.in_(UNDECIDED)


def events() -> Rows:
    """Every column of an event, its union, its quotas as one JSON list, how many wait and how many are undecided."""
    quota = EventQuota.__table__.c
    pairs = [part for column in quota if column.name != "event_id" for part in (column.name, column)]
    quotas = func.jsonb_agg(func.jsonb_build_object(*pairs, type_=JSONB))
    undecided = _count(_UNDECIDED).label("undecided")
    return _with(*EventRow.__table__.c, _of_quotas(quotas).label("quotas"), undecided)


def _with(*columns: Any) -> Rows:
    """Rows of a table are read as they were at the beginning of the statement: one statement, one state of things."""
    union = unions.unions().subquery("event_union")
    return select(
        *columns,
        union.c.union_path,
        union.c.union_name,
        _count(Signup.state == State.WAITING).label("waiting"),
    ).join(union, union.c.union_id == EventRow.union_id)


def _of_quotas(aggregate: Any) -> Any:
    return select(aggregate).where(EventQuota.event_id == EventRow.id).correlate(EventRow).scalar_subquery()


def _count(state: ColumnElement[bool]) -> Any:
    count = select(func.count()).where(Signup.event_id == EventRow.id, state)
    return count.correlate(EventRow).scalar_subquery()


def _brief(undecided: Any) -> Rows:
    moving = ("id", "union_id", "revision", "published_at", "cancelled_at", "cancelled_note", "drawn_at")
    columns = (EventRow.__table__.c[name] for name in moving)
    taken = _of_quotas(func.array_agg(aggregate_order_by(EventQuota.taken, EventQuota.ordinal))).label("taken")
    return _with(*columns, taken, undecided.label("undecided")).where(EventRow.id == bindparam("event_id"))


_WHOLE = events().where(EventRow.id == bindparam("event_id"))
_BRIEF = {counted: _brief(_count(_UNDECIDED) if counted else literal(0)) for counted in (True, False)}
_terms: dict[uuid.UUID, tuple[int, Terms]] = {}
"""By event, of a committed revision, which never changes: who writes terms by hand counts the revision up. Its two
dozen columns cost more than the rest of a read."""
_KEPT = 256


def event(event_id: uuid.UUID, *, counted: bool = False) -> Event:
    """One statement, two where this process has other terms than the newest. Raises NotFound(event_unknown).

    Whether it is published is the caller's to look at. `counted`: with how many are undecided, which takes as long as
    there are many; else that may be 0.
    """
    kept = _terms.get(event_id)
    row = run(_BRIEF[counted] if kept else _WHOLE, {"event_id": event_id}).first()
    if row is None:
        raise NotFound(errors.EVENT_UNKNOWN)
    if kept is None:
        return event_of(row)
    revision, terms = kept
    if revision != row.revision:
        return event_of(run(_WHOLE, {"event_id": event_id}).one())
    return _event(row, terms, tuple(map(Room, terms.quotas, row.taken)))


def public(event_id: uuid.UUID, *, counted: bool = True) -> Event:
    """As `event`, for everybody: a draft is none. Not for a transaction that has changed it: its terms are kept."""
    found = event(event_id, counted=counted)
    if not found.published_at:
        raise NotFound(errors.EVENT_UNKNOWN)
    if len(_terms) >= _KEPT:
        _terms.clear()
    _terms[found.id] = found.revision, found.terms
    return found


def within(event_id: uuid.UUID, *, scopes: Iterable[UnionPath]) -> Event:
    """As `event`, counted, for an officer of these subtrees. Raises NotFound(event_unknown) for any other's."""
    return own(event(event_id, counted=True), scopes=scopes)


def managed(event_id: uuid.UUID, *, actor: OfficerActor) -> Event:
    """As `event`, if this officer runs it. Raises NotFound(event_unknown), Forbidden without the capability."""
    scopes = actor.scopes(Capability.MANAGE_EVENTS)
    if not scopes:
        raise Forbidden("not_allowed")
    return own(event(event_id), scopes=scopes)


def own(found: Event, *, scopes: Iterable[UnionPath]) -> Event:
    """The event itself where it is of these subtrees. Raises NotFound(event_unknown) for any other's."""
    if not any(below(found.union_path, scope) for scope in scopes):
        raise NotFound(errors.EVENT_UNKNOWN)
    return found


def some(query: Rows) -> list[Event]:
    """The events that a query made of `events` selects, in its order."""
    return [event_of(row) for row in db.session.execute(query)]


def event_of(row: Any) -> Event:
    """Reads the columns of `events` off a row."""
    quotas = sorted(row.quotas or (), key=lambda one: one["ordinal"])
    rooms = tuple(Room(quota_of(one), one["taken"]) for one in quotas)
    return _event(row, terms_of(row, [room.quota for room in rooms]), rooms)


def _event(row: Any, terms: Terms, rooms: tuple[Room, ...]) -> Event:
    return Event(
        id=EventId(row.id),
        union_id=UnionId(row.union_id),
        union_path=UnionPath(row.union_path),
        union_name=row.union_name,
        terms=terms,
        rooms=rooms,
        revision=row.revision,
        published_at=row.published_at,
        cancelled_at=row.cancelled_at,
        cancelled_note=row.cancelled_note,
        drawn_at=row.drawn_at,
        waiting=row.waiting,
        undecided=row.undecided,
    )
