"""Time limits in working days, with holidays and make-up days."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.calendar import DAY, add_working_days, is_working_day

DATE = datetime.date
#: the week of the National Day 2026: Thursday 1 to Wednesday 7 October off, Saturday 10 worked
AUTUMN = {DATE(2026, 10, day): False for day in range(1, 8)} | {DATE(2026, 10, 10): True, DATE(2026, 9, 20): True}


@pytest.mark.parametrize(
    ("day", "count", "end"),
    [
        (DATE(2026, 11, 23), 0, DATE(2026, 11, 23)),
        (DATE(2026, 11, 23), 1, DATE(2026, 11, 24)),  # Monday
        (DATE(2026, 11, 20), 1, DATE(2026, 11, 23)),  # Friday
        (DATE(2026, 11, 21), 3, DATE(2026, 11, 25)),  # Saturday
        (DATE(2026, 9, 30), 1, DATE(2026, 10, 8)),  # the eve of the holiday
        (DATE(2026, 9, 30), 3, DATE(2026, 10, 10)),  # the third is the Saturday that is worked
        (DATE(2026, 10, 3), 4, DATE(2026, 10, 12)),  # handed in on the holiday
        (DATE(2026, 9, 18), 1, DATE(2026, 9, 20)),  # the next day worked is a Sunday
    ],
)
def test_day_one_is_the_next_working_day(day: datetime.date, count: int, end: datetime.date) -> None:
    assert add_working_days(day, count, AUTUMN) == end


@given(st.dates(DATE(2026, 8, 1), DATE(2026, 12, 1)), st.integers(1, 30))
def test_a_limit_ends_on_a_working_day_with_so_many_before_it(day: datetime.date, count: int) -> None:
    end = add_working_days(day, count, AUTUMN)
    between = [day + n * DAY for n in range(1, (end - day).days + 1)]
    assert is_working_day(end, AUTUMN)
    assert sum(is_working_day(one, AUTUMN) for one in between) == count
