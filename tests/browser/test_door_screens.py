"""The door in a browser: on officers' phones, on the screen at the venue, on members' phones."""

import dataclasses
import datetime
import os
from pathlib import Path
from urllib.parse import unquote

import pytest

from services.accounts.types import MemberActor
from services.core import clock
from services.core.errors import Refusal
from services.events import door_codes
from services.events.queries import certificates
from services.events.queries import door as look
from services.events.service import door, missing, signing_up
from services.events.types import Category, Companion, Entry, EventId, Kind, SignupId, Slot
from services.events.types import Role as Part
from services.events.types.door import Tick
from tests.browser.conftest import Phones
from tests.builders.events import HOUR, Gathering
from tests.builders.world import DAY, World

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("DOOR_SHOTS", "")
MINUTE = datetime.timedelta(minutes=1)
NAMES = ("王小明", "赵青", "欧阳春晓", "Mary Louise", "阿卜杜热合曼·买买提", "李梅")
MODES = [
    (390, "normal", "light", "zh"),
    (1280, "normal", "dark", "zh"),
    (360, "large", "dark", "zh"),
    (360, "large", "light", "en"),
]


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


def sign_up(gathering: Gathering, event_id: EventId, member: MemberActor, **entry: object) -> SignupId:
    made = gathering.world.do(
        lambda: signing_up.sign_up(actor=member, event_id=event_id, entry=Entry(**entry), now=clock.now())  # type: ignore[arg-type]
    )
    assert not isinstance(made, Refusal), made
    return made


def family_day(gathering: Gathering) -> EventId:
    starts_at = clock.now().replace(second=0, microsecond=0) + 30 * MINUTE
    later = starts_at + HOUR
    return gathering.event(
        title={"zh": "工会家庭日：亲子运动会和手工市集，带上孩子一起来", "en": "Family day"},
        starts_at=starts_at,
        ends_at=starts_at + 4 * HOUR,
        closes_at=starts_at + HOUR,
        cancel_until=starts_at,
        walk_ins=True,
        places=60,
        categories=(
            Category(1, {"zh": "家庭组", "en": "Families"}, guests=2, children=2),
            Category(2, {"zh": "单人", "en": "Single"}),
        ),
        slots=(Slot(1, starts_at, later), Slot(2, later, later + HOUR)),
    )


def filled(gathering: Gathering, event_id: EventId) -> MemberActor:
    """Some who have come and some who have not; the one given has a family."""
    child = Companion(Part.CHILD, "王小苗", datetime.date(clock.now().year - 8, 1, 1))
    captain, officer = gathering.member("王建国"), gathering.officer
    sign_up(gathering, event_id, captain, slot=1, guardian=True, companions=(Companion(Part.GUEST, "刘桂芳"), child))

    def come(signup_id: SignupId) -> None:
        gathering.world.do(
            lambda: door.tick(actor=officer, event_id=event_id, signup_id=signup_id, ordinals=[0], now=clock.now())
        )

    for nth, member in enumerate(gathering.members(*NAMES)):
        one = sign_up(gathering, event_id, member, category=2, slot=1 + nth % 2)
        if nth % 2:
            come(one)
    return captain


def venue(gathering: Gathering, event_id: EventId) -> str:
    return "/v/" + gathering.world.look(lambda: door_codes.venue_code(look.serial(event_id), now=clock.now())).text


def over(gathering: Gathering) -> tuple[MemberActor, SignupId]:
    """A course that the member attended and another one missed."""
    event_id = gathering.event(kind=Kind.TRAINING, title={"zh": "电工（中级）技能培训"}, series="电工", level=2)
    present = gathering.member("欧阳春晓")
    signup_id = sign_up(gathering, event_id, present)
    for member in gathering.members("王小明", "赵青"):
        sign_up(gathering, event_id, member)
    terms, officer = gathering.seen(event_id).terms, gathering.officer
    tick = Tick(signup_id, 0, terms.starts_at)
    gathering.world.do(lambda: door.enter_ticks(actor=officer, event_id=event_id, ticks=[tick], now=terms.ends_at))
    gathering.world.do(lambda: missing.settle(terms.ends_at + DAY))
    return present, signup_id


