"""Reads for everybody who looks for something to take part in."""

import datetime
import uuid
from collections.abc import Sequence
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, or_

from services.core.calendar import day_start, local_date, monday
from services.core.db import db
from services.core.errors import Invalid
from services.core.paging import MOST, Page, PageRequest
from services.core.searching import holds, searchable
from services.events.models import Event as EventRow
from services.events.queries.events import event_of, events
from services.events.types import Event, Kind

DAY = datetime.timedelta(days=1)


class When(StrEnum):
    """When it takes place."""

    WEEK = "week"
    MONTH = "month"  # within 31 days
    LATER = "later"
    PAST = "past"


def page_of_events(
    *,
    now: datetime.datetime,
    request: PageRequest,
    kind: Kind | None = None,
    when: When | None = None,
    asked: Sequence[str] = (),
) -> Page[Event]:
    """Published events that are not over, the next first; of one kind or time, or found by words of title, place,
    organiser. `when` PAST: those of the last 90 days, the newest first. What was called off stays until its day.
    One statement. Raises Invalid(cursor_malformed).
    """
    past = when is When.PAST
    query = events().where(EventRow.published_at.is_not(None), _time(when, now))
    if kind:
        query = query.where(EventRow.kind == kind)
    if asked:
        union_name = query.selected_columns.union_name
        query = query.where(holds(searchable(EventRow.title, EventRow.place, union_name), asked))
    if request.cursor:
        query = query.where(_after(request.cursor, past=past))
    order = (EventRow.starts_at.desc(), EventRow.id.desc()) if past else (EventRow.starts_at, EventRow.id)
    limit = min(request.limit, MOST)
    rows = db.session.execute(query.order_by(*order).limit(limit + 1)).all()
    found = [event_of(row) for row in rows[:limit]]
    return Page(found, _cursor(found[-1]) if len(rows) > limit else None)


def _time(when: When | None, now: datetime.datetime) -> ColumnElement[bool]:
    today = local_date(now)
    next_monday = day_start(monday(today) + 7 * DAY)
    month = day_start(today + 31 * DAY)
    if when is When.PAST:
        return and_(EventRow.ends_at <= now, EventRow.ends_at > now - 90 * DAY)
    coming = EventRow.ends_at > now
    if when is When.WEEK:
        return and_(coming, EventRow.starts_at < next_monday)
    if when is When.MONTH:
        return and_(coming, EventRow.starts_at < month)
    return and_(coming, EventRow.starts_at >= month) if when is When.LATER else coming


def _cursor(event: Event) -> str:
    return f"{int(event.terms.starts_at.timestamp() * 1_000_000)}.{event.id.hex}"


def _after(cursor: str, *, past: bool) -> ColumnElement[bool]:
    try:
        micros, _, key = cursor.partition(".")
        at = datetime.datetime.fromtimestamp(0, datetime.UTC) + datetime.timedelta(microseconds=int(micros))
        event_id = uuid.UUID(hex=key)
    except (ValueError, OverflowError):
        raise Invalid("cursor_malformed", field="cursor") from None
    same = EventRow.starts_at == at
    if past:
        return or_(EventRow.starts_at < at, and_(same, EventRow.id < event_id))
    return or_(EventRow.starts_at > at, and_(same, EventRow.id > event_id))
