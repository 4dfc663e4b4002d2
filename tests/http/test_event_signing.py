"""Signing up on one page: faults at their fields, nothing typed is lost, twice is once."""

import io
import re

import psycopg
import pytest
from flask.testing import FlaskClient
from PIL import Image

from services.core import clock
from services.core.files import files
from services.core.forms import Form, Question
from services.core.forms import Kind as Asks
from services.events.types import (
    Category,
    Eligibility,
    Mode,
    Once,
    Quota,
    QuotaKind,
    Slot,
)
from services.members.documents import Sex
from tests.builders.events import HOUR, Gathering, total
from tests.builders.world import DAY, World
from tests.http.event_phone import PAIR, At, Phone, csrf, enter, fault, plain
from tests.http.pages import forms

FAMILY = (Category(1, {"zh": "家庭"}, guests=1, children=2, child_from=6, child_to=14),)


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


def born(years: int) -> str:
    return (clock.now() - years * 366 * DAY).date().isoformat()


def test_one_tap_is_a_place_and_the_page_after_it_says_what_comes(
    client: FlaskClient, world: World, gathering: Gathering
) -> None:
    event_id, member = gathering.event(), gathering.member()
    phone = Phone(client, world, member, event_id)
    answer = phone.fill()
    assert answer.status_code == 303 and answer.location.startswith("/me/events/")
    said = plain(phone.open(answer.location))
    for words in ("已报上", "雍河公园南门", "现场出示会员码", "名额给别的工友", "取消报名", "报名号"):
        assert words in said
    assert gathering.seen(event_id).total.taken == 1


def test_a_second_tap_and_the_back_button_show_the_entry(
    client: FlaskClient, world: World, gathering: Gathering
) -> None:
    event_id, member = gathering.event(), gathering.member()
    phone = Phone(client, world, member, event_id)
    form = next(one for one in forms(phone.open(phone.address)) if one.action == phone.address)
    first, second = (client.post(phone.address, data=form.hidden) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303) and first.location == second.location
    assert client.get(phone.address).location == first.location
    assert gathering.seen(event_id).total.taken == 1


def test_a_second_tap_in_the_same_category_shows_the_entry_too(
    client: FlaskClient, world: World, gathering: Gathering
) -> None:
    event_id, member = gathering.event(categories=PAIR, once=Once.CATEGORY), gathering.member()
    phone = Phone(client, world, member, event_id)
    form = next(one for one in forms(phone.open(phone.address)) if one.action == phone.address)
    sent = [client.post(phone.address, data={**form.hidden, "category": "1"}) for _ in range(2)]
    assert [one.status_code for one in sent] == [303, 303] and sent[0].location == sent[1].location


def test_every_fault_stands_at_its_field_and_nothing_typed_is_lost(
    client: FlaskClient, world: World, gathering: Gathering
) -> None:
    asks = Form((Question("size", Asks.TEXT, {"zh": "衣服尺码"}, required=True),))
    event_id = gathering.event(
        categories=(*PAIR, Category(3, {"zh": "家庭"}, guests=1, children=2, child_from=6, child_to=14)), form=asks
    )
    phone = Phone(client, world, gathering.member(), event_id)
    answer = phone.fill(
        mate_1_name="周建国", mate_1_phone="123", guest_1="老李", child_1_name="小满", child_2_born=born(8)
    )
    assert answer.status_code == 422
    assert "请选一个组别" in fault(answer, "category") and "11 位手机号" in fault(answer, "mate-1")
    assert "出生日期" in fault(answer, "child-1") and "姓名" in fault(answer, "child-2")
    assert "由您监护" in fault(answer, "guardian") and fault(answer, "q-size")
    for kept in ("周建国", "123", "老李", "小满", born(8)):
        assert f'value="{kept}"' in answer.text
    assert "您填的都还在" in answer.text and gathering.seen(event_id).total.taken == 0


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({"category": "2"}, "mates", "每队至少 2 人"),
        ({"category": "2", "mate_1_name": "没有的人", "mate_1_phone": "10030000009"}, "mate-1", "对不上会员资料"),
        ({"category": "2", "mate_1_name": "李春梅", "mate_1_phone": "10030000007"}, "mates", "写了两次"),
        ({"category": "9"}, "category", "请选一个组别"),
        ({"category": "1", "mate_1_name": "周建国", "mate_1_phone": "10030000001"}, "mates", "每队最多 1 人"),
    ],
)
def test_what_the_service_refuses_stands_at_its_field(
    client: FlaskClient, world: World, gathering: Gathering, typed: dict[str, str], field: str, says: str
) -> None:
    event_id = gathering.event(categories=PAIR)
    gathering.member("周建国", phone="10030000001")
    phone = Phone(client, world, gathering.member("李春梅", phone="10030000007"), event_id)
    answer = phone.fill(**typed)
    assert answer.status_code in (409, 422) and says in fault(answer, field), plain(answer.text)


