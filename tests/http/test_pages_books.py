"""The owner's books: a day, a month, by branch and clerk, and files that a spreadsheet program opens safely."""

import datetime
from collections.abc import Callable
from decimal import Decimal

import psycopg
import pytest
from flask import Flask

from app.pages.shop.books import columns_of_file
from services.accounts.types import ClerkActor
from services.core import clock
from services.core.sheets import read_csv, read_xlsx
from services.offers.types import AmountPolicy, OfferId
from services.redemptions import service
from services.redemptions.types import Receipt, VoidReason
from tests.builders.world import World
from tests.http.pages import Reader

NOON = datetime.datetime(2026, 11, 18, 4, 0, tzinfo=datetime.UTC)
HOSTILE = '=HYPERLINK("http://evil.example";"奖")'


class Books:
    """A shop with two branches, an owner and a clerk, and what they redeemed on two days of November."""

    def __init__(self, app: Flask, world: World, at: Callable[..., None]) -> None:
        self.app, self.world, self.at = app, world, at
        at(NOON)
        self.shop = world.shop()
        self.clerk = world.clerk(self.shop, same_branch=True)
        self.other = world.clerk(self.shop)
        self.offer = world.offer(self.shop, title={"zh": HOSTILE})
        self.free = world.offer(self.shop, title={"zh": "全单优惠"}, amount_policy=AmountPolicy.OPTIONAL)
        at(NOON - datetime.timedelta(days=3))
        self.use(self.shop.clerk, self.offer, 10_000)
        at(NOON)
        self.use(self.clerk, self.offer, 4650)
        self.use(self.other, self.free, None)
        undone = self.use(self.clerk, self.offer, 99_900)
        world.do(lambda: service.void(
            actor=self.clerk, redemption_id=undone.id, reason=VoidReason.WRONG_AMOUNT, note=None, now=NOON
        ))  # fmt: skip

    def use(self, clerk: ClerkActor, offer_id: OfferId, amount_fen: int | None) -> Receipt:
        code = self.world.code(self.world.member())
        scan = self.world.do(lambda: service.scan(actor=clerk, text=code, now=clock.now()))
        done = self.world.do(
            lambda: service.redeem(
                actor=clerk, scan_id=scan.id, offer_id=offer_id, amount_fen=amount_fen, now=clock.now()  # type: ignore[union-attr]
            )
        )  # fmt: skip
        assert isinstance(done, Receipt), done
        return done

    def reader(self, actor: ClerkActor) -> Reader:
        return Reader(self.app.test_client(), self.world, actor)


@pytest.fixture
def books(app: Flask, world: World, at: Callable[..., None]) -> Books:
    return Books(app, world, at)


def test_a_day_has_its_sums_and_rows_with_what_is_not_recorded_and_undone_apart(books: Books) -> None:
    page = books.reader(books.shop.clerk).open("/shop/books/day")
    for words in ("2 笔", "46.50 元", "4.65 元", "没输金额（没算进合计）", "已撤销（另算）", "各门店", "各店员"):
        assert words in page, words
    assert "李*梅" in page and "李春梅" not in page
    assert "999.00" not in page.split("每一笔")[0], "what was undone is in no sum"
    quiet = books.reader(books.shop.clerk).open("/shop/books/day?day=2026-11-17")
    assert "这一天没有核销" in quiet and "0 笔" in quiet


def test_a_month_has_its_days_branches_and_clerks(books: Books) -> None:
    page = books.reader(books.shop.clerk).open("/shop/books/month")
    for words in ("3 笔", "146.50 元", "14.65 元", "day=2026-11-15", "day=2026-11-18", "month=2026-10"):
        assert words in page, words
    assert "month=2026-12" not in page, "nothing is known of what is to come"
    earlier = books.reader(books.shop.clerk).open("/shop/books/month?month=2026-10")
    assert "这个月没有核销" in earlier and "month=2026-11" in earlier and "month=2026-09" in earlier


@pytest.mark.parametrize("asked", ["x", "2026-13-40", "0001-01-01", "9999-12-31", ""])
def test_what_names_no_day_is_today(books: Books, asked: str) -> None:
    owner = books.reader(books.shop.clerk)
    assert "2026 年 11 月 18 日" in owner.open(f"/shop/books/day?day={asked}")
    assert "2026-11" in owner.open(f"/shop/books/month?month={asked[:7]}")


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_a_file_comes_back_as_it_was_and_its_hostile_cells_stay_text(books: Books, kind: str) -> None:
    answer = books.reader(books.shop.clerk).client.get(f"/shop/books/2026-11.{kind}")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=gonghui-2026-11.{kind}"
    with books.app.test_request_context():
        columns = columns_of_file()
    rows = (read_xlsx if kind == "xlsx" else read_csv)(columns, answer.data)
    assert [(row[4], row[6], row[7], row[8], row[9], row[10]) for row in rows] == [
        (HOSTILE, Decimal("100.00"), Decimal("10.00"), Decimal("90.00"), "有效", None),
        (HOSTILE, Decimal("46.50"), Decimal("4.65"), Decimal("41.85"), "有效", None),
        ("全单优惠", None, None, None, "有效", None),
        (HOSTILE, Decimal("999.00"), Decimal("99.90"), Decimal("899.10"), "已撤销", "金额输错了"),
    ]
    assert rows[1][0] == NOON
    if kind == "csv":
        assert b'"=' not in answer.data and b"'=HYPERLINK" in answer.data


def test_a_file_of_a_day_holds_that_day(books: Books) -> None:
    owner = books.reader(books.shop.clerk).client
    with books.app.test_request_context():
        columns = columns_of_file()
    assert len(read_csv(columns, owner.get("/shop/books/2026-11-18.csv").data)) == 3
    for wrong in ("2026-13.csv", "2026-11.pdf", "x.csv", "2026-11-31.xlsx"):
        assert owner.get(f"/shop/books/{wrong}").status_code == 404, wrong


def test_the_books_are_the_owners_and_of_his_shop(books: Books, sql: psycopg.Connection) -> None:
    clerk = books.reader(books.clerk)
    for path in ("day", "month", "2026-11.csv", "2026-11.xlsx"):
        assert clerk.client.get(f"/shop/books/{path}").status_code == 403, path
    assert "/shop/books/" not in clerk.open("/shop/me")
    assert "/shop/books/month" in books.reader(books.shop.clerk).open("/shop/me")
    stranger = books.reader(books.world.shop("别家店").clerk)
    assert "这个月没有核销" in stranger.open("/shop/books/month")
    assert HOSTILE[:5] not in stranger.client.get("/shop/books/2026-11.csv").text
    assert sql.execute("SELECT count(*) FROM redemptions").fetchone() == (4,)


def test_a_clerk_leafs_through_no_former_days_of_the_api(books: Books) -> None:
    """The page shows him today; the contract gives no more."""
    client, path = books.app.test_client(), "/api/v1/shop/redemptions"
    clerk, owner = books.world.bearer(books.clerk), books.world.bearer(books.shop.clerk)
    assert len(client.get(path, headers=clerk).json["items"]) > 0
    assert client.get(f"{path}?day=2026-11-18", headers=clerk).status_code == 200
    refused = client.get(f"{path}?day=2026-11-15", headers=clerk)
    assert (refused.status_code, refused.json["code"]) == (403, "owner_only")
    assert len(client.get(f"{path}?day=2026-11-15", headers=owner).json["items"]) == 1
