"""What an organiser reads: his events in lists, and what entries lean on."""

import datetime
import uuid
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from services.core.db import db
from services.core.errors import Invalid
from services.core.paging import MOST, Page, PageRequest
from services.events.changes import Used
from services.events.models import Event as EventRow
from services.events.models import Signup, SignupPerson
from services.events.queries.events import events, some
from services.events.types import ACTIVE, Event, EventId, Role
from services.unions import queries as unions
from services.unions.types import UnionPath


class Shelf(StrEnum):
    """The parts of an organiser's list."""

    COMING = "coming"
    RUNNING = "running"
    DRAFTS = "drafts"
    PAST = "past"


def page(request: PageRequest, *, shelf: Shelf, scopes: Sequence[UnionPath], now: datetime.datetime) -> Page[Event]:
    """The events of these subtrees on one shelf: coming and running ones soonest first, the others latest first.

    One statement. Raises Invalid(cursor_malformed).
    """
    known = unions.unions().subquery("organiser")
    within = select(known.c.union_id).where(unions.in_scopes(known.c.union_path, scopes))
    query = events().where(EventRow.union_id.in_(within), _on(shelf, now))
    drafts = shelf is Shelf.DRAFTS
    place: list[Any] = [EventRow.id] if drafts else [EventRow.starts_at, EventRow.id]
    soonest = shelf in (Shelf.COMING, Shelf.RUNNING)
    if request.cursor:
        last, seen = _read(request.cursor), aliased(EventRow)
        begins = select(seen.starts_at).where(seen.id == last).scalar_subquery()
        here, there = tuple_(*place), tuple_(*([] if drafts else [begins]), literal(last))
        query = query.where(here > there if soonest else here < there)
    limit = min(request.limit, MOST)
    ordered = [column.asc() if soonest else column.desc() for column in place]
    found = some(query.order_by(*ordered).limit(limit + 1))
    return Page(found[:limit], found[limit - 1].id.hex if len(found) > limit else None)


def used(event_id: uuid.UUID) -> Used:
    """What entries of an event lean on. One statement."""
    counted = or_(Signup.state.in_(ACTIVE), Signup.late_at.is_not(None))
    row = db.session.execute(
        select(
            func.array_agg(Signup.category.distinct()).label("categories"),
            func.array_agg(Signup.slot.distinct()).label("slots"),
            func.coalesce(func.bool_or(counted), False).label("counted"),
        ).where(Signup.event_id == event_id)
    ).one()
    slots = frozenset(one for one in row.slots or () if one is not None)
    return Used(frozenset(row.categories or ()), slots, row.counted)


def told(event_id: EventId) -> int:
    """How many members hear of a change or a cancellation: those of entries that are alive."""
    query = select(func.count(SignupPerson.member_id.distinct())).where(
        SignupPerson.event_id == event_id, SignupPerson.active, SignupPerson.role == Role.MEMBER
    )
    return db.session.scalar(query) or 0


def pictured(key: str) -> bool:
    """Does any event show this file?"""
    return db.session.scalar(select(EventRow.id).where(EventRow.picture == key).limit(1)) is not None


def _on(shelf: Shelf, now: datetime.datetime) -> ColumnElement[bool]:
    out = and_(EventRow.published_at.is_not(None), EventRow.cancelled_at.is_(None))
    match shelf:
        case Shelf.DRAFTS:
            return EventRow.published_at.is_(None)
        case Shelf.COMING:
            return and_(out, EventRow.starts_at > now)
        case Shelf.RUNNING:
            return and_(out, EventRow.starts_at <= now, EventRow.ends_at > now)
    over = or_(EventRow.cancelled_at.is_not(None), EventRow.ends_at <= now)
    return and_(EventRow.published_at.is_not(None), over)


def _read(cursor: str) -> uuid.UUID:
    try:
        return uuid.UUID(hex=cursor)
    except ValueError:
        raise Invalid("cursor_malformed", field="cursor") from None
