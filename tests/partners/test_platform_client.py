"""Our client against the strict stand-in: what it asks, what it makes of each answer, what never leaks."""

import contextlib
import datetime
import hashlib
import logging
import subprocess
import sys
import traceback

import psycopg
import pytest
from flask import Flask

from app.settings import PROJECT
from services.accounts.service import lending
from services.accounts.wechat import (
    Platform,
    PlatformBusy,
    PlatformCodeRefused,
    PlatformMisconfigured,
    PlatformTooOften,
    PlatformUserRefused,
    WechatUser,
)
from services.core import clock
from services.core.db import db
from services.core.errors import DomainError, Invalid
from tests.harness.threads import connected_to, together
from tests.partners import platform as stand_in
from tests.partners.conftest import Client
from tests.partners.platform import PEOPLE, Fault, For, Person, StandIn

LI, ZHAO, SUN = PEOPLE
TOKEN, TICKET = "/cgi-bin/stable_token", "/cgi-bin/ticket/getticket"
LOGIN, PAGE, PHONE = "/sns/jscode2session", "/sns/oauth2/access_token", "/wxa/business/getuserphonenumber"


@pytest.fixture
def mini(app: Flask, platform: StandIn, client_of: Client) -> Platform:
    return client_of(platform.mini_program)


@pytest.fixture
def pages(app: Flask, platform: StandIn, client_of: Client) -> Platform:
    return client_of(platform.official_account)


@pytest.fixture(autouse=True)
def context(app: Flask) -> object:
    with app.app_context():
        yield


def test_a_login_code_tells_who_it_is_without_any_token(mini: Platform, platform: StandIn) -> None:
    found = mini.code_to_session(platform.code(For.LOGIN, LI))
    assert found == WechatUser(platform.mini_program.appid, LI.openid(platform.mini_program.appid), "u-li-chunmei")
    assert platform.seen == [f"GET {LOGIN}"]


def test_a_person_without_unionid_has_none(mini: Platform, platform: StandIn) -> None:
    assert mini.code_to_session(platform.code(For.LOGIN, ZHAO)).unionid is None


def test_a_phone_is_read_with_the_token(mini: Platform, platform: StandIn) -> None:
    assert mini.phone_number(platform.code(For.PHONE, LI)) == "10012345678"
    assert platform.seen == [f"POST {TOKEN}", f"POST {PHONE}"]
    assert mini.phone_number(platform.code(For.PHONE, ZHAO)) == "10022223333"
    assert platform.calls[TOKEN] == 1, "the token is kept"


def test_a_code_from_a_page_tells_who_it_is(pages: Platform, platform: StandIn) -> None:
    address = pages.authorize_url(redirect_uri="https://gh.example.cn/wechat/callback", state="ab12")
    code = platform.authorize(address, LI).partition("code=")[2].partition("&")[0]
    assert pages.oauth_openid(code).openid == LI.openid(platform.official_account.appid)


@pytest.mark.parametrize("how", ["used", "expired", "foreign", "of another kind", "invented"])
def test_a_code_that_is_no_good_is_refused_and_asked_once(mini: Platform, platform: StandIn, how: str) -> None:
    code = {
        "used": lambda: platform.code(For.LOGIN, LI),
        "expired": lambda: platform.code(For.LOGIN, LI, age=301),
        "foreign": lambda: platform.code(For.LOGIN, LI, appid=platform.official_account.appid),
        "of another kind": lambda: platform.code(For.PHONE, LI),
        "invented": lambda: "0123456789abcdef",
    }[how]()
    if how == "used":
        mini.code_to_session(code)
    before = platform.calls[LOGIN]
    with pytest.raises(PlatformCodeRefused):
        mini.code_to_session(code)
    assert platform.calls[LOGIN] == before + 1


def test_one_phone_code_used_twice_is_refused(mini: Platform, platform: StandIn) -> None:
    code = platform.code(For.PHONE, LI)
    mini.phone_number(code)
    with pytest.raises(PlatformCodeRefused):
        mini.phone_number(code)


def test_a_snapshot_user_is_nobody(pages: Platform, platform: StandIn) -> None:
    with pytest.raises(PlatformUserRefused) as refused:
        pages.oauth_openid(platform.code(For.PAGE, LI, snapshot=True))
    assert refused.value.code == "wechat_snapshot"


def test_a_phone_with_the_watermark_of_another_app_is_refused(mini: Platform, platform: StandIn) -> None:
    platform.fail(PHONE, Fault.OTHER_WATERMARK)
    with pytest.raises(PlatformCodeRefused):
        mini.phone_number(platform.code(For.PHONE, LI))


