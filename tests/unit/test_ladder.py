"""The ladder as a table: what is told, what stands in its way, what was tried, when it is; and which step is next."""

import datetime
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.rules import WECHAT, next_step, out_of_quiet, quiet
from services.notifications.templates.template import Sms, Template, card
from services.notifications.types import OPEN, REACHED, Act, Channel, DeliveryStatus, Hindrance, Look, Step

T, OA, MP, SMS = Channel.TEMPLATE, Channel.OA_SUBSCRIBE, Channel.MP_SUBSCRIBE, Channel.SMS
H, D = Hindrance, DeliveryStatus
HOUR = datetime.timedelta(hours=1)
MINUTE = datetime.timedelta(minutes=1)
NOON = datetime.datetime(2026, 11, 20, 4, 0, tzinfo=datetime.UTC)
"""12:00 in China."""


def at(hour: int, minute: int = 0, day: int = 20) -> datetime.datetime:
    """An instant by the clock in UTC: China is eight hours ahead, so 13:00 is 21:00 there."""
    return datetime.datetime(2026, 11, day, hour, minute, tzinfo=datetime.UTC)


def template(sms: Sms = Sms.NEVER, *, answers: bool = True, wechat: bool = True, **more: object) -> Template:
    words = {"zh": "您的会员卡已冻结", "en": "Your card is frozen"}
    layout = card("safety", what=("卡已冻结", "Frozen"), next=("点开看说明", "Open"))
    given: dict[str, object] = {
        "title": words, "body": words, "answers": Act.STOPPED_CARD if answers else None,
        "card": layout if wechat else None, "sms_text": words if sms is not Sms.NEVER else None, "sms": sms, **more,
    }  # fmt: skip
    return Template(**given)  # type: ignore[arg-type]


PLAIN, URGENT, UNREAD = template(), template(Sms.URGENT), template(Sms.UNREAD)
NO_ACT, NO_ACT_URGENT = template(answers=False), template(Sms.URGENT, answers=False)
SMS_ONLY, INBOX_ONLY = template(Sms.URGENT, wechat=False), template(wechat=False)
AT_ONCE = template(Sms.URGENT, at_once=True)
SHORT = template(Sms.UNREAD, useful_for=3 * HOUR)
TILL_SIX = template(Sms.URGENT, useful_for=18 * HOUR)
FREE: dict[Channel, Hindrance | None] = dict.fromkeys(Channel)
Hindrances = Mapping[Channel, Hindrance | None]
Tried = Mapping[Channel, DeliveryStatus]


def only(*channels: Channel, why: Hindrance = H.NOT_SET_UP) -> dict[Channel, Hindrance | None]:
    """Nothing hinders these, and something every other."""
    return {channel: None if channel in channels else why for channel in Channel}


def step(one: Template, hindrances: Hindrances, tried: Tried, hours: float = 0, *, read: bool = False) -> object:
    """The next step so many hours after it was told at noon: a channel now, or a channel or a look and its hours."""
    now = NOON + hours * HOUR
    found = next_step(one, hindrances=hindrances, tried=tried, read=read, told_at=NOON, now=now)
    match found:
        case Step(channel, moment) if moment == now:
            return channel
        case Step(channel, moment):
            return channel, (moment - NOON) / HOUR
        case Look(moment):
            return (moment - NOON) / HOUR
    return None


