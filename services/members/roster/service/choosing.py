"""Officers look: correct a row, tick and untick, take a proposed phone, look a second time."""

import datetime
from collections.abc import Collection, Mapping

from sqlalchemy import delete, func, select, update

from services.core import audit
from services.core.calendar import local_date
from services.core.db import db
from services.core.errors import Conflict, Forbidden, NotFound
from services.members import service as members
from services.members.errors import MEMBER_UNKNOWN, OFFICERS_RECORD
from services.members.models import RosterImport, RosterRow
from services.members.queries import profile
from services.members.roster import cells as read
from services.members.roster import errors, payloads, roll
from services.members.roster.service import twins
from services.members.roster.service.staging import staged
from services.members.roster.service.upload import Scopes, locked, recount
from services.members.roster.types import Action, Cell, Field, ImportId, Kind, Note, State, Verdict, Weight
from services.members.types import MemberId, Untouchable, nobody
from services.unions import queries as unions
from services.unions.rules import within
from services.unions.types import UnionId, UnionPath

LONGEST = 200


def open_row(
    *, import_id: ImportId, line: int, scopes: Scopes, actor: str, now: datetime.datetime
) -> Mapping[Field, Cell]:
    """One row in clear, to be corrected. Raises NotFound, Conflict(roster_payload_gone). Audited: it is a look."""
    row = _row(locked(import_id, scopes, State.CHECKED, State.APPLIED), line)
    detail = {"line": line}
    audit.record("roster.row_opened", actor=actor, subject_id=import_id, now=now, detail=detail)
    return _cells(row)


def correct(
    *, import_id: ImportId, line: int, cells: Mapping[Field, str], scopes: Scopes, actor: str, now: datetime.datetime
) -> Verdict:
    """Replaces what a row says; it and the rows that shared something with it are judged again.

    A second officer's look is void. Raises NotFound, Conflict(roster_import_moved_on). Audited without values.
    """
    sheet = locked(import_id, scopes, State.CHECKED)
    row = _row(sheet, line)
    if row.own_verdict == Verdict.MISSING:
        raise NotFound(errors.IMPORT_ROW_UNKNOWN)
    said = {field: text.strip()[:LONGEST] for field, text in cells.items() if text.strip()}
    path = unions.office(UnionId(sheet.union_id)).path
    directory = roll.directory(union_path=path, reach=UnionPath(sheet.reach))
    new = staged(import_id, [(line, said)], directory, on=local_date(sheet.created_at))[0]
    touched = {row.id_index, row.phone_index, new["id_index"], new["phone_index"]} - {None}
    for column, value in new.items():
        setattr(row, column, value)
    if row.member_id:
        _is_there(sheet, MemberId(row.member_id))
    sheet.second_by = None
    db.session.flush()
    twins.judge(import_id, [index for index in touched if index])
    recount(sheet)
    audit.record("roster.row_corrected", actor=actor, subject_id=import_id, now=now, detail={"line": line})
    verdict = select(RosterRow.verdict).where(RosterRow.import_id == import_id, RosterRow.line == line)
    return Verdict(db.session.scalars(verdict).one())


def choose(
    *, import_id: ImportId, lines: Collection[int], chosen: bool, scopes: Scopes, actor: str, now: datetime.datetime
) -> int:
    """Ticks or unticks rows; returns how many changed. Rows that are faulty or have nothing to do stay as they are.

    A second officer's look is void. Raises NotFound, Conflict(roster_import_moved_on). Audited.
    """
    return _choose(import_id, RosterRow.line.in_(lines), chosen, scopes, actor, now)


def choose_all(
    *, import_id: ImportId, verdict: Verdict, chosen: bool, scopes: Scopes, actor: str, now: datetime.datetime
) -> int:
    """Ticks or unticks every row of one verdict, as `choose`."""
    return _choose(import_id, RosterRow.verdict == verdict, chosen, scopes, actor, now)


