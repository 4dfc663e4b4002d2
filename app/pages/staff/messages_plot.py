"""What one channel sent and failed, span by span, as bars: geometry only, in the units of the SVG's view box."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.pages.staff.plot import BOTTOM, LEFT, TOP, WIDTH, GridLine, grid_step
from services.notifications.figures import Sent, Span
from services.notifications.types import Channel

LABELS = 8


@dataclass(frozen=True)
class Bar:
    """What failed stands on what was sent. `label`: there is room to write the time below it."""

    span: Span
    sent: Sent
    label: bool
    x: float
    width: float
    sent_y: float
    sent_height: float
    failed_y: float
    failed_height: float


@dataclass(frozen=True)
class SendingPlot:
    channel: Channel
    bars: list[Bar]
    grid: list[GridLine]
    total: Sent


def sending_plots(spans: Sequence[Span]) -> list[SendingPlot]:
    """One for each channel that did anything."""
    return [
        _plot(channel, spans)
        for channel in Channel
        if any(span.of(channel) != Sent() for span in spans)
    ]  # fmt: skip


def _plot(channel: Channel, spans: Sequence[Span]) -> SendingPlot:
    counts = [span.of(channel) for span in spans]
    most = max(one.sent + one.failed for one in counts)
    step = grid_step(most)
    top = step * max(2, -(-most // step))
    scale, slot, every = (BOTTOM - TOP) / top, (WIDTH - LEFT) / len(spans), -(-len(spans) // LABELS)
    bars = []
    for place, (span, one) in enumerate(zip(spans, counts, strict=True)):
        sent, failed = round(one.sent * scale, 1), round(one.failed * scale, 1)
        bars.append(
            Bar(
                span, one, place % every == 0, x=round(LEFT + slot * (place + 0.15), 1), width=round(slot * 0.7, 1),
                sent_y=round(BOTTOM - sent, 1), sent_height=sent, failed_y=round(BOTTOM - sent - failed, 1),
                failed_height=failed,
            )
        )  # fmt: skip
    grid = [GridLine(value, round(BOTTOM - value * scale, 1)) for value in range(0, top + 1, step)]
    return SendingPlot(channel, bars, grid, sum(counts, Sent()))
