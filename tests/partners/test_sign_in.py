"""Every way in over HTTP, with the stand-in as the platform: mini program, WeChat's browser, a code to the phone."""

import dataclasses
import datetime
import uuid
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.partners import page_signature
from services.core import clock
from services.core.errors import Invalid, Unavailable
from tests.builders.binding import PHONE, Binding
from tests.builders.world import World
from tests.http.pages import Reader
from tests.partners.inbox import SentCodes
from tests.partners.platform import PEOPLE, Fault, For, Person, StandIn

LI, ZHAO, _ = PEOPLE
WECHAT = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) Chrome/116 Mobile MicroMessenger/8.0.50"}
LOGIN, PAGE = "/sns/jscode2session", "/sns/oauth2/access_token"


@pytest.fixture
def world(connected: Flask) -> World:
    return World(connected)


@pytest.fixture
def binding(world: World) -> Binding:
    return Binding(world)


@pytest.fixture
def client(connected: Flask) -> FlaskClient:
    return connected.test_client()


def _way(client: FlaskClient) -> str:
    """Where WeChat's browser is sent."""
    answer = client.get("/wechat/sign-in", headers=WECHAT)
    assert answer.status_code == 302
    return answer.location


def _back(client: FlaskClient, platform: StandIn, person: Person = LI, **how: bool) -> str:
    """The path to which the platform sends the browser back."""
    return platform.authorize(_way(client), person, **how).removeprefix("http://127.0.0.1:8000")


def _session(client: FlaskClient) -> bool:
    return client.get_cookie("gonghui") is not None


def _mini(client: FlaskClient, code: str) -> TestResponse:
    return client.post("/api/v1/session/mini-program", json={"code": code})


# --- mini program


def test_a_mini_program_signs_a_visitor_in_and_after_binding_the_member(
    client: FlaskClient, platform: StandIn, binding: Binding
) -> None:
    _, document = binding.rostered(phone=LI.phone)
    visitor = _mini(client, platform.code(For.LOGIN, LI)).json
    assert visitor and visitor["persona"] == "visitor"
    bearer = {"Authorization": f"Bearer {visitor['token']}"}
    code = {"code": platform.code(For.PHONE, LI)}
    proven = client.post("/api/v1/binding/phone/mini-program", json=code, headers=bearer)
    assert proven.json == {"proven_phone": "100****5678"}
    said = {
        "name": LI.name, "document_type": "mainland", "document_number": document,
        "union_id": str(binding.world.union.id), "consent_version": "2026-11",
    }  # fmt: skip
    bound = client.post("/api/v1/binding", json=said, headers=bearer)
    assert bound.status_code == 201 and bound.json
    assert (bound.json["state"], bound.json["session"]["persona"]) == ("bound", "member")
    assert client.get("/api/v1/binding", headers=bearer).status_code == 401, "the visitor's token has ended"
    token = {"Authorization": f"Bearer {bound.json['session']['token']}"}
    assert client.get("/api/v1/me", headers=token).status_code == 200
    again = _mini(client, platform.code(For.LOGIN, LI)).json
    assert again and again["persona"] == "member"


def test_a_login_code_is_good_once(client: FlaskClient, platform: StandIn) -> None:
    code = platform.code(For.LOGIN, LI)
    assert _mini(client, code).status_code == 201
    again = _mini(client, code)
    assert (again.status_code, again.json["code"]) == (422, "wechat_code_refused")  # type: ignore[index]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (Fault.HANG, 503, "wechat_busy"),
        (Fault.HALF, 503, "wechat_busy"),
        (Fault.NOT_JSON, 503, "wechat_busy"),
        (Fault.TOO_OFTEN, 503, "wechat_too_often"),
        (Fault.RISKY, 403, "wechat_user_risky"),
    ],
)
def test_a_platform_in_trouble_is_said_in_words(
    client: FlaskClient, platform: StandIn, sql: psycopg.Connection, fault: Fault, status: int, code: str
) -> None:
    platform.fail(LOGIN, fault)
    answer = _mini(client, platform.code(For.LOGIN, LI))
    assert (answer.status_code, answer.json["code"]) == (status, code)  # type: ignore[index]
    assert sql.execute("SELECT count(*) FROM accounts").fetchone() == (0,)


