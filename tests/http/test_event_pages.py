"""Events for everybody and for a member: what is on, what it says, may I, and why not."""

import datetime
import html
import re

import psycopg
import pytest
from flask.testing import FlaskClient

from services.core import clock, ids
from services.events.service import organising
from services.events.types import (
    Category,
    Eligibility,
    Kind,
    Mode,
    Once,
    Quota,
    QuotaKind,
    Slot,
    Wave,
)
from services.members.documents import Sex
from tests.builders.events import HOUR, Gathering, total
from tests.builders.world import DAY, World
from tests.harness.statements import statements
from tests.http.event_phone import At, enter, plain
from tests.http.pages import Reader
from tests.http.test_pages_weight import FIRST_VIEW, STATIC

LIST, DETAIL = 8, 10


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


def titles(page: str) -> list[str]:
    return [html.unescape(one) for one in re.findall(r'<h3 class="cell__title">(.*?)</h3>', page)]


def button(page: str) -> str:
    """The words of the one red button at the foot; empty where there is none."""
    found = re.search(r'<div class="dock"><a class="btn btn--main"[^>]*>(.*?)</a>', page)
    return html.unescape(found.group(1)) if found else ""


def test_the_list_is_there_for_everybody_the_next_first(
    client: FlaskClient, world: World, gathering: Gathering
) -> None:
    now = clock.now()
    gathering.event(title={"zh": "后来的"}, starts_at=now + 9 * DAY)
    gathering.event(title={"zh": "先来的"}, starts_at=now + 6 * DAY)
    gathering.draft(title={"zh": "还没发布"})
    page = Reader(client, world).open("/events")
    assert titles(page) == ["先来的", "后来的"]
    assert "已报 0 / 10 人" in page and "登录后能看到每个活动您能不能报" in page


def test_kind_time_and_words_narrow_the_list(client: FlaskClient, world: World, gathering: Gathering, at: At) -> None:
    # A Wednesday, so that the week has days left.
    at(datetime.datetime(2026, 11, 25, 4, 0, tzinfo=datetime.UTC))
    now, soon = clock.now(), {"closes_at": clock.now() + DAY}
    gathering.event(title={"zh": "周五讲座"}, kind=Kind.LECTURE, starts_at=now + 2 * DAY, cancel_until=now, **soon)
    gathering.event(title={"zh": "下月培训"}, kind=Kind.TRAINING, starts_at=now + 20 * DAY)
    gathering.event(title={"zh": "开春旅行"}, kind=Kind.TRIP, starts_at=now + 60 * DAY, place={"zh": "青堤湖"})
    reader = Reader(client, world)
    for query, found in (
        ("kind=lecture", ["周五讲座"]),
        ("kind=nonsense", ["周五讲座", "下月培训", "开春旅行"]),
        ("when=week", ["周五讲座"]),
        ("when=month", ["周五讲座", "下月培训"]),
        ("when=later", ["开春旅行"]),
        ("q=青堤湖", ["开春旅行"]),
        ("q=雍河区 旅行", ["开春旅行"]),
        ("q=没有的", []),
        ("when=past", []),
    ):
        assert titles(reader.open(f"/events?{query}")) == found, query
    at(now + 3 * DAY)
    assert titles(reader.open("/events?when=past")) == ["周五讲座"]


def test_a_long_list_goes_on_from_page_to_page(client: FlaskClient, world: World, gathering: Gathering) -> None:
    now = clock.now()
    for number in range(23):
        gathering.event(title={"zh": f"第{number}场"}, starts_at=now + (6 + number) * DAY)
    reader = Reader(client, world)
    first = reader.open("/events?kind=sport")
    link = re.search(r'href="(/events\?[^"]*cursor=[^"]+)"', first)
    assert link and titles(first) == [f"第{number}场" for number in range(20)]
    assert titles(reader.open(html.unescape(link.group(1)))) == ["第20场", "第21场", "第22场"]
    assert "cursor_malformed" in reader.open("/events?cursor=x", 422)


