"""Events with many entries, and what nobody types but somebody sends."""

import datetime
import io
from itertools import pairwise

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from services.core import clock
from services.core.forms import Form, Kind, Question
from services.core.forms.errors import SIGNS_UNSEEN
from services.events.queries import door, mine
from services.events.service import drawing
from services.events.types import Category, Companion, Mode, Role
from tests.builders.entries import Entries, fails
from tests.builders.world import World
from tests.harness.statements import statements
from tests.http.pages import Reader

FORM = Form((Question("size", Kind.TEXT, {"zh": "衣服尺码"}),))


@pytest.fixture
def events(world: World) -> Entries:
    return Entries(world)


def test_a_sheet_of_many_has_its_answers_and_places_in_line_without_a_statement_for_each(
    client: FlaskClient, world: World, events: Entries
) -> None:
    event_id = events.event(form=FORM, places=2)
    ids = [
        events.entered(one, event_id, answers={"size": f"{nth} 号"})
        for nth, one in enumerate(events.members(*["陈静"] * 25))
    ]
    assert [one.position for one in world.look(lambda: mine.signups(ids))] == [None, None, *range(1, 24)]
    assert [one.position for one in world.look(lambda: mine.signups(ids[-2:]))] == [22, 23]
    desk = Reader(client, world, events.officer)
    page = desk.open(f"/staff/events/{event_id}/signups")
    with statements() as sent:
        answer = desk.send(page, f"/staff/events/{event_id}/signups/export")
    assert len(sent) < 25, sent
    sheet = load_workbook(io.BytesIO(answer.data), read_only=True).active
    assert sheet is not None
    head, *rows = [list(row) for row in sheet.iter_rows(values_only=True)]
    at, said = head.index("候补位次"), head.index("衣服尺码")
    assert [(row[at], row[said]) for row in rows] == [(nth - 1 if nth > 1 else None, f"{nth} 号") for nth in range(25)]


@pytest.mark.parametrize("sent", ["9" * 4500, "٣", "-1", ""])
def test_a_count_in_the_address_that_is_none_says_nothing(
    client: FlaskClient, world: World, events: Entries, sent: str
) -> None:
    desk = Reader(client, world, events.officer)
    assert "通过了" not in desk.open(f"/staff/events/{events.event()}/signups?state=applied&placed={sent}")


@pytest.mark.parametrize(
    ("sent", "status"),
    # Bytes that are no text at all make the whole form unreadable, its token too.
    [(b"%ED%A0%80", 200), (b"%E2%80%AE", 200), (b"%00", 400), (b"\xed\xa0\x80", 403), (b"\xff", 403)],
)
def test_signs_that_are_none_find_nobody_and_break_nothing(
    client: FlaskClient, world: World, events: Entries, sent: bytes, status: int
) -> None:
    event_id = events.event()
    desk = Reader(client, world, events.officer)
    page = desk.open(f"/staff/events/{event_id}/signups")
    csrf = page.split('name="csrf" value="')[1].split('"')[0].encode()
    for path in (f"/staff/events/{event_id}/signups", f"/staff/door/{event_id}"):
        answer = client.post(
            path, data=b"csrf=" + csrf + b"&q=" + sent, content_type="application/x-www-form-urlencoded"
        )
        assert answer.status_code == status, (path, answer.status_code)


@pytest.mark.parametrize("name", ["小\x00满", "小\u202e满", "\ud800"])
def test_a_name_with_signs_that_nobody_sees_is_named_at_its_field(events: Entries, name: str) -> None:
    event_id = events.event(categories=(Category(1, {"zh": "家庭"}, guests=1),))
    with fails(SIGNS_UNSEEN, field="companions"):
        events.enter(events.member(), event_id, companions=(Companion(Role.GUEST, name),))


def test_a_note_with_signs_that_nobody_sees_comes_back(client: FlaskClient, world: World, events: Entries) -> None:
    event_id = events.event()
    signup_id = events.entered(events.member(), event_id)
    desk, path = Reader(client, world, events.officer), f"/staff/events/{event_id}/signups/{signup_id}"
    page = desk.open(path)
    csrf = page.split('name="csrf" value="')[1].split('"')[0]
    for note, status in (("名单\x00有误", 422), ("名单有误\r\n请联系我们", 303)):
        answer = client.post(f"{path}/remove", data={"csrf": csrf, "reason": "other", "note": note})
        assert answer.status_code == status, answer.text


def test_a_place_of_the_door_list_that_cannot_be_is_empty(client: FlaskClient, world: World, events: Entries) -> None:
    Reader(client, world, events.officer)
    event_id = events.event()
    for sent in ("slot=99999", "category=99999", "from=99999", "slot=%D9%A3"):
        assert client.get(f"/staff/door/{event_id}/list?{sent}").status_code == 200, sent


def test_files_of_a_draw_are_kept_by_whoever_has_them_and_not_read_again(
    client: FlaskClient, world: World, events: Entries
) -> None:
    event_id, officer = events.event(mode=Mode.DRAW), events.officer
    for one in events.members("陈静", "王强"):
        events.entered(one, event_id)
    later = clock.now() + datetime.timedelta(days=5, minutes=1)
    world.do(lambda: drawing.draw(actor=officer, event_id=event_id, now=later))
    for name in ("entries.csv", "draw.json"):
        path = f"/events/{event_id}/draw/{name}"
        with statements() as first:
            answer = client.get(path)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=3600")
        assert "Set-Cookie" not in answer.headers
        with statements() as again:
            kept = client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (kept.status_code, kept.data, len(first) - len(again)) == (304, b"", 1)


def test_a_door_list_goes_on_page_by_page_in_the_order_of_the_whole(world: World, events: Entries) -> None:
    event_id = events.event()
    for one in events.members("赵青", "王小明", "阿依", "陈静", "王芳"):
        events.entered(one, event_id)
    names = [one.name for one in world.look(lambda: door.expected(event_id))]
    assert names == ["阿依", "陈静", "王芳", "王小明", "赵青"]
    parts = [world.look(lambda first=first: door.expected(event_id, first=first, most=2)) for first in (0, 2, 4)]  # type: ignore[misc]
    assert [one.name for part in parts for one in part] == names
    assert world.look(lambda: (door.count(event_id), door.count(event_id, come=True))) == (5, 0)
    assert all(
        one.name.encode("gb18030") <= two.name.encode("gb18030") for part in parts for one, two in pairwise(part)
    )
