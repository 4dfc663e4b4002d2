"""Two workers, a sweep, a reader, a grant, a stop: whoever is first, each message goes once and consents add up."""

import datetime
import functools
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
import pytest

from services.accounts.service.wechat import OPENID_FIELD
from services.accounts.types import MemberActor, OfficerActor
from services.cards.messages import CardFrozen
from services.core import clock
from services.core.crypto import vault
from services.notifications import consents, service
from services.notifications.bodies import Body
from services.notifications.notices import service as notices
from services.notifications.ports import Effect, Result
from services.notifications.service import Leased, Plan, settling
from services.notifications.service.callbacks import Event
from services.notifications.types import (
    Channel,
    DeliveryId,
    DeliveryStatus,
    InboxId,
    NoticeId,
    Recipient,
    RecipientKind,
)
from tests.builders import reach
from tests.builders.reach import MP, OA, Reachable
from tests.builders.world import World
from tests.harness.invariants import nothing_doubled_or_lost
from tests.harness.threads import together
from tests.races.till import count

PROVIDERS = {Channel.TEMPLATE: OA, Channel.MP_SUBSCRIBE: MP, Channel.SMS: "aliyun"}
SAFELY = {Channel.TEMPLATE: True, Channel.MP_SUBSCRIBE: False, Channel.SMS: False}
SECOND = datetime.timedelta(seconds=1)
MANY = 30
SENT = DeliveryStatus.SENT
CREDITS = "SELECT granted, reserved, spent, lost FROM credits ORDER BY id"
Ids = list[tuple[uuid.UUID]]


class Gate:
    """Members with consents, what they are told, and the verbs of the gateway in transactions of their own."""

    def __init__(self, world: World, sql: psycopg.Connection) -> None:
        self.world, self.sql, self.reachable = world, sql, Reachable(world)
        self.template = self.reachable.mapped(Channel.MP_SUBSCRIBE, "safety")
        self.reachable.mapped(Channel.SMS, "card.frozen", provider="aliyun")
        self._phones = 0

    def member(self, *, consents: int = 1) -> MemberActor:
        self._phones += 1
        member = self.world.member(phone=f"1001111{self._phones:04d}")
        self.reachable.wechat(member.account_id, MP)
        if consents:
            self.reachable.consents(member.account_id, self.template, number=consents)
        return member

    def tell(self, member: MemberActor, *, notice: uuid.UUID | None = None) -> InboxId:
        payload = {"card_id": str(uuid.uuid4()), "member_id": str(member.member_id)}
        tell = functools.partial(service.tell, topic=CardFrozen.topic, message_id=uuid.uuid4(), payload=payload)
        (id_,) = self.world.do(lambda: tell(now=clock.now()))
        if notice:
            self.sql.execute("UPDATE inbox_messages SET facts = %s WHERE id = %s", [f'{{"notice": "{notice}"}}', id_])
        return id_

    def plan(self, only: Sequence[InboxId] | None = None) -> Plan:
        return self.world.do(lambda: service.plan(providers=PROVIDERS, now=clock.now(), only=only))

    def lease(self, ids: Sequence[DeliveryId], now: datetime.datetime | None = None) -> Leased:
        return self.world.do(lambda: service.lease(ids, providers=PROVIDERS, now=now or clock.now()))

    def record(self, *results: Result, now: datetime.datetime | None = None) -> None:
        self.world.do(lambda: service.record(results, now=now or clock.now()))

    def sweep(self, now: datetime.datetime | None = None) -> None:
        self.world.do(lambda: service.sweep(repeats_safely=SAFELY, now=now or clock.now()))

    def leased(self, number: int, *, consents: int = 1) -> list[DeliveryId]:
        """So many deliveries that a worker holds, each to a member of its own."""
        for _ in range(number):
            self.tell(self.member(consents=consents))
        return [one.id for one in self.lease(self.plan().opened).outgoing]

    @property
    def credits(self) -> list[tuple[int, ...]]:
        return self.sql.execute(CREDITS).fetchall()

    @property
    def statuses(self) -> list[str]:
        return [status for (status,) in self.sql.execute("SELECT status FROM deliveries ORDER BY id")]


@pytest.fixture
def gate(world: World, sql: psycopg.Connection) -> Gate:
    return Gate(world, sql)


def each(*works: Callable[[], Any]) -> list[Any]:
    return together(*works)


