"""The desk of the messaging gateway fits every screen, and can be tapped."""

import datetime
import os
import random
from collections.abc import Callable, Iterator

import pytest

from services.core import clock
from services.core.db import db
from services.core.ids import uuid7
from services.notifications.models import Delivery, Pause, SendingHour, Told
from services.notifications.types import Channel
from tests.browser.conftest import Phones
from tests.browser.phone import Phone
from tests.builders.reach import MP, OA, Reachable
from tests.builders.world import World
from tests.harness.channels import Fake, Use

pytestmark = pytest.mark.browser

DESK = "/staff/channels"
OUTCOMES = (
    ("sent", "", 300),
    ("permanent_failure", "43004", 40),
    ("retry", "down:503", 9),
    ("unknown", "down:answer_lost", 3),
)
PATHS = (
    DESK, f"{DESK}/figures", f"{DESK}/figures?by=hours", f"{DESK}/messages", f"{DESK}/messages/one/card.frozen",
    f"{DESK}/messages/layouts", f"{DESK}/messages/layouts/mp_subscribe/answer",
    f"{DESK}/messages/layouts/sms/card.frozen", f"{DESK}/messages/layouts/mp_subscribe/answer?in=en",
)  # fmt: skip


@pytest.fixture
def house(world: World, use: Use) -> None:
    """A month of sends by two channels, a pause of each kind, members who can be reached and who cannot."""
    use(
        Fake(Channel.TEMPLATE, provider=OA, repeats_safely=True), Fake(Channel.MP_SUBSCRIBE, provider=MP),
        Fake(Channel.SMS, provider="aliyun"),
    )  # fmt: skip
    rng, reach, now = random.Random(5), Reachable(world), clock.now()
    reach.mapped(Channel.TEMPLATE, "use", "A" * 43)
    template = reach.mapped(Channel.MP_SUBSCRIBE, "answer", "Bc3_" * 10 + "xyz")
    reach.mapped(Channel.MP_SUBSCRIBE, "answer", "En3_" * 10 + "xyz", language="en")
    reach.mapped(Channel.SMS, "card.frozen", "SMS_123456789", provider="aliyun")
    for number in range(6):
        account = world.member().account_id
        if number % 2:
            reach.wechat(account, OA)
            reach.follows(account, following=number != 3)
        if number % 3 == 0:
            reach.wechat(account, MP)
            reach.consents(account, template, number=number)
    hour = now.replace(minute=0, second=0, microsecond=0)

    def build() -> None:
        zero = dict.fromkeys(("took_ms", "under_100", "under_300", "under_1000", "under_3000"), 0)
        for back in range(0, 30 * 24, 3):
            for channel in ("template", "mp_subscribe"):
                for outcome, reason, most in OUTCOMES:
                    at, count = hour - datetime.timedelta(hours=back), rng.randrange(most)
                    db.session.add(
                        SendingHour(hour=at, channel=channel, outcome=outcome, reason=reason, count=count, **zero)
                    )
        db.session.add_all(
            [
                Pause(channel="template", subject="A" * 43, until=None, reason="40037", since=now, times=1),
                Pause(channel="mp_subscribe", subject="", until=hour + datetime.timedelta(hours=5), reason="45009",
                      since=now, times=1),
                Pause(channel="mass", subject="", until=hour + datetime.timedelta(hours=9), reason="48001",
                      since=now, times=1),
                Told(day=now.date(), template="card.frozen", told=1200, read=480),
                Told(day=now.date(), template="redemption.member", told=31_200, read=9_480),
                Delivery(
                    id=uuid7(), inbox_id=uuid7(), account_id=uuid7(), channel="template", status="created",
                    attempts=0, at_once=False, created_at=now, next_try_at=now - datetime.timedelta(minutes=14),
                ),
            ]
        )  # fmt: skip

    world.do(build)


@pytest.fixture
def screens(phone: Phones, world: World, house: None) -> Callable[..., Iterator[Phone]]:
    """screens(**how the phone is set): every page of these, and a form that came back."""

    def show(**options: object) -> Iterator[Phone]:
        desk = phone(world.officer(), **options)
        for path in PATHS:
            yield desk.open(path)
        desk.open(f"{DESK}/messages/layouts/mp_subscribe/answer")
        desk.page.fill("#key-what", "time1")
        desk.page.click("form.card button")
        yield desk

    return show


@pytest.mark.parametrize(
    "options",
    [
        {"viewport": {"width": 390, "height": 844}},
        {"theme": "dark"},
        {"text": "large"},
        {"viewport": {"width": 320, "height": 640}},
        {"viewport": {"width": 1280, "height": 800}},
        {"viewport": {"width": 1280, "height": 800}, "theme": "dark"},
        {"viewport": {"width": 768, "height": 1024}, "lang": "en"},
    ],
    ids=["390", "dark", "large", "320", "1280", "1280-dark", "english"],
)
def test_every_page_fits_its_screen(
    screens: Callable[..., Iterator[Phone]], options: dict[str, object], request: pytest.FixtureRequest
) -> None:
    for number, one in enumerate(screens(**options)):
        if os.environ.get("T_SHOTS"):
            one.page.screenshot(path=f"/tmp/Tx/{request.node.callspec.id}-{number}.png", full_page=True)
        assert one.overflow() <= 0, one.page.url
        assert one.small_targets() == [], one.page.url
