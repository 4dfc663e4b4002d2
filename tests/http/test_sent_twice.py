"""The same form sent twice, as a slow line makes people do: one offer, one branch, one undoing."""

import psycopg
import pytest
from flask.testing import FlaskClient

from services.core import clock
from services.core.calendar import local_date
from services.redemptions import service
from services.redemptions.types import RedemptionId
from tests.builders.world import DAY, Shop, World
from tests.http.pages import Reader


@pytest.fixture
def shop(world: World) -> Shop:
    return world.shop()


def days() -> dict[str, str]:
    today = local_date(clock.now())
    return {"starts_on": str(today), "ends_on": str(today + DAY)}


def test_an_offer_that_is_handed_in_twice_is_one(
    client: FlaskClient, world: World, shop: Shop, sql: psycopg.Connection
) -> None:
    owner = Reader(client, world, shop.clerk)
    page = owner.open("/shop/offers/new?kind=gift")
    sent = [owner.send(page, "/new", kind="gift", gift="酸梅汤", **days()) for _ in range(2)]
    assert [answer.status_code for answer in sent] == [303, 303] and sent[0].location == sent[1].location
    assert sql.execute("SELECT count(*) FROM offers").fetchone() == (1,)
    other = owner.send(page, "/new", kind="gift", gift="绿豆汤", **days())
    assert other.status_code == 422 and 'value="绿豆汤"' in other.text, "what was typed is not lost"
    assert owner.send(other.text, "/new", kind="gift", gift="绿豆汤", **days()).status_code == 303, "sent again it goes"


def test_all_that_was_ticked_counts_as_what_was_sent(
    client: FlaskClient, world: World, shop: Shop, sql: psycopg.Connection
) -> None:
    owner = Reader(client, world, shop.clerk)
    page = owner.open("/shop/offers/new?kind=gift")
    typed = {"kind": "gift", "gift": "酸梅汤", **days()}
    assert owner.send(page, "/new", **typed, weekdays=["1", "2"]).status_code == 303  # type: ignore[arg-type]
    assert owner.send(page, "/new", **typed, weekdays=["1", "3"]).status_code == 422  # type: ignore[arg-type]


def test_a_draft_and_a_branch_of_the_desk_are_one_each(
    client: FlaskClient, world: World, shop: Shop, sql: psycopg.Connection
) -> None:
    officer = Reader(client, world, world.officer())
    page = officer.open(f"/staff/offers/shop/{shop.merchant_id}/new?kind=percent")
    sent = [officer.send(page, "/new", kind="percent", zhe="9", **days()).location for _ in range(2)]
    assert sent[0] == sent[1]
    assert sql.execute("SELECT count(*) FROM offers").fetchone() == (1,)
    page = officer.open(f"/staff/shops/{shop.merchant_id}/branches/new")
    typed = {"branch": "二店", "address": "钟楼巷 4 号", "begin": "09:00", "until": "21:00"}
    assert [officer.send(page, "/new", **typed).status_code for _ in range(2)] == [303, 303]
    assert sql.execute("SELECT count(*) FROM branches").fetchone() == (2,)


def test_one_key_does_not_undo_two(client: FlaskClient, world: World, shop: Shop, sql: psycopg.Connection) -> None:
    """The second form would have led to a receipt that still stands."""
    offer_id = world.offer(shop)

    def use(name: str) -> RedemptionId:
        member = world.member(name)
        scan = world.do(lambda: service.scan(actor=shop.clerk, text=world.code(member), now=clock.now()))
        done = world.do(
            lambda: service.redeem(
                actor=shop.clerk,
                scan_id=scan.id,  # type: ignore[union-attr]
                offer_id=offer_id,
                amount_fen=100,
                now=clock.now(),
            )
        )
        return done.id  # type: ignore[union-attr]

    headers, body = world.bearer(shop.clerk), {"reason": "returned", "key": "one-and-the-same"}
    answers = [
        client.post(f"/shop/redemptions/{one}/undo", data=body, headers=headers).status_code
        for one in (use("李春梅"), use("王强"))
    ]
    assert answers == [303, 422]
    assert sql.execute("SELECT count(*) FROM voids").fetchone() == (1,)