def test_four_workers_plan_each_message_once(gate: Gate, sql: psycopg.Connection) -> None:
    for _ in range(MANY):
        gate.tell(gate.member())
    plans: list[Plan] = together(*[gate.plan] * 4)
    assert sum(plan.looked for plan in plans) == MANY
    assert len({one for plan in plans for one in plan.opened}) == MANY
    assert (count(sql, "SELECT count(*) FROM deliveries"), gate.credits) == (MANY, [(1, 1, 0, 0)] * MANY)
    assert count(sql, "SELECT count(*) FROM inbox_messages WHERE next_step_at IS NOT NULL") == 0
    nothing_doubled_or_lost(sql)


def test_four_workers_lease_each_delivery_once(gate: Gate) -> None:
    for _ in range(MANY):
        gate.tell(gate.member())
    opened = gate.plan().opened
    leases: list[Leased] = together(*[functools.partial(gate.lease, opened)] * 4)
    taken = [one.id for leased in leases for one in leased.outgoing]
    assert sorted(taken) == sorted(opened)
    assert gate.lease(opened, clock.now() + 100 * SECOND).outgoing == []


def test_a_sweep_that_meets_the_answer_of_a_sender_given_up_spends_each_consent_once(
    gate: Gate, sql: psycopg.Connection
) -> None:
    ids, late = gate.leased(MANY, consents=2), clock.now() + service.LEASE + SECOND
    answers = [functools.partial(gate.record, Result(one, SENT, provider_id=one.hex), now=late) for one in ids]
    each(*answers, *[functools.partial(gate.sweep, late)] * 3)
    assert gate.statuses == ["sent"] * MANY, "that it went out is true, whoever was first"
    assert gate.credits == [(2, 0, 1, 0)] * MANY
    nothing_doubled_or_lost(sql)


def test_the_answer_of_a_sender_given_up_takes_no_other_deliverys_consent(gate: Gate, sql: psycopg.Connection) -> None:
    """Its own was spent when it was given up; another delivery holds the second."""
    member = gate.member(consents=2)
    gate.tell(member)
    (first,) = gate.lease(gate.plan().opened).outgoing
    late = clock.now() + service.LEASE + SECOND
    gate.sweep(late)
    gate.tell(member)
    assert (len(gate.plan().opened), gate.credits) == (1, [(2, 1, 1, 0)])
    for status in (SENT, SENT, DeliveryStatus.PERMANENT_FAILURE):
        gate.record(Result(first.id, status), now=late)
        assert gate.credits == [(2, 1, 1, 0)]
    assert gate.statuses == ["sent", "created"]
    nothing_doubled_or_lost(sql)


def test_two_messages_share_no_consent(gate: Gate, sql: psycopg.Connection) -> None:
    for _ in range(8):
        member = gate.member(consents=1)
        pair = [gate.tell(member) for _ in range(2)]
        together(*(functools.partial(gate.plan, [one]) for one in pair))
    by_channel = sql.execute("SELECT channel, count(*) FROM deliveries GROUP BY 1 ORDER BY 1").fetchall()
    assert by_channel == [("mp_subscribe", 8), ("sms", 8)], "who came second goes by SMS"
    assert gate.credits == [(1, 1, 0, 0)] * 8
    nothing_doubled_or_lost(sql)


def test_a_grant_that_meets_the_platforms_no_counts_or_is_lost_with_the_rest(
    gate: Gate, sql: psycopg.Connection
) -> None:
    ids = gate.leased(8, consents=3)
    rows: Ids = sql.execute("SELECT account_id FROM deliveries").fetchall()
    no = DeliveryStatus.PERMANENT_FAILURE

    def grant(account_id: uuid.UUID) -> None:
        index = vault.blind_index(OPENID_FIELD, reach.openid(MP, account_id))  # type: ignore[arg-type]
        more = functools.partial(consents.grant, appid=MP, openid_index=index, template_id=gate.template)
        gate.world.do(lambda: more(standing=False, now=clock.now()))

    each(
        *(functools.partial(gate.record, Result(one, no, "43101", effect=Effect.NO_CREDIT)) for one in ids),
        *(functools.partial(grant, account_id) for (account_id,) in rows),
    )
    assert {(granted, reserved, spent) for granted, reserved, spent, _ in gate.credits} == {(4, 0, 0)}
    assert {lost for *_, lost in gate.credits} <= {3, 4}, "granted after the no, or before it"
    nothing_doubled_or_lost(sql)


