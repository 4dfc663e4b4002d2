"""The pages about one's own data, scripts off: what is held, who looked, a correction, a copy, the way out."""

import json

import psycopg
import pytest
from flask.testing import FlaskClient

from services.accounts import service as accounts
from services.accounts.types import MemberActor
from services.core import clock
from services.members import corrections
from services.members.types import LookReason
from services.rights import queries
from tests.builders.world import World
from tests.http.pages import Reader, forms

MEMBERS_PAGES = ("/me/data/", "/me/data/looks", "/me/data/correction", "/me/data/close")


@pytest.fixture
def member(world: World) -> MemberActor:
    return world.member("李春梅")


@pytest.fixture
def reader(client: FlaskClient, world: World, member: MemberActor) -> Reader:
    return Reader(client, world, member)


def prove(world: World, client: FlaskClient) -> None:
    cookie = client.get_cookie("gonghui")
    assert cookie
    world.do(lambda: accounts.prove(cookie.value, now=clock.now()))


def test_everybody_reads_what_is_held_why_who_sees_it_and_how_long(client: FlaskClient, world: World) -> None:
    page = Reader(client, world).open("/privacy")
    for words in (
        "证件号码（加密）",
        "您出示会员卡的那家店（姓名打码）",
        "办结后 180 天，自动删除",
        "不少于 183 天",
        "10 个工作日",
    ):
        assert words in page
    client.set_cookie("lang", "en")
    page = Reader(client, world).open("/privacy")
    assert "document number (encrypted)" in page
    assert "3 years after the purchase, then deleted" in page


def test_the_text_of_the_consent_has_its_version(client: FlaskClient, world: World) -> None:
    page = Reader(client, world).open("/consent")
    assert "2026-11" in page
    assert "加密保存" in page


def test_the_page_of_me_leads_to_my_data(reader: Reader) -> None:
    assert 'href="/me/data/"' in reader.open("/me")
    hub = reader.open("/me/data/")
    for path in (
        "/me/data/correction",
        "/me/data/copy",
        "/me/data/copy.json",
        "/me/unbind",
        "/me/data/close",
        "/privacy",
    ):
        assert f'href="{path}"' in hub


@pytest.mark.parametrize("path", MEMBERS_PAGES)
def test_nobody_else_gets_in(client: FlaskClient, world: World, path: str) -> None:
    assert client.get(path).location == "/sign-in"
    client.set_cookie("gonghui", world.token(world.shop().clerk))
    assert client.get(path).status_code == 403


def test_who_looked_is_shown_by_office_with_the_reason(reader: Reader, world: World, member: MemberActor) -> None:
    officer = world.officer()
    world.do(
        lambda: corrections.unmask(
            member_id=member.member_id, reason=LookReason.CONTACT, note="通知体检", actor=officer.label,
            scopes=(world.federation.path,), now=clock.now(),
        )
    )  # fmt: skip
    for path in ("/me/data/", "/me/data/looks"):
        page = reader.open(path)
        assert "看了您的完整资料" in page
        assert "雍河区总工会" in page and "需要联系本人" in page and "通知体检" in page
        assert "周敏" not in page


def test_a_correction_is_asked_for_seen_and_taken_back(reader: Reader, world: World, member: MemberActor) -> None:
    page = reader.open("/me/data/correction")
    answer = reader.send(page, "/correction", phone="12")
    assert answer.status_code == 422
    assert "11 位数字" in answer.text
    assert (
        reader.send(page, "/correction", phone="100 0000 1234", words="单位名称旧了").location == "/me/data/correction"
    )
    waiting = reader.open("/me/data/correction")
    assert "手机号、其他" in waiting and "在办" in waiting
    assert "10000001234" not in waiting
    again = reader.send(page, "/correction", phone="10000001235")
    assert again.status_code == 409 and "已经有一个更正申请" in again.text
    assert reader.send(waiting, "/withdraw").location == "/me/data/correction"
    assert "已撤回" in reader.open("/me/data/correction")
    assert world.look(lambda: queries.open_correction(member.member_id)) is None