def test_a_member_may_ask_for_what_is_open_to_her_only(client: FlaskClient, world: World, gathering: Gathering) -> None:
    gathering.event(title={"zh": "给男会员的"}, eligibility=Eligibility(sex=Sex.MALE))
    gathering.event(title={"zh": "给大家的"})
    mine = gathering.event(title={"zh": "报过的"})
    member = gathering.member(sex=Sex.FEMALE, age=30)
    enter(gathering, member, mine)
    reader = Reader(client, world, member)
    page = reader.open("/events")
    assert set(titles(page)) == {"给男会员的", "给大家的", "报过的"}
    assert page.count("您不能报：") == 1 and page.count("您已报") == 1
    assert titles(reader.open("/events?mine=1")) == ["给大家的"]


def test_the_list_does_not_call_a_place_in_the_line_a_place(
    client: FlaskClient, world: World, gathering: Gathering
) -> None:
    event_id = gathering.event(places=1)
    first, waiting = gathering.member(), gathering.member()
    for member in (first, waiting):
        enter(gathering, member, event_id)
    page = Reader(client, world, waiting).open("/events")
    assert "候补中" in page and "您已报" not in page
    assert "您已报" in Reader(client, world, first).open("/events")


def test_lists_and_events_stay_within_their_statements(client: FlaskClient, world: World, gathering: Gathering) -> None:
    """However many events: the list asks for all of them at once."""
    member = gathering.member(sex=Sex.FEMALE, age=30)
    rule = Eligibility(union=world.town.path, age_from=18)
    made = [gathering.event(eligibility=rule, kind=kind) for kind in (Kind.TRIP, Kind.SHOW, Kind.SPORT)]
    bearer = world.bearer(member)
    for path in ("/events", "/events?mine=1", "/events?q=健步走"):
        with statements() as sent:
            page = client.get(path, headers=bearer)
        assert len(titles(page.text)) == 3 and len(sent) <= LIST, (path, sent)
    enter(gathering, member, made[0])
    with statements() as sent:
        page = client.get(f"/events/{made[0]}", headers=bearer)
    assert "已报上" in page.text and len(sent) <= DETAIL, sent


def test_who_is_not_signed_in_reads_everything_and_is_brought_back(
    client: FlaskClient, world: World, gathering: Gathering
) -> None:
    event_id = gathering.event(contact="宣教部 028-5550 0101")
    reader = Reader(client, world)
    page = reader.open(f"/events/{event_id}")
    said = plain(page)
    for words in ("沿河健步走", "雍河公园南门", "宣教部 028-5550 0101", "先到先得", "每人只能报一次", "还剩 10 个名额"):
        assert words in said
    assert button(page) == "登录后报名"
    answer = client.get(f"/events/{event_id}/sign-up")
    assert answer.status_code == 302 and f"after=/events/{event_id}/sign-up" in answer.headers["Set-Cookie"]


def test_a_visitor_is_sent_to_the_binding(client: FlaskClient, world: World, gathering: Gathering) -> None:
    event_id = gathering.event()
    reader = Reader(client, world, world.visitor())
    assert button(reader.open(f"/events/{event_id}")) == "去绑定，再报名"
    assert client.get(f"/events/{event_id}/sign-up").location == "/binding"


def test_drafts_and_unknown_events_are_not_there(client: FlaskClient, world: World, gathering: Gathering) -> None:
    draft, reader = gathering.draft(), Reader(client, world)
    for path in (f"/events/{draft}", f"/events/{ids.uuid7()}", f"/events/{draft}/sign-up"):
        if path.endswith("sign-up"):
            reader = Reader(client, world, gathering.member())
        assert "沿河健步走" not in reader.open(path, 404)


def test_a_poster_leads_to_its_event(client: FlaskClient, world: World, gathering: Gathering) -> None:
    event_id = gathering.event()
    token = ids.to_base32(event_id.int, 26)
    for said in (token, token.lower()):
        assert client.get(f"/e/{said}").location == f"/events/{event_id}"
    for wrong in ("Z" * 26, "U" * 26, token[:-1], token + "0"):
        assert client.get(f"/e/{wrong}").status_code == 404


