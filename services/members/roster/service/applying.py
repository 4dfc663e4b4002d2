"""The rows that were chosen are written, a chunk a transaction: killed and started again, it goes on where it was.

Each row is judged again against the roster of this moment, under locks in the order of member ids; where somebody
changed the member since the check, the row is left alone and says so.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select, text, update

from services.core import audit, outbox
from services.core.audit import Act
from services.core.calendar import local_date
from services.core.copying import copy_in
from services.core.db import db, run
from services.core.errors import Conflict
from services.members.messages import RecordChanged, changed_lines
from services.members.models import Member, RosterImport, RosterRow
from services.members.roster import errors, payloads, roll, verdicts
from services.members.roster.service.choosing import chosen_count, needs_second
from services.members.roster.service.upload import Scopes, locked, recount
from services.members.roster.types import Action, Field, ImportId, Judgement, Outcome, Person, State
from services.members.roster.verdicts import Directory, Understood, understood
from services.members.roster.work import Apply
from services.members.service import document_index, phone_index, row_of, sealed_card, sealed_document
from services.members.types import MemberId, NewMember, Standing, Untouchable, nobody
from services.unions import queries as unions
from services.unions.rules import within
from services.unions.types import UnionId, UnionPath

CHUNK = 2_000
TOLD_TOGETHER = 500
"""Members in one message: its fan-out writes them in one statement."""
UNDO_WITHIN = datetime.timedelta(hours=24)
MEMBER_COLUMNS = (
    "id", "name", "union_id", "standing", "phone", "phone_index", "joined_on", "sex", "born_on", "id_type",
    "id_number", "id_index", "printed_card", "changed_at",
)  # fmt: skip
#: columns of members -> what a member is told has changed
TOLD = {
    "name": "name", "union_id": "union", "standing": "standing", "sex": "sex", "id_number": "document",
}  # fmt: skip
_MARK = text(
    "UPDATE roster_rows SET outcome = said.outcome, member_id = said.member_id, before = said.before, applied_at = :at"
    " FROM unnest(cast(:lines AS int[]), cast(:outcomes AS text[]), cast(:members AS uuid[]),"
    " cast(:befores AS bytea[])) AS said (line, outcome, member_id, before)"
    " WHERE import_id = :import_id AND roster_rows.line = said.line"
)


@dataclass(frozen=True)
class Progress:
    """How far a long act is; `moved` is by how much in this step."""

    done: int
    total: int
    moved: int
    finished: bool


@dataclass
class _Batch:
    """What a chunk writes, collected before anything is written."""

    new: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)
    told: dict[MemberId, list[str]] = field(default_factory=dict)
    #: line -> outcome, member, sealed before
    marks: dict[int, tuple[Outcome, Any, bytes | None]] = field(default_factory=dict)


def begin_apply(*, import_id: ImportId, scopes: Scopes, actor: str, now: datetime.datetime, post: bool = True) -> None:
    """Says yes to what is chosen, and posts the work unless the caller does it.

    Of two at once one is told Conflict(roster_import_moved_on). Raises Conflict(roster_second_officer) when many are
    missing and nobody else has looked, Conflict(roster_nothing_chosen), NotFound. Audited.
    """
    sheet = locked(import_id, scopes, State.CHECKED)
    if sheet.cleared_at is not None:
        raise Conflict(errors.IMPORT_PAYLOAD_GONE)
    if needs_second(sheet) and (sheet.second_by is None or sheet.second_by == sheet.created_by):
        raise Conflict(errors.IMPORT_SECOND_OFFICER)
    chosen = chosen_count(import_id)
    if not chosen:
        raise Conflict(errors.IMPORT_NOTHING_CHOSEN)
    sheet.state, sheet.applied_by, sheet.begun_at = State.APPLYING, actor, now
    sheet.progress, sheet.total = 0, chosen
    db.session.flush()
    detail = {"rows": chosen, "second": sheet.second_by}
    audit.record("roster.apply_begun", actor=actor, subject_id=import_id, now=now, detail=detail)
    if post:
        outbox.post(Apply(import_id))


def unions_of(*, import_id: ImportId) -> Directory:
    """The unions that its rows may name, for `apply_chunk`: read once for all chunks."""
    sheet = locked(import_id, None, State.APPLYING)
    path = unions.office(UnionId(sheet.union_id)).path
    return roll.directory(union_path=path, reach=UnionPath(sheet.reach))


def apply_chunk(
    *, import_id: ImportId, directory: Directory, now: datetime.datetime, untouchable: Untouchable = nobody
) -> Progress:
    """Writes the next 2,000 rows, or closes the import when none is left: run it until `finished`.

    Rows about members of `untouchable` for the officer who said yes are left alone (Outcome.OFFICERS).

    Members enrolled and changed are audited one by one; those whose record changed are told
    (members.record_changed, 500 a message). Raises Conflict(roster_import_moved_on) when the import is not being
    applied. Locks the import, then the members by id.
    """
    sheet = locked(import_id, None, State.APPLYING)
    rows = _next(import_id)
    if not rows:
        return _close(sheet, now)
    path = unions.office(UnionId(sheet.union_id)).path
    batch = _Batch()
    again = _judged_again(rows, directory, local_date(sheet.created_at))
    leavers = [row for row in rows if row.action == Action.LEAVE]
    met = {one.row.line: MemberId(one.record.id) for one in again if one.record}
    met |= {row.line: MemberId(row.member_id) for row in leavers}
    spared = set(untouchable(str(sheet.applied_by), list(met.values()), now))
    batch.marks = {line: (Outcome.OFFICERS, member, None) for line, member in met.items() if member in spared}
    for one in again:
        if one.row.line not in batch.marks:
            _collect(batch, one, sheet, now)
    _leave(batch, [row for row in leavers if row.line not in batch.marks], sheet, path, now)
    _write(batch, sheet, now)
    sheet.progress += len(rows)
    db.session.flush()
    return Progress(sheet.progress, sheet.total, len(rows), finished=False)


def _next(import_id: ImportId) -> Sequence[Any]:
    columns = (
        RosterRow.line, RosterRow.own_verdict, RosterRow.action, RosterRow.changes, RosterRow.payload,
        RosterRow.member_id,
    )  # fmt: skip
    return db.session.execute(
        select(*columns)
        .where(RosterRow.import_id == import_id, RosterRow.chosen, RosterRow.outcome.is_(None))
        .order_by(RosterRow.line)
        .limit(CHUNK)
    ).all()


@dataclass(frozen=True)
class _Again:
    row: Any
    judgement: Judgement
    record: roll.Record | None

    @property
    def stands(self) -> bool:
        """Is everything still as an officer saw it?"""
        staged = (self.row.own_verdict, self.row.action, self.row.changes, self.row.member_id)
        judged = self.judgement
        now = (judged.verdict, judged.action, list(judged.changes), self.record.id if self.record else None)
        return staged == now


def _judged_again(rows: Sequence[Any], directory: Directory, on: datetime.date) -> list[_Again]:
    sheet = [row for row in rows if row.action != Action.LEAVE]
    cells = [payloads.unseal_cells(row.payload) for row in sheet]
    seen = [understood(one, directory, on=on) for one in cells]
    match = roll.matcher([one.person for one in seen if isinstance(one, Understood)], lock=True)
    again = []
    for row, said, one in zip(sheet, cells, seen, strict=True):
        record = match(one.person) if isinstance(one, Understood) else None
        known = roll.known(record, with_card=bool(said.get(Field.CARD))) if record else None
        again.append(_Again(row, verdicts.judged(one, known, directory, phone_index), record))
    return again


def _collect(batch: _Batch, again: _Again, sheet: RosterImport, now: datetime.datetime) -> None:
    person, line, detail = again.judgement.person, again.row.line, {"import": str(sheet.id)}
    actor = str(sheet.applied_by)
    if not again.stands or person is None:
        batch.marks[line] = (Outcome.MOVED_ON, again.row.member_id, None)
    elif again.record is None:
        row = row_of(_newcomer(person, local_date(now))) | {"changed_at": now}
        batch.new.append(row)
        batch.acts.append(Act("member.enrolled", actor, row["id"], now, detail))
        batch.marks[line] = (Outcome.APPLIED, row["id"], None)
    else:
        changes = again.judgement.changes
        values = {name: value for name, value in _values(person).items() if name in changes}
        _change(batch, again.record, line, values, Act("member.imported", actor, again.record.id, now, detail))


def _change(batch: _Batch, record: roll.Record, line: int, values: dict[str, Any], act: Act) -> None:
    """Notes down new values for a member, and what they replace."""
    kept = {name: getattr(record, name) for name in (*MEMBER_COLUMNS, "left_on")}
    batch.changed.append(kept | values | {"changed_at": act.at})
    batch.acts.append(Act(act.action, act.actor, record.id, act.at, {**act.detail, "fields": sorted(values)}))
    batch.marks[line] = (
        Outcome.APPLIED, record.id, payloads.seal_before({name: kept[name] for name in [*values, "changed_at"]}),
    )  # fmt: skip
    if told := [TOLD[name] for name in values if name in TOLD]:
        batch.told[MemberId(record.id)] = told


def _leave(batch: _Batch, rows: Sequence[Any], sheet: RosterImport, path: UnionPath, now: datetime.datetime) -> None:
    """Those whom a whole list does not name, and whom an officer ticked."""
    ids = [row.member_id for row in rows]
    found = {record.id: record for record in roll.records(roll.among(Member.id, ids), lock=True)} if ids else {}
    for row in rows:
        record = found.get(row.member_id)
        if record is None or record.standing == Standing.LEFT or not within(record.union_path, path):
            batch.marks[row.line] = (Outcome.MOVED_ON, row.member_id, None)
            continue
        values = {"standing": Standing.LEFT, "left_on": local_date(now)}
        act = Act("member.left", str(sheet.applied_by), record.id, now, {"import": str(sheet.id)})
        _change(batch, record, row.line, values, act)


def _write(batch: _Batch, sheet: RosterImport, now: datetime.datetime) -> None:
    copy_in("members", MEMBER_COLUMNS, batch.new)
    restore(batch.changed)
    audit.record_many(batch.acts)
    tell(batch.told)
    lines = list(batch.marks)
    marks = [batch.marks[line] for line in lines]
    values = {
        "import_id": sheet.id, "at": now, "lines": lines, "outcomes": [mark[0].value for mark in marks],
        "members": [mark[1] for mark in marks], "befores": [mark[2] for mark in marks],
    }  # fmt: skip
    run(_MARK, values)


def restore(rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes whole rows of members over what there is, by id."""
    if not rows:
        return
    statement = (
        update(Member.__table__)  # type: ignore[arg-type]
        .where(Member.__table__.c.id == bindparam("key"))
        .values({name: bindparam(f"new_{name}") for name in rows[0] if name != "id"})
    )
    db.session.connection().execute(
        statement,
        [{"key": row["id"], **{f"new_{name}": value for name, value in row.items() if name != "id"}} for row in rows],
    )


