"""Entries on the organiser's desk, a unit's list, and the draw for everybody: through the pages, scripts off."""

import datetime
import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from psycopg import Connection

from services.accounts.types import MemberActor, OfficerActor, Role
from services.core import clock
from services.core.forms import Form, Kind, Question
from services.core.sheets import Column, write_xlsx
from services.events.queries import mine
from services.events.service import drawing, entering, signing_up
from services.events.types import Category, Entry, EventId, Mode, SignupId, State
from services.events.types import Kind as EventKind
from tests.builders.events import Gathering
from tests.builders.world import World
from tests.http.pages import Reader

FORM = Form(
    (
        Question("size", Kind.TEXT, {"zh": "衣服尺码"}),
        Question("seat", Kind.TEXT, {"zh": "安排的座位"}, for_managers=True),
    )
)


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


@pytest.fixture
def officer(client: FlaskClient, world: World, gathering: Gathering) -> Reader:
    return Reader(client, world, gathering.officer)


def signed_up(world: World, event_id: EventId, actor: MemberActor, **entry: Any) -> SignupId:
    found = world.do(lambda: signing_up.sign_up(actor=actor, event_id=event_id, entry=Entry(**entry), now=clock.now()))
    return SignupId(found)


def state(world: World, signup_id: SignupId) -> State:
    return world.look(lambda: mine.signups([signup_id])[0].state)


def acts(sql: Connection, action: str) -> list[Any]:
    rows = sql.execute("SELECT detail FROM audit_entries WHERE action = %s ORDER BY id", (action,))
    return [row[0] for row in rows]


def test_those_ticked_are_approved_and_the_page_says_what_became_of_them(
    officer: Reader, world: World, gathering: Gathering
) -> None:
    event_id = gathering.event(places=1, mode=Mode.APPROVAL)
    ids = [signed_up(world, event_id, one) for one in gathering.members("陈静", "王伟", "周洁")]
    page = officer.open(f"/staff/events/{event_id}/signups?state=applied")
    assert [page.index(name) for name in ("陈静", "王伟", "周洁")] == sorted(
        page.index(name) for name in ("陈静", "王伟", "周洁")
    )
    answer = officer.client.post(
        f"/staff/events/{event_id}/signups/approve",
        data={"csrf": _csrf(page), "signup": [ids[0].hex, ids[1].hex]},
        follow_redirects=True,
    )
    assert "通过了 1 份" in answer.text
    assert "1 份没有名额，排进候补" in answer.text
    assert [state(world, one) for one in ids] == [State.CONFIRMED, State.WAITING, State.APPLIED]


@pytest.mark.parametrize("verb", ["approve", "refuse"])
def test_whoever_ticks_nobody_is_told_to_tick(officer: Reader, world: World, gathering: Gathering, verb: str) -> None:
    event_id = gathering.event(mode=Mode.APPROVAL)
    signed_up(world, event_id, gathering.member())
    page = officer.open(f"/staff/events/{event_id}/signups")
    answer = officer.client.post(
        f"/staff/events/{event_id}/signups/{verb}", data={"csrf": _csrf(page), "note": "请补交证明"}
    )
    assert answer.status_code == 422
    assert "请先勾选要审核的报名" in answer.text and 'value="请补交证明"' in answer.text


def test_a_no_needs_its_reason_and_what_was_typed_comes_back(
    officer: Reader, world: World, gathering: Gathering
) -> None:
    event_id = gathering.event(mode=Mode.APPROVAL)
    one = signed_up(world, event_id, gathering.member())
    page = officer.open(f"/staff/events/{event_id}/signups/{one}")
    sent = {"csrf": _csrf(page), "signup": one.hex, "note": "请补交证明"}
    answer = officer.client.post(f"/staff/events/{event_id}/signups/refuse", data=sent)
    assert answer.status_code == 422
    assert "请选原因" in answer.text
    assert 'value="请补交证明"' in answer.text
    officer.client.post(f"/staff/events/{event_id}/signups/refuse", data={**sent, "reason": "papers"})
    assert "材料不全：请补交证明" in officer.open(f"/staff/events/{event_id}/signups/{one}")
    late = officer.client.post(f"/staff/events/{event_id}/signups/approve", data=sent)
    assert (late.status_code, "已经审过了" in late.text) == (409, True)