def test_each_state_of_sign_up_has_its_words(client: FlaskClient, world: World, gathering: Gathering, at: At) -> None:
    now = clock.now().replace(second=0, microsecond=0)
    coming = gathering.event(opens_at=now + 2 * DAY + 3 * HOUR)
    open_ = gathering.event(places=60)
    waves = gathering.event(places=3, waves=(Wave(now - HOUR, 1), Wave(now + HOUR / 2, 2)))
    full = gathering.event(places=1)
    closed_line = gathering.event(places=1, waiting_most=0)
    draw = gathering.event(mode=Mode.DRAW, places=2)
    approval = gathering.event(mode=Mode.APPROVAL)
    others = gathering.members(*("会员" for _ in range(7)))
    for event_id in (waves, full, closed_line):
        enter(gathering, others[0], event_id)
    for one in others[1:4]:
        enter(gathering, one, full)
    for one in others[:5]:
        enter(gathering, one, draw)
    reader = Reader(client, world, gathering.member("李春梅"))
    for event_id, words, act in (
        (coming, ("开始报名", "还有 2 天 2 小时", "到时您可以报名"), ""),
        (open_, ("还剩 60 个名额", "已报 0 / 60 人", "您可以报名"), "报名"),
        (waves, ("下一批 2 个", "等下一批", "已报 1 / 3 人"), ""),
        (full, ("名额满了，前面最多 3 份候补", "名额给您留 1 天"), "排候补（第 4 位）"),
        (closed_line, ("名额满了", "已满"), ""),
        (draw, ("5 份报名抢 2 个名额", "现在大约每 2.5 份中 1 份", "最多 4 张"), "参加摇号"),
        (approval, ("要审核", "结果发消息告诉您"), "报名"),
    ):
        page = reader.open(f"/events/{event_id}")
        assert button(page) == act, words
        assert all(word in plain(page) for word in words), (words, plain(page))
    at(now + 5 * DAY + HOUR)
    assert "等着摇号" in reader.open(f"/events/{draw}")
    assert "已截止" in plain(reader.open(f"/events/{open_}"))
    at(now + 7 * DAY + HOUR)
    assert "活动正在进行" in reader.open(f"/events/{open_}")
    at(now + 8 * DAY)
    page = reader.open(f"/events/{open_}")
    assert "活动结束了" in page and not button(page)


@pytest.mark.usefixtures("same_moment")
def test_a_page_that_will_soon_say_something_else_counts_down(
    client: FlaskClient, world: World, gathering: Gathering
) -> None:
    """By the server's clock; without scripts the page asks again by itself."""
    event_id = gathering.event(opens_at=clock.now() + HOUR / 2)
    page = Reader(client, world).open(f"/events/{event_id}")
    left = float(re.findall(r'role="timer" data-clock data-over-reload data-left="([\d.]+)"', page)[0])
    assert HOUR.total_seconds() / 2 - 60 < left <= HOUR.total_seconds() / 2
    assert re.search(r'<noscript><meta http-equiv="refresh" content="1[78]\d\d">', page)


def test_an_event_called_off_says_why(client: FlaskClient, world: World, gathering: Gathering) -> None:
    event_id, officer = gathering.event(), gathering.officer
    world.do(lambda: organising.cancel(actor=officer, event_id=event_id, note="场地停电，改期", now=clock.now()))
    page = Reader(client, world, gathering.member()).open(f"/events/{event_id}")
    assert "这个活动取消了" in page and "场地停电，改期" in page and not button(page)


def test_slots_show_their_room_by_day(client: FlaskClient, world: World, gathering: Gathering) -> None:
    start = (clock.now() + 7 * DAY).replace(hour=1, minute=0, second=0, microsecond=0)
    slots = (Slot(1, start, start + HOUR), Slot(2, start + DAY, start + DAY + HOUR))
    quotas = (total(4), Quota(1, QuotaKind.SLOT, 1, slot=1), Quota(2, QuotaKind.SLOT, 3, slot=2))
    event_id = gathering.event(starts_at=start, ends_at=start + 2 * DAY, slots=slots, quotas=quotas)
    enter(gathering, gathering.member(), event_id, slot=1)
    said = plain(Reader(client, world).open(f"/events/{event_id}"))
    assert said.count("09:00–10:00") == 2 and "09:00–10:00 满了" in said and "09:00–10:00 还剩 3 个名额" in said


