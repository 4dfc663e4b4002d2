"""When a branch is open. Pure."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from services.core.calendar import DAY, day_start, local_date, minute_of
from services.merchants.types import OpenHours

_MINUTE = datetime.timedelta(minutes=1)
_MONDAY, _WEEK = 1, 7
_FULL_DAY = 1440


@dataclass(frozen=True)
class Opening:
    """Whether a branch is open, and the instant at which that changes; None where it never closes."""

    open: bool
    changes_at: datetime.datetime | None


def opening(hours: Sequence[OpenHours], at: datetime.datetime) -> Opening | None:
    """At that instant; None where nobody said when this branch is open."""
    if not hours:
        return None
    today = local_date(at)
    begin, until = _ahead(hours, at, today, 2)
    if until >= day_start(today + 2 * DAY):
        # It may run on into the days that were not looked at, or nothing begins in these.
        begin, until = _ahead(hours, at, today, _WEEK + 1)
    if begin > at:
        return Opening(False, begin)
    return Opening(True, until if until - at < _WEEK * DAY else None)


def is_open(hours: Sequence[OpenHours], at: datetime.datetime) -> bool:
    """The short answer; no where nobody said when."""
    day, minute = local_date(at).isoweekday(), minute_of(at)
    before = (day - _MONDAY - 1) % _WEEK + _MONDAY
    return any(
        (one.weekday == day and one.hours.covers(minute)) or (one.weekday == before and one.hours.runs_on(minute))
        for one in hours
    )


def _ahead(
    hours: Sequence[OpenHours], at: datetime.datetime, today: datetime.date, days: int
) -> tuple[datetime.datetime, datetime.datetime]:
    """The first stretch that is not over, out of so many days; what begins after them stands for none."""
    far = day_start(today + (days + 1) * DAY)
    return next((one for one in _stretches(hours, today, days) if one[1] > at), (far, far))


def _stretches(
    hours: Sequence[OpenHours], today: datetime.date, days: int
) -> list[tuple[datetime.datetime, datetime.datetime]]:
    """From yesterday, whose night may run on; what touches is one stretch."""
    each = sorted(
        (day_start(day) + one.hours.begin * _MINUTE, day_start(day) + _end(one) * _MINUTE)
        for day in (today + count * DAY for count in range(-1, days))
        for one in hours
        if one.weekday == day.isoweekday()
    )
    merged = each[:1]
    for begin, until in each[1:]:
        if begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(until, merged[-1][1]))
        else:
            merged.append((begin, until))
    return merged


def _end(one: OpenHours) -> int:
    return one.hours.until + (_FULL_DAY if one.hours.past_midnight else 0)
