"""Both providers' ports against a stand-in that checks every signature, field and number."""

import datetime
import logging
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace

import psycopg
import pytest
from flask import Flask

from services.core import clock
from services.core.errors import Unavailable
from services.notifications.ports import TIMEOUT, Effect, Outgoing, Result
from services.notifications.sms import provider as wire
from services.notifications.sms import setup, texts
from services.notifications.sms.limits import PER_NUMBER, Limits
from services.notifications.sms.port import SmsPort
from services.notifications.types import Channel, DeliveryId, DeliveryStatus
from tests.builders.world import World
from tests.harness.threads import crowd, together  # noqa: F401 - a fixture
from tests.partners.patience import patient
from tests.partners.sms import SIGN, TEMPLATES, Fault, SmsStandIn, running

PHONE, CODE = "10012345678", "271828"
TEXT = "您的会员卡刚刚被冻结。不是您本人操作，请打电话给单位工会。"
CREATED, SENT, UNKNOWN = DeliveryStatus.CREATED, DeliveryStatus.SENT, DeliveryStatus.UNKNOWN
PERMANENT, TECHNICAL = DeliveryStatus.PERMANENT_FAILURE, DeliveryStatus.TECHNICAL_FAILURE
WIDE = Limits(fen_per_message=5, fen_per_day=100_000, per_minute=1000)
Make = Callable[..., SmsPort]


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmsStandIn]:
    with running() as found:
        patient(found, lambda read: monkeypatch.setattr(wire, "READ", read))
        yield found


@pytest.fixture(params=["aliyun", "tencent"])
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def port_of(provider: str, stand_in: SmsStandIn, world: World) -> Make:
    """The port of this provider; `changed` are keys that differ from those that the stand-in knows."""

    def make(limits: Limits = WIDE, **changed: str) -> SmsPort:
        key, secret = stand_in.keys[provider]
        keys = {"sign": SIGN, "url": stand_in.url}
        if provider == "aliyun":
            keys |= {"key_id": key, "key_secret": secret}
        else:
            keys |= {"secret_id": key, "secret_key": secret, "app_id": stand_in.app_id, "region": "ap-guangzhou"}
        return setup.port(
            provider, keys | changed, limits=limits, transact=world.do, clock=lambda: clock.now()  # noqa: PLW0108
        )  # fmt: skip

    return make


def outgoing(provider: str, *, phone: str = PHONE, template: int = 1, text: str = TEXT, **fields: str) -> Outgoing:
    platform_id = list(TEMPLATES[provider])[template]
    delivery = DeliveryId(uuid.uuid4())
    return Outgoing(delivery, Channel.SMS, phone, platform_id, fields or {"text": text}, text)


def said(result: Result) -> tuple[DeliveryStatus, str | None, Effect]:
    return result.status, result.reason, result.effect


def test_a_notice_goes_out_as_its_template_with_its_reference(
    provider: str, port_of: Make, stand_in: SmsStandIn
) -> None:
    one = outgoing(provider)
    result = port_of().send(one)
    assert said(result) == (SENT, None, Effect.NONE)
    (sent,) = stand_in.sent
    assert (sent.provider, sent.phone, sent.variables, sent.reference) == (provider, PHONE, (), str(one.id))
    assert (result.id, result.provider_id) == (one.id, sent.provider_id)


def test_a_mapped_text_is_the_templates_variable(provider: str, port_of: Make, stand_in: SmsStandIn) -> None:
    port_of().send(outgoing(provider, template=2, content="周五下午停水"))
    assert stand_in.last.variables == ("周五下午停水",)


def test_a_code_goes_out_as_its_template(provider: str, port_of: Make, stand_in: SmsStandIn) -> None:
    template = next(iter(TEMPLATES[provider]))
    result = port_of().send_code(phone=PHONE, code=CODE, template=template, reference=DeliveryId(uuid.uuid4()))
    assert result.status is SENT
    assert (stand_in.last.template, stand_in.last.code) == (template, CODE)


FORGED = [
    ("aliyun", {"key_id": "LTAI0000000000"}, "InvalidAccessKeyId.NotFound"),
    ("aliyun", {"key_secret": "0" * 30}, "SignatureDoesNotMatch"),
    ("aliyun", {"sign": "别的工会"}, "isv.SMS_SIGNATURE_ILLEGAL"),
    ("tencent", {"secret_id": "AKID0000000000"}, "AuthFailure.SecretIdNotFound"),
    ("tencent", {"secret_key": "0" * 30}, "AuthFailure.SignatureFailure"),
    ("tencent", {"app_id": "1400000002"}, "UnauthorizedOperation.SmsSdkAppIdVerifyFail"),
    ("tencent", {"sign": "别的工会"}, "FailedOperation.SignatureIncorrectOrUnapproved"),
]