def test_one_may_enter_another_category_where_the_event_says_so(
    client: FlaskClient, world: World, gathering: Gathering
) -> None:
    two = (Category(1, {"zh": "单打"}), Category(2, {"zh": "长跑"}))
    event_id, member = gathering.event(categories=two, once=Once.CATEGORY), gathering.member()
    enter(gathering, member, event_id, category=1)
    page = Reader(client, world, member).open(f"/events/{event_id}")
    assert "已报上" in page and "您已经报过名了" in page and button(page) == "报名"


def test_texts_of_officers_are_no_markup(client: FlaskClient, world: World, gathering: Gathering) -> None:
    evil = "<script>alert(1)</script>"
    event_id = gathering.event(title={"zh": evil}, text={"zh": evil}, place={"zh": evil}, contact=evil)
    reader = Reader(client, world, gathering.member())
    for path in ("/events", f"/events/{event_id}", f"/events/{event_id}/sign-up", f"/events?q={evil}"):
        assert "<script>alert" not in reader.open(path)


def test_the_first_view_of_a_busy_list_fits(client: FlaskClient, world: World, gathering: Gathering) -> None:
    from_zh = {"zh": "全区职工春季健步走暨新就业形态劳动者专场联谊活动（第三期）"}
    for _ in range(21):
        gathering.event(title=from_zh, place=from_zh, eligibility=Eligibility(sex=Sex.MALE))
    page = Reader(client, world, gathering.member(sex=Sex.FEMALE, age=30)).open("/events")
    asked = {name.split("#")[0] for name in re.findall(r'(?:href|src)="/static/([^"?#]+)', page)}
    weight = len(page.encode()) + sum((STATIC / name).stat().st_size for name in asked)
    assert len(titles(page)) == 20 and len(asked) > 3 and weight <= FIRST_VIEW, weight


def test_the_page_of_a_draw_names_no_quota_that_says_who_somebody_is(
    client: FlaskClient, world: World, gathering: Gathering
) -> None:
    quotas = (
        total(30), Quota(1, QuotaKind.CATEGORY, 20, category=1), Quota(2, QuotaKind.UNION, 5, union=world.union.path),
        Quota(3, QuotaKind.SEX, 15, sex=Sex.FEMALE, name={"zh": "女工专场"}),
    )  # fmt: skip
    event_id = gathering.event(mode=Mode.DRAW, quotas=quotas)
    said = plain(client.get(f"/events/{event_id}/draw").text)
    assert re.findall(r"Q\d \S+ \d+", said) == ["Q0 全部 30", "Q1 个人 20", "Q2 其他名额 5", "Q3 其他名额 15"]
    assert "女" not in said


@pytest.mark.parametrize(("women", "said"), [(15, False), (14, True)], ids=["fifteen of eighteen", "nobody is full"])
def test_of_a_private_kind_a_full_quota_and_the_total_are_not_said_together(
    client: FlaskClient, world: World, gathering: Gathering, sql: psycopg.Connection, women: int, said: bool
) -> None:
    """That the women's places are full everybody must be told: of eighteen in all three are men then."""
    rooms = (total(30), *(Quota(nth, QuotaKind.SEX, 15, sex=sex) for nth, sex in enumerate(Sex, start=1)))
    event_id = gathering.event(kind=Kind.SOCIAL, quotas=rooms)
    full = next(room.ordinal for room in rooms if room.sex is Sex.FEMALE)
    sql.execute("UPDATE event_quotas SET taken = CASE ordinal WHEN 0 THEN 18 WHEN %s THEN %s ELSE 3 END", [full, women])
    reader = Reader(client, world, gathering.member())
    for page in (reader.open(f"/events/{event_id}"), reader.open("/events")):
        assert ("已报 18 / 30 人" in plain(page)) is said
        assert ("<progress" in page) is said
