"""Partner shops for officers through the API: signed, written, published, suspended; no other federation's is there."""

import re
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask

from app import permissions
from app.blueprints import BLUEPRINTS
from services.accounts.types import OfficerActor
from services.core import clock
from services.unions import queries as unions
from tests.builders.events import Gathering
from tests.builders.notices import Noticing
from tests.builders.world import Shop, World
from tests.http.test_api_events import entered
from tests.http.test_api_shops import Sends, reads, sends
from tests.http.test_api_staff_events import written
from tests.http.test_api_staff_signups import drawn
from tests.http.test_complaints import of_another_federation, tell, use

__all__ = ["sends"]

BRANCH = {
    "name": {"zh": "总店"},
    "address": {"zh": "高营路 8 号", "en": "8 Gaoying Road"},
    "phone": "021-5550-0101",
    "place": {"latitude": 30.612, "longitude": 104.012},
    "hours": [{"weekday": 1, "begin": "18:00", "until": "02:00"}],
}
SHOP = {
    "name": {"zh": "老灶牛肉面", "en": "Old Stove"},
    "trade": "dining",
    "agreement": {"starts_on": "2026-11-25", "ends_on": "2027-11-24", "signed_by": "店主"},
    "branch": BRANCH,
}
TERMS: dict[str, Any] = {
    "title": {"zh": "满 30 减 8"},
    "kind": "amount_off",
    "amount_policy": "required",
    "threshold_fen": 3000,
    "off_fen": 800,
    "starts_on": "2026-11-25",
    "ends_on": "2090-12-31",
    "hours": [{"begin": "11:00", "until": "14:00"}],
    "per_member_daily": 1,
    "budget_fen": 80000,
}


def code(answer: Any, status: int) -> str:
    assert answer.status_code == status, answer.text
    said: str = answer.json["code"]
    return said


def test_a_shop_is_signed_once_and_looked_after(sends: Sends, world: World) -> None:
    desk = world.officer()
    made = sends(desk, "POST /staff/shops", SHOP, key="sign-the-noodles")
    assert made.status_code == 201, made.text
    assert sends(desk, "POST /staff/shops", SHOP, key="sign-the-noodles").json == made.json
    listed = reads(sends(desk, "GET /staff/shops?q=牛肉面&state=open"))
    shop = made.json
    assert shop is not None
    assert [one["id"] for one in listed["items"]] == [shop["id"]]
    assert listed["counts"] == {"open": 1}
    assert (shop["branches"][0]["hours"], shop["branches"][0]["latitude"]) == (BRANCH["hours"], 30.612)
    path = f"/staff/shops/{shop['id']}"
    changed = {"name": {"zh": "老灶面馆"}, "trade": "dining", "about": {"zh": "现熬牛骨汤"}}
    assert reads(sends(desk, f"PUT {path}", changed))["about"] == {"zh": "现熬牛骨汤"}
    plaque = {"number": "雍工惠 017", "hung_on": "2026-11-20"}
    assert reads(sends(desk, f"PUT {path}/plaque", plaque))["plaque_number"] == "雍工惠 017"
    suspended = reads(sends(desk, f"POST {path}/suspend", {"first_day": "2026-11-25", "reason": "门店装修"}))
    assert suspended["state"] == "suspended"
    assert reads(sends(None, "GET /shops"))["items"] == []
    assert reads(sends(desk, f"POST {path}/resume"))["state"] == "open"
    renewal = {"starts_on": "2027-11-25", "ends_on": "2028-11-24", "signed_by": "店主"}
    assert sends(desk, f"POST {path}/agreements", renewal, key="another-year").status_code == 201
    assert [one["ends_on"] for one in reads(sends(desk, f"GET {path}/agreements"))["items"]] == [
        "2028-11-24",
        "2027-11-24",
    ]
    ended = reads(sends(desk, f"POST {path}/end", {"last_day": "2026-11-25", "reason": "店主退出"}))
    assert (ended["agreement_until"], ended["ended_reason"]) == ("2026-11-25", "店主退出")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"trade": "no_such"}, "trade_unknown"),
        ({"name": {"zh": " "}}, "shop_name_missing"),
        ({"agreement": {**SHOP["agreement"], "ends_on": "2026-11-24"}}, "agreement_dates"),  # type: ignore[dict-item]
        ({"branch": {**BRANCH, "hours": [{"weekday": 1, "begin": "24:00", "until": "02:00"}]}}, "open_hours_malformed"),
        ({"branch": {**BRANCH, "phone": "打电话"}}, "union_phone_malformed"),
        ({"union_id": str(uuid4())}, "validation_failed"),
    ],
)
def test_a_shop_with_a_fault_is_not_signed(sends: Sends, world: World, wrong: dict[str, Any], said: str) -> None:
    desk = world.officer()
    assert code(sends(desk, "POST /staff/shops", {**SHOP, **wrong}, key="with-a-fault"), 422) == said
    assert reads(sends(desk, "GET /staff/shops"))["items"] == []
    assert code(sends(desk, "POST /staff/shops", SHOP), 422) == "idempotency_key_missing"


