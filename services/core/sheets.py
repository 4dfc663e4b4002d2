"""Tables as files for a spreadsheet program, and back: XLSX, and CSV for whatever reads no XLSX.

What somebody typed must stay text. A cell of text that a spreadsheet program would take for a formula ("=1+1",
"@SUM(A1)", a bill's remark "-5%") is inert in both files, and comes back as it was: an export can be taken in again.
An XLSX says of each cell that it is text, so nothing is added to it. CSV has no types: there an apostrophe goes before
whatever looks like a formula, and before an apostrophe in such a place; reading takes one away. That is so behind a
semicolon or a new line too: a program that was told another separator begins a cell there, quotes or not.

Money is Decimal yuan, times are aware and come back in UTC, whole seconds. No text and empty text are the same.
Reading is for files that these functions wrote: it refuses other columns and does not guess.
"""

import csv
import datetime
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any
from unicodedata import east_asian_width

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from services.core.calendar import SHANGHAI
from services.core.money import yuan

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8"

LONGEST_TEXT = 32_767
"""Of one cell, in UTF-16 units as spreadsheet programs count."""
LARGEST = 10**15
"""Spreadsheet programs keep 15 digits of a number."""
FIRST_DAY = datetime.date(1900, 3, 1)
"""Before it the programs do not agree which day a number is: one of them believes in 29 February 1900."""

_TIME = "%Y-%m-%d %H:%M:%S"
_CENT = Decimal("0.01")

WIDEST = 50
FILTER = 3
"""What the button of a filter takes of a title."""

Cell = str | int | Decimal | datetime.date | datetime.datetime | None
Row = tuple[Cell, ...]


class Kind(StrEnum):
    """What a column holds, beside nothing."""

    TEXT = "text"
    WHOLE = "whole"
    YUAN = "yuan"
    DAY = "day"
    TIME = "time"


_TYPES: dict[Kind, type] = {
    Kind.TEXT: str, Kind.WHOLE: int, Kind.YUAN: Decimal, Kind.DAY: datetime.date, Kind.TIME: datetime.datetime,
}  # fmt: skip
_FORMATS = {Kind.WHOLE: "0", Kind.YUAN: "#,##0.00", Kind.DAY: "yyyy-mm-dd", Kind.TIME: "yyyy-mm-dd hh:mm:ss"}


@dataclass(frozen=True)
class Column:
    """`width` in characters; a Chinese one takes two."""

    title: str
    kind: Kind = Kind.TEXT
    width: int = 14


