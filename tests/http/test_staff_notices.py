"""The desk's notices, on pages and by the API: written, looked at, released by two people, stopped."""

import dataclasses
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.accounts.types import OfficerActor, Role
from services.core import clock
from services.members.types import Standing
from services.notifications.notices import errors, service
from services.notifications.notices.types import State
from tests.builders.notices import ABOVE, Noticing
from tests.builders.world import World
from tests.harness.statements import statements
from tests.http.pages import Reader
from tests.services.test_rights import used

LIST, ONE, PROGRESS = 9, 18, 13
TYPED = {"title": "周六放电影", "body": "14:00 开始。", "union": "", "to": "union"}


@pytest.fixture
def noticing(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> Noticing:
    """Three members, and a bound of two."""
    settings = dataclasses.replace(app.config["SETTINGS"], notice_second_above=ABOVE)
    monkeypatch.setitem(app.config, "SETTINGS", settings)
    for n in range(3):
        world.member(f"张三{n}", phone=f"1001234567{n}")
    return Noticing(world)


def written(reader: Reader, **typed: str) -> TestResponse:
    return reader.send(reader.open("/staff/notices/new"), "/new", **{**TYPED, **typed})


# --- pages


def test_a_small_notice_from_the_form_to_the_inbox(
    client: FlaskClient, world: World, noticing: Noticing, run_jobs: Callable[[], None]
) -> None:
    world.member("李四", union=world.another_union())
    reader = Reader(client, world, noticing.officer(), proved=True)
    made = written(reader, union="高营纺织工会", body="第一段\n\n第二段", title_en="A film", body_en="From two")
    page = reader.open(made.location)
    for words in ("周六放电影", "第一段", "第二段", "A film", "高营纺织工会", "只在工惠里看到 1 人"):
        assert words in page
    sent = reader.send(page, "/release")
    assert sent.location == made.location
    released = reader.open(made.location)
    assert "正在发" in released and "定时发送" not in released
    assert "http-equiv" in released, "the page looks again by itself until it is done"
    run_jobs()
    done = reader.open(made.location)
    assert "发完了" in done
    assert "1 / 1 人" in done
    assert "http-equiv" not in done
    assert "周六放电影" in reader.open("/staff/notices")


def test_a_form_sent_twice_is_one_draft(client: FlaskClient, world: World, noticing: Noticing) -> None:
    reader = Reader(client, world, noticing.officer())
    page = reader.open("/staff/notices/new")
    first, again = (reader.send(page, "/new", **TYPED) for _ in range(2))
    assert first.location == again.location


@pytest.mark.parametrize(
    ("typed", "said", "kept"),
    [
        ({"title": ""}, "标题要写，最多 40 个字", "14:00 开始。"),
        ({"title": "字" * 41}, "标题要写，最多 40 个字", "字" * 41),
        ({"body": "字" * 601}, "正文要写，最多 600 个字", "字" * 601),
        ({"title_en": "w" * 121}, "最多 120 个字", "w" * 121),
        ({"title": "每人补助 300 元", "sms": "1"}, "请换个说法", "每人补助 300 元"),
        ({"title": "报名请打 100 1234 5678", "sms": "1"}, "“100 1234 5678”写进正文", "报名请打 100 1234 5678"),
        ({"union": "没有的工会"}, "没有找到这个工会", "没有的工会"),
        ({"to": "used", "shop": "没有的店"}, "没有找到这家商户", "没有的店"),
        ({"to": "used", "shop": "老灶牛肉面", "days": "三十"}, "天数写 1 到 180", "三十"),
        ({"to": "used", "shop": "老灶牛肉面", "days": "30", "sms": "1"}, "不能再发短信或群发", "老灶牛肉面"),
        ({"send_at": "2020-01-01T08:00"}, "发送时间要晚于现在", "2020-01-01T08:00"),
        ({"send_at": "明天"}, "发送时间要晚于现在", "明天"),
        ({"send_at": "0001-01-01T00:00"}, "发送时间要晚于现在", "0001-01-01T00:00"),
        ({"send_at": "9999-12-31T23:59-14:00"}, "发送时间要晚于现在", "9999-12-31T23:59-14:00"),
        ({"standing": "left"}, "没有这种会籍状态", "14:00 开始。"),
    ],
)
def test_a_fault_is_said_at_its_field_and_what_was_typed_stays(
    client: FlaskClient, world: World, noticing: Noticing, typed: dict[str, str], said: str, kept: str
) -> None:
    world.shop("老灶牛肉面")
    answer = written(Reader(client, world, noticing.officer()), **typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert kept in answer.text
    assert "aria-invalid" in answer.text or "field__err" in answer.text


def test_a_body_of_64_kilobytes_is_refused_kindly(client: FlaskClient, world: World, noticing: Noticing) -> None:
    reader = Reader(client, world, noticing.officer())
    huge = written(reader, body="字" * 30_000)
    assert huge.status_code == 413
    assert written(reader, body="字" * 6_000).status_code == 422


def test_hostile_texts_are_shown_as_texts(client: FlaskClient, world: World, noticing: Noticing) -> None:
    reader = Reader(client, world, noticing.officer())
    made = written(reader, title="<b>{notice}</b>%(x)s", body="<script>1</script>\x00{told}")
    for path in (made.location, f"{made.location}/edit", "/staff/notices"):
        page = reader.open(path)
        assert "<b>{" not in page
        assert "<script>1" not in page
    assert "&lt;b&gt;{notice}&lt;/b&gt;%(x)s" in page


def test_a_large_notice_takes_two_people_on_the_pages(
    client: FlaskClient, app: Flask, world: World, noticing: Noticing, run_jobs: Callable[[], None]
) -> None:
    author, second = noticing.officer(Role.DISTRICT, Role.TOWN), noticing.officer()
    reader = Reader(client, world, author, proved=True)
    made = written(reader)
    page = reader.open(made.location)
    assert "/release" not in page
    assert reader.send(page, "/ask").location == made.location
    waiting = reader.open(made.location)
    assert "请把这一页的地址发给另一位经办人" in waiting
    # Somebody who sends the form that the page does not show.
    hidden = {"csrf": waiting.partition('name="csrf" value="')[2].partition('"')[0], "seen": "1"}
    refused = client.post(f"{made.location}/release", data=hidden)
    assert refused.status_code == 409
    assert "没有写过这条通知的另一位经办人" in refused.text
    other = Reader(app.test_client(), world, second, proved=True)
    page = other.open(made.location)
    assert "我看过了，放行" in page
    assert other.send(page, "/release").status_code == 303
    run_jobs()
    assert "3 / 3 人" in other.open(made.location)


def test_a_release_asks_for_a_new_proof_and_comes_back(client: FlaskClient, world: World, noticing: Noticing) -> None:
    reader = Reader(client, world, noticing.officer())
    made = written(reader, union="恒沛精密工会", standing="retired")
    world.member("退休的", standing=Standing.RETIRED)
    asked = reader.send(reader.open(made.location), "/release")
    assert asked.status_code == 303
    assert asked.location.startswith("/prove/?back=/staff/notices/")
    assert "还是草稿" in reader.open(made.location)


def test_a_federation_with_one_officer_is_told_so_kindly(client: FlaskClient, world: World, noticing: Noticing) -> None:
    reader = Reader(client, world, noticing.officer())
    path = written(reader).location
    page = reader.open(path)
    assert "现在没有别的经办人能放行它" in page
    assert "/ask" not in page
    noticing.officer()
    page = reader.open(path)
    assert "现在没有别的经办人能放行它" not in page
    assert "/ask" in page


def test_what_somebody_else_wrote_meanwhile_is_shown_beside_it(
    client: FlaskClient, world: World, noticing: Noticing
) -> None:
    reader, colleague = Reader(client, world, noticing.officer()), noticing.officer()
    made = written(reader)
    notice = uuid.UUID(made.location.rpartition("/")[2])
    form = reader.open(f"{made.location}/edit")
    noticing.change(notice, colleague, title={"zh": "改到周日"})  # type: ignore[arg-type]
    answer = reader.send(form, "/edit", **{**TYPED, "title": "我的标题"})
    assert answer.status_code == 409
    assert "改到周日" in answer.text
    assert "我的标题" in answer.text
    kept = reader.send(answer.text, "/edit", **{**TYPED, "title": "我的标题"})
    assert kept.status_code == 303
    assert "我的标题" in reader.open(made.location)


def test_stopped_and_withdrawn_on_the_page(
    client: FlaskClient, world: World, noticing: Noticing, run_jobs: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    midnight = clock.now().replace(hour=16, minute=0)
    monkeypatch.setattr(clock, "now", lambda: midnight)
    officer = noticing.officer()
    notice = noticing.waiting(officer, sms=True)
    noticing.release(notice, noticing.officer())
    path, reader = f"/staff/notices/{notice}", Reader(client, world, officer)
    run_jobs()
    page = reader.open(path)
    assert "正在发" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert reader.send(page, "/stop").status_code == 303
    page = reader.open(path)
    assert "停在这里" in page
    assert reader.send(page, "/withdraw").status_code == 303
    page = reader.open(path)
    assert "已经撤回" in page
    assert "/withdraw" not in page


def test_what_moved_on_is_said_with_how_it_stands(client: FlaskClient, world: World, noticing: Noticing) -> None:
    officer = noticing.officer()
    noticing.officer()
    reader, notice = Reader(client, world, officer), noticing.written(officer)
    page = reader.open(f"/staff/notices/{notice}")
    noticing.act(service.drop, notice, officer)
    answer = reader.send(page, "/ask")
    assert answer.status_code == 409
    assert "状态已经变了" in answer.text


def test_few_who_used_a_shop_are_not_counted_out(client: FlaskClient, world: World, noticing: Noticing) -> None:
    shop, officer = world.shop("老灶牛肉面"), noticing.officer()
    used(world, world.member("用过的"), shop)
    reader = Reader(client, world, officer)
    made = written(reader, to="used", shop="老灶", days="30")
    page = reader.open(made.location)
    assert "30 天内在老灶牛肉面用过卡的会员" in page
    assert "不到 5 人" in page
    assert "没有手机号" not in page


@pytest.mark.parametrize("role", [Role.TOWN, Role.GRASSROOTS])
def test_another_unions_notice_is_not_there(client: FlaskClient, world: World, noticing: Noticing, role: Role) -> None:
    notice = noticing.written(noticing.officer())
    reader = Reader(client, world, noticing.officer(role))
    for path in ("", "/edit"):
        reader.open(f"/staff/notices/{notice}{path}", 404)
    csrf = reader.open("/staff/notices/new").partition('name="csrf" value="')[2].partition('"')[0]
    for act in ("edit", "ask", "release", "take-back", "drop", "stop", "withdraw"):
        assert client.post(f"/staff/notices/{notice}/{act}", data={"csrf": csrf, **TYPED}).status_code == 404, act
    assert "周六" not in reader.open("/staff/notices")


def test_pages_stay_within_their_statements(
    client: FlaskClient, world: World, noticing: Noticing, run_jobs: Callable[[], None]
) -> None:
    officer = noticing.officer()
    reader, draft = Reader(client, world, officer), noticing.written(officer, sms=True, mass=True)
    begun = noticing.waiting(officer)
    noticing.release(begun, noticing.officer())
    run_jobs()
    for path, most in (("", LIST), (f"/{draft}", ONE), (f"/{begun}", PROGRESS)):
        reader.open(f"/staff/notices{path}")
        with statements() as sent:
            reader.open(f"/staff/notices{path}")
        assert len(sent) <= most, (path, len(sent), sent)


def test_an_inbox_with_notices_takes_one_statement_more(
    client: FlaskClient, app: Flask, world: World, noticing: Noticing, run_jobs: Callable[[], None]
) -> None:
    officer, member = noticing.officer(), world.member("孙七")
    bearer = world.bearer(member)

    def taken() -> int:
        with statements() as sent:
            assert client.get("/api/v1/me/messages", headers=bearer).status_code == 200
        return len(sent)

    before = taken()
    for _ in range(3):
        noticing.release(noticing.waiting(officer), noticing.officer())
    run_jobs()
    assert taken() == before + 1
    found = client.get("/api/v1/me/messages", headers=bearer).json
    assert [one["title"] for one in found["items"]] == ["周六文化宫放电影"] * 3


# --- the API


class Desk:
    def __init__(self, client: FlaskClient, world: World, officer: OfficerActor) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {world.token(officer, proved=True)}"}

    def get(self, path: str = "") -> Any:
        return self.client.get(f"/api/v1/staff/notices{path}", headers=self.headers).json

    def post(
        self, path: str, body: dict[str, Any] | None = None, *, key: str = "", method: str = "POST"
    ) -> TestResponse:
        headers = {**self.headers, "Idempotency-Key": key or uuid.uuid4().hex}
        return self.client.open(f"/api/v1/staff/notices{path}", method=method, json=body or {}, headers=headers)


def body_of(world: World, **said: Any) -> dict[str, Any]:
    return {"union_id": str(world.federation.id), "title": {"zh": "放电影"}, "body": {"zh": "一\n二"}, **said}


def test_two_people_by_the_api(
    client: FlaskClient, world: World, noticing: Noticing, run_jobs: Callable[[], None]
) -> None:
    author, second = (Desk(client, world, noticing.officer()) for _ in range(2))
    made = author.post("", body_of(world), key="one-draft-only")
    again = author.post("", body_of(world), key="one-draft-only")
    assert (made.status_code, made.json) == (201, again.json)
    path = f"/{made.json['id']}"
    assert made.json["body"] == {"zh": "一\n二"}
    assert author.get(f"{path}/reach")["people"] == 3
    refused = author.post(f"{path}/release", {"seen": 1})
    assert (refused.status_code, refused.json["code"]) == (409, errors.NOTICE_OWN)
    assert author.post(f"{path}/ask", {"seen": 1}).json["state"] == "waiting"
    changed = author.post(path, {**body_of(world, title={"zh": "改了"}), "seen": 1}, method="PUT")
    assert (changed.json["revision"], changed.json["state"]) == (2, "draft")
    assert author.post(f"{path}/ask", {"seen": 2}).json["second_needed"] is True
    stale = second.post(f"{path}/release", {"seen": 1})
    assert (stale.status_code, stale.json["code"]) == (409, errors.NOTICE_CHANGED)
    released = second.post(f"{path}/release", {"seen": 2})
    assert (released.status_code, released.json["state"]) == (200, "scheduled")
    run_jobs()
    assert second.get(f"{path}/progress") == {"told": 3, "done": 3, "read": 0, "deliveries": {}, "mass": {}}
    assert second.post(f"{path}/withdraw").json["withdrawn_at"]
    assert [one["id"] for one in author.get()["items"]] == [made.json["id"]]


def test_a_release_by_the_api_asks_for_a_new_proof(client: FlaskClient, world: World, noticing: Noticing) -> None:
    officer = noticing.officer()
    notice = noticing.written(officer)
    answer = client.post(
        f"/api/v1/staff/notices/{notice}/release",
        json={"seen": 1},
        headers={**world.bearer(officer), "Idempotency-Key": "k" * 12},
    )
    assert (answer.status_code, answer.json["code"]) == (401, "fresh_check_needed")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": {"zh": ""}}, "title"),
        ({"title": {"zh": "困难补助"}, "sms": True}, "title"),
        ({"body": {"zh": "字" * 601}}, "body"),
        ({"send_at": "2020-01-01T00:00:00+08:00"}, "send_at"),
        ({"send_at": "0001-01-01T00:00:00+14:00"}, "send_at"),
        ({"send_at": "9999-12-31T23:59:59-14:00"}, "send_at"),
        ({"union_id": str(uuid.uuid4())}, "union"),
        ({"readers": {"used": {"shop_id": str(uuid.uuid4()), "days": 9}}}, "shop"),
        ({"readers": {"signed_up": {"event_id": str(uuid.uuid4())}}}, "event"),
        ({"readers": {"standings": ["left"]}}, "readers"),
        ({"readers": {"used": {"shop_id": str(uuid.uuid4()), "days": 999}}}, "readers"),
        ({"sms": "yes"}, "sms"),
        ({"unknown": 1}, "unknown"),
    ],
)
def test_the_api_names_the_field_of_a_fault(
    client: FlaskClient, world: World, noticing: Noticing, said: dict[str, Any], field: str
) -> None:
    answer = Desk(client, world, noticing.officer()).post("", body_of(world, **said))
    assert answer.status_code == 422
    assert field in answer.json["errors"]


def test_an_audience_by_the_api_is_read_back(client: FlaskClient, world: World, noticing: Noticing) -> None:
    desk, shop = Desk(client, world, noticing.officer()), world.shop()
    readers = {"standings": ["active"], "bound": True, "used": {"shop_id": str(shop.merchant_id), "days": 9}}
    made = desk.post("", body_of(world, readers=readers))
    assert made.json["readers"] == {**readers, "signed_up": None}
    assert desk.get(f"/{made.json['id']}/reach")["people"] is None


def test_another_unions_notice_is_not_in_the_api(client: FlaskClient, world: World, noticing: Noticing) -> None:
    notice, town = noticing.written(noticing.officer()), Desk(client, world, noticing.officer(Role.TOWN))
    for act in ("", "/reach", "/progress"):
        assert town.get(f"/{notice}{act}")["status"] == 404
    for act in ("ask", "release", "take-back", "drop", "stop", "withdraw"):
        body = {"seen": 1} if act in ("ask", "release") else None
        assert town.post(f"/{notice}/{act}", body).status_code == 404, act
    assert town.get()["items"] == []


def test_the_last_acts_by_the_api(client: FlaskClient, world: World, noticing: Noticing) -> None:
    desk = Desk(client, world, noticing.officer())
    path = f"/{desk.post('', body_of(world)).json['id']}"
    assert desk.post(f"{path}/stop").json["code"] == errors.NOTICE_MOVED_ON
    assert desk.post(f"{path}/take-back").json["state"] == State.DRAFT
    assert desk.post(f"{path}/drop").json["state"] == State.DROPPED
    assert desk.post(f"{path}/ask", {"seen": 1}).json["code"] == errors.NOTICE_MOVED_ON
    assert desk.get()["items"] == []
