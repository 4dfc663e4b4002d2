"""The platform calls us back: only what is really its own has an effect, exactly once, and is answered at once."""

import datetime
import json
import re
from collections.abc import Callable

import psycopg
import pytest
from flask.testing import FlaskClient

from services.accounts.service.wechat import OPENID_FIELD
from services.core import clock
from services.core.crypto import vault
from services.notifications import bodies, envelope
from services.notifications.envelope import Mode
from tests.builders.callbacks import NEW, OLD, ORIGINAL, Caller, set_up
from tests.builders.reach import MP, OA
from tests.builders.world import World
from tests.harness.statements import statements

READER = "o-reader-of-tests"
MINUTE = datetime.timedelta(minutes=1)
TRACES = ("callbacks", "callback_nonces", "followers", "credits", "procrastinate_jobs", "inbox_messages")


@pytest.fixture(params=list(Mode))
def mode(request: pytest.FixtureRequest) -> Mode:
    return Mode(request.param)


@pytest.fixture
def oa(world: World, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Caller:
    set_up(world, monkeypatch.setitem)
    return Caller(client)


def traces(sql: psycopg.Connection) -> dict[str, int]:
    found = {table: sql.execute(f'SELECT count(*) FROM "{table}"'.encode()).fetchone() for table in TRACES}
    return {table: row[0] for table, row in found.items() if row and row[0]}


def following(sql: psycopg.Connection) -> list[bool]:
    return [row[0] for row in sql.execute("SELECT following FROM followers")]


def index(openid: str = READER) -> bytes:
    return vault.blind_index(OPENID_FIELD, openid)


def answered(caller: Caller, response_text: str) -> dict[str, str]:
    """What the reader sees of a passive reply."""
    outer = bodies.parse(response_text.encode())
    if "Encrypt" not in outer:
        return outer
    return bodies.parse(envelope.unseal(caller.door, outer["Encrypt"])[0])


def test_the_console_gets_its_text_back_and_nobody_else_does(oa: Caller, sql: psycopg.Connection) -> None:
    query = {**oa.query(), "echostr": "4917240612"}
    good = oa.client.get("/wechat/oa", query_string=query)
    assert (good.status_code, good.text, good.mimetype) == (200, "4917240612", "text/plain")
    forged = oa.client.get("/wechat/oa", query_string={**query, "signature": "0" * 40})
    script = oa.client.get("/wechat/oa", query_string={**oa.query(), "echostr": "<script>"})
    other_app = oa.client.get("/wechat/mp", query_string=query)
    assert [(one.status_code, one.text) for one in (forged, script, other_app)] == [(403, ""), (400, ""), (403, "")]
    assert traces(sql) == {}


def test_an_app_that_is_not_set_up_has_no_such_address(client: FlaskClient, world: World) -> None:
    caller = Caller(client)
    assert client.get("/wechat/oa", query_string={**caller.query(), "echostr": "1"}).status_code == 404
    assert caller.call(caller.event("subscribe", READER)).status_code == 404


@pytest.mark.parametrize("in_json", [False, True])
def test_each_mode_and_format_is_understood_and_has_its_effect_once(
    world: World, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, sql: psycopg.Connection, mode: Mode,
    in_json: bool, run_jobs: Callable[[], None],
) -> None:  # fmt: skip
    set_up(world, monkeypatch.setitem, mode)
    caller = Caller(client, appid=MP, mode=mode)
    item = {"TemplateId": "tpl-1", "SubscribeStatusString": "accept", "PopupScene": "0"}
    body = caller.event("subscribe_msg_popup_event", READER, List=item)
    assert [(one.status_code, one.text) for one in (caller.call(body, in_json=in_json) for _ in range(3))] == [
        (200, "success")
    ] * 3
    assert sql.execute("SELECT count(*) FROM credits").fetchone() == (0,), "work is done off the request"
    run_jobs()
    run_jobs()
    assert sql.execute("SELECT appid, openid_index, template_id, granted FROM credits").fetchall() == [
        (MP, index(), "tpl-1", 1)
    ]
    assert sql.execute("SELECT count(*), count(handled_at) FROM callbacks").fetchone() == (1, 1)


def test_a_forged_parameter_is_refused_without_a_trace(oa: Caller, sql: psycopg.Connection) -> None:
    clear = oa.raw(oa.event("subscribe", READER))
    sealed = oa.sealed(clear)
    raw, query = oa.raw({"ToUserName": ORIGINAL, "Encrypt": sealed}), oa.query(sealed)
    other = oa.raw({"ToUserName": ORIGINAL, "Encrypt": oa.sealed(clear)})
    statuses = [
        oa.send(raw, {**query, name: value}).status_code
        for name, value in (
            ("signature", "0" * 40), ("msg_signature", "0" * 40), ("msg_signature", ""), ("nonce", "another"),
            ("timestamp", str(int(query["timestamp"]) - 1)), ("timestamp", "x"), ("signature", ""),
        )
    ]  # fmt: skip
    assert statuses == [403, 403, 403, 403, 403, 400, 403]
    assert oa.send(other, query).status_code == 403, "another cipher under the same signature"
    assert oa.client.post("/wechat/mp", data=raw, query_string=query).status_code == 403, "another app's address"
    assert traces(sql) == {}
    assert oa.send(raw, query).status_code == 200, "and the whole one passes"


def test_who_the_address_says_it_is_does_not_count(
    oa: Caller, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    sealed = oa.sealed(oa.raw(oa.event("subscribe", READER)))
    oa.send(oa.raw({"Encrypt": sealed}), {**oa.query(sealed), "openid": "o-somebody-else"})
    run_jobs()
    assert sql.execute("SELECT openid_index FROM followers").fetchall() == [(index(),)]


def test_stale_and_future_calls_are_refused_without_a_trace(oa: Caller, sql: psycopg.Connection) -> None:
    sealed = oa.sealed(oa.raw(oa.event("subscribe", READER)))
    raw = oa.raw({"Encrypt": sealed})
    statuses = [
        oa.send(raw, oa.query(sealed, at=clock.now() + minutes * MINUTE)).status_code for minutes in (-11, 11, -600)
    ]
    assert statuses == [403] * 3
    ahead = oa.event("subscribe", READER, at=clock.now() + 11 * MINUTE)
    assert oa.call(ahead).status_code == 400, "it would outdate all that comes after it"
    assert traces(sql) == {}


def test_in_clear_nothing_is_believed_in_safe_mode(oa: Caller, sql: psycopg.Connection) -> None:
    raw = oa.raw(oa.event("subscribe", READER))
    assert oa.send(raw, oa.query()).status_code == 403
    assert traces(sql) == {}


def test_what_is_encrypted_by_the_former_key_is_taken_and_by_any_other_not(oa: Caller, sql: psycopg.Connection) -> None:
    def call(key: bytes = NEW, appid: str = OA, cut: int = 0) -> int:
        sealed = oa.sealed(oa.raw(oa.event("subscribe", READER)), key=key, appid=appid)
        sealed = sealed[:-cut] if cut else sealed
        return oa.send(oa.raw({"Encrypt": sealed}), oa.query(sealed)).status_code

    assert [call(bytes(32)), call(appid=MP), call(cut=3), call(cut=4)] == [400] * 4
    assert traces(sql) == {}
    assert call(OLD) == 200


@pytest.mark.parametrize(
    "clear",
    [
        b"",
        b"<xml>",
        "<xml><MsgType>event</MsgType></xml>".encode("utf-16"),
        b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><xml><Event>&b;</Event></xml>',
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><xml><Event>&e;</Event></xml>',
        b"<xml>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</xml>",
        b'{"MsgType": "event", "MsgType": "text"}',
        b'{"List": ' + b"[" * 30000,
        b"[]",
    ],
)
def test_hostile_bodies_are_refused_without_a_trace(oa: Caller, sql: psycopg.Connection, clear: bytes) -> None:
    sealed = oa.sealed(clear)
    inside = oa.send(json.dumps({"Encrypt": sealed}).encode(), oa.query(sealed))
    outside = oa.send(clear, oa.query())
    assert [(one.status_code, one.text) for one in (inside, outside)] == [(400, "")] * 2
    assert traces(sql) == {}


def test_a_huge_body_is_not_read(oa: Caller, sql: psycopg.Connection) -> None:
    assert oa.send(b"<xml>" + b" " * 65536 + b"</xml>", oa.query()).status_code == 413
    assert traces(sql) == {}


def test_nothing_of_a_call_stands_in_a_log(oa: Caller, capsys: pytest.CaptureFixture[str]) -> None:
    said = "我家里的事"
    oa.call(oa.text(READER, said))
    oa.send(oa.raw(oa.text(READER, said)), oa.query())
    oa.send(f"<xml><a>{said}</xml>".encode(), oa.query())
    shown = "".join(capsys.readouterr())
    assert READER not in shown and said not in shown and oa.door.token not in shown and "Traceback" not in shown


def test_the_same_call_again_is_answered_alike_and_has_one_effect(oa: Caller, sql: psycopg.Connection) -> None:
    sealed = oa.sealed(oa.raw(oa.event("unsubscribe", READER)))
    raw, query = oa.raw({"Encrypt": sealed}), oa.query(sealed)
    assert [oa.send(raw, query).text for _ in range(3)] == ["success"] * 3
    assert traces(sql) == {"callbacks": 1, "callback_nonces": 1, "procrastinate_jobs": 1}


@pytest.mark.parametrize("first", ["text", "unsubscribe"])
def test_a_plain_signature_does_not_carry_a_second_event(
    world: World, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, sql: psycopg.Connection, first: str
) -> None:
    set_up(world, monkeypatch.setitem, Mode.PLAIN)
    caller = Caller(client, mode=Mode.PLAIN)
    seen = caller.query()
    body = caller.text(READER, "卡") if first == "text" else caller.event(first, READER)
    assert caller.send(caller.raw(body), seen).status_code == 200
    before = traces(sql)
    assert caller.send(caller.raw(caller.event("subscribe", "o-victim")), seen).status_code == 403
    assert traces(sql) == before


def test_an_event_that_nobody_works_on_leaves_nothing_of_itself(oa: Caller, sql: psycopg.Connection) -> None:
    for body in (oa.event("VIEW", READER), oa.event("from_the_future", READER), oa.text(READER, "你好")):
        assert oa.call(body).status_code == 200
    assert traces(sql) == {"callback_nonces": 3}


def test_what_was_said_is_sealed(oa: Caller, sql: psycopg.Connection) -> None:
    oa.call(oa.event("subscribe", READER))
    row = sql.execute("SELECT source, event, body FROM callbacks").fetchone()
    assert row is not None and row[:2] == (OA, "subscribe")
    assert READER.encode() not in row[2]
    assert json.loads(vault.unseal("callbacks.body", row[2]))["FromUserName"] == READER
    job = sql.execute("SELECT args::text FROM procrastinate_jobs").fetchone()
    assert job is not None and READER not in job[0]


def test_an_older_event_does_not_undo_a_newer_one(
    oa: Caller, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    now = clock.now()
    for name, ago in (("unsubscribe", 60), ("subscribe", 90), ("subscribe", 120)):
        oa.call(oa.event(name, READER, at=now - datetime.timedelta(seconds=ago)))
        run_jobs()
    assert following(sql) == [False]
    oa.call(oa.event("subscribe", READER, at=now))
    run_jobs()
    assert following(sql) == [True]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("会员卡", '/">打开会员卡'),
        ("怎么出示二维码？", '/">打开会员卡'),
        ("附近的 商家", "/shops"),
        ("有什么活动", "/inbox"),
        ("转人工", "/unions"),
        ("我想申请补助", "/unions"),
        ("你好", "可以打这些字"),
        ("", "可以打这些字"),
        ("卡" * 41, "可以打这些字"),
    ],
)
def test_a_word_is_answered_with_a_way_to_go(oa: Caller, typed: str, said: str) -> None:
    response = oa.call(oa.text(READER, typed))
    assert response.status_code == 200 and "Encrypt" in bodies.parse(response.data)
    reply = answered(oa, response.text)
    assert (reply["ToUserName"], reply["FromUserName"], reply["MsgType"]) == (READER, ORIGINAL, "text")
    assert said in reply["Content"]


@pytest.mark.parametrize("typed", ["困难补助", "我生病住院了", "被欠薪了怎么办", "大病救助"])
def test_no_word_of_trouble_comes_back(oa: Caller, typed: str) -> None:
    content = answered(oa, oa.call(oa.text(READER, typed)).text)["Content"]
    assert "请直接问您所在的工会" in content
    assert not re.search("困难|补助|救助|病|住院|欠薪|帮扶", content)


def test_a_human_is_the_federations_telephone(oa: Caller, world: World, sql: psycopg.Connection) -> None:
    assert "电话：" not in answered(oa, oa.call(oa.text(READER, "人工")).text)["Content"]
    sql.execute("UPDATE unions SET phone = '000-12345678' WHERE parent_id IS NULL")
    assert "000-12345678" in answered(oa, oa.call(oa.text(READER, "人工")).text)["Content"]


def test_menu_taps_and_new_followers_are_answered_and_the_mini_program_is_not(oa: Caller, client: FlaskClient) -> None:
    def said(body: dict[str, object]) -> str:
        return answered(oa, oa.call(body).text)["Content"]

    assert "请直接问您所在的工会" in said(oa.event("CLICK", READER, EventKey="aid"))
    assert "工会会员服务号" in said(oa.event("subscribe", READER, EventKey=""))
    assert oa.call(oa.event("CLICK", READER, EventKey="no such key")).text == "success"
    mini = Caller(client, appid=MP)
    assert mini.call(mini.text(READER, "卡")).text == "success"


def test_a_call_costs_three_statements_at_most(oa: Caller) -> None:
    oa.call(oa.event("subscribe", READER))
    for body, most in ((oa.event("unsubscribe", READER), 3), (oa.event("VIEW", READER), 1), (oa.text(READER, "卡"), 1)):
        with statements() as sent:
            assert oa.call(body).status_code == 200
        assert len(sent) <= most, sent


@pytest.mark.usefixtures("same_minute")
def test_wrong_calls_are_slowed_down_and_right_ones_are_not(oa: Caller, capsys: pytest.CaptureFixture[str]) -> None:
    statuses = [oa.send(b"<xml/>", {**oa.query(), "signature": "x"}).status_code for _ in range(40)]
    assert statuses == [403] * 30 + [429] * 10
    assert oa.call(oa.event("subscribe", READER)).status_code == 200
