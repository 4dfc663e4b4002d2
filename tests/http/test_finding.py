"""Finding shops and offers without a sign-in, and what a member is told besides."""

import datetime
import html
import io
import re
from collections.abc import Callable
from urllib.parse import quote
from zoneinfo import ZoneInfo

import psycopg
import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from services.core import clock
from services.core.calendar import Hours, local_date
from services.merchants.types import OpenHours
from services.offers.types import AmountPolicy, BranchShare, OfferKind
from services.unions.types import Place
from tests.builders.market import branch, every_day
from tests.builders.world import World
from tests.http.pages import Reader

SHANGHAI = ZoneInfo("Asia/Shanghai")
WEDNESDAY_NOON = datetime.datetime(2026, 11, 25, 12, 0, tzinfo=SHANGHAI)
GIFT = {"kind": OfferKind.GIFT, "gift": {"zh": "酸梅汤一杯"}, "amount_policy": AmountPolicy.NOT_ASKED}


@pytest.fixture
def noon(at: Callable[..., None], world: World) -> None:
    at(WEDNESDAY_NOON)


def names(page: str) -> list[str]:
    """Of the shops on a list, in order."""
    return [html.unescape(name) for name in re.findall(r'<b class="cell__title">(.*?)</b>', page)]


def titles(page: str) -> list[str]:
    """Of the offers on a list, in order."""
    return [html.unescape(title) for title in re.findall(r'<b class="deal">(.*?)</b>', page)]


@pytest.fixture
def town(world: World) -> World:
    """Three shops that words tell apart."""
    noodles = world.shop("老灶牛肉面")
    branch(world, noodles, "柳渡店", address="柳渡大道 12 号 B 座")
    world.offer(noodles, title={"zh": "满 30 减 8", "en": "8 yuan off"})
    world.offer(noodles, title={"zh": "送汤"}, **GIFT)
    world.offer(world.shop("ＫＦＣ 炸鸡"), title={"zh": "全场 9.5 折"})
    world.offer(world.shop("快净_洗车", trade="car_repair"), title={"zh": "100% 棉毛巾"})
    return world


@pytest.mark.parametrize(
    ("typed", "shops", "offers"),
    [
        ("牛肉面", {"老灶牛肉面"}, {"满 30 减 8", "送汤"}),
        ("牛肉 老灶", {"老灶牛肉面"}, {"满 30 减 8", "送汤"}),
        ("柳渡", {"老灶牛肉面"}, {"满 30 减 8", "送汤"}),
        ("柳渡大道12号b座", {"老灶牛肉面"}, {"满 30 减 8", "送汤"}),
        ("满30减8", {"老灶牛肉面"}, {"满 30 减 8"}),
        ("满３０减８", {"老灶牛肉面"}, {"满 30 减 8"}),
        ("8 YUAN", {"老灶牛肉面"}, {"满 30 减 8"}),
        ("酸梅汤", {"老灶牛肉面"}, {"送汤"}),
        ("柳渡 酸梅汤", {"老灶牛肉面"}, {"送汤"}),
        ("kfc", {"ＫＦＣ 炸鸡"}, {"全场 9.5 折"}),
        ("KFC炸鸡", {"ＫＦＣ 炸鸡"}, {"全场 9.5 折"}),
        ("餐饮", {"老灶牛肉面", "ＫＦＣ 炸鸡"}, {"满 30 减 8", "送汤", "全场 9.5 折"}),
        ("car care", {"快净_洗车"}, {"100% 棉毛巾"}),
        ("%", {"快净_洗车"}, {"100% 棉毛巾"}),
        ("_", {"快净_洗车"}, {"100% 棉毛巾"}),
        ("牛肉面 洗车", set(), set()),
        ("面柳渡", set(), set()),
        ("'); DROP TABLE offers; --", set(), set()),
        ("a\x00b\\", set(), set()),
    ],
)
def test_each_word_stands_somewhere(
    client: FlaskClient, town: World, typed: str, shops: set[str], offers: set[str]
) -> None:
    found_shops, found_offers = client.get(f"/shops?q={quote(typed)}"), client.get(f"/offers?q={quote(typed)}")
    assert (found_shops.status_code, found_offers.status_code) == (200, 200)
    assert set(names(found_shops.text)) == shops
    assert set(titles(found_offers.text)) == offers