@pytest.mark.parametrize(("provider", "changed", "code"), FORGED, ids=[code for _, _, code in FORGED])
def test_a_wrong_account_stops_the_channel_and_sends_nothing(
    provider: str, changed: dict[str, str], code: str, port_of: Make, stand_in: SmsStandIn
) -> None:
    result = port_of(**changed).send(outgoing(provider))
    assert said(result) == (TECHNICAL, code, Effect.STOP_CHANNEL)
    assert stand_in.sent == []


def test_another_template_than_ours_is_paused(provider: str, port_of: Make) -> None:
    result = port_of().send(outgoing(provider, template=2))
    assert (result.status, result.effect) == (TECHNICAL, Effect.PAUSE_TEMPLATE)


CODES: dict[str, dict[str, tuple[DeliveryStatus, Effect]]] = {
    "aliyun": {
        "isv.BUSINESS_LIMIT_CONTROL 触发分钟级流控Permits:1": (CREATED, Effect.NONE),
        "isv.BUSINESS_LIMIT_CONTROL 触发小时级流控Permits:5": (CREATED, Effect.NONE),
        "isv.BUSINESS_LIMIT_CONTROL 触发天级流控Permits:10": (PERMANENT, Effect.NONE),
        "isv.DAY_LIMIT_CONTROL": (CREATED, Effect.PAUSE_UNTIL_MIDNIGHT),
        "isv.MOBILE_NUMBER_ILLEGAL": (PERMANENT, Effect.BLOCK_ADDRESS),
        "isv.BLACK_KEY_CONTROL_LIMIT": (TECHNICAL, Effect.NONE),
        "isv.PARAM_LENGTH_LIMIT": (TECHNICAL, Effect.NONE),
        "isv.PARAM_NOT_SUPPORT_URL": (TECHNICAL, Effect.NONE),
        "isv.SMS_SIGNATURE_ILLEGAL": (TECHNICAL, Effect.STOP_CHANNEL),
        "isv.SMS_TEMPLATE_ILLEGAL": (TECHNICAL, Effect.PAUSE_TEMPLATE),
        "isv.TEMPLATE_MISSING_PARAMETERS": (TECHNICAL, Effect.PAUSE_TEMPLATE),
        "isv.INVALID_JSON_PARAM": (TECHNICAL, Effect.PAUSE_TEMPLATE),
        "isv.OUT_OF_SERVICE": (TECHNICAL, Effect.STOP_CHANNEL),
        "isv.AMOUNT_NOT_ENOUGH": (TECHNICAL, Effect.STOP_CHANNEL),
        "isp.RAM_PERMISSION_DENY": (TECHNICAL, Effect.STOP_CHANNEL),
        "isp.SYSTEM_ERROR": (CREATED, Effect.NONE),
        "Throttling.User": (CREATED, Effect.PAUSE_MINUTE),
        "isv.SOMETHING_NEW": (TECHNICAL, Effect.STOP_CHANNEL),
    },
    "tencent": {
        "LimitExceeded.PhoneNumberThirtySecondLimit": (CREATED, Effect.NONE),
        "LimitExceeded.PhoneNumberOneHourLimit": (CREATED, Effect.NONE),
        "LimitExceeded.PhoneNumberDailyLimit": (PERMANENT, Effect.NONE),
        "LimitExceeded.PhoneNumberSameContentDailyLimit": (PERMANENT, Effect.NONE),
        "LimitExceeded.DeliveryFrequencyLimit": (CREATED, Effect.PAUSE_MINUTE),
        "LimitExceeded.AppDailyLimit": (CREATED, Effect.PAUSE_UNTIL_MIDNIGHT),
        "RequestLimitExceeded.UinLimitExceeded": (CREATED, Effect.PAUSE_MINUTE),
        "InvalidParameterValue.IncorrectPhoneNumber": (PERMANENT, Effect.BLOCK_ADDRESS),
        "FailedOperation.PhoneNumberInBlacklist": (PERMANENT, Effect.BLOCK_ADDRESS),
        "FailedOperation.SignatureIncorrectOrUnapproved": (TECHNICAL, Effect.STOP_CHANNEL),
        "FailedOperation.InsufficientBalanceInSmsPackage": (TECHNICAL, Effect.STOP_CHANNEL),
        "UnauthorizedOperation.ServiceSuspendDueToArrears": (TECHNICAL, Effect.STOP_CHANNEL),
        "FailedOperation.TemplateIncorrectOrUnapproved": (TECHNICAL, Effect.PAUSE_TEMPLATE),
        "FailedOperation.TemplateParamSetNotMatchApprovedTemplate": (TECHNICAL, Effect.PAUSE_TEMPLATE),
        "FailedOperation.ContainSensitiveWord": (TECHNICAL, Effect.NONE),
        "InternalError.Timeout": (CREATED, Effect.NONE),
        "InternalError.SendAndRecvFail": (UNKNOWN, Effect.NONE),
        "FailedOperation.SomethingNew": (TECHNICAL, Effect.STOP_CHANNEL),
    },
}