def test_the_same_person_comes_back_to_the_same_account(
    client: FlaskClient, platform: StandIn, sql: psycopg.Connection
) -> None:
    for _ in range(3):
        assert _mini(client, platform.code(For.LOGIN, LI)).status_code == 201
    client.get(_back(client, platform))
    assert sql.execute("SELECT count(*) FROM accounts").fetchone() == (2,), "pages give no unionid with snsapi_base"
    rows = str(sql.execute("SELECT * FROM wechat_identities").fetchall())
    assert not [openid for openid in map(LI.openid, platform.apps) if openid in rows]


# --- WeChat's browser


def test_wechats_browser_is_signed_in_and_goes_on_to_the_binding(client: FlaskClient, platform: StandIn) -> None:
    answer = client.get(_back(client, platform), headers=WECHAT)
    assert (answer.status_code, answer.location) == (303, "/binding")
    assert _session(client)
    assert "验证手机号" in client.get("/binding").text


def test_a_bound_member_comes_in_as_a_member(client: FlaskClient, platform: StandIn, binding: Binding) -> None:
    _, document = binding.rostered()
    openid = LI.openid(platform.official_account.appid)
    binding.claim(binding.visitor(openid=openid, appid=platform.official_account.appid), document)
    answer = client.get(_back(client, platform), headers=WECHAT)
    assert answer.location == "/"
    assert client.get("/").status_code == 200


def test_the_session_is_a_new_one(client: FlaskClient, platform: StandIn, world: World) -> None:
    before = world.token(world.member())
    client.set_cookie("gonghui", before)
    client.get(_back(client, platform), headers=WECHAT)
    cookie = client.get_cookie("gonghui")
    assert cookie and cookie.value != before
    assert client.get("/api/v1/me", headers={"Authorization": f"Bearer {before}"}).status_code == 401


def test_another_browser_is_not_offered_the_way(client: FlaskClient) -> None:
    answer = client.get("/wechat/sign-in", headers={"User-Agent": "Mozilla/5.0 Chrome/120"})
    assert (answer.status_code, answer.location) == (303, "/sign-in")
    assert "/wechat/sign-in" not in client.get("/sign-in").text
    assert "/wechat/sign-in" in client.get("/sign-in", headers=WECHAT).text


@pytest.mark.parametrize("how", ["missing", "foreign", "reused", "another browser", "late", "no code", "invented"])
def test_a_way_back_that_is_not_ours_is_400_and_no_session(
    client: FlaskClient, connected: Flask, platform: StandIn, how: str, at: Callable[..., None]
) -> None:
    path = _back(client, platform)
    if how == "missing":
        path = path.partition("&state=")[0]
    elif how == "foreign":
        path = (
            path.partition("&state=")[0] + "&state=" + _back(connected.test_client(), platform).partition("state=")[2]
        )
    elif how == "reused":
        client.get(path, headers=WECHAT)
        client.delete_cookie("gonghui")
    elif how == "another browser":
        client = connected.test_client()
        _way(client)
    elif how == "late":
        at(clock.now() + datetime.timedelta(minutes=10))
    elif how == "no code":
        path = "/wechat/callback?state=" + path.partition("state=")[2]
    else:
        path = path.partition("&state=")[0] + "&state=" + "0" * 32
    asked = platform.calls[PAGE]
    answer = client.get(path, headers=WECHAT)
    assert answer.status_code == 400
    assert not _session(client)
    assert platform.calls[PAGE] == asked, "the code is not even looked at"
    assert "重新登录" in answer.text


def test_nobody_is_sent_to_another_site(client: FlaskClient, platform: StandIn) -> None:
    path = _back(client, platform) + "&next=https://evil.example&redirect_uri=https://evil.example"
    assert client.get(path, headers=WECHAT).location == "/binding"


def test_a_snapshot_user_gets_no_account(client: FlaskClient, platform: StandIn, sql: psycopg.Connection) -> None:
    answer = client.get(_back(client, platform, snapshot=True), headers=WECHAT)
    assert answer.status_code == 403
    assert not _session(client)
    assert "快照" in answer.text
    assert sql.execute("SELECT count(*) FROM accounts").fetchone() == (0,)


