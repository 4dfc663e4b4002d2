"""What a client can get wrong that has nothing to do with a card: each a clear problem, none a fault of ours."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from services.members.types import Standing
from tests.builders.world import World


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "code"),
        ({"code": ""}, "code"),
        ({"code": 12345678}, "code"),
        ({"code": "x" * 201}, "code"),
        ({"code": None}, "code"),
        ({"code": "12345678", "clerk_id": "me"}, "clerk_id"),
    ],
)
def test_a_field_that_is_wrong_is_named(client: FlaskClient, world: World, body: dict[str, Any], field: str) -> None:
    response = client.post("/api/v1/shop/scan", json=body, headers=world.bearer(world.shop().clerk))
    assert (response.status_code, response.json["code"]) == (422, "validation_failed")
    assert list(response.json["errors"]) == [field]


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b'"x"', b"\xff\xfe", b"{" * 5000, b"[" * 60_000, b"9" * 6000])
def test_a_body_that_is_no_json_object_is_refused(client: FlaskClient, world: World, data: bytes) -> None:
    headers = {**world.bearer(world.shop().clerk), "Content-Type": "application/json"}
    response = client.post("/api/v1/shop/scan", data=data, headers=headers)
    assert response.status_code in (400, 422), response.json
    assert response.content_type == "application/problem+json"


def test_a_body_over_the_limit_is_refused(client: FlaskClient, world: World) -> None:
    response = client.post("/api/v1/shop/scan", json={"code": "x" * 70_000}, headers=world.bearer(world.shop().clerk))
    assert (response.status_code, response.json["code"]) == (413, "body_too_large")


def test_nobody_and_the_wrong_person_are_kept_out(client: FlaskClient, world: World) -> None:
    nobody = client.get("/api/v1/me")
    assert (nobody.status_code, nobody.json["code"]) == (401, "not_signed_in")
    stale = client.get("/api/v1/me", headers={"Authorization": "Bearer nothing"})
    assert (stale.status_code, stale.json["code"]) == (401, "session_ended")
    clerk = client.get("/api/v1/me", headers=world.bearer(world.shop().clerk))
    assert (clerk.status_code, clerk.json["code"]) == (403, "not_allowed")


def test_signing_out_ends_the_session_at_once(client: FlaskClient, world: World) -> None:
    mine = world.bearer(world.member())
    assert client.delete("/api/v1/session", headers=mine).status_code == 204
    assert client.get("/api/v1/me", headers=mine).json["code"] == "session_ended"


def test_another_members_redemption_cannot_be_disputed_or_known(client: FlaskClient, world: World) -> None:
    shop, owner, stranger = world.shop(), world.member(), world.member("王强")
    clerk = world.bearer(shop.clerk)
    scan = client.post("/api/v1/shop/scan", json={"code": world.code(owner)}, headers=clerk).json
    body = {"scan_id": scan["scan_id"], "offer_id": str(world.offer(shop)), "amount_fen": 100}
    done = client.post("/api/v1/redemptions", json=body, headers={**clerk, "Idempotency-Key": "key-12345"}).json
    path = f"/api/v1/me/redemptions/{done['id']}/not-me"
    refused = client.post(path, headers=world.bearer(stranger))
    assert (refused.status_code, refused.json["code"]) == (404, "redemption_unknown")
    mine = world.bearer(owner)
    assert client.post(path, headers=mine).json["disputed_at"]
    assert client.post(path, headers=mine).status_code == 200
    assert client.get("/api/v1/me/card", headers=mine).json["status"] == "frozen"


@pytest.mark.parametrize("query", ["cursor=zzz", "cursor=%00", "limit=0", "limit=101", "limit=x", "page=2"])
def test_a_list_refuses_a_page_that_is_none(client: FlaskClient, world: World, query: str) -> None:
    response = client.get(f"/api/v1/me/redemptions?{query}", headers=world.bearer(world.member()))
    assert response.status_code == 422, response.json


def test_an_unknown_address_and_a_wrong_method_are_problems(client: FlaskClient) -> None:
    missing = client.get("/api/v1/nothing")
    assert (missing.status_code, missing.json["code"]) == (404, "not_found")
    wrong = client.put("/api/v1/shops")
    assert (wrong.status_code, wrong.json["code"]) == (405, "method_not_allowed")
    assert "GET" in wrong.headers["Allow"]


def test_english_is_spoken_when_asked_for(client: FlaskClient) -> None:
    chinese = client.get("/api/v1/me").json["detail"]
    english = client.get("/api/v1/me", headers={"Accept-Language": "en"}).json["detail"]
    assert (chinese, english) == ("请先登录。", "Please sign in first.")


def test_shops_and_offers_are_read_without_a_sign_in_and_judged_for_a_member(client: FlaskClient, world: World) -> None:
    shop, member = world.shop(), world.member()
    world.offer(shop)
    assert [one["name"] for one in client.get("/api/v1/shops").json["items"]] == ["老灶牛肉面"]
    assert [one["allowed"] for one in client.get("/api/v1/offers").json["items"]] == [None]
    assert [one["allowed"] for one in client.get("/api/v1/offers", headers=world.bearer(member)).json["items"]] == [
        True
    ]
    assert client.get("/api/v1/shops?trade=sport").json["items"] == []
    assert client.get("/api/v1/shops?trade=tea").json["items"] == [], "no such trade"


def test_lists_are_paged_by_cursor(client: FlaskClient, world: World) -> None:
    shop = world.shop()
    made = [str(world.offer(shop)) for _ in range(5)]
    first = client.get("/api/v1/offers?limit=3").json
    second = client.get(f"/api/v1/offers?limit=3&cursor={first['next']}").json
    assert [one["id"] for one in first["items"] + second["items"]] == made[::-1]
    assert second["next"] is None


def test_every_answer_carries_its_protections(client: FlaskClient) -> None:
    headers = client.get("/api/v1/shops").headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


def test_a_cookie_alone_cannot_write(client: FlaskClient, world: World) -> None:
    client.set_cookie("gonghui", world.token(world.member()))
    assert client.get("/api/v1/me").status_code == 200
    response = client.post("/api/v1/me/card/freeze")
    assert (response.status_code, response.json["code"]) == (403, "page_out_of_date")


def test_the_demo_signs_in_only_where_it_is_switched_on(client: FlaskClient, world: World) -> None:
    world.member()
    response = client.post("/api/v1/session/demo", json={"persona": "member"})
    assert response.status_code == 201
    token = {"Authorization": f"Bearer {response.json['token']}"}
    assert client.get("/api/v1/me", headers=token).json["name"] == "李春梅"
    assert client.post("/api/v1/session/demo", json={"persona": "admin"}).status_code == 422


def test_a_suspended_member_reads_that_nothing_is_allowed(client: FlaskClient, world: World) -> None:
    world.offer(world.shop())
    headers = world.bearer(world.member(standing=Standing.SUSPENDED))
    offers = client.get("/api/v1/offers", headers=headers).json["items"]
    assert [(offer["allowed"], offer["code"]) for offer in offers] == [(False, "member_suspended")]


def test_a_fault_in_an_error_page_is_still_an_answer_and_logs_no_path(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = client.get("/C/SECRETCODE123", headers={"Host": "x" * 80 + ".cn"})
    assert 400 <= answer.status_code < 600
    assert "SECRETCODE" not in "".join(capsys.readouterr())
