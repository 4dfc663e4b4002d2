"""Who is told what, and what becomes of a message whose channel is slow or takes nothing."""

import datetime
import uuid
from collections.abc import Callable

import psycopg
import pytest
from structlog.testing import CapturedCall, CapturingLogger

from app import jobs
from services.cards.messages import CardFrozen
from services.core import clock, outbox
from services.notifications import service
from services.notifications.ports import TIMEOUT, Outgoing
from services.notifications.types import DeliveryId
from services.redemptions import service as redemptions
from services.redemptions.messages import TypingStopped
from services.redemptions.types import RedemptionId
from services.unions import service as unions
from services.unions.types import Level, UnionView
from tests.builders.world import World
from tests.races.till import Till, count


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


class Channel:
    """Takes what it is told to take, and remembers when it was asked."""

    name = "console"
    repeats_safely = False

    def __init__(self, *, fails: bool = False) -> None:
        self.fails, self.leased = fails, list[int]()
        self.asked: list[str] = []
        self.look: Callable[[], int] = lambda: 0

    def send(self, outgoing: Outgoing) -> None:
        self.asked.append(str(outgoing.id))
        self.leased.append(self.look())
        if self.fails:
            raise ConnectionError("secret: 10012345678")


def deliveries(world: World, number: int, *, at: datetime.datetime) -> list[DeliveryId]:
    """So many unsent deliveries, written as the worker writes them."""
    member = world.member()
    payload = {"card_id": str(uuid.uuid4()), "member_id": str(member.member_id)}
    return [
        delivery
        for _ in range(number)
        for delivery in world.do(
            lambda: service.tell(
                topic=CardFrozen.topic, message_id=uuid.uuid4(), payload=payload, channel="console", now=at
            )
        )
    ]


def test_a_lease_lasts_longer_than_the_slowest_channel_needs_for_what_is_leased_together() -> None:
    assert service.LEASE.total_seconds() > service.CHUNK * TIMEOUT


def test_a_large_batch_is_leased_sent_and_recorded_a_few_at_a_time(
    world: World, sql: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = Channel()
    channel.look = lambda: count(sql, "SELECT count(*) FROM deliveries WHERE status = 'sending'")
    monkeypatch.setattr(jobs, "port", channel)
    ids = deliveries(world, 2 * service.CHUNK + 1, at=clock.now())
    with world.app.app_context():
        jobs.deliver(ids)
    assert sorted(channel.asked) == [str(one) for one in ids]
    assert channel.leased == [service.CHUNK] * (2 * service.CHUNK) + [1]
    assert count(sql, "SELECT count(*) FROM deliveries WHERE status = 'sent'") == len(ids)


def test_what_the_channel_does_not_take_is_tried_again_ever_later_and_given_up_in_the_end(
    world: World, sql: psycopg.Connection, at: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "port", Channel(fails=True))
    written = now = clock.now()
    at(now)
    (id_,) = deliveries(world, 1, at=now)
    waits = []
    with world.app.app_context():
        jobs.deliver([id_])
        for _ in range(service.MOST_ATTEMPTS - 1):
            (then,) = sql.execute("SELECT next_try_at FROM deliveries").fetchone() or ()
            waits.append((then - now).total_seconds())
            at(then)
            jobs.sweep(0)
            assert count(sql, "SELECT attempts FROM deliveries") == len(waits), "not before its time"
            now = then + datetime.timedelta(seconds=1)
            at(now)
            jobs.sweep(0)
    for number, wait in enumerate(waits):
        longest = min(service.FIRST_WAIT * 2**number, service.LONGEST_WAIT)
        assert longest / 2 <= wait <= longest
    assert sql.execute("SELECT status, attempts, created_at FROM deliveries").fetchall() == [
        ("failed", service.MOST_ATTEMPTS, written)
    ]


def test_what_failed_together_does_not_come_back_together(world: World, sql: psycopg.Connection) -> None:
    ids, now = deliveries(world, 20, at=clock.now()), clock.now()
    world.do(lambda: service.lease(ids, now=now))
    world.do(lambda: service.record(service.Outcome(sent=[], failed=ids), now=now))
    assert count(sql, "SELECT count(DISTINCT next_try_at) FROM deliveries") > 10


def test_what_was_sent_after_all_is_not_sent_again(world: World, sql: psycopg.Connection) -> None:
    (id_,), now = deliveries(world, 1, at=clock.now()), clock.now()
    world.do(lambda: service.lease([id_], now=now))
    world.do(lambda: service.record(service.Outcome(sent=[id_], failed=[]), now=now))
    world.do(lambda: service.record(service.Outcome(sent=[], failed=[id_]), now=now))
    assert sql.execute("SELECT status FROM deliveries").fetchall() == [("sent",)]


def test_what_the_channel_does_not_take_is_logged_without_what_it_says(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = CapturingLogger()
    monkeypatch.setattr(service, "log", log)
    (id_,) = deliveries(world, 1, at=clock.now())
    batch = world.do(lambda: service.lease([id_], now=clock.now()))
    service.send(Channel(fails=True), batch)
    facts = {"channel": "console", "delivery": str(id_), "error": "ConnectionError"}
    assert log.calls == [CapturedCall("warning", ("not sent",), facts)]
