"""Who is told what."""

import uuid
from collections.abc import Callable

import psycopg
import pytest

from services.core import clock, outbox
from services.redemptions import service as redemptions
from services.redemptions.messages import TypingStopped
from services.redemptions.types import RedemptionId
from services.unions import service as unions
from services.unions.types import Level, UnionView
from tests.builders.world import World
from tests.races.till import Till


@pytest.fixture
def neighbour(world: World) -> UnionView:
    """Another federation on the same installation."""
    return world.do(lambda: unions.found(name={"zh": "邻区总工会"}, level=Level.FEDERATION))


def told(sql: psycopg.Connection, template: str) -> list[uuid.UUID]:
    query = "SELECT recipient_id FROM inbox_messages WHERE template = %s ORDER BY recipient_id"
    return [recipient for (recipient,) in sql.execute(query, [template])]


def test_a_dispute_is_told_to_the_members_own_federation(
    world: World, neighbour: UnionView, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    shop, member = world.shop(), world.member()
    till = Till(world, shop.clerk)
    done = till.redeem(till.scanned(member), world.offer(shop))
    redemption_id = RedemptionId(uuid.UUID(done.body["id"]))
    world.do(lambda: redemptions.dispute(actor=member, redemption_id=redemption_id, now=clock.now()))
    run_jobs()
    assert told(sql, "dispute.union") == [world.federation.id]
    assert told(sql, "dispute.member") == [member.member_id]
    assert told(sql, "dispute.branch") == [shop.clerk.branch_id]


def test_a_typing_stop_is_told_to_every_federation_as_a_shop_belongs_to_none_yet(
    world: World, neighbour: UnionView, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    branch_id = world.shop().clerk.branch_id
    world.do(lambda: outbox.post(TypingStopped(branch_id=branch_id)))
    run_jobs()
    assert told(sql, "typing.branch") == [branch_id]
    assert told(sql, "typing.union") == sorted([world.federation.id, neighbour.id])
