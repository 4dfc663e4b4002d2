"""Shops and offers through the API: found by everybody, told to members, looked after by owners."""

import datetime
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from services.accounts.types import Actor
from services.core import ids
from services.core.calendar import Hours
from services.offers.types import BranchShare
from services.unions.types import Place
from tests.builders.market import branch, every_day
from tests.builders.world import World

WEDNESDAY_NOON = datetime.datetime(2026, 11, 25, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
Sends = Callable[..., TestResponse]


@pytest.fixture
def sends(app: Flask, world: World, at: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Sends:
    """sends(actor, "GET /shops", {...}): one request of that person on a Wednesday at noon.

    Ids are of that noon too, and still grow: receipts are looked for by the time that an id tells.
    """
    at(WEDNESDAY_NOON)
    ahead = int(WEDNESDAY_NOON.timestamp()) * 1_000_000_000 - time.monotonic_ns()
    monkeypatch.setattr(ids, "time", SimpleNamespace(time_ns=lambda: time.monotonic_ns() + ahead))
    tokens: dict[Actor, dict[str, str]] = {}

    def send(actor: Actor | None, what: str, body: Any = None, *, key: str | None = None) -> TestResponse:
        method, path = what.split(" ", 1)
        if actor and actor not in tokens:
            tokens[actor] = world.bearer(actor)
        headers = {**tokens.get(actor, {}), **({"Idempotency-Key": key} if key else {})}  # type: ignore[arg-type]
        return app.test_client().open(f"/api/v1{path}", method=method, json=body, headers=headers)

    return send


def reads(answer: TestResponse) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json


def test_a_shop_is_found_by_trade_words_and_hours(sends: Sends, world: World) -> None:
    noodles, wash = world.shop("老灶牛肉面"), world.shop("快净洗车", trade="car_repair")
    world.offer(noodles, title={"zh": "满 30 减 8"})
    branch(
        world, wash, "柳渡店", hours=every_day(480, 1080), phone="021-5550-0101", place=Place(30.612, 104.012)
    )  # fmt: skip

    def found(query: str) -> list[str]:
        return [one["name"] for one in reads(sends(None, f"GET /shops?{query}"))["items"]]

    assert [one["code"] for one in reads(sends(None, "GET /trades"))["items"]][:1] == ["dining"]
    assert found("") == ["老灶牛肉面", "快净洗车"]
    assert found("trade=car_repair") == found("open_now=true") == found("q=柳渡店") == ["快净洗车"]
    assert found("q=满30") == ["老灶牛肉面"]
    assert found("trade=none") == []
    first = reads(sends(None, "GET /shops?limit=1"))
    assert found(f"limit=1&cursor={first['next']}") == ["快净洗车"]
    assert sends(None, f"GET /shops?cursor={uuid4()}").json["code"] == "cursor_malformed"  # type: ignore[index]


def test_a_shop_says_where_when_and_what(sends: Sends, world: World) -> None:
    shop = world.shop()
    branch(world, shop, "柳渡店", hours=every_day(1080, 120), phone="021-5550-0101", place=Place(30.612, 104.012))
    offer_id = world.offer(shop)
    told = reads(sends(None, f"GET /shops/{shop.merchant_id}"))
    there = told["branches"][1]
    assert told["takes_cards"]
    assert (there["latitude"], there["longitude"], there["phone"]) == (30.612, 104.012, "021-5550-0101")
    assert there["hours"][0] == {"weekday": 1, "begin": "18:00", "until": "02:00"}
    assert not there["open"]
    assert there["changes_at"] == "2026-11-25T10:00:00+00:00"
    assert [(one["id"], one["allowed"]) for one in told["offers"]] == [(str(offer_id), None)]
    assert sends(None, f"GET /shops/{uuid4()}").json["code"] == "merchant_unknown"  # type: ignore[index]


def test_an_offer_tells_all_its_terms_as_data_and_in_words(sends: Sends, world: World) -> None:
    shop = world.shop()
    offer_id = world.offer(
        shop, weekdays=(1, 2), hours=(Hours(1080, 120),), per_member_daily=1, budget_fen=500_00,
        branches=(BranchShare(shop.clerk.branch_id, 5),),  # type: ignore[arg-type]
    )  # fmt: skip
    told = reads(sends(None, f"GET /offers/{offer_id}"))
    terms = told["terms"]
    assert (terms["percent_off"], terms["weekdays"], terms["hours"]) == (
        10,
        [1, 2],
        [{"begin": "18:00", "until": "02:00"}],
    )
    assert terms["branches"] == [{"branch_id": str(shop.clerk.branch_id), "stock_total": 5}]
    assert "budget_fen" not in terms, "what an offer may cost in all is the federation's"
    assert "每人每天 1 次" in told["said"]
    assert (told["allowed"], told["again"]) == (None, None)


def test_a_member_is_told_why_not_and_when_again(sends: Sends, world: World) -> None:
    member, shop = world.member(), world.shop()
    world.offer(shop)
    closed = world.offer(shop, title={"zh": "周一见"}, weekdays=(1,))
    told = reads(sends(member, f"GET /offers/{closed}"))
    assert (told["allowed"], told["code"]) == (False, "not_this_weekday")
    assert told["again"] == "2026-11-29T16:00:00+00:00"
    assert told["used"] == {"today": 0, "this_week": 0, "this_month": 0, "in_all": 0}
    listed = reads(sends(member, "GET /offers"))["items"]
    assert [one["allowed"] for one in listed] == [False, True]
    assert [one["title"] for one in reads(sends(member, "GET /offers?usable=true"))["items"]] == ["堂食 9 折"]
    assert [one["title"] for one in reads(sends(None, "GET /offers?q=周一"))["items"]] == ["周一见"]


def test_what_was_never_published_is_not_there(sends: Sends, world: World) -> None:
    assert sends(None, f"GET /offers/{uuid4()}").json["code"] == "offer_unknown"  # type: ignore[index]
    assert sends(None, "GET /offers?place=30.6,104.0").status_code == 422, "no place of the reader is ever taken"


def test_a_member_tells_and_the_owner_answers(sends: Sends, world: World) -> None:
    member, shop = world.member(), world.shop()
    offer_id, clerk = world.offer(shop), world.clerk(shop, same_branch=True)
    told = {"branch_id": str(shop.clerk.branch_id), "note": "店员说\u0000没听说过"}
    first = sends(member, f"POST /offers/{offer_id}/refused", told)
    again = sends(member, f"POST /offers/{offer_id}/refused", {**told, "note": "再点一次"})
    assert (first.status_code, first.json) == (201, again.json)
    waiting = reads(sends(clerk, "GET /shop/complaints"))["waiting"]
    assert [(one["note"], one["hour"]) for one in waiting] == [("店员说 没听说过", "2026-11-25T12:00:00+08:00")]
    assert "member" not in str(waiting), "nothing tells one customer from another"
    path = f"POST /shop/complaints/{waiting[0]['id']}/answer"
    assert sends(clerk, path, {"answer": "对不起"}).json["code"] == "owner_only"  # type: ignore[index]
    assert reads(sends(shop.clerk, path, {"answer": "对不起，跟全店说好了"}))["answer"]["answered_as"] == "owner"
    assert sends(shop.clerk, path, {"answer": "再说一次"}).json["code"] == "complaint_answered"  # type: ignore[index]
    assert [one["answer"]["text"] for one in reads(sends(member, "GET /me/complaints"))["items"]] == [
        "对不起，跟全店说好了"
    ]
    stranger = sends(world.shop("别家").clerk, path, {"answer": "路过的"})
    assert stranger.json["code"] == "complaint_unknown"  # type: ignore[index]


def test_an_owner_reads_a_day_and_a_month_and_a_clerk_his_branch(sends: Sends, world: World) -> None:
    member, shop = world.member(), world.shop()
    offer_id, elsewhere = world.offer(shop), world.clerk(shop)
    scan = reads(sends(shop.clerk, "POST /shop/scan", {"code": world.code(member)}))
    bill = {"scan_id": scan["scan_id"], "offer_id": str(offer_id), "amount_fen": 4650}
    assert sends(shop.clerk, "POST /redemptions", bill, key="a-meal-of-today").status_code == 201
    day = reads(sends(shop.clerk, "GET /shop/redemptions?day=2026-11-25"))
    assert [(one["saved_fen"], one["clerk_name"]) for one in day["items"]] == [(465, "小唐")]
    assert (day["total"]["redemptions"], day["total"]["saved_fen"]) == (1, 465)
    assert reads(sends(shop.clerk, "GET /shop/redemptions?day=2026-11-24"))["items"] == []
    clerk = world.clerk(shop, same_branch=True)
    seen = reads(sends(clerk, "GET /shop/redemptions"))
    assert (seen["total"], seen["items"][0]["clerk_name"]) == (None, None)
    assert sends(elsewhere, "GET /shop/month").status_code == 200
    month = reads(sends(shop.clerk, "GET /shop/month?month=2026-11"))
    assert [(one["day"], one["sums"]["amount_fen"]) for one in month["days"]] == [("2026-11-25", 4650)]
    assert sends(clerk, "GET /shop/month").json["code"] == "owner_only"  # type: ignore[index]
    assert sends(shop.clerk, "GET /shop/redemptions?day=0001-01-01").json["code"] == "date_malformed"  # type: ignore[index]


def test_an_owner_holds_an_offer_back_and_looks_after_clerks(sends: Sends, world: World) -> None:
    shop, other = world.shop(), world.shop("别家")
    offer_id, clerk = world.offer(shop, stock_total=7), world.clerk(shop, same_branch=True)
    held = reads(sends(shop.clerk, f"POST /shop/offers/{offer_id}/pause"))
    assert (held["paused"], held["paused_by_shop"], held["stock_left"]) == (True, True, 7)
    assert reads(sends(shop.clerk, "GET /shop/offers"))["items"] == [held]
    assert not reads(sends(shop.clerk, f"POST /shop/offers/{offer_id}/resume"))["paused"]
    assert sends(other.clerk, f"POST /shop/offers/{offer_id}/pause").json["code"] == "offer_unknown"  # type: ignore[index]
    assert sends(clerk, f"POST /shop/offers/{offer_id}/pause").json["code"] == "owner_only"  # type: ignore[index]
    names = [(one["id"], one["owner"]) for one in reads(sends(shop.clerk, "GET /shop/clerks"))["items"]]
    assert names == [(str(shop.clerk.clerk_id), True), (str(clerk.clerk_id), False)]
    invited = sends(shop.clerk, "POST /shop/clerks", {"name": "小贺", "branch_id": str(shop.clerk.branch_id)})
    assert invited.status_code == 201
    assert len(invited.json["digits"]) == 6  # type: ignore[index]
    not_ours = {"name": "小贺", "branch_id": str(other.clerk.branch_id)}
    assert sends(shop.clerk, "POST /shop/clerks", not_ours).json["code"] == "branch_unknown"  # type: ignore[index]
    for stays in (shop.clerk, other.clerk):
        gone = sends(shop.clerk, f"DELETE /shop/clerks/{stays.clerk_id}")
        assert gone.json["code"] == "clerk_unknown"  # type: ignore[index]
    assert sends(shop.clerk, f"DELETE /shop/clerks/{clerk.clerk_id}").status_code == 204
    assert sends(clerk, "GET /shop/complaints").status_code == 401, "every till of his is closed"
