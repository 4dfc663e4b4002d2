"""Corrections that members ask for, at the officer's desk: seen masked, written or refused once, in words."""

import psycopg
import pytest
from flask.testing import FlaskClient

from services.accounts.types import MemberActor, Role
from services.core import clock
from services.members import queries as members
from services.rights import service
from services.rights.types import CorrectionId, Wish
from tests.builders.world import World
from tests.http.pages import Reader
from tests.http.test_staff_members import officer_of


@pytest.fixture
def reader(client: FlaskClient, world: World) -> Reader:
    return Reader(client, world, officer_of(world, world.union, Role.GRASSROOTS))


def ask(world: World, member: MemberActor, **wish: str) -> CorrectionId:
    return world.do(lambda: service.ask_correction(actor=member, wish=Wish(**wish), now=clock.now(), proven=True))


def test_a_correction_is_read_masked_and_written(reader: Reader, world: World) -> None:
    member = world.member("欧阳春晓")
    number = ask(world, member, name="欧阳春小", phone="10099998888")
    page = reader.open("/staff/corrections")
    assert "欧阳*晓" in page and "姓名、手机号" in page and f"/staff/corrections/{number}" in page
    one = reader.open(f"/staff/corrections/{number}")
    assert "100****8888" in one and "10099998888" not in one and "欧阳春小" not in one
    assert reader.send(one, f"/{number}", answer="yes", note="").location == "/staff/corrections"
    assert world.look(lambda: members.profile(member.member_id)).name == "欧阳春小"
    assert world.look(lambda: members.phone(member.member_id)) == "100****8888"
    assert "现在没有要处理的更正" in reader.open("/staff/corrections")
    assert "已经办好了" in reader.open(f"/staff/corrections/{number}")
    again = reader.send(one, f"/{number}", answer="no", note="不对")
    assert again.status_code == 409 and "已经办好了" in again.text


def test_a_no_needs_words_and_changes_nothing(reader: Reader, world: World, sql: psycopg.Connection) -> None:
    member = world.member()
    number = ask(world, member, name="李春玫")
    page = reader.open(f"/staff/corrections/{number}")
    assert reader.send(page, f"/{number}", answer="no", note=" ").status_code == 422
    assert reader.send(page, f"/{number}", answer="no", note="请带身份证来").status_code == 303
    assert world.look(lambda: members.profile(member.member_id)).name == "李春梅"
    assert "已经退回" in reader.open(f"/staff/corrections/{number}")
    told = sql.execute("SELECT args->'payload'->>'accepted' FROM procrastinate_jobs WHERE task_name LIKE '%_decided'")
    assert told.fetchall() == [("false",)]


def test_another_unions_correction_is_not_there(client: FlaskClient, world: World) -> None:
    number = ask(world, world.member(union=world.another_union()), words="地址错了")
    reader = Reader(client, world, officer_of(world, world.union, Role.GRASSROOTS))
    assert "现在没有要处理的更正" in reader.open("/staff/corrections")
    reader.open(f"/staff/corrections/{number}", status=404)


def test_what_was_asked_for_without_a_proof_is_written_after_a_call(
    reader: Reader, world: World, sql: psycopg.Connection
) -> None:
    member = world.member()
    wish = Wish(phone="10099998888")
    number = world.do(lambda: service.ask_correction(actor=member, wish=wish, now=clock.now()))
    page = reader.open(f"/staff/corrections/{number}")
    assert "没有验证手机" in page and 'name="called"' in page
    refused = reader.send(page, f"/{number}", answer="yes", note="")
    assert refused.status_code == 422 and "名册里的电话" in refused.text
    assert world.look(lambda: members.phone(member.member_id)) == "100****5678"
    assert reader.send(page, f"/{number}", answer="yes", called="yes", note="").status_code == 303
    assert world.look(lambda: members.phone(member.member_id)) == "100****8888"
    query = "SELECT detail->'called' FROM audit_entries WHERE action = 'correction.decided'"
    assert sql.execute(query).fetchall() == [(True,)]


def test_a_no_and_what_is_no_proof_of_anybody_need_no_call(reader: Reader, world: World) -> None:
    named, phoned = world.member(), world.member("王强")
    for member, wish, answer in ((named, Wish(name="李春玫"), "yes"), (phoned, Wish(phone="10099998888"), "no")):
        number = world.do(lambda who=member, what=wish: service.ask_correction(actor=who, wish=what, now=clock.now()))
        page = reader.open(f"/staff/corrections/{number}")
        assert ("没有验证手机" in page) == (answer == "no")
        assert reader.send(page, f"/{number}", answer=answer, note="打过电话").status_code == 303
