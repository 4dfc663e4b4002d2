"""What unions put on, from the officer's first tap to the exported list, by clicking as people do.

Each event is put on, taken, refused to somebody who may not, cancelled, refilled, checked in and exported.
"""

import datetime
import io
import re
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from services.accounts.types import MemberActor, OfficerActor, Role
from services.core import clock
from services.core.calendar import local_date
from services.members.documents import Sex
from tests.browser.conftest import Phones
from tests.browser.phone import Phone
from tests.builders.events import Gathering
from tests.builders.world import DAY, World

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]

AHEAD = 6 * DAY
TITLE = "今年的活动"


class Walk:
    """A desk and one phone that goes from hand to hand."""

    def __init__(self, phone: Phones, world: World, at: Callable[..., None]) -> None:
        self.phone, self.world, self._at = phone, world, at
        self.gathering = Gathering(world)
        self.desk = phone(self.gathering.officer, viewport={"width": 1280, "height": 900})
        self.hand = phone()
        self.event_id = UUID(int=0)

    def put_on(self, tile: str, places: int, *, also: Callable[[Phone], None] = lambda _desk: None) -> None:
        """A tile, four fields and whatever else, a look, published."""
        self.desk.open("/staff/events").tap("新活动")
        self.desk.tap(tile)
        day = local_date(clock.now() + AHEAD)
        for field, text in (("title", TITLE), ("place", "区工人文化宫"), ("day", f"{day}"), ("places", f"{places}")):
            self.desk.page.fill(f"#{field}", text)
        also(self.desk)
        self.desk.tap("保存，看看效果")
        self.desk.page.get_by_role("button", name="发布", exact=True).click()
        self.desk.shows("报名名单")
        found = re.search(r"/staff/events/([0-9a-f-]{36})", self.desk.page.url)
        assert found
        self.event_id = UUID(found[1])

    def passes_to(self, actor: MemberActor, path: str = "") -> Phone:
        """This member's hand now; at the event unless said otherwise."""
        return self.phone(actor, same=self.hand).open(path or f"/events/{self.event_id}")

    def signs_up(self, actor: MemberActor, fill: Callable[[Phone], None] = lambda _hand: None) -> Phone:
        hand = self.passes_to(actor)
        hand.page.locator(".dock a").click()
        fill(hand)
        self.go()
        return hand

    def go(self) -> None:
        self.hand.page.locator(".dock button").click()

    def own(self, actor: MemberActor) -> Phone:
        """The member's own entry, the way she gets to it."""
        hand = self.passes_to(actor, "/me/events")
        hand.tap(TITLE)
        hand.page.wait_for_url("**/me/events/*-*")
        return hand

    def cancels(self, actor: MemberActor, words: str = "取消报名") -> None:
        hand = self.own(actor)
        hand.page.locator("summary").get_by_text(words).click()
        hand.tap(f"确定{words}")
        hand.shows("您取消了这份报名")

    def takes_what_is_offered(self, actor: MemberActor, then: str = "已报上") -> None:
        hand = self.own(actor)
        hand.tap("我要这个名额")
        hand.shows(then)

    def is_refused(self, actor: MemberActor, why: str) -> None:
        """The page says why, and has no button that leads into a wall."""
        hand = self.passes_to(actor)
        hand.shows(why)
        assert hand.page.locator(".dock").count() == 0

    def later(self, by: datetime.timedelta) -> None:
        """Everybody signs in again: sessions do not last for days at a desk."""
        instant = clock.now() + by
        self._at(instant)
        self.phone(self.gathering.officer, same=self.desk)

    def day_of_the_event(self) -> None:
        starts_at = self.gathering.seen(self.event_id).terms.starts_at  # type: ignore[arg-type]
        self.later(starts_at - datetime.timedelta(minutes=10) - clock.now())

    def is_let_in(self, actor: MemberActor, *, others: str = "") -> None:
        """By the code of her card, with whom she has signed up; a second time it says since when."""
        for fresh in (True, False):
            self.desk.open(f"/staff/door/{self.event_id}").page.fill("#code", self.world.code(actor))
            self.desk.page.locator("form[data-scan] .btn--main").click()
            self.desk.shows("签到成功" if fresh else "已签到")
            if fresh and others:
                self.desk.tap(others)
                self.desk.shows("签到成功")

    def exported(self, *names: str) -> str:
        """All cells of the sheet that an officer takes away."""
        self.desk.open(f"/staff/events/{self.event_id}").tap("报名名单")
        self.desk.tap("导出 Excel")
        with self.desk.page.expect_download() as download:
            self.desk.tap("下载")
        book = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
        cells = " ".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
        assert [name for name in names if name not in cells] == []
        return cells


