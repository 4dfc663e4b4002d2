"""A notice by SMS from its message to the carrier's report, and reports that are late, forged, odd or too many."""

import dataclasses
import datetime
import json
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import callbacks
from services.cards.messages import CardFrozen
from services.core import clock, outbox
from services.core.crypto import vault
from services.members.service import PHONE_FIELD
from services.notifications.sms.reports import LARGEST
from services.notifications.types import Channel, DeliveryStatus
from tests.builders.callbacks import delivered
from tests.builders.reach import Reachable
from tests.builders.world import World
from tests.harness.channels import Use, use
from tests.harness.threads import crowd, together
from tests.partners.sms import TEMPLATES, Sent, SmsStandIn, report
from tests.partners.sms_house import house, provider, stand_in

__all__ = ["crowd", "house", "provider", "stand_in", "use"]

PHONE, TOKEN = "10012345678", "t0ken-of-24-signs-or-more"
RunJobs = Callable[[], None]
Push = Callable[..., TestResponse]


@pytest.fixture
def reporting(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    settings = dataclasses.replace(app.config["SETTINGS"], sms_report_token=TOKEN)
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    return app


@pytest.fixture
def push(reporting: Flask, provider: str) -> Push:
    client: FlaskClient = reporting.test_client()

    def send(raw: bytes, token: str = TOKEN) -> TestResponse:
        for limiter in reporting.extensions["limiter"]:
            limiter.reset()
        return client.post(f"/sms/{provider}/reports/{token}", data=raw, content_type="application/json")

    return send


def sms(provider: str, **changed: str) -> Sent:
    usual = Sent(provider, PHONE, "", (), "", f"9001^{uuid.uuid4().hex[:6]}")
    return dataclasses.replace(usual, **changed)


def row(world: World, sent: Sent, status: DeliveryStatus = DeliveryStatus.SENT, **more: Any) -> uuid.UUID:
    index = vault.blind_index(PHONE_FIELD, PHONE)
    return delivered(world, index, channel=Channel.SMS, provider_id=sent.provider_id, status=status, **more)


def standing(sql: psycopg.Connection, id_: uuid.UUID) -> tuple[Any, ...]:
    found = sql.execute("SELECT status, reason, provider_id FROM deliveries WHERE id = %s", [id_]).fetchone()
    assert found
    return found


def kept(sql: psycopg.Connection) -> int:
    found = sql.execute("SELECT count(*) FROM callbacks").fetchone()
    assert found
    return int(found[0])


def test_a_notice_from_its_message_to_the_carriers_report(
    house: Flask, world: World, provider: str, stand_in: SmsStandIn, run_jobs: RunJobs, push: Push, use: Use,
    sql: psycopg.Connection,
) -> None:  # fmt: skip
    use(house.extensions["channels"].ports[Channel.SMS])
    member = world.member(phone=PHONE)
    Reachable(world).mapped(Channel.SMS, "card.frozen", list(TEMPLATES[provider])[1], provider=provider)
    world.do(lambda: outbox.post(CardFrozen(card_id=uuid.uuid4(), member_id=member.member_id)))
    run_jobs()
    assert (stand_in.last.phone, stand_in.last.variables) == (PHONE, ())
    found = sql.execute("SELECT id, status, provider_id FROM deliveries").fetchone()
    assert found and found[1:] == ("sent", stand_in.last.provider_id)
    answer = push(report(stand_in.last))
    assert answer.status_code == 200
    assert answer.json == ({"code": 0, "msg": "接收成功"} if provider == "aliyun" else {"result": 0, "errmsg": "OK"})
    run_jobs()
    assert standing(sql, found[0])[:2] == ("delivered", None)


FAILURES = [
    ("MOBILE_NOT_ON_SERVICE", "停机、空号", "permanent_failure", True),
    ("MK:0013", "手机号在黑名单", "permanent_failure", True),
    ("UNDELIV", "手机关机", "temporary_failure", False),
    ("EXPIRED", "超时未达", "temporary_failure", False),
]


@pytest.mark.parametrize(("code", "words", "status", "blocked"), FAILURES, ids=[one[0] for one in FAILURES])
def test_a_failure_ends_it_frees_the_ladder_and_blocks_only_dead_numbers(
    world: World, provider: str, push: Push, run_jobs: RunJobs, sql: psycopg.Connection,
    code: str, words: str, status: str, blocked: bool,
) -> None:  # fmt: skip
    sent = sms(provider)
    id_ = row(world, sent)
    push(report(sent, code=code, words=words))
    run_jobs()
    assert standing(sql, id_)[:2] == (status, code)
    blocks = sql.execute("SELECT channel, address_index FROM blocks").fetchall()
    assert blocks == ([(Channel.SMS, vault.blind_index(PHONE_FIELD, PHONE))] if blocked else [])
    assert sql.execute("SELECT count(*) FROM inbox_messages WHERE next_step_at IS NOT NULL").fetchone() == (1,)


def test_the_same_report_again_and_at_once_is_kept_once(
    world: World, provider: str, push: Push, sql: psycopg.Connection, crowd: Flask
) -> None:  # fmt: skip
    raw = report(sms(provider))
    answers = together(*[lambda: push(raw).status_code] * 6)
    assert answers == [200] * 6
    assert kept(sql) == 1


def test_what_is_read_or_failed_before_stays_so(
    world: World, provider: str, push: Push, run_jobs: RunJobs, sql: psycopg.Connection
) -> None:  # fmt: skip
    ended = (DeliveryStatus.READ, DeliveryStatus.DELIVERED, DeliveryStatus.PERMANENT_FAILURE)
    for status in ended:
        sent = sms(provider)
        id_ = row(world, sent, status)
        push(report(sent, code="UNDELIV"))
        run_jobs()
        assert standing(sql, id_)[0] == status


def test_a_lost_answer_is_settled_by_our_own_reference_where_it_comes_back(
    world: World, push: Push, run_jobs: RunJobs, sql: psycopg.Connection, provider: str
) -> None:  # fmt: skip
    index = vault.blind_index(PHONE_FIELD, PHONE)
    id_ = delivered(world, index, channel=Channel.SMS, status=DeliveryStatus.UNKNOWN)
    sent = sms(provider, reference=str(id_))
    push(report(sent))
    run_jobs()
    known = provider == "aliyun"  # Tencent's report says nothing of ours
    assert standing(sql, id_) == (("delivered", None, sent.provider_id) if known else ("unknown", None, None))


def test_another_number_than_it_went_to_settles_nothing(
    world: World, provider: str, push: Push, run_jobs: RunJobs, sql: psycopg.Connection
) -> None:  # fmt: skip
    sent = sms(provider)
    id_ = row(world, sent)
    push(report(dataclasses.replace(sent, phone="10088887777", reference=str(id_))))
    run_jobs()
    assert standing(sql, id_)[0] == "sent"


def test_a_report_that_comes_before_the_answer_is_written_down_waits_for_it(
    world: World, provider: str, push: Push, run_jobs: RunJobs, sql: psycopg.Connection, at: Callable[..., None]
) -> None:  # fmt: skip
    sent = sms(provider)
    push(report(sent))
    run_jobs()
    assert sql.execute("SELECT handled_at FROM callbacks").fetchone() == (None,)
    id_ = row(world, sent)
    at(clock.now() + datetime.timedelta(seconds=40))
    with world.app.app_context():
        callbacks.hear_again(0)
    assert standing(sql, id_)[0] == "delivered"


def test_a_report_of_a_code_is_put_away_after_a_while(
    world: World, provider: str, push: Push, run_jobs: RunJobs, sql: psycopg.Connection, at: Callable[..., None]
) -> None:  # fmt: skip
    push(report(sms(provider, reference=str(uuid.uuid4()))))
    run_jobs()
    at(clock.now() + datetime.timedelta(minutes=6))
    with world.app.app_context():
        callbacks.hear_again(0)
    assert sql.execute("SELECT count(*) FROM callbacks WHERE handled_at IS NULL").fetchone() == (0,)


# --- who is not believed


def test_without_the_token_nobody_is_heard(
    world: World, provider: str, push: Push, reporting: Flask, sql: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    raw = report(sms(provider))
    assert push(raw, "x" * len(TOKEN)).status_code == 404
    assert push(raw, "é").status_code == 404
    settings = dataclasses.replace(reporting.config["SETTINGS"], sms_report_token=None)
    monkeypatch.setitem(reporting.config, "SETTINGS", settings)
    assert push(raw).status_code == 404
    assert reporting.test_client().post(f"/sms/other/reports/{TOKEN}", data=raw).status_code == 404
    assert kept(sql) == 0


def _changed(provider: str, name: str, value: Any) -> bytes:
    (one,) = json.loads(report(sms(provider)))
    return json.dumps([{**one, name: value}]).encode()


def test_what_is_not_as_the_provider_writes_it_leaves_nothing(
    world: World, provider: str, push: Push, sql: psycopg.Connection
) -> None:  # fmt: skip
    names = {
        "aliyun": ("biz_id", "phone_number", "success", "err_code", "report_time"),
        "tencent": ("sid", "mobile", "report_status", "errmsg", "user_receive_time", "nationcode"),
    }
    (one,) = json.loads(report(sms(provider)))
    bad = [b"", b"\xff", b"{}", b"[]", b"[1]", b"[" * 100_000, json.dumps([one] * 1001).encode()]
    for name in names[provider]:
        bad += [_changed(provider, name, value) for value in (None, 7, "", "x" * 300, ["x"])]
    bad.append(json.dumps([one, {}]).encode())
    assert {push(raw).status_code for raw in bad} == {400}
    assert push(b" " * (LARGEST + 1)).status_code == 413
    assert kept(sql) == 0


@pytest.mark.usefixtures("same_minute")
def test_whoever_guesses_at_the_token_is_not_answered_for_long(provider: str, reporting: Flask) -> None:
    client = reporting.test_client()
    statuses = [client.post(f"/sms/{provider}/reports/guess-{n}", data=b"[]").status_code for n in range(40)]
    assert statuses[0] == 404 and statuses[-1] == 429


def test_nobody_is_named_in_the_log(
    world: World, provider: str, push: Push, run_jobs: RunJobs, capsys: pytest.CaptureFixture[str],
    sql: psycopg.Connection,
) -> None:  # fmt: skip
    sent = sms(provider)
    push(report(sent, code="MK:0013", words="黑名单"))
    push(b"[]")
    run_jobs()
    said = "".join(capsys.readouterr()) + str(sql.execute("SELECT * FROM callbacks").fetchall())
    assert [word for word in (PHONE, TOKEN) if word in said] == []
