"""A card that is stopped, given back or replaced while it is in use."""

from collections import Counter
from collections.abc import Callable
from functools import partial

import psycopg
import pytest

from services.accounts.types import MemberActor
from services.cards import service as cards
from services.cards.types import TypedCodeView
from services.core import clock
from services.offers import service as offers
from services.redemptions import service as redemptions
from services.redemptions.types import RedemptionId
from tests.builders.world import World
from tests.harness.invariants import nothing_doubled_or_lost
from tests.harness.threads import together
from tests.races.till import Till, count

MANY = 20
Verb = Callable[..., object]


def _on_card(world: World, verb: Verb, member: MemberActor) -> object:
    return world.do(lambda: verb(member_id=member.member_id, actor=member.label, now=clock.now()))


def _audited(sql: psycopg.Connection, action: str) -> int:
    return count(sql, "SELECT count(*) FROM audit_entries WHERE action = %s", action)


def _posted(sql: psycopg.Connection, topic: str) -> int:
    return count(sql, "SELECT count(*) FROM procrastinate_jobs WHERE task_name = %s", topic)


def test_twenty_freezes_at_once_are_one_freeze(world: World, sql: psycopg.Connection) -> None:
    member = world.member()
    together(*[partial(_on_card, world, cards.freeze, member)] * MANY)
    assert (_audited(sql, "card.frozen"), _posted(sql, "cards.frozen")) == (1, 1)

    together(*[partial(_on_card, world, cards.unfreeze, member)] * MANY)
    assert (_audited(sql, "card.active"), _posted(sql, "cards.frozen")) == (1, 1)


def test_freezes_and_unfreezes_at_once_alternate_in_the_audit_trail(world: World, sql: psycopg.Connection) -> None:
    member = world.member()
    verbs = [cards.freeze, cards.unfreeze] * MANY
    together(*(partial(_on_card, world, verb, member) for verb in verbs[:MANY]))

    frozen, lifted = _audited(sql, "card.frozen"), _audited(sql, "card.active")
    status = sql.execute("SELECT status FROM cards").fetchone()
    assert status == ("frozen" if frozen > lifted else "active",)
    assert frozen - lifted in (0, 1)
    assert _posted(sql, "cards.frozen") == frozen


def test_a_dispute_sent_twenty_times_at_once_is_one_dispute(world: World, sql: psycopg.Connection) -> None:
    shop, member = world.shop(), world.member()
    till = Till(world, shop.clerk)
    done = till.redeem(till.scanned(member), world.offer(shop))
    redemption_id = RedemptionId(done.body["id"])

    receipts = together(
        *[
            lambda: world.do(
                lambda: redemptions.dispute(actor=member, redemption_id=redemption_id, now=clock.now()).disputed_at
            )
        ]
        * MANY
    )

    assert len(set(receipts)) == 1
    assert (_audited(sql, "redemption.disputed"), _posted(sql, "redemptions.disputed")) == (1, 1)
    assert (_audited(sql, "card.frozen"), _posted(sql, "cards.frozen")) == (1, 0), "the dispute tells of the freeze"
    assert sql.execute("SELECT status FROM cards").fetchall() == [("frozen",)]
    nothing_doubled_or_lost(sql)


def test_twenty_reissues_at_once_leave_one_card_that_lives(world: World, sql: psycopg.Connection) -> None:
    member = world.member()
    together(*[partial(_on_card, world, cards.reissue, member)] * MANY)
    statuses = Counter(status for (status,) in sql.execute("SELECT status FROM cards"))
    assert statuses == {"active": 1, "replaced": MANY}
    nothing_doubled_or_lost(sql)


def test_a_freeze_that_meets_a_reissue_finds_the_new_card(world: World, sql: psycopg.Connection) -> None:
    members = [world.member() for _ in range(10)]
    works = [partial(_on_card, world, verb, member) for member in members for verb in (cards.reissue, cards.freeze)]
    together(*works)
    live = Counter(status for (status,) in sql.execute("SELECT status FROM cards WHERE status <> 'replaced'"))
    assert sum(live.values()) == len(members)
    assert _audited(sql, "card.frozen") == len(members), "every freeze that was answered did freeze a card"


def test_digits_asked_for_twenty_times_at_once_are_given_each_time_and_one_code_is_live(
    world: World, sql: psycopg.Connection
) -> None:
    member = world.member()
    given = together(*[lambda: world.do(lambda: cards.typed_code(member_id=member.member_id, now=clock.now()))] * MANY)
    assert all(isinstance(code, TypedCodeView) for code in given)
    assert count(sql, "SELECT count(*) FROM typed_codes") == 1


@pytest.mark.parametrize("stopper", ["freeze", "withdraw"])
def test_whoever_redeems_after_a_stop_was_answered_is_refused(
    world: World, sql: psycopg.Connection, stopper: str
) -> None:
    shop, member = world.shop(), world.member()
    offer_id = world.offer(shop, stock_total=100)
    tills = [Till(world, world.clerk(shop)) for _ in range(MANY)]
    scans = [till.scanned(member) for till in tills]
    stopped: list[bool] = []

    def stop() -> str:
        if stopper == "freeze":
            _on_card(world, cards.freeze, member)
        else:
            world.do(lambda: offers.withdraw(offer_id=offer_id, actor="test", now=clock.now()))
        stopped.append(True)
        return "stopped"

    def redeem(till: Till, scan: str) -> str:
        too_late = bool(stopped)
        code = till.redeem(scan, offer_id).code
        assert not (too_late and code == "done"), "redeemed after the stop had been answered"
        return code

    codes = together(*(partial(redeem, till, scan) for till, scan in zip(tills, scans, strict=True)), stop)

    refusal = {"freeze": "card_frozen", "withdraw": "offer_withdrawn"}[stopper]
    assert set(codes) <= {"done", refusal, "stopped"}
    assert count(sql, "SELECT count(*) FROM redemptions") == codes.count("done")
    assert count(sql, "SELECT count(*) FROM attempts WHERE code = %s", refusal) == codes.count(refusal)
    nothing_doubled_or_lost(sql, by_key=True)
    late = Till(world, shop.clerk)
    assert late.redeem(scans[0], offer_id).code in (refusal, "scan_of_another_clerk")
