"""What happens between a plan and its send, and what one broken message does to the others."""

import datetime
import functools
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from services.accounts import service as accounts
from services.accounts.types import Capability, MemberActor, Role
from services.cards.messages import CardFrozen
from services.core import clock
from services.core.errors import Refusal
from services.notifications import reach, service
from services.notifications.notices import errors, rules
from services.notifications.ports import Effect, Outgoing, Result
from services.notifications.sending import send
from services.notifications.service import Leased, Plan, following
from services.notifications.types import Channel, DeliveryId, DeliveryStatus, Group, InboxId, Recipient, RecipientKind
from services.rights import service as rights
from tests.builders.notices import Noticing
from tests.builders.reach import MP, OA, Reachable
from tests.builders.world import World
from tests.harness.channels import Fake

PROVIDERS = {Channel.TEMPLATE: OA, Channel.MP_SUBSCRIBE: MP, Channel.SMS: "aliyun"}


class Gate:
    def __init__(self, world: World, sql: psycopg.Connection) -> None:
        self.world, self.sql, self.reachable = world, sql, Reachable(world)
        for channel in (Channel.TEMPLATE, Channel.MP_SUBSCRIBE):
            self.reachable.mapped(channel, "safety")
        self.reachable.mapped(Channel.SMS, "card.frozen", provider="aliyun")

    def tell(self, member: MemberActor) -> InboxId:
        payload = {"card_id": str(uuid.uuid4()), "member_id": str(member.member_id)}
        tell = functools.partial(service.tell, topic=CardFrozen.topic, message_id=uuid.uuid4(), payload=payload)
        (id_,) = self.world.do(lambda: tell(now=clock.now()))
        return id_

    def plan(self) -> Plan:
        return self.world.do(lambda: service.plan(providers=PROVIDERS, now=clock.now()))

    def lease(self, ids: Sequence[DeliveryId]) -> Leased:
        return self.world.do(lambda: service.lease(ids, providers=PROVIDERS, now=clock.now()))

    def record(self, results: Sequence[Result]) -> None:
        self.world.do(lambda: service.record(results, now=clock.now()))

    def statuses(self) -> list[Any]:
        return self.sql.execute("SELECT channel, status, reason FROM deliveries ORDER BY id").fetchall()

    def bind(self, account: MemberActor, to: MemberActor | None) -> None:
        """The account is somebody else's from now on."""
        member = to.member_id if to else None
        if to:
            self.sql.execute("UPDATE accounts SET member_id = NULL WHERE member_id = %s", [member])
        self.sql.execute("UPDATE accounts SET member_id = %s WHERE id = %s", [member, account.account_id])


@pytest.fixture
def gate(world: World, sql: psycopg.Connection) -> Gate:
    return Gate(world, sql)


@pytest.mark.parametrize("way", [Channel.TEMPLATE, Channel.SMS])
@pytest.mark.parametrize("moved", [True, False])
def test_a_message_goes_to_nobody_else_when_the_bond_moves_before_it_is_sent(
    gate: Gate, way: Channel, moved: bool
) -> None:
    member, other = gate.world.member(phone="10022223333"), gate.world.member("李四", phone="10022224444")
    if way is Channel.TEMPLATE:
        gate.reachable.wechat(member.account_id, OA)
    gate.tell(member)
    opened = gate.plan().opened
    gate.bind(member, other if moved else None)
    leased = gate.lease(opened)
    assert leased.outgoing == []
    assert [(one.status, one.reason) for one in leased.dead] == [(DeliveryStatus.PERMANENT_FAILURE, "not_theirs")]
    gate.record(leased.dead)
    assert gate.statuses() == [(way.value, "permanent_failure", "not_theirs")]


def test_a_consent_is_not_spent_for_another_wechat(gate: Gate, sql: psycopg.Connection) -> None:
    member = gate.world.member(phone="10022223333")
    gate.reachable.wechat(member.account_id, MP)
    gate.reachable.consents(member.account_id, "T-mp_subscribe-safety")
    gate.tell(member)
    opened = gate.plan().opened
    sql.execute("DELETE FROM wechat_identities")
    stranger = gate.world.member("李四", phone="10022224444")
    gate.reachable.wechat(stranger.account_id, MP)
    sql.execute("UPDATE wechat_identities SET account_id = %s", [member.account_id])
    leased = gate.lease(opened)
    assert leased.outgoing == []
    gate.record(leased.dead)
    assert sql.execute("SELECT granted, reserved, spent, lost FROM credits").fetchall() == [(1, 0, 0, 0)]
    assert sql.execute("SELECT count(*) FROM inbox_messages WHERE next_step_at IS NOT NULL").fetchone() == (1,)


