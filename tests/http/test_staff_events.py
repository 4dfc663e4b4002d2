"""The desk's events on pages: from a tile to what is published; nothing typed is lost, and faults stand at fields."""

import datetime
import io
import re
import uuid

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from app.pages.staff.events_presets import PRESETS
from services.accounts.types import Role
from services.core import clock
from services.core.calendar import local, local_date
from services.core.files import files
from services.events.queries import events
from services.events.service import signing_up
from services.events.types import Entry, Event, EventId, Mode, QuotaKind, Unit
from services.members.documents import Sex
from tests.builders.events import HOUR, Gathering, total
from tests.builders.world import DAY, World
from tests.http.pages import Reader

FIELD = re.compile(
    r"<input(?P<input>[^>]*)>|<textarea(?P<area>[^>]*)>\n?(?P<text>.*?)</textarea>|"
    r"<select(?P<select>[^>]*)>(?P<options>.*?)</select>",
    re.DOTALL,
)


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


@pytest.fixture
def reader(client: FlaskClient, world: World, gathering: Gathering) -> Reader:
    return Reader(client, world, gathering.officer)


def attribute(text: str, name: str) -> str:
    found = re.search(rf'\b{name}="([^"]*)"', text)
    return found.group(1) if found else ""


def fields(page: str, action: str = "/edit") -> MultiDict[str, str]:
    """Every field of a form, as a browser without scripts would send it."""
    form = re.search(rf'<form[^>]*action="[^"]*{action}"[^>]*>(.*?)</form>', page, re.DOTALL)
    assert form, page[:400]
    found: MultiDict[str, str] = MultiDict()
    for one in FIELD.finditer(form.group(1)):
        head = one["input"] or one["area"] or one["select"] or ""
        name, kind = attribute(head, "name"), attribute(head, "type")
        if not name or " disabled" in head or kind == "submit":
            continue
        if one["select"] is not None:
            chosen = re.search(r'<option value="([^"]*)" selected', one["options"])
            first = re.search(r'<option value="([^"]*)"', one["options"])
            found.add(name, (chosen or first).group(1))  # type: ignore[union-attr]
        elif one["area"] is not None:
            found.add(name, one["text"])
        elif kind not in ("checkbox", "radio") or " checked" in head:
            found.add(name, attribute(head, "value"))
    return found


def begin(reader: Reader, sort: str = "pair") -> tuple[EventId, str]:
    """The first tile pressed: the draft and its form."""
    page = reader.open("/staff/events/new")
    answer = reader.send(page, "/new", sort=sort)
    assert answer.status_code == 303, answer.text[:300]
    return EventId(uuid.UUID(answer.location.split("/")[-2])), reader.open(answer.location)


def send(reader: Reader, event_id: EventId, page: str, **typed: str) -> TestResponse:
    given = fields(page)
    for name, word in typed.items():
        given[name.replace("__", "-")] = word
    return reader.client.post(f"/staff/events/{event_id}/edit", data=given)


def four(day: datetime.date | None = None, **typed: str) -> dict[str, str]:
    """The four things that must be filled."""
    at = day or local_date(clock.now()) + 20 * DAY
    return {"title": "羽毛球双打", "place": "文体中心", "day": f"{at}", "places": "16", **typed}


def of(world: World, event_id: EventId) -> Event:
    return world.look(lambda: events.event(event_id))


def enter(world: World, gathering: Gathering, event_id: EventId) -> None:
    member = gathering.member()
    world.do(lambda: signing_up.sign_up(actor=member, event_id=event_id, entry=Entry(), now=clock.now()))


