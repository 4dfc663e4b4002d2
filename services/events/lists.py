"""A list of people as a unit's officer has it: pasted text, or a sheet. Pure."""

import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

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
MOST_NAMES = 8
"""Words of a line that are tried as the name."""
_MOBILE = re.compile(r"(?<![\d+])(?:\+?86[ -]?|0086[ -]?)?1\d{2}[ -]?\d{4}[ -]?\d{4}(?!\d)")
_DIGITS = re.compile(r"\+?\d[\d \-]{3,}\d")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_NUMBERING = re.compile(r"^[(\[]?\d{1,3}(?!\d)[)\].、:,]*\s*")
_SEPARATORS = re.compile(r"[\t,;、|:/()\[\]【】。]+")
_LETTERS = re.compile(r"[^\W\d_]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_HAN_WORD = re.compile(r"[\u3400-\u9fff·]{2,}")


@dataclass(frozen=True)
class Line:
    """One person as written. `phone`: digits, "" where there is none, None where what stands there is no mobile."""

    number: int
    name: str
    phone: str | None
    #: other words of the line that may be the name: a list may have the department first
    others: tuple[str, ...] = field(default=(), compare=False)
    #: all that was written beside the phone
    text: str = field(default="", compare=False)
    #: more than one person
    crowded: bool = field(default=False, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """What may be the name, the likeliest first. Without a phone the name is all that tells who it is."""
        return (self.name, *self.others) if self.phone else (self.name,)

    @property
    def rest(self) -> str:
        """What was written beside name and phone: "司机", "尺码 L"."""
        name = r"\s*".join(map(re.escape, self.name))
        words = _SEPARATORS.sub(" ", re.sub(name, " ", self.text, count=1)).split()
        return " ".join(word for word in words if word.strip("-."))


def lines_of(pasted: str) -> list[Line]:
    """Of each line with anything in it the name and the phone, in either order, with notes or without; a row of
    headers is passed over, and nothing else is.

    Raises Invalid(unit_list_empty, unit_list_long).
    """
    found = [_line(number, one) for number, one in enumerate(pasted.splitlines(), start=1) if one.strip()]
    lines = [one for one in found if one.text or one.phone != ""]
    if not lines:
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
    plain = _DASHES.sub("-", unicodedata.normalize("NFKC", written).strip())
    phones = list(_MOBILE.finditer(plain)) or [one for one in _DIGITS.finditer(plain) if phone(one[0])]
    if not phones:
        text = _NUMBERING.sub("", plain)
        fields = _fields(text)
        if any(headers.is_name_header(word) for one in fields for word in one.split()):
            return Line(number, "", "")
        return _named(number, None if _DIGITS.search(text) else "", fields, text)
    first, last = phones[0], phones[-1]
    before, after = _NUMBERING.sub("", plain[: first.start()]), plain[first.end() :]
    crowded = bool(_LETTERS.search(plain[first.end() : last.start()]))
    text = f"{before}\t{after}".strip()
    return _named(number, None if crowded else phone(first[0]), _fields(before) + _fields(after), text, crowded)


def _fields(text: str) -> list[str]:
    parts = (" ".join(part.split()).strip("-. ") for part in _SEPARATORS.split(text))
    return [one for one in parts if _LETTERS.search(one)]


def _named(number: int, digits: str | None, fields: Sequence[str], text: str, crowded: bool = False) -> Line:
    """The name is the first that is written; a Chinese one ends where a word does, unless it is spaced out."""
    found: list[str] = []
    for one in fields:
        words = [word for word in one.split() if _LETTERS.search(word)]
        whole, spaced = " ".join(words), [" ".join(words[:end]) for end in (1, 2, 3)]
        chinese = [word for word in words if _HAN_WORD.fullmatch(word)]
        likely = spaced[1] if _HAN.fullmatch(words[0]) else chinese[0] if chinese else whole
        found += [tidy_name(name) for name in (likely, whole, *spaced, *words)]
    names = list(dict.fromkeys(name for name in found if len(name) <= NAME_MOST))
    return Line(number, names[0] if names else "", digits, tuple(names[1:MOST_NAMES]), text, crowded)


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
