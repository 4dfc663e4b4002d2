"""Members at an officer's desk: found by name or whole number, masked, read in full with a reason, corrected."""

import datetime
import uuid
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient

from services.accounts import service as accounts
from services.accounts.types import Grant, OfficerActor, Role
from services.core import clock
from services.members import queries, service
from services.members.documents import Document, DocumentType, document
from services.members.types import MemberId
from services.unions import service as unions
from services.unions.types import UnionView
from tests.builders.world import World
from tests.harness.statements import statements
from tests.http.pages import Reader, forms

ID = "120199199003072575"


def officer_of(world: World, union: UnionView, role: Role) -> OfficerActor:
    def build() -> OfficerActor:
        account = accounts.open_account(display_name="老周", now=clock.now())
        accounts.grant(account_id=account, role=role, union_id=union.id, actor="test", now=clock.now())
        return OfficerActor(account, (Grant(role, union.path),))

    return world.do(build)


@pytest.fixture
def reader(client: FlaskClient, world: World) -> Reader:
    """An officer of the world's town."""
    return Reader(client, world, officer_of(world, world.town, Role.TOWN))


def enrol(world: World, name: str = "欧阳春晓", phone: str = "10011112222", number: str | None = ID) -> MemberId:
    paper = document(DocumentType.MAINLAND, number) if number else None
    assert paper is None or isinstance(paper, Document), paper
    joined = datetime.date(2021, 5, 6)
    return world.do(
        lambda: service.enrol(name=name, union_id=world.union.id, joined_on=joined, phone=phone, document=paper)
    )


def search(reader: Reader, text: str) -> str:
    answer = reader.send(reader.open("/staff/members"), "/staff/members", q=text)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize(
    "typed", ["春晓", "欧", "欧阳 春晓", ID, "１２０１９９ 19900307 2575", "100 1111 2222", "+86 10011112222"]
)
def test_a_member_is_found_by_a_part_of_the_name_or_a_whole_number(reader: Reader, world: World, typed: str) -> None:
    member_id = enrol(world)
    enrol(world, "王五", "10033334444", None)
    page = search(reader, typed)
    assert f"/staff/members/{member_id}" in page and "欧阳*晓" in page and "王*" not in page
    shown = page.replace(f'value="{typed}"', "").replace(f'value="{typed.replace(" ", "")}"', "")
    assert "春晓" not in shown and "10011112222" not in shown and ID not in shown


@pytest.mark.parametrize("typed", ["晓春", "春", "2575", ID[:-1], "1001111222", "%", "' OR 1=1", "\x00"])
def test_what_fits_nobody_finds_nobody(reader: Reader, world: World, typed: str) -> None:
    enrol(world)
    assert "没有找到这位会员" in search(reader, typed)


def test_a_list_by_union_and_bond_in_pages(reader: Reader, world: World) -> None:
    bound = [world.member(f"李{number:02d}").member_id for number in range(3)]
    loose = [enrol(world, f"王{number:02d}", "10011112222", None) for number in range(25)]
    page = reader.open(f"/staff/members?union={world.union.id}&bound=no")
    path = page.split('class="btn push-r" href="')[1].split('"')[0].replace("&amp;", "&")
    both = page + reader.open(path)
    assert all(f"/staff/members/{one}" in both for one in loose) and not any(str(one) in both for one in bound)
    assert all(f"/staff/members/{one}" in reader.open("/staff/members?bound=yes") for one in bound)
    found = search(reader, "王")
    form = next(form for form in forms(found) if "cursor" in form.hidden)
    assert form.hidden["q"] == "王" and "q=" not in found.split("<main")[1].replace('name="q"', "")
    more = reader.client.post(form.action, data=form.hidden).text
    assert more.count("/staff/members/0") == 5


