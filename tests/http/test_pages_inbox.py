"""A member's messages, one on its own page, what was put away, and the way back after signing in; scripts off."""

import dataclasses
import datetime
import uuid
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.pages.member import inbox as inbox_pages
from app.partners import Partners
from app.retention import forget
from services.accounts import service as accounts
from services.accounts.types import MemberActor, Role
from services.accounts.wechat import AppKeys, Platform
from services.bindings.messages import RequestFiled
from services.cards.messages import CardFrozen
from services.core import clock
from services.core.calendar import local_date
from services.core.ids import uuid7
from services.core.transaction import in_transaction
from services.notifications import service as notifications
from services.notifications.types import InboxId, Place
from tests.builders.reach import OA
from tests.builders.world import World
from tests.harness.statements import statements
from tests.http.pages import Reader, forms

LIST, ONE = 3, 5


def told(world: World, member: MemberActor, *, at: datetime.datetime | None = None) -> InboxId:
    payload = {"member_id": str(member.member_id)}
    (one,) = world.do(
        lambda: notifications.tell(topic=CardFrozen.topic, message_id=uuid7(), payload=payload, now=at or clock.now())
    )
    return one


@pytest.fixture
def member(world: World) -> MemberActor:
    return world.member()


@pytest.fixture
def reader(client: FlaskClient, world: World, member: MemberActor) -> Reader:
    return Reader(client, world, member)


def test_a_message_has_a_page_that_says_what_it_is_about_and_until_when_it_is_kept(
    world: World, member: MemberActor, reader: Reader, at: Callable[..., None]
) -> None:
    at(datetime.datetime(2026, 11, 22, 4, 0, tzinfo=datetime.UTC))
    page = reader.open(f"/inbox/{told(world, member)}")
    assert "您的会员卡已冻结" in page and "看我的会员卡" in page and 'href="/"' in page
    assert "保留到 2026 年 12 月 22 日" in page


def test_looking_at_a_message_changes_nothing_and_its_button_marks_it_alone(
    world: World, member: MemberActor, reader: Reader, sql: psycopg.Connection
) -> None:
    one, other = told(world, member), told(world, member)
    page = reader.open(f"/inbox/{one}")
    assert reader.open("/inbox").count("未读：") == 2, "a GET changes nothing"
    assert reader.send(page, f"/inbox/{one}/read").location == f"/inbox/{one}"
    assert sql.execute("SELECT id FROM inbox_messages WHERE read_at IS NULL").fetchall() == [(other,)]
    assert "标为已读" not in reader.open(f"/inbox/{one}")


def test_what_was_read_is_tried_on_no_other_channel(
    world: World, member: MemberActor, reader: Reader, sql: psycopg.Connection
) -> None:
    one = told(world, member)
    page = reader.open(f"/inbox/{one}")
    waits = "SELECT count(*) FROM inbox_messages WHERE next_step_at IS NOT NULL"
    assert sql.execute(waits).fetchone() == (1,)
    reader.send(page, f"/inbox/{one}/read")
    assert sql.execute(waits).fetchone() == (0,)


def test_what_is_put_away_leaves_the_list_counts_as_read_and_comes_back(
    world: World, member: MemberActor, reader: Reader
) -> None:
    one = told(world, member)
    reader.send(reader.open(f"/inbox/{one}"), "/archive")
    assert f"/inbox/{one}" not in reader.open("/inbox") and "条未读" not in reader.open("/inbox")
    away = reader.open("/inbox/archive")
    assert f"/inbox/{one}" in away and "未读：" not in away
    page = reader.open(f"/inbox/{one}")
    assert reader.send(page, "/bring-back").location == f"/inbox/{one}"
    assert f"/inbox/{one}" in reader.open("/inbox") and f"/inbox/{one}" not in reader.open("/inbox/archive")


@pytest.mark.parametrize("path", ["", "/read", "/archive", "/bring-back"])
def test_anothers_message_is_not_there(world: World, member: MemberActor, reader: Reader, path: str) -> None:
    theirs, own = told(world, world.member("王建国", phone="10022223333")), told(world, member)
    csrf = forms(reader.open(f"/inbox/{own}"))[0].hidden["csrf"]
    for wanted in (theirs, uuid.uuid4()):
        if path:
            answer = reader.client.post(f"/inbox/{wanted}{path}", data={"csrf": csrf})
        else:
            answer = reader.client.get(f"/inbox/{wanted}")
        assert answer.status_code == 404 and "没有这条消息" in answer.text and "已冻结" not in answer.text


def test_messages_stand_under_their_day(
    world: World, member: MemberActor, reader: Reader, at: Callable[..., None]
) -> None:
    noon = datetime.datetime(2026, 11, 22, 4, 0, tzinfo=datetime.UTC)
    for days in (5, 1, 0):
        told(world, member, at=noon - datetime.timedelta(days=days))
    at(noon)
    page = reader.open("/inbox")
    places = [page.index(words) for words in (">今天<", ">昨天<", ">2026 年 11 月 17 日<")]
    assert places == sorted(places) and "保留 30 天" in page


