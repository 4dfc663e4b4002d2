"""Every row of the platform's table of codes, and what each means for one message."""

import pytest

from services.accounts.wechat import Failed
from services.notifications.ports import Effect
from services.notifications.sending import DOWN
from services.notifications.types import DeliveryStatus
from services.notifications.verdicts import Verdict, reason, verdict

CREATED, PERMANENT, TECHNICAL, UNKNOWN = (
    DeliveryStatus.CREATED, DeliveryStatus.PERMANENT_FAILURE, DeliveryStatus.TECHNICAL_FAILURE, DeliveryStatus.UNKNOWN,
)  # fmt: skip
TABLE: list[tuple[tuple[int, ...], DeliveryStatus, Effect, bool]] = [
    ((-1,), CREATED, Effect.NONE, False),
    ((40001, 40014, 42001), CREATED, Effect.NONE, True),
    ((40003,), PERMANENT, Effect.BLOCK_ADDRESS, False),
    ((40013, 40125, 40164, 40243, 48001, 48004, 50002), TECHNICAL, Effect.STOP_CHANNEL, True),
    ((40029, 40163), TECHNICAL, Effect.NONE, False),
    ((40036, 40037, 43107, 43116), TECHNICAL, Effect.PAUSE_TEMPLATE, True),
    ((41030, 40097, 40129, 40169, 47001, 44002, 43001, 43002), TECHNICAL, Effect.NONE, True),
    ((43004,), PERMANENT, Effect.NOT_FOLLOWING, False),
    ((43101,), PERMANENT, Effect.NO_CREDIT, False),
    ((43108,), CREATED, Effect.SOON, False),
    ((45009,), CREATED, Effect.PAUSE_UNTIL_MIDNIGHT, True),
    ((45011, 44991), CREATED, Effect.PAUSE_MINUTE, False),
    ((45168, 87014), PERMANENT, Effect.NONE, True),
    ((47003,), TECHNICAL, Effect.NONE, True),
    ((61010,), TECHNICAL, Effect.NONE, False),
    ((12345,), TECHNICAL, Effect.NONE, False),
]
CODES = [(code, *row) for codes, *row in TABLE for code in codes]


@pytest.mark.parametrize("safely", [True, False])
@pytest.mark.parametrize(("code", "status", "effect", "alarm"), CODES)
def test_a_code_has_its_consequence_and_uses_up_no_consent(
    code: int, status: DeliveryStatus, effect: Effect, alarm: bool, safely: bool
) -> None:
    assert verdict(Failed(code), repeats_safely=safely) == Verdict(status, effect, charged=False, alarm=alarm)
    assert reason(Failed(code)) == str(code)


@pytest.mark.parametrize(
    ("failed", "safely", "status", "why"),
    [
        (Failed(None), True, CREATED, "down:not_connected"),
        (Failed(None), False, CREATED, "down:not_connected"),
        (Failed(None, lost=True), True, CREATED, "down:answer_lost"),
        (Failed(None, lost=True), False, UNKNOWN, "down:answer_lost"),
        (Failed(None, 502), True, CREATED, "down:502"),
        (Failed(None, 502), False, CREATED, "down:502"),
        (Failed(None, 504, lost=True), False, UNKNOWN, "down:504"),
        (Failed(None, 412), True, TECHNICAL, "http:412"),
        (Failed(None, 302), False, TECHNICAL, "http:302"),
    ],
)
def test_no_answer_is_tried_again_unless_it_may_have_arrived_and_would_come_twice(
    failed: Failed, safely: bool, status: DeliveryStatus, why: str
) -> None:
    assert verdict(failed, repeats_safely=safely).status is status
    assert reason(failed) == why


def test_what_is_no_answer_counts_for_the_breaker_and_a_refusal_does_not() -> None:
    assert all(reason(failed).startswith(DOWN) for failed in (Failed(None), Failed(None, 500), Failed(None, lost=True)))
    assert not any(reason(failed).startswith(DOWN) for failed in (Failed(-1), Failed(43101), Failed(None, 404)))


def test_refused_data_name_the_field_and_nothing_else() -> None:
    assert reason(Failed(47003, field="thing1")) == "47003:thing1"
    assert reason(Failed(43101, field="thing1")) == "43101"
    assert verdict(Failed(47003, field="thing1"), repeats_safely=False).charged is False


def test_a_mass_message_that_it_has_already_was_sent() -> None:
    assert verdict(Failed(45065), repeats_safely=True).status is DeliveryStatus.SENT
