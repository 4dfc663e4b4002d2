"""Unions at an officer's desk: who is bound, how a union is reached; posters and signs to print."""

import re
import uuid
from typing import Any

import psycopg
import pytest
import zxingcpp
from flask.testing import FlaskClient
from PIL import Image, ImageDraw

from app.pages.staff.share_plot import share_plot
from services.accounts.types import Role
from services.core import clock
from services.members import queries as profiles
from services.members import service as members
from services.members.types import Standing
from services.reports import people
from services.unions import queries, service
from services.unions.types import Contact, Level, Place, TradeGroup
from tests.builders.world import World
from tests.harness.statements import statements
from tests.http.pages import Reader, forms
from tests.http.test_staff_members import enrol, officer_of


@pytest.fixture
def reader(client: FlaskClient, world: World) -> Reader:
    """An officer of the world's town."""
    return Reader(client, world, officer_of(world, world.town, Role.TOWN))


def test_who_is_bound_in_each_union_and_who_is_not(reader: Reader, world: World) -> None:
    other = world.do(lambda: service.found(name={"zh": "远帆工会"}, level=Level.GRASSROOTS, parent=world.town))
    for number in range(3):
        world.member(f"李{number}")
    enrol(world)
    enrol(world, "王五", number=None)
    world.member("赵六", union=other)
    world.member("外人", union=world.another_union())
    gone = world.member("已走").member_id
    world.do(lambda: members.change_standing(member_id=gone, standing=Standing.LEFT, actor="test", now=clock.now()))
    shares = world.look(lambda: people.shares(world.town))
    counted = {share.union.name["zh"]: (share.members, share.bound, share.percent) for share in shares.below}
    assert counted == {"恒沛精密工会": (5, 3, 60), "远帆工会": (1, 1, 100)}
    assert (shares.own.members, shares.own.bound) == (6, 4) and shares.closed == []
    page = reader.open("/staff/unions")
    assert "柳渡镇总工会" in page and "高营" not in page and "2 个工会里，0 个绑定不到一半" in page
    rows = re.findall(r'data-k="没绑定">(?:<a[^>]*>)?(\d+)', page)
    assert rows == ["2", "0"] and f"/staff/members?union={world.union.id}&amp;bound=no" in page
    assert "下面有 2 个工会没有在岗的经办人" in page and 'href="/staff/officers/"' in page
    least = reader.open("/staff/unions?sort=missing").split("<tbody>")[-1]
    assert least.index("恒沛精密工会") < least.index("远帆工会")
    alone = reader.open(f"/staff/unions?at={world.union.id}")
    assert "60%" in alone and "没有在岗的经办人" in alone and "下级工会" not in alone.split("<main")[1]
    reader.open("/staff/unions?sort=%00")


def test_members_of_a_closed_union_are_not_forgotten(reader: Reader, world: World) -> None:
    world.member()
    world.do(lambda: service.close(union_id=world.union.id, actor="test", now=clock.now()))
    page = reader.open("/staff/unions")
    assert "“恒沛精密工会”已撤销，还有 1 位会员没有转走" in page
    assert "李*梅" in reader.open(f"/staff/members?union={world.union.id}")
    assert "已经撤销" in reader.open(f"/staff/unions/{world.union.id}/edit")


def test_how_a_union_is_reached_is_edited_and_seen_by_all(reader: Reader, world: World, client: FlaskClient) -> None:
    page = reader.open(f"/staff/unions/{world.union.id}/edit")
    typed = {"name": "恒沛工会", "phone": "０１０-10002000", "address": "兴业路 9 号", "place": "124.25, 29.5"}
    assert reader.send(page, "/edit", **typed).status_code == 303
    again = reader.open(f"/staff/unions/{world.union.id}/edit")
    assert all(f'value="{value}"' in again for value in ("恒沛工会", "010-10002000", "兴业路 9 号", "124.25,29.5"))
    assert "010-10002000" in client.get(f"/unions/{world.union.id}").text
    office = world.look(lambda: queries.office(world.union.id))
    assert office.contact == Contact("010-10002000", {"zh": "兴业路 9 号"}, Place(29.5, 124.25))
    for wrong, said in (
        ({"name": " "}, "请填工会名称"),
        ({"phone": "x"}, "电话看不懂"),
        ({"place": "1"}, "坐标看不懂"),
    ):
        answer = reader.send(again, "/edit", **{**typed, **wrong})
        assert answer.status_code == 422 and said in answer.text and 'value="兴业路 9 号"' in answer.text
    assert world.look(lambda: queries.office(world.union.id)) == office