def tell(told: Mapping[MemberId, Sequence[str]]) -> None:
    """Posts which fields of whom have changed, some hundred members a message."""
    members = list(told)
    for start in range(0, len(members), TOLD_TOGETHER):
        some = members[start : start + TOLD_TOGETHER]
        outbox.post(RecordChanged(changed_lines({member: told[member] for member in some})))


def _close(sheet: RosterImport, now: datetime.datetime) -> Progress:
    sheet.state, sheet.applied_at, sheet.undo_until = State.APPLIED, now, now + UNDO_WITHIN
    sheet.progress = sheet.total
    recount(sheet)
    audit.record("roster.applied", actor=str(sheet.applied_by), subject_id=sheet.id, now=now, detail=sheet.outcomes)
    return Progress(sheet.total, sheet.total, 0, finished=True)


def _newcomer(person: Person, today: datetime.date) -> NewMember:
    return NewMember(
        person.name, person.union_id, person.joined_on or today, person.phone, document=person.document,
        sex=person.sex, born_on=person.born_on, printed_card=person.printed_card,
    )  # fmt: skip


def _values(person: Person) -> dict[str, Any]:
    """Every column that a row may write over."""
    document = person.document
    return {
        "name": person.name,
        "union_id": person.union_id,
        "standing": Standing.ACTIVE,
        "left_on": None,
        "sex": person.sex,
        "born_on": person.born_on,
        "joined_on": person.joined_on,
        "printed_card": sealed_card(person.printed_card) if person.printed_card else None,
        "id_type": document.kind,
        "id_number": sealed_document(document),
        "id_index": document_index(document),
    }