NO = {"status": DeliveryStatus.PERMANENT_FAILURE, "reason": "43101", "effect": Effect.NO_CREDIT}


def test_a_no_consent_ends_what_other_batches_hold_of_it_until_the_next_grant(
    gate: Gate, sql: psycopg.Connection
) -> None:
    """Four messages of one member: one said no, one waits, two are in flight in other batches; then a new consent."""
    member = gate.member(consents=4)
    for _ in range(4):
        gate.tell(member)
    opened = gate.plan().opened
    first, second, third = (gate.lease([one]).outgoing[0].id for one in opened[:3])
    gate.record(Result(first, **NO))
    assert gate.credits == [(4, 0, 0, 4)]
    assert gate.statuses == ["permanent_failure", "sending", "sending", "permanent_failure"]
    assert count(sql, "SELECT count(*) FROM deliveries WHERE reason = 'no_consent'") == 1
    assert count(sql, "SELECT count(*) FROM inbox_messages WHERE next_step_at IS NOT NULL") == 2, "their ladders go on"
    assert gate.lease(opened).outgoing == []
    _grant(gate, member)
    gate.tell(member)
    held = gate.plan(sql.execute("SELECT max(id::text)::uuid FROM inbox_messages").fetchone()).opened
    assert (len(held), gate.credits) == (1, [(5, 1, 0, 4)])
    gate.record(Result(second, **NO))
    assert gate.credits == [(5, 1, 0, 4)], "a no of the old consent says nothing of the new one"
    gate.record(Result(third, DeliveryStatus.CREATED, "45011"))
    assert gate.credits == [(5, 1, 0, 4)]
    assert gate.statuses[1:3] == ["permanent_failure"] * 2, "without a consent it is not tried again"
    nothing_doubled_or_lost(sql)


def test_nos_and_leases_of_one_consent_at_once_leave_nothing_usable(gate: Gate, sql: psycopg.Connection) -> None:
    for _ in range(6):
        member = gate.member(consents=6)
        for _ in range(6):
            gate.tell(member)
        opened = gate.plan().opened
        taken = [gate.lease([one]).outgoing[0].id for one in opened[:3]]
        ends = [functools.partial(gate.record, Result(one, **NO)) for one in taken]
        late = [functools.partial(gate.lease, [one]) for one in opened[3:]]
        leased = [one.id for answer in each(*ends, *late)[3:] for one in answer.outgoing]
        gate.record(*(Result(one, DeliveryStatus.PERMANENT_FAILURE, "40003") for one in leased))
        assert gate.credits[-1] == (6, 0, 0, 6)
        sql.execute("UPDATE inbox_messages SET next_step_at = NULL")
    nothing_doubled_or_lost(sql, drained=True)


def _grant(gate: Gate, member: MemberActor, *, standing: bool = False) -> None:
    index = vault.blind_index(OPENID_FIELD, reach.openid(MP, member.account_id))
    more = functools.partial(consents.grant, appid=MP, openid_index=index, template_id=gate.template)
    gate.world.do(lambda: more(standing=standing, now=clock.now()))


@pytest.mark.parametrize("ended", [{"status": SENT}, {"status": DeliveryStatus.PERMANENT_FAILURE, "reason": "40003"}])
def test_what_began_under_a_standing_consent_takes_no_later_consent(
    gate: Gate, sql: psycopg.Connection, ended: dict[str, Any]
) -> None:
    member = gate.member(consents=0)
    _grant(gate, member, standing=True)
    for _ in range(2):
        gate.tell(member)
    opened = gate.plan().opened
    (first,) = gate.lease(opened[:1]).outgoing
    event = Event(MP, "", _refusal(gate, member), clock.now(), clock.now())
    assert gate.world.do(lambda: settling.changed(event))
    assert gate.statuses == ["sending", "permanent_failure"], "what waits is not sent against a no"
    _grant(gate, member)
    gate.tell(member)
    gate.plan(sql.execute("SELECT max(id::text)::uuid FROM inbox_messages").fetchone())
    assert gate.credits == [(1, 1, 0, 0)]
    gate.record(Result(first.id, **ended))
    assert gate.credits == [(1, 1, 0, 0)], "the new message holds the new consent"
    nothing_doubled_or_lost(sql)


def _refusal(gate: Gate, member: MemberActor) -> Body:
    said = {"TemplateId": gate.template, "SubscribeStatusString": "reject"}
    return {"FromUserName": reach.openid(MP, member.account_id), "List": said}


