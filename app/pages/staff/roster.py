"""Bringing a roster in, at an officer's desk: hand in a sheet, look at the verdicts, correct, choose, apply, undo."""

import io
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, request, send_file
from flask.typing import ResponseReturnValue
from openpyxl import Workbook

from app import permissions, uploads
from app.language import language
from app.pages.paths import page_asked, see_other
from app.pages.sent import whole_number
from app.pages.staff import desk
from app.throttle import WRITE, limiter
from app.wording import clerk_words
from app.wording.roster_rows import note_words, verdict_title, verdict_words
from services.accounts import above
from services.accounts.types import Capability
from services.core import clock
from services.core.errors import Conflict, DomainError, Forbidden, Invalid
from services.core.files import files
from services.core.transaction import in_transaction
from services.members.roster import queries, service
from services.members.roster.reading import check
from services.members.roster.types import (
    Cell,
    Field,
    ImportId,
    ImportView,
    Kind,
    Note,
    Odd,
    Outcome,
    RowView,
    State,
    Verdict,
    Weight,
)
from services.members.roster.verdicts import plain_union_name
from services.unions import queries as unions
from services.unions.errors import UNION_NOT_CLEAR
from services.unions.types import UnionPath, UnionView

blueprint = Blueprint("staff_roster", __name__, template_folder="..")

TEMPLATE = ("序号", "姓名", "性别", "证件类型", "证件号码", "手机号码", "工会名称", "会员服务卡号", "入会时间")
AT_WORK = (State.READING, State.APPLYING, State.UNDOING)
WEIGHTS = (Weight.BAD, Weight.ASK, Weight.GOOD, Weight.SKIP)
MOST_LINES = 200


uploads.room("staff_roster.hand_in", most=lambda: current_app.config["SETTINGS"].roster_limit_mb * 1024 * 1024)


@blueprint.get("")
def imports() -> ResponseReturnValue:
    return _imports()


@blueprint.post("")
@limiter.limit(WRITE)
def hand_in() -> ResponseReturnValue:
    """Keeps the file sealed and leaves the reading to the worker; what cannot be a list is refused at once."""
    scopes, sheet = _scopes(), request.files.get("file")
    try:
        data = sheet.read() if sheet else b""
        check(data)
        union = _union_named(scopes)
        kind = Kind.WHOLE if request.form.get("kind") == Kind.WHOLE else Kind.ADDITIONS
    except Invalid as error:
        return _imports(problem=error), 422
    key, name = files.put(data), (sheet.filename if sheet else "") or "名单"
    import_id = in_transaction(
        lambda: service.hand_in(
            union_id=union.id, kind=kind, file_name=name, file_key=key, data=data, scopes=scopes,
            actor=desk.officer().label, now=clock.now(),
        )
    )  # fmt: skip
    return see_other("staff_roster.one", import_id=import_id)


@blueprint.get("/template.xlsx")
def template() -> ResponseReturnValue:
    """A sheet with the headers that are taken and nobody in it."""
    _scopes()
    book, held = Workbook(), io.BytesIO()
    book.active.append(TEMPLATE)
    for column in "ABCDEFGHI":
        # As text, or a spreadsheet turns the number of an ID card into 1.2E+17.
        book.active.column_dimensions[column].number_format = "@"
        book.active.column_dimensions[column].width = 20
    book.save(held)
    held.seek(0)
    return send_file(held, as_attachment=True, download_name="会员名单模板.xlsx")


@blueprint.get("/<uuid:import_id>")
def one(import_id: UUID) -> ResponseReturnValue:
    return _one(_seen(import_id))


@blueprint.post("/<uuid:import_id>/rows/<int:line>/open")
@limiter.limit(WRITE)
def open_row(import_id: UUID, line: int) -> ResponseReturnValue:
    """One row in clear, to be corrected: a look that is kept in the audit trail."""
    sheet = _seen(import_id)
    cells = in_transaction(lambda: service.open_row(line=line, **_at(sheet)))
    return _row(sheet, line, {field: _clear(cell) for field, cell in cells.items()})