NOTHING: Tried = {}
HINDERED = [
    pytest.param(PLAIN, {**FREE, T: why}, NOTHING, OA, id=f"the official account: {why}") for why in Hindrance
] + [
    pytest.param(PLAIN, {**FREE, T: H.NOT_FOLLOWING, OA: why}, NOTHING, MP, id=f"the subscription: {why}")
    for why in Hindrance
] + [
    pytest.param(URGENT, only(why=why), NOTHING, None, id=f"everything: {why}") for why in Hindrance
]  # fmt: skip
ORDER = [
    pytest.param(PLAIN, FREE, NOTHING, T, id="a template message costs no consent and goes first"),
    pytest.param(PLAIN, only(OA, MP), NOTHING, OA, id="then the official account's subscription"),
    pytest.param(PLAIN, only(MP), NOTHING, MP, id="then the mini program's"),
    pytest.param(PLAIN, only(SMS), NOTHING, None, id="what has no words for an SMS goes by none"),
    pytest.param(PLAIN, {}, NOTHING, None, id="nothing is set up"),
    pytest.param(URGENT, FREE, NOTHING, T, id="urgent: WeChat first all the same"),
    pytest.param(URGENT, only(SMS), NOTHING, SMS, id="urgent: SMS where WeChat is of no use"),
    pytest.param(SMS_ONLY, FREE, NOTHING, SMS, id="no card: SMS alone"),
    pytest.param(INBOX_ONLY, FREE, NOTHING, None, id="no words for any channel: the inbox alone"),
    pytest.param(NO_ACT, FREE, NOTHING, None, id="it answers no act: the inbox alone"),
    pytest.param(NO_ACT_URGENT, FREE, NOTHING, SMS, id="it answers no act: never WeChat, though urgent"),
]
CLOSED_NO = (D.EXPIRED, D.TEMPORARY_FAILURE, D.PERMANENT_FAILURE, D.TECHNICAL_FAILURE)
STATES = [
    *[pytest.param(URGENT, FREE, {T: one}, None, id=f"nothing beside it: {one}") for one in sorted(OPEN | REACHED)],
    *[pytest.param(URGENT, FREE, {T: one}, OA, id=f"the next one after: {one}") for one in CLOSED_NO],
    *[pytest.param(URGENT, FREE, {T: one, OA: one}, MP, id=f"the third one after: {one}") for one in CLOSED_NO],
    *[pytest.param(URGENT, FREE, dict.fromkeys(WECHAT, one), SMS, id=f"SMS after: {one}") for one in CLOSED_NO],
    *[
        pytest.param(URGENT, FREE, {**dict.fromkeys(WECHAT, D.PERMANENT_FAILURE), SMS: one}, None, id=f"end: {one}")
        for one in D
    ],
    pytest.param(URGENT, FREE, {T: D.PERMANENT_FAILURE, OA: D.CREATED}, None, id="the second one is open"),
    pytest.param(URGENT, only(SMS), {T: D.SENT}, None, id="urgent: no SMS beside what WeChat took"),
    pytest.param(URGENT, only(SMS), {T: D.UNKNOWN}, None, id="urgent: no SMS beside what may have arrived"),
    pytest.param(PLAIN, FREE, dict.fromkeys(WECHAT, D.PERMANENT_FAILURE), None, id="no SMS where none is wanted"),
]
UNREAD_ROWS = [
    pytest.param(UNREAD, FREE, NOTHING, 0, T, id="WeChat first"),
    pytest.param(UNREAD, FREE, {T: D.CREATED}, 0, 4.0, id="look again when it should have been read"),
    pytest.param(UNREAD, FREE, {T: D.SENT}, 3.99, 4.0, id="not before"),
    pytest.param(UNREAD, FREE, {T: D.SENT}, 4, SMS, id="sent and not read in time"),
    pytest.param(UNREAD, FREE, {T: D.DELIVERED}, 5, SMS, id="delivered and not read in time"),
    pytest.param(UNREAD, FREE, {T: D.UNKNOWN}, 4, SMS, id="nobody knows, and not read in time"),
    pytest.param(UNREAD, FREE, {T: D.CREATED}, 4, SMS, id="still waiting for WeChat: SMS whatever it does"),
    pytest.param(UNREAD, FREE, {T: D.SENDING}, 4, SMS, id="under way: SMS whatever it does"),
    pytest.param(UNREAD, only(SMS), NOTHING, 0, 4.0, id="no WeChat: there is time to read it all the same"),
    pytest.param(UNREAD, only(SMS), NOTHING, 4, SMS, id="no WeChat, not read"),
    pytest.param(UNREAD, only(T), {T: D.SENT}, 4, None, id="no phone"),
    pytest.param(UNREAD, FREE, {T: D.SENT, SMS: D.SENT}, 4, None, id="the SMS went out"),
    pytest.param(UNREAD, FREE, {T: D.SENT, SMS: D.CREATED}, 5, None, id="the SMS waits"),
    pytest.param(UNREAD, FREE, {T: D.SENT}, 9, (SMS, 20.0), id="due at night: in the morning"),
    pytest.param(SHORT, FREE, {T: D.SENT}, 1, None, id="useless before anybody would be reminded"),
]
ENDS = [
    pytest.param(URGENT, FREE, NOTHING, 0, True, None, id="read at once"),
    pytest.param(UNREAD, FREE, {T: D.SENT}, 4, True, None, id="read before the SMS"),
    pytest.param(URGENT, FREE, {T: D.PERMANENT_FAILURE}, 1, True, None, id="read before the second channel"),
    pytest.param(TILL_SIX, FREE, NOTHING, 8.9, False, T, id="the last minutes of the day"),
    pytest.param(TILL_SIX, FREE, NOTHING, 9, False, None, id="useless by morning: not begun at night"),
    pytest.param(URGENT, FREE, NOTHING, 57, False, (T, 68.0), id="good until noon: in the morning"),
    pytest.param(URGENT, FREE, NOTHING, 71.9, False, T, id="minutes before its end"),
    pytest.param(URGENT, FREE, NOTHING, 72, False, None, id="the deadline itself is too late"),
    pytest.param(AT_ONCE, FREE, NOTHING, 71.9, False, T, id="a little before it, at once"),
    pytest.param(AT_ONCE, FREE, NOTHING, 72, False, None, id="at once, but too late"),
    pytest.param(UNREAD, FREE, {T: D.SENT}, 100, False, None, id="long past"),
]


