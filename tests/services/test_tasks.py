"""What waits for an officer who looks after shops: exactly what the rows say, and gone once it is mended."""

import datetime
from collections.abc import Callable

from services.complaints import service as complaints
from services.core import clock
from services.core.calendar import DAY, local_date
from services.merchants import service as merchants
from services.merchants.types import BranchId, MerchantId, TradeCode
from services.offers import service as offers
from services.redemptions import service as redemptions
from services.reports import tasks as reports
from services.reports.tasks import Task, TaskKind
from services.unions import service as unions
from services.unions.types import Level, UnionPath
from tests.builders.world import Shop, World
from tests.harness.statements import statements
from tests.services.test_rights import used


def listed(world: World, *, path: UnionPath | None = None, now: datetime.datetime | None = None) -> list[Task]:
    """The tasks, once it is sure that the number at the entry is theirs."""
    scopes, at = (path or world.federation.path,), now or clock.now()
    found = world.look(lambda: reports.tasks(scopes=scopes, now=at))
    assert world.look(lambda: reports.count(scopes=scopes, now=at)) == len(found)
    return found


def kinds(world: World, **values: datetime.datetime) -> list[TaskKind]:
    return [task.kind for task in listed(world, **values)]  # type: ignore[arg-type]


def act(world: World, verb: Callable[..., object], shop: Shop, **values: object) -> None:
    world.do(lambda: verb(merchant_id=shop.merchant_id, actor="officer:test", now=clock.now(), **values))


def test_agreements_that_end_and_have_ended_until_they_are_renewed_or_given_up(world: World) -> None:
    today = local_date(clock.now())
    world.shop("还早", agreed_days=(-300, 31))
    ending, ended = world.shop("快了", agreed_days=(-300, 30)), world.shop("完了", agreed_days=(-300, -1))
    found = [(task.kind, task.merchant_name["zh"], task.on) for task in listed(world)]
    assert found == [
        (TaskKind.ENDED, "完了", today - DAY),
        (TaskKind.ENDING, "快了", today + 30 * DAY),
    ]
    act(world, merchants.renew, ending, starts_on=today, ends_on=today + 400 * DAY, signed_by="x")
    act(world, merchants.end, ended, last_day=today, reason="不做了")
    assert kinds(world) == []


def test_a_suspended_shop_whose_offers_still_run(world: World) -> None:
    shop, today = world.shop(), local_date(clock.now())
    given = [world.offer(shop) for _ in range(2)]
    world.offer(shop, ends_on=today - DAY, starts_on=today - 2 * DAY)
    act(world, merchants.suspend, shop, first_day=today + DAY, reason="装修")
    assert kinds(world) == []
    (task,) = listed(world, now=clock.now() + DAY)
    assert (task.kind, task.count, task.subject_id) == (TaskKind.SUSPENDED, 2, shop.merchant_id)
    world.do(lambda: offers.pause(offer_id=given[0], actor="officer:test", now=clock.now()))
    assert [task.count for task in listed(world, now=clock.now() + DAY)] == [1]
    world.do(lambda: offers.withdraw(offer_id=given[1], actor="officer:test", now=clock.now()))
    assert kinds(world, now=clock.now() + DAY) == []


def test_a_complaint_past_its_day(world: World) -> None:
    shop, member, now = world.shop(), world.member(), clock.now()
    offer_id, branch = world.offer(shop), BranchId(shop.clerk.branch_id)
    told = world.do(lambda: complaints.file(actor=member, offer_id=offer_id, branch_id=branch, note="", now=now))
    assert kinds(world) == []
    (task,) = listed(world, now=now + DAY)
    assert (task.kind, task.subject_id, task.merchant_id) == (TaskKind.COMPLAINT, told, shop.merchant_id)
    officer = world.officer()
    world.do(lambda: complaints.answer(actor=officer, complaint_id=told, text="已经说过店里了", now=now))
    assert kinds(world, now=now + DAY) == []


def test_not_me_until_it_is_undone_or_a_month_old(world: World) -> None:
    shop, member = world.shop(), world.member()
    redemption_id, now = used(world, member, shop), clock.now()
    world.do(lambda: redemptions.dispute(actor=member, redemption_id=redemption_id, now=now))
    (task,) = listed(world)
    assert (task.kind, task.subject_id) == (TaskKind.DISPUTE, redemption_id)
    assert kinds(world, now=now + 31 * DAY) == []


def test_tasks_are_of_ones_own_federation_and_few_statements(world: World) -> None:
    other = world.do(lambda: unions.found(name={"zh": "云渚区总工会"}, level=Level.FEDERATION))
    today = local_date(clock.now())
    for number in range(30):
        world.shop(f"第 {number} 家", agreed_days=(-300, number % 5 - 2))
    foreign: MerchantId = world.do(
        lambda: merchants.sign(
            union_id=other.id, name={"zh": "外区店"}, trade=TradeCode("dining"), agreement_from=today,
            agreement_until=today, signed_by="x", actor="test", now=clock.now(),
        )
    )  # fmt: skip
    with statements() as sent:
        found = world.look(lambda: reports.tasks(scopes=(world.federation.path,), now=clock.now()))
    assert len(found) == 30 and len(sent) <= 5
    with statements() as sent:
        world.look(lambda: reports.count(scopes=(world.federation.path,), now=clock.now()))
    assert len(sent) == 1
    assert [task.merchant_id for task in listed(world, path=other.path)] == [foreign]