@pytest.mark.parametrize("sort", PRESETS)
def test_every_tile_is_published_once_four_things_are_filled(world: World, reader: Reader, sort: str) -> None:
    event_id, page = begin(reader, sort)
    saved = send(reader, event_id, page, **four())
    assert saved.status_code == 303, re.findall(r"field__err.*?<span>(.*?)<", saved.text)
    look = reader.open(saved.location)
    assert "羽毛球双打" in look and "发布前还要" not in look
    sent = reader.send(look, "/publish")
    assert sent.status_code == 303 and "已发布，会员看得到了。" in reader.open(sent.location)
    event = of(world, event_id)
    assert event.published_at and event.total.quota.capacity == 16
    starts = local(event.terms.starts_at)
    assert (starts.date(), starts.hour) == (local_date(clock.now()) + 20 * DAY, PRESETS[sort].hours[0])
    assert event.terms.opens_at <= clock.now() < event.terms.closes_at < event.terms.starts_at
    assert event.terms.cancel_until < event.terms.starts_at
    assert all(event.terms.starts_at <= slot.begins_at for slot in event.terms.slots)
    assert "羽毛球双打" in reader.open(f"/events/{event_id}")


def test_a_pair_event_takes_pairs(world: World, reader: Reader) -> None:
    event_id, page = begin(reader, "pair")
    send(reader, event_id, page, **four())
    terms = of(world, event_id).terms
    assert [(one.least, one.most, one.men, one.women) for one in terms.categories] == [
        (2, 2, 0, 0), (2, 2, 0, 0), (2, 2, 1, 1),
    ]  # fmt: skip
    assert terms.quotas[0].unit is Unit.ENTRIES


def test_a_social_has_half_its_places_for_men_and_half_for_women(world: World, reader: Reader) -> None:
    event_id, page = begin(reader, "social")
    send(reader, event_id, page, **four(places="40"))
    quotas = of(world, event_id).terms.quotas
    assert [(one.kind, one.sex, one.capacity) for one in quotas] == [
        (QuotaKind.ALL, None, 40), (QuotaKind.SEX, Sex.MALE, 20), (QuotaKind.SEX, Sex.FEMALE, 20),
    ]  # fmt: skip


def test_the_form_of_a_private_kind_has_nothing_that_would_say_who_comes(world: World, reader: Reader) -> None:
    hidden = ('name="unit_entry"', 'value="draw"', "最多几名会员")
    for sort, there in (("pair", True), ("social", False), ("checkup", False)):
        event_id, page = begin(reader, sort)
        assert [one in page for one in hidden] == [there] * 3, sort
    answer = send(reader, event_id, page, **four(), unit_entry="1", mode="draw", **{"cat-0-most": "2"})
    assert answer.status_code == 422
    for said in ("单位不能统一报。", "摇号要公布号码表", "每份报名只能有 1 名会员"):
        assert said in answer.text, said


def test_saving_again_what_the_form_shows_changes_nothing(world: World, reader: Reader, gathering: Gathering) -> None:
    for sort in PRESETS:
        event_id, page = begin(reader, sort)
        send(reader, event_id, page, **four())
        before = of(world, event_id)
        again = send(reader, event_id, reader.open(f"/staff/events/{event_id}/edit"))
        assert again.status_code == 303 and of(world, event_id) == before, sort


def test_slots_are_made_from_the_first_and_the_last_hour(world: World, reader: Reader) -> None:
    event_id, page = begin(reader, "checkup")
    made = send(
        reader, event_id, page, **four(), gen_first="08:00", gen_last="10:00", gen_minutes="40", gen_places="12",
        do="slot-make",
    )  # fmt: skip
    assert made.status_code == 200
    saved = send(reader, event_id, made.text)
    assert saved.status_code == 303, re.findall(r"field__err.*?<span>(.*?)<", saved.text)
    terms = of(world, event_id).terms
    hours = [f"{local(one.begins_at):%H:%M}–{local(one.ends_at):%H:%M}" for one in terms.slots]
    assert hours == ["08:00–08:40", "08:40–09:20", "09:20–10:00"]
    assert [one.capacity for one in terms.quotas] == [36, 12, 12, 12]


def test_slots_go_along_when_the_day_moves(world: World, reader: Reader) -> None:
    event_id, page = begin(reader, "checkup")
    send(reader, event_id, page, **four())
    day = local_date(clock.now()) + 41 * DAY
    send(reader, event_id, reader.open(f"/staff/events/{event_id}/edit"), day=f"{day}")
    terms = of(world, event_id).terms
    assert {local_date(one.begins_at) for one in terms.slots} == {day} == {local_date(terms.starts_at)}
    assert local_date(terms.closes_at) == day - DAY


