"""Who is told what, and what becomes of a message whose channel is slow or takes nothing."""

import datetime
import functools
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from structlog.testing import CapturingLogger

from app import jobs
from services.accounts.types import MemberActor
from services.bindings.messages import Bound
from services.cards.messages import CardFrozen
from services.core import clock, outbox
from services.notifications import sending, service
from services.notifications.ports import Effect, Outgoing, Result
from services.notifications.service import recording
from services.notifications.types import Channel, DeliveryId, DeliveryStatus
from services.redemptions import service as redemptions
from services.redemptions.messages import TypingStopped
from services.redemptions.types import RedemptionId
from services.unions import service as unions
from services.unions.types import Level, UnionView
from tests.builders.reach import MP, OA, Reachable
from tests.builders.world import World
from tests.harness.channels import Answer, Fake, Use, took
from tests.races.till import Till, count

SECOND = datetime.timedelta(seconds=1)


@pytest.fixture
def neighbour(world: World) -> UnionView:
    """Another federation on the same installation."""
    return world.do(lambda: unions.found(name={"zh": "邻区总工会"}, level=Level.FEDERATION))


def told(sql: psycopg.Connection, template: str) -> list[uuid.UUID]:
    query = "SELECT recipient_id FROM inbox_messages WHERE template = %s ORDER BY recipient_id"
    return [recipient for (recipient,) in sql.execute(query, [template])]


