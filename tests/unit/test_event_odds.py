"""Chances before a draw; and figures of which none that are small are told."""

import math

import pytest

from services.events.odds import odds
from services.events.queries.figures import FEW, Bar, hidden

LIST = {(1, 1): 250, (2, 1): 90, (3, 1): 40, (4, 1): 20}


@pytest.mark.parametrize(
    ("places", "chances"),
    [
        (20, (0.0322, 0.0634, 0.0942, 0.1231)),
        (100, (0.1735, 0.3169, 0.4357, 0.5342)),
        (200, (0.3851, 0.6211, 0.7675, 0.8568)),
    ],
)
def test_the_chances_are_those_of_ten_thousand_draws(places: int, chances: tuple[float, ...]) -> None:
    """docs/draw.md has the table."""
    found = odds(LIST, places)
    assert [found.chance(tickets) for tickets in (1, 2, 3, 4)] == pytest.approx(chances, abs=0.003)


def test_with_room_for_all_everybody_wins_and_without_places_nobody() -> None:
    assert (odds({(1, 2): 5}, 10).chance(1), odds({}, 3).chance(1)) == (1.0, 1.0)
    assert odds({(1, 1): 5}, 0).chance(4) == 0.0
    assert math.isinf(odds({(1, 1): 2}, 2).level)


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((9, 6, 2), (9, None, None)),
        ((9, 2, 1), (None, None, None)),
        ((9, 4, 3), (9, None, None)),
        ((9, 0, 6), (9, 0, 6)),
        ((3, 0), (None, 0)),
    ],
)
def test_a_small_figure_of_a_private_kind_cannot_be_worked_out(
    counts: tuple[int, ...], shown: tuple[int | None, ...]
) -> None:
    bars = [Bar({"zh": str(place)}, count) for place, count in enumerate(counts)]
    assert tuple(bar.count for bar in hidden(bars, True)) == shown
    assert [bar.count for bar in hidden(bars, False)] == list(counts)
    assert all(count is None or count == 0 or count >= FEW for count in shown)
