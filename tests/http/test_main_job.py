"""The main job through the JSON API: a card works at a partner shop, once, and both are told."""

from collections.abc import Callable

from flask.testing import FlaskClient

from tests.builders.world import World


def test_a_card_is_scanned_and_redeemed_and_both_sides_know(
    client: FlaskClient, world: World, run_jobs: Callable[[], None]
) -> None:
    shop, member = world.shop(), world.member()
    offer_id = world.offer(shop)
    clerk, mine = world.bearer(shop.clerk), world.bearer(member)

    card = client.get("/api/v1/me/card", headers=mine).json
    assert card["url"].isupper()
    scan = client.post("/api/v1/shop/scan", json={"code": card["url"]}, headers=clerk)
    assert scan.status_code == 200, scan.json
    assert scan.json["member"]["masked_name"] == "李*梅"
    assert [(offer["id"], offer["allowed"]) for offer in scan.json["offers"]] == [(str(offer_id), True)]

    body = {"scan_id": scan.json["scan_id"], "offer_id": str(offer_id), "amount_fen": 4650}
    headers = {**clerk, "Idempotency-Key": "till-1-0001"}
    done = client.post("/api/v1/redemptions", json=body, headers=headers)
    assert done.status_code == 201, done.json
    assert (done.json["saved_fen"], done.json["pay_fen"]) == (465, 4185)

    again = client.post("/api/v1/redemptions", json=body, headers=headers)
    assert (again.status_code, again.json) == (201, done.json)

    history = client.get("/api/v1/me/redemptions", headers=mine).json
    assert [one["id"] for one in history["items"]] == [done.json["id"]]
    run_jobs()
    messages = client.get("/api/v1/me/messages", headers=mine).json["items"]
    assert [message["title"] for message in messages] == ["您的会员卡刚用过一次"]
    assert done.json["number"] in messages[0]["body"]


def test_a_redemption_is_undone_once_and_the_same_key_says_so_again(client: FlaskClient, world: World) -> None:
    shop, member = world.shop(), world.member()
    offer_id = world.offer(shop)
    clerk, mine = world.bearer(shop.clerk), world.bearer(member)
    scan = client.post("/api/v1/shop/scan", json={"code": world.code(member)}, headers=clerk).json["scan_id"]
    bill = {"scan_id": scan, "offer_id": str(offer_id), "amount_fen": 4650}
    done = client.post("/api/v1/redemptions", json=bill, headers={**clerk, "Idempotency-Key": "till-1-0001"}).json
    path = f"/api/v1/redemptions/{done['id']}/void"
    first, other = ({**clerk, "Idempotency-Key": key} for key in ("void-1-0001", "void-1-0002"))
    for wrong in ({"reason": "whim"}, {"reason": "other"}, {}):
        assert client.post(path, json=wrong, headers=first).status_code == 422
    stranger = {**world.bearer(world.shop("别家店").clerk), "Idempotency-Key": "void-1-0003"}
    assert client.post(path, json={"reason": "not_given"}, headers=stranger).status_code == 404
    undone = [client.post(path, json={"reason": "not_given"}, headers=first) for _ in range(2)]
    assert [one.status_code for one in undone] == [200, 200] and undone[0].json == undone[1].json
    assert undone[0].json["voided_at"]
    late = client.post(path, json={"reason": "not_given"}, headers=other)
    assert (late.status_code, late.json["code"]) == (409, "redemption_voided")
    assert client.get("/api/v1/me/redemptions", headers=mine).json["items"][0]["voided_at"]