def test_releases_are_made_for_every_shift(world: World, reader: Reader) -> None:
    event_id, page = begin(reader, "lecture")
    opens = local_date(clock.now()) + 3 * DAY
    made = send(reader, event_id, page, **four(places="100"), opens=f"{opens}T08:00", do="wave-make")
    assert send(reader, event_id, made.text).status_code == 303
    waves = of(world, event_id).terms.waves
    assert [(f"{local(one.at):%H}", one.places) for one in waves] == [("12", 34), ("20", 33), ("23", 33)]


def test_rows_come_and_go_by_buttons_and_the_rest_stays_as_typed(world: World, reader: Reader) -> None:
    event_id, page = begin(reader, "lecture")
    more = send(reader, event_id, page, title="讲座", text="第一行\r\n第二行", do="quota-add").text
    assert "第一行\r\n第二行" in more and 'value="讲座"' in more and 'name="quota-0-of"' in more
    less = send(reader, event_id, more, do="quota-drop-0").text
    assert 'name="quota-0-of"' not in less and 'value="讲座"' in less
    asked = send(reader, event_id, less, ask__do="add").text
    assert 'name="ask-0-label"' in asked and 'value="讲座"' in asked


def test_an_unfinished_draft_is_kept_and_says_what_is_missing(world: World, reader: Reader) -> None:
    event_id, page = begin(reader)
    answer = send(reader, event_id, page, **four(title="", places=""))
    assert answer.status_code == 422 and "草稿存好了" in answer.text
    assert 'id="title-err"' in answer.text and 'id="places-err"' in answer.text
    assert of(world, event_id).terms.place == {"zh": "文体中心"}
    look = reader.open(f"/staff/events/{event_id}")
    assert "发布前还要" in look and "/publish" not in look
    assert reader.send(look, "/discard").status_code == 303
    reader.open(f"/staff/events/{event_id}", 404)


def test_what_cannot_be_read_comes_back_as_it_was_typed_with_its_fold_open(world: World, reader: Reader) -> None:
    event_id, page = begin(reader)
    answer = send(reader, event_id, page, **four(day="后天", for_age_from="成年", waiting_most="很多"))
    assert answer.status_code == 422 and "还没有保存" in answer.text
    for words in ('value="后天"', 'value="成年"', 'value="很多"', 'value="羽毛球双打"'):
        assert words in answer.text
    assert re.findall(r'<details class="card fold sp-s" id="(\w+)" open>', answer.text) == ["who", "ways"]
    assert of(world, event_id).revision == 1


def test_faults_stand_at_the_rows_that_have_them(world: World, reader: Reader) -> None:
    event_id, page = begin(reader, "checkup")
    answer = send(reader, event_id, page, **four(slot__1__from="23:00", slot__1__to="23:30", cat__0__least="3"))
    assert answer.status_code == 422
    assert 'id="slot-1-from-err"' in answer.text and 'id="cat-0-most-err"' in answer.text
    yesterday = local_date(clock.now()) - DAY
    behind = send(reader, *begin(reader), **four(end_day=f"{yesterday}"))
    assert behind.status_code == 422 and 'id="end_day-err"' in behind.text and 'id="when" open' in behind.text


def test_a_union_is_named_and_an_unknown_one_refused(world: World, reader: Reader) -> None:
    event_id, page = begin(reader)
    wrong = send(reader, event_id, page, **four(for_union="没有这个工会"))
    assert wrong.status_code == 422 and 'id="for_union-err"' in wrong.text and "没有这个工会" in wrong.text
    assert send(reader, event_id, wrong.text, for_union="恒沛精密工会", union="柳渡镇总工会").status_code == 303
    event = of(world, event_id)
    assert event.terms.eligibility.union == world.union.path and event.union_id == world.town.id


