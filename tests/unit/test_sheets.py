"""Tables as files: what somebody typed stays text, and everything comes back as it was."""

import csv
import datetime
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from services.core.sheets import (
    Cell,
    Column,
    Kind,
    OtherSheet,
    fitted,
    in_yuan,
    read_csv,
    read_xlsx,
    write_csv,
    write_xlsx,
)

HOSTILE = (
    "=1+1",
    '=HYPERLINK("http://127.0.0.1/?"&A1,"领券")',
    "=cmd|' /C calc'!A0",
    "@SUM(1+9)*cmd|' /C calc'!A0",
    "+1+1",
    "-2+3+cmd|' /C calc'!A0",
    '=DDE("cmd";"/C calc";"x")',
    '=WEBSERVICE("http://127.0.0.1/")',
    '=IMPORTXML(CONCAT("http://127.0.0.1/",A1),"//a")',
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    "\u3000=1+1",
    "\xa0=1+1",
    "\u200b=1+1",
    "\ufeff=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "−1",
    "'=1+1",
    "''",
    "'",
    '"=1+1"',
    'a";=1+1;"',
    "a,=1+1",
    "a\r\n=1+1",
    "a\r=1+1",
    "a;=1+1;'b",
    "a|\t'=1+1",
    "a; \u3000@SUM(1)",
    "#N/A",
    "#REF!",
    "TRUE",
    "007",
    "1E5",
    "110105199001011234",
    "2026-11-22",
    "_x003D_1+1",
    "_x000D_",
    "__x0041__",
    "\x01\x02\x1f",
    "\x7f\x85\u2028",
    "  两头有空格  ",
    "<b>&amp;</b>",
    "{=1+1}",
    "%0A=1+1",
    "🍜" * 3,
)
MIDNIGHT = datetime.datetime(2026, 11, 21, 16, tzinfo=datetime.UTC)
COLUMNS = (
    Column("备注", width=30),
    Column("笔数", Kind.WHOLE),
    Column("省下（元）", Kind.YUAN),
    Column("日期", Kind.DAY),
    Column("时间", Kind.TIME),
)
Both = tuple[Callable[..., bytes], Callable[[Sequence[Column], bytes], list[tuple[Cell, ...]]]]
BOTH: dict[str, Both] = {
    "xlsx": (lambda columns, rows: write_xlsx(columns, rows, name="明细"), read_xlsx),
    "csv": (write_csv, read_csv),
}
formats = pytest.mark.parametrize("form", BOTH)


def there_and_back(form: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]]) -> list[tuple[Cell, ...]]:
    write, read = BOTH[form]
    return read(columns, write(columns, rows))


def of_text(texts: Sequence[str]) -> list[tuple[str, str]]:
    return [(text, "之后") for text in texts]


@formats
def test_hostile_cells_come_back_exactly(form: str) -> None:
    columns = (Column("=备注"), Column("'之后"))
    assert there_and_back(form, columns, of_text(HOSTILE)) == of_text(HOSTILE)


def test_no_cell_of_an_xlsx_is_a_formula_an_error_or_a_link() -> None:
    data = write_xlsx((Column("备注"), Column("之后")), of_text(HOSTILE), name="a/b[c]:'*?" * 9)
    book = load_workbook(io.BytesIO(data))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert len(cells) == 2 * len(HOSTILE) + 2
    assert {cell.data_type for cell in cells} == {"s"} and all(cell.quotePrefix for cell in cells)
    assert not any(cell.hyperlink for cell in cells)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet and b"<f " not in sheet and not [n for n in archive.namelist() if "external" in n]
    assert book.active.freeze_panes == "A2" and book.active.auto_filter.ref == f"A1:B{len(HOSTILE) + 1}"


def test_columns_are_as_wide_as_what_stands_in_them_within_reason() -> None:
    rows = [("陈静", "L", None), ("Mary Lee", "一二三四五六七八九十" * 9, None)]
    found = fitted((Column("姓名"), Column("备注"), Column("序号")), rows)
    assert [one.width for one in found] == [len("Mary Lee") + 1, 50, len("序号") * 2 + 4]


