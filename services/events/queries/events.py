"""One event, or some, whole: terms, room, who waits."""

import uuid
from collections.abc import Iterable
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.dialects.postgresql import JSONB

from services.core.db import Rows, db, run
from services.core.errors import NotFound
from services.events import errors
from services.events.models import Event as EventRow
from services.events.models import EventQuota, Signup
from services.events.rows import quota_of, terms_of
from services.events.types import Event, EventId, Room, State
from services.unions import queries as unions
from services.unions.types import UnionId, UnionPath

UNDECIDED = (State.ENTERED, State.APPLIED)


def events() -> Rows:
    """Every column of an event, its union, its quotas as one JSON list, how many wait and how many are undecided."""
    union = unions.unions().subquery("event_union")
    quota = EventQuota.__table__.c
    pairs = [part for column in quota if column.name != "event_id" for part in (column.name, column)]
    # Rows of a table are read as they were at the beginning of the statement: one statement, one state of things.
    quotas = (
        select(func.jsonb_agg(func.jsonb_build_object(*pairs, type_=JSONB)))
        .where(EventQuota.event_id == EventRow.id)
        .correlate(EventRow)
        .scalar_subquery()
    )
    return select(
        *EventRow.__table__.c,
        union.c.union_path,
        union.c.union_name,
        quotas.label("quotas"),
        _count(State.WAITING).label("waiting"),
        _count(*UNDECIDED).label("undecided"),
    ).join(union, union.c.union_id == EventRow.union_id)


def _count(*states: State) -> Any:
    count = select(func.count()).where(Signup.event_id == EventRow.id, Signup.state.in_(states))
    return count.correlate(EventRow).scalar_subquery()


_ONE = events().where(EventRow.id == bindparam("event_id"))


def event(event_id: uuid.UUID) -> Event:
    """One statement. Raises NotFound(event_unknown). Whether it is published is the caller's to look at."""
    row = run(_ONE, {"event_id": event_id}).first()
    if row is None:
        raise NotFound(errors.EVENT_UNKNOWN)
    return event_of(row)


def public(event_id: uuid.UUID) -> Event:
    """As `event`, for everybody: a draft is none."""
    found = event(event_id)
    if not found.published_at:
        raise NotFound(errors.EVENT_UNKNOWN)
    return found


def within(event_id: uuid.UUID, *, scopes: Iterable[UnionPath]) -> Event:
    """As `event`, for an officer of these subtrees. Raises NotFound(event_unknown) for any other's."""
    found = event(event_id)
    if not any(found.union_path == scope or found.union_path.startswith(f"{scope}.") for scope in scopes):
        raise NotFound(errors.EVENT_UNKNOWN)
    return found


def some(query: Rows) -> list[Event]:
    """The events that a query made of `events` selects, in its order."""
    return [event_of(row) for row in db.session.execute(query)]


def event_of(row: Any) -> Event:
    """Reads the columns of `events` off a row."""
    quotas = sorted(row.quotas or (), key=lambda one: one["ordinal"])
    rooms = tuple(Room(quota_of(one), one["taken"]) for one in quotas)
    return Event(
        id=EventId(row.id),
        union_id=UnionId(row.union_id),
        union_path=UnionPath(row.union_path),
        union_name=row.union_name,
        terms=terms_of(row, [room.quota for room in rooms]),
        rooms=rooms,
        revision=row.revision,
        published_at=row.published_at,
        cancelled_at=row.cancelled_at,
        cancelled_note=row.cancelled_note,
        drawn_at=row.drawn_at,
        waiting=row.waiting,
        undecided=row.undecided,
    )
