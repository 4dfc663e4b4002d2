"""How messages reach a member: what gets through, what he switches off, the code to follow by, consents, the demo."""

import dataclasses
import io
import re
import uuid
from collections.abc import Callable

import psycopg
import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app import demo
from services.accounts import service as accounts
from services.accounts.types import MemberActor, Role
from services.cards.messages import CardFrozen
from services.core import clock, outbox
from services.notifications.local import local_provider
from services.notifications.types import Channel
from tests.builders.reach import MP, OA, Reachable
from tests.builders.world import World
from tests.harness.channels import Fake, Use
from tests.harness.statements import statements
from tests.http.pages import Reader

PAGE = 16
LOCAL_MP = local_provider(Channel.MP_SUBSCRIBE)
WECHAT = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) MicroMessenger/8.0.50"}


@pytest.fixture
def member(world: World) -> MemberActor:
    return world.member()


@pytest.fixture
def reader(client: FlaskClient, world: World, member: MemberActor) -> Reader:
    return Reader(client, world, member)


@pytest.fixture
def reachable(world: World) -> Reachable:
    return Reachable(world)


def wishes(sql: psycopg.Connection) -> list[tuple[object, ...]]:
    return sql.execute('SELECT "group", wechat, sms FROM message_wishes ORDER BY 1').fetchall()


def test_each_channel_says_whether_it_gets_through_and_what_to_do(
    reader: Reader, member: MemberActor, reachable: Reachable, use: Use
) -> None:
    oa, mp = Fake(Channel.TEMPLATE, provider=OA), Fake(Channel.MP_SUBSCRIBE, provider=MP)
    use(oa, mp, Fake(Channel.SMS, provider="aliyun"))
    nothing = reader.open("/me/reaching")
    assert "服务号消息" not in nothing, "what is not mapped is nobody's matter"
    reachable.mapped(Channel.TEMPLATE, "safety")
    platform_id = reachable.mapped(Channel.MP_SUBSCRIBE, "safety")
    reachable.mapped(Channel.SMS, "card.frozen", provider="aliyun")
    page = reader.open("/me/reaching")
    assert page.count("在微信里打开工惠登录一次") == 2 and "只在要紧的事" in page
    for appid in (OA, MP):
        reachable.wechat(member.account_id, appid)
    reachable.follows(member.account_id, following=False)
    page = reader.open("/me/reaching")
    assert "您没有关注服务号" in page and "要您先点“允许”" in page and "/me/reaching/code.png" in page
    reachable.consents(member.account_id, platform_id)
    assert "要您先点“允许”" not in reader.open("/me/reaching")


def test_what_is_switched_off_is_kept_by_group_and_safety_cannot_be(
    reader: Reader, client: FlaskClient, sql: psycopg.Connection
) -> None:
    page = reader.open("/me/reaching")
    assert "一直开着" in page and 'value="safety' not in page and 'value="duty' not in page
    answer = client.post(
        "/me/reaching", data={"csrf": _csrf(page), "on": ["answers.wechat", "notices.sms", "duty.wechat", "safety.sms"]}
    )
    assert answer.location == "/me/reaching?saved=1"
    assert wishes(sql) == [
        ("answers", True, False), ("card", False, False), ("events", False, False), ("notices", False, True),
    ]  # fmt: skip
    page = reader.open("/me/reaching?saved=1")
    assert "保存好了" in page and re.search(r'value="card.wechat">', page)
    assert re.search(r'value="answers.wechat" checked>', page)


def test_only_an_officer_switches_what_officers_are_told(
    world: World, reader: Reader, member: MemberActor, sql: psycopg.Connection
) -> None:
    world.do(
        lambda: accounts.grant(
            account_id=member.account_id, role=Role.GRASSROOTS, union_id=world.union.id, actor="test", now=clock.now()
        )
    )
    page = reader.open("/me/reaching")
    assert 'value="duty.wechat" checked' in page
    reader.client.post("/me/reaching", data={"csrf": _csrf(page), "on": []})
    assert ("duty", False, False) in wishes(sql)


def test_the_code_to_follow_by_is_a_picture_kept_by_this_account_alone(
    world: World, client: FlaskClient, reader: Reader, sql: psycopg.Connection
) -> None:
    address = re.search(r'src="(/me/reaching/code.png[^"]+)"', reader.open("/me/reaching"))
    assert address
    answer = client.get(address[1])
    assert answer.content_type == "image/png" and answer.headers["Cache-Control"] == "private, max-age=540"
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(answer.data)).convert("L"))
    assert re.fullmatch(r"http://[^/]+/demo/follow/[0-9A-Z]{26}", read.text)
    assert sql.execute("SELECT count(*) FROM follow_scenes").fetchone() == (1,)
    other = Reader(world.app.test_client(), world, world.member("王建国", phone="10022223333"))
    assert address[1] not in other.open("/me/reaching")