def test_the_platforms_file_is_served_at_the_root(
    client: FlaskClient, connected: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/MP_verify_x1.txt").status_code == 404
    with_file = dataclasses.replace(connected.config["SETTINGS"], wechat_verify_file=("MP_verify_x1.txt", "x1"))
    monkeypatch.setitem(connected.config, "SETTINGS", with_file)
    assert client.get("/MP_verify_x1.txt").text == "x1"
    assert client.get("/MP_verify_x2.txt").status_code == 404


# --- a code to the phone


def _ask(client: FlaskClient, phone: str = PHONE, purpose: str = "sign_in") -> TestResponse:
    return client.post("/api/v1/phone-codes", json={"phone": phone, "purpose": purpose})


def _use(client: FlaskClient, request: str, code: str) -> TestResponse:
    return client.post("/api/v1/session/phone", json={"request": request, "code": code})


def test_a_code_signs_in_the_member_of_that_phone(client: FlaskClient, binding: Binding, sent: SentCodes) -> None:
    _, document = binding.rostered()
    binding.claim(binding.visitor(openid="o-1"), document)
    reader = Reader(client, binding.world)
    answer = reader.send(reader.open("/sign-in"), "/sign-in/code", phone=" +86 100-1234-5678 ")
    assert answer.location == "/sign-in/code"
    page = reader.open("/sign-in/code")
    assert "100****5678" in page and PHONE not in page
    answer = reader.send(page, "/check", code=sent.last)
    assert answer.location == "/"
    assert sent.codes[0][0] == PHONE
    assert "李春梅" in reader.open("/")


def test_whoever_is_not_bound_goes_on_to_the_binding(client: FlaskClient, world: World, sent: SentCodes) -> None:
    reader = Reader(client, world)
    reader.send(reader.open("/sign-in"), "/sign-in/code", phone=PHONE)
    answer = reader.send(reader.open("/sign-in/code"), "/check", code=sent.last)
    assert answer.location == "/binding"
    assert "第二步" in reader.open("/binding"), "the phone is proven already"


def test_known_and_unknown_phones_get_the_same_answer(client: FlaskClient, binding: Binding, sent: SentCodes) -> None:
    _, document = binding.rostered()
    binding.claim(binding.visitor(), document)
    shapes = []
    for phone in (PHONE, "10088887777"):
        answer = _ask(client, phone)
        assert answer.json
        shapes.append((answer.status_code, sorted(answer.json), len(answer.json["request"])))
    assert shapes[0] == shapes[1]
    assert len(sent.codes) == 2


def test_a_code_is_good_once_for_its_browser_and_its_purpose(
    client: FlaskClient, world: World, sent: SentCodes
) -> None:
    mine, other = _ask(client).json, _ask(client, "10088887777").json
    assert mine and other
    code = sent.codes[0][1]
    assert _use(client, other["request"], code).status_code == 409, "another request's"
    visitor = world.bearer(world.visitor())
    typed = {"request": mine["request"], "code": code}
    assert client.post("/api/v1/binding/phone", json=typed, headers=visitor).json["code"] == "phone_code_over"  # type: ignore[index]
    assert _use(client, mine["request"], code).status_code == 201
    assert _use(client, mine["request"], code).json["code"] == "phone_code_over"  # type: ignore[index]


def test_five_wrong_tries_end_a_code(client: FlaskClient, sent: SentCodes) -> None:
    asked = _ask(client).json
    assert asked
    wrong = f"{(int(sent.last) + 1) % 10**6:06d}"
    said = [_use(client, asked["request"], wrong).json["code"] for _ in range(5)]  # type: ignore[index]
    assert said == ["phone_code_wrong"] * 4 + ["phone_code_over"]
    assert _use(client, asked["request"], sent.last).status_code == 409


def test_a_code_lives_five_minutes(client: FlaskClient, sent: SentCodes, at: Callable[..., None]) -> None:
    asked = _ask(client).json
    assert asked
    at(clock.now() + datetime.timedelta(minutes=5))
    assert _use(client, asked["request"], sent.last).json["code"] == "phone_code_over"  # type: ignore[index]


def test_one_code_a_minute_five_an_hour_ten_a_day(
    client: FlaskClient, connected: Flask, sent: SentCodes, at: Callable[..., None]
) -> None:
    begin = datetime.datetime(2026, 11, 20, 2, 0, tzinfo=datetime.UTC)

    def ask(minutes: int) -> int:
        at(begin + datetime.timedelta(minutes=minutes))
        for limiter in connected.extensions["limiter"]:
            limiter.reset()
        return _ask(client).status_code

    assert [ask(0), ask(0)] == [201, 429]
    assert [ask(minute) for minute in (1, 2, 3, 4, 5)] == [201] * 4 + [429]
    assert [ask(60 + minute) for minute in (1, 2, 3, 4, 5)] == [201] * 5
    assert ask(120) == 429, "ten were sent today"
    assert len(sent.codes) == 10
    answer = _ask(client)
    assert int(answer.headers["Retry-After"]) > 0


def test_all_phones_together_have_a_budget(
    client: FlaskClient, connected: Flask, monkeypatch: pytest.MonkeyPatch, sent: SentCodes, at: Callable[..., None]
) -> None:
    at(clock.now())
    settings = dataclasses.replace(connected.config["SETTINGS"], phone_codes_per_minute=3)
    monkeypatch.setitem(connected.config, "SETTINGS", settings)
    assert [_ask(client, f"1000000000{turn}").status_code for turn in range(5)] == [201] * 3 + [429] * 2
    assert len(sent.codes) == 3


def test_a_number_that_is_none_is_said_so(client: FlaskClient, sent: SentCodes, world: World) -> None:
    assert _ask(client, "12345").json["code"] == "phone_malformed"  # type: ignore[index]
    reader = Reader(client, world)
    answer = reader.send(reader.open("/sign-in"), "/sign-in/code", phone="12345")
    assert answer.status_code == 422
    assert 'value="12345"' in answer.text and "11 位" in answer.text
    assert sent.codes == []


def test_a_code_whose_job_cannot_be_posted_is_not_made(
    client: FlaskClient, sent: SentCodes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
    sql: psycopg.Connection,
) -> None:  # fmt: skip
    def fails(*, code_id: uuid.UUID, phone: str, code: str) -> None:
        raise Unavailable("database_away")

    monkeypatch.setattr(sent, "send", fails)
    answer = _ask(client)
    assert (answer.status_code, answer.json["code"]) == (503, "database_away")  # type: ignore[index]
    assert sql.execute("SELECT count(*) FROM phone_codes").fetchone() == (0,)
    assert PHONE not in "".join(capsys.readouterr())


def test_without_a_sender_the_page_says_so(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    partners = dataclasses.replace(app.extensions["partners"], codes=None, official_account=None)
    monkeypatch.setitem(app.extensions, "partners", partners)
    settings = dataclasses.replace(app.config["SETTINGS"], demo=False)
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    client = app.test_client()
    page = client.get("/sign-in").text
    assert "暂时不能登录" in page and 'name="phone"' not in page
    assert _ask(client).json["code"] == "phone_codes_not_set_up"  # type: ignore[index]


def test_the_database_knows_neither_phone_nor_code(
    client: FlaskClient, binding: Binding, sent: SentCodes, sql: psycopg.Connection
) -> None:
    member_id, document = binding.rostered()
    binding.claim(binding.visitor(openid="o-1"), document)
    asked = _ask(client).json
    assert asked
    _use(client, asked["request"], sent.last)
    tables = ("phone_codes", "proven_phones", "spendings", "audit_entries", "procrastinate_jobs", "binding_requests")
    dump = "".join(str(sql.execute(f"SELECT * FROM {table}").fetchall()) for table in tables)
    assert str(member_id) in dump
    assert [word for word in (PHONE, sent.last, document, asked["request"], "李春梅") if word in dump] == []


def test_only_pages_of_our_own_address_are_signed(connected: Flask, platform: StandIn) -> None:
    with connected.test_request_context():
        signed = page_signature("http://127.0.0.1:8000/shop/")
        assert signed.appid == platform.official_account.appid
        for foreign in ("http://127.0.0.1:8000.evil.example/", "https://evil.example/", "//127.0.0.1:8000/"):
            with pytest.raises(Invalid):
                page_signature(foreign)