def test_a_phone_of_another_country_is_none_of_ours(mini: Platform, platform: StandIn) -> None:
    with pytest.raises(Invalid) as refused:
        mini.phone_number(platform.code(For.PHONE, Person("Ada", "5550100", country="44")))
    assert refused.value.code == "phone_malformed"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.BUSY, PlatformBusy),
        (Fault.SERVER_ERROR, PlatformBusy),
        (Fault.NOT_JSON, PlatformBusy),
        (Fault.A_LIST, PlatformBusy),
        (Fault.HALF, PlatformBusy),
        (Fault.HANG, PlatformBusy),
        (Fault.TOO_OFTEN, PlatformTooOften),
        (Fault.RISKY, PlatformUserRefused),
    ],
)
@pytest.mark.parametrize("call", [LOGIN, PAGE, PHONE])
def test_a_call_with_a_code_is_never_repeated(
    mini: Platform, pages: Platform, platform: StandIn, fault: Fault, kind: type[DomainError], call: str
) -> None:
    ask = {
        LOGIN: lambda: mini.code_to_session(platform.code(For.LOGIN, LI)),
        PAGE: lambda: pages.oauth_openid(platform.code(For.PAGE, LI)),
        PHONE: lambda: mini.phone_number(platform.code(For.PHONE, LI)),
    }[call]
    platform.fail(call, fault)
    with pytest.raises(kind):
        ask()
    assert platform.calls[call] == 1


@pytest.mark.parametrize("fault", [Fault.BUSY, Fault.SERVER_ERROR])
def test_fetching_the_token_is_repeated_once_when_the_platform_is_busy(
    mini: Platform, platform: StandIn, fault: Fault
) -> None:
    platform.fail(TOKEN, fault)
    assert mini.token() == platform.tokens[platform.mini_program.appid][0]
    platform.revoke(platform.mini_program.appid)
    platform.fail(TOKEN, fault, fault)
    with pytest.raises(PlatformBusy):
        mini.token(rejected=mini.token())
    assert platform.calls[TOKEN] == 4
    assert mini.token(), "the lease was given back"


def test_a_rejected_token_is_renewed_and_the_call_repeated_once(mini: Platform, platform: StandIn) -> None:
    first = mini.token()
    platform.revoke(platform.mini_program.appid)
    assert mini.phone_number(platform.code(For.PHONE, LI)) == "10012345678"
    assert (platform.calls[PHONE], platform.calls[TOKEN]) == (2, 2)
    assert mini.token() != first


def test_a_token_that_is_rejected_again_and_again_ends_in_an_error(mini: Platform, platform: StandIn) -> None:
    platform.fail(PHONE, Fault.REVOKED, Fault.REVOKED)
    with pytest.raises(PlatformMisconfigured):
        mini.phone_number(platform.code(For.PHONE, LI))
    assert (platform.calls[PHONE], platform.calls[TOKEN]) == (2, 2)


def test_only_the_token_that_is_still_stored_is_renewed(mini: Platform, platform: StandIn) -> None:
    first = mini.token()
    platform.revoke(platform.mini_program.appid)
    second = mini.token(rejected=first)
    assert mini.token(rejected=first) == second, "somebody was told late: the new one is there already"
    assert platform.calls[TOKEN] == 2


@pytest.mark.parametrize("wrong", ["secret", "appid", "address"])
def test_what_an_operator_must_mend_says_so(platform: StandIn, client_of: Client, wrong: str) -> None:
    app = platform.mini_program
    if wrong == "address":
        platform.whitelisted = False
    ours = {"secret": type(app)(app.appid, "0" * 32), "appid": type(app)("wx" + "9" * 16, app.secret)}.get(wrong, app)
    with pytest.raises(PlatformMisconfigured):
        client_of(ours).token()
    assert platform.calls[TOKEN] == 1


def test_a_page_is_signed_with_a_ticket_that_is_kept(pages: Platform, platform: StandIn) -> None:
    signed = pages.jsapi_signature("https://gh.example.cn/shop/?a=1#top")
    ticket = platform.tickets[platform.official_account.appid]
    text = f"jsapi_ticket={ticket}&noncestr={signed.nonce}&timestamp={signed.timestamp}&url=https://gh.example.cn/shop/?a=1"
    assert signed.signature == hashlib.sha1(text.encode()).hexdigest()
    pages.jsapi_signature("https://gh.example.cn/shop/")
    assert (platform.calls[TICKET], platform.calls[TOKEN]) == (1, 1)


