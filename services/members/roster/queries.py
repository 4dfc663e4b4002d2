"""Reads: imports and their rows, for officers whose scopes cover the import's union."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select

from services.core.crypto import vault
from services.core.db import Rows, db
from services.core.errors import NotFound
from services.core.paging import Page, PageRequest
from services.members import documents
from services.members.models import RosterImport, RosterRow
from services.members.roster import cells as read
from services.members.roster import errors, payloads
from services.members.roster.service.upload import Scopes
from services.members.roster.types import (
    Action,
    Cell,
    Field,
    ImportId,
    ImportView,
    Kind,
    Note,
    Odd,
    Outcome,
    RowView,
    SheetReport,
    State,
    Verdict,
)
from services.members.rules import masked_name, masked_phone
from services.unions import queries as unions
from services.unions.types import UnionId, UnionPath

ROWS = 50


def imports(*, scopes: Scopes, request: PageRequest) -> Page[ImportView]:
    """Newest first. The number of chosen rows is 0 here: `one` counts it."""
    rows = list(db.session.execute(request.apply(_visible(scopes), RosterImport.id)))
    return request.page([_view(row, 0) for row in rows], [row[0].id for row in rows])


def one(import_id: ImportId, *, scopes: Scopes) -> ImportView:
    """Raises NotFound(roster_import_unknown), also for what lies outside of the scopes."""
    row = db.session.execute(_visible(scopes).where(RosterImport.id == import_id)).first()
    if row is None:
        raise NotFound(errors.IMPORT_UNKNOWN)
    chosen = select(func.count()).where(RosterRow.import_id == import_id, RosterRow.chosen)
    return _view(row, db.session.scalar(chosen) or 0)


def unfinished(sha256: bytes) -> ImportId | None:
    """An import of this very file whose applying was cut off: to be gone on with from the command line."""
    query = (
        select(RosterImport.id)
        .where(RosterImport.sha256 == sha256, RosterImport.state == State.APPLYING)
        .order_by(RosterImport.id.desc())
        .limit(1)
    )
    found = db.session.scalar(query)
    return ImportId(found) if found else None


def rows(import_id: ImportId, *, verdict: Verdict, after: int = 0, limit: int = ROWS) -> list[RowView]:
    """Rows of one verdict, masked, by line. The caller has asked `one` whether he may see the import."""
    query = (
        select(RosterRow)
        .where(RosterRow.import_id == import_id, RosterRow.verdict == verdict, RosterRow.line > after)
        .order_by(RosterRow.line)
        .limit(limit)
    )
    return [_row(row) for row in db.session.scalars(query)]


def row(import_id: ImportId, line: int) -> RowView:
    """One row, masked. Raises NotFound(roster_row_unknown). The caller has asked `one`."""
    found = db.session.scalars(
        select(RosterRow).where(RosterRow.import_id == import_id, RosterRow.line == line)
    ).one_or_none()
    if found is None:
        raise NotFound(errors.IMPORT_ROW_UNKNOWN)
    return _row(found)


def left_alone(import_id: ImportId, *, outcome: Outcome, limit: int = 200) -> list[RowView]:
    """The first rows with that outcome, masked: what apply or undo did not touch."""
    query = (
        select(RosterRow)
        .where(RosterRow.import_id == import_id, RosterRow.outcome == outcome)
        .order_by(RosterRow.line)
        .limit(limit)
    )
    return [_row(row) for row in db.session.scalars(query)]


def twins_of(import_id: ImportId, line: int) -> list[int]:
    """Lines that share this row's document, or its name and phone."""
    this = select(RosterRow).where(RosterRow.import_id == import_id, RosterRow.line == line).subquery()
    same_paper = RosterRow.id_index == this.c.id_index
    same_person = (RosterRow.name_index == this.c.name_index) & (RosterRow.phone_index == this.c.phone_index)
    query = (
        select(RosterRow.line)
        .join(this, same_paper | same_person)
        .where(RosterRow.import_id == import_id, RosterRow.line != line)
        .order_by(RosterRow.line)
        .limit(5)
    )
    return list(db.session.scalars(query))


def _visible(scopes: Scopes) -> Rows:
    union = unions.unions().subquery("import_union")
    return (
        select(RosterImport, union.c.union_path, union.c.union_name)
        .join(union, union.c.union_id == RosterImport.union_id)
        .where(unions.in_scopes(union.c.union_path, scopes))
        .execution_options(populate_existing=True)
    )


def _view(row: Any, chosen: int) -> ImportView:
    sheet: RosterImport = row[0]
    return ImportView(
        id=ImportId(sheet.id),
        union_id=UnionId(sheet.union_id),
        union_path=UnionPath(row.union_path),
        union_name=row.union_name,
        kind=Kind(sheet.kind),
        state=State(sheet.state),
        file_name=vault.unseal(payloads.FILE_NAME_FIELD, sheet.file_name) if sheet.file_name else "",
        fault=sheet.fault,
        fault_facts=sheet.fault_facts,
        counts={Verdict(verdict): count for verdict, count in sheet.counts.items()},
        outcomes={Outcome(outcome): count for outcome, count in sheet.outcomes.items()},
        report=_report(sheet.report),
        progress=sheet.progress,
        total=sheet.total,
        chosen=chosen,
        missing=sheet.missing,
        members_before=sheet.members_before,
        created_by=sheet.created_by,
        created_at=sheet.created_at,
        second_by=sheet.second_by,
        applied_at=sheet.applied_at,
        undo_until=sheet.undo_until,
        cleared=sheet.cleared_at is not None,
    )


def _report(kept: Mapping[str, Any]) -> SheetReport:
    ignored, bank, not_taken = (tuple(kept.get(name, ())) for name in ("ignored", "bank", "not_taken"))
    return SheetReport(ignored, bank, not_taken, kept.get("stopped_after"))


def _row(row: RosterRow) -> RowView:
    return RowView(
        line=row.line,
        verdict=Verdict(row.verdict),
        action=Action(row.action),
        notes=tuple(map(Note, row.notes)),
        changes=tuple(row.changes),
        chosen=row.chosen,
        outcome=Outcome(row.outcome) if row.outcome else None,
        phone_taken=row.phone_taken_at is not None,
        shown=_masked(payloads.unseal_cells(row.payload)) if row.payload else {},
    )


def _masked(cells: Mapping[Field, Cell]) -> dict[Field, str]:
    """Enough to find the row in the sheet again."""
    masks = {
        Field.NAME: masked_name,
        Field.NUMBER: _masked_number,
        Field.PHONE: _masked_phone,
        Field.CARD: _masked_number,
    }
    return {
        field: cell.text[:4] + "…" if isinstance(cell, Odd) else masks.get(field, str)(cell)
        for field, cell in cells.items()
    }


def _masked_number(text: str) -> str:
    return documents.masked(documents.tidied(text))


def _masked_phone(text: str) -> str:
    found = read.phone(text)
    return masked_phone(found) if isinstance(found, str) and not isinstance(found, Verdict) else text[:3] + "…"