def test_how_long_messages_stay_is_a_setting_that_each_page_says_and_the_purge_keeps(
    app: Flask, world: World, member: MemberActor, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], inbox_days=45))
    one, now = told(world, member), clock.now()
    assert "保留 45 天" in reader.open("/inbox") and "45 天" in reader.open("/inbox/archive")
    page = reader.open(f"/inbox/{one}")
    days = [local_date(at + datetime.timedelta(days=45)) for at in (now, now - datetime.timedelta(minutes=5))]
    assert any(f"保留到 {day.year} 年 {day.month} 月 {day.day} 日" in page for day in days)
    assert "发出后 45 天，自动删除" in reader.open("/privacy")
    with app.app_context():
        assert forget("inbox", now + datetime.timedelta(days=44)) == 0
        assert forget("inbox", now + datetime.timedelta(days=46)) == 1
    assert reader.client.get(f"/inbox/{one}").status_code == 404


def test_an_empty_inbox_and_an_empty_archive_say_so(reader: Reader) -> None:
    assert "现在没有消息" in reader.open("/inbox")
    assert "没有收起的消息" in reader.open("/inbox/archive")


def test_whoever_is_signed_out_comes_back_to_the_message_after_signing_in(
    client: FlaskClient, world: World, member: MemberActor
) -> None:
    one = told(world, member)
    away = client.get(f"/inbox/{one}")
    assert (away.status_code, away.location) == (302, "/sign-in")
    signed = client.post("/demo", data={"persona": "member"})
    assert (signed.status_code, signed.location) == (303, f"/inbox/{one}")
    assert "您的会员卡已冻结" in client.get(signed.location).text
    again = client.post("/demo", data={"persona": "member", "csrf": _csrf(client)})
    assert again.location == "/", "once"


def test_another_page_or_a_cookie_that_names_another_house_leads_nowhere(
    client: FlaskClient, world: World, member: MemberActor
) -> None:
    client.get("/history")
    assert client.get_cookie("after") is None
    for wanted in ("//evil.example/", "https://evil.example/", "/\\evil.example", "/inbox?x=1"):
        client.set_cookie("after", wanted)
        signed = client.post("/demo", data={"persona": "member", "csrf": _csrf(client)})
        assert signed.location == "/", wanted


def test_an_officer_reads_what_his_role_is_told_and_goes_to_the_desk_by_its_door(
    client: FlaskClient, world: World, sql: psycopg.Connection
) -> None:
    member = world.member()
    (one,) = world.do(
        lambda: notifications.tell(
            topic=RequestFiled.topic, message_id=uuid7(), payload={"union_id": str(world.union.id)}, now=clock.now()
        )
    )
    reader = Reader(client, world, member)
    reader.open(f"/inbox/{one}", 404)
    world.do(
        lambda: accounts.grant(
            account_id=member.account_id, role=Role.GRASSROOTS, union_id=world.union.id, actor="test", now=clock.now()
        )
    )
    page = reader.open(f"/inbox/{one}")
    assert "有一份绑定申请等您核实" in page and "/staff/enter/" in page and "收起这条" not in page


def test_the_pages_stay_within_their_statements(world: World, member: MemberActor, reader: Reader) -> None:
    one = told(world, member)
    for path, most in (("/inbox", LIST), (f"/inbox/{one}", ONE)):
        with statements() as sent:
            reader.open(path)
        assert len(sent) <= most, sent


def test_every_bar_of_a_member_says_how_many_messages_are_unread(
    world: World, member: MemberActor, reader: Reader
) -> None:
    told(world, member)
    told(world, world.member())
    badge = '<span class="badge">1<span class="sr">条未读</span></span>'
    for path in ("/", "/events", "/me/events", "/me", "/shops"):
        assert reader.open(path).count(badge) == 1, path
    for path, status in (("/offers", 200), ("/none", 404)):
        assert badge not in reader.open(path, status), path


def _csrf(client: FlaskClient) -> str:
    found = [form.hidden["csrf"] for form in forms(client.get("/sign-in").text) if "csrf" in form.hidden]
    return found[0] if found else ""


def test_from_a_message_in_wechat_the_way_in_is_wechats_own(
    app: Flask, client: FlaskClient, world: World, member: MemberActor, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = Platform(AppKeys(OA, "secret"), transact=in_transaction, clock=clock.now)
    monkeypatch.setitem(app.extensions, "partners", Partners(None, ours, None))
    one = told(world, member)
    away = client.get(f"/inbox/{one}", headers={"User-Agent": "Mozilla/5.0 MicroMessenger/8.0.50"})
    kept = client.get_cookie("after")
    assert (away.location, kept and kept.value) == ("/wechat/sign-in", f"/inbox/{one}")
    assert client.get(f"/inbox/{one}").location == "/sign-in", "another browser would get nowhere there"
    assert client.get("/inbox", headers={"User-Agent": "MicroMessenger"}).location == "/sign-in"


def test_whatever_a_message_opens_has_words_on_its_page() -> None:
    page = Path(inbox_pages.__file__).with_name("inbox_one.html").read_text()
    assert [place for place in Place if place is not Place.INBOX and f"'{place}': _(" not in page] == []
