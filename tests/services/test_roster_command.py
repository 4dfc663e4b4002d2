"""`flask roster` as an operator types it."""

from pathlib import Path

import psycopg
import pytest
from click.testing import Result
from flask import Flask

from services.members.roster.service import applying
from tests.builders.rosters import row, xlsx
from tests.builders.world import World


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    return tmp_path / "名单.xlsx"


def run(app: Flask, *arguments: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=["roster", *map(str, arguments)])


def members(sql: psycopg.Connection) -> int:
    return sql.execute("SELECT count(*) FROM members").fetchall()[0][0]  # type: ignore[no-any-return]


def test_a_dry_run_says_what_is_in_the_sheet_and_writes_nothing(
    app: Flask, world: World, sql: psycopg.Connection, sheet: Path
) -> None:
    sheet.write_bytes(xlsx([row(1), row(2), row(3, phone="022-66668888")]))
    said = run(app, "import", sheet)
    assert said.exit_code == 3, said.output
    assert "2  新会员" in said.output
    assert "1  是座机号  (line 4)" in said.output
    assert "民族" in said.output
    assert members(sql) == 0
    assert sql.execute("SELECT state FROM roster_imports").fetchall() == [("dropped",)]


def test_apply_writes_and_a_second_time_there_is_nothing(
    app: Flask, world: World, sql: psycopg.Connection, sheet: Path
) -> None:
    sheet.write_bytes(xlsx(row(n) for n in range(1, 5)))
    said = run(app, "import", sheet, "--apply")
    assert (said.exit_code, members(sql)) == (0, 4), said.output
    assert "Written: 4 applied" in said.output
    again = run(app, "import", sheet, "--apply")
    assert (again.exit_code, "一行也没勾" in again.output) == (1, True), again.output


def test_an_apply_that_was_cut_off_is_gone_on_with(
    app: Flask, world: World, sql: psycopg.Connection, sheet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet.write_bytes(xlsx(row(n) for n in range(1, 5)))
    monkeypatch.setattr(applying, "CHUNK", 2)
    with monkeypatch.context() as patch:
        patch.setattr(applying, "tell", lambda *_: _stop_after_first(sql))
        assert isinstance(run(app, "import", sheet, "--apply").exception, KeyboardInterrupt | SystemExit)
    assert members(sql) == 2
    assert run(app, "import", sheet, "--apply").exit_code == 0
    assert members(sql) == 4
    assert sql.execute("SELECT count(*) FROM roster_imports").fetchall() == [(1,)]


def _stop_after_first(sql: psycopg.Connection) -> None:
    if members(sql):
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"%PDF", "这是 PDF"), ("姓名,证件号码,权限\nx,y,z".encode(), "权限不能用表格导入"), (b"", "是空的")],
)
def test_what_cannot_be_used_is_said_and_ends_with_one(
    app: Flask, world: World, sheet: Path, data: bytes, words: str
) -> None:
    sheet.write_bytes(data)
    said = run(app, "import", sheet)
    assert (said.exit_code, words in said.output) == (1, True), said.output


def test_a_union_that_is_not_there_is_named(app: Flask, world: World, sheet: Path) -> None:
    sheet.write_bytes(xlsx([row(1)]))
    said = run(app, "import", sheet, "--union", "无此工会")
    assert (said.exit_code, "无此工会" in said.output) == (1, True)


def test_a_whole_list_needs_a_second_name_when_many_are_missing(
    app: Flask, world: World, sql: psycopg.Connection, sheet: Path
) -> None:
    sheet.write_bytes(xlsx(row(n) for n in range(1, 5)))
    run(app, "import", sheet, "--apply")
    sheet.write_bytes(xlsx([row(1), row(5)]))
    whole = ("import", sheet, "--union", "恒沛精密工会", "--whole", "--apply", "--leave")
    alone = run(app, *whole)
    assert (alone.exit_code, "另一位经办人" in alone.output) == (1, True), alone.output
    assert run(app, *whole, "--second", "0190").exit_code == 0
    assert sql.execute("SELECT count(*) FROM members WHERE standing = 'left'").fetchall() == [(3,)]


def test_a_sample_is_valid_and_the_same_each_time(
    app: Flask, world: World, sql: psycopg.Connection, tmp_path: Path
) -> None:
    one, two = tmp_path / "one.xlsx", tmp_path / "two.xlsx"
    for path in (one, two):
        assert run(app, "sample", "--rows", "300", "--output", path).exit_code == 0
    said = run(app, "import", one, "--apply")
    assert (said.exit_code, members(sql)) == (0, 300), said.output
    again = run(app, "import", two)
    assert (again.exit_code, "300  没有变化" in again.output) == (0, True), again.output
