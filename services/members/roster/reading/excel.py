"""The rows of one worksheet, as they come: no row that is not asked for is kept."""

import zipfile
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from services.core.errors import Invalid
from services.members.roster import errors
from services.members.roster.reading import xml
from services.members.roster.reading.workbook import Frame, Part
from services.members.roster.types import Cell, Odd, Oddity

WIDEST = 100
"""Columns that are looked at; text beyond them refuses the sheet."""
EXACT_DIGITS = 15
"""Excel keeps no more digits of a number."""
LARGEST_DATE = 2_958_465
"""31 December 9999 in Excel's days. What is larger is a number that somebody formatted as a date."""

EMPTY_RUN = 1_000
"""After so many empty rows nothing more is read: somebody formatted all rows there can be."""

Row = tuple[int, list[Cell]]


@dataclass
class Stop:
    """Set by `rows` when it did not go on to the end: the last line that held something."""

    after: int | None = None


def rows(archive: zipfile.ZipFile, part: Part, frame: Frame, stop: Stop) -> Iterator[Row]:
    """Line and cells of each row that is not empty, lines rising; trailing empty cells are left out."""
    reader = _Reader(frame)
    last = 0
    for _ in xml.push(archive, part.path, reader.start, reader.end, reader.text):
        while reader.ready:
            line, cells = reader.ready.popleft()
            if line - last > EMPTY_RUN:
                stop.after = last
                return
            yield line, cells
            last = line
        if reader.line - last > EMPTY_RUN:
            stop.after = last
            return


class _Reader:
    """Handlers for expat: the state is where in the sheet we are."""

    def __init__(self, frame: Frame) -> None:
        self.ready: deque[Row] = deque()
        self._frame = frame
        self.line = 0
        self._column = -1
        self._cells: list[Cell] = []
        self._kind = self._style = ""
        self._pieces: list[str] = []
        self._taking = self._formula = self._aside = False
        self._columns: dict[str, int] = {}

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "c":
            place = attributes.get("r", "")
            self._column = self._number_of(place) if place else self._column + 1
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._formula = False
            self._pieces.clear()
        elif name == "v" or (name == "t" and not self._aside):
            self._taking = True
        elif name == "row":
            line = attributes.get("r", "")
            self.line = max(int(line[:9]) if line.isascii() and line.isdigit() else 0, self.line + 1)
            self._column, self._cells = -1, []
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._aside = True

    def end(self, name: str) -> None:
        if name == "c":
            self._put(self._value())
        elif name in ("v", "t"):
            self._taking = False
        elif name == "row" and self._cells:
            self.ready.append((self.line, self._cells))
        elif name == "rPh":
            self._aside = False

    def text(self, text: str) -> None:
        if self._taking:
            self._pieces.append(text)

    def _put(self, cell: Cell) -> None:
        if cell == "":
            return
        if self._column >= WIDEST:
            raise Invalid(errors.SHEET_TOO_MANY_COLUMNS)
        self._cells.extend([""] * (self._column - len(self._cells)))
        self._cells.append(cell)

    def _value(self) -> Cell:
        text = "".join(self._pieces)
        if self._formula:
            return Odd(Oddity.FORMULA, text[:40])
        if self._kind == "s":
            return self._shared(text)
        if self._kind == "e":
            return Odd(Oddity.ERROR, text[:40])
        if self._kind == "n" and text:
            return self._numeric(text)
        return text.strip()

    def _shared(self, text: str) -> str:
        try:
            return self._frame.texts[int(text)].strip()
        except (ValueError, IndexError):
            raise Invalid(errors.FILE_BROKEN) from None

    def _numeric(self, text: str) -> Cell:
        try:
            number = Decimal(text)
        except InvalidOperation:
            return text.strip()
        if not number.is_finite():
            return text.strip()
        if self._style and 0 <= number <= LARGEST_DATE and int(self._style) in self._frame.dates:
            epoch = CALENDAR_MAC_1904 if self._frame.from_1904 else CALENDAR_WINDOWS_1900
            return str(from_excel(float(number), epoch))[:10]
        return plain_number(number, text)

    def _number_of(self, place: str) -> int:
        """0 for "A12", 27 for "AB3"."""
        letters = place.rstrip("0123456789")
        known = self._columns.get(letters)
        if known is None:
            known = 0
            for letter in letters[:4]:
                known = known * 26 + ord(letter) - 64
            known = self._columns[letters] = known - 1
        return known


def plain_number(number: Decimal, text: str) -> Cell:
    """13800000000.0 and 1.38E+10 as 13800000000, if every digit of it is there; otherwise digits were lost."""
    if number != number.to_integral_value() or abs(number) >= Decimal(10) ** 40:
        return text.strip()
    whole = str(int(number))
    if len(whole.lstrip("-")) > EXACT_DIGITS:
        return Odd(Oddity.DIGITS_LOST, whole[:20])
    return whole
