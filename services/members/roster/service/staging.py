"""Every row of a sheet gets its verdict and is kept, sealed, for an officer to look at. Nothing is applied.

Order: `begin_check`, `clear`, `stage` for each chunk that was read, `compare`, `propose_leavers` until it returns None,
`finish`; each step a transaction of its own. A start that comes later takes the import over: the one before finds its
run gone.
"""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import delete, exists, func, select

from services.core import audit
from services.core.calendar import local_date
from services.core.copying import copy_in
from services.core.crypto import vault
from services.core.db import db
from services.core.errors import Conflict, DomainError
from services.core.ids import uuid7
from services.members.documents import Document
from services.members.models import Member, RosterImport, RosterRow
from services.members.roster import errors, payloads, roll, verdicts
from services.members.roster.reading import Chunk
from services.members.roster.service import twins
from services.members.roster.service.upload import locked, recount
from services.members.roster.types import (
    Action,
    Cells,
    Field,
    ImportId,
    Judgement,
    Kind,
    State,
    Verdict,
    Weight,
)
from services.members.roster.verdicts import Directory, Understood, understood
from services.members.service import DOCUMENT_FIELD, PHONE_FIELD, document_index, phone_index
from services.members.types import Standing
from services.unions import queries as unions
from services.unions.types import UnionId, UnionPath

