"""The day's redemptions as bars: geometry only, in the units of the SVG's view box."""

from dataclasses import dataclass

from services.reports.types import HourFigure

WIDTH, HEIGHT = 720, 200
LEFT, TOP, BOTTOM = 40, 18, 170
STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Bar:
    hour: int
    count: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class GridLine:
    value: int
    y: float


@dataclass(frozen=True)
class Plot:
    """Bars of the hours shown, the lines behind them, and the fullest hour, None on a day without any."""

    bars: list[Bar]
    grid: list[GridLine]
    peak: HourFigure | None


def plot(hours: tuple[HourFigure, ...]) -> Plot:
    """Opening hours from 7 to 22, wider where something happened outside; a round number at the top."""
    busy = [figure.hour for figure in hours if figure.redemptions]
    first, last = min([7, *busy]), max([21, *busy])
    shown = [figure for figure in hours if first <= figure.hour <= last]
    step = grid_step(max(figure.redemptions for figure in hours))
    most = step * max(2, -(-max(figure.redemptions for figure in hours) // step))
    scale, slot = (BOTTOM - TOP) / most, (WIDTH - LEFT) / len(shown)
    bars = [
        Bar(
            hour=figure.hour,
            count=figure.redemptions,
            x=round(LEFT + slot * (place + 0.15), 1),
            y=round(BOTTOM - figure.redemptions * scale, 1),
            width=round(slot * 0.7, 1),
            height=round(figure.redemptions * scale, 1),
        )
        for place, figure in enumerate(shown)
    ]
    grid = [GridLine(value, round(BOTTOM - value * scale, 1)) for value in range(0, most + 1, step)]
    return Plot(bars, grid, max(shown, key=lambda figure: figure.redemptions) if busy else None)


def grid_step(most: int) -> int:
    """The distance of grid lines: 1, 2 or 5 times a power of ten, so that there are at most five lines."""
    size = 1
    while True:
        for factor in STEPS:
            if most <= factor * size * 4:
                return factor * size
        size *= 10