def test_nothing_typed_is_everything(client: FlaskClient, town: World) -> None:
    assert len(names(client.get("/shops?q=%20").text)) == 3 and len(titles(client.get("/offers?q=").text)) == 4


def test_a_search_stays_in_its_trade_and_is_kept_by_the_chips(client: FlaskClient, town: World) -> None:
    page = client.get("/offers?q=洗车&trade=dining").text
    assert titles(page) == [] and "没有找到“洗车”" in page
    assert "trade=car_repair&amp;q=%E6%B4%97%E8%BD%A6" in page
    assert titles(client.get("/offers?q=洗车&trade=car_repair").text) == ["100% 棉毛巾"]


def test_what_was_typed_is_text(client: FlaskClient, town: World) -> None:
    for path in ("/shops", "/offers"):
        assert "<script>alert" not in client.get(path + "?q=<script>alert(1)</script>").text


def test_a_closed_branch_finds_nothing(client: FlaskClient, town: World, sql: psycopg.Connection) -> None:
    sql.execute("UPDATE branches SET closed_at = now() WHERE name->>'zh' = '柳渡店'")
    assert names(client.get("/shops?q=柳渡").text) == [] and titles(client.get("/offers?q=柳渡").text) == []


@pytest.mark.usefixtures("noon")
def test_open_now_leaves_out_what_is_closed_or_says_nothing(client: FlaskClient, world: World) -> None:
    for name, hours in (("全天", every_day(0, 1440)), ("晚上", every_day(1020, 1320)), ("中午", every_day(660, 840))):
        branch(world, world.shop(name), "总店", hours=hours)
    world.shop("不知道")
    page = client.get("/shops").text
    assert names(page) == ["全天", "晚上", "中午", "不知道"]
    assert "营业中，24 小时" in page and "休息中，今天 17:00 开门" in page and "营业中，到 14:00" in page
    assert names(client.get("/shops?open=1").text) == ["全天", "中午"]


def test_shops_come_in_pages_and_all_at_once(client: FlaskClient, world: World) -> None:
    for number in range(23):
        branch(world, world.shop(f"第{number}家"), "分店", place=Place(30.6 + number / 1000, 104.0))
    first = client.get("/shops").text
    assert len(names(first)) == 20 and "23 家商户" in first and 'data-all="/shops/all"' in first
    second = client.get("/shops?cursor=20").text
    assert names(second) == ["第20家", "第21家", "第22家"]
    everything = client.get("/shops/all").text
    assert len(names(everything)) == 23 and everything.count("data-at=") == 23 and "<html" not in everything
    assert 'data-at="30.622000,104.000000"' in everything
    assert client.get("/shops?cursor=x").status_code == 422 and client.get("/shops?cursor=-1").status_code == 422


def test_only_the_list_of_shops_may_ask_where_one_is(client: FlaskClient, world: World) -> None:
    assert "geolocation=(self)" in client.get("/shops").headers["Permissions-Policy"]
    for path in ("/offers", f"/shops/{world.shop().merchant_id}", "/sign-in"):
        assert "geolocation=()" in client.get(path).headers["Permissions-Policy"], path


@pytest.mark.usefixtures("noon")
def test_a_shop_says_where_when_and_what(client: FlaskClient, world: World, sql: psycopg.Connection) -> None:
    shop = world.shop("老灶牛肉面")
    hours = (*every_day(1020, 1320), *[OpenHours(day, Hours(600, 840)) for day in range(1, 6)])
    branch(world, shop, "柳渡店", place=Place(30.6172, 104.0166), hours=hours, phone="028-5550 0101")
    sql.execute("UPDATE merchants SET about = %s", ['{"zh": "现熬牛骨汤"}'])
    world.offer(shop, title={"zh": "送汤"}, **GIFT)
    page = client.get(f"/shops/{shop.merchant_id}").text
    for words in (
        "现熬牛骨汤",
        "餐饮美食",
        "高营路 8 号",
        "柳渡店",
        "送汤",
        "送酸梅汤一杯",
        "营业中，到 14:00",
        "怎么才能用",
    ):
        assert words in page, words
    assert "周一至周五" in page and "10:00–14:00、17:00–22:00" in page and "周六至周日" in page
    assert 'href="tel:02855500101"' in page
    (link,) = re.findall(r'href="(https://uri.amap.com/marker[^"]*)"', page)
    assert "position=104.016600%2C30.617200" in link and "coordinate=gaode" in link
    assert '<meta property="og:title" content="老灶牛肉面">' in page and "现熬牛骨汤 会员优惠：送汤" in page


