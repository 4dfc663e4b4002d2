"""Why not me, and who can mend it; what others may not learn of a private event."""

import html
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.events.types import Category, Eligibility, Kind, Quota, QuotaKind, Unit
from services.members.documents import Sex
from services.members.types import Standing
from tests.builders.events import Gathering, total
from tests.builders.world import World
from tests.http.event_phone import enter, plain
from tests.http.pages import Reader
from tests.http.test_event_pages import button


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


@pytest.mark.parametrize(
    ("rule", "says", "mends"),
    [
        ({"age_from": 55}, "从 55 岁起，登记的年龄是 34 岁", "/me/data/correction"),
        ({"age_to": 30}, "到 30 岁为止", "/me/data/correction"),
        ({"sex": Sex.MALE}, "不收您登记的性别", "/me/data/correction"),
        ({"standings": frozenset({Standing.RETIRED})}, "会籍状态", "/unions/"),
        ({"level": 1}, "第 1 级", "/events?kind=sport"),
    ],
)
def test_a_closed_door_says_why_and_who_can_mend_it(
    client: FlaskClient, world: World, gathering: Gathering, rule: dict[str, Any], says: str, mends: str
) -> None:
    event_id = gathering.event(eligibility=Eligibility(**rule), series="电工")
    page = Reader(client, world, gathering.member(sex=Sex.FEMALE, age=34)).open(f"/events/{event_id}")
    notice = page.split('<p class="notice warn sp">')[1].split("</p>")[0]
    assert "您暂时不能报" in notice and says in plain(notice) and f'href="{mends}' in html.unescape(notice)
    assert not button(page)


def test_a_gap_in_the_record_is_no_dead_end(client: FlaskClient, world: World, gathering: Gathering) -> None:
    event_id = gathering.event(eligibility=Eligibility(age_from=18, sex=Sex.MALE))
    page = Reader(client, world, gathering.member()).open(f"/events/{event_id}")
    assert "会员资料里没有性别" in page and "/me/data/correction" in page


def test_another_unions_event_sends_to_the_own_union(client: FlaskClient, world: World, gathering: Gathering) -> None:
    other = world.another_union()
    event_id = gathering.event(eligibility=Eligibility(union=other.path))
    page = Reader(client, world, gathering.member()).open(f"/events/{event_id}")
    assert "高营纺织工会的会员可以报" in page and f"/unions/{world.union.id}" in page


def test_categories_say_what_makes_an_entry_and_which_are_closed(
    client: FlaskClient, world: World, gathering: Gathering
) -> None:
    event_id = gathering.event(
        categories=(
            Category(1, {"zh": "男单"}, sex=Sex.MALE),
            Category(2, {"zh": "混合双打"}, least=2, most=2, men=1, women=1),
            Category(3, {"zh": "家庭"}, guests=1, children=2, child_from=6, child_to=14),
        ),
        quotas=(total(None), Quota(1, QuotaKind.CATEGORY, 8, Unit.ENTRIES, category=2)),
    )
    page = Reader(client, world, gathering.member(sex=Sex.FEMALE, age=30)).open(f"/events/{event_id}")
    said = plain(page)
    assert "混合双打 还剩 8 队 每队 2 人，至少 1 男 1 女" in said
    assert "可带 1 位家属或朋友，可带 2 名 6–14 岁的孩子" in said
    assert said.count("不收您登记的性别") == 1 and button(page) == "报名"


def test_who_has_no_room_of_his_own_may_wait_though_there_are_places(
    client: FlaskClient, world: World, gathering: Gathering
) -> None:
    quotas = (total(10), Quota(1, QuotaKind.SEX, 1, sex=Sex.FEMALE))
    event_id = gathering.event(quotas=quotas)
    first, second = gathering.members("甲", "乙", sex=Sex.FEMALE, age=30)
    enter(gathering, first, event_id)
    page = Reader(client, world, second).open(f"/events/{event_id}")
    assert "还剩 9 个名额" in page and "这一类的名额已满" in page and button(page) == "排候补"
    assert re.search(r"女会员 <span[^>]*>您在内</span></span><span[^>]*>满了", page)


def test_a_private_kind_shows_no_figure_under_five(client: FlaskClient, world: World, gathering: Gathering) -> None:
    quotas = (total(36), Quota(1, QuotaKind.SEX, 18, sex=Sex.MALE), Quota(2, QuotaKind.SEX, 18, sex=Sex.FEMALE))
    event_id = gathering.event(kind=Kind.SOCIAL, quotas=quotas)
    names = gathering.members("赵甲", "赵乙", "赵丙", "赵丁", sex=Sex.FEMALE, age=30)
    for one in names:
        enter(gathering, one, event_id)
    reader = Reader(client, world, gathering.member(sex=Sex.MALE, age=30))
    for path in (f"/events/{event_id}", "/events"):
        page = reader.open(path)
        said = plain(page.split("<main")[1])
        assert "共 36 个名额" in said
        for hidden in ("已报", "还剩", "赵", "<progress", "32", "14 个名额", "4 /"):
            assert hidden not in (page if hidden.startswith("<") else said), (path, hidden)
    enter(gathering, gathering.member(sex=Sex.MALE, age=30), event_id)
    assert "已报 5 / 36 人" in reader.open(f"/events/{event_id}")
    assert plain(reader.open(f"/events/{event_id}")).count("还有名额") == 2, "of either sex there are fewer than five"


def test_what_a_private_kind_hides_cannot_be_worked_out(client: FlaskClient, gathering: Gathering) -> None:
    quotas = (total(30), Quota(1, QuotaKind.SEX, 15, sex=Sex.MALE), Quota(2, QuotaKind.SEX, 15, sex=Sex.FEMALE))
    event_id = gathering.event(kind=Kind.SOCIAL, quotas=quotas)
    women = gathering.members(*(f"周{number}" for number in "一二三四五六七"), sex=Sex.FEMALE)
    for one in [*women, *gathering.members("王一", "王二", sex=Sex.MALE)]:
        enter(gathering, one, event_id)
    said = plain(client.get(f"/events/{event_id}").text)
    assert "已报 9 / 30 人" in said
    assert (said.count("还有名额"), "8 个名额" in said) == (2, False), "seven women are two men"
