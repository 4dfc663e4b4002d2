"""The lists of an event: what a unit pastes, and what its organiser takes away."""

import io
import re
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook

from services.accounts.types import Role
from services.core.calendar import local_date
from services.events.types import Kind
from tests.builders.events import Gathering
from tests.builders.world import World
from tests.http.event_phone import enter, plain
from tests.http.pages import Reader


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


def test_each_line_of_a_list_is_read_or_says_what_is_missing(
    client: FlaskClient, world: World, gathering: Gathering
) -> None:
    event_id = gathering.event(unit_entry=True)
    gathering.member("陈静", phone="10030000001")
    unit = Reader(client, world, gathering.another_officer(Role.GRASSROOTS))
    page = unit.open(f"/staff/events/{event_id}/units")
    said = {
        "１００３００００００１、陈静、司机": "可以报",
        "机加工车间 王伟": "没有写手机号，您管的单位里也没有叫这个名字的，请补上手机号",
        "王伟 1003000": "手机号写得不对，要 11 位数字",
        "10030000002": "没有写姓名",
        "——": "没有看到姓名和手机号",
        "王伟 10030000003；何人 10030000004": "这一行不止一位，请一行写一位",
    }
    looked = unit.send(page, f"{event_id}/units", list="\n".join(said)).text
    lines = [plain(one) for one in re.findall(r"<li class=\"row row--nowrap\">(.*?)</li>", looked, re.DOTALL)]
    assert [words in line for line, words in zip(lines, said.values(), strict=True)] == [True] * len(said), lines
    assert lines[0].startswith("陈静 10030000001 司机") and "1003000 " in lines[2] and "何人 10030000004" in lines[5]


@pytest.mark.parametrize(
    ("kind", "title", "called"),
    [
        (Kind.SPORT, "羽毛球 10:00 / 双打?", "-羽毛球 10 00 双打-报名名单.xlsx"),
        (Kind.CLINIC, "颈椎病义诊", "-报名名单.xlsx"),
        (Kind.CHECKUP, "两癌筛查", "-报名名单.xlsx"),
        (Kind.SOCIAL, "七夕相亲", "-报名名单.xlsx"),
    ],
)
def test_a_list_is_called_by_its_day_and_title_and_says_nothing_of_what_is_private(
    client: FlaskClient, world: World, gathering: Gathering, kind: Kind, title: str, called: str
) -> None:
    event_id = gathering.event(kind=kind, title={"zh": title})
    member = gathering.member("阿卜杜拉·艾合买提江")
    enter(gathering, member, event_id)
    officer = Reader(client, world, gathering.officer)
    answer = officer.send(officer.open(f"/staff/events/{event_id}/signups"), "/export")
    head, day = answer.headers["Content-Disposition"], local_date(gathering.seen(event_id).terms.starts_at)
    found = re.fullmatch(r"attachment; filename=gonghui-signups-(\S+)\.xlsx; filename\*=UTF-8''(\S+)", head)
    assert found and (found[1], unquote(found[2])) == (str(day), f"{day}{called}")
    sheet = load_workbook(io.BytesIO(answer.data)).active
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", f"A1:{sheet.dimensions.split(':')[1]}")
    name = next(cell for cell in sheet[1] if cell.value == "姓名")
    assert sheet.column_dimensions[name.column_letter].width > 2 * len("阿卜杜拉艾合买提江")
