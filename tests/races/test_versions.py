"""Terms that change while tills are busy, and officers who write at the same time."""

from collections import Counter
from collections.abc import Callable
from functools import partial

import psycopg
import pytest

from services.core import clock
from services.core.errors import Conflict, Invalid
from services.merchants.types import BranchId
from services.offers import queries
from services.offers import service as offers
from services.offers.types import BranchShare, OfferId, Terms
from tests.builders.world import World
from tests.harness.invariants import nothing_doubled_or_lost
from tests.harness.threads import together
from tests.races.till import BILL, Till, count

TILLS = 24
FEW, MANY = [2], [pytest.param(50, marks=[pytest.mark.soak, pytest.mark.timeout(1200)])]


def said(world: World, verb: Callable[..., object], **given: object) -> str:
    """ "done", or the code of what was raised."""
    try:
        world.do(lambda: verb(actor="test", now=clock.now(), **given))
    except (Conflict, Invalid) as no:
        return no.code
    return "done"


def written(world: World, offer_id: OfferId, terms: Terms, *, seen: int | None = None) -> int:
    """Writes the next version and returns its revision."""

    def write() -> int:
        offers.redraft(offer_id=offer_id, terms=terms, seen=seen, actor="test", now=clock.now())
        draft = queries.draft(offer_id)
        assert draft is not None
        return draft.revision

    return world.do(write)


def redeem(till: Till, scan_id: str, offer_id: OfferId) -> str:
    return till.redeem(scan_id, offer_id).code


@pytest.mark.parametrize("rounds", FEW + MANY)
def test_a_new_version_among_redemptions_decides_those_after_it_and_no_other(
    world: World, sql: psycopg.Connection, rounds: int
) -> None:
    shop = world.shop()
    clerks = [shop.clerk, *(world.clerk(shop) for _ in range(5))]
    tills = [Till(world, clerk) for clerk in clerks] * (TILLS // 6)
    own = tuple(BranchShare(BranchId(one.branch_id), 3 if one is shop.clerk else None) for one in clerks)
    for _ in range(rounds):
        offer = world.offer(shop, stock_total=20, percent_off=10)
        scans = [till.scanned(world.member()) for till in tills]
        tighter = world.terms(stock_total=12, percent_off=20, branches=own)
        publish = partial(said, world, offers.publish, offer_id=offer, seen=written(world, offer, tighter))
        tries = [partial(redeem, till, scan, offer) for till, scan in zip(tills, scans, strict=True)]
        published, *answers = together(publish, *tries)

        tally = Counter(answers)
        assert published in ("done", "stock_below_taken")
        assert tally["done"] == (12 if published == "done" else 20)
        assert set(tally) <= {"done", "sold_out", "sold_out_here"}
        assert count(sql, "SELECT stock_taken FROM offers WHERE id = %s", offer) == tally["done"]
        wrong = "SELECT count(*) FROM redemptions r JOIN offer_versions v ON v.id = r.version_id WHERE r.offer_id = %s "
        assert count(sql, wrong + "AND r.saved_fen <> %s * v.percent_off / 100", offer, BILL) == 0
    nothing_doubled_or_lost(sql, by_key=True)


@pytest.mark.parametrize("rounds", FEW + MANY)
def test_of_many_who_write_the_same_draft_one_is_heard(world: World, sql: psycopg.Connection, rounds: int) -> None:
    offer = world.offer(world.shop())
    for number in range(2, rounds + 2):
        writes = [
            partial(said, world, offers.redraft, offer_id=offer, terms=world.terms(percent_off=percent), seen=None)
            for percent in range(10, 18)
        ]
        assert Counter(together(*writes)) == {"done": 1, "draft_changed": 7}

        draft = world.look(lambda: queries.draft(offer))
        assert draft is not None
        publish = partial(said, world, offers.publish, offer_id=offer, seen=draft.revision)
        assert Counter(together(*[publish] * 8)) == {"done": 1, "nothing_to_publish": 7}
        assert world.look(lambda: queries.offer(offer)).percent_off == draft.terms.percent_off
        assert count(sql, "SELECT max(number) FROM offer_versions") == number
    assert count(sql, "SELECT count(*) FROM audit_entries WHERE action = 'offer.published'") == rounds + 1


@pytest.mark.parametrize("rounds", FEW + MANY)
def test_nobody_publishes_or_drops_what_he_has_not_seen(world: World, sql: psycopg.Connection, rounds: int) -> None:
    offer = world.offer(world.shop())
    for percent in range(20, 20 + rounds):
        terms, newer = world.terms(percent_off=percent), world.terms(percent_off=99)
        seen = written(world, offer, terms)
        published, rewritten = together(
            partial(said, world, offers.publish, offer_id=offer, seen=seen),
            partial(said, world, offers.redraft, offer_id=offer, terms=newer, seen=seen),
        )
        assert sorted((published, rewritten)) == ["done", "draft_changed"]
        holds = world.look(lambda: queries.offer(offer)).percent_off
        assert holds != 99
        assert (holds == percent) is (published == "done")
        if rewritten == "done":
            world.do(lambda: offers.discard(offer_id=offer, actor="test", now=clock.now()))


def test_a_dropped_draft_is_not_mistaken_for_the_next_one(world: World) -> None:
    offer = world.offer(world.shop())
    seen = written(world, offer, world.terms(percent_off=20))
    world.do(lambda: offers.discard(offer_id=offer, actor="test", now=clock.now()))
    written(world, offer, world.terms(percent_off=99))
    assert said(world, offers.publish, offer_id=offer, seen=seen) == "draft_changed"
