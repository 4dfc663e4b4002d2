"""Undoing while others undo, dispute or redeem: one wins, and every sum is right."""

from collections import Counter
from collections.abc import Callable
from functools import partial

import psycopg
import pytest

from services.accounts.types import ClerkActor, MemberActor, OfficerActor
from services.core import clock
from services.core.errors import Conflict, Refusal
from services.redemptions import service as redemptions
from services.redemptions.types import RedemptionId, VoidReason
from tests.builders.world import World
from tests.harness.invariants import nothing_doubled_or_lost
from tests.harness.threads import together
from tests.races.till import Till, count

TIMES = 8
FEW, MANY = [3], [pytest.param(50, marks=[pytest.mark.soak, pytest.mark.timeout(1200)])]
LIMITED = {"per_member_daily": 1, "per_member_weekly": 1, "per_member_monthly": 1, "per_member_total": 1}
SCARCE = {"stock_total": 1, "budget_fen": 465}


def void(world: World, actor: ClerkActor | OfficerActor, redemption_id: RedemptionId) -> str:
    """ "done", or the code of the refusal."""
    answer = world.do(
        lambda: redemptions.void(
            actor=actor, redemption_id=redemption_id, reason=VoidReason.WRONG_OFFER, note=None, now=clock.now()
        )
    )
    return answer.code if isinstance(answer, Refusal) else "done"


def not_me(world: World, actor: MemberActor, redemption_id: RedemptionId) -> str:
    try:
        world.do(lambda: redemptions.dispute(actor=actor, redemption_id=redemption_id, now=clock.now()))
    except Conflict as no:
        return no.code
    return "disputed"


def settle(world: World, actor: OfficerActor, redemption_id: RedemptionId) -> str:
    try:
        world.do(lambda: redemptions.settle(actor=actor, redemption_id=redemption_id, note="核实过了", now=clock.now()))
    except Conflict as no:
        return no.code
    return "settled"


def redeem(till: Till, scan_id: str, offer: object) -> str:
    return till.redeem(scan_id, offer).code  # type: ignore[arg-type]


@pytest.mark.parametrize("rounds", FEW + MANY)
def test_many_at_the_shop_undo_one_redemption_and_the_member_says_not_me(
    world: World, sql: psycopg.Connection, rounds: int
) -> None:
    shop, member = world.shop(), world.member()
    clerk, owner = world.clerk(shop, same_branch=True), world.clerk(shop)
    till, offer = Till(world, clerk), world.offer(shop, **SCARCE)
    outcomes = Counter[str]()
    for _ in range(rounds):
        made = RedemptionId(till.redeem(till.scanned(member), offer).body["id"])
        works: list[Callable[[], str]] = [partial(void, world, one, made) for one in [clerk, owner] * TIMES]
        said = Counter(together(*works[:TIMES], partial(not_me, world, member, made), *works[TIMES:]))

        assert said["done"] + said["disputed"] == 1, "one wins"
        first = "redemption_voided" if said["done"] else "redemption_disputed"
        assert said[first] == 2 * TIMES
        outcomes["voided" if said["done"] else "disputed"] += 1
        if said["disputed"]:
            assert void(world, world.officer(), made) == "done"
            sql.execute("UPDATE cards SET status = 'active' WHERE status = 'frozen'")
        assert count(sql, "SELECT stock_taken + budget_spent_fen FROM offers") == 0
    assert outcomes.total() == count(sql, "SELECT count(*) FROM voids") == rounds
    nothing_doubled_or_lost(sql)


@pytest.mark.parametrize("rounds", FEW + MANY)
def test_an_officer_may_undo_what_is_being_disputed_but_once(
    world: World, sql: psycopg.Connection, rounds: int
) -> None:
    shop, member, officer = world.shop(), world.member(), world.officer()
    till, offer = Till(world, shop.clerk), world.offer(shop, **SCARCE, **LIMITED)
    for number in range(1, rounds + 1):
        made = RedemptionId(till.redeem(till.scanned(member), offer).body["id"])
        works = [partial(void, world, officer, made)] * TIMES
        said = Counter(together(*works, partial(not_me, world, member, made), partial(not_me, world, member, made)))

        assert said["done"] == 1
        assert said["disputed"] in (0, 2), "twice the same word"
        assert said["redemption_voided"] == TIMES - 1 + (2 - said["disputed"])
        assert count(sql, "SELECT count(*) FROM voids") == number
        assert count(sql, "SELECT sum(used) FROM allowances") == 0
        sql.execute("UPDATE cards SET status = 'active' WHERE status = 'frozen'")
    nothing_doubled_or_lost(sql)