@pytest.fixture
def walk(phone: Phones, world: World, at: Callable[..., None]) -> Walk:
    return Walk(phone, world, at)


def _pair_of(name: str, number: str, category: str = "混双") -> Callable[[Phone], None]:
    def fill(hand: Phone) -> None:
        hand.page.get_by_text(category).first.click()
        hand.page.fill("[name=mate-1-name]", name)
        hand.page.fill("[name=mate-1-phone]", number)

    return fill


def test_a_badminton_entry_as_a_pair(walk: Walk) -> None:
    people, number = walk.gathering, "1003000000"
    (anna, bella), (carl, dan, emil) = (
        people.members("李春梅", "王秀兰", sex=Sex.FEMALE),
        [
            people.member(name, sex=Sex.MALE, phone=f"{number}{at}")
            for at, name in enumerate(("周建国", "高志军", "郭伟"))
        ],
    )
    walk.put_on("双打比赛", 1)
    walk.signs_up(anna, _pair_of("周建国", f"{number}0")).shows("还有 1 位队友没确认")
    walk.own(carl).tap("我参加")
    walk.hand.shows("已报上")
    walk.signs_up(emil, _pair_of("高志军", f"{number}1")).shows("至少")
    walk.signs_up(bella, _pair_of("高志军", f"{number}1")).shows("候补")
    walk.cancels(anna)
    walk.takes_what_is_offered(bella, "还有 1 位队友没确认")
    walk.own(dan).tap("我参加")
    walk.hand.shows("已报上")
    walk.day_of_the_event()
    walk.is_let_in(bella, others="也到了")
    assert walk.exported("王秀兰", "高志军", "混双")


def test_a_check_up_with_windows(walk: Walk) -> None:
    anna, bella = walk.gathering.members("李春梅", "王秀兰", sex=Sex.FEMALE)
    carl = walk.gathering.member("周建国", sex=Sex.MALE)

    def one_early_window_for_women(desk: Phone) -> None:
        desk.page.locator("#slots > summary").click()
        desk.page.fill("[name=slot-0-places]", "1")
        desk.page.locator("#who > summary").click()
        desk.page.select_option("#for_sex", "female")

    walk.put_on("体检义诊", 101, also=one_early_window_for_women)
    early = lambda hand: hand.page.locator("[name=slot]").first.check()  # noqa: E731
    walk.signs_up(anna, early).shows("已报上")
    walk.is_refused(carl, "女")
    walk.signs_up(bella, early).shows("候补")
    walk.cancels(anna)
    walk.takes_what_is_offered(bella)
    walk.day_of_the_event()
    walk.is_let_in(bella)
    assert walk.exported("王秀兰")


def test_a_family_trip(walk: Walk) -> None:
    anna, bella = walk.gathering.members("李春梅", "王秀兰")
    elsewhere = walk.gathering.member("郭伟", union=walk.world.another_union())

    def with_child(years: int) -> Callable[[Phone], None]:
        def fill(hand: Phone) -> None:
            hand.page.fill("[name=child-1-name]", "小满")
            hand.page.fill("[name=child-1-born]", f"{local_date(clock.now()) - years * 366 * DAY}")
            hand.page.check("[name=guardian]")

        return fill

    def for_one_town(desk: Phone) -> None:
        desk.page.locator("#who > summary").click()
        desk.page.fill("#for_union", walk.world.town.name["zh"])

    walk.put_on("家庭出游", 2, also=for_one_town)
    walk.is_refused(elsewhere, "柳渡镇总工会")
    hand = walk.signs_up(anna, with_child(30))
    hand.shows("都标在下面了")
    expect(hand.page.locator("[name=child-1-name]")).to_have_value("小满")
    with_child(8)(hand)
    walk.go()
    hand.shows("已报上")
    walk.signs_up(bella, with_child(9)).shows("候补")
    walk.cancels(anna)
    walk.takes_what_is_offered(bella)
    walk.day_of_the_event()
    walk.is_let_in(bella, others="也到了")
    assert walk.exported("王秀兰", "小满")


def test_a_show_by_draw(walk: Walk) -> None:
    anna, bella, carl = people = walk.gathering.members("李春梅", "王秀兰", "周建国")
    walk.put_on("演出电影", 1)
    for one in people[:2]:
        walk.signs_up(one).shows("摇号")
    closes_at = walk.gathering.seen(walk.event_id).terms.closes_at  # type: ignore[arg-type]
    walk.later(closes_at + datetime.timedelta(minutes=1) - clock.now())
    walk.is_refused(carl, "截止")
    walk.desk.open(f"/staff/events/{walk.event_id}/draw").tap("现在摇号")
    walk.desk.tap("确定摇号")
    walk.desk.shows("1 份中签")
    winner, loser = (anna, bella) if walk.own(anna).page.get_by_text("已报上").count() else (bella, anna)
    walk.cancels(winner)
    walk.takes_what_is_offered(loser)
    walk.passes_to(loser, f"/events/{walk.event_id}/draw").shows("draw.json")
    walk.day_of_the_event()
    walk.is_let_in(loser)
    assert walk.exported("李春梅", "王秀兰")