def fitted(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> list[Column]:
    """The same columns, each as wide as what stands in it, within reason."""
    wide = [_wide(column.title) + FILTER for column in columns]
    for row in rows:
        wide = [max(here, _wide(cell)) for here, cell in zip(wide, row, strict=True)]
    return [replace(one, width=min(here + 1, WIDEST)) for one, here in zip(columns, wide, strict=True)]


def _wide(cell: Cell) -> int:
    if isinstance(cell, datetime.datetime):
        return len("2026-01-01 00:00:00")
    lines = str("" if cell is None else cell).splitlines()
    return max((sum(1 + (east_asian_width(sign) in "WF") for sign in line) for line in lines), default=0)


class OtherSheet(ValueError):
    """The file does not have the columns that were asked for."""


def in_yuan(fen: int | None) -> Decimal | None:
    """A cell of a YUAN column."""
    return None if fen is None else Decimal(yuan(fen))


def write_xlsx(columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, name: str) -> bytes:
    """One sheet called `name`, its header frozen and with a filter, every text an explicit string and marked as one.

    Raises TypeError for a cell that does not fit its column, ValueError for one that would not come back as it was.
    """
    # All of them first: a writer left halfway keeps its temporary file.
    fitting = list(_fitting(columns, rows))
    book = Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\']", " ", name)[:31])
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{len(fitting) + 1}"
    for place, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = column.width
    header = [_text_cell(sheet, column.title) for column in columns]
    for cell in header:
        cell.font = Font(bold=True)
    sheet.append(header)
    for row in fitting:
        sheet.append([_cell(sheet, column.kind, value) for column, value in zip(columns, row, strict=True)])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def read_xlsx(columns: Sequence[Column], data: bytes) -> list[Row]:
    """The rows of `write_xlsx`. Raises OtherSheet."""
    book = load_workbook(io.BytesIO(data), read_only=True)
    lines = book.worksheets[0].iter_rows(max_col=len(columns), values_only=True)
    if [_unescaped(str(title)) for title in next(lines, ())] != [column.title for column in columns]:
        raise OtherSheet
    return [tuple(_from_xlsx(column.kind, value) for column, value in zip(columns, row, strict=True)) for row in lines]


def write_csv(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> bytes:
    """RFC 4180 with every field in quotes, UTF-8 with a byte order mark, which Excel needs for Chinese.

    Raises as `write_xlsx`.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL)
    writer.writerow([_inert(column.title) for column in columns])
    for row in _fitting(columns, rows):
        writer.writerow([_as_text(column.kind, value) for column, value in zip(columns, row, strict=True)])
    return file.getvalue().encode("utf-8-sig")


def read_csv(columns: Sequence[Column], data: bytes) -> list[Row]:
    """The rows of `write_csv`. Raises OtherSheet."""
    lines = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
    if [_bare(title) for title in next(lines, [])] != [column.title for column in columns]:
        raise OtherSheet
    return [tuple(_from_text(column.kind, text) for column, text in zip(columns, row, strict=True)) for row in lines]


def _fitting(columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    for row in rows:
        for column, value in zip(columns, row, strict=True):
            _check(column.kind, value)
        yield row


def _check(kind: Kind, value: Cell) -> None:
    # Every datetime is a date to Python, and every bool an int: neither is here.
    if value is not None and type(value) is not _TYPES[kind]:
        raise TypeError(f"a {type(value).__name__} in a column of {kind}")
    wrong = False
    if isinstance(value, str):
        wrong = len(_escaped(value).encode("utf-16-le")) // 2 > LONGEST_TEXT
    elif isinstance(value, Decimal):
        wrong = abs(value) * 100 >= LARGEST or value != value.quantize(_CENT)
    elif isinstance(value, int):
        wrong = abs(value) >= LARGEST
    if wrong:
        raise ValueError(f"a cell of {kind} that would not come back as it was")
    if isinstance(value, datetime.datetime) and value.tzinfo is None:
        raise ValueError("a time without a zone")
    if isinstance(value, datetime.date):
        day = value.astimezone(SHANGHAI).date() if isinstance(value, datetime.datetime) else value
        if day < FIRST_DAY:
            raise ValueError("a day before the programs' first one")


# XLSX. A name of five hexadecimal digits stands for a character that XML cannot hold or would change: _x000D_.

_UNSPEAKABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
_NAMED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def _escaped(text: str) -> str:
    return _UNSPEAKABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)


def _unescaped(text: str) -> str:
    return _NAMED.sub(lambda found: chr(int(found[1], 16)), text)


def _text_cell(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, _escaped(text))
    # The library would make a formula of "=…" and an error of "#N/A".
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def _cell(sheet: Any, kind: Kind, value: Cell) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return _text_cell(sheet, value)
    if isinstance(value, datetime.datetime):
        value = value.astimezone(SHANGHAI).replace(tzinfo=None, microsecond=0)
    cell = WriteOnlyCell(sheet, value)
    cell.number_format = _FORMATS[kind]
    return cell


def _from_xlsx(kind: Kind, value: Any) -> Cell:
    if value is None:
        return None
    if kind is Kind.TEXT and isinstance(value, str):
        return _unescaped(value)
    if kind is Kind.WHOLE and isinstance(value, int):
        return value
    if kind is Kind.YUAN and isinstance(value, int | float):
        return Decimal(repr(value)).quantize(_CENT)
    if kind is Kind.DAY and isinstance(value, datetime.datetime):
        return value.date()
    if kind is Kind.TIME and isinstance(value, datetime.datetime):
        return value.replace(tzinfo=SHANGHAI).astimezone(datetime.UTC)
    raise OtherSheet


# CSV. What programs take for the begin of a formula, in both widths; spaces before it may be cut off.

_BEGINS = '(?:\\A|(?<=[,;|\t\r\n"]))'
_BLANK = "[\\s\u200b-\u200f\u2060\ufeff]"
_LIVE = re.compile(f"{_BEGINS}(?='|[\x00-\x1f]|{_BLANK}*[-=+@\u2212\uff1d\uff0b\uff0d\uff20])")
_MARK = re.compile(f"{_BEGINS}'")


def _inert(text: str) -> str:
    return _LIVE.sub("'", text)


def _bare(text: str) -> str:
    return _MARK.sub("", text)


def _as_text(kind: Kind, value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _inert(value)
    if isinstance(value, datetime.datetime):
        return value.astimezone(SHANGHAI).strftime(_TIME)
    return format(value, ".2f") if kind is Kind.YUAN else str(value)


def _from_text(kind: Kind, text: str) -> Cell:
    if not text:
        return None
    if kind is Kind.TEXT:
        return _bare(text)
    try:
        if kind is Kind.WHOLE:
            return int(text)
        if kind is Kind.YUAN:
            return Decimal(text).quantize(_CENT)
        if kind is Kind.DAY:
            return datetime.date.fromisoformat(text)
        return datetime.datetime.strptime(text, _TIME).replace(tzinfo=SHANGHAI).astimezone(datetime.UTC)
    except ArithmeticError as error:
        raise OtherSheet from error
