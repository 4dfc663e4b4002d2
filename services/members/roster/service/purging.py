"""What was staged is forgotten: who said what after 7 days, rows and raw files after 30."""

import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update

from services.core.db import db
from services.core.files import files
from services.members.models import RosterImport, RosterRow
from services.members.roster.types import State

PAYLOADS_KEPT = datetime.timedelta(days=7)
ROWS_KEPT = datetime.timedelta(days=30)
BATCH = 2_000
_AT_WORK = (State.APPLYING, State.UNDOING)


def purge(now: datetime.datetime) -> int:
    """Forgets a batch; returns how much. Run it until it returns 0. Imports themselves stay, with their figures."""
    return _clear_payloads(now - PAYLOADS_KEPT) or _delete_rows(now - ROWS_KEPT) or _delete_file(now - ROWS_KEPT)


def _clear_payloads(before: datetime.datetime) -> int:
    """Payloads and befores of one old import. An import that still waited for an officer is dropped with them."""
    row = _one(RosterImport.created_at < before, RosterImport.cleared_at.is_(None))
    if row is None:
        return 0
    some = (
        select(RosterRow.line)
        .where(RosterRow.import_id == row.id, or_(RosterRow.payload.is_not(None), RosterRow.before.is_not(None)))
        .limit(BATCH)
    )
    gone = _count(
        update(RosterRow)
        .where(RosterRow.import_id == row.id, RosterRow.line.in_(some))
        .values(payload=None, before=None)
    )
    if gone:
        return gone
    row.cleared_at, row.file_name = before + PAYLOADS_KEPT, None
    if row.state in (State.READING, State.CHECKED):
        row.state, row.run = State.DROPPED, None
    db.session.flush()
    return 1


def _delete_rows(before: datetime.datetime) -> int:
    old = select(RosterImport.id).where(RosterImport.created_at < before, RosterImport.state.not_in(_AT_WORK))
    some = select(RosterRow.import_id, RosterRow.line).where(RosterRow.import_id.in_(old)).limit(BATCH).subquery()
    return _count(delete(RosterRow).where(RosterRow.import_id == some.c.import_id, RosterRow.line == some.c.line))


def _delete_file(before: datetime.datetime) -> int:
    """The raw file of one old import. Deleting twice is no error, so a transaction that runs again does no harm."""
    row = _one(RosterImport.created_at < before, RosterImport.file_key.is_not(None))
    if row is None or row.file_key is None:
        return 0
    files.delete(row.file_key)
    row.file_key = None
    db.session.flush()
    return 1


def _one(*conditions: Any) -> RosterImport | None:
    return db.session.scalars(
        select(RosterImport)
        .where(*conditions, RosterImport.state.not_in(_AT_WORK))
        .order_by(RosterImport.created_at)
        .limit(1)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    ).first()


def _count(statement: Any) -> int:
    done = db.session.execute(statement, execution_options={"synchronize_session": False})
    return int(getattr(done, "rowcount", 0))