def test_what_members_do_is_chosen_and_counts_for_offers(reader: Reader, world: World) -> None:
    page = reader.open(f"/staff/unions/{world.union.id}/edit")
    member = world.member().member_id
    assert reader.send(page, "/edit", name="恒沛工会", trade_group="riders").status_code == 303
    assert 'value="riders" selected' in reader.open(f"/staff/unions/{world.union.id}/edit")
    assert world.look(lambda: profiles.profile(member)).trade_group is TradeGroup.RIDERS
    assert reader.send(page, "/edit", name="恒沛工会", trade_group="x").status_code == 303
    assert world.look(lambda: queries.office(world.union.id)).trade_group is None
    assert "trade_group" not in reader.open(f"/staff/unions/{world.town.id}/edit")
    new = reader.open(f"/staff/unions/{world.town.id}/new")
    answer = reader.send(new, "/new", name="新厂工会", level="grassroots", trade_group="care")
    assert 'value="care" selected' in reader.open(f"/staff/unions/{answer.location.split('at=')[1]}/edit")


def test_who_closes_a_union_reads_who_is_still_in_it(reader: Reader, world: World) -> None:
    enrol(world)
    officer_of(world, world.union, Role.GRASSROOTS)
    assert "现在还有 1 名会员、1 名干部" in reader.open(f"/staff/unions/{world.union.id}/edit")
    empty = world.do(lambda: service.found(name={"zh": "远帆工会"}, level=Level.GRASSROOTS, parent=world.town))
    page = reader.open(f"/staff/unions/{empty.id}/edit")
    assert "撤销这个工会" in page and "现在还有" not in page


def test_a_union_is_added_and_closed(reader: Reader, world: World) -> None:
    page = reader.open(f"/staff/unions/{world.town.id}/new")
    answer = reader.send(page, "/new", name="新厂工会", level="grassroots", phone="", address="", place="")
    assert answer.status_code == 303 and "新厂工会" in reader.open(answer.location)
    assert reader.send(page, "/new", name="新厂工会", level="town").status_code == 422
    union_id = answer.location.split("at=")[1]
    edit = reader.open(f"/staff/unions/{union_id}/edit")
    assert reader.send(edit, "/close").status_code == 422
    assert reader.send(edit, "/close", sure="yes").status_code == 303
    town = reader.open(f"/staff/unions/{world.town.id}/edit")
    refused = reader.send(town, f"{world.town.id}/close", sure="yes")
    assert refused.status_code == 422 and "下面还有没撤销的工会" in refused.text


def test_others_unions_and_lesser_roles(client: FlaskClient, world: World, sql: psycopg.Connection) -> None:
    elsewhere, before = world.another_union(), sql.execute("SELECT count(*) FROM unions").fetchone()
    reader = Reader(client, world, officer_of(world, world.town, Role.TOWN))
    page = reader.open(f"/staff/unions/{world.town.id}/edit")
    csrf = forms(page)[0].hidden
    for union_id in (elsewhere.id, world.federation.id, uuid.uuid4()):
        for path in (f"/staff/unions?at={union_id}", f"/staff/unions/{union_id}/edit", f"/staff/unions/{union_id}/new"):
            reader.open(path, status=404)
        reader.open(f"/staff/prints/unions/{union_id}", status=404)
        for act in ("edit", "new", "close", "poster"):
            data = {**csrf, "name": "占领", "level": "grassroots", "sure": "yes"}
            assert client.post(f"/staff/unions/{union_id}/{act}", data=data).status_code == 404
    reader.open("/staff/unions?at=x", status=404)
    small = Reader(client, world, officer_of(world, world.union, Role.GRASSROOTS))
    assert "电话和地址" not in small.open("/staff/unions")
    small.open(f"/staff/unions/{world.union.id}/edit", status=403)
    small.open(f"/staff/prints/unions/{world.union.id}")
    finance = Reader(client, world, officer_of(world, world.federation, Role.FINANCE))
    for path in ("/staff/unions", "/staff/prints", f"/staff/prints/unions/{world.union.id}"):
        finance.open(path, status=403)
    finance.open(f"/staff/prints/shops/{world.shop().merchant_id}", status=403)
    assert sql.execute("SELECT count(*) FROM unions").fetchone() == before