def test_entries_are_found_by_name_and_number_without_either_in_an_address(
    officer: Reader, world: World, gathering: Gathering
) -> None:
    event_id = gathering.event()
    ids = [signed_up(world, event_id, one) for one in gathering.members("陈静", "王伟")]
    number = world.look(lambda: mine.signups(ids)[0].number)
    page = officer.open(f"/staff/events/{event_id}/signups")
    for words in ("陈", number, number.replace("-", "").lower()):
        found = officer.send(page, f"/events/{event_id}/signups", q=words).text
        assert ("陈静" in found, "王伟" in found) == (True, False), words
    assert "没有找到" in officer.send(page, f"/events/{event_id}/signups", q="无此人").text


def test_lists_are_narrowed_and_go_on_page_by_page(officer: Reader, world: World, gathering: Gathering) -> None:
    two = (Category(1, {"zh": "男组"}), Category(2, {"zh": "女组"}))
    event_id = gathering.event(places=99, categories=two)
    for n, one in enumerate(gathering.members(*(f"会员{n:02}" for n in range(24)))):
        signed_up(world, event_id, one, category=1 + n % 2)
    first = officer.open(f"/staff/events/{event_id}/signups?state=confirmed")
    assert first.count("会员") >= 20
    assert "会员23" in first
    assert "会员00" not in first
    cursor = first.split("cursor=")[1].split("&")[0].split('"')[0]
    assert "会员00" in officer.open(f"/staff/events/{event_id}/signups?state=confirmed&cursor={cursor}")
    women = officer.open(f"/staff/events/{event_id}/signups?category=2")
    assert ("会员23" in women, "会员22" in women) == (True, False)
    town = officer.open(f"/staff/events/{event_id}/signups?union={world.town.id.hex}")
    assert "会员23" in town
    assert "还没有人报名" not in officer.open(f"/staff/events/{event_id}/signups?state=waiting")


def test_an_entry_is_taken_out_with_a_word_to_its_people(officer: Reader, world: World, gathering: Gathering) -> None:
    event_id = gathering.event(places=1)
    first, second = (signed_up(world, event_id, one) for one in gathering.members("陈静", "王伟"))
    page = officer.open(f"/staff/events/{event_id}/signups/{first}")
    assert officer.send(page, "/remove", reason="other", note="").status_code == 422
    officer.send(page, "/remove", reason="other", note="重复报名")
    assert (state(world, first), state(world, second)) == (State.REMOVED, State.OFFERED)


def test_organisers_write_what_is_theirs_and_the_members_answers_stay(
    officer: Reader, world: World, gathering: Gathering, sql: Connection
) -> None:
    event_id = gathering.event(form=FORM)
    one = signed_up(world, event_id, gathering.member(), answers={"size": "大号"})
    page = officer.open(f"/staff/events/{event_id}/signups/{one}")
    assert "大号" in page
    officer.send(page, "/note", **{"m-seat": "三排五座"})
    page = officer.open(f"/staff/events/{event_id}/signups/{one}")
    assert "三排五座" in page
    assert "大号" in page
    assert world.look(lambda: mine.answers(one)) == {"size": "大号", "seat": "三排五座"}
    assert acts(sql, "signup.noted") == [{"event": str(event_id)}]
    assert officer.send(page, "/note", **{"m-size": "小号"}).status_code == 422


def test_whoever_reads_names_of_a_private_kind_is_on_record(
    officer: Reader, world: World, gathering: Gathering, sql: Connection
) -> None:
    social, walk = gathering.event(kind=EventKind.SOCIAL), gathering.event()
    one = signed_up(world, social, gathering.member())
    for path in (f"{social}/signups", f"{social}/signups/{one}", f"{walk}/signups"):
        officer.open(f"/staff/events/{path}")
    assert acts(sql, "event.list_read") == [{"entries": 1}, {"entries": 1}]


def test_the_sheet_has_a_line_for_each_person_and_phones_in_full_only_with_a_reason(
    officer: Reader, world: World, gathering: Gathering, sql: Connection
) -> None:
    event_id = gathering.event(form=FORM)
    member = gathering.member("=1+1", phone="10030000001")
    signed_up(world, event_id, member, answers={"size": "大号"})
    page = officer.open(f"/staff/events/{event_id}/signups")
    masked = _cells(officer.send(page, "/export").data)
    clear = _cells(officer.send(page, "/export", phones="contact").data)
    assert masked[0][5] == "=1+1"
    assert (masked[0][8], clear[0][8]) == ("100****0001", "10030000001")
    assert masked[0][-2:] == ["大号", None]
    assert acts(sql, "event.exported") == [{"entries": 1, "phones": 0}, {"entries": 1, "phones": 1}]
    assert acts(sql, "member.phone_seen") == [{"reason": "contact"}]