def test_two_officers_who_write_at_once_lose_nothing(world: World, reader: Reader) -> None:
    event_id, page = begin(reader)
    send(reader, event_id, page, **four())
    old = reader.open(f"/staff/events/{event_id}/edit")
    send(reader, event_id, old, title="别人改的")
    late = send(reader, event_id, old, title="我改的")
    assert late.status_code == 409 and "别人刚改过" in late.text and 'value="我改的"' in late.text
    assert send(reader, event_id, late.text).status_code == 303
    assert of(world, event_id).terms.title == {"zh": "我改的"}


def test_a_change_that_people_are_told_of_asks_first(
    world: World, gathering: Gathering, reader: Reader, sql: psycopg.Connection
) -> None:
    event_id = gathering.event()
    enter(world, gathering, event_id)
    page = reader.open(f"/staff/events/{event_id}/edit")
    asked = send(reader, event_id, page, place="北门", title="健步走改期")
    assert asked.status_code == 200 and "告诉 1 人" in asked.text and of(world, event_id).revision == 1
    assert send(reader, event_id, asked.text).status_code == 303
    assert of(world, event_id).terms.place["zh"] == "北门"
    told = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'events.changed'"
    assert sql.execute(told).fetchone() == (1,)


def test_another_place_once_it_is_too_late_to_cancel_asks_for_a_later_time_at_its_field(
    world: World, gathering: Gathering, reader: Reader
) -> None:
    event_id = gathering.event(cancel_until=clock.now().replace(second=0, microsecond=0) - HOUR)
    enter(world, gathering, event_id)
    page = reader.open(f"/staff/events/{event_id}/edit")
    no = send(reader, event_id, send(reader, event_id, page, place="北门").text)
    assert no.status_code == 409 and 'id="cancels-err"' in no.text and "让去不了的人还能取消" in no.text
    later = f"{local(clock.now() + 2 * DAY):%Y-%m-%dT%H:%M}"
    assert send(reader, event_id, send(reader, event_id, no.text, cancels=later).text).status_code == 303
    assert of(world, event_id).terms.place["zh"] == "北门"


def test_what_stays_once_published_is_not_asked_and_not_taken(
    world: World, gathering: Gathering, reader: Reader
) -> None:
    event_id = gathering.event(mode=Mode.APPROVAL)
    page = reader.open(f"/staff/events/{event_id}/edit")
    assert not {"kind", "mode", "once", "joining", "union"} & set(fields(page))
    forged = send(reader, event_id, page, mode="draw")
    assert forged.status_code == 409 and of(world, event_id).terms.mode is Mode.APPROVAL


def test_fewer_places_than_are_taken_are_refused_at_the_field(
    world: World, gathering: Gathering, reader: Reader
) -> None:
    event_id = gathering.event(quotas=(total(4),))
    for _ in range(2):
        enter(world, gathering, event_id)
    page = reader.open(f"/staff/events/{event_id}/edit")
    answer = send(reader, event_id, page, places="1")
    assert answer.status_code == 409 and 'id="places-err"' in answer.text and "2 个名额" in answer.text


def test_an_event_is_called_off_with_a_reason(world: World, gathering: Gathering, reader: Reader) -> None:
    event_id = gathering.event()
    enter(world, gathering, event_id)
    page = reader.open(f"/staff/events/{event_id}")
    assert "1 人会收到消息" in page
    assert "2 到 200" in reader.send(page, "/cancel", note="雨").text
    assert reader.send(page, "/cancel", note="台风来了").status_code == 303
    done = reader.open(f"/staff/events/{event_id}")
    assert "台风来了" in done and "/cancel" not in done
    reader.open(f"/staff/events/{event_id}/edit", 404)


def test_a_copy_begins_as_a_draft_with_its_form_open(world: World, gathering: Gathering, reader: Reader) -> None:
    event_id = gathering.event()
    page = reader.open(f"/staff/events/{event_id}")
    first, second = (reader.send(page, "/copy") for _ in range(2))
    assert first.status_code == 303 and first.location == second.location != f"/staff/events/{event_id}/edit"
    assert "沿河健步走" in reader.open(first.location)