def test_a_poster_says_whose_it_is_and_its_code_can_be_read(reader: Reader, world: World) -> None:
    contact = Contact("010-10002000")
    world.do(lambda: service.describe(union_id=world.union.id, contact=contact, actor="test", now=clock.now()))
    token = world.look(lambda: queries.join_token(world.union.id))
    page = reader.open(f"/staff/prints/unions/{world.union.id}")
    assert "<h2>恒沛精密工会</h2>" in page and "010-10002000" in page and page.count('class="sheet"') == 1
    assert read(page) == f"http://127.0.0.1:8000/u/{token}"
    renew = reader.open(f"/staff/unions/{world.union.id}/edit")
    assert reader.send(renew, "/poster").location == f"/staff/prints/unions/{world.union.id}"
    assert read(reader.open(f"/staff/prints/unions/{world.union.id}")) != f"http://127.0.0.1:8000/u/{token}"


def test_posters_of_all_below_come_in_pages(reader: Reader, world: World) -> None:
    names = [{"zh": f"第{number:03d}车间工会"} for number in range(31)]
    world.do(lambda: service.found_many(names=names, level=Level.GRASSROOTS, parent=world.town))
    first = reader.open(f"/staff/prints/unions/{world.town.id}?below=1")
    path = first.split("后面的海报")[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert first.count('class="sheet"') + reader.open(path).count('class="sheet"') == 32


def test_a_door_sign_says_what_the_shop_gives(reader: Reader, world: World) -> None:
    shop = world.shop("老灶牛肉面")
    world.offer(shop)
    world.offer(shop, title={"zh": "会员日", "en": "Members’ day"}, percent_off=20)
    reader.client.set_cookie("lang", "en")
    page = reader.open(f"/staff/prints/shops/{shop.merchant_id}")
    assert all(said in page for said in ("老灶牛肉面", "本店支持工会会员卡", "堂食 9 折", "会员日：按原价的 80% 付"))
    assert "Members" not in page
    assert read(page.replace("sheet__code--small ", "")) == f"http://127.0.0.1:8000/shops/{shop.merchant_id}"
    assert f"/staff/prints/shops/{shop.merchant_id}" in reader.open("/staff/prints")
    reader.open(f"/staff/prints/shops/{uuid.uuid4()}", status=404)
    reader.open(f"/staff/prints/shops/{world.shop(agreed_days=(-30, -1)).merchant_id}", status=404)


def test_pages_of_unions_are_few_statements_however_many_there_are(reader: Reader, world: World) -> None:
    names = [{"zh": f"第{number:03d}车间工会"} for number in range(40)]
    world.do(lambda: service.found_many(names=names, level=Level.GRASSROOTS, parent=world.town))
    shop = world.shop()
    most = {
        "/staff/unions": 12,
        f"/staff/unions?at={world.union.id}": 12,
        f"/staff/unions/{world.union.id}/edit": 8,
        f"/staff/prints/unions/{world.town.id}?below=1": 5,
        f"/staff/prints/shops/{shop.merchant_id}": 4,
    }
    for path, allowed in most.items():
        reader.open(path)
        with statements() as sent:
            reader.open(path)
        assert len(sent) <= allowed, (path, len(sent), sent)


def test_columns_fit_their_box_and_count_every_union() -> None:
    for percents in ([], [0], [100] * 7, list(range(101)), [49, 50]):
        plot = share_plot(percents)
        assert sum(column.count for column in plot.columns) == plot.unions == len(percents)
        assert all(18 <= column.y <= 170 and column.x + column.width <= 720 for column in plot.columns)
        assert plot.below_half == sum(percent < 50 for percent in percents)


def read(page: str) -> str:
    """What a camera reads off the sheet: each rectangle of the path, drawn big. Not our code: zxing."""
    side = int(page.split('class="sheet__code qr" viewBox="0 0 ')[1].split(" ", maxsplit=1)[0])
    path: Any = page.split('<path transform="translate(4 4)" d="')[1].split('"', maxsplit=1)[0]
    picture = Image.new("L", (side * 8, side * 8), 255)
    draw = ImageDraw.Draw(picture)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", path):
        left, top = (int(x) + 4) * 8, (int(y) + 4) * 8
        draw.rectangle((left, top, left + int(width) * 8 - 1, top + 7), fill=0)
    found = zxingcpp.read_barcodes(picture)
    assert len(found) == 1, "no readable code on the sheet"
    return str(found[0].text)