def test_a_token_is_renewed_five_minutes_before_its_end(
    mini: Platform, platform: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    mini.token()
    later = clock.now() + datetime.timedelta(seconds=7200 - 299)
    monkeypatch.setattr(clock, "now", lambda: later)
    mini.token()
    assert platform.calls[TOKEN] == 2


@pytest.mark.parametrize("fault", [*Fault, None])
def test_no_error_and_no_log_carries_a_secret(
    mini: Platform, platform: StandIn, fault: Fault | None, caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    chained: list[object] = []
    code = platform.code(For.LOGIN, LI)
    for path, ask in (
        (LOGIN, lambda: mini.code_to_session(code)), (TOKEN, mini.token),
        (PHONE, lambda: mini.phone_number(platform.code(For.PHONE, LI))),
    ):  # fmt: skip
        if fault:
            platform.fail(path, fault, fault)
        try:
            ask()
        except DomainError as error:
            said += ["".join(traceback.format_exception(error)), repr(error), repr(error.facts)]
            chained += [error.__context__, error.__cause__]
    assert chained == [None] * len(chained)
    assert bool(said) == (fault is not None)
    everything = "\n".join(said) + caplog.text + "".join(capsys.readouterr())
    hidden = [platform.mini_program.secret, code, LI.openid(platform.mini_program.appid), "access_token="]
    hidden += [token for token, _ in platform.tokens.values()]
    assert [word for word in hidden if word in everything] == []


def test_the_token_is_sealed_where_it_is_stored(mini: Platform, platform: StandIn, sql: psycopg.Connection) -> None:
    token = mini.token().encode()
    rows = sql.execute("SELECT value, leased_until, lease_holder FROM platform_values").fetchall()
    assert len(rows) == 1
    assert token not in rows[0][0] and rows[0][1:] == (None, None)


def test_no_database_connection_is_held_while_the_platform_is_asked(
    app: Flask, mini: Platform, platform: StandIn, sql: psycopg.Connection
) -> None:
    db.session.execute(db.text("SELECT 1"))  # what a guard's look-up leaves behind
    held: list[int] = []
    answer = platform.answer

    def looked(*args: object) -> dict[str, object]:
        held.append(db.engine.pool.checkedout())  # type: ignore[attr-defined]
        return answer(*args)  # type: ignore[arg-type]

    platform.answer = lambda *args: _in_context(app, looked, *args)  # type: ignore[method-assign]
    mini.phone_number(platform.code(For.PHONE, LI))
    assert held == [0, 0]


def _in_context(app: Flask, work: object, *args: object) -> dict[str, object]:
    with app.app_context():
        return work(*args)  # type: ignore[operator, no-any-return]


@pytest.fixture
def process_environment(environment: dict[str, str], platform: StandIn) -> dict[str, str]:
    return {**environment, **stand_in.environment(platform), "PATH": "/usr/bin:/bin"}


def _start(environment: dict[str, str], what: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.partners.fetch_token", what]
    return subprocess.Popen(
        command, env=environment, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )


def test_thirty_two_threads_in_four_processes_fetch_one_token(
    app: Flask, platform: StandIn, process_environment: dict[str, str]
) -> None:
    def heard() -> list[list[str]]:
        return [process.stdout.readline().split() for process in processes if process.stdout]

    def all_at_once(rejected: str = "") -> set[str]:
        for process in processes:
            print(rejected, file=process.stdin)
        said = heard()
        assert [len(tokens) for tokens in said] == [8] * 4
        return {token for tokens in said for token in tokens}

    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(_start(process_environment, "ask")) for _ in range(4)]
        assert heard() == [["ready"]] * 4
        (first,) = all_at_once()
        assert platform.calls[TOKEN] == 1

        platform.revoke(platform.mini_program.appid)
        (second,) = all_at_once(first)
        assert second != first
        assert platform.calls[TOKEN] == 2
    assert [process.returncode for process in processes] == [0] * 4


def test_a_process_that_dies_renewing_holds_the_others_up_for_its_lease(
    app: Flask, platform: StandIn, client_of: Client, process_environment: dict[str, str], sql: psycopg.Connection
) -> None:
    platform.fail(TOKEN, Fault.HANG)
    process = _start(process_environment, "hold")
    assert platform.hanging.wait(60), "the process holds the lease and waits for the platform"
    process.kill()
    process.communicate()
    with connected_to(app):
        tokens = together(*[lambda: _token(app, client_of(platform.mini_program))] * 8)
    assert len(set(tokens)) == 1
    assert platform.calls[TOKEN] == 2


def test_whoever_waits_too_long_is_told_so(
    app: Flask, mini: Platform, platform: StandIn, monkeypatch: pytest.MonkeyPatch, sql: psycopg.Connection
) -> None:
    monkeypatch.setattr("services.accounts.wechat.loans.PATIENCE", 0.3)
    sql.execute(
        "INSERT INTO platform_values (appid, kind, leased_until) "
        "VALUES (%s, 'access_token', now() + interval '1 hour')",
        [platform.mini_program.appid],
    )
    with pytest.raises(PlatformBusy):
        mini.token()
    assert platform.calls[TOKEN] == 0


def test_a_lease_is_short() -> None:
    assert datetime.timedelta(seconds=5) < lending.LEASE <= datetime.timedelta(seconds=10)


def _token(app: Flask, client: Platform) -> str:
    with app.app_context():
        return client.token()
