"""Tickets count as the page says: 10,000 draws of fixed seeds against arithmetic and against another way to draw."""

import math
import random
from collections import Counter
from collections.abc import Sequence

import pytest

from services.events import draw
from services.events.draw import Entry

DRAWS = 10_000
#: Five entries with each number of tickets, of one place each.
TWENTY = [Entry(f"{tickets}000-000{nth}", tickets, {0: 1}) for tickets in (1, 2, 3, 4) for nth in range(5)]
DIGEST = draw.list_digest(TWENTY, 1)


def firsts(entries: Sequence[Entry], seeds: random.Random) -> Counter[int]:
    """How often each weight has the first place in many draws; weights by the number's first digit."""
    return Counter(int(draw.order(seeds.randbytes(32), DIGEST, entries)[0].number[0]) for _ in range(DRAWS))


def strayed(first: Counter[int]) -> list[int]:
    """Weights whose share of first places is more than 4 standard errors from w / sum(w)."""
    fair = {weight: 5 * weight / 50 for weight in (1, 2, 3, 4)}
    return [w for w, p in fair.items() if abs(first[w] / DRAWS - p) > 4 * math.sqrt(p * (1 - p) / DRAWS)]


def test_first_places_go_by_tickets() -> None:
    first = firsts(TWENTY, random.Random(6))
    assert strayed(first) == []
    chi_square = sum((first[w] - DRAWS * w / 10) ** 2 / (DRAWS * w / 10) for w in (1, 2, 3, 4))
    assert chi_square < 21.1  # 3 degrees of freedom: one fair draw in 10,000 is beyond


def test_a_draw_that_forgets_tickets_would_be_found() -> None:
    assert strayed(firsts([Entry(entry.number, 1, entry.needs) for entry in TWENTY], random.Random(6))) == [1, 2, 3, 4]


def by_the_book(places: int, chance: random.Random) -> Counter[int]:
    """Weighted drawing without replacement, step by step: one of those left, with chances by weight."""
    left, won = [entry.tickets for entry in TWENTY], Counter[int]()
    for _ in range(places):
        at, spot = 0, chance.random() * sum(left)
        while (spot := spot - left[at]) >= 0:
            at += 1
        won[left.pop(at)] += 1
    return won


def test_winners_share_is_that_of_drawing_by_the_book() -> None:
    seeds, chance, places = random.Random(7), random.Random(8), 8
    ours = list(draw.odds(TWENTY, [places], (seeds.randbytes(32) for _ in range(DRAWS))))
    rounds = [by_the_book(places, chance) for _ in range(DRAWS)]
    assert [(one.tickets, one.entries) for one in ours] == [(1, 5), (2, 5), (3, 5), (4, 5)]
    for one in ours:
        shares = [won[one.tickets] / 5 for won in rounds]
        mean = sum(shares) / DRAWS
        error = math.sqrt(sum((share - mean) ** 2 for share in shares) / DRAWS / DRAWS)
        assert abs(one.chance - mean) < 4 * math.sqrt(2) * error
    assert sum(one.chance * one.entries for one in ours) == pytest.approx(places)


def test_the_interval_of_the_odds_holds_the_true_ratio_where_it_is_known() -> None:
    seeds = random.Random(9)
    ours = list(draw.odds(TWENTY, [1], (seeds.randbytes(32) for _ in range(2_000))))
    for one in ours[1:]:
        assert abs(one.ratio - one.tickets) < 2 * one.reach
        assert 0.05 < one.reach < 1
    assert (ours[0].ratio, ours[0].reach) == (1, 0)


def test_odds_where_nobody_can_win_are_no_number_and_no_fault() -> None:
    one, *_ = draw.odds(TWENTY, [0], [bytes(32), bytes(range(32))])
    assert one.chance == 0 and math.isnan(one.ratio)
