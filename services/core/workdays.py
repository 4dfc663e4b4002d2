"""The working days of the State Council's calendar, as far as they are no plain weekdays, and time limits in them."""

import datetime
from typing import Any

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from services.core.calendar import DAY, LONGEST_HOLIDAY, add_working_days, day_start, is_holiday, local_date
from services.core.db import Base, db

log = structlog.get_logger("gonghui.workdays")
_LONGEST_HOLIDAY = 30
_warned: set[int] = set()


class DayException(Base):
    """A public holiday, or a weekend day that is worked (调休上班). Migrations bring the years that are known."""

    __tablename__ = "day_exceptions"

    day: Mapped[datetime.date] = mapped_column(primary_key=True)
    works: Mapped[bool]
    #: Bilingual: which holiday; none where somebody set the day by hand
    name: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


def exceptions(first: datetime.date, last: datetime.date) -> dict[datetime.date, bool]:
    """Every day from `first` to `last`, both included, that is not what its weekday says: does it work?"""
    query = select(DayException.day, DayException.works).where(DayException.day.between(first, last))
    return {row.day: row.works for row in db.session.execute(query)}


def due(now: datetime.datetime, days: int) -> datetime.datetime:
    """The last second, in China, of the working day on which a limit of `days` working days ends that begins now.

    `local_date` of it is the day to show. A year of which nothing is known counts plain weekdays, and is warned of
    once a process: `flask calendar set` fills it.
    """
    begin = local_date(now)
    known = exceptions(
        begin.replace(month=1, day=1), (begin + (2 * days + _LONGEST_HOLIDAY) * DAY).replace(month=12, day=31)
    )
    end = add_working_days(begin, days, known)
    _warn({begin.year, end.year} - {day.year for day in known})
    return day_start(end + DAY) - datetime.timedelta(seconds=1)


def holidays(first: datetime.date, last: datetime.date) -> frozenset[datetime.date]:
    """The days of public holidays from `first` to `last`, both included, the weekends in them too. One statement."""
    known = exceptions(first - LONGEST_HOLIDAY * DAY, last + LONGEST_HOLIDAY * DAY)
    days = (first + count * DAY for count in range((last - first).days + 1))
    return frozenset(day for day in days if is_holiday(day, known))


def set_day(day: datetime.date, *, works: bool) -> None:
    """Says of one day whether it is worked; what was said of it before is gone."""
    values = {"day": day, "works": works, "name": None}
    statement = insert(DayException).values(values)
    db.session.execute(statement.on_conflict_do_update(index_elements=[DayException.day], set_=values))


def _warn(years: set[int]) -> None:
    for year in sorted(years - _warned):
        _warned.add(year)
        log.warning("no calendar of working days", year=year)