@pytest.mark.parametrize("rounds", FEW + MANY)
def test_officers_settle_and_undo_one_dispute_at_once(world: World, sql: psycopg.Connection, rounds: int) -> None:
    shop, member, officer = world.shop(), world.member(), world.officer()
    till, offer = Till(world, shop.clerk), world.offer(shop, **SCARCE)
    for _ in range(rounds):
        made = RedemptionId(till.redeem(till.scanned(member), offer).body["id"])
        assert not_me(world, member, made) == "disputed"
        works = [partial(settle, world, officer, made)] * TIMES
        said = Counter(together(*works[:4], partial(void, world, officer, made), *works[4:]))

        assert said["done"] == 1, "an officer may undo, settled or not"
        assert said["settled"] + said["redemption_voided"] == TIMES
        kept = count(sql, "SELECT count(*) FROM settlements JOIN redemptions r ON r.id = redemption_id WHERE r.id = %s",
                     made)  # fmt: skip
        assert kept == bool(said["settled"]), "settled by all that came before the undoing, written once"
        sql.execute("UPDATE cards SET status = 'active' WHERE status = 'frozen'")
    nothing_doubled_or_lost(sql)


@pytest.mark.parametrize("rounds", FEW + MANY)
def test_the_last_piece_is_given_back_and_taken_by_one_at_most(
    world: World, sql: psycopg.Connection, rounds: int
) -> None:
    shop, others = world.shop(), [world.member() for _ in range(TIMES)]
    offer = world.offer(shop, **SCARCE)
    tills = [Till(world, world.clerk(shop)) for _ in range(4)] * 2
    holder = tills[0].redeem(tills[0].scanned(world.member()), offer)
    for _ in range(rounds):
        scans = [till.scanned(member) for till, member in zip(tills, others, strict=True)]
        made = RedemptionId(holder.body["id"])
        tries = [partial(redeem, till, scan, offer) for till, scan in zip(tills, scans, strict=True)]
        said = together(partial(void, world, shop.clerk, made), *tries)

        assert said[0] == "done"
        taken = Counter(said[1:])
        assert taken["done"] <= 1
        assert taken["done"] + taken["sold_out"] == TIMES
        assert count(sql, "SELECT stock_taken FROM offers") == taken["done"]
        if not taken["done"]:
            holder = tills[0].redeem(tills[0].scanned(others[0]), offer)
            assert holder.code == "done", "the piece is there again"
        else:
            row = sql.execute("SELECT id FROM redemptions WHERE voided_at IS NULL").fetchone()
            assert row is not None
            holder.body["id"] = row[0]
    nothing_doubled_or_lost(sql)


@pytest.mark.parametrize("rounds", FEW + MANY)
def test_a_limit_that_is_given_back_is_used_once_more_and_no_oftener(
    world: World, sql: psycopg.Connection, rounds: int
) -> None:
    shop, member = world.shop(), world.member()
    offer = world.offer(shop, **LIMITED, budget_fen=465)
    tills = [Till(world, world.clerk(shop)) for _ in range(TIMES)]
    made = RedemptionId(tills[0].redeem(tills[0].scanned(member), offer).body["id"])
    for _ in range(rounds):
        scans = [till.scanned(member) for till in tills]
        tries = [partial(redeem, till, scan, offer) for till, scan in zip(tills, scans, strict=True)]
        said = together(partial(void, world, shop.clerk, made), *tries)

        taken = Counter(said[1:])
        assert (said[0], taken["done"]) in (("done", 0), ("done", 1))
        assert count(sql, "SELECT max(used) FROM allowances") == taken["done"]
        again = redeem(tills[0], tills[0].scanned(member), offer)
        assert again == ("budget_spent" if taken["done"] else "done")
        row = sql.execute("SELECT id FROM redemptions WHERE voided_at IS NULL").fetchall()
        assert len(row) == 1
        made = RedemptionId(row[0][0])
    nothing_doubled_or_lost(sql)