@pytest.mark.parametrize(("width", "text", "theme", "lang"), MODES)
def test_nothing_sticks_out_and_everything_can_be_tapped(
    phone: Phones, gathering: Gathering, monkeypatch: pytest.MonkeyPatch, width: int, text: str, theme: str, lang: str
) -> None:
    present, attended = over(gathering)
    event_id = family_day(gathering)
    captain = filled(gathering, event_id)
    view = {"text": text, "theme": theme, "lang": lang, "viewport": {"width": width, "height": 800}}
    staff = phone(gathering.officer, **view)

    def seen(name: str, screen: object = staff) -> None:
        page = screen.page  # type: ignore[attr-defined]
        for summary in page.locator("main summary").all():
            summary.click()
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}-{text}-{theme}-{lang}.png", full_page=True)
        assert screen.overflow() <= 0, name  # type: ignore[attr-defined]
        assert screen.small_targets() == [], name  # type: ignore[attr-defined]

    for name, path in {
        "doors": "/staff/door",
        "door": f"/staff/door/{event_id}",
        "list": f"/staff/door/{event_id}/list",
        "walk-in": f"/staff/door/{event_id}/walk-in",
        "paper": f"/staff/door/{event_id}/paper",
        "code": f"/staff/door/{event_id}/code",
        "misses": "/staff/misses",
    }.items():
        staff.open(path)
        seen(name)
        if name in ("door", "misses"):
            staff.page.fill("#q", "王")
            with staff.page.expect_navigation():
                staff.page.press("#q", "Enter")
            assert "王" not in unquote(staff.page.url) and staff.page.input_value("#q") == "王"
            seen(f"{name}-found")
    stranger = gathering.member("路过的人")
    for name, shown in {"in": captain, "again": captain, "stranger": stranger, "no": None}.items():
        staff.open(f"/staff/door/{event_id}")
        staff.page.fill("#code", gathering.world.code(shown) if shown else "1234")
        staff.page.press("#code", "Enter")
        staff.page.wait_for_selector(".verdict")
        seen(f"verdict-{name}")
    hers = phone(captain, **view)
    hers.open(venue(gathering, event_id))
    seen("venue", hers)
    hers.page.click("main button")
    hers.page.wait_for_selector(".verdict")
    seen("venue-in", hers)
    hers.open("/v/ABC")
    seen("venue-no", hers)
    new = phone(gathering.member("新来的"), **view)
    new.open(venue(gathering, event_id))
    seen("venue-walk-in", new)
    after = clock.now() + 8 * DAY
    monkeypatch.setattr(clock, "now", lambda: after)
    found = gathering.world.look(lambda: certificates.of_member(attended, member_id=present.member_id, now=clock.now()))
    anybody = phone(None, **view)
    for name, path in {"verify": f"/verify/{found.code}", "verify-no": "/verify/ABC"}.items():
        anybody.open(path)
        seen(name, anybody)
    own = phone(present, **view)
    own.open(f"/me/events/{attended}/certificate")
    if SHOTS:
        own.page.screenshot(path=Path(SHOTS) / f"certificate-{width}-{text}-{theme}-{lang}.png", full_page=True)
    assert own.overflow() <= 0


def test_the_printed_list_fits_its_sheet(phone: Phones, gathering: Gathering) -> None:
    event_id = family_day(gathering)
    filled(gathering, event_id)
    screen = phone(gathering.officer, viewport={"width": 1280, "height": 900})
    screen.open(f"/staff/door/{event_id}/print")
    screen.page.emulate_media(media="print")
    if SHOTS:
        screen.page.screenshot(path=Path(SHOTS) / "print.png", full_page=True)
    assert screen.page.locator(".roll tbody tr").count() == 9
    assert screen.overflow() <= 0


def test_the_code_on_the_screen_changes_by_itself_and_dies_without_a_net(
    phone: Phones, gathering: Gathering, monkeypatch: pytest.MonkeyPatch
) -> None:
    event_id = family_day(gathering)
    usual = door_codes.venue_code

    def short(serial: object, *, now: datetime.datetime) -> object:
        """A code that is to be renewed at once and dies soon after."""
        shown = usual(serial, now=now)  # type: ignore[arg-type]
        return dataclasses.replace(shown, renew_at=now, expires_at=now + 2 * datetime.timedelta(seconds=1))

    monkeypatch.setattr(door_codes, "venue_code", short)
    screen = phone(gathering.officer)
    with screen.page.expect_response("**/code/part") as renewed:
        screen.open(f"/staff/door/{event_id}/code")
    assert renewed.value.ok
    screen.page.context.set_offline(True)
    screen.page.wait_for_selector("#lost:visible")
    assert screen.page.locator("#beam.is-dead").count() == 1
    screen.page.context.set_offline(False)
    screen.page.wait_for_selector("#lost", state="hidden")


def test_a_scanner_types_into_the_door_wherever_the_focus_is(phone: Phones, gathering: Gathering) -> None:
    event_id, member = family_day(gathering), gathering.member("李梅")
    sign_up(gathering, event_id, member, category=2, slot=1)
    screen = phone(gathering.officer)
    screen.open(f"/staff/door/{event_id}")
    screen.page.locator("h1").click()
    screen.page.keyboard.type(gathering.world.code(member))
    screen.page.keyboard.press("Enter")
    screen.page.wait_for_selector(".verdict--ok")
    assert "李*" in screen.page.inner_text(".verdict")
