"""The rows of a .csv: whatever encoding and separator the sender's program chose."""

import codecs
import csv
import io
import re
from collections.abc import Iterator

from services.core.errors import Invalid
from services.members.roster import errors
from services.members.roster.reading.excel import EMPTY_RUN, WIDEST, Row, Stop
from services.members.roster.types import Cell, Odd, Oddity

SEPARATORS = ",\t;|，"
_QUOTED = re.compile(r'="([^"]*)"')
csv.field_size_limit(100_000)


def decoded(data: bytes) -> str:
    """UTF-8 with or without its mark, UTF-16 with its mark, GB18030. Raises Invalid(roster_file_encoding)."""
    marked = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Invalid(errors.FILE_ENCODING)


def rows(text: str, stop: Stop) -> Iterator[Row]:
    """Number and cells of each record that is not empty. Raises Invalid(roster_file_no_table)."""
    separator = _separator(text)
    last = 0
    try:
        records = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        for line, record in enumerate(records, start=1):
            if len(record) > WIDEST and any(field.strip() for field in record[WIDEST:]):
                raise Invalid(errors.SHEET_TOO_MANY_COLUMNS)
            cells = [_cell(field.strip()) for field in record[:WIDEST]]
            if any(cells):
                yield line, cells
                last = line
            elif line - last > EMPTY_RUN:
                stop.after = last
                return
    except csv.Error:
        raise Invalid(errors.FILE_BROKEN) from None


def _separator(text: str) -> str:
    """The one that most of the first lines have most often."""
    head = [line for line in text[:20_000].splitlines()[:20] if line.strip()]
    counts = {sign: sorted(line.count(sign) for line in head)[len(head) // 2] for sign in SEPARATORS} if head else {}
    best = max(counts, key=lambda sign: counts[sign], default="")
    if not best or not any(best in line for line in head):
        raise Invalid(errors.FILE_NO_TABLE)
    return best


def _cell(text: str) -> Cell:
    """The formula ="0123" is how digits are kept from Excel: it is read as its digits."""
    if not text.startswith("="):
        return text
    kept = _QUOTED.fullmatch(text)
    return kept.group(1).strip() if kept else Odd(Oddity.FORMULA, text[:40])
