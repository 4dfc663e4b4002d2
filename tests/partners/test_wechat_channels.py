"""Each channel of WeChat against the strict stand-in, over real HTTP: what arrives, and what becomes of every fault."""

import threading
import time
import uuid
from collections.abc import Callable

import pytest
from flask import Flask

from services.accounts.wechat import wire
from services.notifications.ports import Effect, Outgoing, Port, Result
from services.notifications.types import Channel, DeliveryId, DeliveryStatus
from services.notifications.wechat import MpSubscribePort, OaSubscribePort, TemplatePort
from tests.harness.threads import together
from tests.partners.conftest import Client
from tests.partners.platform import (
    BIZSEND,
    PEOPLE,
    SUBSCRIBE,
    TEMPLATE,
    App,
    Fault,
    Person,
    StandIn,
    Status,
    Trouble,
    template_id,
)

LI, ZHAO, SUN = PEOPLE
PATHS = {Channel.TEMPLATE: TEMPLATE, Channel.OA_SUBSCRIBE: BIZSEND, Channel.MP_SUBSCRIBE: SUBSCRIBE}
SENT, CREATED, PERMANENT, TECHNICAL, UNKNOWN = (
    DeliveryStatus.SENT, DeliveryStatus.CREATED, DeliveryStatus.PERMANENT_FAILURE, DeliveryStatus.TECHNICAL_FAILURE,
    DeliveryStatus.UNKNOWN,
)  # fmt: skip
PUBLIC = "https://gh.example.cn"
FIELDS = {"thing1": "会员卡刚用过一次", "time2": "2026-11-20 12:05", "character_string3": "7K3M9Q"}
Ports = dict[Channel, Port]
CHANNELS = pytest.mark.parametrize("channel", list(PATHS))


@pytest.fixture(autouse=True)
def context(app: Flask) -> object:
    with app.app_context():
        yield


@pytest.fixture
def ports(platform: StandIn, client_of: Client) -> Ports:
    official, mini = client_of(platform.official_account), client_of(platform.mini_program)
    return {
        Channel.TEMPLATE: TemplatePort(official, public_url=PUBLIC),
        Channel.OA_SUBSCRIBE: OaSubscribePort(official, public_url=PUBLIC),
        Channel.MP_SUBSCRIBE: MpSubscribePort(mini, page="pages/index/index"),
    }


def _app(platform: StandIn, channel: Channel) -> App:
    return platform.mini_program if channel is Channel.MP_SUBSCRIBE else platform.official_account


def _outgoing(platform: StandIn, channel: Channel, person: Person = LI, **other: object) -> Outgoing:
    given: dict[str, object] = {
        "id": DeliveryId(uuid.uuid4()), "address": person.openid(_app(platform, channel).appid),
        "platform_id": template_id("use"), "fields": FIELDS, "title": "您的会员卡刚用过一次", "link": "/inbox/7",
    }  # fmt: skip
    return Outgoing(channel=channel, **{**given, **other})  # type: ignore[arg-type]


def _reachable(platform: StandIn, channel: Channel, person: Person = LI, *, times: int = 1) -> None:
    if channel is Channel.TEMPLATE:
        platform.follow(person)
    for _ in range(times if channel.of_consent else 0):
        platform.consent(person, template_id("use"), app=_app(platform, channel))


def test_a_template_message_arrives_with_its_fields_and_opens_our_page(platform: StandIn, ports: Ports) -> None:
    _reachable(platform, Channel.TEMPLATE)
    outgoing = _outgoing(platform, Channel.TEMPLATE)
    result = ports[Channel.TEMPLATE].send(outgoing)
    (sent,) = platform.sent
    assert (sent.fields, sent.link) == (FIELDS, f"{PUBLIC}/inbox/7")
    assert (sent.openid, sent.template, sent.client_id) == (outgoing.address, template_id("use"), outgoing.id.hex)
    assert result == Result(outgoing.id, SENT, provider_id=str(sent.msgid))
    assert sent.msgid > 2**53, "the id is kept whole"


def test_a_message_of_the_mini_program_opens_its_page_in_the_readers_language(
    platform: StandIn, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, object]] = []
    subscribe = platform.subscribe
    monkeypatch.setattr(platform, "subscribe", lambda app, body: asked.append(body) or subscribe(app, body))
    _reachable(platform, Channel.MP_SUBSCRIBE)
    result = ports[Channel.MP_SUBSCRIBE].send(_outgoing(platform, Channel.MP_SUBSCRIBE, language="en"))
    (sent,) = platform.sent
    assert (sent.fields, sent.link) == (FIELDS, "pages/index/index?path=%2Finbox%2F7")
    assert (asked[0]["lang"], asked[0]["miniprogram_state"]) == ("en_US", "formal")
    assert (result.status, result.charged, result.provider_id) == (SENT, True, str(sent.msgid))


