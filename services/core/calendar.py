"""Days as people in China live them. Instants are UTC in the database; a day begins at 00:00 Asia/Shanghai."""

import datetime
from collections.abc import Mapping
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = datetime.timedelta(days=1)
SATURDAY = 5


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