@pytest.mark.parametrize("path", ["/me/data/copy", "/me/data/copy.json"])
def test_a_copy_asks_for_a_fresh_proof_first(reader: Reader, world: World, path: str) -> None:
    answer = reader.client.get(path)
    assert answer.status_code == 303
    assert answer.location == f"/prove/?back={path.replace('/', '%2F')}" or answer.location == f"/prove/?back={path}"
    prove(world, reader.client)
    assert "10012345678" in reader.open(path)


@pytest.mark.parametrize("path", ["/me/data/copy", "/me/data/copy.json", "/api/v1/me/data/copy"])
def test_a_copy_is_audited_when_it_is_given_out_and_not_given_without_end(
    reader: Reader, world: World, sql: psycopg.Connection, path: str
) -> None:
    prove(world, reader.client)
    assert reader.client.head(path).status_code == 405
    answers = [reader.client.get(path).status_code for _ in range(10)]
    assert set(answers) == {200, 429}
    given = sql.execute("SELECT count(*) FROM audit_entries WHERE action = 'data.copied'").fetchone()
    assert given == (answers.count(200),)


def test_a_correction_is_proven_or_says_that_it_is_not(
    reader: Reader, world: World, member: MemberActor, sql: psycopg.Connection
) -> None:
    def asked(path: str) -> bool:
        row = sql.execute("SELECT proven FROM correction_requests WHERE status = 'open'").fetchone()
        if path == "page":
            reader.send(reader.open("/me/data/correction"), "/withdraw")
        return bool(row and row[0])

    page = reader.open("/me/data/correction")
    assert 'href="/prove/?back=/me/data/correction"' in page
    reader.send(page, "/correction", phone="10000001234")
    assert asked("page") is False
    prove(world, reader.client)
    page = reader.open("/me/data/correction")
    assert "/prove/" not in page
    reader.send(page, "/correction", phone="10000001234")
    assert asked("page") is True
    for proven in (False, True):
        token = world.token(member)
        if proven:
            world.do(lambda used=token: accounts.prove(used, now=clock.now()))
        bearer = {"Authorization": f"Bearer {token}"}
        answer = reader.client.post("/api/v1/me/data/corrections", json={"phone": "10000001234"}, headers=bearer)
        assert answer.status_code == 201, answer.text
        assert asked("api") is proven
        assert reader.client.delete("/api/v1/me/data/corrections", headers=bearer).status_code == 200


def test_the_file_is_json_with_all_sections(reader: Reader, world: World) -> None:
    prove(world, reader.client)
    answer = reader.client.get("/me/data/copy.json")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="gonghui-20')
    assert json.loads(answer.text)["record"]["name"] == "李春梅"
    assert answer.headers["Cache-Control"] == "no-store"


def test_closing_says_what_happens_asks_for_a_proof_and_says_what_stays(
    reader: Reader, world: World, member: MemberActor
) -> None:
    page = reader.open("/me/data/close")
    assert "会员码马上停用" in page and "不少于 183 天" in page
    unproved = reader.client.post("/me/data/close", data={**_hidden(page)})
    assert unproved.status_code == 303 and unproved.location.startswith("/prove/")
    prove(world, reader.client)
    done = reader.client.post("/me/data/close", data={**_hidden(page)})
    assert done.location == "/closed"
    after = reader.open("/closed")
    assert "账号已注销" in after and "不少于 183 天" in after
    assert reader.client.get("/me/data/").location == "/sign-in"


def test_what_stands_in_the_way_of_closing_is_said_and_there_is_no_button(reader: Reader, world: World) -> None:
    reader.send(reader.open("/me/data/correction"), "/correction", phone="10000001234")
    page = reader.open("/me/data/close")
    assert "现在还不能注销" in page and "更正申请在办" in page
    assert "注销我的账号" not in page


def test_somebody_who_is_not_signed_in_finds_the_privacy_page(client: FlaskClient, world: World) -> None:
    assert 'href="/privacy"' in Reader(client, world).open("/sign-in")


def _hidden(page: str) -> dict[str, str]:
    return next(form.hidden for form in forms(page) if "back" in form.hidden)