@pytest.mark.parametrize(("one", "hindrances", "tried", "expected"), [*HINDERED, *ORDER, *STATES])
def test_the_first_channel_that_nothing_hinders_unless_one_has_it_already(
    one: Template, hindrances: Hindrances, tried: Tried, expected: object
) -> None:
    assert step(one, hindrances, tried) == expected


@pytest.mark.parametrize(("one", "hindrances", "tried", "hours", "expected"), UNREAD_ROWS)
def test_an_sms_follows_what_nobody_has_read_in_time(
    one: Template, hindrances: Hindrances, tried: Tried, hours: float, expected: object
) -> None:
    assert step(one, hindrances, tried, hours) == expected


@pytest.mark.parametrize(("one", "hindrances", "tried", "hours", "read", "expected"), ENDS)
def test_nothing_after_it_was_read_or_is_useless(
    one: Template, hindrances: Hindrances, tried: Tried, hours: float, read: bool, expected: object
) -> None:
    assert step(one, hindrances, tried, hours, read=read) == expected


@pytest.mark.parametrize(
    ("now", "asleep", "awake"),
    [
        (at(12, 59), False, at(12, 59)),  # 20:59
        (at(13), True, at(0, day=21)),  # 21:00, the first minute of the night
        (at(13, 1), True, at(0, day=21)),
        (at(15, 59), True, at(0, day=21)),  # 23:59
        (at(16), True, at(0, day=21)),  # midnight
        (at(20, 30), True, at(0, day=21)),  # 4:30 of the next day
        (at(23, 59), True, at(0, day=21)),  # 7:59
        (at(0), False, at(0)),  # 8:00 sharp
        (at(0, 1), False, at(0, 1)),
        (at(4), False, at(4)),
        (at(16, day=30), True, datetime.datetime(2026, 12, 1, tzinfo=datetime.UTC)),  # midnight of the month's end
    ],
)
def test_the_night_is_from_nine_to_eight_in_china(
    now: datetime.datetime, asleep: bool, awake: datetime.datetime
) -> None:
    assert quiet(now) is asleep
    assert out_of_quiet(now) == awake


