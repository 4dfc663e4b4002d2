"""Pure: what chance an entry has in a draw, before it is held."""

import math
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Odds:
    """Of a draw as it stands. `people` want `places`; `level`: how much of the drum is taken out on average."""

    entries: int
    people: int
    places: int
    level: float

    def chance(self, tickets: int) -> float:
        """Of an entry with so many tickets: 0 to 1. Right for many entries, close for a few."""
        return 1.0 if math.isinf(self.level) else 1 - math.exp(-tickets * self.level)


def odds(entries: Mapping[tuple[int, int], int], places: int) -> Odds:
    """From how many entries there are of so many tickets and so many people.

    Weighted drawing without replacement is a race: each ticket comes out after a random time, exponential and alike
    for all. Whoever is out before the time at which, on average, the places are gone has won.
    """
    count = sum(entries.values())
    people = sum(size * many for (_, size), many in entries.items())
    if people <= places:
        return Odds(count, people, places, math.inf)
    low, high = 0.0, 1.0
    while _out(entries, high) < places:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _out(entries, middle) < places else (low, middle)
    return Odds(count, people, places, high if places else 0.0)


def _out(entries: Mapping[tuple[int, int], int], level: float) -> float:
    """People who are out by then, on average."""
    return sum(size * many * (1 - math.exp(-tickets * level)) for (tickets, size), many in entries.items())
