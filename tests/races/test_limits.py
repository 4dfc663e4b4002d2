"""Scarce things: of many tills at once as many win as there are pieces, and every other gets a plain no."""

from collections import Counter
from functools import partial

import psycopg
import pytest

from services.merchants.types import BranchId
from services.offers.types import BranchShare
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


CROWD = 32
#: which of the limits is reached first, and how many win
TIGHT = {
    "limit": ({"per_member_daily": 1, "per_member_total": 2}, 4),
    "week": ({"per_member_weekly": 1, "per_member_monthly": 3}, 4),
    "stock": ({"stock_total": 5}, 5),
    "branch": ({"own": (2, 1)}, 3),
    "budget": ({"budget_fen": 465 * 6 + 464}, 6),
    "all": ({"per_member_daily": 3, "stock_total": 9, "own": (4, 9), "budget_fen": 465 * 7}, 7),
}


@pytest.mark.parametrize("rounds", [1, pytest.param(50, marks=[pytest.mark.soak, pytest.mark.timeout(2400)])])
@pytest.mark.parametrize("which", TIGHT)
def test_thirty_two_tills_at_once_pass_no_limit_stock_or_budget(
    world: World, sql: psycopg.Connection, which: str, rounds: int
) -> None:
    given, wins = TIGHT[which]
    shop, members = world.shop(), [world.member() for _ in range(4)]
    other = world.clerk(shop)
    tills = [Till(world, shop.clerk), Till(world, other)] * (CROWD // 2)
    shares = zip((shop.clerk.branch_id, other.branch_id), given.get("own") or (None, None), strict=True)
    terms = {
        "stock_total": 32, "budget_fen": 32 * 465, "per_member_daily": 8, "per_member_weekly": 8,
        "branches": tuple(BranchShare(BranchId(branch), stock) for branch, stock in shares),
    }  # fmt: skip
    terms |= {name: value for name, value in given.items() if name != "own"}
    if "per_member_weekly" in given:
        terms["per_member_daily"] = None
    if "per_member_total" in given:
        terms["per_member_weekly"] = None
    for _ in range(rounds):
        offer = world.offer(shop, **terms)
        # Each member stands at tills of both branches.
        scans = [till.scanned(members[number // 2 % 4]) for number, till in enumerate(tills)]
        tries = [partial(till.redeem, scan, offer) for till, scan in zip(tills, scans, strict=True)]

        tally = Counter(answer.code for answer in together(*tries))

        assert tally["done"] == wins, tally
        assert set(tally) - {"done"} <= {"daily_limit", "weekly_limit", "sold_out", "sold_out_here", "budget_spent"}
        query = "SELECT stock_taken * 465 - budget_spent_fen FROM offers WHERE id = %s"
        assert count(sql, query, offer) == 0
    nothing_doubled_or_lost(sql, by_key=True)


@pytest.mark.parametrize("rounds", [3, pytest.param(50, marks=[pytest.mark.soak, pytest.mark.timeout(1200)])])
@pytest.mark.parametrize(
    ("terms", "no"), [({"first_use": True}, "first_use_only"), ({"stacks": False}, "not_with_another")]
)
def test_two_tills_at_once_do_not_both_give_one_member_what_excludes_the_other(
    world: World, sql: psycopg.Connection, terms: dict[str, bool], no: str, rounds: int
) -> None:
    shop = world.shop()
    offers = [world.offer(shop, **terms) for _ in range(2)]
    tills = [Till(world, shop.clerk), Till(world, world.clerk(shop))]
    for _ in range(rounds):
        member = world.member()
        scans = [till.scanned(member) for till in tills]
        tries = zip(tills, scans, offers, strict=True)
        answers = together(*(partial(till.redeem, scan, offer) for till, scan, offer in tries))
        assert sorted(answer.code for answer in answers) == ["done", no]
    nothing_doubled_or_lost(sql, by_key=True)
