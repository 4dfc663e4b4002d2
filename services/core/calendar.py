"""Days as people in China live them. Instants are UTC in the database; a day begins at 00:00 Asia/Shanghai."""

import datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(instant: datetime.datetime) -> datetime.datetime:
    return instant.astimezone(SHANGHAI)


def local_date(instant: datetime.datetime) -> datetime.date:
    return instant.astimezone(SHANGHAI).date()


def day_start(day: datetime.date) -> datetime.datetime:
    """The instant at which this day begins in China, in UTC."""
    return datetime.datetime.combine(day, datetime.time(), SHANGHAI).astimezone(datetime.UTC)


def day_bounds(day: datetime.date) -> tuple[datetime.datetime, datetime.datetime]:
    """First instant of the day and first instant of the next: a half-open range."""
    return day_start(day), day_start(day + datetime.timedelta(days=1))
