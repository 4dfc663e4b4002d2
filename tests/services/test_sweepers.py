"""Every state in between has somebody who closes it: a row of the table each, and what it has become afterwards."""

import datetime
import functools
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
import pytest

from app import callbacks, jobs, notices
from services.accounts.types import MemberActor
from services.cards.messages import CardFrozen
from services.core import clock
from services.core.crypto import vault
from services.notifications import service
from services.notifications.service.callbacks import BODY_FIELD
from services.notifications.types import Channel, DeliveryStatus
from tests.builders.reach import MP, OA, Reachable
from tests.builders.world import World
from tests.harness.channels import Fake, Use
from tests.harness.invariants import nothing_doubled_or_lost

NOON = datetime.datetime(2026, 11, 20, 4, 0, tzinfo=datetime.UTC)
MINUTE, DAY = datetime.timedelta(minutes=1), datetime.timedelta(days=1)
LEASED = service.LEASE + MINUTE
T, M, S = Channel.TEMPLATE, Channel.MP_SUBSCRIBE, Channel.SMS
SENT_BY_SMS = ("sms", "sent", None)


@dataclass(frozen=True)
class Row:
    """A state: by which channel the member is reached, the statement that makes it, how much later it is swept, and the
    deliveries and the consent (granted, reserved, spent, lost) afterwards."""

    name: str
    channel: Channel
    becomes: list[tuple[str, str, str | None]]
    made_by: str = ""
    later: datetime.timedelta = MINUTE
    consent: tuple[int, ...] = (1, 0, 1, 0)
    gone: tuple[Channel, ...] = field(default=())
    planned: bool = True