def test_a_browser_of_the_desk_may_call_it_with_the_token_of_its_page(app: Flask, world: World) -> None:
    client = app.test_client()
    client.set_cookie("gonghui", world.token(world.officer()))
    body, keyed = SHOP, {"Idempotency-Key": "sign-by-cookie"}
    assert code(client.post("/api/v1/staff/shops", json=body, headers=keyed), 403) == "page_out_of_date"
    page = client.get("/staff/shops/new").text
    token = re.search(r'name="csrf" value="([^"]+)"', page)
    assert token
    signed = client.post("/api/v1/staff/shops", json=body, headers={**keyed, "X-CSRF-Token": token[1]})
    assert signed.status_code == 201, signed.text


def test_branches_and_clerks_of_a_shop(sends: Sends, world: World) -> None:
    desk, shop, other = world.officer(), world.shop(), world.shop("别家")
    path = f"/staff/shops/{shop.merchant_id}"
    made = sends(desk, f"POST {path}/branches", BRANCH, key="a-second-branch").json
    assert made is not None
    branch = f"{path}/branches/{made['id']}"
    assert reads(sends(desk, f"PUT {branch}", {**BRANCH, "phone": "", "hours": []}))["phone"] is None
    assert reads(sends(desk, f"POST {branch}/close"))["closed_at"]
    assert reads(sends(desk, f"POST {branch}/reopen"))["closed_at"] is None
    elsewhere = f"POST /staff/shops/{other.merchant_id}/branches/{made['id']}/close"
    assert code(sends(desk, elsewhere), 404) == "branch_unknown"
    assert [one["owner"] for one in reads(sends(desk, f"GET {path}/clerks"))["items"]] == [True]
    assert code(sends(desk, f"POST {path}/owner", {"branch_id": made["id"]}), 401) == "fresh_check_needed"
    assert code(sends(desk, f"DELETE {path}/clerks/{other.clerk.clerk_id}"), 404) == "clerk_unknown"
    assert sends(desk, f"DELETE {path}/clerks/{shop.clerk.clerk_id}").status_code == 204


