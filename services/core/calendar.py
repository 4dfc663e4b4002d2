"""Days as people in China live them. Instants are UTC in the database; a day begins at 00:00 Asia/Shanghai."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = datetime.timedelta(days=1)
SATURDAY = 5
LONGEST_HOLIDAY = 12
YEARS = range(2000, 2100)
"""In which a day may lie that somebody types: outside it is a slip of the finger."""


def local(instant: datetime.datetime) -> datetime.datetime:
    return instant.astimezone(SHANGHAI)


def local_date(instant: datetime.datetime) -> datetime.date:
    return instant.astimezone(SHANGHAI).date()


def day_start(day: datetime.date) -> datetime.datetime:
    """The instant at which this day begins in China, in UTC."""
    return datetime.datetime.combine(day, datetime.time(), SHANGHAI).astimezone(datetime.UTC)


def day_bounds(day: datetime.date) -> tuple[datetime.datetime, datetime.datetime]:
    """First instant of the day and first instant of the next: a half-open range."""
    return day_start(day), day_start(day + DAY)


def is_working_day(day: datetime.date, exceptions: Mapping[datetime.date, bool]) -> bool:
    """Monday to Friday, but for the exceptions: public holidays (False) and make-up days (True, 调休上班)."""
    return exceptions.get(day, day.weekday() < SATURDAY)


def add_working_days(day: datetime.date, count: int, exceptions: Mapping[datetime.date, bool]) -> datetime.date:
    """The day on which a time limit of `count` working days ends that began on `day`.

    The day itself is not counted: day 1 is the next working day. 0 is the day itself.
    """
    while count > 0:
        day += DAY
        count -= is_working_day(day, exceptions)
    return day


@dataclass(frozen=True, order=True)
class Hours:
    """From one minute of the day in China up to another, the latter not included: 660 to 840 is 11:00 to 14:00.

    `until` at or below `begin` ends on the next day (18:00 to 02:00); 0 to 1440 is the whole day.
    """

    begin: int
    until: int

    @property
    def past_midnight(self) -> bool:
        return self.until <= self.begin

    def covers(self, minute: int) -> bool:
        """Of the day on which these hours begin."""
        return self.begin <= minute and (self.past_midnight or minute < self.until)

    def runs_on(self, minute: int) -> bool:
        """Of the day after."""
        return self.past_midnight and minute < self.until


def minute_of(instant: datetime.datetime) -> int:
    """Minutes since midnight in China."""
    at = local(instant)
    return at.hour * 60 + at.minute


def out_of(hours: Hours, instant: datetime.datetime) -> datetime.datetime:
    """This moment, or the end of these hours if it lies in them."""
    minute = minute_of(instant)
    if not (hours.covers(minute) or hours.runs_on(minute)):
        return instant
    day = local_date(instant) + (DAY if hours.past_midnight and hours.covers(minute) else 0 * DAY)
    end = datetime.time(hours.until // 60, hours.until % 60)
    return datetime.datetime.combine(day, end, SHANGHAI).astimezone(datetime.UTC)


def monday(day: datetime.date) -> datetime.date:
    """The first day of its week."""
    return day - day.weekday() * DAY


def is_holiday(day: datetime.date, exceptions: Mapping[datetime.date, bool]) -> bool:
    """Is this day in a public holiday (法定节假日放假)?

    The State Council's holidays take the weekend beside them in: a day off counts when the days off around it, without
    a working day between, hold one that is off by exception. `exceptions` has to reach ten days either way.
    """
    if is_working_day(day, exceptions):
        return False
    run = {day}
    for step in (DAY, -DAY):
        other = day + step
        while not is_working_day(other, exceptions) and len(run) < LONGEST_HOLIDAY:
            run.add(other)
            other += step
    return any(exceptions.get(one) is False for one in run)
