"""Many taps of one member, owner against union, two workers on what waits too long, an officer's undoing twice."""

import datetime
from collections.abc import Callable

import psycopg

from services.accounts.types import ClerkActor, OfficerActor
from services.complaints import service
from services.complaints.types import ComplaintId
from services.core import clock
from services.core.errors import Conflict, TooOften
from services.merchants.types import BranchId
from services.offers.types import OfferId
from tests.builders.world import World
from tests.harness.threads import together

MANY = 24
DAY = datetime.timedelta(days=1)


def teller(world: World, offers: list[OfferId], branch_id: BranchId) -> list[Callable[[], ComplaintId | str]]:
    member, now = world.member(), clock.now()

    def tell(offer_id: OfferId) -> ComplaintId | str:
        try:
            return world.do(
                lambda: service.file(actor=member, offer_id=offer_id, branch_id=branch_id, note="", now=now)
            )
        except TooOften as error:
            return error.code

    return [lambda one=one: tell(one) for one in offers]  # type: ignore[misc]


def test_taps_at_once_are_one_report(world: World, sql: psycopg.Connection) -> None:
    shop = world.shop()
    offer_id = world.offer(shop)
    told = together(*teller(world, [offer_id] * MANY, BranchId(shop.clerk.branch_id)))
    assert len(set(told)) == 1 and not isinstance(told[0], str)
    assert sql.execute("SELECT count(*) FROM complaints").fetchone() == (1,)
    assert sql.execute("SELECT count(*) FROM procrastinate_jobs").fetchone() == (1,)
    assert sql.execute("SELECT used FROM spendings").fetchall() == [(1,)]


def test_reports_of_many_offers_at_once_keep_the_days_limit(world: World, sql: psycopg.Connection) -> None:
    shop = world.shop()
    offers = [world.offer(shop) for _ in range(9)]
    told = together(*teller(world, offers, BranchId(shop.clerk.branch_id)))
    assert sum(one == "complaints_too_often" for one in told) == 4
    assert sql.execute("SELECT count(*) FROM complaints").fetchone() == (5,)


def test_owner_and_union_at_once_are_one_answer(world: World, sql: psycopg.Connection) -> None:
    shop, officer = world.shop(), world.officer()
    (tell,) = teller(world, [world.offer(shop)], BranchId(shop.clerk.branch_id))
    told = tell()

    def answer(actor: ClerkActor | OfficerActor) -> str:
        try:
            world.do(
                lambda: service.answer(
                    actor=actor,
                    complaint_id=told,
                    text=f"对不起，{actor.label}",
                    now=clock.now(),  # type: ignore[arg-type]
                )
            )
        except Conflict as error:
            return error.code
        return actor.label

    said = together(*[lambda actor=actor: answer(actor) for actor in (shop.clerk, officer) * (MANY // 2)])  # type: ignore[misc]
    (won,) = [one for one in said if one != "complaint_answered"]
    assert sql.execute("SELECT answer, answered_by FROM complaints").fetchall() == [(f"对不起，{won}", won)]
    posted = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'complaints.answered'"
    assert sql.execute(posted).fetchone() == (1,)


def test_what_waits_too_long_is_raised_once_by_many_workers(world: World, sql: psycopg.Connection) -> None:
    shop = world.shop()
    offers = [world.offer(shop) for _ in range(5)]
    together(*teller(world, offers, BranchId(shop.clerk.branch_id)))
    late = clock.now() + DAY
    raised = together(*[lambda: world.do(lambda: service.raise_overdue(late))] * 8)
    assert sum(raised) == 5
    posted = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'complaints.overdue'"
    assert sql.execute(posted).fetchone() == (5,)


def test_an_answer_under_way_is_not_raised(world: World, sql: psycopg.Connection, database_url: str) -> None:
    shop = world.shop()
    (tell,) = teller(world, [world.offer(shop)], BranchId(shop.clerk.branch_id))
    tell()
    with psycopg.connect(database_url) as answering:
        answering.execute("SELECT 1 FROM complaints FOR UPDATE")
        assert world.do(lambda: service.raise_overdue(clock.now() + DAY)) == 0
    assert world.do(lambda: service.raise_overdue(clock.now() + DAY)) == 1
