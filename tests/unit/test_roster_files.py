"""Files and sheets that cannot be used: each is refused with its own code, before anything of it is kept."""

import io
import zipfile
from collections.abc import Callable

import pytest
from openpyxl import Workbook

from services.core.errors import Invalid
from services.members.roster import errors
from services.members.roster.reading import container, read, sheets
from services.members.roster.types import Field, Odd, Oddity
from tests.builders.rosters import HEADERS, number, row, saved, xlsx

GOOD = xlsx([row(1)])
LINE = f"姓名,证件号码\n王伟,{number(1)}\n"


def with_headers(*headers: str) -> bytes:
    return xlsx([["x"] * len(headers)], headers=headers)


def packed(*names: str, content: bytes = b"<x/>") -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return held.getvalue()


def replaced(part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The good workbook with one part changed."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return held.getvalue()


def laughs(_old: bytes) -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{entities}]><worksheet>&l8;</worksheet>'.encode()


def two_lists() -> bytes:
    book = Workbook()
    for sheet in (book.active, book.create_sheet("第二张")):
        sheet.append(HEADERS)
        sheet.append(row(1))
    return saved(book)


def no_sheet_to_see() -> bytes:
    return replaced(
        "xl/workbook.xml",
        lambda old: old.replace(b"<sheet ", b"<sheet state='hidden' ").replace(b'state="visible"', b""),
    )


def encrypted_part() -> bytes:
    marked = bytearray(GOOD)
    at = marked.rindex(b"PK\x01\x02")
    marked[at + 8] |= 1
    return bytes(marked)


