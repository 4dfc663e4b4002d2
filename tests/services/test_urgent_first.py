"""A large notice by SMS keeps nothing that is urgent: order, pauses of our own making, one batch."""

import datetime
import functools
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from services.cards.messages import CardFrozen
from services.core import clock
from services.notifications import service
from services.notifications.ports import Effect, Outgoing, Result
from services.notifications.sending import MINUTE_OVER, OWN_MINUTE, OWN_MONEY, send
from services.notifications.service import delivering
from services.notifications.types import Channel, DeliveryId, DeliveryStatus
from tests.builders.reach import Reachable
from tests.builders.world import World
from tests.harness.channels import Fake

PROVIDERS = {Channel.SMS: "aliyun"}
MORNING = datetime.datetime(2026, 11, 20, 2, 0, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def waiting(world: World, sql: psycopg.Connection, at: Callable[..., None]) -> tuple[Sequence[DeliveryId], DeliveryId]:
    """SMS that wait: three of a notice, planned before, and one that is at once."""
    at(MORNING)
    Reachable(world).mapped(Channel.SMS, "card.frozen", provider="aliyun")
    for n in range(4):
        member = world.member(phone=f"1002222333{n}")
        payload = {"card_id": str(uuid.uuid4()), "member_id": str(member.member_id)}
        tell = functools.partial(service.tell, topic=CardFrozen.topic, message_id=uuid.uuid4(), payload=payload)
        world.do(functools.partial(tell, now=clock.now()))
    *notice, urgent = world.do(lambda: service.plan(providers=PROVIDERS, now=clock.now())).opened
    sql.execute(
        "UPDATE deliveries SET at_once = false, next_try_at = %s WHERE id = ANY(%s)", [clock.now() - HOUR, notice]
    )
    return notice, urgent


def due(world: World) -> list[DeliveryId]:
    return world.do(lambda: service.due(providers=PROVIDERS, now=clock.now()))


def test_what_is_at_once_is_due_first_though_it_came_last(
    world: World, waiting: tuple[Sequence[DeliveryId], DeliveryId], monkeypatch: pytest.MonkeyPatch
) -> None:
    notice, urgent = waiting
    assert due(world)[0] == urgent and set(due(world)) == {urgent, *notice}
    monkeypatch.setattr(delivering, "BATCH", 2)
    assert (len(due(world)), due(world)[0]) == (2, urgent)


def test_what_is_at_once_is_leased_and_sent_before_the_rest(
    world: World, waiting: tuple[Sequence[DeliveryId], DeliveryId]
) -> None:
    notice, urgent = waiting
    split = functools.partial(service.batches, [*notice, urgent], repeats_safely={Channel.SMS: False}, in_flight=2)
    assert world.do(split) == [[urgent], notice[:2], notice[2:]]
    leased = world.do(lambda: service.lease([*notice, urgent], providers=PROVIDERS, now=clock.now()))
    assert [(one.id == urgent, one.at_once) for one in leased.outgoing] == [(True, True)] + [(False, False)] * 3


@pytest.mark.parametrize(
    ("reason", "goes"), [(OWN_MINUTE, True), (OWN_MONEY, True), (MINUTE_OVER, False), ("isv.OUT_OF_SERVICE", False)]
)
def test_a_pause_of_our_own_making_leaves_room_for_what_is_at_once_and_the_providers_does_not(
    world: World, sql: psycopg.Connection, waiting: tuple[Sequence[DeliveryId], DeliveryId], reason: str, goes: bool
) -> None:
    _, urgent = waiting
    sql.execute(
        "INSERT INTO pauses (channel, subject, until, reason, since, times) VALUES ('sms', '', %s, %s, %s, 1)",
        [clock.now() + HOUR, reason, clock.now()],
    )
    assert due(world) == ([urgent] if goes else [])


@pytest.mark.parametrize(
    ("reason", "urgent"), [(OWN_MINUTE, DeliveryStatus.SENT), (MINUTE_OVER, DeliveryStatus.CREATED)]
)
def test_in_one_batch_a_full_minute_ends_the_notice_and_not_what_is_at_once(
    reason: str, urgent: DeliveryStatus
) -> None:
    def answer(outgoing: Outgoing) -> Result:
        if outgoing.at_once:
            return Result(outgoing.id, DeliveryStatus.SENT)
        return Result(outgoing.id, DeliveryStatus.CREATED, reason, effect=Effect.PAUSE_MINUTE)

    batch = [
        Outgoing(DeliveryId(uuid.uuid4()), Channel.SMS, f"1000000000{n}", "T", {}, "字", at_once=n == 2)
        for n in range(3)
    ]
    port = Fake(Channel.SMS, provider="aliyun", answer=answer)
    with ThreadPoolExecutor(1) as pool:
        results = send({Channel.SMS: port}, batch, pool)
    created = DeliveryStatus.CREATED
    assert [result.status for result in results] == [created, created, urgent]
    assert results[1].reason == "paused"