def test_figures_are_there_and_of_a_private_kind_none_under_five(
    officer: Reader, world: World, gathering: Gathering
) -> None:
    walk, social = gathering.event(), gathering.event(kind=EventKind.SOCIAL)
    people = gathering.members(*(f"会员{n}" for n in range(6)))
    for one in people:
        signed_up(world, walk, one)
    for one in people[:3]:
        signed_up(world, social, one)
    page = officer.open(f"/staff/events/{walk}/figures")
    assert "到现在一共 6 份" in page
    assert "恒沛精密工会" in page
    quiet = officer.open(f"/staff/events/{social}/figures")
    assert "少于 5" in quiet
    assert "恒沛精密工会" not in quiet
    assert '<svg class="chart"' not in quiet


def test_a_pasted_list_is_looked_at_then_entered(client: FlaskClient, world: World, gathering: Gathering) -> None:
    event_id = gathering.event(unit_entry=True, places=1)
    gathering.member("陈静", phone="10030000001")
    gathering.member("王伟", phone="10030000002")
    unit = Reader(client, world, gathering.another_officer(Role.GRASSROOTS))
    assert "沿河健步走" in unit.open("/staff/events/units")
    page = unit.open(f"/staff/events/{event_id}/units")
    pasted = "姓名\t手机\n陈静\t10030000001\n王伟 10030000002\n何人 10030000009"
    looked = unit.send(page, f"{event_id}/units", list=pasted, wait="1").text
    assert "2 位可以报，1 位不行" in looked
    assert "您管的单位里没有找到" in looked
    done = client.post(
        f"/staff/events/{event_id}/units/enter",
        data={"csrf": _csrf(looked), "list": pasted, "wait": "1", "category": "1", "line": ["2", "3", "4"]},
    ).text
    assert "报上 2 位，1 位没有报" in done and "名额满了" in done
    assert done.index("已报上") < done.rindex("候补")
    again = client.post(
        f"/staff/events/{event_id}/units/enter",
        data={"csrf": _csrf(looked), "list": pasted, "wait": "1", "category": "1", "line": ["2", "3"]},
    ).text
    assert "报上 0 位，3 位没有报" in again
    assert gathering.seen(event_id).total.taken == 1


def test_a_sheet_is_taken_and_one_that_is_none_says_why(
    client: FlaskClient, world: World, gathering: Gathering
) -> None:
    event_id = gathering.event(unit_entry=True)
    gathering.member("陈静", phone="10030000001")
    unit = Reader(client, world, gathering.another_officer(Role.GRASSROOTS))
    page = unit.open(f"/staff/events/{event_id}/units")
    sheet = write_xlsx([Column("姓名"), Column("手机号")], [("陈静", "10030000001")], name="名单")
    for data, words, status in ((sheet, "1 位可以报", 200), (b"%PDF-1.7", "PDF", 422)):
        answer = client.post(
            f"/staff/events/{event_id}/units",
            data={"csrf": _csrf(page), "sheet": (io.BytesIO(data), "名单.xlsx")},
        )
        assert (answer.status_code, words in answer.text) == (status, True)


def test_a_team_is_entered_whole_from_the_page(client: FlaskClient, world: World, gathering: Gathering) -> None:
    event_id = gathering.event(unit_entry=True, categories=(Category(1, {"zh": "拔河队"}, 2, 3),))
    for n, name in enumerate(("陈静", "王伟")):
        gathering.member(name, phone=f"1003000000{n}")
    unit = Reader(client, world, gathering.another_officer(Role.GRASSROOTS))
    page = unit.open(f"/staff/events/{event_id}/units")
    looked = unit.send(page, f"{event_id}/units", list="陈静\n王伟").text
    assert "报这一队" in looked
    sent = {"csrf": _csrf(looked), "list": "陈静\n王伟", "category": "1"}
    alone = client.post(f"/staff/events/{event_id}/units/enter", data={**sent, "line": ["1"]}).text
    assert "每队至少 2 人" in alone
    both = client.post(f"/staff/events/{event_id}/units/enter", data={**sent, "line": ["1", "2"]}).text
    assert "报上 2 位" in both
    assert "陈静、王伟" in both