def test_a_mate_who_is_in_already_is_said_without_why(client: FlaskClient, world: World, gathering: Gathering) -> None:
    event_id, mate = gathering.event(categories=PAIR), gathering.member("周建国", phone="10030000001")
    enter(gathering, mate, event_id, category=1)
    phone = Phone(client, world, gathering.member(), event_id)
    answer = phone.fill(category="2", mate_1_name="周建国", mate_1_phone="10030000001")
    assert answer.status_code == 409 and fault(answer, "mate-1") and "周建国" in answer.text


def test_a_family_comes_with_its_children(client: FlaskClient, world: World, gathering: Gathering) -> None:
    event_id = gathering.event(categories=FAMILY)
    phone = Phone(client, world, gathering.member("李春梅"), event_id)
    typed = {"guest_1": "老李", "child_1_name": "小满", "child_1_born": born(8)}
    assert "由您监护" in fault(phone.fill(**typed), "guardian")
    old = phone.fill(**{**typed, "child_1_born": born(17)}, guardian="1")
    assert old.status_code == 409 and "6 到 14 岁" in fault(old, "children")
    unborn = phone.fill(**{**typed, "child_1_born": "2999-01-01"}, guardian="1")
    assert unborn.status_code == 422 and fault(unborn, "child-1")
    done = phone.fill(**typed, guardian="1")
    said = plain(phone.open(done.location))
    assert "老李 家属或朋友" in said and "小满 孩子" in said
    assert gathering.seen(event_id).total.taken == 3


def test_a_slot_that_is_full_may_be_waited_for_and_one_that_is_over_not_chosen(
    client: FlaskClient, world: World, gathering: Gathering, at: At
) -> None:
    start = clock.now().replace(minute=0, second=0, microsecond=0) + 7 * DAY
    slots = tuple(Slot(key, start + key * HOUR, start + key * HOUR + HOUR) for key in (1, 2, 3))
    quotas = (total(9), *(Quota(key, QuotaKind.SLOT, 1, slot=key) for key in (1, 2, 3)))
    event_id = gathering.event(
        starts_at=start, ends_at=start + 5 * HOUR, slots=slots, quotas=quotas, closes_at=start + 5 * HOUR
    )
    enter(gathering, gathering.member(), event_id, slot=1)
    member = gathering.member()
    phone = Phone(client, world, member, event_id)
    assert "请选一个时段" in fault(phone.fill(), "slot")
    assert "满了，可候补" in phone.open(phone.address)
    done = phone.fill(slot="1", wait="1")
    assert "您排第 1 位" in phone.open(done.location)
    late = Phone(client, world, gathering.member(), event_id)
    at(start + 3 * HOUR)
    assert re.search(r'name="slot" value="2" disabled', late.open(late.address))
    assert "已经过了" in fault(late.fill(slot="2"), "slot")


def test_whoever_does_not_want_to_wait_is_asked_again(client: FlaskClient, world: World, gathering: Gathering) -> None:
    event_id = gathering.event(places=1)
    phone = Phone(client, world, gathering.member(), event_id)
    hidden = next(one for one in forms(phone.open(phone.address)) if one.action == phone.address).hidden
    assert "wait" not in hidden, "a box to tick while there are places"
    enter(gathering, gathering.member(), event_id)
    answer = client.post(phone.address, data=hidden)
    assert (
        answer.status_code == 409
        and "再点一次" in plain(answer.text)
        and "您填的都还在" not in answer.text
        and "名额满了" in plain(answer.text)
    )
    done = phone.fill()
    assert done.status_code == 303 and "您排第 1 位" in phone.open(done.location)


