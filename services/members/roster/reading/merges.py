"""What stands behind the rows of a worksheet but is needed before them: merged cells, and how many rows there are."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from openpyxl.utils.cell import column_index_from_string

from services.members.roster.reading.excel import WIDEST, Row
from services.members.roster.types import Cell

MOST = 20_000
PIECE, OVERLAP = 1 << 20, 200
_MERGE = re.compile(rb'mergeCell [^>]*?ref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')


@dataclass(frozen=True)
class Merge:
    """A block that is one cell on the screen: the file has its content in the first only. Columns count from 0."""

    first_line: int
    last_line: int
    first_column: int
    last_column: int


def scan(archive: zipfile.ZipFile, path: str) -> tuple[list[Merge], int]:
    """Merges that span rows, by first line, and how many row elements there are. Looks at bytes, parses nothing."""
    found: set[Merge] = set()
    rows, tail = 0, b""
    with archive.open(path) as stream:
        while piece := stream.read(PIECE):
            window = tail + piece
            rows += window.count(b"<row ") - tail.count(b"<row ")
            for match in _MERGE.finditer(window):
                left, top, right, bottom = match.groups()
                columns = [column_index_from_string(letters.decode()) - 1 for letters in (left, right)]
                if int(bottom) > int(top) and columns[0] < WIDEST and len(found) < MOST:
                    found.add(Merge(int(top), int(bottom), columns[0], min(columns[1], WIDEST - 1)))
            tail = window[-OVERLAP:]
    return sorted(found, key=lambda merge: merge.first_line), rows


def filled(rows: Iterator[Row], merges: list[Merge]) -> Iterator[Row]:
    """The same rows; each cell of a merged block has the block's content, so a union written once counts for all."""
    waiting = list(reversed(merges))
    running: list[tuple[Merge, Cell]] = []
    for line, cells in rows:
        running = [pair for pair in running if pair[0].last_line >= line]
        while waiting and waiting[-1].first_line <= line:
            merge = waiting.pop()
            if merge.first_line == line and merge.first_column < len(cells):
                running.append((merge, cells[merge.first_column]))
        for merge, content in running:
            if merge.first_line < line:
                cells.extend([""] * (merge.last_column + 1 - len(cells)))
                for column in range(merge.first_column, merge.last_column + 1):
                    cells[column] = cells[column] or content
        yield line, cells
