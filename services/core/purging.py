"""Forgetting what has had its time, a few thousand rows a statement: no statement runs into the time limit."""

import datetime
from typing import Any

from sqlalchemy import delete, inspect, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from services.core.db import db

BATCH = 2000


def forget(moment: InstrumentedAttribute[datetime.datetime], *, before: datetime.datetime) -> int:
    """Deletes up to 2,000 rows whose `moment` (an indexed column) lies before that time, the oldest first.

    Returns how many. Commit and run it again until it returns 0. Rows that somebody else holds are left for the next
    round, so two purges at once do not wait for each other.
    """
    table: Any = moment.class_
    key = tuple_(*inspect(table).primary_key)
    oldest = select(*inspect(table).primary_key).where(moment < before).order_by(moment).limit(BATCH)
    statement = delete(table).where(key.in_(oldest.with_for_update(skip_locked=True)))
    result = db.session.execute(statement, execution_options={"synchronize_session": False})
    return int(getattr(result, "rowcount", 0))