def test_an_offer_is_written_tried_published_and_ended(sends: Sends, world: World) -> None:
    desk, shop = world.officer(), world.shop()
    made = sends(desk, f"POST /staff/shops/{shop.merchant_id}/offers", TERMS, key="a-first-draft")
    assert made.status_code == 201, made.text
    draft = made.json
    assert draft is not None
    assert draft["terms"]["hours"] == TERMS["hours"]
    path = f"/staff/offers/{draft['offer_id']}"
    assert reads(sends(desk, f"GET {path}"))["holds"] is None
    assert reads(sends(None, "GET /offers"))["items"] == []
    tried = reads(sends(desk, f"POST {path}/preview", {"amount_fen": 4650}))
    assert (tried["allowed"], tried["saving"]) == (True, {"amount_fen": 4650, "saved_fen": 800, "pay_fen": 3850})
    assert reads(sends(desk, f"POST {path}/preview", {"amount_fen": 2000}))["code"] == "below_threshold"
    assert reads(sends(desk, f"POST {path}/preview", {"person": {"today": 1}}))["code"] == "daily_limit"
    late = {"at": "2026-11-26T15:00:00+08:00"}
    assert reads(sends(desk, f"POST {path}/preview", late))["code"] == "not_at_this_hour"
    wider = {"seen": draft["revision"], "terms": {**TERMS, "audience_union_id": str(world.town.id)}}
    again = reads(sends(desk, f"PUT {path}/draft", wider))
    assert code(sends(desk, f"PUT {path}/draft", wider), 409) == "draft_changed"
    assert reads(sends(desk, f"POST {path}/preview", {}))["code"] == "not_for_your_union"
    home = {"person": {"union_id": str(world.union.id)}, "amount_fen": 3000}
    assert reads(sends(desk, f"POST {path}/preview", home))["allowed"]
    seen = {"seen": again["revision"]}
    published = sends(desk, f"POST {path}/publish", seen, key="this-holds-now")
    assert published.status_code == 201, published.text
    assert sends(desk, f"POST {path}/publish", seen, key="this-holds-now").json == published.json
    assert code(sends(desk, f"POST {path}/publish", seen, key="once-more-please"), 409) == "nothing_to_publish"
    assert reads(sends(desk, f"POST {path}/pause"))["paused"]
    assert not reads(sends(desk, f"POST {path}/resume"))["paused"]
    assert [one["number"] for one in reads(sends(desk, f"GET {path}/history"))["items"]] == [1]
    of_shop = reads(sends(desk, f"GET /staff/shops/{shop.merchant_id}/offers"))
    assert ([one["version"] for one in of_shop["items"]], of_shop["drafts"]) == ([1], [])
    assert reads(sends(desk, f"POST {path}/withdraw"))["withdrawn"]
    assert code(sends(desk, f"POST {path}/withdraw"), 409) == "offer_withdrawn"


@pytest.mark.parametrize(
    ("wrong", "said", "field"),
    [
        ({"off_fen": 4000}, "off_above_threshold", "off_fen"),
        ({"off_fen": 8.5}, "amount_not_whole", "off_fen"),
        ({"budget_fen": 2_000_000_001}, "budget_range", "budget_fen"),
        ({"title": {"zh": "\u0000"}}, "title_missing", "title"),
        ({"per_member_weekly": 1, "per_member_daily": 2}, "limits_order", "per_member_daily"),
        ({"hours": [{"begin": "24:30", "until": "02:00"}]}, "open_hours_malformed", "hours"),
        ({"branches": [{"branch_id": str(uuid4())}]}, "branch_of_another_shop", "branches"),
        ({"price": 3}, "validation_failed", "price"),
        ({"starts_on": "0001-01-01"}, "validation_failed", "starts_on"),
    ],
)
def test_a_fault_of_terms_names_the_field_that_was_sent(
    sends: Sends, world: World, wrong: dict[str, Any], said: str, field: str
) -> None:
    shop = world.shop()
    answer = sends(
        world.officer(), f"POST /staff/shops/{shop.merchant_id}/offers", {**TERMS, **wrong}, key="with-a-fault"
    )
    assert code(answer, 422) == said
    assert field in answer.json["errors"]  # type: ignore[index]


def test_a_draft_is_dropped_and_its_audience_is_of_the_federation(sends: Sends, world: World) -> None:
    desk, shop = world.officer(), world.shop()
    elsewhere = of_another_federation(world)
    path, strange = f"POST /staff/shops/{shop.merchant_id}/offers", world.look(lambda: _federation_of(elsewhere))
    told = sends(desk, path, {**TERMS, "audience_union_id": strange}, key="for-strangers")
    assert code(told, 404) == "union_unknown"
    over = sends(desk, path, {**TERMS, "starts_on": "2025-01-01", "ends_on": "2025-12-31"}, key="for-nobody")
    assert code(over, 422) == "last_day_past" and "ends_on" in over.json["errors"]  # type: ignore[index]
    everybody = {**TERMS, "audience_union_id": str(world.federation.id)}
    draft = sends(desk, path, everybody, key="for-everybody").json
    assert draft is not None
    assert draft["terms"]["audience_union_id"] is None, "the whole federation is everybody"
    assert sends(desk, f"DELETE /staff/offers/{draft['offer_id']}/draft").status_code == 204
    assert code(sends(desk, f"GET /staff/offers/{draft['offer_id']}"), 404) == "offer_unknown"


