"""When a branch is open, by the clock in China."""

import datetime
from zoneinfo import ZoneInfo

import pytest

from services.core.calendar import Hours
from services.merchants.hours import is_open, opening
from services.merchants.types import OpenHours

SUNDAY = datetime.date(2026, 11, 22)
SHANGHAI = ZoneInfo("Asia/Shanghai")
OFFICE = tuple(OpenHours(day, Hours(540, 1080)) for day in range(1, 6))
LUNCH_AND_DINNER = (OpenHours(1, Hours(660, 840)), OpenHours(1, Hours(1020, 1260)))
NIGHT = (OpenHours(5, Hours(1080, 120)),)
ALWAYS = tuple(OpenHours(day, Hours(0, 1440)) for day in range(1, 8))
TO_MIDNIGHT = (OpenHours(1, Hours(600, 1440)), OpenHours(2, Hours(0, 120)))


def china(text: str) -> datetime.datetime:
    """ "1 09:00" is a Monday (23 November 2026) at nine; "8 09:00" the Monday after."""
    day, clock = text.split()
    at = datetime.time.fromisoformat(clock)
    return datetime.datetime.combine(SUNDAY + datetime.timedelta(days=int(day)), at, SHANGHAI)


@pytest.mark.parametrize(
    ("hours", "at", "open_", "changes"),
    [
        (OFFICE, "1 08:59", False, "1 09:00"),
        (OFFICE, "1 09:00", True, "1 18:00"),
        (OFFICE, "1 17:59", True, "1 18:00"),
        (OFFICE, "1 18:00", False, "2 09:00"),
        (OFFICE, "5 18:00", False, "8 09:00"),
        (OFFICE, "7 23:59", False, "8 09:00"),
        (LUNCH_AND_DINNER, "1 15:00", False, "1 17:00"),
        (LUNCH_AND_DINNER, "1 21:00", False, "8 11:00"),
        (NIGHT, "5 17:59", False, "5 18:00"),
        (NIGHT, "5 23:59", True, "6 02:00"),
        (NIGHT, "6 01:59", True, "6 02:00"),
        (NIGHT, "6 02:00", False, "12 18:00"),
        (NIGHT, "5 01:00", False, "5 18:00"),
        (TO_MIDNIGHT, "1 23:30", True, "2 02:00"),
        (TO_MIDNIGHT, "2 00:00", True, "2 02:00"),
    ],
)
def test_a_branch_is_open_within_its_hours(hours: tuple[OpenHours, ...], at: str, open_: bool, changes: str) -> None:
    found = opening(hours, china(at))
    assert found is not None
    assert (found.open, found.changes_at) == (open_, china(changes))


def test_what_never_closes_has_no_end() -> None:
    found = opening(ALWAYS, china("3 00:00"))
    assert found is not None and found.open and found.changes_at is None


def test_nobody_said_when() -> None:
    assert opening((), china("1 12:00")) is None


@pytest.mark.parametrize("hours", [OFFICE, LUNCH_AND_DINNER, NIGHT, ALWAYS, TO_MIDNIGHT])
def test_the_short_answer_is_the_long_one(hours: tuple[OpenHours, ...]) -> None:
    for half_hours in range(2 * 24 * 7):
        at = china("1 00:00") + datetime.timedelta(minutes=30 * half_hours)
        found = opening(hours, at)
        assert found is not None and is_open(hours, at) == found.open, at
