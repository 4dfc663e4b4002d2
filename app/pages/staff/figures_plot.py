"""The figures of some days as pictures: geometry only, in the units of the SVG's view box."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from app.pages.staff.plot import BOTTOM, LEFT, TOP, WIDTH, GridLine, grid_step
from services.core.calendar import monday

SINGLE_DAYS = 62
"""More days than these stand together in weeks: a bar narrower than a finger's breadth of pixels is a line."""
LABELS = 10
WEEK_TOP, ROW, WEEK_HEIGHT = 4, 26, 212
LEVELS = 4


@dataclass(frozen=True)
class TimeBar:
    """Redemptions from `first` to `last`; `label` says whether there is room to write the day below it."""

    first: datetime.date
    last: datetime.date
    count: int
    label: bool
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class TimePlot:
    bars: list[TimeBar]
    grid: list[GridLine]
    weeks: bool
    peak: TimeBar | None


@dataclass(frozen=True)
class Cell:
    """One hour of one weekday, Monday is 0. `level` 0 is none, LEVELS the fullest quarter."""

    weekday: int
    hour: int
    count: int
    level: int
    x: float
    y: float
    width: float


@dataclass(frozen=True)
class WeekPlot:
    """`rows` of each weekday, over the hours in which anything happened and those in between."""

    hours: list[int]
    rows: list[list[Cell]]
    peak: Cell | None


def time_plot(days: Sequence[tuple[datetime.date, int]]) -> TimePlot:
    """A bar a day, or a week where there are many days. `days` are one after another, with their counts."""
    weeks = len(days) > SINGLE_DAYS
    spans: list[tuple[datetime.date, datetime.date, int]] = []
    for day, count in days:
        if weeks and spans and monday(spans[-1][0]) == monday(day):
            first, _, before = spans.pop()
            spans.append((first, day, before + count))
        else:
            spans.append((day, day, count))
    most = max(count for *_, count in spans)
    step = grid_step(most)
    top = step * max(2, -(-most // step))
    scale, slot, every = (BOTTOM - TOP) / top, (WIDTH - LEFT) / len(spans), -(-len(spans) // LABELS)
    bars = [
        TimeBar(
            first,
            last,
            count,
            place % every == 0,
            x=round(LEFT + slot * (place + 0.15), 1),
            y=round(BOTTOM - count * scale, 1),
            width=round(slot * 0.7, 1),
            height=round(count * scale, 1),
        )
        for place, (first, last, count) in enumerate(spans)
    ]
    grid = [GridLine(value, round(BOTTOM - value * scale, 1)) for value in range(0, top + 1, step)]
    return TimePlot(bars, grid, weeks, max(bars, key=lambda bar: bar.count) if most else None)


def week_plot(hours: Sequence[Sequence[int]]) -> WeekPlot:
    """`hours` counts by weekday and hour, seven times 24."""
    busy = [hour for counts in hours for hour, count in enumerate(counts) if count]
    shown = list(range(min([7, *busy]), max([21, *busy]) + 1))
    most, slot = max(max(counts) for counts in hours), (WIDTH - LEFT) / len(shown)
    rows = [
        [
            Cell(
                weekday,
                hour,
                counts[hour],
                -(-counts[hour] * LEVELS // most) if most else 0,
                x=round(LEFT + slot * place + 1, 1),
                y=WEEK_TOP + ROW * weekday,
                width=round(slot - 2, 1),
            )
            for place, hour in enumerate(shown)
        ]
        for weekday, counts in enumerate(hours)
    ]
    fullest = max((cell for row in rows for cell in row), key=lambda cell: cell.count)
    return WeekPlot(shown, rows, fullest if most else None)
