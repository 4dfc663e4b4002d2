"""The English of the pages is whole: nothing missing, nothing left over, and what is shipped is what was written."""

import io
import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po

from tests.house.tree import ROOT

APP = ROOT / "app"
FOLDER = APP / "translations"
HOLES = re.compile(r"%\([a-z]+\)s|%%|\{[a-z]+\}")
PO = FOLDER / "en" / "LC_MESSAGES" / "messages.po"


def said(app: Path, mapping: Path) -> set[str]:
    """Every text that templates and views mark for translation."""
    with mapping.open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    return {str(found[2]) for found in extract_from_dir(app, methods, options)}


def faults(catalogue: Catalog, texts: set[str]) -> list[str]:
    """Texts without English, English without a text, guesses, and placeholders that got lost."""
    known = {str(message.id): message for message in catalogue if message.id}
    found = [f"missing: {text}" for text in sorted(texts - known.keys())]
    found += [f"left over: {text}" for text in sorted(known.keys() - texts)]
    found += [f"empty: {text}" for text, message in known.items() if not str(message.string)]
    found += [f"fuzzy: {text}" for text, message in known.items() if message.fuzzy]
    return found + [
        f"placeholders: {text}"
        for text, message in known.items()
        if message.string and sorted(HOLES.findall(text)) != sorted(HOLES.findall(str(message.string)))
    ]


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale="en")


def test_every_text_has_its_english() -> None:
    texts = said(APP, FOLDER / "babel.cfg")
    assert len(texts) > 200, "nothing was extracted"
    assert faults(_read(PO), texts) == []


def test_what_is_shipped_is_what_was_written() -> None:
    written = io.BytesIO()
    write_mo(written, _read(PO))
    written.seek(0)
    fresh = {message.id: message.string for message in read_mo(written)}
    with PO.with_suffix(".mo").open("rb") as file:
        shipped = {message.id: message.string for message in read_mo(file)}
    assert shipped == fresh


def test_english_is_not_chinese() -> None:
    """A text copied over in place of a translation."""
    han = [message.id for message in _read(PO) if any("一" <= sign <= "鿿" for sign in str(message.string))]
    assert han == []


def test_faults_are_found() -> None:
    catalogue = Catalog(locale="en")
    catalogue.add("左", "left")
    catalogue.add("右", "")
    catalogue.add("上", "up", flags=["fuzzy"])
    catalogue.add("%(n)s 个", "some", flags=["python-format"])
    assert faults(catalogue, {"左", "右", "%(n)s 个", "下"}) == [
        "missing: 下",
        "left over: 上",
        "empty: 右",
        "fuzzy: 上",
        "placeholders: %(n)s 个",
    ]
