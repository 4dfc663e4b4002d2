"""One list out of a file: the sheet that holds it, its headers, and its rows in chunks."""

import io
import itertools
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.core.errors import Invalid
from services.members.roster import errors, headers
from services.members.roster.reading import excel, merges, text
from services.members.roster.reading.container import Format, check
from services.members.roster.reading.excel import Row, Stop
from services.members.roster.reading.workbook import Frame, Part, frame
from services.members.roster.types import Cells, SheetReport

MOST_ROWS = 100_000
CHUNK = 2_000


@dataclass(frozen=True)
class Chunk:
    """Some rows of the list: line in the file, and the cells that are taken."""

    rows: list[tuple[int, Cells]]
    report: SheetReport
    #: about how many rows the whole list has
    total: int


def read(data: bytes) -> Iterator[Chunk]:
    """The rows below the headers, up to 2,000 at a time, lines rising. Raises Invalid with a code of errors.py.

    Reads as it goes: what is wrong further down is raised when it is met.
    """
    stop = Stop()
    if check(data) is Format.TEXT:
        decoded = text.decoded(data)
        yield from _chunks(text.rows(decoded, stop), stop, total=decoded.count("\n"))
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        whole = frame(archive)
        part = _list_among(archive, whole)
        blocks, total = merges.scan(archive, part.path)
        rows = excel.rows(archive, part, whole, stop)
        yield from _chunks(merges.filled(rows, blocks) if blocks else rows, stop, total=total)


def _list_among(archive: zipfile.ZipFile, whole: Frame) -> Part:
    """The one visible sheet that looks like a list; the first if none does, which is then refused by its headers."""
    if len(whole.sheets) == 1:
        return whole.sheets[0]
    lists = []
    for part in whole.sheets:
        head = list(itertools.islice(excel.rows(archive, part, whole, Stop()), headers.LOOK))
        if headers.looks_like_headers(head):
            lists.append(part)
    if len(lists) > 1:
        raise Invalid(errors.SHEET_SEVERAL, first=lists[0].name[:30], second=lists[1].name[:30])
    return lists[0] if lists else whole.sheets[0]


def _chunks(rows: Iterator[Row], stop: Stop, *, total: int) -> Iterator[Chunk]:
    head = list(itertools.islice(rows, headers.LOOK))
    if not head:
        raise Invalid(errors.SHEET_NO_ROWS)
    layout = headers.find(head)
    body = ((line, cells) for line, cells in itertools.chain(head, rows) if line > layout.header_line)
    count = 0
    while batch := [(line, layout.taken(cells)) for line, cells in itertools.islice(body, CHUNK)]:
        count += len(batch)
        if count > MOST_ROWS:
            raise Invalid(errors.SHEET_TOO_MANY_ROWS, limit=MOST_ROWS)
        report = replace(layout.report, stopped_after=stop.after)
        yield Chunk(batch, report, max(min(total, MOST_ROWS), count))
    if not count:
        raise Invalid(errors.SHEET_NO_ROWS)
