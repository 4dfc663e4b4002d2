"""The import at an officer's desk, scripts off: from the upload to the undo."""

import io
from collections.abc import Callable

import psycopg
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.accounts.types import OfficerActor
from tests.builders.rosters import number, row, xlsx
from tests.builders.world import World
from tests.http.pages import Reader, forms


class Desk(Reader):
    """An officer with a file to hand in."""

    def upload(self, data: bytes, name: str = "七月名单.xlsx", **typed: str) -> TestResponse:
        page = self.open("/staff/roster")
        form = next(form for form in forms(page) if form.action == "/staff/roster")
        return self.client.post(form.action, data={**form.hidden, **typed, "file": (io.BytesIO(data), name)})

    def handed_in(self, data: bytes, **typed: str) -> str:
        """Uploads and returns the address of the import."""
        answer = self.upload(data, **typed)
        assert answer.status_code == 303, answer.text[:2000]
        return answer.location


@pytest.fixture
def officer(world: World) -> OfficerActor:
    return world.officer()


@pytest.fixture
def desk(client: FlaskClient, world: World, officer: OfficerActor) -> Desk:
    return Desk(client, world, officer)


def test_a_sheet_goes_in_and_out_again(desk: Desk, run_jobs: Callable[[], None], sql: psycopg.Connection) -> None:
    here = desk.handed_in(xlsx(row(n) for n in range(1, 6)))
    assert 'http-equiv="refresh"' in desk.open(here)
    run_jobs()
    page = desk.open(here)
    assert "检查完了" in page
    assert "王" in page
    assert number(1) not in page, "masked"
    assert desk.send(page, "/apply").status_code == 303
    run_jobs()
    page = desk.open(here)
    assert "入库 5 行" in page
    assert sql.execute("SELECT count(*) FROM members").fetchone() == (5,)
    assert desk.send(page, "/undo").status_code == 303
    run_jobs()
    assert "撤销 5 行" in desk.open(here)
    assert sql.execute("SELECT count(*) FROM members").fetchone() == (0,)


def test_a_faulty_row_is_corrected_in_place(desk: Desk, run_jobs: Callable[[], None]) -> None:
    here = desk.handed_in(xlsx([row(1), row(2, phone="022-66668888")]))
    run_jobs()
    page = desk.open(here)
    assert "是座机号" in page
    form = desk.send(page, "/rows/3/open")
    assert form.status_code == 200
    assert number(2) in form.text, "the row that is corrected is in clear"
    typed = {"name": "王芳", "number": number(2), "phone": "1000", "union": "恒沛精密工会", "sex": "女"}
    again = desk.send(form.text, "/rows/3", **typed)
    assert (again.status_code, "手机号少了几位" in again.text) == (422, True)
    done = desk.send(again.text, "/rows/3", **{**typed, "phone": "10000000002"})
    assert done.status_code == 303
    assert "新会员" in desk.open(done.location)
    assert "是座机号" not in desk.open(here)


def test_what_is_no_list_is_refused_at_once_and_in_words(desk: Desk) -> None:
    answer = desk.upload(b"%PDF-1.7", "x.pdf")
    assert (answer.status_code, "这是 PDF" in answer.text) == (422, True)
    nothing = desk.upload(b"", "")
    assert (nothing.status_code, "这个文件是空的" in nothing.text) == (422, True)
    unknown = desk.upload(xlsx([row(1)]), union="没有这个工会")
    assert unknown.status_code == 422


def test_a_sheet_that_grants_a_role_is_stopped_and_says_so(desk: Desk, run_jobs: Callable[[], None]) -> None:
    here = desk.handed_in(xlsx([["王伟", number(1), "管理员"]], headers=["姓名", "证件号码", "角色"]))
    run_jobs()
    page = desk.open(here)
    assert "这个文件不能用" in page
    assert "权限不能用表格导入" in page


def test_rows_are_ticked_and_unticked_on_a_page(desk: Desk, run_jobs: Callable[[], None]) -> None:
    here = desk.handed_in(xlsx(row(n) for n in range(1, 5)))
    run_jobs()
    page = desk.open(here + "?verdict=new")
    assert page.count(" checked") == 4
    csrf = next(form.hidden for form in forms(page) if form.action.endswith("/choose"))["csrf"]
    ticked = {"csrf": csrf, "verdict": "new", "shown": ["2", "3", "4", "5"], "line": ["2", "5"]}
    assert desk.client.post(here + "/choose", data=ticked).status_code == 303
    assert "勾了 2 行" in desk.open(here)
    desk.client.post(here + "/choose", data={"csrf": csrf, "verdict": "new", "every": "no"})
    assert "勾了 0 行" in desk.open(here)


def test_a_list_that_many_are_missing_from_needs_another_officer(
    desk: Desk, world: World, client: FlaskClient, run_jobs: Callable[[], None], sql: psycopg.Connection
) -> None:
    for _ in range(3):
        world.member()
    here = desk.handed_in(xlsx(row(n) for n in range(1, 3)), kind="whole", union="恒沛精密工会")
    run_jobs()
    page = desk.open(here)
    assert "超过一成" in page
    assert "确定入库" not in page
    csrf = next(form.hidden for form in forms(page) if form.action.endswith("/drop"))["csrf"]
    alone = desk.client.post(here + "/apply", data={"csrf": csrf})
    assert (alone.status_code, "另一位经办人" in alone.text) == (409, True)
    other = Desk(world.app.test_client(), world, world.officer())
    missing = other.open(here + "?verdict=missing")
    assert missing.count('name="line"') == 3
    other.client.post(here + "/choose", data={**forms(missing)[0].hidden, "verdict": "missing", "every": "yes"})
    agreed = other.send(other.open(here), "/agree")
    assert agreed.status_code == 303
    assert desk.send(desk.open(here), "/apply").status_code == 303
    run_jobs()
    assert sql.execute("SELECT count(*) FROM members WHERE standing = 'left'").fetchone() == (3,)


def test_another_officers_import_is_not_there(desk: Desk, world: World, run_jobs: Callable[[], None]) -> None:
    here = desk.handed_in(xlsx([row(1)]))
    run_jobs()
    stranger = Desk(world.app.test_client(), world, world.member())
    assert stranger.client.get(here).status_code == 403


def test_the_limit_of_this_upload_is_its_own(desk: Desk) -> None:
    small = desk.client.application.config["SETTINGS"].body_limit_kb * 1024
    big = b"a,b\n" * (small // 2)
    assert len(big) > small
    assert desk.upload(big, "x.csv").status_code == 303
    page = desk.open("/staff/roster")
    csrf = next(form.hidden for form in forms(page) if form.action == "/staff/roster")["csrf"]
    told = {"CONTENT_LENGTH": str(17 * 1024 * 1024)}
    sent = {"csrf": csrf, "file": (io.BytesIO(b"a,b"), "x.csv")}
    assert desk.client.post("/staff/roster", data=sent, environ_overrides=told).status_code == 413


def test_the_template_is_read_back_as_it_is(desk: Desk) -> None:
    answer = desk.client.get("/staff/roster/template.xlsx")
    assert answer.status_code == 200
    assert answer.data.startswith(b"PK")
