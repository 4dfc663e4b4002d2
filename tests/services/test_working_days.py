"""The calendar in the database: seeded, asked, set by hand."""

import datetime
from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from structlog.testing import CapturedCall, CapturingLogger

from services.core import workdays
from services.core.calendar import local

UTC = datetime.UTC


@pytest.fixture
def unknown_year(app: Flask, sql: psycopg.Connection) -> Iterator[int]:
    yield 2031
    workdays._warned.discard(2031)
    sql.execute("DELETE FROM day_exceptions WHERE day >= '2031-01-01'")


def test_both_years_are_seeded_with_their_make_up_days(app: Flask, sql: psycopg.Connection) -> None:
    rows = sql.execute(
        "SELECT extract(year FROM day)::int, works, count(*) FROM day_exceptions GROUP BY 1, 2 ORDER BY 1, 2"
    )
    # 2025: 1+8+3+5+3+8 off; 2026: 3+9+3+5+3+3+7 off
    assert rows.fetchall() == [(2025, False, 28), (2025, True, 5), (2026, False, 33), (2026, True, 6)]
    weekend = "SELECT count(*) FROM day_exceptions WHERE works AND extract(isodow FROM day) < 6"
    assert sql.execute(weekend).fetchone() == (0,)


def test_a_limit_ends_with_its_last_working_day_in_china(app: Flask) -> None:
    # 23:30 on 30 September in China
    with app.app_context():
        due = workdays.due(datetime.datetime(2026, 9, 30, 15, 30, tzinfo=UTC), 3)
    assert local(due).isoformat() == "2026-10-10T23:59:59+08:00"


def test_a_year_without_a_calendar_counts_weekdays_and_is_warned_of_once(
    app: Flask, unknown_year: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = CapturingLogger()
    monkeypatch.setattr(workdays, "log", log)
    friday = datetime.datetime(unknown_year, 10, 3, 2, tzinfo=UTC)
    with app.app_context():
        due = [workdays.due(friday, 1), workdays.due(friday, 1)]
    assert [local(end).date() for end in due] == [datetime.date(unknown_year, 10, 6)] * 2
    assert log.calls == [CapturedCall("warning", ("no calendar of working days",), {"year": unknown_year})]


def test_a_day_is_set_by_command_and_the_act_is_on_record(
    app: Flask, sql: psycopg.Connection, unknown_year: int
) -> None:
    run = app.test_cli_runner().invoke
    for word, works in (("off", False), ("works", True)):
        result = run(args=["calendar", "set", f"{unknown_year}-10-06", word])
        assert result.exit_code == 0, result.output
        with app.app_context():
            assert workdays.exceptions(datetime.date(2031, 1, 1), datetime.date(2031, 12, 31)) == {
                datetime.date(2031, 10, 6): works
            }
    assert sql.execute("SELECT count(*) FROM audit_entries WHERE action = 'calendar.set'").fetchone() == (2,)
    assert run(args=["calendar", "set", "6 October", "off"]).exit_code == 2