def test_every_code_has_its_consequence(provider: str, port_of: Make, stand_in: SmsStandIn) -> None:
    port, seen = port_of(), {}
    for number, code in enumerate(CODES[provider]):
        stand_in.fail(code)
        result = port.send(outgoing(provider, phone=f"100{number:08d}"))
        assert result.reason == code.partition(" ")[0]
        seen[code] = (result.status, result.effect)
    assert seen == CODES[provider]


def test_no_number_is_not_even_asked(provider: str, port_of: Make, stand_in: SmsStandIn) -> None:
    for typed in ("", "12345", "+8610012345678", "20012345678", "1001234567a"):
        assert said(port_of().send(outgoing(provider, phone=typed))) == (
            PERMANENT, "not_a_mobile_number", Effect.BLOCK_ADDRESS
        )  # fmt: skip
    assert stand_in.calls[provider] == 0


LOST = [(Fault.HANG, 1), (Fault.HALF, 1), (Fault.SERVER_ERROR, 0), (Fault.NOT_JSON, 0)]


@pytest.mark.parametrize(("fault", "went_out"), LOST, ids=[fault.name.lower() for fault, _ in LOST])
def test_a_lost_answer_is_unknown_and_never_repeated(
    provider: str, port_of: Make, stand_in: SmsStandIn, fault: Fault, went_out: int
) -> None:
    stand_in.fail(fault)
    result = port_of().send(outgoing(provider))
    assert said(result) == (UNKNOWN, wire.LOST, Effect.NONE)
    assert (stand_in.calls[provider], len(stand_in.sent)) == (1, went_out)


def test_without_a_connection_it_certainly_did_not_go_out(provider: str, port_of: Make, stand_in: SmsStandIn) -> None:
    result = port_of(url="http://127.0.0.1:9").send(outgoing(provider))
    assert said(result) == (CREATED, wire.NOT_SENT, Effect.NONE)


def test_no_redirect_is_followed(provider: str, port_of: Make, stand_in: SmsStandIn) -> None:
    stand_in.fail(Fault.REDIRECT)
    assert port_of().send(outgoing(provider)).status is UNKNOWN
    assert stand_in.followed == 0


