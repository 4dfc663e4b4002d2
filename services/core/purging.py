"""Forgetting what has had its time, a few thousand rows a statement: no statement runs into the time limit."""

import datetime
import uuid
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, delete, inspect, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from services.core.db import db

BATCH = 2000

Which = ColumnElement[bool] | None


def forget(moment: InstrumentedAttribute[datetime.datetime], *, before: datetime.datetime, which: Which = None) -> int:
    """Deletes up to 2,000 rows whose `moment` (an indexed column, or of a small table) lies before that time, the
    oldest first; `which` says which of them.

    Returns how many. Commit and run it again until it returns 0. Rows that somebody else holds are left for the next
    round, so two purges at once do not wait for each other.
    """
    old = moment < before
    return _delete(moment, old if which is None else old & which)


def forget_made(key: InstrumentedAttribute[uuid.UUID], *, before: datetime.datetime, which: Which = None) -> int:
    """As `forget`, for rows whose UUIDv7 key was made before that time: it needs no index but that of the key.

    `which` says which of them. An old row that it spares is looked at in every round.
    """
    old = key < key_of(before)
    return _delete(key, old if which is None else old & which)


def key_of(instant: datetime.datetime) -> uuid.UUID:
    """The least UUIDv7 made at this instant: such a key begins with its time in milliseconds."""
    return uuid.UUID(int=int(instant.timestamp() * 1000) << 80)


def held_once(rows: Select[Any]) -> CTE:
    """These rows, locked, those that somebody else holds left out: looked up once and no more than the limit says.

    As a plain subquery of a DELETE the planner may run it again for each row of the table, and each run takes the next
    ones: 5 rows went where the limit was 2.
    """
    return rows.with_for_update(skip_locked=True).cte("batch").prefix_with("MATERIALIZED")


def _delete(order: InstrumentedAttribute[Any], old: ColumnElement[bool]) -> int:
    table: Any = order.class_
    key = tuple_(*inspect(table).primary_key)
    oldest = select(*inspect(table).primary_key).where(old).order_by(order).limit(BATCH)
    batch = held_once(oldest)
    statement = delete(table).where(key.in_(select(*batch.c)))
    result = db.session.execute(statement, execution_options={"synchronize_session": False})
    return int(getattr(result, "rowcount", 0))
