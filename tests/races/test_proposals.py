"""A shop that hands in many offers at once has no more of them waiting than it may."""

from flask import Flask

from services.core import clock
from services.core.errors import Conflict
from services.offers import queries, service
from services.offers.errors import PROPOSALS_OPEN
from services.offers.service.publishing import MOST_PROPOSALS
from tests.builders.world import World
from tests.harness.threads import crowd, together

__all__ = ["crowd"]

ROOM = 3
AT_ONCE = 12


def test_the_last_places_go_once(crowd: Flask) -> None:
    world = World(crowd)
    shop, terms = world.shop(), world.terms()

    def propose() -> str:
        given = {"merchant_id": shop.merchant_id, "terms": terms, "actor": "shop", "by_shop": True}
        try:
            world.do(lambda: service.draft(**given, now=clock.now()))  # type: ignore[arg-type]
        except Conflict as refused:
            return refused.code
        return "done"

    for _ in range(MOST_PROPOSALS - ROOM):
        assert propose() == "done"
    answers = together(*[propose] * AT_ONCE)
    assert sorted(answers) == ["done"] * ROOM + [PROPOSALS_OPEN] * (AT_ONCE - ROOM)
    assert len(world.look(lambda: queries.drafts_of(shop.merchant_id))) == MOST_PROPOSALS
