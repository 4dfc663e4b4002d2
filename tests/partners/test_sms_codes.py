"""A code's whole way over real HTTP at both providers: page, worker, provider, digits typed, signed in."""

import dataclasses
import datetime
import re
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import channels, partners, phone_codes
from app.throttle import limiter
from services.accounts.service import codes
from services.accounts.service.codes import PROVEN_FIELD
from services.accounts.types import CodeFor
from services.core import clock, outbox
from services.core.crypto import vault
from services.members.service import PHONE_FIELD
from services.notifications.sms import limits
from services.notifications.types import Channel
from tests.builders.binding import PHONE, Binding
from tests.builders.world import World
from tests.harness.threads import crowd, together
from tests.http.pages import Reader
from tests.partners.sms import Fault, SmsStandIn
from tests.partners.sms_house import house, provider, stand_in

__all__ = ["crowd", "house", "provider", "stand_in"]

RunJobs = Callable[[], None]


@pytest.fixture
def client(house: Flask) -> FlaskClient:
    return house.test_client()


@pytest.fixture
def binding(world: World) -> Binding:
    return Binding(world)


@pytest.fixture
def reader(house: Flask, client: FlaskClient, world: World) -> Reader:
    return Reader(client, world)


def test_from_the_page_to_the_session(
    reader: Reader, run_jobs: RunJobs, stand_in: SmsStandIn, provider: str, binding: Binding
) -> None:
    _, document = binding.rostered()
    binding.claim(binding.visitor(openid="o-1"), document)
    answer = reader.send(reader.open("/sign-in"), "/sign-in/code", phone=PHONE)
    assert answer.location == "/sign-in/code"
    assert stand_in.calls[provider] == 0, "nobody waits for a provider"
    page = reader.open("/sign-in/code")
    assert "短信正在发往" in page and "一分钟还没收到" in page
    run_jobs()
    assert (stand_in.last.provider, stand_in.last.phone) == (provider, PHONE)
    assert reader.send(page, "/check", code=stand_in.last.code).location == "/"
    assert "李春梅" in reader.open("/")


def test_known_and_unknown_numbers_are_one(
    client: FlaskClient, run_jobs: RunJobs, stand_in: SmsStandIn, binding: Binding
) -> None:
    _, document = binding.rostered()
    binding.claim(binding.visitor(), document)
    answers = [
        client.post("/api/v1/phone-codes", json={"phone": phone, "purpose": "sign_in"})
        for phone in (PHONE, "10088887777")
    ]
    assert {answer.status_code for answer in answers} == {201}
    assert sorted(answers[0].json or ()) == sorted(answers[1].json or ())
    run_jobs()
    assert {sent.phone for sent in stand_in.sent} == {PHONE, "10088887777"}
    assert all(re.fullmatch(r"[0-9]{6}", sent.code) for sent in stand_in.sent)


def _ask(client: FlaskClient, phone: str = PHONE) -> None:
    assert client.post("/api/v1/phone-codes", json={"phone": phone, "purpose": "sign_in"}).status_code == 201


def test_nothing_readable_waits_in_the_queue_and_the_digits_go_as_they_are_sent(
    client: FlaskClient, run_jobs: RunJobs, stand_in: SmsStandIn, sql: psycopg.Connection
) -> None:
    _ask(client)
    job = sql.execute("SELECT task_name, priority, args::text FROM procrastinate_jobs").fetchone()
    row = sql.execute("SELECT code, phone FROM phone_codes").fetchone()
    assert job and row and row[0] is not None
    assert (job[0], job[1]) == ("accounts.send_code", outbox.URGENT)
    run_jobs()
    assert PHONE not in job[2] and stand_in.last.code not in job[2]
    assert stand_in.last.code.encode() not in row[0] and PHONE.encode() not in row[1]
    assert sql.execute("SELECT code FROM phone_codes").fetchone() == (None,)


def test_a_job_that_runs_again_sends_nothing(
    house: Flask, client: FlaskClient, run_jobs: RunJobs, stand_in: SmsStandIn, sql: psycopg.Connection
) -> None:
    _ask(client)
    found = sql.execute("SELECT id::text FROM phone_codes").fetchone()
    assert found
    run_jobs()
    with house.app_context():
        phone_codes.send(message_id="", payload={"code_id": found[0]})
    assert len(stand_in.sent) == 1


