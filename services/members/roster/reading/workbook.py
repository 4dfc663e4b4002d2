"""The frame of an .xlsx: its sheets, its shared texts, which number formats are dates."""

import posixpath
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

from services.core.errors import Invalid
from services.members.roster import errors
from services.members.roster.reading import xml

WORKBOOK = "xl/workbook.xml"


@dataclass(frozen=True)
class Part:
    """One visible worksheet."""

    name: str
    path: str


@dataclass(frozen=True)
class Frame:
    sheets: tuple[Part, ...]
    #: shared texts by number
    texts: list[str]
    #: indexes of cell styles that show a number as a date
    dates: frozenset[int]
    #: the workbook counts days from 1904, as on old Macs
    from_1904: bool


def frame(archive: zipfile.ZipFile) -> Frame:
    """Raises Invalid(roster_file_broken), Invalid(roster_sheet_none)."""
    names = set(archive.namelist())
    targets = _targets(archive) if "xl/_rels/workbook.xml.rels" in names else {}
    sheets, from_1904 = _sheets(archive, targets)
    parts = tuple(part for part in sheets if part.path in names)
    if not parts:
        raise Invalid(errors.SHEET_NONE)
    strings = _first(targets.values(), "sharedstrings.xml") or "xl/sharedStrings.xml"
    styles = _first(targets.values(), "styles.xml") or "xl/styles.xml"
    return Frame(
        parts,
        _texts(archive, strings) if strings in names else [],
        _dates(archive, styles) if styles in names else frozenset(),
        from_1904,
    )


def _first(paths: Iterable[str], ending: str) -> str | None:
    return next((path for path in paths if path.lower().endswith(ending)), None)


def _targets(archive: zipfile.ZipFile) -> dict[str, str]:
    """Relation id -> path inside the archive."""
    found: dict[str, str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))
            found[attributes.get("Id", "")] = path

    xml.whole(archive, "xl/_rels/workbook.xml.rels", start, _nothing, _nothing)
    return found


def _sheets(archive: zipfile.ZipFile, targets: dict[str, str]) -> tuple[list[Part], bool]:
    """The visible sheets in their order."""
    found: list[Part] = []
    from_1904 = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal from_1904
        if name == "sheet" and attributes.get("state", "visible") == "visible":
            relation = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            path = targets.get(relation, f"xl/worksheets/sheet{len(found) + 1}.xml")
            found.append(Part(attributes.get("name", ""), path))
        elif name == "workbookPr":
            from_1904 = attributes.get("date1904", "0") in ("1", "true")

    xml.whole(archive, WORKBOOK, start, _nothing, _nothing)
    return found, from_1904


def _texts(archive: zipfile.ZipFile, path: str) -> list[str]:
    """Shared texts; the pronunciation that East Asian sheets carry (rPh) is left out."""
    texts: list[str] = []
    pieces: list[str] = []
    aside = taking = False

    def start(name: str, _attributes: dict[str, str]) -> None:
        nonlocal aside, taking
        if name == "t":
            taking = not aside
        elif name == "rPh":
            aside = True

    def end(name: str) -> None:
        nonlocal aside, taking
        if name == "t":
            taking = False
        elif name == "rPh":
            aside = False
        elif name == "si":
            texts.append("".join(pieces))
            pieces.clear()

    def said(text: str) -> None:
        if taking:
            pieces.append(text)

    xml.whole(archive, path, start, end, said)
    return texts


def _dates(archive: zipfile.ZipFile, path: str) -> frozenset[int]:
    formats: dict[int, str] = dict(BUILTIN_FORMATS)
    styles: list[int] = []
    inside = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        if name == "numFmt":
            formats[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
        elif name == "cellXfs":
            inside = True
        elif name == "xf" and inside:
            styles.append(_number(attributes.get("numFmtId")))

    def end(name: str) -> None:
        nonlocal inside
        if name == "cellXfs":
            inside = False

    xml.whole(archive, path, start, end, _nothing)
    return frozenset(index for index, code in enumerate(styles) if is_date_format(formats.get(code, "")))


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0


def _nothing(*_arguments: object) -> None:
    """An end or a text that says nothing here."""