DEAD = "UPDATE deliveries SET status = 'sending', attempts = 1, leased_until = created_at + interval '2 minutes'"
ROWS = [
    Row("told, and nobody planned it", T, [("template", "sent", None)], planned=False),
    Row("told, nobody planned it, useless by now", T, [], planned=False, later=4 * DAY),
    Row("planned, and nobody sent it", T, [("template", "sent", None)]),
    Row("planned on a consent, and nobody sent it", M, [("mp_subscribe", "sent", None)]),
    Row("useless by now", T, [("template", "expired", "deadline")], later=4 * DAY),
    Row("useless by now, with a consent", M, [("mp_subscribe", "expired", "deadline")], later=4 * DAY,
        consent=(1, 0, 0, 0)),
    Row("its sender died, a repeat is known", T, [("template", "sent", None)], made_by=DEAD, later=LEASED),
    Row("its sender lives", T, [("template", "sending", None)], made_by=DEAD, later=MINUTE),
    Row("its sender died, a repeat would come twice", M, [("mp_subscribe", "unknown", "sender_lost")], made_by=DEAD,
        later=LEASED),
    Row("its sender died long ago, a repeat is known", T, [("template", "expired", "deadline")], made_by=DEAD,
        later=4 * DAY),
    Row("its channel is set up no more", T, [("template", "expired", "not_set_up"), SENT_BY_SMS], gone=(T,)),
    Row("its channel is set up no more, with a consent", M, [("mp_subscribe", "expired", "not_set_up"), SENT_BY_SMS],
        gone=(M,), consent=(1, 0, 0, 0)),
    Row("its sender died, its channel is set up no more", T, [("template", "unknown", "sender_lost")], made_by=DEAD,
        gone=(T,), later=LEASED),
    Row("its template is of a former provider", T, [("template", "permanent_failure", "not_mapped"), SENT_BY_SMS],
        made_by="UPDATE channel_templates SET provider = 'wx-former' WHERE channel = 'template'"),
    Row("it was read before it went out", M, [("mp_subscribe", "expired", "read")], consent=(1, 0, 0, 0),
        made_by="UPDATE inbox_messages SET read_at = now(), next_step_at = NULL"),
    Row("planned for an account that is gone", T,
        [("template", "permanent_failure", "not_theirs"), ("template", "sent", None)],
        made_by="UPDATE deliveries SET account_id = gen_random_uuid()"),
    Row("nobody has known for days", M, [("mp_subscribe", "temporary_failure", "never_settled")], later=4 * DAY,
        made_by="UPDATE deliveries SET status = 'unknown', finished_at = created_at; UPDATE credits SET reserved = 0,"
        " spent = 1"),
    Row("nobody has known since yesterday", M, [("mp_subscribe", "unknown", None)], later=DAY,
        made_by="UPDATE deliveries SET status = 'unknown', finished_at = created_at; UPDATE credits SET reserved = 0,"
        " spent = 1"),
    Row("its pause is over", T, [("template", "sent", None)],
        made_by="INSERT INTO pauses (channel, subject, until, reason, since, times)"
        " SELECT 'template', '', created_at + interval '30 seconds', '45011', created_at, 1 FROM deliveries"),
    Row("its pause has no end", T, [("template", "created", None)],
        made_by="INSERT INTO pauses (channel, subject, until, reason, since, times)"
        " SELECT 'template', '', NULL, '48001', created_at, 1 FROM deliveries"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_state_in_between_is_closed(
    world: World, sql: psycopg.Connection, use: Use, at: Callable[..., None], row: Row
) -> None:
    at(NOON)
    here = {T: Fake(T, provider=OA, repeats_safely=True), M: Fake(M, provider=MP), S: Fake(S, provider="aliyun")}
    member, template = _reachable(world, row.channel)
    _told(world, member)
    if row.planned:
        providers = {channel: port.provider for channel, port in here.items()}
        assert len(world.do(lambda: service.plan(providers=providers, now=NOON)).opened) == 1
    for statement in filter(None, row.made_by.split(";")):
        sql.execute(statement.encode())
    use(*(port for channel, port in here.items() if channel not in row.gone))
    at(NOON + row.later)
    for _ in range(2):
        with world.app.app_context():
            jobs.sweep(0)
    found = sql.execute("SELECT channel, status, reason FROM deliveries ORDER BY id").fetchall()
    assert found == row.becomes
    if row.channel is M:
        assert sql.execute("SELECT granted, reserved, spent, lost FROM credits").fetchall() == [row.consent]
    assert template
    still_open = {status for _, status, _ in row.becomes} & {DeliveryStatus.CREATED, DeliveryStatus.SENDING}
    nothing_doubled_or_lost(sql, drained=not still_open)


def test_a_pause_that_is_long_over_is_forgotten_and_one_that_is_not_stays(
    world: World, sql: psycopg.Connection, use: Use, at: Callable[..., None]
) -> None:
    at(NOON)
    use(Fake(T, provider=OA))
    for channel, until in (("template", NOON - 2 * 60 * MINUTE), ("sms", NOON - MINUTE), ("oa_subscribe", None)):
        sql.execute(
            "INSERT INTO pauses (channel, subject, until, reason, since, times) VALUES (%s, '', %s, 'x', %s, 3)",
            [channel, until, NOON - DAY],
        )
    with world.app.app_context():
        jobs.sweep(0)
    assert sql.execute("SELECT channel FROM pauses ORDER BY 1").fetchall() == [("oa_subscribe",), ("sms",)]


def test_a_callback_that_nobody_worked_on_is_heard_again(
    world: World, sql: psycopg.Connection, at: Callable[..., None]
) -> None:
    at(NOON)
    sql.execute(
        "INSERT INTO callbacks (id, source, event_digest, event, body, happened_at, received_at, next_try_at, tries)"
        " VALUES (gen_random_uuid(), %s, '\\x01', 'unsubscribe', %s, %s, %s, %s, 0)",
        [OA, vault.seal(BODY_FIELD, '{"FromUserName": "o-1"}'), NOON, NOON, NOON],
    )
    with world.app.app_context():
        callbacks.hear_again(0)
    assert sql.execute("SELECT handled_at FROM callbacks").fetchall() == [(NOON,)]


def test_every_chore_that_closes_something_runs_by_itself() -> None:
    every_minute = {chore for chore, cron in jobs.CRON.items() if cron == "* * * * *"}
    assert {jobs.sweep, jobs.waiting_lines, callbacks.hear_again, notices.go_on} <= every_minute


def _reachable(world: World, channel: Channel) -> tuple[MemberActor, str]:
    member, reachable = world.member(phone="10022223333"), Reachable(world)
    reachable.wechat(member.account_id, MP if channel is M else OA)
    template = reachable.mapped(channel, "safety")
    reachable.mapped(S, "card.frozen", provider="aliyun")
    if channel is M:
        reachable.consents(member.account_id, template)
    return member, template


def _told(world: World, member: MemberActor) -> None:
    payload = {"card_id": str(uuid.uuid4()), "member_id": str(member.member_id)}
    tell = functools.partial(service.tell, topic=CardFrozen.topic, message_id=uuid.uuid4(), payload=payload)
    world.do(lambda: tell(now=clock.now()))
