"""Sign-ups in figures, for the organiser: over time, by union, by category and slot.

Of a private kind no figure under five is given, nor any that could be worked out from the others.
"""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import TIMESTAMP, func, select

from services.core.db import db
from services.events.models import Signup, SignupPerson
from services.events.types import ACTIVE, Event
from services.members import queries as members
from services.unions import queries as unions

FEW = 5
TOP = 15
HOURLY_FOR = datetime.timedelta(days=3)
_ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Bar:
    """People of one union, category or slot. `count` None: fewer than five, or hidden so that those stay unknown."""

    name: dict[str, str]
    count: int | None
    #: of a category or slot
    key: int | None = None


@dataclass(frozen=True)
class Step:
    """Up to and with this hour or day: entries so far, whatever became of them."""

    at: datetime.datetime
    new: int
    sum: int


def over_time(event: Event, now: datetime.datetime) -> tuple[list[Step], bool]:
    """By hour while sign-up runs for three days at most, else by day; and which of both. Nothing of a private kind:
    a step says how many came at once. One statement."""
    if event.private:
        return [], False
    begins = event.terms.opens_at
    ends = min(now, event.terms.closes_at)
    hourly = ends - begins <= HOURLY_FOR
    span = func.date_trunc("hour" if hourly else "day", Signup.created_at, _ZONE, type_=TIMESTAMP(timezone=True))
    query = select(span, func.count()).where(Signup.event_id == event.id).group_by(span).order_by(span)
    counts = {row[0]: row[1] for row in db.session.execute(query)}
    if not counts:
        return [], hourly
    step = datetime.timedelta(hours=1) if hourly else datetime.timedelta(days=1)
    at, last, so_far = min(counts), max(counts), 0
    steps = []
    while at <= last:
        so_far += counts.get(at, 0)
        steps.append(Step(at, counts.get(at, 0), so_far))
        at += step
    return steps, hourly


def by_union(event: Event) -> tuple[list[Bar], Bar | None]:
    """People in entries that are alive, by the union of each member: the fifteen largest, and all others as one. A
    companion counts for nobody. One statement."""
    holder, union = members.homes().subquery(), unions.unions().subquery()
    counts = (
        select(holder.c.union_id, func.count().label("people"))
        .join(SignupPerson, SignupPerson.member_id == holder.c.member_id)
        .where(SignupPerson.event_id == event.id, SignupPerson.active)
        .group_by(holder.c.union_id)
        .subquery()
    )
    query = select(union.c.union_name, counts.c.people).join(counts, counts.c.union_id == union.c.union_id)
    rows = db.session.execute(query.order_by(counts.c.people.desc(), union.c.union_path))
    bars = [Bar(row.union_name, row.people) for row in rows]
    shown, rest = bars[:TOP], bars[TOP:]
    if event.private:
        shown, rest = _largest(bars)
    others = sum(bar.count or 0 for bar in rest)
    return shown, Bar({}, None if event.private and others < FEW else others) if rest else None


def by_choice(event: Event) -> tuple[list[Bar], list[Bar]]:
    """People in entries that are alive, by category and by slot, in the event's order. Two statements."""
    categories = _counted(event, Signup.category)
    slots = _counted(event, Signup.slot)
    return (
        hidden([Bar(one.name, categories.get(one.key, 0), one.key) for one in event.terms.categories], event.private),
        hidden([Bar(one.name or {}, slots.get(one.key, 0), one.key) for one in event.terms.slots], event.private),
    )


def hidden(bars: Sequence[Bar], private: bool) -> list[Bar]:
    """Without the counts under five; if those hidden make fewer than five together, or one alone is hidden that the
    sum would give away, the next smallest goes too."""
    if not private:
        return list(bars)
    out = {place for place, bar in enumerate(bars) if 0 < (bar.count or 0) < FEW}
    rest = sorted((bar.count or 0, place) for place, bar in enumerate(bars) if place not in out and bar.count)
    while out and rest and (len(out) == 1 or sum(bars[place].count or 0 for place in out) < FEW):
        out.add(rest.pop(0)[1])
    return [replace(bar, count=None) if place in out else bar for place, bar in enumerate(bars)]


def _largest(bars: Sequence[Bar]) -> tuple[list[Bar], list[Bar]]:
    """Of a private kind: unions of five and more; the others together are five and more as well, or not said."""
    shown = [bar for bar in bars if (bar.count or 0) >= FEW][:TOP]
    rest = list(bars[len(shown) :])
    while rest and shown and (len(rest) == 1 or sum(bar.count or 0 for bar in rest) < FEW):
        rest.insert(0, shown.pop())
    return shown, rest


def _counted(event: Event, key: Any) -> dict[int, int]:
    query = (
        select(key, func.count())
        .join(SignupPerson, SignupPerson.signup_id == Signup.id)
        .where(Signup.event_id == event.id, Signup.state.in_(ACTIVE), SignupPerson.active)
        .group_by(key)
    )
    return {row[0]: row[1] for row in db.session.execute(query)}