def test_a_form_that_is_closed_sends_to_the_event_which_says_why(
    client: FlaskClient, world: World, gathering: Gathering, at: At
) -> None:
    soon = gathering.event(opens_at=clock.now() + HOUR)
    others = gathering.event(eligibility=Eligibility(sex=Sex.MALE))
    member = gathering.member(sex=Sex.FEMALE, age=30)
    for event_id in (soon, others):
        phone = Phone(client, world, member, event_id)
        opened, sent = client.get(phone.address), client.post(phone.address, data={"csrf": csrf(phone)})
        assert opened.status_code == 303 and opened.location == f"/events/{event_id}"
        assert sent.status_code == 409 and "没有报上" in sent.text


def test_answers_and_files_come_along(
    client: FlaskClient, world: World, gathering: Gathering, sql: psycopg.Connection
) -> None:
    asks = Form(
        (Question("note", Asks.TEXT, {"zh": "忌口"}), Question("paper", Asks.FILE, {"zh": "证书"}, required=True))
    )
    event_id = gathering.event(form=asks)
    phone = Phone(client, world, gathering.member(), event_id)
    missing = phone.fill(q_note="不吃辣")
    assert missing.status_code == 422 and fault(missing, "q-paper") and 'value="不吃辣"' in missing.text
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(picture, "JPEG")
    picture.seek(0)
    done = phone.fill(q_note="不吃辣", q_paper=(picture, "a.jpg"))
    assert done.status_code == 303
    assert "忌口 不吃辣" in plain(phone.open(done.location)) and "证书 图片" in plain(phone.open(done.location))
    assert len(kept()) == 1


def kept() -> list[str]:
    """Files of the store."""
    return [path.name for path in files.folder.rglob("*") if path.is_file()]


def test_an_entry_in_the_draw_says_its_tickets_and_may_leave(
    client: FlaskClient, world: World, gathering: Gathering
) -> None:
    event_id, member = gathering.event(mode=Mode.DRAW), gathering.member()
    phone = Phone(client, world, member, event_id)
    done = phone.fill()
    said = plain(phone.open(done.location))
    assert "等摇号" in said and "您有 1 张签" in said and "退出摇号" in said
    assert phone.act(done.location, "cancel").status_code == 303
    assert "您取消了这份报名" in phone.open(done.location)
    assert phone.fill().location != done.location, "whoever left may come back"


@pytest.mark.parametrize(
    "typed",
    [
        {"category": "１"},
        {"category": "9" * 40},
        {"slot": "x"},
        {"guest_1": "\x00" * 5},
        {"child_1_name": "小满", "child_1_born": "2020-02-30", "guardian": "1"},
        {"q_none": "x"},
    ],
)
def test_nonsense_is_refused_in_words(
    client: FlaskClient, world: World, gathering: Gathering, typed: dict[str, str]
) -> None:
    event_id = gathering.event(categories=FAMILY, slots=(), places=1)
    answer = Phone(client, world, gathering.member(), event_id).fill(**typed)
    assert answer.status_code in (303, 400, 409, 422) and "没办成" not in answer.text


@pytest.mark.parametrize(("women", "act", "then"), [(1, "排候补", "候补中"), (5, "报名", "已报上")])
def test_the_forms_button_says_what_the_events_page_says(
    client: FlaskClient, world: World, gathering: Gathering, women: int, act: str, then: str
) -> None:
    """Places are left, and perhaps none of those that count this member: then she waits, and both pages say so."""
    event_id = gathering.event(quotas=(total(), Quota(1, QuotaKind.SEX, women, sex=Sex.FEMALE)))
    enter(gathering, gathering.member(sex=Sex.FEMALE), event_id)
    phone = Phone(client, world, gathering.member(sex=Sex.FEMALE), event_id)
    pages = [phone.open(f"/events/{event_id}"), phone.open(phone.address)]
    assert [re.findall(r'class="dock">\s*<(?:a|button)[^>]*>([^<]+)<', page) for page in pages] == [[act], [act]]
    assert ("您可以排候补" in pages[1]) is (act == "排候补") and f"点“{act}”就是同意" in plain(pages[1])
    assert then in phone.open(phone.fill().location)
