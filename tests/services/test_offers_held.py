"""A shop and its federation over one offer: handed in, answered, held back by either."""

import uuid
from collections.abc import Callable

import psycopg
import pytest

from services.core import clock
from services.core.errors import Conflict, TooOften
from services.offers import queries, service
from services.offers.errors import HELD_TOO_OFTEN, PAUSED_BY_UNION, PROPOSALS_OPEN
from services.offers.service.holding import MOST_A_DAY
from services.offers.service.publishing import MOST_PROPOSALS
from services.offers.types import OfferId
from services.unions import service as unions
from services.unions.types import Level
from tests.builders.world import Shop, World


def told(sql: psycopg.Connection, template: str) -> list[uuid.UUID]:
    query = "SELECT recipient_id FROM inbox_messages WHERE template = %s ORDER BY recipient_id"
    return [recipient for (recipient,) in sql.execute(query, [template])]


def propose(world: World, shop: Shop) -> OfferId:
    terms, actor = world.terms(), shop.clerk.label
    return world.do(
        lambda: service.draft(merchant_id=shop.merchant_id, terms=terms, actor=actor, now=clock.now(), by_shop=True)
    )


def hold(world: World, offer_id: OfferId, verb: Callable[..., None], *, by_shop: bool) -> None:
    world.do(lambda: verb(offer_id=offer_id, actor="test", now=clock.now(), by_shop=by_shop))


def test_what_a_shop_hands_in_waits_for_its_own_federation(
    world: World, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    other = world.do(lambda: unions.found(name={"zh": "邻区总工会"}, level=Level.FEDERATION))
    offer_id = propose(world, world.shop())
    run_jobs()
    assert told(sql, "proposal.union") == [world.federation.id]
    waiting = [world.look(lambda at=at: queries.drafts_waiting((at.path,))) for at in (world.federation, other)]  # type: ignore[misc]
    assert [[one.offer_id for one in drafts] for drafts in waiting] == [[offer_id], []]


@pytest.mark.parametrize(("verb", "template"), [("publish", "proposal.accepted"), ("discard", "proposal.dropped")])
def test_the_shop_is_told_what_became_of_it_once(
    world: World, sql: psycopg.Connection, run_jobs: Callable[[], None], verb: str, template: str
) -> None:
    shop = world.shop()
    offer_id = propose(world, shop)
    seen = {"seen": 1} if verb == "publish" else {}
    world.do(lambda: getattr(service, verb)(offer_id=offer_id, actor="officer", now=clock.now(), **seen))
    run_jobs()
    assert told(sql, template) == [shop.clerk.branch_id]
    assert world.look(lambda: queries.drafts_waiting((world.federation.path,))) == []


def test_the_next_version_of_what_a_shop_handed_in_is_no_answer(
    world: World, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    shop = world.shop()
    offer_id = propose(world, shop)
    for seen in (1, 2):
        world.do(lambda seen=seen: service.publish(offer_id=offer_id, seen=seen, actor="o", now=clock.now()))  # type: ignore[misc]
        world.do(
            lambda: service.redraft(
                offer_id=offer_id, terms=world.terms(percent_off=20), seen=None, actor="o", now=clock.now()
            )
        )
    run_jobs()
    assert len(told(sql, "proposal.accepted")) == 1
    assert world.look(lambda: queries.drafts_waiting((world.federation.path,))) == []


def test_a_shop_that_takes_its_draft_back_is_not_told_of_it(
    world: World, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    offer_id = propose(world, world.shop())
    hold(world, offer_id, service.discard, by_shop=True)
    run_jobs()
    assert told(sql, "proposal.dropped") == [] and told(sql, "proposal.union") == []


def test_a_shop_holds_its_offer_back_and_the_federation_is_told_of_both(
    world: World, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    offer_id = world.offer(world.shop())
    for verb in (service.pause, service.pause, service.resume, service.resume):
        hold(world, offer_id, verb, by_shop=True)
    run_jobs()
    assert (told(sql, "held.union"), told(sql, "let_go.union")) == ([world.federation.id], [world.federation.id])


def test_what_the_federation_holds_back_the_shop_does_not_let_go(world: World) -> None:
    offer_id = world.offer(world.shop())
    hold(world, offer_id, service.pause, by_shop=True)
    hold(world, offer_id, service.pause, by_shop=False)
    with pytest.raises(Conflict, match=PAUSED_BY_UNION):
        hold(world, offer_id, service.resume, by_shop=True)
    hold(world, offer_id, service.pause, by_shop=True)
    assert world.look(lambda: queries.offer(offer_id)).paused_by_shop is False
    hold(world, offer_id, service.resume, by_shop=False)
    assert world.look(lambda: queries.offer(offer_id)).paused is False


@pytest.mark.usefixtures("same_moment")
def test_a_shop_changes_its_mind_so_often_a_day_and_the_federation_as_often_as_it_likes(
    world: World,
) -> None:
    shop = world.shop()
    offer_id, other = world.offer(shop), world.offer(shop)
    for _ in range(MOST_A_DAY // 2):
        hold(world, offer_id, service.pause, by_shop=True)
        hold(world, offer_id, service.resume, by_shop=True)
        hold(world, offer_id, service.resume, by_shop=True)
    with pytest.raises(TooOften, match=HELD_TOO_OFTEN):
        hold(world, offer_id, service.pause, by_shop=True)
    assert world.look(lambda: queries.offer(offer_id)).paused is False
    hold(world, other, service.pause, by_shop=True)
    hold(world, offer_id, service.pause, by_shop=False)
    assert world.look(lambda: queries.offer(offer_id)).paused


def test_no_more_proposals_of_a_shop_wait_than_an_officer_can_read(world: World) -> None:
    shop, next_door = world.shop(), world.shop("隔壁")
    proposals = [propose(world, shop) for _ in range(MOST_PROPOSALS)]
    with pytest.raises(Conflict, match=PROPOSALS_OPEN):
        propose(world, shop)
    propose(world, next_door)
    hold(world, proposals[0], service.discard, by_shop=True)
    propose(world, shop)
    world.do(lambda: service.publish(offer_id=proposals[1], seen=1, actor="o", now=clock.now()))
    propose(world, shop)