FILES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "nothing": (errors.FILE_EMPTY, lambda: b""),
    "spaces": (errors.FILE_EMPTY, lambda: b"\xef\xbb\xbf \r\n\r\n"),
    "too many bytes": (errors.FILE_TOO_LARGE, lambda: b"a," * (container.MOST_BYTES // 2 + 1)),
    "xls": (errors.FILE_OLD_EXCEL, lambda: container.OLE + "Workbook".encode("utf-16-le")),
    "password": (errors.FILE_ENCRYPTED, lambda: container.OLE + "EncryptedPackage".encode("utf-16-le")),
    "locked zip": (errors.FILE_ENCRYPTED, encrypted_part),
    "numbers": (errors.FILE_NUMBERS, lambda: packed("Index/Document.iwa", "Metadata/x.plist")),
    "ods": (errors.FILE_OPEN_DOCUMENT, lambda: packed("mimetype", "content.xml")),
    "xlsb": (errors.FILE_BINARY_EXCEL, lambda: packed("xl/workbook.bin")),
    "xlsm": (errors.FILE_MACROS, lambda: packed("xl/workbook.xml", "xl/vbaProject.bin")),
    "docx": (errors.FILE_WORD, lambda: packed("word/document.xml")),
    "html as xls": (errors.FILE_WEB_PAGE, "<html><table><tr><td>姓名</td></tr></table></html>".encode),
    "xml spreadsheet": (errors.FILE_WEB_PAGE, lambda: b'<?xml version="1.0"?><Workbook></Workbook>'),
    "pdf": (errors.FILE_PDF, lambda: b"%PDF-1.7\n"),
    "photo": (errors.FILE_PICTURE, lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF"),
    "rar": (errors.FILE_ARCHIVE, lambda: b"Rar!\x1a\x07\x00"),
    "zip of photos": (errors.FILE_ARCHIVE, lambda: packed("1.jpg", "2.jpg")),
    "cut off": (errors.FILE_BROKEN, lambda: GOOD[: len(GOOD) // 2]),
    "xml cut off": (errors.FILE_BROKEN, lambda: replaced("xl/worksheets/sheet1.xml", lambda old: old[:-30])),
    "zip bomb": (
        errors.FILE_PACKED_TOO_TIGHT,
        lambda: replaced("xl/worksheets/sheet1.xml", lambda old: old + b" " * container.TIGHT_FROM * 4),
    ),
    "a thousand parts": (
        errors.FILE_TOO_MANY_PARTS,
        lambda: packed(*(f"xl/{n}" for n in range(container.MOST_PARTS + 1))),
    ),
    "entities": (errors.FILE_DECLARATIONS, lambda: replaced("xl/worksheets/sheet1.xml", laughs)),
    "no encoding": (errors.FILE_ENCODING, lambda: LINE.encode("gb18030") + b"\xff\xff,\x81"),
    "noughts": (errors.FILE_ENCODING, lambda: LINE.encode("utf-16-le")),
    "prose": (errors.FILE_NO_TABLE, "这里只是一段话。\n没有表格。\n".encode),
    "all sheets hidden": (errors.SHEET_NONE, no_sheet_to_see),
    "two lists": (errors.SHEET_SEVERAL, two_lists),
    "no header": (errors.SHEET_NO_HEADER, lambda: xlsx([["a", "b"], ["c", "d"]], headers=None)),
    "no name": (errors.SHEET_NO_NAME, lambda: with_headers("序号", "证件号码", "手机号码")),
    "no number": (errors.SHEET_NO_DOCUMENT, lambda: with_headers("序号", "姓名", "手机号码")),
    "column twice": (errors.SHEET_COLUMN_TWICE, lambda: with_headers("姓名", "身份证号", "证件号码")),
    "a role": (errors.SHEET_GRANTS_ROLE, lambda: with_headers("姓名", "证件号码", "系统角色")),
    "admin": (errors.SHEET_GRANTS_ROLE, lambda: with_headers("姓名", "证件号码", "is_admin")),
    "nobody": (errors.SHEET_NO_ROWS, lambda: xlsx([])),
    "an empty sheet": (errors.SHEET_NO_ROWS, lambda: xlsx([], headers=None)),
    "a wide sheet": (errors.SHEET_TOO_MANY_COLUMNS, lambda: xlsx([[*row(1), *[""] * 100, "x"]])),
    "a wide csv": (errors.SHEET_TOO_MANY_COLUMNS, (LINE + "," * 120 + "x\n").encode),
}


@pytest.mark.parametrize("what", FILES)
def test_a_file_that_cannot_be_used_is_refused_by_its_own_code(what: str) -> None:
    code, make = FILES[what]
    with pytest.raises(Invalid) as refused:
        list(read(make()))
    assert refused.value.code == code


def test_each_code_of_files_and_sheets_is_provoked() -> None:
    known = {value for name, value in vars(errors).items() if name.startswith(("FILE_", "SHEET_"))}
    large = {errors.FILE_UNPACKS_TOO_LARGE, errors.SHEET_TOO_MANY_ROWS}
    assert known - {code for code, _ in FILES.values()} == large


def test_what_unpacks_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "MOST_UNPACKED", 1000)
    with pytest.raises(Invalid, match=errors.FILE_UNPACKS_TOO_LARGE):
        container.check(GOOD)


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 3)
    assert len(list(read(xlsx(row(n) for n in range(3))))) == 1
    with pytest.raises(Invalid, match=errors.SHEET_TOO_MANY_ROWS):
        list(read(xlsx(row(n) for n in range(4))))


def test_ten_million_empty_rows_end_the_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many row elements as are packed loosely enough to get that far."""
    many = b"".join(b'<row r="%d" ht="%d"/>' % (n, n * 7919 % 1000) for n in range(3, 300_000))
    sheet = replaced("xl/worksheets/sheet1.xml", lambda old: old.replace(b"</sheetData>", many + b"</sheetData>"))
    chunks = list(read(sheet))
    assert [len(chunk.rows) for chunk in chunks] == [1]
    far = replaced(
        "xl/worksheets/sheet1.xml",
        lambda old: old.replace(
            b"</sheetData>", b'<row r="10000000"><c r="B10000000" t="inlineStr"><is><t>x</t></is></c></row></sheetData>'
        ),
    )
    assert [len(chunk.rows) for chunk in read(far)] == [1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_csv_is_read_in_every_usual_encoding(encoding: str, separator: str) -> None:
    data = LINE.replace(",", separator).encode(encoding)
    assert [chunk.rows for chunk in read(data)] == [[(2, {Field.NAME: "王伟", Field.NUMBER: number(1)})]]


def taken(data: bytes) -> list[dict[Field, object]]:
    return [dict(cells) for chunk in read(data) for _, cells in chunk.rows]


def test_headers_are_found_below_titles_and_in_other_words() -> None:
    rows = [["2026 年会员信息采集表"], ["填报单位：恒沛精密工会", None, "填报人：周敏"], [],
            ["序号", "职工姓名*", "身份证号码（18位）", "联系电话", "所在单位", "银行卡号", "民族", "血型"],
            [1, "王伟", number(1), "10000000001", "恒沛", "6222", "汉", "A"]]  # fmt: skip
    data = xlsx(rows, headers=None)
    assert taken(data) == [
        {Field.NAME: "王伟", Field.NUMBER: number(1), Field.PHONE: "10000000001", Field.UNION: "恒沛"}
    ]
    report = next(iter(read(data))).report
    assert (report.bank, report.not_taken, report.ignored) == (("银行卡号",), ("民族",), ("血型",))


def test_two_rows_of_headers_and_merged_cells_are_read_as_one_list() -> None:
    book = Workbook()
    sheet = book.active
    for one in (
        ["序号", "姓名", "证件信息", None, "工会名称"], [None, None, "证件类型", "证件号码", None],
        [1, "王伟", "居民身份证", number(1), "恒沛精密工会"], [2, "王芳", "居民身份证", number(2), None],
    ):  # fmt: skip
        sheet.append(one)
    for block in ("C1:D1", "A1:A2", "E3:E4"):
        sheet.merge_cells(block)
    assert [(cells[Field.NUMBER], cells[Field.UNION]) for cells in taken(saved(book))] == [
        (number(1), "恒沛精密工会"), (number(2), "恒沛精密工会")
    ]  # fmt: skip


def test_a_strong_header_wins_over_a_weak_one() -> None:
    data = xlsx([["王伟", number(1), "甲公司", "乙工会"]], headers=["姓名", "证件号码", "单位名称", "工会名称"])
    assert taken(data)[0][Field.UNION] == "乙工会"
    assert next(iter(read(data))).report.ignored == ("单位名称",)


def test_numbers_keep_their_digits_or_say_that_they_lost_some() -> None:
    data = xlsx(
        [["王伟", int(number(2)[:17]) * 10, 10000000001.0, "=1+1"]], headers=["姓名", "证件号码", "手机", "性别"]
    )
    cells = taken(data)[0]
    assert cells[Field.PHONE] == "10000000001"
    assert [cells[field].oddity for field in (Field.NUMBER, Field.SEX)] == [Oddity.DIGITS_LOST, Oddity.FORMULA]  # type: ignore[attr-defined]
    assert isinstance(cells[Field.NUMBER], Odd)