def test_a_subscribe_message_of_the_account_opens_our_page_and_has_no_id(platform: StandIn, ports: Ports) -> None:
    _reachable(platform, Channel.OA_SUBSCRIBE)
    result = ports[Channel.OA_SUBSCRIBE].send(_outgoing(platform, Channel.OA_SUBSCRIBE))
    (sent,) = platform.sent
    assert (sent.fields, sent.link) == (FIELDS, f"{PUBLIC}/inbox/7")
    assert (result.status, result.charged, result.provider_id) == (SENT, True, None)


@CHANNELS
def test_a_message_without_a_link_opens_nothing(platform: StandIn, ports: Ports, channel: Channel) -> None:
    _reachable(platform, channel)
    assert ports[channel].send(_outgoing(platform, channel, link="")).status is SENT
    assert platform.sent[0].link == ""


@CHANNELS
def test_a_port_says_whose_channel_it_is(platform: StandIn, ports: Ports, channel: Channel) -> None:
    port = ports[channel]
    assert (port.channel, port.provider) == (channel, _app(platform, channel).appid)
    assert port.repeats_safely is (channel is Channel.TEMPLATE)


ROWS: list[tuple[Trouble, DeliveryStatus, str, Effect]] = [
    (40003, PERMANENT, "40003", Effect.BLOCK_ADDRESS),
    *[(code, TECHNICAL, str(code), Effect.STOP_CHANNEL) for code in (40013, 40125, 40164, 40243, 48001, 48004, 50002)],
    *[(code, TECHNICAL, str(code), Effect.NONE) for code in (40029, 40163, 61010, 12345)],
    *[(code, TECHNICAL, str(code), Effect.PAUSE_TEMPLATE) for code in (40036, 40037, 43107, 43116)],
    *[
        (code, TECHNICAL, str(code), Effect.NONE)
        for code in (41030, 40097, 40129, 40169, 47001, 44002, 43001, 43002)
    ],
    (43004, PERMANENT, "43004", Effect.NOT_FOLLOWING),
    (43101, PERMANENT, "43101", Effect.NO_CREDIT),
    (43108, CREATED, "43108", Effect.SOON),
    (45009, CREATED, "45009", Effect.PAUSE_UNTIL_MIDNIGHT),
    (45011, CREATED, "45011", Effect.PAUSE_MINUTE),
    (44991, CREATED, "44991", Effect.PAUSE_MINUTE),
    (45168, PERMANENT, "45168", Effect.NONE),
    (87014, PERMANENT, "87014", Effect.NONE),
    (47003, TECHNICAL, "47003:thing1", Effect.NONE),
    (Status(404), TECHNICAL, "http:404", Effect.NONE),
    (Status(302), TECHNICAL, "http:302", Effect.NONE),
]  # fmt: skip


@CHANNELS
@pytest.mark.parametrize(("fault", "status", "reason", "effect"), ROWS, ids=str)
def test_a_refusal_is_asked_once_and_takes_nothing(
    platform: StandIn, ports: Ports, channel: Channel, fault: Trouble, status: DeliveryStatus, reason: str,
    effect: Effect,
) -> None:  # fmt: skip
    _reachable(platform, channel)
    platform.fail(PATHS[channel], fault)
    outgoing = _outgoing(platform, channel)
    assert ports[channel].send(outgoing) == Result(outgoing.id, status, reason, effect=effect)
    assert (platform.calls[PATHS[channel]], platform.sent) == (1, [])


BUSY: list[tuple[Trouble, str]] = [(-1, "-1"), (Status(500), "down:500"), (Status(502), "down:502")]


@pytest.mark.parametrize("channel", [Channel.OA_SUBSCRIBE, Channel.MP_SUBSCRIBE])
@pytest.mark.parametrize(("fault", "reason"), BUSY, ids=str)
def test_a_busy_platform_is_asked_later_for_what_needs_a_consent(
    platform: StandIn, ports: Ports, channel: Channel, fault: Trouble, reason: str
) -> None:
    _reachable(platform, channel)
    platform.fail(PATHS[channel], fault)
    outgoing = _outgoing(platform, channel)
    assert ports[channel].send(outgoing) == Result(outgoing.id, CREATED, reason)
    assert platform.calls[PATHS[channel]] == 1