def test_right_after_binding_the_code_is_offered_until_somebody_follows(
    world: World, client: FlaskClient, reader: Reader
) -> None:
    page = reader.open("/binding/done")
    assert "绑定好了" in page and "/me/reaching/code.png" in page and "打开我的会员码" in page
    scene = _scene(client, page)
    follow = reader.open(f"/demo/follow/{scene}")
    assert "关注好了" in reader.send(follow, f"/demo/follow/{scene}", own="1").text
    answer = client.get("/binding/done")
    assert (answer.status_code, answer.location) == (303, "/"), "nothing left to offer"


def test_another_wechat_that_followed_by_the_code_gets_the_messages_until_it_is_taken_back(
    world: World, client: FlaskClient, reader: Reader, member: MemberActor, run_jobs: Callable[[], None],
    sql: psycopg.Connection,
) -> None:  # fmt: skip
    scene = _scene(client, reader.open("/me/reaching"))
    stranger = Reader(world.app.test_client(), world)
    page = stranger.open(f"/demo/follow/{scene}")
    assert "用我的微信关注" not in page
    stranger.send(page, f"/demo/follow/{scene}")
    run_jobs()
    frozen(world, member, run_jobs)
    assert sql.execute("SELECT channel FROM deliveries").fetchall() == [("template",)]
    page = reader.open("/me/reaching")
    assert "另一个微信也在收" in page
    reader.send(page, "/unlink")
    assert "另一个微信也在收" not in reader.open("/me/reaching")
    assert sql.execute("SELECT count(*) FROM followers WHERE openid IS NOT NULL").fetchone() == (0,)


def test_the_pages_stay_within_their_statements(reader: Reader) -> None:
    with statements() as sent:
        reader.open("/me/reaching")
    assert len(sent) <= PAGE, sent


def test_outside_of_wechat_nobody_is_asked_for_consent_and_the_policy_stays(
    client: FlaskClient, reader: Reader
) -> None:
    answer = client.get("/binding/done")
    assert "data-consent" not in answer.text and "qq.com" not in answer.headers["Content-Security-Policy"]


# --- the API


def test_the_api_says_which_templates_to_ask_for_and_notes_the_clients_word_once(
    world: World, client: FlaskClient, member: MemberActor, reachable: Reachable, use: Use, sql: psycopg.Connection
) -> None:
    use(Fake(Channel.MP_SUBSCRIBE, provider=MP))
    reachable.wechat(member.account_id, MP)
    ids = {layout: reachable.mapped(Channel.MP_SUBSCRIBE, layout) for layout in ("use", "safety", "answer", "task")}
    reachable.consents(member.account_id, ids["safety"], number=2)
    bearer = world.bearer(member)
    asks = client.get("/api/v1/me/consents?tap=redeem", headers=bearer).json["items"]
    assert [ask["template_id"] for ask in asks] == [ids["use"], ids["answer"], ids["safety"]], "the fewest first"
    assert asks[0]["title"] == "会员卡使用提醒"
    assert client.get("/api/v1/me/consents?tap=duty", headers=bearer).json["items"] == [], "no officer"
    body = {"results": {ids["use"]: "accept", ids["answer"]: "reject", "T-of-nobody": "accept"}}
    for _ in range(2):
        said = client.post("/api/v1/me/consents", json=body, headers={**bearer, "Idempotency-Key": "consent-1"})
        assert (said.status_code, said.json) == (201, {"noted": [ids["use"]]})
    known = "SELECT template_id, granted, provisional FROM credits ORDER BY granted"
    assert sql.execute(known).fetchall() == [(ids["use"], 0, 1), (ids["safety"], 2, 0)]


def test_one_time_and_long_term_are_never_asked_for_together(
    world: World, client: FlaskClient, member: MemberActor, reachable: Reachable, use: Use, sql: psycopg.Connection
) -> None:
    use(Fake(Channel.MP_SUBSCRIBE, provider=MP))
    reachable.wechat(member.account_id, MP)
    ids = {layout: reachable.mapped(Channel.MP_SUBSCRIBE, layout) for layout in ("use", "safety", "answer")}
    sql.execute("UPDATE channel_templates SET long_term = true WHERE layout = 'safety'")
    bearer = world.bearer(member)
    first = client.get("/api/v1/me/consents?tap=redeem", headers=bearer).json["items"]
    assert [ask["template_id"] for ask in first] == [ids["safety"]]
    credit = reachable.consents(member.account_id, ids["safety"], number=0)
    sql.execute("UPDATE credits SET standing = true WHERE id = %s", [credit])
    then = client.get("/api/v1/me/consents?tap=redeem", headers=bearer).json["items"]
    assert {ask["template_id"] for ask in then} == {ids["use"], ids["answer"]}, "given once for all"


@pytest.mark.parametrize(
    "body",
    [
        {}, {"results": {}}, {"results": {"T": "maybe"}}, {"results": {"T" * 65: "accept"}}, {"results": ["T"]},
        {"results": {f"T{number}": "accept" for number in range(6)}}, {"results": {"T": "accept"}, "more": 1},
    ],
)  # fmt: skip
def test_results_that_are_none_are_refused(
    world: World, client: FlaskClient, member: MemberActor, body: object
) -> None:
    headers = {**world.bearer(member), "Idempotency-Key": "consent-2"}
    assert client.post("/api/v1/me/consents", json=body, headers=headers).status_code == 422


