"""Officers' own pages, walked with scripts off: links, sign-in, invitation, a computer by phone, hand-over, reset."""

import datetime
import html
import re

import numpy as np
import psycopg
import pyotp
import pytest
import zxingcpp
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from app.cli.officers import group
from services.accounts import queries, service
from services.accounts.types import AccountId, Grant, MemberActor, OfficerActor, Role
from services.core import clock
from services.core.calendar import local_date
from services.unions.types import UnionView
from tests.builders.world import World
from tests.harness.codes import Kept, kept
from tests.http.pages import Reader, forms

__all__ = ["kept"]
PASSWORD = "three lamps by the river"
_LINK = re.compile(r"/[or]/[A-Za-z0-9_-]{20,}")
_SECRET = re.compile(r'mid small">([A-Z2-7 ]+)<')


def link_in(text: str) -> str:
    found = _LINK.search(html.unescape(text))
    assert found, text[:400]
    return found.group()


def authenticator(page: str, *, ahead: int = 0) -> str:
    """What the reader's authenticator shows after scanning this page."""
    found = _SECRET.search(page)
    assert found
    return pyotp.TOTP(found.group(1).replace(" ", "")).at(clock.now() + ahead * datetime.timedelta(seconds=30))


def first_link(app: Flask) -> str:
    with app.app_context():
        answer = CliRunner().invoke(group, ["invite", "--name", "周敏"])
    assert answer.exit_code == 0, answer.output
    return link_in(answer.output)


def begin(app: Flask, world: World, login: str = "zhou.min") -> tuple[Reader, str]:
    """Somebody with the first link becomes an officer and signs in; his browser, and the page with his secret."""
    reader, link = Reader(app.test_client(), world), first_link(app)
    page = reader.open(link)
    answer = reader.client.post(link, data={"login": login, "password": PASSWORD, "code": authenticator(page)})
    assert (answer.status_code, answer.location) == (303, "/staff/sign-in")
    form = {"login": login, "password": PASSWORD, "code": authenticator(page, ahead=1)}
    assert reader.client.post("/staff/sign-in", data=form).location == "/staff/"
    return reader, page


def officer(world: World, role: Role, at: UnionView, name: str = "邓华") -> OfficerActor:
    def build() -> AccountId:
        account_id = service.open_account(display_name=name, now=clock.now())
        service.grant(account_id=account_id, role=role, union_id=at.id, actor="test", now=clock.now())
        return account_id

    return OfficerActor(world.do(build), (Grant(role, at.path),))


def test_the_first_officer_gets_in_by_the_link_of_the_command_line(app: Flask, world: World) -> None:
    reader, _ = begin(app, world)
    answer = reader.client.get("/staff/")
    assert (answer.status_code, answer.location) == (303, "/staff/inbox"), "whoever runs the system sees nobody's day"
    page = reader.open("/staff/officers/")
    assert "周敏" in page and "系统管理员" in page


def test_a_link_that_is_over_says_so_kindly(app: Flask, world: World, client: FlaskClient) -> None:
    begin(app, world)
    for path in ("/o/never-was-a-link-of-ours-at-all", "/r/never-was-a-link-of-ours-at-all"):
        answer = client.get(path)
        assert answer.status_code == 409 and "再发一个" in answer.text


def test_a_wrong_password_and_a_wrong_code_say_the_same(app: Flask, world: World) -> None:
    _, page = begin(app, world)
    stranger = app.test_client()
    tries = [
        {"login": "zhou.min", "password": "wrong password", "code": authenticator(page, ahead=1)},
        {"login": "zhou.min", "password": PASSWORD, "code": "000000"},
        {"login": "nobody.here", "password": PASSWORD, "code": "000000"},
    ]
    answers = [stranger.post("/staff/sign-in", data=form) for form in tries]
    assert {answer.status_code for answer in answers} == {400}
    said = {re.search(r'role="alert"[^>]*>.*?<span>([^<]+)', answer.text, re.DOTALL).group(1) for answer in answers}  # type: ignore[union-attr]
    assert len(said) == 1 and "不对" in said.pop()
    assert all(answer.headers.get("Set-Cookie") is None for answer in answers)


def test_strangers_cannot_lock_the_owner_out_of_his_own_device(app: Flask, world: World) -> None:
    reader, page = begin(app, world)
    stranger = app.test_client()
    form = {"login": "zhou.min", "password": "wrong password", "code": "000000"}
    assert [stranger.post("/staff/sign-in", data=form).status_code for _ in range(5)] == [400] * 5
    assert "分钟" in stranger.post("/staff/sign-in", data=form).text
    form = {"login": "zhou.min", "password": PASSWORD, "code": authenticator(page, ahead=1)}
    answer = reader.send(reader.open("/staff/sign-in"), "/staff/sign-in", **form)
    assert answer.status_code == 400 and "不对" in answer.text, "that code was used: but he is not locked out"