@blueprint.post("/<uuid:import_id>/rows/<int:line>")
@limiter.limit(WRITE)
def correct(import_id: UUID, line: int) -> ResponseReturnValue:
    """Judges the row again; while it is faulty the form stays, with what was typed."""
    sheet = _seen(import_id)
    typed = {field: request.form.get(field, "") for field in Field}
    verdict = in_transaction(lambda: service.correct(line=line, cells=typed, **_at(sheet)))
    if verdict.weight is Weight.BAD:
        return _row(sheet, line, typed), 422
    return see_other("staff_roster.one", import_id=sheet.id, verdict=verdict, done=line)


@blueprint.post("/<uuid:import_id>/rows/<int:line>/phone")
@limiter.limit(WRITE)
def take_phone(import_id: UUID, line: int) -> ResponseReturnValue:
    sheet = _seen(import_id)
    try:
        in_transaction(lambda: service.take_phone(line=line, untouchable=above.untouchable, **_at(sheet)))
    except (Conflict, Forbidden) as error:
        return _one(_seen(import_id), problem=error), 409
    return _back(sheet)


@blueprint.post("/<uuid:import_id>/choose")
@limiter.limit(WRITE)
def choose(import_id: UUID) -> ResponseReturnValue:
    """Ticks what is ticked of the rows that were shown, and unticks the others; or all of one verdict."""
    sheet, every = _seen(import_id), request.form.get("every", "")
    if every in ("yes", "no"):
        in_transaction(
            lambda: service.choose_all(verdict=_verdict_shown() or Verdict.NEW, chosen=every == "yes", **_at(sheet))
        )
        return _back(sheet)
    shown, ticked = (
        {whole_number(one) or 0 for one in request.form.getlist(name)[:MOST_LINES]} for name in ("shown", "line")
    )

    def write() -> None:
        service.choose(lines=shown & ticked, chosen=True, **_at(sheet))
        service.choose(lines=shown - ticked, chosen=False, **_at(sheet))

    in_transaction(write)
    return _back(sheet)


@blueprint.post("/<uuid:import_id>/agree")
@limiter.limit(WRITE)
def agree(import_id: UUID) -> ResponseReturnValue:
    return _act(import_id, service.approve)


@blueprint.post("/<uuid:import_id>/apply")
@limiter.limit(WRITE)
def apply(import_id: UUID) -> ResponseReturnValue:
    return _act(import_id, service.begin_apply)


@blueprint.post("/<uuid:import_id>/undo")
@limiter.limit(WRITE)
def undo(import_id: UUID) -> ResponseReturnValue:
    return _act(import_id, service.begin_undo)


@blueprint.post("/<uuid:import_id>/drop")
@limiter.limit(WRITE)
def drop(import_id: UUID) -> ResponseReturnValue:
    return _act(import_id, service.drop)


def _act(import_id: UUID, verb: Any) -> ResponseReturnValue:
    """One verb on the whole import; a no is said on its page."""
    sheet = _seen(import_id)
    try:
        in_transaction(lambda: verb(**_at(sheet)))
    except Conflict as error:
        return _one(_seen(import_id), problem=error), 409
    return see_other("staff_roster.one", import_id=sheet.id)


def _imports(problem: DomainError | None = None) -> str:
    scopes = _scopes()
    return desk.page(
        "staff/roster.html",
        page=queries.imports(scopes=scopes, request=page_asked()),
        own=unions.at(scopes[0]),
        problem=_words(problem),
        typed=request.form,
        limit_mb=current_app.config["SETTINGS"].roster_limit_mb,
        states=State,
        at_work=AT_WORK,
    )


