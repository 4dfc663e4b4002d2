"""When a branch is open. Pure."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from services.core.calendar import DAY, day_start, local_date
from services.merchants.types import OpenHours

_MINUTE = datetime.timedelta(minutes=1)
_WEEK = 7
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
    ahead = [stretch for stretch in _stretches(hours, local_date(at)) if stretch[1] > at]
    begin, until = ahead[0]
    if begin > at:
        return Opening(False, begin)
    return Opening(True, until if until - at < _WEEK * DAY else None)


def _stretches(hours: Sequence[OpenHours], today: datetime.date) -> list[tuple[datetime.datetime, datetime.datetime]]:
    """From yesterday, whose night may run on, to a week after today; what touches is one stretch."""
    days = [today + count * DAY for count in range(-1, _WEEK + 2)]
    each = sorted(
        (day_start(day) + one.hours.begin * _MINUTE, day_start(day) + _end(one) * _MINUTE)
        for day in days
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
