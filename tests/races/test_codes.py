"""One code, one scan; one scan, one redemption; one key, one answer."""

from collections import Counter
from functools import partial

import psycopg

from tests.builders.world import World
from tests.harness.invariants import nothing_doubled_or_lost
from tests.harness.threads import together
from tests.races.till import Till, attempts, count, digits

MANY = 20


def test_a_code_shown_at_two_shops_at_once_works_at_one(world: World, sql: psycopg.Connection) -> None:
    members = [world.member() for _ in range(8)]
    here, there = (Till(world, world.shop(name).clerk) for name in ("老灶牛肉面", "东门书店"))
    codes = [world.code(member) for member in members]

    answers = together(*(partial(till.scan, code) for code in codes for till in (here, there)))

    pairs = zip(answers[::2], answers[1::2], strict=True)
    assert [sorted(answer.code for answer in pair) for pair in pairs] == [["code_used", "done"]] * len(members)
    assert count(sql, "SELECT count(*) FROM scans") == len(members)
    assert attempts(sql, "code_used") == len(members)
    nothing_doubled_or_lost(sql)


def test_a_code_read_twenty_times_by_one_clerk_is_one_scan(world: World, sql: psycopg.Connection) -> None:
    till, code = Till(world, world.shop().clerk), world.code(world.member())

    answers = together(*[partial(till.scan, code)] * MANY)

    assert {answer.code for answer in answers} == {"done"}
    assert len({answer.body["scan_id"] for answer in answers}) == 1
    assert count(sql, "SELECT count(*) FROM scans") == 1


def test_typed_digits_read_at_twenty_shops_at_once_work_at_one(world: World, sql: psycopg.Connection) -> None:
    tills = [Till(world, world.shop().clerk) for _ in range(MANY)]
    code = digits(world, world.member())

    answers = together(*(partial(till.scan, code) for till in tills))

    assert Counter(answer.code for answer in answers) == {"done": 1, "code_used": MANY - 1}
    assert count(sql, "SELECT count(*) FROM scans") == 1


def test_a_scan_redeemed_twenty_times_under_twenty_keys_is_one_redemption(
    world: World, sql: psycopg.Connection
) -> None:
    shop = world.shop()
    till, offer_id = Till(world, shop.clerk), world.offer(shop, stock_total=50, per_member_daily=30)
    scan = till.scanned(world.member())

    answers = together(*[partial(till.redeem, scan, offer_id)] * MANY)

    assert Counter(answer.code for answer in answers) == {"done": 1, "scan_used": MANY - 1}
    assert count(sql, "SELECT count(*) FROM redemptions") == 1
    assert count(sql, "SELECT stock_taken FROM offers") == 1
    assert count(sql, "SELECT used FROM allowances") == 1
    assert attempts(sql, "scan_used") == MANY - 1, "every no at a till is kept"
    nothing_doubled_or_lost(sql, by_key=True)


def test_a_key_sent_twenty_times_at_once_gives_one_redemption_and_twenty_equal_answers(
    world: World, sql: psycopg.Connection
) -> None:
    shop = world.shop()
    till, offer_id = Till(world, shop.clerk), world.offer(shop, stock_total=1, per_member_total=1)
    scan = till.scanned(world.member())

    answers = together(*[partial(till.redeem, scan, offer_id, key="one-key-for-all")] * MANY)

    assert [answer.status for answer in answers] == [201] * MANY
    assert all(answer.body == answers[0].body for answer in answers)
    assert count(sql, "SELECT count(*) FROM redemptions") == 1
    assert count(sql, "SELECT count(*) FROM attempts") == 0
    nothing_doubled_or_lost(sql, by_key=True)


def test_a_key_of_a_refused_redemption_gives_one_attempt_and_equal_refusals(
    world: World, sql: psycopg.Connection
) -> None:
    shop = world.shop()
    till = Till(world, shop.clerk)
    offer_id = world.offer(shop, audience_union_id=world.another_union().id)
    scan = till.scanned(world.member())

    answers = together(*[partial(till.redeem, scan, offer_id, key="one-key-for-all")] * MANY)

    assert [answer.code for answer in answers] == ["not_for_your_union"] * MANY
    assert all(answer.body == answers[0].body for answer in answers)
    assert attempts(sql, "not_for_your_union") == 1
    nothing_doubled_or_lost(sql, by_key=True)


def test_a_key_with_two_bodies_at_once_is_one_redemption_and_a_mistake(world: World, sql: psycopg.Connection) -> None:
    shop = world.shop()
    till, offer_id = Till(world, shop.clerk), world.offer(shop)
    for number in range(8):
        scans = [till.scanned(world.member()) for _ in range(2)]
        answers = together(*(partial(till.redeem, scan, offer_id, key=f"same-key-{number}") for scan in scans))
        assert sorted(answer.code for answer in answers) == ["done", "idempotency_key_reused"]
        assert sorted(answer.status for answer in answers) == [201, 422]
    assert count(sql, "SELECT count(*) FROM redemptions") == 8
    nothing_doubled_or_lost(sql, by_key=True)


def test_a_key_of_two_clerks_is_two_keys(world: World, sql: psycopg.Connection) -> None:
    shop = world.shop()
    offer_id = world.offer(shop)
    tills = [Till(world, world.clerk(shop)) for _ in range(MANY)]
    scans = [till.scanned(world.member()) for till in tills]

    answers = together(
        *(partial(till.redeem, scan, offer_id, key="till-0001") for till, scan in zip(tills, scans, strict=True))
    )

    assert [answer.status for answer in answers] == [201] * MANY
    nothing_doubled_or_lost(sql, by_key=True)
