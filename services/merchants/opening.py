"""When a branch is open: hours of a week, read and written as people type them. Pure."""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from services.core.calendar import Hours
from services.core.errors import Invalid
from services.core.keyboard import half_width
from services.merchants.errors import OPEN_HOURS_MALFORMED, OPEN_HOURS_OVERLAP
from services.merchants.types import OpenHours

WEEK = range(1, 8)
DAY = 1440
SPANS_MOST = 3
"""In one day: morning, noon and evening."""
CLOSED = "休息"
_SPAN = re.compile(r"(\d{1,2})[:：.](\d{2})(?:-|~|—|–|至|到)+(\d{1,2})[:：.](\d{2})")
_CLOSED = ("休息", "休", "closed")


def hours_of(text: str, *, field: str) -> tuple[Hours, ...]:
    """ "9:00-12:00 13:30-21:00" as hours of one day; () for 休息 and for nothing. Raises Invalid."""
    plain = re.sub(r"\s*([-~—–至到])\s*", r"\1", half_width(text).strip().lower().replace("次日", ""))
    if not plain or plain in _CLOSED:
        return ()
    found = []
    for piece in re.split(r"[\s,，、;；]+", plain):
        match = _SPAN.fullmatch(piece)
        begin, until = (_minute(*match.group(1, 2)), _minute(*match.group(3, 4))) if match else (None, None)
        if begin is None or until is None or begin == DAY:
            raise Invalid(OPEN_HOURS_MALFORMED, field=field)
        found.append(span(begin, until))
    return tuple(sorted(found))


def span(begin: int, until: int) -> Hours:
    """From one minute of the day to another; the same twice is the whole day, and midnight ends the day it ends."""
    if begin == until:
        return Hours(0, DAY)
    return Hours(begin, until or DAY)


def said(hours: Iterable[Hours]) -> str:
    """As `hours_of` reads it: "09:00-12:00 13:30-21:00"."""
    return " ".join(f"{_clock(one.begin)}-{_clock(one.until)}" for one in hours)


def of_weekday(hours: Iterable[OpenHours], weekday: int) -> tuple[Hours, ...]:
    return tuple(sorted(one.hours for one in hours if one.weekday == weekday))


def check(hours: Sequence[OpenHours]) -> None:
    """Raises Invalid(open_hours_malformed) for what is no weekday or no time, Invalid(open_hours_overlap) for two
    hours of a day that run into each other, or into the next day's."""
    for one in hours:
        begin, until = one.hours.begin, one.hours.until
        if one.weekday not in WEEK or not 0 <= begin < DAY or not 1 <= until <= DAY or begin == until:
            raise Invalid(OPEN_HOURS_MALFORMED, field="hours")
    for weekday in WEEK:
        today, tomorrow = of_weekday(hours, weekday), of_weekday(hours, weekday % 7 + 1)
        if len(today) > SPANS_MOST:
            raise Invalid(OPEN_HOURS_OVERLAP, field="hours")
        for earlier, later in pairwise(today):
            if earlier.past_midnight or later.begin < earlier.until:
                raise Invalid(OPEN_HOURS_OVERLAP, field="hours")
        if today and tomorrow and today[-1].past_midnight and tomorrow[0].begin < today[-1].until:
            raise Invalid(OPEN_HOURS_OVERLAP, field="hours")


def _minute(hour: str, minute: str) -> int | None:
    at = int(hour) * 60 + int(minute)
    return at if int(minute) < 60 and at <= DAY else None


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