@pytest.mark.parametrize(
    ("one", "now", "expected"),
    [
        (URGENT, at(12, 59), Step(T, at(12, 59))),
        (URGENT, at(13), Step(T, at(0, day=21))),
        (URGENT, at(23, 59), Step(T, at(0, day=21))),
        (AT_ONCE, at(13), Step(T, at(13))),
        (AT_ONCE, at(20), Step(T, at(20))),
        (SHORT, at(13), None),  # useless at midnight
    ],
)
def test_what_is_told_at_night_waits_for_the_morning_unless_it_cannot(
    one: Template, now: datetime.datetime, expected: Step | None
) -> None:
    assert next_step(one, hindrances=FREE, tried={}, read=False, told_at=now, now=now) == expected


SOME = st.sampled_from([
    template(sms, answers=answers, wechat=wechat, at_once=at_once, useful_for=hours * HOUR, unread_after=4 * HOUR)
    for sms in Sms for answers in (True, False) for wechat in (True, False) for at_once in (True, False)
    for hours in (1, 6, 12, 72)
])  # fmt: skip
WAYS = st.fixed_dictionaries({channel: st.none() | st.sampled_from(Hindrance) for channel in Channel})
HISTORY = st.dictionaries(st.sampled_from(Channel), st.sampled_from(DeliveryStatus))
WAITED = st.timedeltas(datetime.timedelta(), 80 * HOUR)
TOLD = st.integers(0, 366 * 24 * 60).map(lambda minutes: NOON + minutes * MINUTE)


@given(one=SOME, hindrances=WAYS, tried=HISTORY, read=st.booleans(), told_at=TOLD, waited=WAITED)
def test_no_step_ever_breaks_a_rule(
    one: Template, hindrances: Hindrances, tried: Tried, read: bool, told_at: datetime.datetime,
    waited: datetime.timedelta,
) -> None:  # fmt: skip
    now = told_at + waited
    found = next_step(one, hindrances=hindrances, tried=tried, read=read, told_at=told_at, now=now)
    ends = told_at + one.useful_for
    if found is None:
        return
    assert not read and now < ends, "nothing after it was read, or is useless"
    assert now <= found.at < ends
    if isinstance(found, Look):
        assert found.at > now, "or the same look would come again and again"
        return
    assert hindrances[found.channel] is None and found.channel not in tried
    assert one.at_once or not quiet(found.at)
    if found.channel.of_wechat:
        assert one.answers and one.card, "WeChat's service messages answer an act"
        former = {tried[channel] for channel in WECHAT if channel in tried}
        assert not former & (OPEN | REACHED), "a second one only where the former failed"
    else:
        assert one.sms is not Sms.NEVER and one.sms_text


@given(one=SOME, hindrances=WAYS, outcomes=st.lists(st.sampled_from(DeliveryStatus), min_size=8, max_size=8))
def test_a_ladder_climbed_to_its_end_is_finite_and_tells_once_by_wechat(
    one: Template, hindrances: Hindrances, outcomes: list[DeliveryStatus]
) -> None:
    tried: dict[Channel, DeliveryStatus] = {}
    now = NOON
    for outcome in outcomes:
        found = next_step(one, hindrances=hindrances, tried=tried, read=False, told_at=NOON, now=now)
        if found is None:
            break
        now = found.at
        if isinstance(found, Step):
            tried[found.channel] = outcome
    else:
        pytest.fail("four channels and one look: eight steps are too many")
    assert sum(tried[channel] in OPEN | REACHED for channel in WECHAT if channel in tried) <= 1
