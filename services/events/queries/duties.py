"""What waits for an organiser: applications to be decided, draws to be held. Gone by itself once it is done."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select

from services.core.db import Rows, db
from services.events.models import Event, Signup
from services.events.types import Both, EventId, Mode, State
from services.unions import queries as unions
from services.unions.types import UnionPath


@dataclass(frozen=True)
class Duty:
    """Of one event. `mode`: approval, so many applications wait; draw, so many entries. `since`: the first came, or
    sign-up ended."""

    event_id: EventId
    title: Both
    mode: Mode
    count: int
    since: datetime.datetime


def duties(*, scopes: Sequence[UnionPath], now: datetime.datetime) -> list[Duty]:
    """Of the events of these subtrees, whatever has waited longest first. One statement."""
    waiting, first = (
        select(one).where(_waits()).correlate(Event).scalar_subquery()
        for one in (func.count(), func.min(Signup.created_at))
    )
    rows = db.session.execute(_due(scopes, now).add_columns(waiting.label("waiting"), first.label("first")))
    found = [
        Duty(EventId(row.id), row.title, mode, row.waiting, row.closes_at if mode is Mode.DRAW else row.first)
        for row, mode in ((row, Mode(row.mode)) for row in rows)
    ]
    return sorted(found, key=lambda one: (one.since, one.event_id))


def count(*, scopes: Sequence[UnionPath], now: datetime.datetime) -> int:
    """How many there are: as many as `duties` lists. One statement."""
    return db.session.scalar(select(func.count()).select_from(_due(scopes, now).subquery())) or 0


def _due(scopes: Sequence[UnionPath], now: datetime.datetime) -> Rows:
    """Once an event is over nobody is decided any more; a draw may be held once sign-up has ended."""
    union = unions.unions().subquery("organiser")
    draw = and_(Event.mode == Mode.DRAW, Event.closes_at <= now, Event.drawn_at.is_(None))
    return (
        select(Event.id, Event.title, Event.mode, Event.closes_at)
        .join(union, union.c.union_id == Event.union_id)
        .where(
            unions.in_scopes(union.c.union_path, scopes), Event.cancelled_at.is_(None), Event.ends_at > now,
            or_(Event.mode == Mode.APPROVAL, draw), exists(select(Signup.id).where(_waits()).correlate(Event)),
        )
    )  # fmt: skip


def _waits() -> ColumnElement[bool]:
    state = case((Event.mode == Mode.APPROVAL, State.APPLIED), else_=State.ENTERED)
    return (Signup.event_id == Event.id) & (Signup.state == state)