def test_the_organiser_sees_who_entered_them(officer: Reader, world: World, gathering: Gathering) -> None:
    event_id, member = gathering.event(unit_entry=True), gathering.member()
    unit = gathering.another_officer(Role.GRASSROOTS)
    _enter(world, unit, event_id, member)
    assert "沈洁 代报" in officer.open(f"/staff/events/{event_id}/signups")


def test_the_draw_is_promised_held_and_run_again_by_anybody(
    client: FlaskClient, world: World, gathering: Gathering, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    event_id = gathering.event(places=2, mode=Mode.DRAW)
    people = gathering.members(*"甲乙丙丁戊")
    ids = [signed_up(world, event_id, one) for one in people]
    nobody = Reader(client, world)
    before = nobody.open(f"/events/{event_id}/draw")
    commitment = before.split('class="code sp-s num">')[1].split("<")[0]
    assert "5 份报名、5 人，2 个名额" in before
    for name in ("draw.json", "entries.csv"):
        nobody.open(f"/events/{event_id}/draw/{name}", 404)
    later = clock.now() + datetime.timedelta(days=5, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    desk = Reader(client, world, gathering.officer)
    page = desk.open(f"/staff/events/{event_id}/draw")
    assert desk.send(page, f"{event_id}/draw").status_code == 303
    again = desk.send(page, f"{event_id}/draw")
    assert (again.status_code, "摇过号了" in again.text) == (409, True)
    member = Reader(client, world, people[0])
    own = world.look(lambda: mine.signups(ids)[0].number)
    after = member.open(f"/events/{event_id}/draw")
    assert own in after
    assert after.count(commitment) >= 2
    client.delete_cookie("gonghui")
    assert "号码表里没有 0000-0000" in nobody.open(f"/events/{event_id}/draw?number=oooo0000")
    for name in ("draw.json", "entries.csv", "draw.py"):
        (tmp_path / name).write_bytes(client.get(f"/events/{event_id}/draw/{name}").data)
    command = [sys.executable, "draw.py", "draw.json", "entries.csv", "--commitment", commitment, "--entry", own]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (run.returncode, "全部相符" in run.stdout, own in run.stdout) == (0, True, True), run.stdout


def test_an_event_without_a_draw_has_no_such_page(client: FlaskClient, world: World, gathering: Gathering) -> None:
    event_id, draft = gathering.event(), gathering.draft(mode=Mode.DRAW)
    for path in (f"/events/{event_id}/draw", f"/events/{draft}/draw", f"/events/{event_id}/draw/draw.py"):
        assert "entries.csv" not in Reader(client, world).open(path, 404)
    assert "entries.csv" not in Reader(client, world, gathering.officer).open(f"/staff/events/{event_id}/draw", 404)


def test_a_thousand_winners_fit_on_pages_of_numbers(
    client: FlaskClient, world: World, gathering: Gathering, sql: Connection
) -> None:
    event_id, captain = gathering.event(places=700, mode=Mode.DRAW), gathering.member()
    sql.execute(
        """INSERT INTO signups (id, event_id, number, category, state, captain_id, counts, tickets, refilled,
                created_at, changed_at)
            SELECT gen_random_uuid(), %s, translate(lpad(to_hex(n), 8, '0'), 'abcdef', 'ABCDEF'), 1, 'entered', %s,
                '{"0": 1}', 1, false, now(), now() FROM generate_series(1, 1000) n""",
        (event_id, captain.member_id),
    )
    later, organiser = clock.now() + datetime.timedelta(days=5, minutes=1), gathering.officer
    world.do(lambda: drawing.draw(actor=organiser, event_id=event_id, now=later))
    page = Reader(client, world).open(f"/events/{event_id}/draw")
    assert len(page.encode()) < 60_000
    assert page.count("0000-") >= 300
    last = Reader(client, world).open(f"/events/{event_id}/draw?from=600")
    assert "601–700 / 700" in last


def _enter(world: World, unit: OfficerActor, event_id: EventId, member: MemberActor) -> None:
    world.do(
        lambda: entering.enter(
            actor=unit, event_id=event_id, member_ids=[member.member_id], category=1, slot=None, wait=True,
            now=clock.now(),
        )
    )  # fmt: skip


def _csrf(page: str) -> str:
    return page.split('name="csrf" value="')[1].split('"', maxsplit=1)[0]


def _cells(data: bytes) -> list[list[Any]]:
    rows = load_workbook(io.BytesIO(data)).worksheets[0].iter_rows(min_row=2, values_only=True)
    return [list(row) for row in rows]
