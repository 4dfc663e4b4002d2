"""A “not me” is closed at the desk, on its page and by the API; the member reads what came of it."""

import psycopg
from flask.testing import FlaskClient

from services.accounts.types import Actor
from services.core import clock
from services.redemptions import service as redemptions
from tests.builders.world import World
from tests.http.pages import Reader
from tests.http.test_complaints import of_another_federation, use


def test_an_officer_settles_on_the_page_and_the_member_reads_why(world: World) -> None:
    member, shop = world.member(), world.shop()
    receipt = use(world, member, shop.clerk, world.offer(shop))

    def reads(actor: Actor) -> Reader:
        return Reader(world.app.test_client(), world, actor)

    desk, mine = reads(world.officer()), reads(member)
    assert "/settle" not in desk.open(f"/staff/receipts/{receipt.id}"), "nobody said a word yet"
    world.do(lambda: redemptions.dispute(actor=member, redemption_id=receipt.id, now=clock.now()))
    assert "正在核实" in mine.open(f"/history/{receipt.id}")
    page = desk.open(f"/staff/receipts/{receipt.id}")
    short = desk.send(page, "/settle", note=" 好 ")
    assert short.status_code == 422 and 'id="note-err"' in short.text and "> 好 <" in short.text
    assert desk.send(page, "/settle", note="已请门店核对小票").status_code == 303
    assert desk.send(page, "/settle", note="再点一次").status_code == 303
    shown = desk.open(f"/staff/receipts/{receipt.id}")
    assert "工会核实过了" in shown and "已请门店核对小票" in shown and "/settle" not in shown
    assert "没有会员提出异议" in desk.open("/staff/receipts")
    told = mine.open(f"/history/{receipt.id}")
    assert "已请门店核对小票" in told and "正在核实" not in told
    assert "工会核实过了" in mine.open(f"/history/{receipt.id}/not-me")
    form = desk.open(f"/staff/receipts/{receipt.id}/undo")
    assert desk.send(form, "/undo", reason="other", note="小票对不上").status_code == 303
    undone = mine.open(f"/history/{receipt.id}")
    assert "原因：其他" in undone and "小票对不上" not in undone


def test_the_api_settles_once_and_says_why_not(client: FlaskClient, world: World, sql: psycopg.Connection) -> None:
    member, shop = world.member(), world.shop()
    receipt = use(world, member, shop.clerk, world.offer(shop))
    path, desk = f"/api/v1/staff/receipts/{receipt.id}/settle", world.bearer(world.officer())

    def settles(note: str, headers: dict[str, str] = desk) -> tuple[int, str]:
        answer = client.post(path, json={"note": note}, headers=headers)
        return answer.status_code, answer.json.get("code") or answer.json["settled_at"]

    assert settles("核对过了") == (409, "not_disputed")
    world.do(lambda: redemptions.dispute(actor=member, redemption_id=receipt.id, now=clock.now()))
    assert settles("好")[0] == 422
    assert settles("核对过了", world.bearer(of_another_federation(world))) == (404, "redemption_unknown")
    first = settles("核对过了")
    assert first[0] == 200 and settles("又说一遍") == first
    assert sql.execute("SELECT note FROM settlements").fetchall() == [("核对过了",)]