@pytest.mark.parametrize(
    ("result", "status", "kept"),
    [
        ({"status": SENT, "provider_id": "7"}, "sent", (3, 1, 1, 0)),
        ({"status": DeliveryStatus.PERMANENT_FAILURE, "reason": "40003"}, "permanent_failure", (3, 1, 0, 0)),
        ({"status": DeliveryStatus.TECHNICAL_FAILURE, "reason": "47003"}, "technical_failure", (3, 1, 0, 0)),
        ({"status": DeliveryStatus.UNKNOWN, "reason": "down:answer_lost"}, "unknown", (3, 1, 1, 0)),
    ],
)
def test_a_result_recorded_four_times_at_once_counts_once(
    gate: Gate, sql: psycopg.Connection, result: dict[str, Any], status: str, kept: tuple[int, ...]
) -> None:
    member = gate.member(consents=3)
    gate.tell(member)
    (first,) = gate.lease(gate.plan().opened).outgoing
    gate.tell(member)
    gate.plan()
    together(*[functools.partial(gate.record, Result(first.id, **result))] * 4)
    assert gate.statuses[0] == status
    assert gate.credits == [kept], "the other delivery holds its own"
    assert count(sql, "SELECT sum(count) FROM sending_hours") == 1
    nothing_doubled_or_lost(sql)


def test_what_is_read_while_it_is_planned_goes_by_no_channel_afterwards(gate: Gate, sql: psycopg.Connection) -> None:
    members = [gate.member() for _ in range(MANY)]
    told = [gate.tell(member) for member in members]

    def read(member: MemberActor) -> None:
        recipient = Recipient(RecipientKind.MEMBER, member.member_id)
        gate.world.do(lambda: service.mark_read(recipient, now=clock.now()))

    each(
        *(functools.partial(gate.plan, told[start::3]) for start in range(3)),
        *(functools.partial(read, member) for member in members),
    )
    assert count(sql, "SELECT count(*) FROM inbox_messages WHERE next_step_at IS NOT NULL OR read_at IS NULL") == 0
    waiting = [DeliveryId(one) for (one,) in sql.execute("SELECT id FROM deliveries").fetchall()]
    leased = gate.lease(waiting)
    assert leased.outgoing == []
    gate.record(*leased.dead)
    assert set(gate.statuses) <= {"expired"}
    assert gate.credits == [(1, 0, 0, 0)] * MANY
    nothing_doubled_or_lost(sql, drained=True)


def test_a_notice_that_is_stopped_while_it_is_leased_sends_what_was_taken_and_no_more(
    gate: Gate, sql: psycopg.Connection
) -> None:
    officer = gate.world.officer()
    notice = _notice(gate, officer)
    for _ in range(MANY):
        gate.tell(gate.member(), notice=notice)
    opened = gate.plan().opened
    assert len(opened) == MANY

    def stop() -> None:
        gate.world.do(lambda: notices.stop(notice_id=NoticeId(notice), officer=officer, now=clock.now()))

    answers = each(stop, *(functools.partial(gate.lease, opened[start::3]) for start in range(3)))
    taken = [one.id for leased in answers[1:] for one in leased.outgoing]
    gate.world.do(lambda: notices.close_deliveries(notice, now=clock.now()))
    assert gate.statuses.count("sending") == len(taken)
    assert gate.statuses.count("expired") == MANY - len(taken)
    assert gate.lease(opened).outgoing == [], "nothing after it"
    gate.record(*(Result(one, SENT) for one in taken))
    assert sorted(gate.credits) == sorted([(1, 0, 1, 0)] * len(taken) + [(1, 0, 0, 0)] * (MANY - len(taken)))
    nothing_doubled_or_lost(sql, drained=True)


def _notice(gate: Gate, officer: OfficerActor) -> uuid.UUID:
    title = '{"zh": "周六文化宫放电影"}'
    row = gate.sql.execute(
        "INSERT INTO officer_notices (id, union_id, author, title, body, audience, sms, mass, status, revision,"
        " second_needed, created_at, send_at, released_by) VALUES (gen_random_uuid(), %s, %s, %s, %s, '{}', true,"
        " false, 'sending', 1, false, now(), now(), %s) RETURNING id",
        [gate.world.federation.id, officer.account_id, title, title, officer.account_id],
    ).fetchone()
    assert row
    return uuid.UUID(str(row[0]))
