"""Which shops the public is shown, and whose offers."""

import psycopg
import pytest

from services.core import clock
from services.core.calendar import local_date
from services.core.paging import PageRequest
from services.merchants import queries as merchants
from services.offers import finding as offers
from tests.builders.world import Shop, World


def shown(world: World) -> tuple[list[str], list[str]]:
    """Names of the shops that are listed, and of the shops whose offers are."""
    today = local_date(clock.now())
    shops = world.look(lambda: merchants.shops(on=today))
    listed = world.look(lambda: offers.page_of_offers(now=clock.now(), request=PageRequest(cursor=None, limit=10)))
    return [shop.name["zh"] for shop in shops], [one.merchant_name["zh"] for one in listed.items]


@pytest.fixture
def two(world: World) -> Shop:
    """A shop that stays open and the one that this returns, each with an offer and two branches."""
    shops = [world.shop(name) for name in ("甲", "乙")]
    for shop in shops:
        world.clerk(shop)
        world.offer(shop)
    return shops[1]


def test_a_shop_is_shown_with_its_offers_while_one_branch_is_open(
    world: World, two: Shop, sql: psycopg.Connection
) -> None:
    assert shown(world) == (["甲", "乙"], ["乙", "甲"])
    sql.execute("UPDATE branches SET closed_at = now() WHERE id = %s", [two.clerk.branch_id])
    assert shown(world) == (["甲", "乙"], ["乙", "甲"])


@pytest.mark.parametrize(
    "end",
    [
        "UPDATE branches SET closed_at = now() WHERE merchant_id = %s",
        "UPDATE merchants SET suspended_on = current_date - 1, suspension_reason = 'x' WHERE id = %s",
        "UPDATE merchants SET agreement_until = current_date - 2 WHERE id = %s",
        "UPDATE merchants SET agreement_from = current_date + 2 WHERE id = %s",
    ],
)
def test_neither_a_shop_that_takes_no_cards_nor_its_offers_are_shown(
    world: World, two: Shop, sql: psycopg.Connection, end: str
) -> None:
    sql.execute(end, [two.merchant_id])
    assert shown(world) == (["甲"], ["甲"])
