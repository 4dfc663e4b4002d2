"""Our client sends: its token costs nothing for many in a row, what was lost is told from what was never sent; and the
thin calls beside it: who follows, QR codes, the menu, mass messages."""

import datetime

import psycopg
import pytest
from flask import Flask

from services.accounts.wechat import Failed, Platform, PlatformBusy, PlatformMisconfigured, PlatformTooOften
from services.core import clock
from tests.harness.statements import statements
from tests.harness.threads import connected_to, together
from tests.partners.conftest import Client
from tests.partners.platform import (
    MASS,
    PEOPLE,
    QR_CODE,
    TEMPLATE,
    USER_INFO,
    Fault,
    StandIn,
    Status,
    Trouble,
    template_id,
)

LI, ZHAO, SUN = PEOPLE
TOKEN = "/cgi-bin/stable_token"
PATH = TEMPLATE.removeprefix("/")


@pytest.fixture(autouse=True)
def context(app: Flask) -> object:
    with app.app_context():
        yield


@pytest.fixture
def official(app: Flask, platform: StandIn, client_of: Client) -> Platform:
    return client_of(platform.official_account)


def _body(platform: StandIn, **other: object) -> dict[str, object]:
    data = {"thing1": "您好", "time2": "2026-11-20 12:05", "thing3": "请打开看看"}
    given: dict[str, object] = {
        "touser": LI.openid(platform.official_account.appid), "template_id": template_id("task"),
        "data": {key: {"value": text} for key, text in data.items()},
    }  # fmt: skip
    return {**given, **other}


def test_of_many_sends_in_a_row_only_the_first_asks_the_database(official: Platform, platform: StandIn) -> None:
    platform.follow(LI)
    official.token()
    with statements() as asked:
        first = official.ask(PATH, _body(platform))
    assert isinstance(first, dict) and len(asked) == 1
    with statements() as asked:
        answers = [official.ask(PATH, _body(platform)) for _ in range(20)]
    assert [type(answer) for answer in answers] == [dict] * 20
    assert asked == []
    assert platform.calls[TOKEN] == 1


