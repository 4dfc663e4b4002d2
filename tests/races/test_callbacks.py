"""The platform says the same thing many times at once, and different things at once: each has its effect once."""

import datetime
import threading
import uuid
from functools import partial

import psycopg
import pytest

from app.callbacks import HANDLERS
from services.accounts.service.wechat import OPENID_FIELD
from services.core import clock
from services.core.crypto import vault
from services.notifications import consents
from services.notifications.service import callbacks, following
from services.notifications.service.callbacks import CallbackId
from services.notifications.types import Channel
from tests.builders.callbacks import Caller, delivered, set_up
from tests.builders.reach import MP, OA
from tests.builders.world import World
from tests.harness.threads import PATIENCE, together, until_somebody_waits

READER = "o-reader-of-tests"
SECOND = datetime.timedelta(seconds=1)


@pytest.fixture
def calls(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    set_up(world, monkeypatch.setitem)
    return world


def caller(world: World, appid: str = MP) -> Caller:
    return Caller(world.app.test_client(), appid=appid)


def accept(one: Caller) -> dict[str, object]:
    item = {"TemplateId": "tpl-1", "SubscribeStatusString": "accept"}
    return one.event("subscribe_msg_popup_event", READER, List=item)


def index(openid: str = READER) -> bytes:
    return vault.blind_index(OPENID_FIELD, openid)


def work(world: World, callback_id: uuid.UUID) -> None:
    world.do(lambda: callbacks.work(callback_id=CallbackId(callback_id), handlers=HANDLERS, now=clock.now()))


def ledger(sql: psycopg.Connection) -> tuple[int, int, int, int]:
    row = sql.execute("SELECT granted, reserved, spent, lost FROM credits").fetchone()
    assert row is not None
    return row


def test_thirty_two_identical_calls_at_once_are_one_event(calls: World, sql: psycopg.Connection) -> None:
    body = accept(caller(calls))
    callers = [caller(calls) for _ in range(32)]
    answers = together(*(partial(one.call, body, nonce=f"n{number}") for number, one in enumerate(callers)))
    assert [answer.text for answer in answers] == ["success"] * 32
    rows = sql.execute("SELECT id FROM callbacks").fetchall()
    assert len(rows) == 1
    assert sql.execute("SELECT count(*) FROM procrastinate_jobs").fetchone() == (1,)
    together(*[partial(work, calls, rows[0][0])] * 16)
    assert ledger(sql) == (1, 0, 0, 0)


def test_one_signature_for_sixteen_events_at_once_carries_one(calls: World, sql: psycopg.Connection) -> None:
    """Each cipher is signed for itself; the plain signature, which counts for replays, is the same for all."""
    callers, at = [caller(calls, OA) for _ in range(16)], clock.now()

    def send(one: Caller, number: int) -> int:
        sealed = one.sealed(one.raw(one.event("subscribe", f"o-{number}")))
        return one.send(one.raw({"Encrypt": sealed}), one.query(sealed, at=at, nonce="the-same")).status_code

    statuses = together(*(partial(send, one, number) for number, one in enumerate(callers)))
    assert sorted(statuses) == [200] + [403] * 15
    assert sql.execute("SELECT count(*) FROM callbacks").fetchone() == (1,)


def test_accepts_that_come_at_once_are_all_counted(calls: World, sql: psycopg.Connection) -> None:
    """Of sixteen seconds, so that each is a consent of its own; the first makes the row."""
    now = clock.now()
    for ago in range(16):
        one = caller(calls)
        one.call({**accept(one), "CreateTime": int((now - ago * SECOND).timestamp())})
    ids = [row[0] for row in sql.execute("SELECT id FROM callbacks")]
    together(*(partial(work, calls, one) for one in ids))
    assert ledger(sql) == (16, 0, 0, 0)


def test_following_and_leaving_at_once_end_as_the_later_says(calls: World, sql: psycopg.Connection) -> None:
    now = clock.now()
    for number in range(8):
        sql.execute("DELETE FROM followers; DELETE FROM callbacks")
        one = caller(calls, OA)
        one.call(one.event("subscribe", READER, at=now + (number % 2) * SECOND))
        one.call(one.event("unsubscribe", READER, at=now + (1 - number % 2) * SECOND))
        together(*(partial(work, calls, row[0]) for row in sql.execute("SELECT id FROM callbacks").fetchall()))
        assert sql.execute("SELECT following FROM followers").fetchall() == [(number % 2 == 1,)]


def test_two_who_scan_at_once_do_not_both_get_a_members_notices(calls: World, sql: psycopg.Connection) -> None:
    member, one = calls.member(), caller(calls, OA)
    for number in range(8):
        token = calls.do(lambda: following.scene(account_id=member.account_id, now=clock.now()))
        one.call(one.event("subscribe", f"o-{number}", EventKey=f"qrscene_{token}"))
    together(*(partial(work, calls, row[0]) for row in sql.execute("SELECT id FROM callbacks").fetchall()))
    assert sql.execute("SELECT count(*), count(account_id) FROM followers").fetchone() == (8, 1)
    told = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'notifications.linked'"
    assert sql.execute(told).fetchone() == (1,)


def test_a_link_waits_for_whoever_is_at_the_account_and_sees_what_he_did(
    calls: World, sql: psycopg.Connection, database_url: str
) -> None:
    """Somebody signs in with a WeChat of his own while a code of his page is scanned."""
    member, one = calls.member(), caller(calls, OA)
    token = calls.do(lambda: following.scene(account_id=member.account_id, now=clock.now()))
    one.call(one.event("subscribe", READER, EventKey=f"qrscene_{token}"))
    row = sql.execute("SELECT id FROM callbacks").fetchone()
    assert row is not None
    with psycopg.connect(database_url) as holder:
        holder.execute("SELECT id FROM accounts WHERE id = %s FOR NO KEY UPDATE", [member.account_id])
        worker = threading.Thread(target=work, args=(calls, row[0]))
        worker.start()
        until_somebody_waits(sql)
        holder.execute(
            "INSERT INTO wechat_identities (id, appid, openid, openid_index, account_id, created_at) "
            "VALUES (gen_random_uuid(), %s, '', 'own', %s, now())",
            [OA, member.account_id],
        )
    worker.join(PATIENCE)
    assert sql.execute("SELECT following, account_id FROM followers").fetchall() == [(True, None)]


def test_one_code_scanned_by_many_at_once_links_one(calls: World, sql: psycopg.Connection) -> None:
    member, one = calls.member(), caller(calls, OA)
    token = calls.do(lambda: following.scene(account_id=member.account_id, now=clock.now()))
    for number in range(8):
        one.call(one.event("subscribe", f"o-{number}", EventKey=f"qrscene_{token}"))
    together(*(partial(work, calls, row[0]) for row in sql.execute("SELECT id FROM callbacks").fetchall()))
    assert sql.execute("SELECT count(account_id) FROM followers").fetchone() == (1,)


def _grant(template_id: str = "tpl-1") -> None:
    consents.grant(appid=MP, openid_index=index(), template_id=template_id, standing=False, now=clock.now())


def _reserve() -> bool:
    """As planning does it: what is left is counted and held, and then taken."""
    left = consents.usable(addresses=[index()], appids=[MP], templates=["tpl-1"])
    taken = [credit_id for _, _, _, credit_id, number in left if number >= 1]
    consents.reserve(taken, now=clock.now())
    return bool(taken)


def test_two_sends_do_not_share_one_consent(calls: World, sql: psycopg.Connection) -> None:
    for _ in range(5):
        calls.do(_grant)
    taken = together(*[partial(calls.do, _reserve)] * 16)
    assert sorted(taken) == [False] * 11 + [True] * 5
    assert ledger(sql) == (5, 5, 0, 0)


def test_a_grant_that_meets_a_zeroing_is_kept_or_lost_whole(calls: World, sql: psycopg.Connection) -> None:
    """Whoever is second sees the other; the ledger always adds up, and a grant after it counts again."""
    calls.do(_grant)
    credit_id = sql.execute("SELECT id FROM credits").fetchone()[0]  # type: ignore[index]
    for _ in range(6):
        together(
            partial(calls.do, _grant),
            partial(calls.do, lambda: consents.lose([credit_id], now=clock.now())),
            partial(calls.do, _reserve),
        )
        granted, reserved, spent, lost = ledger(sql)
        assert granted >= reserved + spent + lost
    before = ledger(sql)
    calls.do(_grant)
    assert ledger(sql)[0] == before[0] + 1
    assert calls.do(_reserve)


def test_an_events_word_is_counted_once_however_many_work_on_it(calls: World, sql: psycopg.Connection) -> None:
    """A job that was revived and the chore meet at one event."""
    delivery = delivered(calls, index(), channel=Channel.TEMPLATE, provider_id="77")
    one = caller(calls, OA)
    one.call(one.event("TEMPLATESENDJOBFINISH", READER, MsgID="77", Status="failed:user block"))
    row = sql.execute("SELECT id FROM callbacks").fetchone()
    assert row is not None
    together(*[partial(work, calls, row[0])] * 16)
    assert sql.execute("SELECT status FROM deliveries WHERE id = %s", [delivery]).fetchone() == ("permanent_failure",)
    assert sql.execute("SELECT tries FROM callbacks").fetchone() == (0,)
    assert sql.execute("SELECT following FROM followers").fetchall() == [(False,)]


def test_the_answer_does_not_wait_for_work(calls: World, sql: psycopg.Connection, database_url: str) -> None:
    """Somebody holds everything that the work needs; the call is answered all the same."""
    one = caller(calls)
    one.call(accept(one))
    calls.do(_grant)
    with psycopg.connect(database_url) as holder:
        holder.execute("LOCK TABLE credits, followers, deliveries, inbox_messages IN ACCESS EXCLUSIVE MODE")
        answer = one.call({**accept(one), "CreateTime": int((clock.now() - SECOND).timestamp())})
    assert answer.text == "success"
    assert sql.execute("SELECT count(*) FROM callbacks").fetchone() == (2,)