def test_a_record_is_masked_until_a_reason_is_given(reader: Reader, world: World, sql: psycopg.Connection) -> None:
    member_id = enrol(world)
    page = reader.open(f"/staff/members/{member_id}")
    assert "欧阳*晓" in page and "100****2222" in page and "1201************75" in page and "没绑定" in page
    assert "欧阳春晓" not in page and "10011112222" not in page and ID not in page
    refused = reader.send(page, "/look", reason="", note="")
    assert refused.status_code == 422 and "请选一个原因" in refused.text and ID not in refused.text
    assert reader.send(page, "/look", reason="other", note="").status_code == 422
    assert sql.execute("SELECT count(*) FROM audit_entries WHERE action = 'member.unmasked'").fetchall() == [(0,)]
    answer = reader.send(page, "/look", reason="other", note="慰问走访")
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert all(said in answer.text for said in ("欧阳春晓", "10011112222", ID, "1990 年 3 月 7 日", "这次查看已记录"))
    told = sql.execute(
        "SELECT actor, subject_id, detail FROM audit_entries WHERE action = 'member.unmasked'"
    ).fetchall()
    assert [(row[1], row[2]) for row in told] == [(member_id, {"reason": "other", "note": "慰问走访"})]
    assert "欧阳春晓" not in reader.open(f"/staff/members/{member_id}")


def test_a_record_is_corrected_and_what_is_left_empty_stays(
    reader: Reader, world: World, sql: psycopg.Connection, run_jobs: Any
) -> None:
    member_id = enrol(world)
    page = reader.open(f"/staff/members/{member_id}/edit")
    assert ID not in page and "10011112222" not in page
    answer = reader.send(page, "/edit", name="欧阳春霄", reason="papers", number="", phone="", union_name="", sex="")
    assert answer.status_code == 303, answer.text
    profile = world.look(lambda: queries.profile(member_id))
    assert profile.name == "欧阳春霄" and profile.union_id == world.union.id
    assert world.look(lambda: queries.phone(member_id)) == "100****2222"
    run_jobs()
    facts = sql.execute("SELECT facts FROM inbox_messages WHERE template = 'record.member'").fetchall()
    assert facts == [({"fields": {"zh": "姓名", "en": "name"}},)]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"reason": ""}, "请选一个原因"),
        ({"number": "120199199003072570", "kind": "mainland"}, "最后一位对不上"),
        ({"phone": "12345"}, "手机号"),
        ({"union_name": "没有这家"}, "工会名称对不上"),
        ({"union_name": "精密"}, "是下面哪一个"),
        ({"union_id": str(uuid.UUID(int=7))}, "没有这个工会"),
        ({"union_id": "x"}, "请填所在工会"),
    ],
)
def test_a_correction_that_cannot_be_says_why_and_keeps_what_was_typed(
    reader: Reader, world: World, typed: dict[str, str], said: str
) -> None:
    for name in ("甲精密工会", "乙精密工会"):
        world.do(lambda name=name: unions.found(name={"zh": name}, level="grassroots", parent=world.town))  # type: ignore[arg-type,misc]
    member_id = enrol(world)
    page = reader.open(f"/staff/members/{member_id}/edit")
    answer = reader.send(page, "/edit", **{"name": "欧阳春霄", "reason": "asked", **typed})
    assert answer.status_code == 422 and said in answer.text and 'value="欧阳春霄"' in answer.text
    assert world.look(lambda: queries.profile(member_id)).name == "欧阳春晓"


def test_a_member_is_added_once_and_moved_by_name(reader: Reader, world: World, sql: psycopg.Connection) -> None:
    other = world.do(lambda: unions.found(name={"zh": "远帆工会"}, level="grassroots", parent=world.town))  # type: ignore[arg-type]
    page = reader.open(f"/staff/members/new?union={world.union.id}")
    new = {"name": "赵六", "kind": "mainland", "number": ID, "phone": "10055556666", "reason": "papers"}
    answer = reader.send(page, "/new", **new)
    assert answer.status_code == 303
    member_id = MemberId(uuid.UUID(answer.location.rsplit("/", 1)[1]))
    assert world.look(lambda: queries.profile(member_id)).union_id == world.union.id
    again = reader.send(page, "/new", **new)
    assert again.status_code == 422 and "证件" in again.text and 'value="赵六"' in again.text
    without = reader.open("/staff/members/new")
    for typed, said in (({"name": ""}, "请填姓名"), ({"number": ""}, "证件号"), ({"union_name": ""}, "请填所在工会")):
        wrong = reader.send(without, "/new", **{**new, "union_name": "远帆", **typed})
        assert wrong.status_code == 422 and said in wrong.text, typed
    edit = reader.open(f"/staff/members/{member_id}/edit")
    assert reader.send(edit, "/edit", union_name="远帆", reason="moved").status_code == 303
    assert world.look(lambda: queries.profile(member_id)).union_id == other.id
    assert sql.execute("SELECT count(*) FROM members").fetchall() == [(1,)]