def test_no_proxy_of_the_environment_is_asked(
    provider: str, port_of: Make, stand_in: SmsStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert port_of().send(outgoing(provider)).status is SENT


def test_a_send_is_over_before_its_lease() -> None:
    assert wire.CONNECT + wire.READ < TIMEOUT


def test_nobody_is_named_in_logs_and_errors(
    provider: str, port_of: Make, stand_in: SmsStandIn, capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    template = next(iter(TEMPLATES[provider]))
    port = port_of()
    for fault in ("", Fault.SERVER_ERROR, Fault.HALF, Fault.HANG, Fault.NOT_JSON, "isv.OUT_OF_SERVICE"):
        if fault:
            stand_in.fail(fault)
        port.send_code(phone=PHONE, code=CODE, template=template, reference=DeliveryId(uuid.uuid4()))
    said_aloud = caplog.text + "".join(capsys.readouterr()) + repr(outgoing(provider))
    secrets = (PHONE, CODE, *stand_in.keys[provider])
    assert [word for word in secrets if word in said_aloud] == []


# --- our own limits


def test_a_number_gets_so_many_a_day_and_then_nobody_is_asked(
    provider: str, port_of: Make, stand_in: SmsStandIn, at: Callable[..., None]
) -> None:
    at(clock.now())
    port = port_of()
    results = [port.send(outgoing(provider)) for _ in range(PER_NUMBER + 2)]
    assert [result.status for result in results] == [SENT] * PER_NUMBER + [PERMANENT] * 2
    assert results[-1].reason == "own_number_limit"
    assert stand_in.calls[provider] == PER_NUMBER
    at(clock.now() + datetime.timedelta(days=1))
    assert port.send(outgoing(provider)).status is SENT


def test_all_notices_together_have_a_minute(
    provider: str, port_of: Make, stand_in: SmsStandIn, at: Callable[..., None]
) -> None:
    at(datetime.datetime(2026, 11, 20, 2, 0, 1, tzinfo=datetime.UTC))
    port = port_of(Limits(fen_per_message=5, fen_per_day=1000, per_minute=2))
    results = [port.send(outgoing(provider, phone=f"1000000000{n}")) for n in range(3)]
    assert [result.status for result in results] == [SENT, SENT, CREATED]
    assert said(results[2]) == (CREATED, "own_minute_limit", Effect.PAUSE_MINUTE)


def test_the_days_money_is_never_passed_and_a_fifth_is_kept_for_codes(
    provider: str, port_of: Make, stand_in: SmsStandIn, at: Callable[..., None]
) -> None:
    at(clock.now())
    port = port_of(Limits(fen_per_message=5, fen_per_day=50, per_minute=1000))
    long = "字" * 80  # two messages
    results = [port.send(outgoing(provider, phone=f"1000000000{n}", text=long)) for n in range(5)]
    assert [result.status for result in results] == [SENT] * 4 + [CREATED]
    assert said(results[4]) == (CREATED, "own_money_limit", Effect.PAUSE_UNTIL_MIDNIGHT)
    template = next(iter(TEMPLATES[provider]))
    codes = [
        port.send_code(phone=f"1000000001{n}", code=CODE, template=template, reference=DeliveryId(uuid.uuid4()))
        for n in range(3)
    ]
    assert [result.status for result in codes] == [SENT, SENT, CREATED]
    assert len(stand_in.sent) == 6


def test_a_fifth_of_the_minute_is_kept_for_what_is_at_once(
    provider: str, port_of: Make, stand_in: SmsStandIn, at: Callable[..., None]
) -> None:
    at(datetime.datetime(2026, 11, 20, 2, 0, 1, tzinfo=datetime.UTC))
    port = port_of(Limits(fen_per_message=5, fen_per_day=1000, per_minute=5))
    sends = [(f"1000000000{n}", n > 4) for n in range(7)]
    results = [port.send(replace(outgoing(provider, phone=phone), at_once=at_once)) for phone, at_once in sends]
    assert [result.status for result in results] == [SENT] * 4 + [CREATED, SENT, CREATED]
    assert said(results[4]) == (CREATED, "own_minute_limit", Effect.PAUSE_MINUTE)
    assert said(results[6]) == (CREATED, "own_minute_over", Effect.PAUSE_MINUTE)


def test_what_is_at_once_has_money_when_notices_have_none_and_codes_still_have_some_then(
    provider: str, port_of: Make, stand_in: SmsStandIn, at: Callable[..., None]
) -> None:
    at(clock.now())
    port = port_of(Limits(fen_per_message=5, fen_per_day=50, per_minute=1000))
    sends = [(f"100000000{n:02d}", n > 8) for n in range(11)]
    results = [port.send(replace(outgoing(provider, phone=phone), at_once=at_once)) for phone, at_once in sends]
    assert [result.status for result in results] == [SENT] * 8 + [CREATED, SENT, CREATED]
    assert said(results[10]) == (CREATED, "own_money_over", Effect.PAUSE_UNTIL_MIDNIGHT)
    template = next(iter(TEMPLATES[provider]))
    code = port.send_code(phone=PHONE, code=CODE, template=template, reference=DeliveryId(uuid.uuid4()))
    assert code.status is SENT


def test_a_message_that_does_not_go_out_for_its_limits_counts_nothing(
    provider: str, port_of: Make, sql: psycopg.Connection, at: Callable[..., None]
) -> None:
    at(clock.now())
    port_of(Limits(fen_per_message=5, fen_per_day=4, per_minute=1000)).send(outgoing(provider))
    assert sql.execute("SELECT count(*) FROM spendings").fetchone() == (0,)


def test_two_at_once_cannot_both_have_the_last_money(
    provider: str, port_of: Make, stand_in: SmsStandIn, crowd: Flask, at: Callable[..., None]  # noqa: F811
) -> None:  # fmt: skip
    at(clock.now())
    port = port_of(Limits(fen_per_message=5, fen_per_day=25, per_minute=1000))
    works = [lambda n=n: port.send(outgoing(provider, phone=f"100000000{n:02d}")) for n in range(12)]
    results = together(*works)  # type: ignore[arg-type]
    assert sorted(result.status for result in results) == [CREATED] * 8 + [SENT] * 4
    assert len(stand_in.sent) == 4


def test_without_the_database_nothing_is_sent(provider: str, stand_in: SmsStandIn, port_of: Make) -> None:
    port = port_of()

    def away(_work: object) -> None:
        raise Unavailable("database_away")

    port._transact = away
    assert said(port.send(outgoing(provider))) == (CREATED, "limits_unknown", Effect.NONE)
    assert stand_in.calls[provider] == 0


def test_a_text_is_counted_as_the_carriers_do() -> None:
    frame = len(f"【{SIGN}】")
    for length, pieces in ((70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)):
        text = "字" * (length - frame)
        assert texts.segments(text, SIGN) == pieces
        assert texts.cost_fen(text, SIGN, fen=5) == 5 * pieces
    assert texts.segments("字" * (69 - frame) + "😀", SIGN) == 2, "an emoji counts as two"
    assert texts.fits("字" * (500 - frame), SIGN) and not texts.fits("字" * (501 - frame), SIGN)
    assert texts.segments(texts.CODE.format(code=CODE), SIGN) == 1
