"""How many unions have bound how much of their members, as bars: geometry only, in the units of the view box."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.pages.staff.plot import BOTTOM, HEIGHT, LEFT, TOP, WIDTH, GridLine, grid_step

TENTHS = 10
__all__ = ["HEIGHT", "WIDTH", "Column", "SharePlot", "share_plot"]


@dataclass(frozen=True)
class Column:
    """Unions with a share from `low` to `high` percent."""

    low: int
    high: int
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class SharePlot:
    """`below_half` of `unions` have bound less than half of their members."""

    columns: list[Column]
    grid: list[GridLine]
    unions: int
    below_half: int


def share_plot(percents: Sequence[int]) -> SharePlot:
    """One bar for each ten percent; who has bound everybody stands in the last."""
    counts = [0] * TENTHS
    for percent in percents:
        counts[min(percent // 10, TENTHS - 1)] += 1
    distance = grid_step(max(counts))
    most = distance * max(2, -(-max(counts) // distance))
    scale, slot = (BOTTOM - TOP) / most, (WIDTH - LEFT) / TENTHS
    columns = [
        Column(
            low=place * 10,
            high=place * 10 + (10 if place == TENTHS - 1 else 9),
            count=count,
            x=round(LEFT + slot * (place + 0.15), 1),
            y=round(BOTTOM - count * scale, 1),
            width=round(slot * 0.7, 1),
            height=round(count * scale, 1),
        )
        for place, count in enumerate(counts)
    ]
    grid = [GridLine(value, round(BOTTOM - value * scale, 1)) for value in range(0, most + 1, distance)]
    return SharePlot(columns, grid, len(percents), sum(counts[: TENTHS // 2]))
