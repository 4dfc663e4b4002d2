"""A list of people as a unit's officer has it: pasted text, or a sheet. Pure."""

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.core.errors import Invalid
from services.core.phones import phone
from services.events import errors
from services.members.roster import errors as roster
from services.members.roster import headers
from services.members.roster.reading import check, excel, text
from services.members.roster.reading.container import Format
from services.members.roster.reading.excel import Row, Stop
from services.members.roster.reading.workbook import frame
from services.members.roster.types import Field
from services.members.rules import tidy_name

MOST = 500
NAME_MOST = 60
_DIGITS = re.compile(r"\+?\d[\d \-]{3,}\d")
_NUMBERING = re.compile(r"^\d{1,4}(?:[.、．)）:]\s*|\s+)(?=\D)")
_SEPARATORS = re.compile(r"[\t,;、|，；：:]+")


@dataclass(frozen=True)
class Line:
    """One person as written. `phone`: digits, "" where there is none, None where what stands there is no mobile."""

    number: int
    name: str
    phone: str | None

    @property
    def written(self) -> str:
        return f"{self.name}\t{self.phone or ''}".strip()


def lines_of(pasted: str) -> list[Line]:
    """Of each line with anything in it the name and the phone; a row of headers is passed over.

    Raises Invalid(unit_list_empty, unit_list_long).
    """
    found = [_line(number, one) for number, one in enumerate(pasted.splitlines(), start=1) if one.strip()]
    lines = [one for one in found if one.name or one.phone != ""]
    if not [one for one in lines if one.name]:
        raise Invalid(errors.UNIT_LIST_EMPTY, field="list")
    if len(lines) > MOST:
        raise Invalid(errors.UNIT_LIST_LONG, field="list", most=MOST, count=len(lines))
    return lines


def pasted_of(data: bytes) -> str:
    """The names and phones of a sheet (.xlsx, .csv) as text to paste: a line for each person.

    Raises Invalid with a code of roster.errors, and unit_list_long.
    """
    if check(data) is Format.TEXT:
        return _below_headers(text.rows(text.decoded(data), Stop()))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        whole = frame(archive)
        return _below_headers(excel.rows(archive, whole.sheets[0], whole, Stop()))


def _line(number: int, written: str) -> Line:
    plain = _NUMBERING.sub("", unicodedata.normalize("NFKC", written).strip())
    found = _DIGITS.search(plain)
    rest = plain.replace(found[0], " ") if found else plain
    name = tidy_name(" ".join(_SEPARATORS.sub(" ", rest).split()))[:NAME_MOST]
    words = _SEPARATORS.sub(" ", rest).split()
    if found is None and words and headers.is_name_header(words[0]):
        return Line(number, "", "")
    return Line(number, name, phone(found[0]) if found else "")


def _below_headers(rows: Iterable[Row]) -> str:
    columns: tuple[int, int | None] | None = None
    lines: list[str] = []
    for seen, (_, cells) in enumerate(rows):
        texts = [cell if isinstance(cell, str) else "" for cell in cells]
        if columns is None:
            if seen == headers.LOOK:
                break
            columns = _columns(texts)
            continue
        name, number = (texts[at] if at is not None and at < len(texts) else "" for at in columns)
        if name or number:
            lines.append(f"{name}\t{number}")
        if len(lines) > MOST:
            raise Invalid(errors.UNIT_LIST_LONG, field="list", most=MOST, count=len(lines))
    if columns is None:
        raise Invalid(roster.SHEET_NO_NAME)
    return "\n".join(lines)


def _columns(texts: Sequence[str]) -> tuple[int, int | None] | None:
    """Where name and phone stand, if this is the row that says so."""
    fields = [headers.STRONG.get(headers.plain(one)) or headers.WEAK.get(headers.plain(one)) for one in texts]
    if Field.NAME not in fields:
        return None
    return fields.index(Field.NAME), fields.index(Field.PHONE) if Field.PHONE in fields else None