def test_a_shop_that_takes_no_cards_says_so(client: FlaskClient, world: World, sql: psycopg.Connection) -> None:
    shop = world.shop()
    offer_id = world.offer(shop)
    sql.execute("UPDATE merchants SET suspended_on = current_date - 1, suspension_reason = '核实中'")
    for path in (f"/shops/{shop.merchant_id}", f"/offers/{offer_id}"):
        page = client.get(path).text
        assert "这家店现在不收会员卡" in page and "核实中" not in page
    for path in (f"/shops/{shop.merchant_id}/poster", f"/offers/{offer_id}/poster"):
        assert client.get(path).status_code == 404


def test_what_there_is_not_is_not_found(client: FlaskClient, world: World, sql: psycopg.Connection) -> None:
    nobody = "00000000-0000-7000-8000-000000000000"
    for path in (f"/shops/{nobody}", f"/offers/{nobody}", f"/shops/{nobody}/poster", "/shops/x", "/offers/x"):
        assert client.get(path).status_code == 404, path
    early, draft = world.shop(agreed_days=(5, 300)), world.shop()
    assert client.get(f"/shops/{early.merchant_id}").status_code == 404
    offer_id = world.offer(draft)
    sql.execute("UPDATE offers SET version_id = NULL WHERE id = %s", [offer_id])
    assert client.get(f"/offers/{offer_id}").status_code == 404


@pytest.mark.usefixtures("noon")
def test_an_offer_says_everything_to_everybody(client: FlaskClient, world: World) -> None:
    shop = world.shop("老灶牛肉面")
    here = branch(world, shop, "柳渡店", address="柳渡大道 12 号")
    offer_id = world.offer(
        shop, title={"zh": "满 30 减 8"}, kind=OfferKind.AMOUNT_OFF, threshold_fen=3000, off_fen=800,
        hours=(Hours(660, 840),), per_member_daily=1, per_member_weekly=3,
        branches=(BranchShare(here, 50),), note={"zh": "酒水除外"},
    )  # fmt: skip
    page = client.get(f"/offers/{offer_id}").text
    for words in (
        "满 30 元减 8 元",
        "11:00–14:00",
        "每人每天 1 次",
        "每人每周 3 次",
        "柳渡店",
        "酒水除外",
        "怎么才能用",
    ):
        assert words in page, words
    assert "高营路 8 号" not in page, "not of this branch"
    assert "/refused" not in page and "暂不能用" not in page and "您现在能用" not in page


@pytest.mark.usefixtures("noon")
def test_a_member_reads_what_is_left_or_why_not_and_when_again(
    app: Flask, world: World, sql: psycopg.Connection
) -> None:
    shop, member = world.shop(), world.member()
    offer_id = world.offer(shop, per_member_daily=2, per_member_weekly=3, per_member_monthly=9, per_member_total=20)
    reader = Reader(app.test_client(), world, member)
    page = reader.open(f"/offers/{offer_id}")
    assert "您现在能用" in page and f'href="/offers/{offer_id}/refused"' in page
    assert "今天还能用 2 次；本周还能用 3 次；本月还能用 9 次；一共还能用 20 次" in page
    use = 'INSERT INTO allowances (member_id, offer_id, "window", used) VALUES (%s, %s, %s, %s)'
    sql.execute(use, [member.member_id, offer_id, "2026-11-25", 2])
    page = reader.open(f"/offers/{offer_id}")
    assert "暂不能用" in page and "明天起能用" in page and f'href="/offers/{offer_id}/refused"' in page
    sql.execute(use, [member.member_id, offer_id, "2026-W48", 3])
    assert "周一起能用" in reader.open(f"/offers/{offer_id}")
    sql.execute(use, [member.member_id, offer_id, "all", 20])
    page = reader.open(f"/offers/{offer_id}")
    assert "暂不能用" in page and "起能用。" not in page and "看我现在能用的" in page


