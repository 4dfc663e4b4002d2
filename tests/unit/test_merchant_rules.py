"""Pure decisions about partner shops: days of agreements, hours of a week, texts and papers."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.calendar import Hours
from services.core.errors import Invalid
from services.merchants import errors, opening, rules
from services.merchants.types import OpenHours

DAY = datetime.timedelta(days=1)
D = datetime.date.fromisoformat
RUNS = (D("2026-01-01"), D("2026-12-31"))


@pytest.mark.parametrize(
    ("begin", "end", "today", "then"),
    [
        # it begins the day after: one stretch
        ("2027-01-01", "2027-12-31", "2026-11-20", ("2026-01-01", "2027-12-31")),
        # it begins while the old one runs
        ("2026-06-01", "2027-05-31", "2026-05-20", ("2026-01-01", "2027-05-31")),
        # it begins before the old one did
        ("2025-12-01", "2027-05-31", "2026-05-20", ("2025-12-01", "2027-05-31")),
        # signed late, it takes up where the old one ended
        ("2027-01-01", "2027-12-31", "2027-02-03", ("2026-01-01", "2027-12-31")),
        # the old one has ended: days without cards in between
        ("2027-01-02", "2027-12-31", "2027-01-01", ("2027-01-02", "2027-12-31")),
        ("2027-03-01", "2027-03-01", "2027-02-03", ("2027-03-01", "2027-03-01")),
    ],
)
def test_days_with_cards_after_a_renewal(begin: str, end: str, today: str, then: tuple[str, str]) -> None:
    assert rules.renewed(RUNS, (D(begin), D(end)), today=D(today)) == (D(then[0]), D(then[1]))


@pytest.mark.parametrize(
    ("begin", "end", "today", "code", "date"),
    [
        ("2027-01-02", "2027-12-31", "2026-12-31", errors.AGREEMENT_GAP, "2027-01-01"),
        ("2026-06-01", "2026-12-31", "2026-05-20", errors.AGREEMENT_NO_LONGER, "2026-12-31"),
        ("2026-06-01", "2026-12-30", "2027-05-20", errors.AGREEMENT_NO_LONGER, "2026-12-31"),
    ],
)
def test_a_renewal_that_is_refused(begin: str, end: str, today: str, code: str, date: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.renewed(RUNS, (D(begin), D(end)), today=D(today))
    assert (refused.value.code, refused.value.facts["date"]) == (code, date)


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("9:00-21:30", [(540, 1290)]),
        ("09:00 - 12:00  13:30 到 21:00", [(540, 720), (810, 1260)]),
        ("９：００至１２：００；１３：００—１８：００", [(540, 720), (780, 1080)]),
        ("17:00-24:00，9.30-11.30", [(570, 690), (1020, 1440)]),
        ("18:00-次日02:00", [(1080, 120)]),
        ("18:00-00:00", [(1080, 1440)]),
        ("00:00-00:00", [(0, 1440)]),
        ("00:00-24:00", [(0, 1440)]),
        ("休息", []),
        (" ", []),
    ],
)
def test_hours_as_people_type_them(typed: str, hours: list[tuple[int, int]]) -> None:
    assert opening.hours_of(typed, field="day1") == tuple(Hours(*one) for one in hours)


@pytest.mark.parametrize("typed", ["9-21", "9:00", "25:00-26:00", "9:60-10:00", "早上到晚上", "24:00-02:00", "9:00-"])
def test_what_is_no_hours(typed: str) -> None:
    with pytest.raises(Invalid) as refused:
        opening.hours_of(typed, field="day1")
    assert (refused.value.code, refused.value.facts["field"]) == (errors.OPEN_HOURS_MALFORMED, "day1")


@given(st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda one: one[0] != one[1]), max_size=3))
def test_what_is_said_is_read_again(spans: list[tuple[int, int]]) -> None:
    hours = tuple(sorted(Hours(*one) for one in spans))
    assert opening.hours_of(opening.said(hours), field="x") == hours


@pytest.mark.parametrize(
    ("week", "code"),
    [
        ([(1, 540, 720), (1, 720, 800)], None),
        ([(1, 1080, 120), (2, 120, 600)], None),
        ([(7, 1080, 120), (1, 60, 600)], errors.OPEN_HOURS_OVERLAP),
        ([(1, 540, 720), (1, 700, 800)], errors.OPEN_HOURS_OVERLAP),
        ([(1, 1080, 120), (1, 1200, 1300)], errors.OPEN_HOURS_OVERLAP),
        ([(1, 0, 60), (1, 100, 160), (1, 200, 260), (1, 300, 360)], errors.OPEN_HOURS_OVERLAP),
        ([(0, 540, 720)], errors.OPEN_HOURS_MALFORMED),
        ([(8, 540, 720)], errors.OPEN_HOURS_MALFORMED),
        ([(1, 540, 540)], errors.OPEN_HOURS_MALFORMED),
        ([(1, 540, 1441)], errors.OPEN_HOURS_MALFORMED),
        ([(1, -1, 540)], errors.OPEN_HOURS_MALFORMED),
    ],
)
def test_hours_of_a_week(week: list[tuple[int, int, int]], code: str | None) -> None:
    hours = [OpenHours(weekday, Hours(begin, until)) for weekday, begin, until in week]
    said = None
    try:
        opening.check(hours)
    except Invalid as refused:
        said = refused.code
    assert said == code


@pytest.mark.parametrize(
    ("data", "kind"), [(b"%PDF-1.4", "application/pdf"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"PK\x03\x04", None)]
)
def test_a_paper_is_known_by_how_it_begins(data: bytes, kind: str | None) -> None:
    if kind:
        assert rules.paper_kind(data) == kind
        data += b"0" * rules.PAPER_LARGEST
    with pytest.raises(Invalid) as refused:
        rules.paper_kind(data)
    assert refused.value.code == (errors.PAPER_TOO_LARGE if kind else errors.PAPER_KIND)