def test_a_standing_is_changed_and_a_bond_ended(reader: Reader, world: World, sql: psycopg.Connection) -> None:
    member = world.member()
    page = reader.open(f"/staff/members/{member.member_id}/edit")
    assert reader.send(page, "/standing", standing="suspended", reason="").status_code == 422
    assert reader.send(page, "/standing", standing="emperor", reason="asked").status_code == 422
    assert reader.send(page, "/standing", standing="suspended", reason="asked").status_code == 303
    sheet = reader.open(f"/staff/members/{member.member_id}")
    assert "暂停" in sheet and "已绑定" in sheet and "年" not in sheet.split("手机绑定")[1].split("</dd>")[0]
    assert reader.send(sheet, "/unbind").status_code == 303
    assert "没绑定" in reader.open(f"/staff/members/{member.member_id}")


def test_who_is_above_is_neither_corrected_nor_unbound_from_below(client: FlaskClient, world: World) -> None:
    member = world.member("欧阳春晓")
    world.do(
        lambda: accounts.grant(
            account_id=member.account_id, role=Role.TOWN, union_id=world.town.id, actor="test", now=clock.now()
        )
    )
    low = Reader(client, world, officer_of(world, world.union, Role.GRASSROOTS))
    sheet = low.open(f"/staff/members/{member.member_id}")
    page = low.open(f"/staff/members/{member.member_id}/edit")
    for answer in (
        low.send(sheet, "/unbind"),
        low.send(page, "/edit", phone="10099998888", reason="asked"),
        low.send(page, "/standing", standing="left", reason="asked"),
    ):
        assert answer.status_code == 422 and "上级工会" in answer.text
    assert "已绑定" in low.open(f"/staff/members/{member.member_id}")
    assert world.look(lambda: queries.phone(member.member_id)) == "100****5678"


def test_other_subtrees_and_lesser_roles_find_nothing(client: FlaskClient, world: World) -> None:
    elsewhere = world.another_union()
    foreign = world.member("王五", union=elsewhere).member_id
    reader = Reader(client, world, officer_of(world, world.union, Role.GRASSROOTS))
    page = reader.open("/staff/members")
    token = next(form for form in forms(page) if form.action.endswith("/staff/members")).hidden
    assert str(foreign) not in page and str(foreign) not in search(reader, "王五") + search(reader, "10012345678")
    for path in (f"/staff/members/{foreign}", f"/staff/members/{foreign}/edit", f"/staff/members/{uuid.uuid4()}"):
        reader.open(path, status=404)
    for union_id in (elsewhere.id, world.town.id, "x"):
        reader.open(f"/staff/members?union={union_id}", status=404)
        reader.open(f"/staff/members/new?union={union_id}", status=404)
    for act in ("look", "edit", "standing", "unbind"):
        data = {**token, "reason": "asked", "standing": "left", "name": "张三"}
        assert client.post(f"/staff/members/{foreign}/{act}", data=data).status_code == 404, act
    finance = Reader(client, world, officer_of(world, world.federation, Role.FINANCE))
    for path in ("/staff/members", f"/staff/members/{foreign}", "/staff/members/new"):
        finance.open(path, status=403)


def test_pages_of_members_are_few_statements(reader: Reader, world: World) -> None:
    member_id = enrol(world)
    most = {"/staff/members": 7, f"/staff/members/{member_id}": 10, f"/staff/members/{member_id}/edit": 7}
    for path, allowed in most.items():
        reader.open(path)
        with statements() as sent:
            reader.open(path)
        assert len(sent) <= allowed, (path, sent)
