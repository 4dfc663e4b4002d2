"""A member's messages and how they reach him, on a small phone; WeChat's own question, with a stand-in for it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from playwright.sync_api import expect

from app import demo
from app.partners import Partners
from services.accounts.types import MemberActor
from services.accounts.wechat import AppKeys, Platform
from services.cards import service as cards
from services.core import clock
from services.core.transaction import in_transaction
from services.notifications.types import Channel
from services.rights import service as rights
from services.rights.types import Wish
from tests.browser.conftest import Phones
from tests.browser.phone import Phone
from tests.builders.reach import Reachable
from tests.builders.world import World
from tests.harness.channels import Fake, Use
from tests.partners.platform import StandIn, running

pytestmark = pytest.mark.browser

SHOTS = os.environ.get("REACHING_SHOTS", "")
WECHAT = "Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/120 MicroMessenger/8.0.49"
#: Takes what was signed and says yes; its component is what the page made of it.
_SCRIPT = """
let ready;
window.wx = {
  ready: (then) => { ready = then; },
  error: () => {},
  config: (given) => { window.config = given; setTimeout(ready, 20); },
};
"""
_ANSWER = """(tag, status) => {
  const details = {};
  for (const one of tag.getAttribute("template").split(",")) details[one] = JSON.stringify({ status, timestamp: "1" });
  tag.dispatchEvent(new CustomEvent("success",
    { detail: { errMsg: "subscribe:ok", subscribeDetails: JSON.stringify(details) } }));
}"""


@pytest.fixture
def member(world: World, run_jobs: Callable[[], None]) -> MemberActor:
    """Whose card was frozen: told in the inbox and on the demo's phone."""
    member = world.member("阿不都热依木江·阿不都克里木阿吉")
    world.do(lambda: demo.give_wechat(member.account_id, now=clock.now()))
    world.do(lambda: cards.freeze(member_id=member.member_id, actor=member.label, now=clock.now()))
    run_jobs()
    return member


@pytest.fixture
def told(member: MemberActor, sql: psycopg.Connection) -> str:
    (row,) = sql.execute("SELECT id FROM inbox_messages").fetchall()
    return f"/inbox/{row[0]}"


@pytest.mark.parametrize(
    ("text", "lang", "theme", "width"),
    [
        pytest.param("normal", "zh", "light", 390, marks=pytest.mark.soak), ("large", "zh", "dark", 360),
        ("large", "en", "light", 360),
    ],
)  # fmt: skip
def test_nothing_sticks_out_and_everything_can_be_tapped(
    phone: Phones, member: MemberActor, told: str, text: str, lang: str, theme: str, width: int
) -> None:
    screen = phone(member, text=text, lang=lang, theme=theme, viewport={"width": width, "height": 740})
    paths = [
        "/inbox", told, "/inbox/archive", "/me/reaching", "/binding/done", "/demo/phone?who=member", "/demo/follow/AB",
    ]  # fmt: skip
    for path in paths:
        screen.open(path)
        if SHOTS:
            name = f"{path[1:14].replace('/', '-')}-{text}-{lang}-{theme}.png"
            screen.page.screenshot(path=Path(SHOTS) / name, full_page=True)
        assert screen.overflow() <= 0, path
        assert screen.small_targets() == [], path
        assert screen.page.locator("h1").count() == 1, path


def test_a_message_that_was_opened_is_read_and_one_that_was_only_listed_is_not(
    phone: Phones, member: MemberActor, told: str, sql: psycopg.Connection
) -> None:
    screen = phone(member).open("/inbox")
    screen.shows("1 条未读")
    assert sql.execute("SELECT count(*) FROM inbox_messages WHERE read_at IS NULL").fetchone() == (1,)
    with screen.page.expect_response(f"**{told}/read"):
        screen.tap("您的会员卡已冻结")
    screen.shows("看我的会员卡")
    screen.open("/inbox")
    expect(screen.page.get_by_text("1 条未读")).to_have_count(0)


@pytest.fixture
def platform(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandIn]:
    with running() as stand_in:
        account = stand_in.official_account
        ours = Platform(
            AppKeys(account.appid, account.secret), transact=in_transaction,
            clock=lambda: clock.now(),  # noqa: PLW0108 - tests set it
            api_url=stand_in.url, open_url=stand_in.url,
        )  # fmt: skip
        monkeypatch.setitem(app.extensions, "partners", Partners(None, ours, None))
        yield stand_in


@pytest.fixture
def asked(phone: Phones, world: World, member: MemberActor, platform: StandIn, use: Use) -> Phone:
    """In WeChat, with a correction under way of which a consent is asked."""
    appid = platform.official_account.appid
    use(Fake(Channel.OA_SUBSCRIBE, provider=appid))
    reachable = Reachable(world)
    reachable.wechat(member.account_id, appid)
    reachable.mapped(Channel.OA_SUBSCRIBE, "answer", provider=appid)
    world.do(lambda: rights.ask_correction(actor=member, wish=Wish(phone="10000001234"), now=clock.now()))
    screen = phone(member, user_agent=WECHAT)
    screen.page.route(
        "https://res.wx.qq.com/**",
        lambda route: route.fulfill(status=200, content_type="text/javascript", body=_SCRIPT),
    )
    return screen.open("/me/data/correction")


def test_wechats_question_is_asked_once_and_its_yes_is_noted(asked: Phone, sql: psycopg.Connection) -> None:
    asked.shows("有了结果，微信告诉您？")
    assert asked.page.evaluate("config.openTagList") == ["wx-open-subscribe"]
    tag = asked.page.locator("wx-open-subscribe")
    assert tag.get_attribute("template") == "T-oa_subscribe-answer"
    with asked.page.expect_response("**/me/reaching/consent") as sent:
        tag.evaluate(_ANSWER, "accept")
    assert sent.value.status == 201
    asked.shows("有结果会发到您的微信")
    assert sql.execute("SELECT granted, provisional FROM credits").fetchall() == [(0, 1)]
    asked.open("/me/data/correction")
    asked.shows("撤回，重新填")
    expect(asked.page.locator("[data-consent]")).to_be_hidden()


def test_no_thanks_ends_it_for_good(asked: Phone, sql: psycopg.Connection) -> None:
    asked.tap("不用")
    expect(asked.page.locator("[data-consent]")).to_be_hidden()
    asked.open("/me/data/correction")
    asked.shows("撤回，重新填")
    expect(asked.page.locator("wx-open-subscribe")).to_have_count(0)
    assert sql.execute("SELECT count(*) FROM credits").fetchone() == (0,)


def test_the_code_to_follow_comes_from_the_platform(phone: Phones, member: MemberActor, platform: StandIn) -> None:
    screen = phone(member, user_agent=WECHAT).open("/binding/done")
    screen.shows("长按下面的码")
    assert screen.page.locator("img.follow").evaluate("one => one.decode().then(() => one.naturalWidth)") > 100