def test_a_phone_that_changed_is_the_one_that_is_remembered(gate: Gate, sql: psycopg.Connection) -> None:
    member, other = gate.world.member(phone="10022223333"), gate.world.member("李四", phone="10022224444")
    gate.tell(member)
    opened = gate.plan().opened
    sql.execute(
        "UPDATE members m SET phone = o.phone, phone_index = o.phone_index FROM members o "
        "WHERE m.id = %s AND o.id = %s", [member.member_id, other.member_id],
    )  # fmt: skip
    assert [one.address for one in gate.lease(opened).outgoing] == ["10022224444"]
    same = sql.execute("SELECT d.address_index = m.phone_index FROM deliveries d, members m WHERE m.id = %s",
                       [member.member_id]).fetchall()  # fmt: skip
    assert same == [(True,)]


BREAKS: dict[str, str] = {
    "facts": 'UPDATE inbox_messages SET facts = \'{"at": "gestern"}\' WHERE id = %s',
    "mapping": "UPDATE channel_templates SET keys = '{}' WHERE channel = 'template' AND %s IS NOT NULL",
    "template": "UPDATE inbox_messages SET template = 'gone' WHERE id = %s",
}


@pytest.mark.parametrize("what", ["facts", "template"])
def test_a_message_that_cannot_be_filled_does_not_keep_the_others(gate: Gate, what: str) -> None:
    broken, well = gate.world.member(), gate.world.member("李四")
    for member in (broken, well):
        gate.reachable.wechat(member.account_id, OA)
    id_ = gate.tell(broken)
    gate.tell(well)
    opened = gate.plan().opened
    gate.sql.execute(BREAKS[what], [id_])
    leased = gate.lease(opened)
    assert len(leased.outgoing) == 1
    assert [(one.status, one.reason) for one in leased.dead] == [(DeliveryStatus.TECHNICAL_FAILURE, "not_filled")]
    gate.record(leased.dead)


def test_a_mapping_that_lacks_a_field_fails_its_own_messages_alone(gate: Gate) -> None:
    by_wechat, by_sms = gate.world.member(), gate.world.member("李四", phone="10022224444")
    gate.reachable.wechat(by_wechat.account_id, OA)
    ids = [gate.tell(by_wechat), gate.tell(by_sms)]
    opened = gate.plan().opened
    gate.sql.execute(BREAKS["mapping"], [ids[0]])
    assert [one.channel for one in gate.lease(opened).outgoing] == [Channel.SMS]


def test_a_message_whose_template_is_gone_does_not_keep_the_ladder(gate: Gate) -> None:
    broken, well = gate.world.member(), gate.world.member("李四")
    for member in (broken, well):
        gate.reachable.wechat(member.account_id, OA)
    id_ = gate.tell(broken)
    gate.sql.execute(BREAKS["template"], [id_])
    gate.tell(well)
    plan = gate.plan()
    assert len(plan.opened) == 1
    assert gate.sql.execute("SELECT count(*) FROM inbox_messages WHERE next_step_at IS NOT NULL").fetchone() == (0,)


def test_a_channel_that_says_too_much_is_recorded_all_the_same(gate: Gate) -> None:
    member = gate.world.member()
    gate.reachable.wechat(member.account_id, OA)
    gate.tell(member)
    (outgoing,) = gate.lease(gate.plan().opened).outgoing
    gate.record([Result(outgoing.id, DeliveryStatus.SENT, "r" * 200, provider_id="9" * 200)])
    assert [status for _, status, _ in gate.statuses()] == ["sent"]


def test_a_consent_that_is_gone_stops_what_was_planned_on_it_before(gate: Gate, sql: psycopg.Connection) -> None:
    member = gate.world.member()
    gate.reachable.wechat(member.account_id, MP)
    gate.reachable.consents(member.account_id, "T-mp_subscribe-safety", number=3)
    for _ in range(3):
        gate.tell(member)
    leased = gate.lease(gate.plan().opened)

    def refuses(outgoing: Outgoing) -> Result:
        return Result(outgoing.id, DeliveryStatus.PERMANENT_FAILURE, "43101", effect=Effect.NO_CREDIT)

    port = Fake(Channel.MP_SUBSCRIBE, provider=MP, answer=refuses)
    with ThreadPoolExecutor(4) as pool:
        gate.record(send({Channel.MP_SUBSCRIBE: port}, leased.outgoing, pool))
    assert len(port.got) == 1
    assert sql.execute("SELECT granted, reserved, spent, lost FROM credits").fetchall() == [(3, 0, 0, 3)]
    assert {status for _, status, _ in gate.statuses()} == {"permanent_failure"}