def test_an_offer_that_is_over_says_so(app: Flask, world: World, sql: psycopg.Connection) -> None:
    offer_id = world.offer(world.shop())
    sql.execute("UPDATE offers SET withdrawn_at = now()")
    for actor in (None, world.member()):
        page = Reader(app.test_client(), world, actor).open(f"/offers/{offer_id}")
        assert "这项优惠已经结束了" in page and "您现在能用" not in page and "/refused" not in page


def test_a_member_lists_only_what_he_may_use(app: Flask, world: World, sql: psycopg.Connection) -> None:
    shop, other = world.shop(), world.another_union()
    member = world.member()
    for number in range(120):
        world.offer(shop, title={"zh": f"不是我的{number}"}, audience_union_id=other.id)
    mine = [world.offer(shop, title={"zh": f"我的{number}"}, per_member_daily=1) for number in range(23)]
    world.offer(shop, title={"zh": "卖完了"}, stock_total=0)
    use = 'INSERT INTO allowances (member_id, offer_id, "window", used) VALUES (%s, %s, %s, 1)'
    sql.execute(use, [member.member_id, mine[22], local_date(clock.now()).isoformat()])
    reader = Reader(app.test_client(), world, member)
    first = reader.open("/offers?mine=1")
    assert titles(first) == [f"我的{number}" for number in range(21, 1, -1)]
    (cursor,) = re.findall(r"cursor=([0-9a-f]+)", first)
    assert titles(reader.open(f"/offers?mine=1&cursor={cursor}")) == ["我的1", "我的0"]
    assert len(titles(app.test_client().get("/offers?mine=1").text)) == 20, "nobody is no member"


def test_first_use_counts_uses_at_that_shop(app: Flask, world: World, sql: psycopg.Connection) -> None:
    shop, member = world.shop(), world.member()
    offer_id = world.offer(shop, first_use=True)
    reader = Reader(app.test_client(), world, member)
    assert "您现在能用" in reader.open(f"/offers/{offer_id}")
    other = world.offer(shop)
    clerk = world.bearer(shop.clerk)
    scan = app.test_client().post("/api/v1/shop/scan", json={"code": world.code(member)}, headers=clerk)
    body = {"scan_id": scan.json["scan_id"], "offer_id": str(other), "amount_fen": 4650}
    headers = {**clerk, "Idempotency-Key": "key-00001"}
    assert app.test_client().post("/api/v1/redemptions", json=body, headers=headers).status_code == 201
    assert "您在这家店用过优惠了" in reader.open(f"/offers/{offer_id}")


@pytest.mark.parametrize("kind", ["shops", "offers"])
def test_a_poster_leads_to_its_page(app: Flask, client: FlaskClient, world: World, kind: str) -> None:
    shop = world.shop("老灶牛肉面")
    world.offer(shop, title={"zh": "远帆专用"}, audience_union_id=world.another_union().id)
    offer_id = world.offer(shop, title={"zh": "满 30 减 8"})
    world.offer(shop, title={"zh": "远帆专用二"}, audience_union_id=world.another_union().id)
    path = f"/shops/{shop.merchant_id}" if kind == "shops" else f"/offers/{offer_id}"
    page = client.get(f"{path}/poster").text
    assert "老灶牛肉面" in page and "满 30 减 8" in page and f'src="{path}/code.png"' in page
    picture = client.get(f"{path}/code.png")
    assert picture.mimetype == "image/png"
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.data)).convert("L"))
    assert found.text == app.config["SETTINGS"].public_url + path
    if kind == "shops":
        assert page.index("满 30 减 8") < page.index("远帆专用"), "what is for everybody goes first"


def test_pages_tell_those_who_share_them_what_they_are(client: FlaskClient, world: World) -> None:
    shop = world.shop('老灶"牛"肉面')
    offer_id = world.offer(shop, title={"zh": "满 30 减 8"})
    for path in ("/shops", "/offers", f"/shops/{shop.merchant_id}", f"/offers/{offer_id}"):
        page = client.get(path).text
        described = re.findall(r'<meta name="description" content="([^"]*)">', page)
        assert len(described) == 1 and len(described[0]) > 10, path
        assert re.findall(r'<meta property="og:description" content="([^"]*)">', page) == described, path
        (url,) = re.findall(r'<meta property="og:url" content="([^"]*)">', page)
        assert url.endswith(path) and url.startswith("http"), path