def test_a_social_with_as_many_women_as_men(walk: Walk) -> None:
    carl, dan = walk.gathering.members("周建国", "高志军", sex=Sex.MALE, age=30)
    anna = walk.gathering.member("李春梅", sex=Sex.FEMALE, age=28)
    old = walk.gathering.member("郭伟", sex=Sex.MALE, age=58)

    def for_the_young(desk: Phone) -> None:
        desk.page.locator("#who > summary").click()
        desk.page.fill("#for_age_to", "45")

    walk.put_on("交友联谊", 2, also=for_the_young)
    walk.is_refused(old, "45")
    walk.signs_up(carl).shows("已报上")
    walk.signs_up(dan).shows("候补")
    walk.signs_up(anna).shows("已报上")
    assert "周建国" not in walk.passes_to(anna).text()
    walk.cancels(carl)
    walk.takes_what_is_offered(dan)
    walk.day_of_the_event()
    walk.is_let_in(dan)
    assert walk.exported("李春梅", "高志军")


def test_a_training_by_approval(walk: Walk) -> None:
    anna, bella, carl = walk.gathering.members("李春梅", "王秀兰", "周建国")

    def because(hand: Phone) -> None:
        hand.page.get_by_label("为什么想参加").fill("想学电工")

    def decides(name: str, verdict: Callable[[Phone], None]) -> None:
        walk.desk.open(f"/staff/events/{walk.event_id}/signups?state=applied")
        walk.desk.tap(name)
        verdict(walk.desk)

    def says_no(desk: Phone) -> None:
        desk.page.locator("summary").get_by_text("不通过").click()
        desk.page.select_option("#reason", "papers")
        desk.page.fill("#note", "请补交上岗证")
        desk.tap("不通过，告诉他们")

    walk.put_on("培训", 1)
    walk.signs_up(anna).shows("都标在下面了")
    because(walk.hand)
    walk.go()
    walk.hand.shows("审核")
    for one in (bella, carl):
        walk.signs_up(one, because).shows("审核")
    decides("李春梅", lambda desk: desk.page.get_by_role("button", name="通过", exact=True).click())
    walk.desk.shows("通过了 1 份")
    decides("周建国", says_no)
    walk.desk.shows("没通过")
    walk.own(carl).shows("请补交上岗证")
    walk.cancels(anna)
    decides("王秀兰", lambda desk: desk.page.get_by_role("button", name="通过", exact=True).click())
    walk.desk.shows("通过了 1 份")
    walk.own(bella).shows("已报上")
    walk.day_of_the_event()
    walk.is_let_in(bella)
    assert walk.exported("王秀兰", "想学电工")


def test_a_tug_of_war_entered_by_units(walk: Walk) -> None:
    ours = [(f"张建{sign}", f"1004000001{at}") for at, sign in enumerate("一二三四五六七八")]
    theirs = [(f"赵永{sign}", f"1004000002{at}") for at, sign in enumerate("甲乙丙丁戊己庚辛")]
    union = walk.world.another_union()
    first = [walk.gathering.member(name, phone=number) for name, number in ours]
    second = [walk.gathering.member(name, phone=number, union=union) for name, number in theirs]
    walk.put_on("单位组队", 1)

    def enters(officer: OfficerActor, lines: list[tuple[str, str]]) -> Phone:
        unit = walk.phone(officer, same=walk.hand).open("/staff/events/units")
        unit.tap(TITLE)
        unit.page.fill("#list", "\n".join(f"{name} {number}" for name, number in lines))
        unit.tap("检查名单")
        unit.shows("8 位可以报")
        return unit

    unit = enters(walk.gathering.another_officer(Role.GRASSROOTS), [*ours, theirs[0]])
    unit.shows("1 位不行")
    unit.tap("报这一队")
    unit.shows("报上 8 位")
    enters(walk.gathering.another_officer(Role.GRASSROOTS, union), theirs).tap("报这一队")
    walk.hand.shows("候补")
    walk.own(first[1]).shows("单位工会统一报名")
    walk.cancels(first[0])
    walk.takes_what_is_offered(second[0])
    walk.day_of_the_event()
    walk.is_let_in(second[0], others="都到了")
    assert walk.exported("赵永甲", "赵永辛")
