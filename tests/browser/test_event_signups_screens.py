"""The organiser's pages about entries, a unit's list, the draw: nothing sticks out, everything can be tapped."""

import datetime
import os
from pathlib import Path

import pytest

from services.accounts.types import MemberActor, Role
from services.core import clock
from services.core.forms import Form, Kind, Question
from services.events.service import drawing, entering, signing_up
from services.events.types import Category, Entry, EventId, Mode, Quota, QuotaKind, SignupId
from services.events.types import Kind as EventKind
from services.members.documents import Sex
from tests.browser.conftest import Phones
from tests.browser.phone import Phone
from tests.builders.events import Gathering
from tests.builders.world import World

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("EVENT_SHOTS", "")
MODES = [
    (390, "normal", "light", "zh"),
    (1280, "normal", "dark", "zh"),
    (360, "large", "dark", "zh"),
    (360, "large", "light", "en"),
]
FORM = Form(
    (
        Question("size", Kind.TEXT, {"zh": "衣服尺码", "en": "Size"}),
        Question("seat", Kind.TEXT, {"zh": "安排的座位", "en": "Seat"}, for_managers=True),
    )
)
TITLE = {"zh": "电工操作技能提升培训班（第三期）", "en": "Electricians’ course, third round"}


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


def signed_up(world: World, event_id: EventId, actor: MemberActor, **entry: object) -> SignupId:
    given = Entry(**entry)  # type: ignore[arg-type]
    found = world.do(lambda: signing_up.sign_up(actor=actor, event_id=event_id, entry=given, now=clock.now()))
    return SignupId(found)  # type: ignore[arg-type]


def looked_at(screen: Phone, name: str, mode: str) -> None:
    closed = screen.page.locator("main details:not([open]) > summary")
    while closed.count():
        closed.first.click()
    if SHOTS:
        screen.page.screenshot(path=Path(SHOTS) / f"{name}-{mode}.png", full_page=True)
    assert screen.overflow() <= 0, name
    assert screen.small_targets() == [], name


def training(world: World, gathering: Gathering) -> tuple[EventId, SignupId]:
    quotas = (Quota(0, QuotaKind.ALL, 6), Quota(1, QuotaKind.SEX, 3, sex=Sex.FEMALE))
    event_id = gathering.event(title=TITLE, mode=Mode.APPROVAL, quotas=quotas, form=FORM, unit_entry=True,
                               categories=(Category(1, {"zh": "初级班"}), Category(2, {"zh": "高级班"})))  # fmt: skip
    ids = [
        signed_up(world, event_id, one, category=1 + n % 2, answers={"size": "大号"})
        for n, one in enumerate(gathering.members("陈静", "王伟", "欧阳文静", "买买提·艾力", "Mary Lee"))
    ]
    unit = gathering.another_officer(Role.GRASSROOTS)
    for one in gathering.members("周洁", "吴敏"):
        world.do(
            lambda one=one: entering.enter(  # type: ignore[misc]
                actor=unit, event_id=event_id, member_ids=[one.member_id], category=1, slot=None, wait=True,
                now=clock.now(),
            )
        )  # fmt: skip
    return event_id, ids[0]


def drawn(world: World, gathering: Gathering) -> tuple[EventId, MemberActor]:
    event_id = gathering.event(title={"zh": "新年音乐会"}, kind=EventKind.SHOW, places=8, mode=Mode.DRAW)
    people = gathering.members(*(f"会员{n}" for n in range(24)))
    for one in people:
        signed_up(world, event_id, one)
    organiser, later = gathering.officer, clock.now() + datetime.timedelta(days=5, minutes=1)
    world.do(lambda: drawing.draw(actor=organiser, event_id=event_id, now=later))
    return event_id, people[0]


@pytest.mark.parametrize(("width", "text", "theme", "lang"), MODES)
def test_nothing_sticks_out_and_everything_can_be_tapped(
    phone: Phones, world: World, gathering: Gathering, width: int, text: str, theme: str, lang: str
) -> None:
    event_id, one = training(world, gathering)
    coming = gathering.event(title={"zh": "新年音乐会"}, kind=EventKind.SHOW, places=2, mode=Mode.DRAW)
    for member in gathering.members("甲", "乙", "丙"):
        signed_up(world, coming, member)
    held, winner = drawn(world, gathering)
    paths = {
        "live": f"/staff/events/{event_id}/signups",
        "applied": f"/staff/events/{event_id}/signups?state=applied&placed=2&waiting=1",
        "one": f"/staff/events/{event_id}/signups/{one}",
        "figures": f"/staff/events/{event_id}/figures",
        "draw-before": f"/staff/events/{coming}/draw",
        "draw-after": f"/staff/events/{held}/draw",
        "units": "/staff/events/units",
        "enter": f"/staff/events/{event_id}/units",
    }
    mode = f"{width}-{text}-{theme}-{lang}"
    screen = phone(gathering.officer, text=text, theme=theme, lang=lang, viewport={"width": width, "height": 800})
    for name, path in paths.items():
        looked_at(screen.open(path), name, mode)
    screen.open(f"/staff/events/{event_id}/units")
    screen.page.fill("#list", "陈静\n吴敏 10099990000\n何人 123456\n赵远 10020000001\n" + _newcomers(gathering))
    screen.page.locator("form[enctype] button.btn--main").click()
    screen.page.locator("#looked").wait_for()
    looked_at(screen, "looked", mode)
    screen.page.locator("form[aria-labelledby=looked] button.btn--main").click()
    screen.page.locator("#done").wait_for()
    looked_at(screen, "entered", mode)
    member = phone(winner, same=screen)
    for name, path in {"public-before": f"/events/{coming}/draw", "public-after": f"/events/{held}/draw"}.items():
        looked_at(member.open(path), name, mode)
    looked_at(member.open(f"/events/{held}/draw?number=7K3M-9QXZ&list=waiting"), "public-sought", mode)
    assert screen.complaints == []


def _newcomers(gathering: Gathering) -> str:
    gathering.members("孙立军", "刘芳")
    return "孙立军\n刘芳"


@pytest.mark.parametrize("width", [390, 1280])
def test_an_officer_decides_on_a_phone_and_at_a_desk(
    phone: Phones, world: World, gathering: Gathering, width: int
) -> None:
    event_id, _one = training(world, gathering)
    screen = phone(gathering.officer, viewport={"width": width, "height": 800})
    screen.open(f"/staff/events/{event_id}/signups?state=applied")
    for box in screen.page.locator("input[name=signup]").all()[:2]:
        box.check()
    screen.tap("通过选中的")
    screen.shows("通过了 2 份")
    screen.page.locator("input[name=signup]").first.check()
    screen.tap("选中的不通过")
    screen.page.select_option("#reason", "full")
    screen.tap("不通过，告诉他们")
    screen.shows("1 份没通过")
    assert gathering.seen(event_id).total.taken == 2
    assert screen.complaints == []


def test_the_list_can_be_taken_away_twice(phone: Phones, world: World, gathering: Gathering) -> None:
    """First with the numbers hidden, then in full: the page stays when a file comes."""
    event_id, _one = training(world, gathering)
    desk = phone(gathering.officer, viewport={"width": 1280, "height": 800}).open(f"/staff/events/{event_id}/signups")
    desk.page.clock.install()
    desk.tap("导出 Excel")
    with desk.page.expect_download():
        desk.tap("下载")
    desk.page.clock.run_for(5000)
    desk.page.select_option("#phones", "contact")
    with desk.page.expect_download():
        desk.tap("下载")
    assert desk.complaints == []