def test_two_workers_send_one(
    house: Flask, client: FlaskClient, stand_in: SmsStandIn, sql: psycopg.Connection, crowd: Flask
) -> None:  # fmt: skip
    _ask(client)
    found = sql.execute("SELECT id::text FROM phone_codes").fetchone()
    assert found

    def work() -> None:
        with house.app_context():
            phone_codes.send(message_id="", payload={"code_id": found[0]})

    together(*[work] * 8)
    assert len(stand_in.sent) == 1


def test_a_code_that_is_over_is_not_sent(
    client: FlaskClient, run_jobs: RunJobs, stand_in: SmsStandIn, provider: str, at: Callable[..., None]
) -> None:
    _ask(client)
    at(clock.now() + codes.LIFETIME)
    run_jobs()
    assert stand_in.calls[provider] == 0


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.HALF, Fault.SERVER_ERROR, "isv.OUT_OF_SERVICE"])
def test_a_code_that_may_be_lost_is_never_repeated_and_another_can_be_asked_for(
    client: FlaskClient, run_jobs: RunJobs, stand_in: SmsStandIn, provider: str, fault: str, at: Callable[..., None],
    sql: psycopg.Connection, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    stand_in.fail(fault)
    _ask(client)
    run_jobs()
    run_jobs()
    assert stand_in.calls[provider] == 1
    assert sql.execute("SELECT count(*) FROM procrastinate_jobs WHERE status <> 'succeeded'").fetchone() == (0,)
    at(clock.now() + datetime.timedelta(minutes=1))
    _ask(client, "10088887777")
    run_jobs()
    assert stand_in.last.phone == "10088887777"
    assert [word for word in (PHONE, stand_in.sent[0].code) if word in "".join(capsys.readouterr())] == []


def test_codes_are_paid_from_the_days_money_too(
    client: FlaskClient, house: Flask, run_jobs: RunJobs, stand_in: SmsStandIn, sql: psycopg.Connection
) -> None:
    _ask(client)
    run_jobs()
    assert sql.execute("SELECT max(used) FROM spendings WHERE seconds = 86400 AND used = 5").fetchone() == (5,)
    port = house.extensions["channels"].ports[Channel.SMS]
    port._limits = dataclasses.replace(port._limits, fen_per_day=10)
    _ask(client, "10088887777")
    run_jobs()
    assert len(stand_in.sent) == 2
    _ask(client, "10088886666")
    run_jobs()
    assert len(stand_in.sent) == 2, "the day's money is over for codes too"


@pytest.mark.parametrize("right", [True, False])
def test_a_phone_that_was_dead_is_alive_when_somebody_reads_a_code_there(
    client: FlaskClient, run_jobs: RunJobs, stand_in: SmsStandIn, sql: psycopg.Connection, right: bool
) -> None:
    ours = [vault.blind_index(field, PHONE) for field in (PHONE_FIELD, PROVEN_FIELD)]
    others = [(Channel.SMS, vault.blind_index(PHONE_FIELD, "10088887777")), (Channel.TEMPLATE, ours[0])]
    for channel, address in [*((Channel.SMS, one) for one in ours), *others]:
        sql.execute("INSERT INTO blocks VALUES (%s, %s, 'dead', now())", [channel, address])
    asked = client.post("/api/v1/phone-codes", json={"phone": PHONE, "purpose": "sign_in"}).json
    run_jobs()
    assert asked
    code = stand_in.last.code if right else f"{(int(stand_in.last.code) + 1) % 1_000_000:06d}"
    answer = client.post("/api/v1/session/phone", json={"request": asked["request"], "code": code})
    assert answer.status_code == (201 if right else 409)
    assert sql.execute("SELECT count(*) FROM blocks").fetchone() == (2 if right else 4,)
    kept = sql.execute("SELECT channel, address_index FROM blocks").fetchall()
    assert set(others) <= {(Channel(channel), bytes(address)) for channel, address in kept}


# --- codes that strangers ask for


def _bounds(house: Flask, monkeypatch: pytest.MonkeyPatch, fen_per_day: int) -> None:
    settings = house.config["SETTINGS"]
    bounds = settings.sms_bounds._replace(fen_per_day=fen_per_day)
    monkeypatch.setitem(house.config, "SETTINGS", dataclasses.replace(settings, sms_bounds=bounds))


def _asked(client: FlaskClient, number: int, *, source: int = 1, purpose: str = "sign_in") -> int:
    asked = {"phone": f"100{number:08d}", "purpose": purpose}
    where = {"REMOTE_ADDR": f"192.0.2.{source}"}
    return client.post("/api/v1/phone-codes", json=asked, environ_base=where).status_code


def test_strangers_have_half_of_the_days_money_and_whoever_is_known_the_rest(
    house: Flask, client: FlaskClient, binding: Binding, at: Callable[..., None], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    at(datetime.datetime(2026, 11, 20, 2, 0, tzinfo=datetime.UTC))
    _bounds(house, monkeypatch, 80)  # eight codes of 5 fen are half of it
    purposes = ("sign_in", "binding")
    codes_of = [_asked(client, n, source=n, purpose=purposes[n % 2]) for n in range(10)]
    assert codes_of == [201] * 8 + [429] * 2
    assert "".join(capsys.readouterr()).count("half of the money") == 1
    member = binding.visitor(openid="o-1")
    with house.test_request_context():
        phone_codes.ask("10088887777", CodeFor.BINDING, account_id=member.account_id)
        for purpose in (CodeFor.FRESH, CodeFor.OFFICER):
            phone_codes.ask(PHONE if purpose is CodeFor.FRESH else "10088886666", purpose)
    at(datetime.datetime(2026, 11, 20, 16, 0, tzinfo=datetime.UTC))
    assert _asked(client, 99) == 201, "a new day"


def test_one_address_asks_for_so_many_codes_a_day(
    house: Flask, client: FlaskClient, at: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    monkeypatch.setattr(limits, "PER_SOURCE", 5)
    at(datetime.datetime(2026, 11, 20, 2, 0, tzinfo=datetime.UTC))
    assert [_asked(client, n) for n in range(6)] == [201] * 5 + [429]
    assert _asked(client, 77, source=2) == 201
    refused = client.post(
        "/api/v1/phone-codes", json={"phone": "10088887777", "purpose": "sign_in"},
        environ_base={"REMOTE_ADDR": "192.0.2.1"},
    ).json  # fmt: skip
    assert refused and refused["code"] == "phone_code_too_often"


def test_strangers_who_ask_at_once_cannot_both_have_the_last_of_their_money(
    house: Flask, crowd: Flask, monkeypatch: pytest.MonkeyPatch, at: Callable[..., None], sql: psycopg.Connection
) -> None:
    monkeypatch.setattr(limiter, "enabled", False)
    at(datetime.datetime(2026, 11, 20, 2, 0, tzinfo=datetime.UTC))
    _bounds(house, monkeypatch, 40)
    answers = together(*[lambda n=n: _asked(house.test_client(), n, source=n) for n in range(8)])  # type: ignore[misc]
    assert sorted(answers) == [201] * 4 + [429] * 4
    assert sql.execute("SELECT count(*) FROM phone_codes").fetchone() == (4,)


# --- without a provider


def test_development_shows_codes_on_the_phones_page_and_the_workers_terminal(
    app: Flask, world: World, run_jobs: RunJobs, sql: psycopg.Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    client = app.test_client()
    _ask(client)
    capsys.readouterr()
    run_jobs()
    row = sql.execute("SELECT channel, account_id, shown FROM local_messages").fetchone()
    assert row and row[:2] == (Channel.SMS, None)
    code = re.search(r"[0-9]{6}", row[2]["title"])
    assert code and code.group() in capsys.readouterr().err
    assert PHONE not in str(row) and row[2]["to"] == "100****5678"


def test_production_without_a_provider_offers_no_codes(
    app: Flask, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = dataclasses.replace(app.config["SETTINGS"], env="production", demo=False)
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    for part in (partners, channels):
        monkeypatch.setitem(app.extensions, part.__name__.removeprefix("app."), None)
        part.register(app, settings)
    client = app.test_client()
    assert 'name="phone"' not in client.get("/sign-in").text
    answer = client.post("/api/v1/phone-codes", json={"phone": PHONE, "purpose": "sign_in"})
    assert answer.json and answer.json["code"] == "phone_codes_not_set_up"
    assert app.extensions["channels"].codes is None


def test_the_web_process_loads_no_provider(house: Flask, client: FlaskClient) -> None:
    _ask(client)
    port = house.extensions["channels"].ports[Channel.SMS]
    assert "_provider" not in vars(port)
    assert port.provider == house.config["SETTINGS"].sms.provider