def approve(*, import_id: ImportId, scopes: Scopes, actor: str, now: datetime.datetime) -> None:
    """A second officer has looked at a list that many are missing from.

    Raises Conflict(roster_same_officer) for the one who handed it in, Conflict(roster_second_not_needed), NotFound.
    Audited.
    """
    sheet = locked(import_id, scopes, State.CHECKED)
    if not needs_second(sheet):
        raise Conflict(errors.IMPORT_SECOND_NOT_NEEDED)
    if sheet.created_by == actor:
        raise Conflict(errors.IMPORT_SAME_OFFICER)
    sheet.second_by = actor
    db.session.flush()
    detail = {"missing": sheet.missing}
    audit.record("roster.approved", actor=actor, subject_id=import_id, now=now, detail=detail)


def take_phone(
    *,
    import_id: ImportId,
    line: int,
    scopes: Scopes,
    actor: str,
    now: datetime.datetime,
    untouchable: Untouchable = nobody,
) -> None:
    """Writes the phone that a row proposes for an existing member. Audited; the member is told.

    Raises NotFound, Conflict(roster_no_phone_proposed) if there is none or it was taken, Conflict(roster_payload_gone),
    Forbidden(officers_record) for a member of `untouchable`, NotFound(member_unknown) for one who is outside of the
    officer's subtrees by now.
    """
    row = _row(locked(import_id, scopes, State.CHECKED, State.APPLIED), line)
    if Note.PHONE_PROPOSED not in row.notes or row.phone_taken_at or row.member_id is None:
        raise Conflict(errors.IMPORT_NO_PHONE)
    phone = read.phone(str(_cells(row).get(Field.PHONE, "")))
    if not phone or isinstance(phone, Verdict):
        raise Conflict(errors.IMPORT_NO_PHONE)
    if untouchable(actor, [MemberId(row.member_id)], now):
        raise Forbidden(OFFICERS_RECORD)
    if not any(within(profile(MemberId(row.member_id)).union_path, scope) for scope in scopes):
        raise NotFound(MEMBER_UNKNOWN)
    row.phone_taken_at = now
    db.session.flush()
    members.change_phone(member_id=MemberId(row.member_id), phone=phone, actor=actor, now=now)


def needs_second(sheet: RosterImport) -> bool:
    """More than a tenth of a whole list is missing."""
    return sheet.kind == Kind.WHOLE and sheet.missing * 10 > sheet.members_before


def _choose(
    import_id: ImportId, which: object, chosen: bool, scopes: Scopes, actor: str, now: datetime.datetime
) -> int:
    sheet = locked(import_id, scopes, State.CHECKED)
    may = [verdict for verdict in Verdict if verdict.weight in (Weight.GOOD, Weight.ASK)]
    changed = db.session.execute(
        update(RosterRow)
        .where(RosterRow.import_id == import_id, RosterRow.verdict.in_(may), RosterRow.action != Action.NOTHING)
        .where(which, RosterRow.chosen != chosen)  # type: ignore[arg-type]
        .values(chosen=chosen),
        execution_options={"synchronize_session": False},
    )
    count = int(getattr(changed, "rowcount", 0))
    if count:
        sheet.second_by = None
        db.session.flush()
        detail = {"rows": count, "chosen": chosen}
        audit.record("roster.chosen", actor=actor, subject_id=import_id, now=now, detail=detail)
    return count


def _is_there(sheet: RosterImport, member_id: MemberId) -> None:
    """A member whom a corrected row names is no longer missing."""
    gone = delete(RosterRow).where(
        RosterRow.import_id == sheet.id, RosterRow.member_id == member_id, RosterRow.own_verdict == Verdict.MISSING
    )
    db.session.execute(gone, execution_options={"synchronize_session": False})


def _row(sheet: RosterImport, line: int) -> RosterRow:
    row = db.session.scalars(
        select(RosterRow)
        .where(RosterRow.import_id == sheet.id, RosterRow.line == line)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NotFound(errors.IMPORT_ROW_UNKNOWN)
    return row


def _cells(row: RosterRow) -> Mapping[Field, Cell]:
    if row.payload is None:
        raise Conflict(errors.IMPORT_PAYLOAD_GONE)
    return payloads.unseal_cells(row.payload)


def chosen_count(import_id: ImportId) -> int:
    query = select(func.count()).where(RosterRow.import_id == import_id, RosterRow.chosen)
    return db.session.scalar(query) or 0