CHUNK = 2_000
COLUMNS = (
    "import_id", "line", "own_verdict", "verdict", "action", "notes", "changes", "payload", "id_index", "name_index",
    "phone_index", "member_id", "chosen",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """One start of reading an import."""

    import_id: ImportId
    token: uuid.UUID
    file_key: str
    kind: Kind
    union_path: UnionPath
    directory: Directory
    #: the day of the upload: ages and dates are judged as of then, however late a row is corrected
    on: datetime.date


def begin_check(*, import_id: ImportId) -> Run:
    """Takes the import over, from another start too. Raises Conflict(roster_import_moved_on) if it is read already."""
    row = locked(import_id, None, State.READING)
    if row.file_key is None:
        raise Conflict(errors.IMPORT_PAYLOAD_GONE)
    row.run, row.progress = uuid7(), 0
    db.session.flush()
    path = unions.office(UnionId(row.union_id)).path
    directory = roll.directory(union_path=path, reach=UnionPath(row.reach))
    return Run(import_id, row.run, row.file_key, Kind(row.kind), path, directory, local_date(row.created_at))


def clear(run: Run) -> int:
    """Forgets a batch of what an earlier start had staged; returns how many rows. Run it until it returns 0."""
    _mine(run)
    some = select(RosterRow.line).where(RosterRow.import_id == run.import_id).limit(CHUNK * 5)
    gone = db.session.execute(
        delete(RosterRow).where(RosterRow.import_id == run.import_id, RosterRow.line.in_(some)),
        execution_options={"synchronize_session": False},
    )
    return int(getattr(gone, "rowcount", 0))


def stage(run: Run, chunk: Chunk) -> int:
    """Judges a chunk and keeps it; returns how many rows. Raises Conflict(roster_import_moved_on) if taken over."""
    row = _mine(run)
    copy_in("roster_rows", COLUMNS, staged(run.import_id, chunk.rows, run.directory, on=run.on))
    row.progress += len(chunk.rows)
    row.total = max(chunk.total, row.progress)
    row.report = {name: value for name, value in asdict(chunk.report).items() if value}
    db.session.flush()
    return len(chunk.rows)


def compare(run: Run) -> None:
    """Judges the rows beside each other: one document twice, two people with one, one phone on many."""
    _mine(run)
    twins.judge(run.import_id)


def propose_leavers(run: Run, *, after: uuid.UUID) -> uuid.UUID | None:
    """Of a whole list: stages a batch of the members who are not in it. Returns the last, None when none is left."""
    _mine(run)
    if run.kind is not Kind.WHOLE:
        return None
    named = exists().where(RosterRow.import_id == run.import_id, RosterRow.member_id == Member.id)
    absent = list(
        db.session.execute(
            _of_union(run.union_path, Member.id, Member.name, Member.id_number, Member.phone)
            .where(Member.id > after, ~named)
            .order_by(Member.id)
            .limit(CHUNK)
        )
    )
    last = db.session.scalar(select(func.max(RosterRow.line)).where(RosterRow.import_id == run.import_id)) or 0
    rows = [
        _row(run.import_id, line, Judgement(Verdict.MISSING, Action.LEAVE), _shown(record)) | {"member_id": record.id}
        for line, record in enumerate(absent, start=last + 1)
    ]
    copy_in("roster_rows", COLUMNS, rows)
    return absent[-1].id if absent else None


def finish(run: Run, *, now: datetime.datetime) -> None:
    """The import waits for an officer from here on. Audited with the figures."""
    row = _mine(run)
    row.state, row.run = State.CHECKED, None
    row.total = row.progress
    row.members_before = db.session.scalar(_of_union(run.union_path, func.count())) or 0
    recount(row)
    audit.record("roster.checked", actor="job:roster", subject_id=run.import_id, now=now, detail=row.counts)


def refuse(run: Run, fault: DomainError, *, now: datetime.datetime) -> None:
    """The file or the sheet cannot be used: says why."""
    row = _mine(run)
    row.state, row.run = State.REFUSED, None
    row.fault, row.fault_facts = fault.code, {name: str(value) for name, value in fault.facts.items()}
    db.session.flush()
    audit.record("roster.refused", actor="job:roster", subject_id=run.import_id, now=now, detail={"code": fault.code})


def staged(
    import_id: ImportId, rows: Sequence[tuple[int, Cells]], directory: Directory, *, on: datetime.date
) -> list[dict[str, Any]]:
    """Rows of roster_rows: each judged by itself and against the roster."""
    seen = [understood(cells, directory, on=on) for _, cells in rows]
    match = roll.matcher([one.person for one in seen if isinstance(one, Understood)])
    papers = _papers_of_faulty(rows, seen, on)
    made = []
    for (line, cells), one in zip(rows, seen, strict=True):
        record = match(one.person) if isinstance(one, Understood) else papers.get(line)
        known = roll.known(record, with_card=bool(cells.get(Field.CARD))) if record else None
        judgement = verdicts.judged(one, known, directory, phone_index)
        made.append(_row(import_id, line, judgement, cells) | {"member_id": record.id if record else None})
    return made


def _papers_of_faulty(
    rows: Sequence[tuple[int, Cells]], seen: Sequence[Understood | Verdict], on: datetime.date
) -> dict[int, roll.Record]:
    """Whom rows are about that have a fault elsewhere: a member with a mistyped phone is not missing from a list."""
    papers: dict[int, Document] = {}
    for (line, cells), one in zip(rows, seen, strict=True):
        document = verdicts.document_of(cells, on) if isinstance(one, Verdict) else None
        if document:
            papers[line] = document
    if not papers:
        return {}
    found = {
        record.id_index: record
        for record in roll.records(roll.among(Member.id_index, [document_index(paper) for paper in papers.values()]))
    }
    return {line: found[index] for line, paper in papers.items() if (index := document_index(paper)) in found}


def _shown(record: Any) -> Cells:
    """What an officer knows a member by."""
    number = vault.unseal(DOCUMENT_FIELD, record.id_number) if record.id_number else ""
    phone = vault.unseal(PHONE_FIELD, record.phone) if record.phone else ""
    return {Field.NAME: record.name, Field.NUMBER: number, Field.PHONE: phone}


def _row(import_id: ImportId, line: int, judgement: Judgement, cells: Cells) -> dict[str, Any]:
    person = judgement.person
    return {
        "import_id": import_id,
        "line": line,
        "own_verdict": judgement.verdict,
        "verdict": judgement.verdict,
        "action": judgement.action,
        "notes": list(judgement.notes),
        "changes": list(judgement.changes),
        "payload": payloads.seal_cells(cells),
        "id_index": document_index(person.document) if person else None,
        "name_index": payloads.name_index(person.name) if person else None,
        "phone_index": phone_index(person.phone) if person and person.phone else None,
        "chosen": judgement.verdict.weight is Weight.GOOD and judgement.action is not Action.NOTHING,
    }


def _of_union(path: UnionPath, *columns: Any) -> Any:
    """Members of a union and those below it who have not left."""
    union = unions.unions().subquery()
    return (
        select(*columns)
        .select_from(Member)
        .join(union, union.c.union_id == Member.union_id)
        .where(unions.in_subtree(union.c.union_path, path), Member.standing != Standing.LEFT)
    )


def _mine(run: Run) -> RosterImport:
    row = locked(run.import_id, None, State.READING)
    if row.run != run.token:
        raise Conflict(errors.IMPORT_MOVED_ON, state=row.state)
    return row
