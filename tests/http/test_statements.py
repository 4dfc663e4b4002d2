"""How many statements the hot path sends: more would show at the till."""

from flask.testing import FlaskClient

from services.offers.types import Holidays
from tests.builders.world import World
from tests.harness.statements import statements

SCAN, REDEEM = 7, 10
OFFERS, SHOPS = 3, 4


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


def test_a_members_list_of_offers_stays_within_its_statements(client: FlaskClient, world: World) -> None:
    """The session, the trades, the offers with everything that decides them; one more asks about public holidays."""
    shop, member = world.shop(), world.bearer(world.member())
    for _ in range(3):
        world.offer(shop, per_member_daily=2, first_use=True, audience_union_id=world.town.id)
    for path in ("/offers", "/offers?mine=1", "/offers?q=面"):
        with statements() as sent:
            page = client.get(path, headers=member)
        assert page.text.count("您能用") == 3 and len(sent) <= OFFERS, (path, sent)
    world.offer(shop, holidays=Holidays.NOT)
    with statements() as sent:
        page = client.get("/offers", headers=member)
    assert page.text.count('class="deal"') == 4 and len(sent) <= OFFERS + 1, sent


def test_a_list_of_shops_stays_within_its_statements(client: FlaskClient, world: World) -> None:
    for _ in range(3):
        world.offer(world.shop())
    for path in ("/shops", "/shops?q=面", "/shops/all"):
        with statements() as sent:
            page = client.get(path)
        assert page.text.count("/shops/0") == 3 and len(sent) <= SHOPS, (path, sent)
