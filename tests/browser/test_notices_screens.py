"""The notice desk in a browser: written, sent, followed without a reload, stopped; on a phone and a wide screen."""

import os
import uuid
from pathlib import Path

import pytest
from flask import Flask

from app import jobs, notices
from services.accounts import service as accounts
from services.accounts.types import OfficerActor
from services.core import clock
from services.members.types import Standing
from services.notifications.notices import sending
from services.notifications.notices.types import NoticeId, Readers, State
from tests.browser.conftest import Phones
from tests.browser.phone import Phone
from tests.builders.notices import Noticing
from tests.builders.world import World

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("NOTICE_SHOTS", "")
BODY = {
    "zh": "周六 14:00 在区文化宫大厅放电影，每位会员可带一位家人。\n\n请带会员码入场，13:40 开始检票。",
    "en": "The film starts at 14:00 in the great hall; bring your member code.",
}
LONG = {"title": {"zh": "周六下午文化宫放电影，欢迎每位会员带一位家人一起来看，座位先到先得"}, "body": BODY}


@pytest.fixture
def noticing(world: World) -> Noticing:
    for n in range(3):
        world.member(f"张三{n}", phone=f"1001234567{n}")
    return Noticing(world)


def proved(screen: Phone, world: World) -> None:
    cookie = next(one for one in screen.page.context.cookies() if one["name"] == "gonghui")
    world.do(lambda: accounts.prove(cookie["value"], now=clock.now()))


def begun(world: World, noticing: Noticing, officer: OfficerActor) -> NoticeId:
    """In the inboxes; no channel has taken it yet."""
    notice = noticing.written(officer, sms=True, **LONG)
    noticing.release(notice, officer, above=99)
    world.do(lambda: sending.start(notice_id=notice, above=99, with_mass=True, now=clock.now()))
    return notice


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
    phone: Phones, world: World, noticing: Noticing, width: int, text: str, theme: str, lang: str
) -> None:
    author = noticing.officer()
    paths = {
        "list": "",
        "new": "/new",
        "draft": f"/{noticing.written(author, sms=True, mass=True, **LONG)}",
        "waiting": f"/{noticing.waiting(author, readers=Readers((Standing.ACTIVE, Standing.RETIRED), True))}",
        "begun": f"/{begun(world, noticing, author)}",
    }
    screen = phone(author, text=text, theme=theme, lang=lang, viewport={"width": width, "height": 800})
    for name, path in paths.items():
        screen.open(f"/staff/notices{path}")
        for summary in screen.page.locator("main summary").all():
            summary.click()
        if SHOTS:
            screen.page.screenshot(path=Path(SHOTS) / f"{name}-{width}-{text}-{theme}-{lang}.png", full_page=True)
        assert screen.overflow() <= 0, name
        assert screen.small_targets() == [], name
    assert screen.complaints == []


@pytest.mark.parametrize("width", [390, 1280])
def test_a_notice_is_written_sent_followed_and_done(
    app: Flask, phone: Phones, world: World, noticing: Noticing, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = clock.now().replace(hour=4, minute=0)
    monkeypatch.setattr(clock, "now", lambda: noon)
    screen = phone(noticing.officer(), viewport={"width": width, "height": 800})
    proved(screen, world)
    screen.open("/staff/notices")
    screen.tap("写一条通知")
    screen.page.fill("#title", "每人 50 元")
    screen.page.fill("#body", "14:00 开始。")
    screen.page.get_by_label("同时发短信").check()
    screen.tap("保存，看看效果")
    screen.shows("请换个说法")
    screen.page.fill("#title", "周六放电影")
    screen.tap("保存，看看效果")
    screen.shows("短信费用约 0.15 元")
    screen.tap("发给这些人")
    screen.tap("确定发送")
    screen.shows("已放行，马上就发")
    notice = NoticeId(uuid.UUID(screen.page.url.rpartition("/")[2]))
    world.do(lambda: sending.start(notice_id=notice, above=99, with_mass=True, now=noon))
    screen.page.reload()
    screen.shows("0 / 3 人")
    with app.app_context():
        jobs.sweep(0)
        notices.go_on(0)
    screen.shows("发完了")  # by itself
    screen.shows("3 / 3 人")
    assert screen.complaints == []


@pytest.mark.parametrize("width", [390, 1280])
def test_a_notice_is_stopped_midway(app: Flask, phone: Phones, world: World, noticing: Noticing, width: int) -> None:
    officer = noticing.officer()
    notice = begun(world, noticing, officer)
    screen = phone(officer, viewport={"width": width, "height": 800})
    screen.open(f"/staff/notices/{notice}")
    screen.tap("停止发送")
    screen.tap("确定停止")
    screen.shows("停在这里")
    assert noticing.seen(notice).state is State.STOPPED
    screen.tap("撤回这条通知")
    screen.tap("确定撤回")
    screen.shows("已经撤回")
    assert screen.complaints == []
