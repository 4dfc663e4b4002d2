"""What a scraper reads, and who may not."""

import dataclasses
import datetime
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.accounts.types import AccountId
from services.core import clock
from services.core.db import db
from services.core.ids import uuid7
from services.notifications.models import Callback, Delivery, Pause, SendingHour
from services.notifications.types import Channel
from tests.builders.reach import MP, OA, Reachable
from tests.builders.world import World
from tests.harness.channels import Fake, Use
from tests.harness.statements import statements

TOKEN = "t" * 30
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def open_door(app: Flask) -> Iterator[None]:
    usual = app.config["SETTINGS"]
    app.config["SETTINGS"] = dataclasses.replace(usual, metrics_token=TOKEN)
    yield
    app.config["SETTINGS"] = usual


def test_without_a_token_there_is_no_such_address(client: FlaskClient) -> None:
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.usefixtures("open_door")
def test_only_the_token_opens_it(client: FlaskClient) -> None:
    for header in ("", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer 中", TOKEN):
        assert client.get("/metrics", headers={"Authorization": header}).status_code == 404, header
    answer = client.get("/metrics", headers=BEARER)
    assert answer.status_code == 200 and answer.content_type.startswith("text/plain; version=")


def value(text: str, line: str) -> float:
    found = re.search(rf"^{re.escape(line)} (\S+)$", text, re.MULTILINE)
    assert found, (line, text)
    return float(found.group(1))


def happened(account_id: AccountId, now: datetime.datetime) -> None:
    """Deliveries that wait, pauses, an event that waits, an hour of sends."""
    ago = now - datetime.timedelta(minutes=20)
    db.session.add_all(
        [
            Delivery(
                id=uuid7(), inbox_id=uuid7(), account_id=account_id, channel="template", status="created",
                attempts=0, at_once=False, created_at=ago, next_try_at=ago,
            ),
            Delivery(
                id=uuid7(), inbox_id=uuid7(), account_id=account_id, channel="template", status="created",
                attempts=1, at_once=False, created_at=ago, next_try_at=now + datetime.timedelta(hours=1),
            ),
            Pause(channel="sms", subject="", until=None, reason="isv.AMOUNT_NOT_ENOUGH", since=ago, times=1),
            Pause(channel="template", subject="", until=ago, reason="45011", since=ago, times=1),
            Callback(
                id=uuid7(), source=OA, event_digest=b"1" * 32, event="subscribe", body=b"", happened_at=ago,
                received_at=ago, next_try_at=now, tries=0,
            ),
            SendingHour(
                hour=now.replace(minute=0, second=0, microsecond=0), channel="template", outcome="sent", reason="",
                count=10, took_ms=1500, under_100=6, under_300=9, under_1000=9, under_3000=10,
            ),
            SendingHour(
                hour=now.replace(minute=0, second=0, microsecond=0), channel="template",
                outcome="permanent_failure", reason="43004", count=2, took_ms=100, under_100=2, under_300=2,
                under_1000=2, under_3000=2,
            ),
        ]
    )  # fmt: skip


@pytest.mark.usefixtures("open_door")
def test_each_figure_says_what_is_in_the_database(client: FlaskClient, world: World, use: Use) -> None:
    use(Fake(Channel.TEMPLATE, provider=OA), Fake(Channel.MP_SUBSCRIBE, provider=MP))
    member, other, reach, now = world.member(), world.member("王强"), Reachable(world), clock.now()
    for one in (member, other):
        reach.wechat(one.account_id, MP)
    reach.consents(member.account_id, "T-1", number=3)

    world.do(lambda: happened(member.account_id, now))
    with statements() as sent:
        text = client.get("/metrics", headers=BEARER).text
    assert len(sent) <= 12, sent
    assert value(text, 'gonghui_deliveries_waiting{channel="template"}') == 1
    assert 1200 <= value(text, 'gonghui_deliveries_oldest_seconds{channel="template"}') < 1320
    assert value(text, 'gonghui_deliveries_waiting{channel="mp_subscribe"}') == 0
    assert value(text, 'gonghui_sends_total{channel="template",outcome="sent",reason=""}') == 10
    assert value(text, 'gonghui_sends_total{channel="template",outcome="permanent_failure",reason="43004"}') == 2
    assert value(text, 'gonghui_send_seconds_bucket{channel="template",le="0.1"}') == 8
    assert value(text, 'gonghui_send_seconds_bucket{channel="template",le="+Inf"}') == 12
    assert value(text, 'gonghui_send_seconds_sum{channel="template"}') == 1.6
    assert value(text, 'gonghui_paused{channel="sms",ends="no",of="channel",reason="isv.AMOUNT_NOT_ENOUGH"}') == 1
    assert "45011" not in text
    assert value(text, "gonghui_callbacks_waiting") == 1 and value(text, "gonghui_jobs_failed") == 0
    assert value(text, f'gonghui_consents_left{{app="{MP}"}}') == 3
    assert value(text, f'gonghui_people_without_consent{{app="{MP}"}}') == 1