def _one(sheet: ImportView, problem: DomainError | None = None) -> str:
    shown = _verdict_shown() or _first(sheet)
    after = whole_number(request.args.get("after")) or 0
    rows = queries.rows(sheet.id, verdict=shown, after=after) if shown else []
    outcomes = {
        one: queries.left_alone(sheet.id, outcome=one) for one in (Outcome.MOVED_ON, Outcome.OFFICERS, Outcome.KEPT)
    }
    return desk.page(
        "staff/roster_one.html",
        sheet=sheet,
        groups=[(weight, [verdict for verdict in Verdict if verdict.weight is weight and verdict in sheet.counts])
                for weight in WEIGHTS],
        shown=shown,
        rows=rows,
        more=rows[-1].line if len(rows) == queries.ROWS else None,
        twins={row.line: queries.twins_of(sheet.id, row.line) for row in rows if _has_twin(row)},
        left_alone={outcome: found for outcome, found in outcomes.items() if found},
        working=sheet.state in AT_WORK,
        may_choose=sheet.state is State.CHECKED and not sheet.cleared,
        mine=sheet.created_by == desk.officer().label,
        undoable=sheet.state is State.APPLIED and sheet.undo_until is not None and clock.now() < sheet.undo_until,
        fault=clerk_words(sheet.fault, sheet.fault_facts, language=language()) if sheet.fault else "",
        problem=_words(problem),
        **_terms(),
    )  # fmt: skip


def _row(sheet: ImportView, line: int, typed: dict[Field, str]) -> str:
    row = queries.row(sheet.id, line)
    return desk.page(
        "staff/roster_row.html", sheet=sheet, row=row, typed=typed, twins=queries.twins_of(sheet.id, line), **_terms()
    )


def _terms() -> dict[str, Any]:
    """What the templates of verdicts need."""
    return {
        "title_of": lambda verdict: verdict_title(verdict, language()),
        "words_of": lambda verdict: verdict_words(verdict, language()),
        "note_of": lambda note: note_words(note, language()),
        "weights": Weight,
        "states": State,
        "fields": Field,
        "proposed": Note.PHONE_PROPOSED,
        "verdicts": Verdict,
    }


def _has_twin(row: RowView) -> bool:
    return row.verdict in (Verdict.TWICE, Verdict.DOCUMENT_SHARED, Verdict.PERSON_TWICE)


def _first(sheet: ImportView) -> Verdict | None:
    """What an officer should look at first: faults, then what is asked, then the rest."""
    return next(
        (verdict for weight in WEIGHTS for verdict in Verdict if verdict.weight is weight and verdict in sheet.counts),
        None,
    )


def _verdict_shown() -> Verdict | None:
    asked = request.values.get("verdict", "")
    return Verdict(asked) if asked in set(Verdict) else None


def _back(sheet: ImportView) -> ResponseReturnValue:
    after = whole_number(request.form.get("after")) or 0
    return see_other("staff_roster.one", import_id=sheet.id, verdict=_verdict_shown(), after=after or None)


def _union_named(scopes: tuple[UnionPath, ...]) -> UnionView:
    """The union whose name was typed, whole; the officer's own where nothing was. Raises Invalid."""
    typed = plain_union_name(request.form.get("union", "")[:200])
    if not typed:
        return unions.at(scopes[0])
    found = [
        union
        for scope in scopes
        for union in unions.subtree(scope=scope)
        if typed in map(plain_union_name, union.name.values())
    ]
    if len(found) != 1:
        raise Invalid(UNION_NOT_CLEAR, field="union")
    return found[0]


def _seen(import_id: UUID) -> ImportView:
    return queries.one(ImportId(import_id), scopes=_scopes())


def _at(sheet: ImportView) -> dict[str, Any]:
    return {"import_id": sheet.id, "scopes": _scopes(), "actor": desk.officer().label, "now": clock.now()}


def _scopes() -> tuple[UnionPath, ...]:
    return permissions.scopes(Capability.IMPORT_ROSTER)


def _clear(cell: Cell) -> str:
    """What an officer corrects; of a formula or a number that lost its digits there is nothing to keep."""
    return "" if isinstance(cell, Odd) else cell


def _words(problem: DomainError | None) -> str:
    return clerk_words(problem.code, problem.facts, language=language()) if problem else ""
