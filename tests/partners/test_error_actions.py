"""Every row of the platform's table of codes, injected over real HTTP, and everything that follows from it."""

import datetime
import functools
import json
import uuid

import pytest

from app.channels import register
from services.core import clock
from services.notifications.ports import Outgoing, Port, Result
from services.notifications.sending import TRIPS
from services.notifications.service import effects
from services.notifications.types import Channel, DeliveryId, DeliveryStatus
from tests.harness.invariants import nothing_doubled_or_lost
from tests.harness.threads import crowd, together  # noqa: F401 - a fixture
from tests.partners.gateway import NOON, PATHS, Gateway, gateway, set_up, sms_stand_in
from tests.partners.platform import Fault, Status, Trouble, template_id

__all__ = ["gateway", "set_up", "sms_stand_in"]
T, OA, MP = Channel.TEMPLATE, Channel.OA_SUBSCRIBE, Channel.MP_SUBSCRIBE
TOKEN = "/cgi-bin/stable_token"
CHANNELS = pytest.mark.parametrize("channel", [T, OA, MP])
CONSENTS = pytest.mark.parametrize("channel", [OA, MP])
SMS_SENT = ("sms", "sent", None)
Capture = pytest.CaptureFixture[str]


def alarms(capsys: Capture) -> list[dict[str, object]]:
    """What an operator is told: lines of the log that say error."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    return [line for line in lines if line["level"] == "error"]


def refused(gateway: Gateway, channel: Channel, *faults: Trouble) -> None:
    gateway.platform.fail(PATHS[channel], *faults)


WITHOUT_RETRY = [
    # code, status, alarm
    *[(code, "technical_failure", True) for code in (40013, 40125, 40164, 40243, 48001, 48004, 50002)],
    *[(code, "technical_failure", True) for code in (40036, 40037, 43107, 43116)],
    *[(code, "technical_failure", True) for code in (41030, 40097, 40129, 40169, 47001, 44002, 43001, 43002, 47003)],
    *[(code, "technical_failure", False) for code in (40029, 40163, 61010)],
    *[(code, "permanent_failure", False) for code in (40003, 43004, 43101)],
    *[(code, "permanent_failure", True) for code in (45168, 87014)],
]


@pytest.mark.parametrize("channel", [T, MP])
@pytest.mark.parametrize(("code", "status", "alarm"), WITHOUT_RETRY)
def test_a_refusal_is_asked_once_gives_the_consent_back_and_the_urgent_message_goes_by_sms(
    gateway: Gateway, channel: Channel, code: int, status: str, alarm: bool, capsys: Capture
) -> None:
    person = gateway.member(channel)
    refused(gateway, channel, code)
    gateway.frozen(person)
    reason = "47003:thing1" if code == 47003 else str(code)
    assert gateway.deliveries == [(channel, status, reason), SMS_SENT]
    gateway.later(hours=3)
    assert gateway.asked(channel) == 1, "no retry"
    assert len(gateway.sms.sent) == 1
    lost = 1 if code == 43101 else 0
    assert gateway.credits == ([(1, 0, 0, lost)] if channel.of_consent else [])
    said = alarms(capsys)
    assert any(line.get("reason") == reason for line in said) is alarm
    for secret in (person.openid(gateway.app_of(channel).appid), person.phone, person.name):
        assert secret not in json.dumps(said, ensure_ascii=False)
    nothing_doubled_or_lost(gateway.sql, drained=True)


@pytest.mark.parametrize("code", [40013, 40125, 40164, 40243, 48001, 48004, 50002])
def test_a_refused_app_is_left_alone_until_an_operator_lets_it_go(gateway: Gateway, code: int) -> None:
    refused(gateway, T, code)
    gateway.frozen(gateway.member(T))
    assert gateway.pauses == [("template", "", None, str(code))]
    gateway.frozen(gateway.member(T))
    assert gateway.deliveries[-1] == SMS_SENT, "what is urgent does not wait for an operator"
    gateway.later(hours=2)
    assert gateway.asked(T) == 1
    gateway.world.do(lambda: effects.release(T))
    gateway.frozen(gateway.member(T))
    assert gateway.asked(T) == 2
    assert ("template", "sent", str(code)) not in gateway.deliveries
    assert gateway.deliveries[-1] == ("template", "sent", None)


@CHANNELS
@pytest.mark.parametrize("code", [40036, 40037, 43107, 43116])
def test_a_refused_template_is_left_alone_and_others_go_on(gateway: Gateway, channel: Channel, code: int) -> None:
    refused(gateway, channel, code)
    gateway.frozen(gateway.member(channel))
    assert gateway.pauses == [(channel, template_id("safety"), None, str(code))]
    gateway.frozen(gateway.member(channel))
    assert gateway.deliveries[-1] == SMS_SENT
    assert gateway.asked(channel) == 1
    gateway.world.do(lambda: effects.release(channel, template_id("safety")))
    gateway.frozen(gateway.member(channel))
    assert gateway.deliveries[-1] == (channel, "sent", None)


def test_who_does_not_follow_is_not_asked_again_until_they_do(gateway: Gateway) -> None:
    person = gateway.member(T)
    gateway.platform.unfollow(person)
    for _ in range(2):
        gateway.frozen(person)
    assert gateway.deliveries == [("template", "permanent_failure", "43004"), SMS_SENT, SMS_SENT]
    assert gateway.asked(T) == 1
    gateway.later(minutes=1)
    gateway.hears(gateway.platform.follow(person), gateway.platform.official_account)
    gateway.frozen(person)
    assert gateway.deliveries[-1] == ("template", "sent", None)


@CONSENTS
def test_a_consent_that_is_gone_stops_everything_on_it_until_a_new_one(gateway: Gateway, channel: Channel) -> None:
    person, app = gateway.member(channel, consents=3), gateway.app_of(channel)
    gateway.platform.take_back(person, template_id("safety"), app=app)
    for _ in range(2):
        gateway.frozen(person)
    assert gateway.deliveries == [(channel, "permanent_failure", "43101"), SMS_SENT, SMS_SENT]
    assert (gateway.asked(channel), gateway.credits) == (1, [(3, 0, 0, 3)])
    gateway.hears(gateway.platform.consent(person, template_id("safety"), app=app), app)
    gateway.frozen(person)
    assert gateway.deliveries[-1] == (channel, "sent", None)
    assert gateway.credits == [(4, 0, 1, 3)]
    gateway.frozen(person)
    assert gateway.deliveries[-1] == SMS_SENT
    assert gateway.asked(channel) == 2, "one consent, one message"


@CHANNELS
@pytest.mark.parametrize("code", [40003, 43101])
def test_a_refused_address_is_left_alone_until_the_platform_says_something_new_of_it(
    gateway: Gateway, channel: Channel, code: int
) -> None:
    person, app = gateway.member(channel, consents=3), gateway.app_of(channel)
    refused(gateway, channel, code)
    for _ in range(2):
        gateway.frozen(person)
    assert (gateway.asked(channel), gateway.deliveries[-1]) == (1, SMS_SENT)
    gateway.later(minutes=1)
    news = gateway.platform.follow(person) if channel is T else gateway.platform.consent(
        person, template_id("safety"), app=app
    )  # fmt: skip
    gateway.hears(news, app)
    gateway.frozen(person)
    assert gateway.deliveries[-1] == (channel, "sent", None)


BUSY: list[tuple[Trouble, str]] = [
    (-1, "-1"), (Fault.SERVER_ERROR, "down:502"), (Status(500), "down:500"), (Status(503), "down:503"),
]  # fmt: skip


@CHANNELS
@pytest.mark.parametrize(("fault", "reason"), BUSY, ids=str)
def test_a_busy_platform_is_asked_again_later_and_nothing_else_is_tried(
    gateway: Gateway, channel: Channel, fault: Trouble, reason: str
) -> None:
    refused(gateway, channel, *[fault] * (2 if channel is T else 1))
    gateway.frozen(gateway.member(channel))
    assert gateway.deliveries == [(channel, "created", reason)]
    assert gateway.credits == ([(1, 1, 0, 0)] if channel.of_consent else []), "held for the next try"
    asked = gateway.asked(channel)
    gateway.later(seconds=20)
    assert gateway.asked(channel) == asked, "not at once"
    gateway.later(seconds=45)
    assert gateway.deliveries == [(channel, "sent", None)]
    assert (len(gateway.platform.sent), gateway.sms.sent) == (1, [])
    assert gateway.credits == ([(1, 0, 1, 0)] if channel.of_consent else [])


LOST = [Fault.LOST, Fault.LOST_HALF, Fault.LATE]
BEFORE = [Fault.HANG, Fault.HALF, Fault.NOT_JSON, Fault.A_LIST]


@pytest.mark.parametrize("fault", [*LOST, *BEFORE])
def test_a_template_message_without_an_answer_is_repeated_under_its_id_and_taken_once(
    gateway: Gateway, fault: Fault
) -> None:
    refused(gateway, T, fault)
    gateway.frozen(gateway.member(T))
    assert gateway.deliveries == [("template", "created", "down:answer_lost")]
    gateway.later(seconds=65)
    assert gateway.deliveries == [("template", "sent", None)]
    assert (len(gateway.platform.sent), gateway.platform.repeated) == (1, 1 if fault in LOST else 0)
    ids = gateway.sql.execute("SELECT provider_id FROM deliveries").fetchall()
    assert ids == [(str(gateway.platform.sent[0].msgid),)]


@CONSENTS
@pytest.mark.parametrize("fault", [*LOST, *BEFORE, Status(504)], ids=str)
def test_a_subscribe_message_without_an_answer_is_unknown_and_settled_by_its_event(
    gateway: Gateway, channel: Channel, fault: Trouble
) -> None:
    person, app = gateway.member(channel), gateway.app_of(channel)
    refused(gateway, channel, fault)
    gateway.frozen(person)
    ((_, status, _),) = gateway.deliveries
    assert (status, gateway.credits) == ("unknown", [(1, 0, 1, 0)])
    gateway.later(hours=6)
    assert (gateway.asked(channel), gateway.sms.sent) == (1, []), "never repeated, and it may have arrived"
    taken = gateway.platform.sent
    assert len(taken) == (fault in LOST)
    for sent in taken:
        gateway.hears(gateway.platform.finished(sent), app)
        assert gateway.deliveries == [(channel, "delivered", None)]
    nothing_doubled_or_lost(gateway.sql, drained=True)


@CONSENTS
def test_an_unknown_one_that_the_event_denies_goes_by_the_next_channel(gateway: Gateway, channel: Channel) -> None:
    person, app = gateway.member(channel), gateway.app_of(channel)
    refused(gateway, channel, Fault.LOST)
    gateway.frozen(person)
    event = gateway.platform.finished(gateway.platform.sent[0], status="failed", errcode=43101)
    gateway.hears(event, app)
    gateway.works()
    assert gateway.deliveries == [(channel, "permanent_failure", "43101"), SMS_SENT]


@CHANNELS
@pytest.mark.parametrize("code", [40001, 40014, 42001])
def test_a_dead_token_is_renewed_once_and_a_second_refusal_is_an_alarm(
    gateway: Gateway, channel: Channel, code: int, capsys: Capture
) -> None:
    person = gateway.member(channel, consents=2)
    refused(gateway, channel, code)
    gateway.frozen(person)
    assert gateway.deliveries == [(channel, "sent", None)]
    assert alarms(capsys) == []
    refused(gateway, channel, code, code)
    gateway.frozen(person)
    assert gateway.deliveries[-1] == (channel, "created", str(code))
    assert gateway.asked(channel) == 4, "twice each"
    assert [line["reason"] for line in alarms(capsys)] == [str(code)]
    gateway.later(minutes=1)
    assert gateway.deliveries[-1] == (channel, "sent", None)


@CHANNELS
def test_the_days_quota_pauses_the_channel_until_midnight_in_beijing(
    gateway: Gateway, channel: Channel, capsys: Capture
) -> None:
    midnight = datetime.datetime(2026, 11, 20, 16, 0, tzinfo=datetime.UTC)
    refused(gateway, channel, 45009)
    gateway.frozen(gateway.member(channel))
    gateway.frozen(gateway.member(channel))
    assert gateway.pauses == [(channel, "", midnight, "45009")]
    assert {line["reason"] for line in alarms(capsys)} == {"45009"}
    gateway.until(midnight - datetime.timedelta(seconds=1))
    assert (gateway.asked(channel), gateway.sms.sent) == (1, [])
    gateway.until(midnight + datetime.timedelta(seconds=1))
    assert gateway.deliveries == [(channel, "sent", None)] * 2, "they wake people: they are at once"
    assert gateway.pauses == []


@CHANNELS
@pytest.mark.parametrize("code", [45011, 44991])
def test_the_minutes_limit_waits_for_the_next_minute(gateway: Gateway, channel: Channel, code: int) -> None:
    refused(gateway, channel, code)
    gateway.frozen(gateway.member(channel))
    gateway.frozen(gateway.member(channel))
    ((_, _, until, _),) = gateway.pauses
    assert until is not None
    assert datetime.timedelta(seconds=30) <= until - NOON <= datetime.timedelta(seconds=40), "12:01, and a little"
    gateway.until(until - datetime.timedelta(seconds=1))
    assert gateway.asked(channel) == 1
    gateway.later(seconds=65)
    assert gateway.deliveries == [(channel, "sent", None)] * 2


@CONSENTS
def test_two_at_once_to_one_person_come_after_another(gateway: Gateway, channel: Channel) -> None:
    refused(gateway, channel, 43108)
    gateway.frozen(gateway.member(channel))
    ((soon,),) = gateway.sql.execute("SELECT next_try_at FROM deliveries").fetchall()
    assert datetime.timedelta(seconds=1) <= soon - clock.now() <= datetime.timedelta(seconds=2)
    gateway.later(seconds=3)
    assert gateway.deliveries == [(channel, "sent", None)]
    assert gateway.credits == [(1, 0, 1, 0)]


def test_a_stop_ends_the_batch_and_nothing_of_it_is_lost(gateway: Gateway) -> None:
    """Whoever goes on after it is asking for worse: no more than what was in flight already."""
    people = [gateway.member(T) for _ in range(60)]
    refused(gateway, T, *[48001] * 60)
    for person in people:
        gateway.told(person)
    gateway.works()
    asked = gateway.asked(T)
    assert asked <= gateway.world.app.config["SETTINGS"].sends_in_flight
    assert len([one for one in gateway.deliveries if one[:2] == ("template", "created")]) == 60 - asked
    assert len(gateway.sms.sent) == asked, "those go by SMS"
    gateway.platform.faults.clear()
    gateway.world.do(lambda: effects.release(T))
    gateway.later(minutes=2)
    assert gateway.deliveries.count(("template", "sent", None)) == 60 - asked
    assert gateway.sql.execute("SELECT max(attempts), min(attempts) FROM deliveries").fetchone() == (1, 1)


def test_a_platform_that_is_away_is_left_alone_ever_longer_and_probed_by_a_few(gateway: Gateway) -> None:
    people = [gateway.member(T) for _ in range(40)]
    refused(gateway, T, *[Status(503)] * 400)
    for person in people:
        gateway.told(person)
    waits, before = [], 0
    gateway.works()
    for _ in range(4):
        ((_, _, until, reason),) = gateway.pauses
        assert until is not None and reason == "breaker"
        waits.append((until - clock.now()).total_seconds())
        knocks = (gateway.asked(T) - before) / 2  # each is repeated once at once
        assert TRIPS <= knocks < 40, "enough to know, and the rest is not tried"
        before = gateway.asked(T)
        gateway.later(seconds=waits[-1] - 1)
        assert gateway.asked(T) == before, "nobody knocks while it is open"
        gateway.later(seconds=2)
    assert waits == [30, 60, 120, 240]
    gateway.platform.faults.clear()
    for _ in range(3):
        gateway.later(minutes=10)
    assert gateway.deliveries == [("template", "sent", None)] * 40
    assert (gateway.pauses, len(gateway.platform.sent), gateway.sms.sent) == ([], 40, [])


def test_two_workers_with_a_dead_token_fetch_one_new_one(gateway: Gateway) -> None:
    """Each worker has clients of its own; what the platform lends is shared."""
    app = gateway.world.app
    first = app.extensions["channels"]
    register(app, app.config["SETTINGS"])
    second = app.extensions["channels"]
    app.extensions["channels"] = first
    person = gateway.member(T)
    gateway.frozen(person)
    assert gateway.platform.calls[TOKEN] == 1
    gateway.platform.revoke(gateway.platform.official_account.appid)
    address = person.openid(gateway.platform.official_account.appid)
    fields = dict(gateway.platform.sent[0].fields)

    def send(port: Port) -> Result:
        with app.app_context():
            return port.send(
                Outgoing(DeliveryId(uuid.uuid4()), T, address, template_id("safety"), fields, "您的会员卡已冻结")
            )

    ports = [first.ports[T], second.ports[T]]
    results = together(*(functools.partial(send, port) for port in ports for _ in range(4)))
    assert {result.status for result in results} == {DeliveryStatus.SENT}
    assert gateway.platform.calls[TOKEN] == 2