def test_a_poster_leads_to_the_event_with_dates_that_stay_true_on_a_wall(gathering: Gathering, reader: Reader) -> None:
    event_id, draft = gathering.event(), gathering.draft()
    assert f"/staff/events/{event_id}/poster" in reader.open(f"/staff/events/{event_id}")
    sheet = reader.open(f"/staff/events/{event_id}/poster")
    assert "沿河健步走" in sheet and "svg" in sheet and "今天" not in sheet and "明天" not in sheet
    assert "/poster" not in reader.open(f"/staff/events/{draft}")
    reader.open(f"/staff/events/{draft}/poster", 404)


def test_a_draft_is_previewed_by_its_organiser_and_by_nobody_else(
    app: Flask, world: World, gathering: Gathering, reader: Reader
) -> None:
    event_id = gathering.draft()
    assert "这是预览" in reader.open(f"/staff/events/{event_id}/preview")
    reader.open(f"/events/{event_id}", 404)
    stranger = Reader(app.test_client(), world, gathering.another_officer(Role.GRASSROOTS))
    for path in ("", "/edit", "/preview", "/picture", "/poster"):
        stranger.open(f"/staff/events/{event_id}{path}", 404)


def test_events_lie_on_shelves(world: World, gathering: Gathering, reader: Reader) -> None:
    gathering.event(title={"zh": "要办的那个"})
    gathering.draft(title={"zh": "没写完的那个"})
    assert "要办的那个" in reader.open("/staff/events") and "没写完的那个" not in reader.open("/staff/events?on=x")
    assert "没写完的那个" in reader.open("/staff/events?on=drafts")
    assert "还没有办过" in reader.open("/staff/events?on=past")


def picture(mode: str = "RGB", kind: str = "JPEG", size: tuple[int, int] = (3000, 1500)) -> bytes:
    kept, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "where it was taken"
    Image.new(mode, size, "red").save(kept, kind, exif=exif)
    return kept.getvalue()


def hand_in(reader: Reader, event_id: EventId, data: bytes) -> TestResponse:
    page = reader.open(f"/staff/events/{event_id}")
    return reader.client.post(
        f"/staff/events/{event_id}/picture",
        data={**fields(page, "/picture"), "picture": (io.BytesIO(data), "x.jpg")},
    )


@pytest.mark.parametrize(("mode", "kind"), [("RGB", "JPEG"), ("RGBA", "PNG"), ("RGB", "WEBP")])
def test_a_picture_is_drawn_anew_and_shown_to_everybody(
    world: World, gathering: Gathering, reader: Reader, client: FlaskClient, mode: str, kind: str
) -> None:
    event_id = gathering.event()
    assert hand_in(reader, event_id, picture(mode, kind)).status_code == 303
    answer = client.get(f"/events/{event_id}/picture")
    shown = Image.open(io.BytesIO(answer.data))
    assert (shown.format, shown.size, dict(shown.getexif())) == ("JPEG", (1280, 640), {})
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    again = client.get(f"/events/{event_id}/picture", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert f"/events/{event_id}/picture" in client.get(f"/events/{event_id}").text


def test_another_picture_replaces_the_file_unless_a_copy_shows_it(
    world: World, gathering: Gathering, reader: Reader
) -> None:
    event_id = gathering.event()
    hand_in(reader, event_id, picture())
    hand_in(reader, event_id, picture(size=(90, 90)))
    assert len(list(files.walk())) == 1
    reader.send(reader.open(f"/staff/events/{event_id}"), "/copy")
    hand_in(reader, event_id, picture())
    assert len(list(files.walk())) == 2


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"\xff\xd8\xff nothing", b"GIF89a"])
def test_what_is_no_picture_is_refused_and_kept_nowhere(
    world: World, gathering: Gathering, reader: Reader, data: bytes
) -> None:
    event_id = gathering.event()
    answer = hand_in(reader, event_id, data)
    assert answer.status_code == 422 and 'id="picture-err"' in answer.text
    assert list(files.walk()) == [] and of(world, event_id).revision == 1
