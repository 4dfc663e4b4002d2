"""Within a day an import can be taken back: every field of every row becomes what it was.

What somebody changed after the import, or a new member who has been bound or used since, is left and listed.
"""

import datetime
from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from services.core import audit, outbox
from services.core.audit import Act
from services.core.db import db
from services.core.errors import Conflict
from services.members.models import Member, RosterImport, RosterRow
from services.members.roster import errors, payloads, roll
from services.members.roster.service.applying import MEMBER_COLUMNS, TOLD, Progress, restore, tell
from services.members.roster.service.upload import Scopes, locked, recount
from services.members.roster.types import ImportId, Outcome, State
from services.members.roster.work import Undo
from services.members.types import MemberId

CHUNK = 2_000


def begin_undo(*, import_id: ImportId, scopes: Scopes, actor: str, now: datetime.datetime, post: bool = True) -> None:
    """Begins to take an import back, and posts the work unless the caller does it.

    Of two at once one is told Conflict(roster_import_moved_on). Raises Conflict(roster_undo_too_late) after 24 hours,
    NotFound. Audited.
    """
    sheet = locked(import_id, scopes, State.APPLIED)
    if sheet.cleared_at is not None or sheet.undo_until is None or now > sheet.undo_until:
        raise Conflict(errors.IMPORT_UNDO_TOO_LATE)
    sheet.state = State.UNDOING
    sheet.progress, sheet.total = 0, sheet.outcomes.get(Outcome.APPLIED, 0)
    db.session.flush()
    audit.record("roster.undo_begun", actor=actor, subject_id=import_id, now=now)
    if post:
        outbox.post(Undo(import_id))


def undo_chunk(*, import_id: ImportId, now: datetime.datetime) -> Progress:
    """Restores the next 2,000 rows, the last first, or closes when none is left: run it until `finished`.

    Audited one by one; members whose record changed back are told. Locks the import, then the members by id.
    """
    sheet = locked(import_id, None, State.UNDOING)
    rows = db.session.execute(
        select(RosterRow.line, RosterRow.member_id, RosterRow.before, RosterRow.applied_at)
        .where(RosterRow.import_id == import_id, RosterRow.outcome == Outcome.APPLIED)
        .order_by(RosterRow.line.desc())
        .limit(CHUNK)
    ).all()
    if not rows:
        return _close(sheet, now)
    found = {one.id: one for one in roll.records(roll.among(Member.id, [row.member_id for row in rows]), lock=True)}
    ours = [row for row in rows if row.member_id in found and found[row.member_id].changed_at == row.applied_at]
    undone = _restore([row for row in ours if row.before is not None], found)
    undone |= _remove([row for row in ours if row.before is None])
    _mark(import_id, [row.line for row in rows if row.line in undone], Outcome.UNDONE)
    _mark(import_id, [row.line for row in rows if row.line not in undone], Outcome.KEPT)
    detail = {"import": str(import_id)}
    audit.record_many(
        Act("member.import_undone", "job:roster", row.member_id, now, detail) for row in rows if row.line in undone
    )
    sheet.progress += len(rows)
    db.session.flush()
    return Progress(sheet.progress, sheet.total, len(rows), finished=False)


def _restore(rows: Sequence[Any], found: dict[Any, roll.Record]) -> set[int]:
    whole, told = [], {}
    for row in rows:
        before = payloads.unseal_before(row.before)
        record = found[row.member_id]
        whole.append({name: getattr(record, name) for name in (*MEMBER_COLUMNS, "left_on")} | before)
        if names := [TOLD[name] for name in before if name in TOLD]:
            told[MemberId(row.member_id)] = names
    restore(whole)
    tell(told)
    return {row.line for row in rows}


def _remove(rows: Sequence[Any]) -> set[int]:
    """Takes new members out again; of a batch that cannot go, each half is tried, down to those who must stay."""
    if not rows:
        return set()
    try:
        with db.session.begin_nested():
            db.session.execute(
                delete(Member).where(roll.among(Member.id, [row.member_id for row in rows])),
                execution_options={"synchronize_session": False},
            )
    except IntegrityError:
        middle = len(rows) // 2
        return _remove(rows[:middle]) | _remove(rows[middle:]) if middle else set()
    return {row.line for row in rows}


def _mark(import_id: ImportId, lines: list[int], outcome: Outcome) -> None:
    if lines:
        db.session.execute(
            update(RosterRow)
            .where(RosterRow.import_id == import_id, roll.among(RosterRow.line, lines))
            .values(outcome=outcome, before=None),
            execution_options={"synchronize_session": False},
        )


def _close(sheet: RosterImport, now: datetime.datetime) -> Progress:
    sheet.state, sheet.progress = State.UNDONE, sheet.total
    recount(sheet)
    audit.record("roster.undone", actor="job:roster", subject_id=sheet.id, now=now, detail=sheet.outcomes)
    return Progress(sheet.total, sheet.total, 0, finished=True)