def test_complaints_receipts_tasks_signals_and_figures(sends: Sends, world: World) -> None:
    desk, shop, member = world.officer(), world.shop(), world.member()
    offer_id = world.offer(shop)
    complaint_id = tell(world, member, shop, offer_id)
    receipt = use(world, member, shop.clerk, offer_id)
    assert sends(member, f"POST /me/redemptions/{receipt.id}/not-me").status_code == 200
    assert [one["kind"] for one in reads(sends(desk, "GET /staff/tasks"))["items"]] == ["dispute"]
    young = reads(sends(desk, "GET /staff/complaints"))["young"]
    assert [(one["id"], one["masked_name"]) for one in young] == [(str(complaint_id), "李*梅")]
    answer = f"POST /staff/complaints/{complaint_id}/answer"
    assert reads(sends(desk, answer, {"answer": "已和店主说好"}))["answer"]["answered_as"] == "union"
    assert code(sends(desk, answer, {"answer": "再说一次"}), 409) == "complaint_answered"
    disputed = reads(sends(desk, "GET /staff/receipts"))["items"]
    assert [(one["id"], one["clerk_name"]) for one in disputed] == [(str(receipt.id), "小唐")]
    assert reads(sends(desk, f"GET /staff/receipts?number={receipt.number}"))["items"] == disputed
    assert code(sends(desk, "GET /staff/receipts?number=7"), 422) == "receipt_number_wrong"
    wrong = {"reason": "wrong_customer"}
    undo = f"POST /staff/receipts/{receipt.id}/void"
    undone = sends(desk, undo, wrong, key="undo-this-one")
    assert reads(undone)["voided_at"]
    assert sends(desk, undo, wrong, key="undo-this-one").json == undone.json
    assert code(sends(desk, undo, wrong, key="undo-once-more"), 409) == "redemption_voided"
    found = reads(sends(desk, "GET /staff/figures"))
    assert (found["total"]["voided"], found["members"], len(found["hours"])) == (1, 1, 7)
    assert code(sends(desk, "GET /staff/figures?first=9999-12-30"), 422) == "date_malformed"
    assert reads(sends(desk, "GET /staff/signals"))["items"] == []
    assert code(sends(desk, f"POST /staff/signals/{uuid4()}/look", {"note": "问过店主"}), 404) == "signal_unknown"


SEEN_NOTICES = ("ask", "release")


def test_what_is_another_federations_is_not_there(
    app: Flask, sends: Sends, world: World, sql: psycopg.Connection
) -> None:
    shop, member, stranger = world.shop(), world.member(), of_another_federation(world)
    offer_id, clerk = world.offer(shop), shop.clerk
    named: dict[str, Any] = {
        "merchant_id": shop.merchant_id,
        "offer_id": offer_id,
        "branch_id": clerk.branch_id,
        "clerk_id": clerk.clerk_id,
        "complaint_id": tell(world, member, shop, offer_id),
        "redemption_id": use(world, member, clerk, offer_id).id,
        "signal_id": uuid4(),
        "event_id": (event_id := Gathering(world).event(unit_entry=True)),
        "signup_id": entered(sends, member, event_id)["id"],
        "key": "q1",
        # Of the installation, not of a federation: what is no message, and no channel here.
        "name": "no.such",
        "channel": "template",
        "layout": "safety",
        "miss_id": uuid4(),
        "notice_id": Noticing(world).written(Noticing(world).officer()),
    }
    bodies = _bodies(world, shop)
    guards = {one.blueprint.name: one.guard for one in BLUEPRINTS if one.prefix == "/api/v1"}
    met, wrong = set(), []
    sends(stranger, "GET /staff/shops")
    sql.execute("UPDATE sessions SET proved_at = %s", [clock.now()])
    for rule in app.url_map.iter_rules():
        if guards.get(rule.endpoint.rpartition(".")[0]) is not permissions.officer or not rule.arguments:
            continue
        path = app.url_map.bind("").build(rule.endpoint, {name: named[name] for name in rule.arguments})
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            key = str(uuid4())
            answer = sends(stranger, f"{method} {path.removeprefix('/api/v1')}", bodies.get(rule.endpoint), key=key)
            met.add(rule.endpoint)
            if answer.status_code != 404:
                wrong.append((method, path, answer.status_code, answer.text))
    assert wrong == []
    assert set(bodies) <= met
    for listed in ("shops", "tasks", "receipts", "signals"):
        assert reads(sends(stranger, f"GET /staff/{listed}"))["items"] == []
    assert reads(sends(stranger, "GET /staff/complaints"))["young"] == []
    assert reads(sends(stranger, "GET /staff/figures"))["total"]["redemptions"] == 0