def test_from_the_town_to_the_grass_roots_by_a_link_and_a_bound_wechat(app: Flask, world: World, kept: Kept) -> None:
    town = Reader(app.test_client(), world, officer(world, Role.TOWN, world.town), proved=True)
    page = town.open(f"/staff/officers/invite?union={world.union.id}")
    assert "基层工会干部" in page and "系统管理员" not in page
    answer = town.send(page, "/staff/officers/invite", name="王芳", role="grassroots")
    link, member = link_in(answer.text), world.member("王芳")
    assert "去登录" in Reader(app.test_client(), world).open(link), "a stranger is told to sign in first"
    phone = Reader(app.test_client(), world, member)
    assert phone.client.post(link, data=forms(phone.open(link), link)[0].hidden).status_code == 303
    assert phone.client.get(link).status_code == 409
    assert "/staff/enter/" in phone.open("/me")
    assert phone.send(phone.open("/staff/enter/"), "/staff/enter/send").status_code == 303
    assert kept.codes[-1][0] == "10012345678"
    page = phone.open("/staff/enter/")
    assert phone.send(page, "/staff/enter/check", code="000000").status_code == 400
    assert phone.send(page, "/staff/enter/check", code=kept.last()).location == "/staff/"
    assert world.union.name["zh"] in phone.client.get("/staff/", follow_redirects=True).text
    assert phone.client.get("/me").status_code == 403, "the member's session has ended"


def test_a_member_without_a_role_does_not_get_to_a_desk(app: Flask, world: World, kept: Kept) -> None:
    phone = Reader(app.test_client(), world, world.member())
    assert "没有工会职责" in phone.open("/staff/enter/", 409)
    assert "/staff/enter/" not in phone.open("/me")
    assert kept.codes == []


def test_a_computer_is_signed_in_by_the_phone(app: Flask, world: World) -> None:
    phone = Reader(app.test_client(), world, officer(world, Role.TOWN, world.town))
    computer = Reader(app.test_client(), world)
    page = computer.send(computer.open("/staff/sign-in"), "/desk").text
    assert computer.send(page, "/desk/enter").status_code == 202
    path = _scanned(page)
    digits = re.search(r'digits num">([0-9]{2})<', page).group(1)  # type: ignore[union-attr]
    assert phone.send(phone.open(path), "/desk/confirm", digits=digits).status_code == 200
    assert "已过期" in phone.open(path, 409)
    assert computer.send(page, "/desk/enter").location == "/staff/"
    assert "柳渡镇总工会" in computer.client.get("/staff/", follow_redirects=True).text
    csrf = forms(computer.open("/staff/inbox"))[0].hidden["csrf"]
    assert computer.client.post("/desk/enter", data={"csrf": csrf}).status_code == 409, "once"


def test_a_member_who_scans_a_computers_code_lets_nobody_in(app: Flask, world: World) -> None:
    phone, computer = Reader(app.test_client(), world, world.member()), Reader(app.test_client(), world)
    page = computer.send(computer.open("/staff/sign-in"), "/desk").text
    shown = phone.open(_scanned(page))
    assert "请先在手机上登录工作台" in shown
    code = _scanned(page).rpartition("/")[2]
    hidden = {"csrf": forms(phone.open("/me"))[0].hidden["csrf"], "code": code}
    assert phone.client.post("/desk/confirm", data=hidden).location == "/sign-in"
    assert computer.send(page, "/desk/enter").status_code == 202


def test_a_hand_over_of_ones_own_role(app: Flask, world: World) -> None:
    giver = officer(world, Role.GRASSROOTS, world.union)
    desk, heir = Reader(app.test_client(), world, giver, proved=True), world.member("李四")
    page = desk.open("/staff/officers/mine")
    address = html.unescape(re.search(r'href="(/staff/officers/invite\?[^"]+)"', page).group(1))  # type: ignore[union-attr]
    answer = desk.send(desk.open(address), "/staff/officers/invite", name="李四", role="grassroots")
    link = link_in(answer.text)
    phone = Reader(app.test_client(), world, heir)
    phone.client.post(link, data=forms(phone.open(link), link)[0].hidden)
    assert desk.client.get("/staff/officers/mine").status_code == 302, "the giver is signed out"
    day = local_date(clock.now())
    assert world.look(lambda: queries.officer(giver.account_id, on=day)) is None
    assert world.look(lambda: queries.officer(heir.account_id, on=day)) is not None