def test_the_token_at_hand_is_used_for_a_few_seconds_only(
    official: Platform, platform: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.follow(LI)
    official.ask(PATH, _body(platform))
    later = clock.now() + datetime.timedelta(seconds=6)
    monkeypatch.setattr(clock, "now", lambda: later)
    with statements() as asked:
        official.ask(PATH, _body(platform))
    assert len(asked) == 1


def test_a_refused_token_is_dropped_and_the_one_that_another_process_fetched_is_taken(
    official: Platform, platform: StandIn, client_of: Client
) -> None:
    platform.follow(LI)
    official.ask(PATH, _body(platform))
    old = official.token()
    platform.revoke(platform.official_account.appid)
    client_of(platform.official_account).token(rejected=old)
    assert isinstance(official.ask(PATH, _body(platform)), dict)
    assert platform.calls[TOKEN] == 2, "the other's, and no third"
    with statements() as asked:
        official.ask(PATH, _body(platform))
    assert asked == []


def test_threads_that_are_refused_together_fetch_one_token(
    app: Flask, official: Platform, platform: StandIn, sql: psycopg.Connection
) -> None:
    platform.follow(LI)
    official.ask(PATH, _body(platform))
    platform.revoke(platform.official_account.appid)

    def send() -> object:
        with app.app_context():
            return official.ask(PATH, _body(platform))

    with connected_to(app):
        answers = together(*[send] * 12)
    assert [type(answer) for answer in answers] == [dict] * 12
    assert platform.calls[TOKEN] == 2


@pytest.mark.parametrize(
    ("fault", "lost", "status"),
    [
        (Fault.LOST, True, None),
        (Fault.LOST_HALF, True, None),
        (Fault.LATE, True, None),
        (Fault.HANG, True, None),
        (Fault.NOT_JSON, True, None),
        (Fault.A_LIST, True, None),
        (Status(504), True, 504),
        (Status(502), False, 502),
        (Status(302), False, 302),
        (Status(412), False, 412),
    ],
    ids=str,
)
def test_what_may_have_arrived_is_told_from_what_did_not(
    official: Platform, platform: StandIn, fault: Trouble, lost: bool, status: int | None
) -> None:
    platform.follow(LI)
    platform.fail(TEMPLATE, fault)
    answer = official.ask(PATH, _body(platform))
    assert isinstance(answer, Failed)
    assert (answer.errcode, answer.status, answer.lost) == (None, status, lost)


def test_a_refusal_says_its_code_its_request_and_its_field(official: Platform, platform: StandIn) -> None:
    platform.follow(LI)
    answer = official.ask(PATH, _body(platform, data={"thing1": {"value": "字" * 21}}))
    assert isinstance(answer, Failed)
    assert (answer.errcode, answer.status, answer.field, answer.lost) == (47003, 200, "thing1", False)
    assert answer.rid


def test_a_body_that_cannot_be_written_is_our_fault_and_was_not_sent(official: Platform, platform: StandIn) -> None:
    assert official.ask(PATH, _body(platform, url="\ud800")) == Failed(None, status=400)
    assert platform.calls[TEMPLATE] == 0


def test_who_follows_is_asked_and_nobody_knows_when_the_platform_does_not_say(
    official: Platform, platform: StandIn
) -> None:
    openid = LI.openid(platform.official_account.appid)
    assert official.follows(openid) is False
    platform.follow(LI)
    assert official.follows(openid) is True
    assert official.follows("o" * 28) is None
    platform.fail(USER_INFO, Fault.BUSY, Fault.BUSY)
    assert official.follows(openid) is None
    platform.fail(USER_INFO, Fault.HANG)
    assert official.follows(openid) is None


def test_a_qr_code_brings_its_scene(official: Platform, platform: StandIn) -> None:
    assert platform.scenes[official.qr_ticket("k7m3", 1800)] == "k7m3"
    platform.fail(QR_CODE, Status(502))
    assert platform.scenes[official.qr_ticket("k7m4", 1800)] == "k7m4", "repeated once"
    for fault, kind in ((Fault.HANG, PlatformBusy), (45009, PlatformTooOften), (48001, PlatformMisconfigured)):
        platform.fail(QR_CODE, fault)
        with pytest.raises(kind):
            official.qr_ticket("k7m5", 1800)


def test_a_menu_is_published_in_real_letters(official: Platform, platform: StandIn) -> None:
    card = {"type": "view", "name": "会员卡", "url": "https://gh.example.cn/my/card"}
    more = {"name": "更多", "sub_button": [{"type": "click", "name": "找人帮忙", "key": "human"}]}
    official.publish_menu([card, more])
    assert platform.menu == [card, more]
    with pytest.raises(PlatformMisconfigured):
        official.publish_menu([{**card, "name": "名字太长的菜单"}])
    assert platform.menu == [card, more]


def test_a_mass_message_goes_out_once_for_its_id(official: Platform, platform: StandIn) -> None:
    people = [person.openid(platform.official_account.appid) for person in (LI, ZHAO)]
    for person in (LI, ZHAO):
        platform.follow(person)
    platform.fail(MASS, Fault.LOST)
    lost = official.mass(people, "工会通知", "n7-1")
    assert isinstance(lost, Failed) and lost.lost
    again = official.mass(people, "工会通知", "n7-1")
    assert again == str(platform.sent[0].msgid), "the first one's id"
    assert [sent.openid for sent in platform.sent] == people
    assert isinstance(official.mass(people, "又一条", "n7-2"), str)
    failed = official.mass(people[:1], "只有一个人", "n7-3")
    assert isinstance(failed, Failed) and failed.errcode == 40130


def test_the_months_mass_messages_are_used_up(official: Platform, platform: StandIn) -> None:
    people = [person.openid(platform.official_account.appid) for person in (LI, ZHAO)]
    for person in (LI, ZHAO):
        platform.follow(person)
    said = [official.mass(people, "工会通知", f"n{number}") for number in range(5)]
    assert [isinstance(one, str) for one in said] == [True] * 4 + [False]
    assert isinstance(said[4], Failed) and said[4].errcode == 45028