def _bodies(world: World, shop: Shop) -> dict[str, Any]:
    """A good body for each route that takes one."""
    somebody = {"signup_id": str(uuid4()), "ordinal": 0}
    notice = {"union_id": str(world.federation.id), "title": {"zh": "通知"}, "body": {"zh": "正文"}, "seen": 1}
    return {
        "api_staff_shops.change": {"name": {"zh": "改名"}, "trade": "dining"},
        "api_staff_shops.hang": {},
        "api_staff_shops.suspend": {"first_day": "2026-11-25", "reason": "装修"},
        "api_staff_shops.end": {"last_day": "2026-11-25", "reason": "退出"},
        "api_staff_branches.open_one": BRANCH,
        "api_staff_branches.change": BRANCH,
        "api_staff_branches.renew": SHOP["agreement"],
        "api_staff_branches.invite_owner": {"branch_id": str(shop.clerk.branch_id)},
        "api_staff_offers.draft": TERMS,
        "api_staff_offers.redraft": {"seen": None, "terms": TERMS},
        "api_staff_offers.publish": {"seen": 1},
        "api_staff_preview.preview": {},
        "api_staff_work.answer": {"answer": "路过的"},
        "api_staff_work.void": {"reason": "returned"},
        "api_staff_work.settle": {"note": "路过的"},
        "api_staff_work.look": {"note": "路过的"},
        "api_staff_events.rewrite": {"revision": 1, "terms": written()},
        "api_staff_events.publish": {"revision": 1},
        "api_staff_events.cancel": {"note": "路过的"},
        "api_staff_signups.refuse": {"reason": "full"},
        "api_staff_signups.remove": {"reason": "other", "note": "路过的"},
        "api_staff_signups.answer": {"answers": {}},
        "api_staff_events.picture": {"revision": 1, "picture": drawn()},
        "api_staff_event_lists.find": {"q": "路人"},
        "api_staff_event_lists.refuse": {"signup_ids": [str(uuid4())], "reason": "full"},
        "api_staff_doors.find": {"q": "路人"},
        "api_staff_doors.walk_in": {"name": "路人", "phone": "10030000009"},
        "api_staff_doors.enter_ticks": {"ticks": [{**somebody, "at": "2026-11-25T01:00:00Z"}]},
        "api_staff_doors.undo": somebody,
        "api_staff_misses.clear": {"note": "路过的"},
        "api_staff_event_lists.approve": {"signup_ids": [str(uuid4())]},
        "api_staff_entries.look": {"people": [{"name": "路人"}]},
        "api_staff_entries.enter": {"members": [str(uuid4())]},
        "api_staff_notices.change": notice,
        "api_staff_messages.test": {"to": str(uuid4())},
        "api_staff_messages.set_layout": {"platform_id": "A" * 43, "keys": {}, "seen": 0},
        **{f"api_staff_notices.{verb}": {"seen": 1} for verb in SEEN_NOTICES},
    }


def _federation_of(actor: OfficerActor) -> str:
    return str(unions.at(actor.grants[0].scope).id)