def test_two_colleagues_reset_a_third(app: Flask, world: World, sql: psycopg.Connection) -> None:
    readers = [begin(app, world, login)[0] for login in ("zhou.min", "deng.hua", "he.ping")]
    page = readers[1].open("/staff/officers/")
    (lost,) = sql.execute("SELECT account_id FROM credentials WHERE login = 'zhou.min'").fetchone()  # type: ignore[misc]
    csrf = forms(page)[0].hidden["csrf"]
    answer = readers[1].client.post("/staff/officers/resets", data={"csrf": csrf, "account": str(lost)})
    assert answer.status_code == 303
    assert "等另一位管理员" in readers[1].open("/staff/officers/")
    page = readers[2].open("/staff/officers/")
    answer = readers[2].send(page, "/agree")
    link = link_in(answer.text)
    owner = Reader(app.test_client(), world)
    page = owner.open(link)
    assert "zhou.min" in page
    weak = owner.client.post(link, data={"password": "password1234", "code": authenticator(page)})
    assert weak.status_code == 422 and "太常见" in weak.text
    new = {"password": "four quiet boats upstream", "code": authenticator(page)}
    assert owner.client.post(link, data=new).location == "/staff/sign-in"
    assert readers[0].client.get("/staff/officers/").status_code == 302, "every session of his has ended"


@pytest.mark.parametrize("role", [Role.GRASSROOTS, Role.FINANCE, Role.AUDITOR])
def test_who_may_not_invite_sees_no_list_of_officers(client: FlaskClient, world: World, role: Role) -> None:
    at = world.union if role is Role.GRASSROOTS else world.federation
    page = Reader(client, world, officer(world, role, at)).open("/staff/officers/", 403)
    assert "not_allowed" in page


def test_another_towns_officers_are_not_ones_own(client: FlaskClient, world: World) -> None:
    elsewhere = world.another_union()
    there = officer(world, Role.GRASSROOTS, elsewhere, "何平")
    reader = Reader(client, world, officer(world, Role.TOWN, world.town), proved=True)
    page = reader.open("/staff/officers/")
    assert "何平" not in page
    reader.open(f"/staff/officers/invite?union={elsewhere.id}", 404)
    csrf = forms(page)[0].hidden["csrf"]
    form = {"csrf": csrf, "union": str(elsewhere.id), "account": str(there.account_id), "role": "grassroots"}
    assert client.post("/staff/officers/end", data=form).status_code == 404
    assert client.post("/staff/officers/invite", data={**form, "name": "谁"}).status_code == 404
    assert world.look(lambda: queries.officer(there.account_id, on=local_date(clock.now()))) is not None


def _scanned(page: str) -> str:
    """The path of the address that a phone reads off the page's QR code: zxing's reading, not our own."""
    path = re.search(r'class="qr__ink"[^>]* d="([^"]+)"', page)
    assert path
    runs = [tuple(map(int, run)) for run in re.findall(r"M(\d+) (\d+)h(\d+)v1", path.group(1))]
    side = max(x + length for x, _, length in runs)
    modules = np.full((side + 8, side + 8), 255, np.uint8)
    for x, y, length in runs:
        modules[y + 4, x + 4 : x + 4 + length] = 0
    (found,) = zxingcpp.read_barcodes(np.kron(modules, np.ones((4, 4), np.uint8)))
    return "/" + str(found.text).split("/", 3)[3]


def test_who_was_away_proves_again_before_he_invites_and_comes_back_to_the_form(
    app: Flask, world: World, kept: Kept
) -> None:
    member = world.member("何平")
    world.do(
        lambda: service.grant(
            account_id=member.account_id, role=Role.TOWN, union_id=world.town.id, actor="test", now=clock.now()
        )
    )
    reader = Reader(app.test_client(), world, OfficerActor(member.account_id, (Grant(Role.TOWN, world.town.path),)))
    form = f"/staff/officers/invite?union={world.union.id}"
    asked = reader.client.get(form)
    assert asked.status_code == 303 and asked.location.startswith("/prove/?back=")
    page = reader.open(asked.location)
    reader.send(page, "/prove/send")
    page = reader.open(asked.location)
    assert reader.send(page, "/prove/check", code="000000").status_code == 400
    back = reader.send(page, "/prove/check", code=kept.last())
    assert back.location == form
    assert "基层工会干部" in reader.open(form)


def test_a_code_to_ones_own_phone_proves_nothing_in_another_session(app: Flask, world: World, kept: Kept) -> None:
    """Somebody asks for a code as himself and puts a stolen cookie beside it."""
    victim = officer_member(world, "赵国成", "10022223333", Role.TOWN, world.town)
    thief = officer_member(world, "孙晓华", "10033334444", Role.GRASSROOTS, world.union)
    reader = Reader(app.test_client(), world, thief)
    reader.send(reader.open("/staff/enter/"), "/staff/enter/send")
    reader.client.set_cookie("gonghui", world.token(victim))
    page = reader.open("/staff/enter/")
    answer = reader.send(page, "/staff/enter/check", code=kept.last())
    assert answer.status_code == 400 and reader.client.get("/staff/inbox").status_code == 403


def officer_member(world: World, name: str, phone: str, role: Role, at: UnionView) -> MemberActor:
    member = world.member(name, phone=phone)
    world.do(
        lambda: service.grant(account_id=member.account_id, role=role, union_id=at.id, actor="test", now=clock.now())
    )
    return member
