"""Scarce things: of many tills at once as many win as there are pieces, and every other gets a plain no."""

from collections import Counter
from functools import partial

import psycopg
import pytest

from tests.builders.world import World
from tests.harness.invariants import nothing_doubled_or_lost
from tests.harness.threads import together
from tests.races.till import Till, attempts, count

MANY = 20


@pytest.mark.parametrize("stock", [1, 7])
def test_twenty_tills_want_the_last_pieces_and_each_piece_goes_once(
    world: World, sql: psycopg.Connection, stock: int
) -> None:
    shop = world.shop()
    offer_id = world.offer(shop, stock_total=stock)
    tills = [Till(world, world.clerk(shop)) for _ in range(5)] * (MANY // 5)
    scans = [till.scanned(world.member()) for till in tills]

    answers = together(*(partial(till.redeem, scan, offer_id) for till, scan in zip(tills, scans, strict=True)))

    assert Counter(answer.code for answer in answers) == {"done": stock, "sold_out": MANY - stock}
    assert count(sql, "SELECT stock_taken FROM offers") == stock
    assert count(sql, "SELECT count(*) FROM redemptions") == stock
    assert count(sql, "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'redemptions.recorded'") == stock
    assert attempts(sql, "sold_out") == MANY - stock
    nothing_doubled_or_lost(sql, by_key=True)


@pytest.mark.parametrize(
    ("terms", "wins", "refusal"),
    [
        ({"per_member_daily": 1}, 1, "daily_limit"),
        ({"per_member_total": 1}, 1, "total_limit"),
        ({"per_member_daily": 3, "per_member_total": 5}, 3, "daily_limit"),
        ({"per_member_daily": 4, "per_member_total": 4, "stock_total": 6}, 4, "total_limit"),
    ],
)
def test_one_member_at_twenty_tills_gets_no_more_than_the_limit(
    world: World, sql: psycopg.Connection, terms: dict[str, int], wins: int, refusal: str
) -> None:
    shop, member = world.shop(), world.member()
    offer_id = world.offer(shop, **terms)
    tills = [Till(world, world.clerk(shop)) for _ in range(MANY)]
    scans = [till.scanned(member) for till in tills]

    answers = together(*(partial(till.redeem, scan, offer_id) for till, scan in zip(tills, scans, strict=True)))

    assert Counter(answer.code for answer in answers) == {"done": wins, refusal: MANY - wins}
    assert count(sql, "SELECT count(*) FROM redemptions") == wins
    assert count(sql, "SELECT max(used) FROM allowances") == wins
    assert attempts(sql, refusal) == MANY - wins
    nothing_doubled_or_lost(sql, by_key=True)


def test_members_and_offers_crossing_at_many_tills_neither_hang_nor_lose_count(
    world: World, sql: psycopg.Connection
) -> None:
    shop = world.shop()
    offers = [world.offer(shop, per_member_daily=2, per_member_total=3, stock_total=stock) for stock in (3, 6)]
    members = [world.member() for _ in range(4)]
    tills = [Till(world, world.clerk(shop)) for _ in range(24)]
    scans = [till.scanned(members[number % 4]) for number, till in enumerate(tills)]
    wanted = [offers[number // 4 % 2] for number in range(24)]

    answers = together(
        *(partial(till.redeem, scan, offer) for till, scan, offer in zip(tills, scans, wanted, strict=True))
    )

    assert {answer.status for answer in answers} == {201, 409}
    assert sql.execute("SELECT stock_taken FROM offers ORDER BY stock_total").fetchall() == [(3,), (6,)]
    nothing_doubled_or_lost(sql, by_key=True)