@pytest.mark.parametrize(("fault", "reason"), BUSY, ids=str)
def test_a_template_message_is_repeated_once_at_once(
    platform: StandIn, ports: Ports, fault: Trouble, reason: str
) -> None:
    _reachable(platform, Channel.TEMPLATE)
    platform.fail(TEMPLATE, fault)
    assert ports[Channel.TEMPLATE].send(_outgoing(platform, Channel.TEMPLATE)).status is SENT
    platform.fail(TEMPLATE, fault, fault, fault)
    outgoing = _outgoing(platform, Channel.TEMPLATE)
    assert ports[Channel.TEMPLATE].send(outgoing) == Result(outgoing.id, CREATED, reason)
    assert (platform.calls[TEMPLATE], len(platform.sent)) == (4, 1)


LOST = [Fault.LOST, Fault.LOST_HALF, Fault.LATE]


@pytest.mark.parametrize("fault", LOST)
def test_a_template_message_whose_answer_was_lost_is_repeated_by_its_id_and_arrives_once(
    platform: StandIn, ports: Ports, fault: Fault
) -> None:
    _reachable(platform, Channel.TEMPLATE)
    platform.fail(TEMPLATE, fault)
    outgoing = _outgoing(platform, Channel.TEMPLATE)
    assert ports[Channel.TEMPLATE].send(outgoing) == Result(outgoing.id, CREATED, "down:answer_lost")
    again = ports[Channel.TEMPLATE].send(outgoing)
    (sent,) = platform.sent
    assert (again.status, again.provider_id, platform.repeated) == (SENT, str(sent.msgid), 1)


@pytest.mark.parametrize("channel", [Channel.OA_SUBSCRIBE, Channel.MP_SUBSCRIBE])
@pytest.mark.parametrize("fault", [*LOST, Fault.HALF, Fault.HANG, Fault.NOT_JSON, Fault.A_LIST, Status(504)], ids=str)
def test_a_subscribe_message_whose_answer_was_lost_is_unknown_and_never_repeated(
    platform: StandIn, ports: Ports, channel: Channel, fault: Trouble
) -> None:
    _reachable(platform, channel)
    platform.fail(PATHS[channel], fault)
    result = ports[channel].send(_outgoing(platform, channel))
    assert (result.status, result.effect, result.charged) == (UNKNOWN, Effect.NONE, False)
    assert platform.calls[PATHS[channel]] == 1
    assert len(platform.sent) == (fault in LOST)


@CHANNELS
def test_nobody_at_the_platform_is_no_lost_answer(
    platform: StandIn, client_of: Client, channel: Channel, monkeypatch: pytest.MonkeyPatch, ports: Ports
) -> None:
    ports[channel]._platform.ask("cgi-bin/nothing", {})  # type: ignore[attr-defined]  # so that a token is at hand
    monkeypatch.setattr(ports[channel]._platform._wire, "_url", "http://127.0.0.1:9")  # type: ignore[attr-defined]
    outgoing = _outgoing(platform, channel)
    assert ports[channel].send(outgoing) == Result(outgoing.id, CREATED, "down:not_connected")


@CHANNELS
@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_refused_token_is_renewed_once_and_then_it_goes_out(
    platform: StandIn, ports: Ports, channel: Channel, code: int
) -> None:
    _reachable(platform, channel, times=2)
    assert ports[channel].send(_outgoing(platform, channel)).status is SENT
    platform.fail(PATHS[channel], code)
    platform.revoke(_app(platform, channel).appid)
    assert ports[channel].send(_outgoing(platform, channel)).status is SENT
    assert platform.calls["/cgi-bin/stable_token"] == 2


@CHANNELS
def test_a_token_that_is_refused_twice_waits_and_an_operator_is_told(
    platform: StandIn, ports: Ports, channel: Channel, capsys: pytest.CaptureFixture[str]
) -> None:
    platform.fail(PATHS[channel], 42001, 42001)
    result = ports[channel].send(_outgoing(platform, channel))
    assert (result.status, result.reason) == (CREATED, "42001")
    assert platform.calls[PATHS[channel]] == 2
    assert "42001" in capsys.readouterr().out


@CHANNELS
def test_an_address_that_is_not_listed_stops_the_channel_before_anything_is_sent(
    platform: StandIn, ports: Ports, channel: Channel
) -> None:
    platform.whitelisted = False
    result = ports[channel].send(_outgoing(platform, channel))
    assert (result.status, result.reason, result.effect) == (TECHNICAL, "40164", Effect.STOP_CHANNEL)
    assert platform.calls[PATHS[channel]] == 0


@pytest.mark.parametrize("fault", [Fault.HANG, Fault.HALF, Fault.NOT_JSON])
@CHANNELS
def test_no_token_means_that_nothing_was_sent(platform: StandIn, ports: Ports, channel: Channel, fault: Fault) -> None:
    platform.fail("/cgi-bin/stable_token", fault, fault)
    result = ports[channel].send(_outgoing(platform, channel))
    assert (result.status, result.reason) == (CREATED, "down:not_connected")