def test_what_is_left_of_a_batch_waits_for_no_consent_that_is_gone(gate: Gate, sql: psycopg.Connection) -> None:
    member = gate.world.member()
    gate.reachable.wechat(member.account_id, MP)
    gate.reachable.consents(member.account_id, "T-mp_subscribe-safety", number=2)
    for _ in range(2):
        gate.tell(member)
    first, second = gate.lease(gate.plan().opened).outgoing
    no = Result(first.id, DeliveryStatus.PERMANENT_FAILURE, "43101", effect=Effect.NO_CREDIT)
    gate.record([no, Result(second.id, DeliveryStatus.CREATED, "late")])
    assert {(status, reason) for _, status, reason in gate.statuses()} == {
        ("permanent_failure", "43101"),
        ("permanent_failure", "no_consent"),
    }
    assert sql.execute("SELECT granted, reserved, spent, lost FROM credits").fetchall() == [(2, 0, 0, 2)]


def test_batches_that_trip_together_open_the_breaker_once(gate: Gate, sql: psycopg.Connection) -> None:
    member, now = gate.world.member(), clock.now()
    gate.reachable.wechat(member.account_id, OA)
    for _ in range(4):
        gate.tell(member)
    opened = gate.plan().opened
    for one in (*opened[:2], opened[2]):
        gate.lease([one])

    def trip(id_: DeliveryId, at: datetime.datetime) -> Any:
        gate.world.do(lambda: service.record([Result(id_, DeliveryStatus.CREATED, "breaker")], now=at))
        return sql.execute("SELECT times, extract(epoch FROM until - %s)::int FROM pauses", [at]).fetchone()

    assert trip(opened[0], now) == (1, 30)
    assert trip(opened[1], now) == (1, 30)
    assert trip(opened[2], now + datetime.timedelta(seconds=31)) == (2, 60)


def test_two_officers_without_the_right_do_not_release_for_each_other_all_day(world: World) -> None:
    noticing = Noticing(world)
    world.member()
    world.member("李四")
    writer, friend = noticing.officer(Role.GRASSROOTS), noticing.officer(Role.GRASSROOTS)
    said = [noticing.release(noticing.waiting(writer, union_id=world.union.id), friend) for _ in range(2)]
    assert not isinstance(said[0], Refusal)
    assert isinstance(said[1], Refusal)
    assert said[1].code == errors.NOTICE_NEEDS_RELEASER


def test_an_officer_who_left_the_union_is_told_nothing_more(gate: Gate, sql: psycopg.Connection) -> None:
    world = gate.world
    member = world.member()
    world.do(
        lambda: accounts.grant(
            account_id=member.account_id, role=Role.GRASSROOTS, union_id=world.union.id, actor="test", now=clock.now()
        )
    )
    wanted = (Recipient(RecipientKind.UNION, world.union.id), Capability.SEND_NOTICES)

    def read() -> Any:
        return reach.readers({wanted}, now=clock.now())[wanted]

    assert world.look(read) == [member.account_id]
    sql.execute("UPDATE members SET standing = 'left' WHERE id = %s", [member.member_id])
    assert world.look(read) == []


@pytest.mark.parametrize("title", ["住\u2060院慰问", "领 慰 问 金", "困\u200b难职工看过来"])
def test_a_private_word_is_found_though_it_was_pulled_apart(title: str) -> None:
    assert rules.on_lock_screen({"zh": title})
    assert rules.on_lock_screen({"zh": "周六 放电影"}) is None


def test_a_closed_account_leaves_no_ways_to_it(gate: Gate, sql: psycopg.Connection) -> None:
    member, other = gate.world.member(), gate.world.member("李四")
    for one in (member, other):
        gate.reachable.wechat(one.account_id, OA)
        gate.reachable.follows(one.account_id)
        gate.reachable.consents(one.account_id, "T", appid=OA)
        wish = functools.partial(service.wish, account_id=one.account_id, group=Group.CARD, wechat=False, sms=False)
        gate.world.do(wish)
        gate.world.do(functools.partial(following.scene, account_id=one.account_id, now=clock.now()))
    assert gate.world.do(lambda: rights.close_account(actor=member, now=clock.now())) is None
    for table in ("followers", "credits", "message_wishes", "follow_scenes"):
        assert sql.execute(f"SELECT count(*) FROM {table}").fetchone() == (1,), table
    assert sql.execute("SELECT account_id FROM message_wishes").fetchone() == (other.account_id,)
