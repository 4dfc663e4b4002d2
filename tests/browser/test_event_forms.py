"""Officers put on events in a browser: a tile, four fields, a look, published; on a phone and a wide screen."""

import os
from pathlib import Path

import pytest

from services.core import clock
from services.core.calendar import local_date
from services.events.service import signing_up
from services.events.types import Entry
from tests.browser.conftest import Phones
from tests.browser.phone import Phone
from tests.builders.events import Gathering
from tests.builders.world import DAY, World

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("EVENT_SHOTS", "")


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


def shoot(screen: Phone, name: str) -> None:
    if SHOTS:
        screen.page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_badminton_pair_event_takes_four_fields_and_six_taps(phone: Phones, gathering: Gathering, width: int) -> None:
    screen = phone(gathering.officer, viewport={"width": width, "height": 780})
    screen.open("/staff/events")
    taps = []
    day = local_date(clock.now()) + 20 * DAY

    def tap(words: str) -> None:
        taps.append(words)
        screen.tap(words)

    tap("新活动")
    tap("双打比赛")
    screen.shows("填四样就能发布")
    shoot(screen, f"begin-{width}")
    for field, word in (("title", "区职工羽毛球双打赛"), ("place", "文体中心"), ("day", f"{day}"), ("places", "16")):
        screen.page.fill(f"#{field}", word)
        taps.append(field)
    tap("保存，看看效果")
    screen.shows("名额怎么给")
    assert "男双" in screen.text() and "16 队" in screen.text()
    screen.page.get_by_role("button", name="发布", exact=True).click()
    taps.append("发布")
    screen.shows("报名中")
    shoot(screen, f"published-{width}")
    assert len(taps) == 8, "four to fill and four to press"
    assert screen.complaints == []


def test_a_fault_opens_its_fold_and_all_that_was_typed_is_there(phone: Phones, gathering: Gathering) -> None:
    screen = phone(gathering.officer)
    screen.open("/staff/events/new").tap("体检义诊")
    screen.page.fill("#title", "职工体检")
    screen.tap("谁能报")
    screen.page.fill("#for_age_from", "50")
    screen.page.fill("#for_age_to", "40")
    screen.tap("名额细分")
    screen.tap("加一行")
    screen.page.locator("#quota-0-of").select_option("age")
    screen.page.fill("#quota-0-age_from", "35")
    screen.page.fill("#place", "区医院")
    screen.page.fill("#day", f"{local_date(clock.now()) + 20 * DAY}")
    screen.tap("保存，看看效果")
    screen.shows("草稿存好了")
    assert screen.page.locator("#for_age_from").is_visible() and screen.page.input_value("#for_age_from") == "50"
    assert screen.page.locator("#quota-0-age_from").input_value() == "35"
    assert not screen.page.locator("#quota-0-union").is_visible()
    shoot(screen, "faults-360")
    assert screen.overflow() <= 0 and screen.complaints == []


@pytest.mark.parametrize(
    ("width", "text", "theme", "lang"),
    [
        (390, "normal", "light", "zh"),
        (1280, "normal", "dark", "zh"),
        (360, "large", "dark", "zh"),
        (360, "large", "light", "en"),
    ],
)
def test_nothing_sticks_out_and_everything_can_be_tapped(
    phone: Phones, world: World, gathering: Gathering, width: int, text: str, theme: str, lang: str
) -> None:
    event_id, draft = gathering.event(), gathering.draft(title={"zh": ""}, places=0)
    member = gathering.member()
    world.do(lambda: signing_up.sign_up(actor=member, event_id=event_id, entry=Entry(), now=clock.now()))
    screen = phone(gathering.officer, text=text, theme=theme, lang=lang, viewport={"width": width, "height": 800})
    paths = {"list": "", "new": "/new", "one": f"/{event_id}", "edit": f"/{event_id}/edit", "draft": f"/{draft}"}
    for name, path in paths.items():
        screen.open(f"/staff/events{path}")
        unfold(screen)
        shoot(screen, f"{name}-{width}-{text}-{theme}-{lang}")
        assert screen.overflow() <= 0, name
        assert screen.small_targets() == [], name
    checkup(screen)
    shoot(screen, f"slots-{width}-{text}-{theme}-{lang}")
    assert screen.overflow() <= 0 and screen.small_targets() == [] and screen.complaints == []


def checkup(screen: Phone) -> None:
    """The form with rows of every list."""
    screen.open("/staff/events/new")
    with screen.page.expect_navigation():
        screen.page.locator("button[value=checkup]").click()
    for verb in ("cat-add", "quota-add", "wave-add"):
        unfold(screen)
        with screen.page.expect_navigation():
            screen.page.locator(f"button[value={verb}]").click()
    unfold(screen)


def unfold(screen: Phone) -> None:
    screen.page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true })")
