"""The stand-in is as strict as the platform: what it must refuse, how it says so, in which form it answers."""

import http.client
import json
import re
from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

import pytest

from tests.partners.platform import PEOPLE, For, StandIn

LI = PEOPLE[0]
Ask = Callable[..., tuple[int, str, dict[str, object]]]


@pytest.fixture
def ask(platform: StandIn) -> Ask:
    def send(
        method: str, path: str, query: dict[str, str] | None = None, body: object = None, *, chunked: bool = False
    ) -> tuple[int, str, dict[str, object]]:
        connection = http.client.HTTPConnection(str(urlsplit(platform.url).netloc), timeout=60)
        raw = json.dumps(body).encode() if body is not None else None
        content = iter([raw]) if chunked and raw else raw
        connection.request(method, f"{path}?{urlencode(query or {})}", content, encode_chunked=chunked)
        answer = connection.getresponse()
        text = answer.read().decode()
        kind = answer.headers.get("Content-Type", "")
        connection.close()
        return answer.status, kind, json.loads(text) if text else {}

    return send


def _token_body(platform: StandIn, **other: object) -> dict[str, object]:
    app = platform.mini_program
    given = {"grant_type": "client_credential", "appid": app.appid, "secret": app.secret, "force_refresh": False}
    return {name: value for name, value in {**given, **other}.items() if value is not None}


@pytest.mark.parametrize(
    ("other", "errcode"),
    [
        ({"grant_type": "password"}, 40002),
        ({"appid": None}, 41002),
        ({"secret": None}, 41004),
        ({"appid": "wx0000000000000000"}, 40013),
        ({"secret": "0" * 32}, 40125),
        ({"force_refresh": 0}, 47001),
        ({"surprise": "x"}, 47001),
    ],
)
def test_a_wrong_request_for_a_token_is_200_with_the_right_code(
    platform: StandIn, ask: Ask, other: dict[str, object], errcode: int
) -> None:
    status, _, answer = ask("POST", "/cgi-bin/stable_token", body=_token_body(platform, **other))
    assert (status, answer["errcode"]) == (200, errcode)
    assert re.search(r"rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$", str(answer["errmsg"]))


def test_the_token_stays_while_it_is_good_and_its_time_runs(platform: StandIn, ask: Ask) -> None:
    first, second = (ask("POST", "/cgi-bin/stable_token", body=_token_body(platform))[2] for _ in range(2))
    assert first["access_token"] == second["access_token"]
    assert len(str(first["access_token"])) <= 512
    assert 7190 <= int(str(second["expires_in"])) <= 7200


def test_a_chunked_body_is_412(platform: StandIn, ask: Ask) -> None:
    assert ask("POST", "/cgi-bin/stable_token", body=_token_body(platform), chunked=True)[0] == 412


def test_a_wrong_method_is_said(platform: StandIn, ask: Ask) -> None:
    assert ask("GET", "/cgi-bin/stable_token")[2]["errcode"] == 43002
    assert ask("POST", "/sns/jscode2session", body={})[2]["errcode"] == 43001
    assert ask("GET", "/cgi-bin/nothing")[2]["errcode"] == 40066


def test_sign_in_answers_are_plain_text_and_a_code_works_once(platform: StandIn, ask: Ask) -> None:
    app = platform.mini_program
    code = platform.code(For.LOGIN, LI)
    query = {"appid": app.appid, "secret": app.secret, "js_code": code, "grant_type": "authorization_code"}
    status, kind, answer = ask("GET", "/sns/jscode2session", query)
    assert (status, kind.partition(";")[0]) == (200, "text/plain")
    assert set(answer) == {"openid", "session_key", "unionid"}
    assert ask("GET", "/sns/jscode2session", query)[2]["errcode"] == 40163
    assert ask("GET", "/sns/jscode2session", {**query, "js_code": "0" * 32})[2]["errcode"] == 40029
    assert ask("GET", "/sns/jscode2session", {**query, "access_token": "x"})[2]["errcode"] == 40097


def test_a_call_without_a_good_token_is_refused(platform: StandIn, ask: Ask) -> None:
    path, body = "/wxa/business/getuserphonenumber", {"code": platform.code(For.PHONE, LI)}
    assert ask("POST", path, body=body)[2]["errcode"] == 41001
    assert ask("POST", path, {"access_token": "old"}, body)[2]["errcode"] == 40001
    token = {"access_token": str(ask("POST", "/cgi-bin/stable_token", body=_token_body(platform))[2]["access_token"])}
    assert ask("POST", path, token, {"code": 7})[2]["errcode"] == 47001
    assert ask("POST", path, token, body)[2]["phone_info"]["purePhoneNumber"] == LI.phone  # type: ignore[index]


def test_the_page_insists_on_the_order_of_its_parameters(platform: StandIn) -> None:
    address = (
        f"{platform.url}/connect/oauth2/authorize?redirect_uri=https%3A%2F%2Fgh.example.cn%2Fwechat%2Fcallback"
        f"&appid={platform.official_account.appid}&response_type=code&scope=snsapi_base&state=ab#wechat_redirect"
    )
    with pytest.raises(AssertionError, match="this order"):
        platform.authorize(address, LI)