def test_the_api_reads_archives_and_switches(
    world: World, client: FlaskClient, member: MemberActor, run_jobs: Callable[[], None]
) -> None:
    frozen(world, member, run_jobs)
    bearer = world.bearer(member)
    page = client.get("/api/v1/me/messages", headers=bearer).json
    (item,) = page["items"]
    assert (page["unread"], item["group"], item["opens"], item["archived"]) == (1, "safety", "card", False)
    path = f"/api/v1/me/messages/{item['id']}"
    assert client.get(path, headers=bearer).json["read"] is False
    assert client.put(f"{path}/archive", headers=bearer).json["archived"] is True
    assert client.get("/api/v1/me/messages", headers=bearer).json["items"] == []
    assert len(client.get("/api/v1/me/messages?archived=1", headers=bearer).json["items"]) == 1
    assert client.delete(f"{path}/archive", headers=bearer).json["archived"] is False
    assert client.post(f"{path}/read", headers=bearer).json["read"] is True
    strange = f"/api/v1/me/messages/{uuid.uuid4()}"
    for answer in (client.get(strange, headers=bearer), client.put(f"{strange}/archive", headers=bearer)):
        assert (answer.status_code, answer.json["code"]) == (404, "message_unknown")
    switched = client.put(
        "/api/v1/me/messages/wishes", json={"group": "card", "wechat": False, "sms": True}, headers=bearer
    )
    assert switched.json == {"group": "card", "wechat": False, "sms": True}
    assert switched.json in client.get("/api/v1/me/messages/wishes", headers=bearer).json["items"]
    safety = client.put(
        "/api/v1/me/messages/wishes", json={"group": "safety", "wechat": False, "sms": False}, headers=bearer
    )
    assert (safety.status_code, safety.json["code"]) == (422, "group_always_on")
    unknown = client.put("/api/v1/me/messages/wishes", json={**switched.json, "group": "x"}, headers=bearer)
    assert unknown.status_code == 422


# --- the demo's phone


def test_the_demos_phone_shows_what_a_persona_is_told_as_card_and_on_the_lock_screen(
    world: World, run_jobs: Callable[[], None]
) -> None:
    member = world.member()
    world.do(lambda: demo.give_wechat(member.account_id, now=clock.now()))
    frozen(world, member, run_jobs)
    page = Reader(world.app.test_client(), world).open("/demo/phone?who=member")
    assert "服务通知：账户安全提醒" in page
    card = page[page.index('<article class="wx">') :]
    places = [card.index(words) for words in ("事项", "您的会员卡已冻结", "时间", "提示", "确认安全后可以解冻", "查看")]
    assert places == sorted(places), "in the order of the layout"


def test_a_tap_on_allow_grants_one_of_each_and_leaving_sends_the_next_message_to_the_mini_program(
    world: World, run_jobs: Callable[[], None], sql: psycopg.Connection
) -> None:
    member = world.member()
    anybody = Reader(world.app.test_client(), world)
    page = anybody.open("/demo/phone?who=member")
    anybody.send(page, "/consent")
    anybody.client.post("/demo/phone/member/follow", data={"stop": "1"})
    assert sql.execute("SELECT DISTINCT granted, appid FROM credits").fetchall() == [(1, LOCAL_MP)]
    frozen(world, member, run_jobs)
    assert sql.execute("SELECT channel, status FROM deliveries").fetchall() == [("mp_subscribe", "sent")]
    assert "小程序" in anybody.open("/demo/phone?who=member")
    assert "取消关注服务号" not in anybody.open("/demo/phone?who=member")
    anybody.client.post("/demo/phone/member/follow")
    assert "取消关注服务号" in anybody.open("/demo/phone?who=member")


@pytest.mark.parametrize("path", ["/demo/phone", "/demo/follow/ABC"])
def test_without_the_demo_there_is_no_phone(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], demo=False))
    assert client.get(path).status_code == 404
    assert client.post("/demo/phone/member/follow").status_code == 404
    assert client.post("/demo/phone/member/consent").status_code == 404
    assert client.post("/demo/follow/ABC").status_code == 404


def frozen(world: World, member: MemberActor, run_jobs: Callable[[], None]) -> None:
    world.do(lambda: outbox.post(CardFrozen(card_id=uuid.uuid4(), member_id=member.member_id)))
    run_jobs()


def _scene(client: FlaskClient, page: str) -> str:
    address = re.search(r'src="(/me/reaching/code.png[^"]+)"', page)
    assert address
    picture = Image.open(io.BytesIO(client.get(address[1]).data)).convert("L")
    return str(zxingcpp.read_barcodes(picture)[0].text).rpartition("/")[2]


def _csrf(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    return found[1]
