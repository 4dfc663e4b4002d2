"""Signs that no database keeps, in every text of partner shops: tidied away or refused, never a fault of ours."""

from collections.abc import Callable

import psycopg
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.core import clock
from services.core.calendar import local_date
from services.redemptions import service
from services.redemptions.types import Receipt
from tests.builders.world import DAY, Shop, World
from tests.http.pages import Reader

NUL = "a\x00b"


@pytest.fixture
def shop(world: World) -> Shop:
    return world.shop()


@pytest.fixture
def receipt(world: World, shop: Shop) -> Receipt:
    member, offer_id = world.member(), world.offer(shop)
    scan = world.do(lambda: service.scan(actor=shop.clerk, text=world.code(member), now=clock.now()))
    done = world.do(
        lambda: service.redeem(
            actor=shop.clerk,
            scan_id=scan.id,
            offer_id=offer_id,
            amount_fen=100,
            now=clock.now(),  # type: ignore[union-attr]
        )
    )
    assert isinstance(done, Receipt)
    return done


@pytest.mark.parametrize("note", [NUL, "a\ud800b", "a\r\n b"])
def test_a_note_of_the_api_is_kept_in_one_line(
    client: FlaskClient, world: World, shop: Shop, receipt: Receipt, sql: psycopg.Connection, note: str
) -> None:
    headers = {**world.bearer(shop.clerk), "Idempotency-Key": "key-12345"}
    answer = client.post(
        f"/api/v1/redemptions/{receipt.id}/void", json={"reason": "other", "note": note}, headers=headers
    )
    assert answer.status_code == 200, answer.json
    assert sql.execute("SELECT note FROM voids").fetchone() == ("a b",)


def test_a_note_of_nothing_that_can_be_seen_is_none(
    client: FlaskClient, world: World, shop: Shop, receipt: Receipt
) -> None:
    headers = {**world.bearer(shop.clerk), "Idempotency-Key": "key-12345"}
    body = {"reason": "other", "note": "\x00 \x07"}
    answer = client.post(f"/api/v1/redemptions/{receipt.id}/void", json=body, headers=headers)
    assert (answer.status_code, answer.json["code"]) == (422, "void_note_missing")


@pytest.mark.parametrize("path", ["shops?trade=a%00b", "offers?trade=a%00b", "shops?q=a%00b", "offers?q=a%00b"])
def test_what_nobody_could_mean_finds_nothing(client: FlaskClient, world: World, shop: Shop, path: str) -> None:
    world.offer(shop)
    assert client.get(f"/api/v1/{path}").json["items"] == []


def test_forms_of_the_shop_are_tidied(
    client: FlaskClient, world: World, shop: Shop, receipt: Receipt, sql: psycopg.Connection
) -> None:
    page, today = Reader(client, world, shop.clerk), local_date(clock.now())
    days = {"starts_on": str(today), "ends_on": str(today + DAY)}
    sends: dict[str, Callable[[], TestResponse]] = {
        "undo": lambda: page.send(page.open(f"/shop/redemptions/{receipt.id}/undo"), "/undo", reason="other", note=NUL),
        "invite": lambda: page.send(page.open("/shop/colleagues/"), "/invite", name=NUL),
        "offer": lambda: page.send(
            page.open("/shop/offers/new?kind=gift"), "/new", kind="gift", gift=NUL, note="a\r\nb\x00", **days
        ),
    }
    assert {name: send().status_code for name, send in sends.items()} == {"undo": 303, "invite": 200, "offer": 303}
    gift, note = sql.execute("SELECT gift, note FROM offer_versions WHERE kind = 'gift'").fetchone() or ({}, {})
    assert (gift["zh"], note["zh"]) == ("a b", "a b")
    assert client.get("/shop/asked/undo/a%00b").json == {"state": "unknown"}


def test_the_desk_survives_them(client: FlaskClient, world: World, shop: Shop, receipt: Receipt) -> None:
    page = Reader(client, world, world.officer())
    assert client.get("/staff/receipts?shop=a%00b").status_code == 200
    undone = page.send(page.open(f"/staff/receipts/{receipt.id}/undo"), "/undo", reason="other", note=NUL)
    assert undone.status_code == 303


@pytest.mark.parametrize(
    ("field", "day"), [("ends_on", "9999-12-31"), ("starts_on", "9999-12-30"), ("signed_on", "0001-01-01")]
)
def test_a_year_that_cannot_be_is_a_slip(client: FlaskClient, world: World, field: str, day: str) -> None:
    """An agreement until the last day of the calendar had no day after it: its shop could not be renewed any more."""
    page, today = Reader(client, world, world.officer()), local_date(clock.now())
    typed = {
        "name": "满碗粥铺", "trade": "dining", "starts_on": str(today), "ends_on": str(today + DAY),
        "signed_on": str(today), "signed_by": "老周", "branch": "总店", "address": "钟楼巷 3 号", "begin": "09:00",
        "until": "21:00",
    }  # fmt: skip
    answer = page.send(page.open("/staff/shops/new"), "/new", **{**typed, field: day})
    assert answer.status_code == 422 and "日期看不懂" in answer.text and f'value="{day}"' in answer.text


@pytest.mark.parametrize("trade", ["a\x00b", "a\ud800b"])
def test_where_nothing_tidies_it_is_the_clients_mistake(
    client: FlaskClient, world: World, shop: Shop, capsys: pytest.CaptureFixture[str], trade: str
) -> None:
    body = {"name": {"zh": "满碗粥铺"}, "trade": trade}
    answer = client.put(f"/api/v1/staff/shops/{shop.merchant_id}", json=body, headers=world.bearer(world.officer()))
    assert (answer.status_code, answer.json["code"]) == (400, "request_malformed")
    assert "unexpected" not in capsys.readouterr().out, "nobody is called for it"