def test_what_the_platform_itself_refuses_comes_through(platform: StandIn, ports: Ports) -> None:
    """Not injected: the stand-in's own rules."""

    def reason(channel: Channel, **other: object) -> str | None:
        return ports[channel].send(_outgoing(platform, channel, **other)).reason

    assert reason(Channel.TEMPLATE) == "43004"
    assert reason(Channel.MP_SUBSCRIBE) == "43101"
    _reachable(platform, Channel.TEMPLATE)
    _reachable(platform, Channel.MP_SUBSCRIBE)
    assert reason(Channel.TEMPLATE, address=LI.openid(platform.mini_program.appid)) == "40003"
    assert reason(Channel.TEMPLATE, platform_id="x" * 43) == "40037"
    assert reason(Channel.TEMPLATE, fields={**FIELDS, "thing1": "字" * 21}) == "47003:thing1"
    assert reason(Channel.MP_SUBSCRIBE, fields={"thing1": "字", "time2": "12:05"}) == "47003:character_string3"
    assert platform.consents[LI.openid(platform.mini_program.appid), template_id("use")] == 1, "not used up"
    assert reason(Channel.MP_SUBSCRIBE) is None
    assert reason(Channel.MP_SUBSCRIBE) == "43101"
    platform.quota[TEMPLATE] = 0
    assert reason(Channel.TEMPLATE) == "45009"


def test_two_messages_to_one_person_at_once_are_refused_by_the_platform(
    platform: StandIn, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    _reachable(platform, Channel.MP_SUBSCRIBE, times=2)
    inside, go_on, port = threading.Event(), threading.Event(), ports[Channel.MP_SUBSCRIBE]
    answer = platform.answer

    def slow(path: str, *rest: object) -> dict[str, object]:
        if path == SUBSCRIBE:
            inside.set()
            go_on.wait(60)
        return answer(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(platform, "answer", slow)
    monkeypatch.setattr(wire, "TIMEOUT", (2, 60))
    port._platform.ask("cgi-bin/nothing", {})  # type: ignore[attr-defined]  # so that a token is at hand
    results: list[Result] = []
    first = threading.Thread(target=lambda: results.append(port.send(_outgoing(platform, Channel.MP_SUBSCRIBE))))
    first.start()
    assert inside.wait(60)
    second = port.send(_outgoing(platform, Channel.MP_SUBSCRIBE))
    go_on.set()
    first.join()
    assert (second.reason, second.effect, second.status) == ("43108", Effect.SOON, CREATED)
    assert results[0].status is SENT


def test_nothing_of_a_message_and_nobodys_id_is_logged(
    platform: StandIn, ports: Ports, capsys: pytest.CaptureFixture[str]
) -> None:
    faults: list[Trouble] = [47003, 40003, 48001, Fault.LOST, 43101, Status(502)]
    for fault in faults:
        platform.fail(SUBSCRIBE, fault)
        ports[Channel.MP_SUBSCRIBE].send(_outgoing(platform, Channel.MP_SUBSCRIBE))
    said = "".join(capsys.readouterr())
    assert "47003:thing1" in said and "48001" in said
    hidden = [LI.openid(platform.mini_program.appid), "access_token", "会员卡", "7K3M9Q", "/inbox/7"]
    assert [word for word in hidden + [token for token, _ in platform.tokens.values()] if word in said] == []


def test_a_port_gives_up_within_its_time_even_when_everything_hangs(
    platform: StandIn, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "TIMEOUT", (60, 60))
    monkeypatch.setattr("services.notifications.wechat.TIMEOUT", 4)
    platform.fail(TEMPLATE, Fault.BUSY, Fault.HANG)
    began = time.monotonic()
    result = ports[Channel.TEMPLATE].send(_outgoing(platform, Channel.TEMPLATE))
    assert result.status is CREATED
    assert time.monotonic() - began < 20, "it does not wait for the platform, which hangs for thirty seconds"


def test_many_threads_share_as_many_connections(platform: StandIn, client_of: Callable[..., object]) -> None:
    platform.keep_alive, platform.anybody = True, True
    official = client_of(platform.official_account, connections=12)
    port = TemplatePort(official, public_url=PUBLIC)  # type: ignore[arg-type]
    official.ask("cgi-bin/nothing", {})  # type: ignore[attr-defined]  # so that a token is at hand
    results = together(*[lambda: [_send_five(port, platform)]] * 12)
    assert [status for result in results for status in result[0]] == [SENT] * 60
    assert platform.connections <= 13, "each thread has one, and the token came by the first"
    official.close()  # type: ignore[attr-defined]


def _send_five(port: TemplatePort, platform: StandIn) -> list[DeliveryStatus]:
    return [port.send(_outgoing(platform, Channel.TEMPLATE)).status for _ in range(5)]
