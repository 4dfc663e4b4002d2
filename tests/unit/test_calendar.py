"""Days, weeks and hours as people in China live them."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.calendar import DAY, Hours, is_holiday, minute_of, monday

DATE = datetime.date
#: 2026: National Day from Thursday 1 to Wednesday 7 October, 10 October worked; New Year from Thursday 1 to Saturday
#: 3 January, Sunday 4 worked; Qingming on Monday 6 April, with the weekend before it; a strike of one Wednesday
EXCEPTIONS = {
    **{DATE(2026, 10, day): False for day in (1, 2, 5, 6, 7)}, DATE(2026, 10, 10): True,
    DATE(2026, 1, 1): False, DATE(2026, 1, 2): False, DATE(2026, 1, 4): True,
    DATE(2026, 4, 6): False, DATE(2026, 6, 17): False,
}  # fmt: skip
LUNCH, NIGHT, WHOLE, EVENING = Hours(660, 840), Hours(1080, 120), Hours(0, 1440), Hours(1080, 0)


@pytest.mark.parametrize(
    ("hours", "minute", "that_day", "day_after"),
    [
        (LUNCH, 659, False, False), (LUNCH, 660, True, False), (LUNCH, 839, True, False), (LUNCH, 840, False, False),
        (NIGHT, 1079, False, False), (NIGHT, 1080, True, False), (NIGHT, 1439, True, False), (NIGHT, 0, False, True),
        (NIGHT, 119, False, True), (NIGHT, 120, False, False),
        (WHOLE, 0, True, False), (WHOLE, 1439, True, False),
        (EVENING, 1080, True, False), (EVENING, 1439, True, False), (EVENING, 0, False, False),
    ],
)  # fmt: skip
def test_hours_begin_with_their_first_minute_and_end_before_their_last(
    hours: Hours, minute: int, that_day: bool, day_after: bool
) -> None:
    assert (hours.covers(minute), hours.runs_on(minute)) == (that_day, day_after)


@given(st.integers(0, 1439), st.integers(0, 1440), st.integers(0, 1439))
def test_hours_are_open_for_as_long_as_they_say(begin: int, until: int, minute: int) -> None:
    hours = Hours(begin, until)
    minutes = sum(hours.covers(one) + hours.runs_on(one) for one in range(1440))
    assert minutes == (until - begin if until > begin else 1440 - begin + until)
    assert not (hours.runs_on(minute) and not hours.past_midnight)


@pytest.mark.parametrize(
    ("instant", "minute"),
    [("2026-03-04 15:59:59", 1439), ("2026-03-04 16:00:00", 0), ("2026-03-04 00:00:00", 480)],
)
def test_a_minute_is_told_in_china(instant: str, minute: int) -> None:
    assert minute_of(datetime.datetime.fromisoformat(instant).replace(tzinfo=datetime.UTC)) == minute


@given(st.dates(DATE(2000, 1, 1), DATE(2100, 1, 1)))
def test_a_week_begins_on_monday(day: datetime.date) -> None:
    assert monday(day).isoweekday() == 1
    assert 0 <= (day - monday(day)).days <= 6


@pytest.mark.parametrize(
    ("day", "holiday"),
    [
        ((9, 30), False), ((10, 1), True), ((10, 2), True),
        ((10, 3), True), ((10, 4), True),  # the weekend in it
        ((10, 7), True), ((10, 8), False), ((10, 9), False),
        ((10, 10), False),  # worked for it
        ((10, 11), False),  # the Sunday after, alone
        ((1, 3), True), ((1, 4), False),
        ((4, 4), True), ((4, 5), True), ((4, 6), True), ((4, 7), False), ((4, 3), False),
        ((6, 17), True), ((6, 20), False),  # Thursday and Friday are worked between
        ((3, 7), False), ((3, 4), False),
    ],
)  # fmt: skip
def test_a_holiday_takes_in_the_weekend_beside_it(day: tuple[int, int], holiday: bool) -> None:
    assert is_holiday(DATE(2026, *day), EXCEPTIONS) is holiday


@given(st.dates(DATE(2026, 1, 10), DATE(2026, 12, 20)))
def test_what_is_worked_is_no_holiday_and_a_holiday_has_a_day_off_by_exception(day: datetime.date) -> None:
    if is_holiday(day, EXCEPTIONS):
        assert EXCEPTIONS.get(day, False) is False
        assert any(EXCEPTIONS.get(day + n * DAY) is False for n in range(-7, 8))
