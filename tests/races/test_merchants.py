"""Officers of one federation at one shop at once."""

from collections.abc import Callable

import psycopg
import pytest
from flask import Flask

from services.core import clock
from services.core.calendar import DAY, local_date
from services.core.errors import DomainError
from services.merchants import records, service
from services.merchants.types import MerchantId
from tests.builders.world import World
from tests.harness.threads import together

OFFICERS = 8


def said(world: World, work: Callable[[], object]) -> str:
    try:
        world.do(work)
    except DomainError as error:
        return error.code
    return "done"


def posted(sql: psycopg.Connection, topic: str) -> int:
    row = sql.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s", [topic]).fetchone()
    assert row
    return int(row[0])


def test_a_renewal_tapped_by_many_is_one(crowd: Flask, world: World) -> None:
    shop, today, now = world.shop(agreed_days=(-300, 10)), local_date(clock.now()), clock.now()
    works = [
        lambda: world.do(
            lambda: service.renew(
                merchant_id=shop.merchant_id, starts_on=today + 11 * DAY, ends_on=today + 375 * DAY, signed_by="老周",
                actor="test", now=now,
            )
        )
    ] * OFFICERS  # fmt: skip
    assert len(set(together(*works))) == 1
    assert len(world.look(lambda: records.agreements(shop.merchant_id))) == 2


def test_two_renewals_never_leave_a_gap(crowd: Flask, world: World) -> None:
    """Each would extend what runs; the second sees the first, and is judged by what holds then."""
    today, now = local_date(clock.now()), clock.now()
    for _ in range(5):
        shop = world.shop(agreed_days=(-300, 10))

        def renew(first: int, last: int, merchant_id: MerchantId = shop.merchant_id) -> Callable[[], str]:
            days = {"starts_on": today + first * DAY, "ends_on": today + last * DAY}
            return lambda: said(
                world,
                lambda: service.renew(merchant_id=merchant_id, signed_by="x", actor="test", now=now, **days),
            )

        answers = together(renew(11, 100), renew(11, 200), renew(101, 300))
        found = world.look(
            lambda shop=shop: records.record(shop.merchant_id, scopes=(world.federation.path,), on=today)  # type: ignore[misc]
        )
        signed = world.look(lambda shop=shop: records.agreements(shop.merchant_id))  # type: ignore[misc]
        assert len(signed) == 1 + answers.count("done")
        assert found.agreement_until == max(one.ends_on for one in signed)
        assert set(answers) <= {"done", "agreement_no_longer", "agreement_gap"}


def test_one_suspension_of_many_stands_and_is_told_once(crowd: Flask, world: World, sql: psycopg.Connection) -> None:
    shop, now = world.shop(), clock.now()
    works = [
        lambda day=day: said(
            world,
            lambda: service.suspend(
                merchant_id=shop.merchant_id,
                first_day=local_date(now) + day * DAY,
                reason="装修",
                actor="test",
                now=now,
            ),
        )
        for day in range(OFFICERS)
    ]
    answers = together(*works)
    assert sorted(answers) == ["done"] + ["suspended_already"] * (OFFICERS - 1)
    assert posted(sql, "merchants.suspended") == 1


def test_two_workers_tell_of_an_ending_once(crowd: Flask, world: World, sql: psycopg.Connection) -> None:
    for number in range(20):
        world.shop(f"第 {number} 家", agreed_days=(-300, 20))
    now = clock.now()

    def chore() -> int:
        count = 0
        while found := world.do(lambda: service.tell_ending(now)):
            count += found
        return count

    assert sum(together(*[chore] * 4)) == 20 == posted(sql, "merchants.agreement_ending")


@pytest.mark.parametrize("attempt", range(3))
def test_a_plaque_number_goes_to_one_shop(crowd: Flask, world: World, attempt: int) -> None:
    shops, now = [world.shop(f"第 {number} 家") for number in range(4)], clock.now()
    works = [
        lambda shop=shop: said(
            world,
            lambda: service.hang(
                merchant_id=shop.merchant_id, plaque_number=f"YH-{attempt}", plaque_hung_on=None, door_sign_on=None,
                actor="test", now=now,
            ),
        )
        for shop in shops
    ]  # fmt: skip
    assert sorted(together(*works)) == ["done"] + ["plaque_taken"] * 3
