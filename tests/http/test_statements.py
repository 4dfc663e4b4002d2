"""How many statements the hot path sends: more would show at the till."""

from flask.testing import FlaskClient

from tests.builders.world import World
from tests.harness.statements import statements

SCAN, REDEEM = 7, 10


def test_scan_and_redeem_stay_within_their_statements(client: FlaskClient, world: World) -> None:
    """With every kind of limit there is: daily, total, stock and audience."""
    shop, member = world.shop(), world.member()
    offer_id = world.offer(
        shop, per_member_daily=2, per_member_total=9, stock_total=50, audience_union_id=world.town.id
    )
    clerk = world.bearer(shop.clerk)
    with statements() as at_scan:
        scan = client.post("/api/v1/shop/scan", json={"code": world.code(member)}, headers=clerk)
    # The test itself read the card to make the code.
    assert scan.status_code == 200 and len(at_scan) - 1 <= SCAN, at_scan
    body = {"scan_id": scan.json["scan_id"], "offer_id": str(offer_id), "amount_fen": 4650}
    with statements() as at_redeem:
        done = client.post("/api/v1/redemptions", json=body, headers={**clerk, "Idempotency-Key": "key-00001"})
    assert done.status_code == 201, done.json
    assert len(at_redeem) <= REDEEM, at_redeem