def test_a_dispute_is_told_to_the_members_own_federation(
    world: World, neighbour: UnionView, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    shop, member = world.shop(), world.member()
    till = Till(world, shop.clerk)
    done = till.redeem(till.scanned(member), world.offer(shop))
    redemption_id = RedemptionId(uuid.UUID(done.body["id"]))
    world.do(lambda: redemptions.dispute(actor=member, redemption_id=redemption_id, now=clock.now()))
    run_jobs()
    assert told(sql, "dispute.union") == [world.federation.id]
    assert told(sql, "dispute.member") == [member.member_id]
    assert told(sql, "dispute.branch") == [shop.clerk.branch_id]


def test_a_typing_stop_is_told_to_every_federation_as_a_shop_belongs_to_none_yet(
    world: World, neighbour: UnionView, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    branch_id = world.shop().clerk.branch_id
    world.do(lambda: outbox.post(TypingStopped(branch_id=branch_id)))
    run_jobs()
    assert told(sql, "typing.branch") == [branch_id]
    assert told(sql, "typing.union") == sorted([world.federation.id, neighbour.id])


@pytest.fixture
def reachable(world: World) -> Reachable:
    return Reachable(world)


def frozen(world: World, member: MemberActor) -> None:
    """Posts that this member's card was frozen."""
    world.do(lambda: outbox.post(CardFrozen(card_id=uuid.uuid4(), member_id=member.member_id)))


def statuses(sql: psycopg.Connection) -> list[tuple[str, str, str | None]]:
    return sql.execute("SELECT channel, status, reason FROM deliveries ORDER BY id").fetchall()  # type: ignore[return-value]


def template(answer: Answer = took, *, repeats_safely: bool = True) -> Fake:
    return Fake(Channel.TEMPLATE, provider=OA, repeats_safely=repeats_safely, answer=answer)


def no(status: DeliveryStatus, reason: str, effect: Effect = Effect.NONE) -> Answer:
    return lambda outgoing: Result(outgoing.id, status, reason, effect=effect)


def test_what_is_told_reaches_the_inbox_and_the_first_channel_that_nothing_hinders(
    world: World, reachable: Reachable, sql: psycopg.Connection, run_jobs: Callable[[], None], use: Use
) -> None:
    member, oa = world.member(), template()
    sms = Fake(Channel.SMS, provider="aliyun")
    use(oa, sms)
    openid = reachable.wechat(member.account_id)
    platform_id = reachable.mapped(Channel.TEMPLATE, "safety")
    frozen(world, member)
    run_jobs()
    assert told(sql, "card.frozen") == [member.member_id]
    assert statuses(sql) == [("template", "sent", None)]
    (outgoing,) = oa.got
    assert (outgoing.address, outgoing.platform_id) == (openid, platform_id)
    assert outgoing.fields["thing1"] == "您的会员卡已冻结"
    assert sms.got == []


def test_whoever_has_no_wechat_is_told_by_sms_if_it_is_urgent(
    world: World, reachable: Reachable, sql: psycopg.Connection, run_jobs: Callable[[], None], use: Use
) -> None:
    member, oa, sms = world.member(phone="10022223333"), template(), Fake(Channel.SMS, provider="aliyun")
    use(oa, sms)
    reachable.mapped(Channel.TEMPLATE, "safety")
    reachable.mapped(Channel.SMS, "card.frozen", provider="aliyun")
    frozen(world, member)
    run_jobs()
    assert statuses(sql) == [("sms", "sent", None)]
    assert [one.address for one in sms.got] == ["10022223333"]


def test_a_member_whom_no_channel_reaches_is_told_in_the_inbox_alone(
    world: World, sql: psycopg.Connection, run_jobs: Callable[[], None], use: Use
) -> None:
    member = world.member()
    use(template())
    frozen(world, member)
    run_jobs()
    assert told(sql, "card.frozen") == [member.member_id]
    assert statuses(sql) == []
    assert count(sql, "SELECT count(*) FROM inbox_messages WHERE next_step_at IS NOT NULL") == 0


def test_a_permanent_no_leads_to_the_next_channel_at_once_and_is_not_asked_again(
    world: World, reachable: Reachable, sql: psycopg.Connection, run_jobs: Callable[[], None], use: Use
) -> None:
    member = world.member()
    oa = template(no(DeliveryStatus.PERMANENT_FAILURE, "43004", Effect.NOT_FOLLOWING))
    mp = Fake(Channel.MP_SUBSCRIBE, provider=MP)
    use(oa, mp)
    for appid in (OA, MP):
        reachable.wechat(member.account_id, appid)
    reachable.mapped(Channel.TEMPLATE, "safety")
    reachable.consents(member.account_id, reachable.mapped(Channel.MP_SUBSCRIBE, "safety"), number=2)
    for _ in range(2):
        frozen(world, member)
        run_jobs()
    assert statuses(sql) == [
        ("template", "permanent_failure", "43004"),
        ("mp_subscribe", "sent", None),
        ("mp_subscribe", "sent", None),
    ]
    assert len(oa.got) == 1
    assert sql.execute("SELECT granted, reserved, spent, lost FROM credits").fetchall() == [(2, 0, 2, 0)]


def test_a_consent_that_the_platform_denies_is_lost_and_the_next_channel_follows(
    world: World, reachable: Reachable, sql: psycopg.Connection, run_jobs: Callable[[], None], use: Use
) -> None:
    member = world.member()
    mp = Fake(Channel.MP_SUBSCRIBE, provider=MP, answer=no(DeliveryStatus.PERMANENT_FAILURE, "43101", Effect.NO_CREDIT))
    sms = Fake(Channel.SMS, provider="aliyun")
    use(mp, sms)
    reachable.wechat(member.account_id, MP)
    reachable.consents(member.account_id, reachable.mapped(Channel.MP_SUBSCRIBE, "safety"), number=3)
    reachable.mapped(Channel.SMS, "card.frozen", provider="aliyun")
    for _ in range(2):
        frozen(world, member)
        run_jobs()
    assert statuses(sql) == [
        ("mp_subscribe", "permanent_failure", "43101"),
        ("sms", "sent", None),
        ("sms", "sent", None),
    ]
    assert len(mp.got) == 1, "no other send on a consent that is gone"
    assert sql.execute("SELECT granted, reserved, spent, lost FROM credits").fetchall() == [(3, 0, 0, 3)]


@pytest.fixture
def told_one(world: World, reachable: Reachable, run_jobs: Callable[[], None], use: Use) -> Fake:
    """A member who follows was told something, and the channel gave no answer."""
    member, oa = world.member(), template(no(DeliveryStatus.CREATED, "down:502"))
    use(oa)
    reachable.wechat(member.account_id)
    reachable.mapped(Channel.TEMPLATE, "safety")
    frozen(world, member)
    run_jobs()
    return oa


def test_what_the_channel_does_not_take_is_tried_again_ever_later_and_given_up_in_the_end(
    world: World, sql: psycopg.Connection, at: Callable[..., None], told_one: Fake
) -> None:
    now, waits = clock.now(), []
    for tries in range(1, service.MOST_ATTEMPTS):
        ((attempts, then),) = sql.execute("SELECT attempts, next_try_at FROM deliveries").fetchall()
        assert attempts == tries
        waits.append((then - now).total_seconds())
        at(then - SECOND)
        sweep(world)
        assert len(told_one.got) == tries, "not before its time"
        now = then + SECOND
        at(now)
        sweep(world)
    for number, wait in enumerate(waits):
        longest = min(recording.FIRST_WAIT * 2**number, recording.LONGEST_WAIT)
        assert longest / 2 - 2 <= wait <= longest
    assert statuses(sql) == [("template", "temporary_failure", "down:502")]


def test_a_no_that_comes_late_does_not_undo_a_yes(world: World, sql: psycopg.Connection, told_one: Fake) -> None:
    (id_,) = (DeliveryId(one) for (one,) in sql.execute("SELECT id FROM deliveries").fetchall())
    for result in (Result(id_, DeliveryStatus.SENT), Result(id_, DeliveryStatus.PERMANENT_FAILURE, "43004")):
        world.do(functools.partial(service.record, [result], now=clock.now()))
    assert statuses(sql) == [("template", "sent", None)]


def test_what_a_port_raises_is_logged_without_what_it_says(
    world: World, told_one: Fake, at: Callable[..., None], monkeypatch: pytest.MonkeyPatch, sql: psycopg.Connection
) -> None:
    def broken(outgoing: Outgoing) -> Result:
        raise ConnectionError("secret: 10012345678")

    log = CapturingLogger()
    monkeypatch.setattr(sending, "log", log)
    told_one.answer = broken
    at(clock.now() + datetime.timedelta(minutes=2))
    sweep(world)
    (call,) = log.calls
    assert (call.method_name, call.kwargs["error"]) == ("warning", "ConnectionError")
    assert "10012345678" not in str(call)
    assert statuses(sql) == [("template", "created", "down:fault")]


def test_five_calls_without_an_answer_open_the_breaker_and_the_rest_is_not_tried(
    world: World, reachable: Reachable, sql: psycopg.Connection, use: Use, at: Callable[..., None]
) -> None:
    oa = template(no(DeliveryStatus.CREATED, "down:timeout"))
    use(oa)
    reachable.mapped(Channel.TEMPLATE, "safety")
    for number in range(40):
        member = world.member(phone=f"100{number:08d}")
        reachable.wechat(member.account_id)
        payload = {"card_id": str(uuid.uuid4()), "member_id": str(member.member_id)}
        world.do(
            functools.partial(
                service.tell, topic=CardFrozen.topic, message_id=uuid.uuid4(), payload=payload, now=clock.now()
            )
        )
    sweep(world)
    tried = len(oa.got)
    assert sending.TRIPS <= tried <= sending.TRIPS + world.app.config["SETTINGS"].sends_in_flight
    assert count(sql, "SELECT count(*) FROM deliveries WHERE attempts = 0") == 40 - tried
    sweep(world)
    assert len(oa.got) == tried, "nobody knocks while the breaker is open"
    oa.answer = took
    at(clock.now() + datetime.timedelta(seconds=120))
    sweep(world)
    assert count(sql, "SELECT count(*) FROM deliveries WHERE status = 'sent'") == 40
    assert count(sql, "SELECT count(*) FROM pauses") == 0


def test_two_messages_to_one_person_never_go_out_at_the_same_time(world: World) -> None:
    under_way, most, lock = 0, 0, threading.Lock()

    def slow(outgoing: Outgoing) -> Result:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        time.sleep(0.005)
        with lock:
            under_way -= 1
        return took(outgoing)

    batch = [
        Outgoing(DeliveryId(uuid.uuid4()), Channel.TEMPLATE, "o-one", "T", {"thing1": "字"}, "字") for _ in range(10)
    ]
    with ThreadPoolExecutor(8) as pool:
        results = sending.send({Channel.TEMPLATE: template(slow)}, batch, pool)
    assert [result.status for result in results] == [DeliveryStatus.SENT] * 10
    assert most == 1


def sweep(world: World) -> None:
    with world.app.app_context():
        jobs.sweep(0)


def test_a_stop_ends_the_whole_batch_and_no_more_knock(
    world: World, reachable: Reachable, sql: psycopg.Connection, use: Use
) -> None:
    oa = template(no(DeliveryStatus.TECHNICAL_FAILURE, "48004", Effect.STOP_CHANNEL))
    use(oa)
    reachable.mapped(Channel.TEMPLATE, "safety")
    threads = world.app.config["SETTINGS"].sends_in_flight
    for number in range(threads + 20):
        member = world.member(phone=f"100{number:08d}")
        reachable.wechat(member.account_id)
        frozen_directly(world, member)
    for _ in range(2):
        sweep(world)
    assert len(oa.got) <= threads, "only what was in flight already"
    assert sql.execute("SELECT channel, subject, until, reason FROM pauses").fetchall() == [
        ("template", "", None, "48004")
    ]
    untried = count(sql, "SELECT count(*) FROM deliveries WHERE status = 'created' AND attempts = 0")
    assert untried == threads + 20 - len(oa.got)


def frozen_directly(world: World, member: MemberActor) -> None:
    payload = {"card_id": str(uuid.uuid4()), "member_id": str(member.member_id)}
    world.do(
        functools.partial(
            service.tell, topic=CardFrozen.topic, message_id=uuid.uuid4(), payload=payload, now=clock.now()
        )
    )


def test_what_is_urgent_does_not_wait_for_an_operator_and_the_rest_does(
    world: World, reachable: Reachable, sql: psycopg.Connection, run_jobs: Callable[[], None], use: Use
) -> None:
    member, oa, sms = world.member(), template(), Fake(Channel.SMS, provider="aliyun")
    use(oa, sms)
    reachable.wechat(member.account_id)
    reachable.mapped(Channel.TEMPLATE, "safety")
    reachable.mapped(Channel.SMS, "card.frozen", provider="aliyun")
    sql.execute("INSERT INTO pauses VALUES ('template', '', NULL, '48001', now(), 1)")
    frozen(world, member)
    world.do(lambda: outbox.post(Bound(member_id=member.member_id)))
    run_jobs()
    assert oa.got == []
    assert statuses(sql) == [("sms", "sent", None), ("template", "created", None)]