def test_no_field_of_a_csv_begins_as_a_formula() -> None:
    text = write_csv((Column("备注"), Column("之后")), of_text(HOSTILE)).decode()
    assert text.startswith("\ufeff") and text.endswith("\r\n")
    fields = [field for row in csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")) for field in row]
    assert len(fields) == 2 * len(HOSTILE) + 2 and not [field for field in fields if field[:1] in "\t\r\n"]
    # As a program reads it that was told any separator, cuts off spaces and does not tell the widths of a sign apart.
    cells = re.split('[,;|\t\r\n"]', text)
    inside = {unicodedata.normalize("NFKC", cell).strip("\u200b\ufeff ")[:1] for cell in cells}
    assert "'" in inside and not {"=", "+", "-", "@", "−"} & inside


def test_numbers_days_and_times_stay_what_they_are() -> None:
    rows = [
        ("a", 0, Decimal("-0.10"), datetime.date(2026, 11, 22), MIDNIGHT),
        ("", -7, in_yuan(100_000_000), None, None),
        (None, None, None, None, None),
    ]  # fmt: skip
    read = [(row[0] or None, *row[1:]) for row in rows]
    data = write_xlsx(COLUMNS, rows, name="明细")
    assert read_xlsx(COLUMNS, data) == read == read_csv(COLUMNS, write_csv(COLUMNS, rows))
    row = next(iter(load_workbook(io.BytesIO(data)).active.iter_rows(min_row=2)))
    assert [cell.data_type for cell in row] == ["s", "n", "n", "d", "d"]
    assert row[4].value.isoformat() == "2026-11-22T00:00:00"
    assert '"2026-11-22 00:00:00"' in write_csv(COLUMNS, rows).decode()


def test_fen_are_written_as_yuan() -> None:
    assert (in_yuan(4650), in_yuan(-5), in_yuan(None)) == (Decimal("46.50"), Decimal("-0.05"), None)


@formats
@pytest.mark.parametrize(
    ("kind", "value", "error"),
    [
        (Kind.TEXT, 5, TypeError),
        (Kind.WHOLE, True, TypeError),
        (Kind.WHOLE, "5", TypeError),
        (Kind.YUAN, 5, TypeError),
        (Kind.DAY, datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), TypeError),
        (Kind.TIME, datetime.date(2026, 1, 1), TypeError),
        (Kind.TIME, datetime.datetime.fromisoformat("2026-01-01T00:00:00"), ValueError),
        (Kind.DAY, datetime.date(1900, 2, 28), ValueError),
        (Kind.WHOLE, 10**15, ValueError),
        (Kind.YUAN, Decimal("0.001"), ValueError),
        (Kind.YUAN, Decimal(10) ** 13, ValueError),
        (Kind.TEXT, "字" * 32_768, ValueError),
    ],
)
def test_what_would_not_come_back_is_not_written(form: str, kind: Kind, value: Cell, error: type[Exception]) -> None:
    with pytest.raises(error):
        BOTH[form][0]((Column("一", kind),), [(value,)])


@formats
def test_other_columns_are_refused(form: str) -> None:
    write, read = BOTH[form]
    data = write(COLUMNS, [])
    assert read(COLUMNS, data) == []
    with pytest.raises(OtherSheet):
        read((*COLUMNS[:4], Column("别的", Kind.TIME)), data)
    with pytest.raises((OtherSheet, ValueError)):
        read((Column("备注", Kind.WHOLE),), write((Column("备注"),), [("不是数",)]))


# What PostgreSQL holds as text: no half of a pair, no NUL.
TEXTS = st.text(
    st.one_of(
        st.sampled_from("=+-@＝＋－＠'\"\t\r\n ;,|_x0041\u3000"),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
    ),
    max_size=30,
)  # fmt: skip
ROWS = st.tuples(
    st.none() | TEXTS,
    st.none() | st.integers(-(10**15) + 1, 10**15 - 1),
    st.none() | st.decimals(Decimal("-9999999999999.99"), Decimal("9999999999999.99"), places=2),
    st.none() | st.dates(datetime.date(1900, 3, 1)),
    st.none()
    | st.integers(946_684_800, 253_402_128_000).map(
        lambda second: datetime.datetime.fromtimestamp(second, datetime.UTC)
    ),
)


@formats
@settings(deadline=None, max_examples=150)
@given(rows=st.lists(ROWS, max_size=4))
@example(rows=[("\ufffe\uffff", 999_999_999_999_999, None, None, None)])
def test_any_table_comes_back_exactly(form: str, rows: list[tuple[Cell, ...]]) -> None:
    def read(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
        *head, time = row
        return (
            head[0] or None,
            *head[1:],
            time.replace(microsecond=0) if isinstance(time, datetime.datetime) else None,
        )

    assert there_and_back(form, COLUMNS, rows) == [read(row) for row in rows]
