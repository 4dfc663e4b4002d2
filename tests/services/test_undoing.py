"""A redemption is undone: by whom, until when, and everything that it took is there again."""

import datetime
from typing import Any

import psycopg
import pytest

from services.accounts.types import ClerkActor, OfficerActor
from services.core import clock
from services.core.calendar import DAY, day_start, local_date
from services.core.errors import Conflict, NotFound, Refusal
from services.core.ids import uuid7
from services.merchants.types import BranchId
from services.offers.types import BranchShare, OfferId
from services.redemptions import errors, queries
from services.redemptions import service as redemptions
from services.redemptions.messages import RedemptionVoided
from services.redemptions.types import Capacity, Receipt, RedemptionId, VoidReason
from tests.builders.world import Shop, World
from tests.harness.invariants import nothing_doubled_or_lost
from tests.services.test_offers import publish, redeem

Actor = ClerkActor | OfficerActor
MINUTE = datetime.timedelta(minutes=1)
LIMITS: dict[str, Any] = {
    "per_member_daily": 1, "per_member_weekly": 1, "per_member_monthly": 1, "per_member_total": 1, "stock_total": 1,
    "budget_fen": 1_000,
}  # fmt: skip
COUNTERS = """SELECT (SELECT sum(used) FROM allowances), (SELECT sum(stock_taken) FROM offers),
    (SELECT sum(budget_spent_fen) FROM offers), (SELECT sum(taken) FROM branch_stocks)"""


class Scene:
    """A shop with two branches, a redemption at the second of them at 23:50 in China, and whoever may undo it."""

    def __init__(self, world: World) -> None:
        self.world, self.shop, self.member = world, world.shop(), world.member()
        self.owner_there = world.clerk(self.shop)
        there = Shop(self.shop.merchant_id, self.owner_there)
        self.clerk = world.clerk(there, same_branch=True)
        self.clerk_here = world.clerk(self.shop, same_branch=True)
        self.owner, self.officer = self.shop.clerk, world.officer()
        self.stranger = world.shop().clerk
        self.at = day_start(local_date(clock.now())) + datetime.timedelta(hours=23, minutes=50)
        branches = tuple(BranchShare(BranchId(one.branch_id), 1) for one in (self.owner, self.clerk))
        self.offer = world.offer(self.shop, **LIMITS, branches=branches)
        self.made = self.redeemed()

    def redeemed(self, at: datetime.datetime | None = None) -> Receipt:
        made = redeem(self.world, self.clerk, self.member, self.offer, now=at or self.at)
        assert isinstance(made, Receipt), made
        return made

    def undo(self, actor: Actor, after: datetime.timedelta = MINUTE, **given: Any) -> Receipt | Refusal:
        said: dict[str, Any] = {"redemption_id": self.made.id, "reason": VoidReason.WRONG_OFFER, "note": None, **given}
        return self.world.do(lambda: redemptions.void(actor=actor, now=self.at + after, **said))

    def dispute(self) -> None:
        self.world.do(lambda: redemptions.dispute(actor=self.member, redemption_id=self.made.id, now=self.at + MINUTE))


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


#: who, how long after 23:50, the code of the no
MAY = [
    ("clerk", 0 * MINUTE, None),
    ("clerk", 30 * MINUTE, None),  # over midnight: half an hour is half an hour
    ("clerk", 30 * MINUTE + datetime.timedelta(seconds=1), errors.VOID_TOO_LATE_CLERK),
    ("owner", 30 * MINUTE, None),  # no less than his clerk
    ("owner", 31 * MINUTE, errors.VOID_TOO_LATE_OWNER),
    ("owner_there", 1 * MINUTE, None),
    ("officer", 31 * MINUTE, None),
    ("officer", 400 * DAY, None),
]


@pytest.mark.parametrize(("who", "after", "code"), MAY)
def test_each_may_undo_in_his_time(scene: Scene, who: str, after: datetime.timedelta, code: str | None) -> None:
    answer = scene.undo(getattr(scene, who), after)
    assert (answer.code if isinstance(answer, Refusal) else None) == code
    if isinstance(answer, Receipt):
        assert answer.voided_at == scene.at + after


def test_the_owner_undoes_until_midnight_what_was_redeemed_in_the_morning(scene: Scene) -> None:
    morning = scene.at + datetime.timedelta(hours=9)
    assert isinstance(scene.undo(scene.officer, 31 * MINUTE), Receipt)
    scene.made = scene.redeemed(at=morning)
    end = day_start(local_date(morning) + DAY) - scene.at
    no = scene.undo(scene.clerk, end - MINUTE)
    assert isinstance(no, Refusal)
    assert no.code == errors.VOID_TOO_LATE_CLERK
    no = scene.undo(scene.owner, end)
    assert isinstance(no, Refusal)
    assert no.code == errors.VOID_TOO_LATE_OWNER
    assert isinstance(scene.undo(scene.owner, end - MINUTE), Receipt)


@pytest.mark.parametrize("who", ["clerk_here", "stranger"])
def test_another_branch_and_another_shop_do_not_know_of_it(scene: Scene, who: str) -> None:
    with pytest.raises(NotFound) as raised:
        scene.undo(getattr(scene, who))
    assert raised.value.code == errors.REDEMPTION_UNKNOWN


def test_what_does_not_exist_is_unknown_to_an_officer_too(scene: Scene) -> None:
    with pytest.raises(NotFound):
        scene.undo(scene.officer, redemption_id=RedemptionId(uuid7()))


@pytest.mark.parametrize("reason", VoidReason)
@pytest.mark.parametrize(
    ("who", "capacity"),
    [("clerk", Capacity.CLERK), ("owner", Capacity.OWNER), ("officer", Capacity.OFFICER)],
)
def test_who_and_why_are_kept(
    scene: Scene, sql: psycopg.Connection, who: str, capacity: Capacity, reason: VoidReason
) -> None:
    actor: Actor = getattr(scene, who)
    scene.undo(actor, reason=reason, note="顾客换了一份")
    found = scene.world.look(lambda: queries.undoing(scene.made.id))
    assert found is not None
    assert (found.capacity, found.reason, found.note, found.actor) == (capacity, reason, "顾客换了一份", actor.label)
    entry = sql.execute("SELECT actor, detail FROM audit_entries WHERE action = 'redemption.voided'").fetchone()
    assert entry == (actor.label, {"capacity": capacity, "reason": reason, "saved_fen": 1_000})
    told = sql.execute("SELECT args #>> '{payload,redemption_id}' FROM procrastinate_jobs WHERE task_name = %s",
                       [RedemptionVoided.topic]).fetchall()  # fmt: skip
    assert told == [(str(scene.made.id),)]


def test_what_stands_has_no_undoing(scene: Scene) -> None:
    assert scene.world.look(lambda: queries.undoing(scene.made.id)) is None


def test_everything_that_it_took_is_there_again(scene: Scene, sql: psycopg.Connection) -> None:
    assert sql.execute(COUNTERS).fetchone() == (4, 1, 1_000, 1)
    assert isinstance(scene.undo(scene.clerk), Receipt)
    assert sql.execute(COUNTERS).fetchone() == (0, 0, 0, 0)
    scene.redeemed(at=scene.at + 2 * MINUTE)
    assert sql.execute(COUNTERS).fetchone() == (4, 1, 1_000, 1)
    nothing_doubled_or_lost(sql)


def test_twice_is_refused_and_gives_nothing_back_twice(scene: Scene, sql: psycopg.Connection) -> None:
    scene.undo(scene.clerk)
    for actor in (scene.clerk, scene.owner, scene.officer):
        answer = scene.undo(actor)
        assert isinstance(answer, Refusal)
        assert answer.code == errors.REDEMPTION_VOIDED
    assert sql.execute("SELECT count(*) FROM voids").fetchone() == (1,)
    nothing_doubled_or_lost(sql)


def test_what_is_disputed_only_an_officer_undoes(scene: Scene, sql: psycopg.Connection) -> None:
    scene.dispute()
    for actor in (scene.clerk, scene.owner):
        answer = scene.undo(actor)
        assert isinstance(answer, Refusal)
        assert answer.code == errors.REDEMPTION_DISPUTED
    assert isinstance(scene.undo(scene.officer), Receipt)
    scene.dispute()  # said twice: nothing more happens
    nothing_doubled_or_lost(sql)


def test_what_is_undone_cannot_be_disputed_any_more(scene: Scene, sql: psycopg.Connection) -> None:
    scene.undo(scene.clerk)
    with pytest.raises(Conflict) as raised:
        scene.dispute()
    assert raised.value.code == errors.REDEMPTION_VOIDED
    assert sql.execute("SELECT status FROM cards").fetchall() == [("active",)]


def test_what_is_undone_counts_in_no_sum(scene: Scene) -> None:
    day, branch = local_date(scene.at), scene.clerk.branch_id
    sums = {"member_id": scene.member.member_id, "since": scene.at - MINUTE}
    assert scene.world.look(lambda: queries.saved_since(**sums)) == (1, 1_000)
    assert scene.world.look(lambda: queries.count_at_branch(branch_id=branch, day=day)) == 1
    scene.undo(scene.clerk)
    assert scene.world.look(lambda: queries.saved_since(**sums)) == (0, 0)
    assert scene.world.look(lambda: queries.count_at_branch(branch_id=branch, day=day)) == 0
    assert scene.world.look(lambda: queries.latest_of_member(**sums)) is None
    assert scene.world.look(lambda: queries.shops_used(scene.member.member_id)) == frozenset()


def test_it_gives_back_by_the_terms_that_it_was_decided_by(scene: Scene, sql: psycopg.Connection) -> None:
    publish(scene.world, scene.offer, scene.world.terms())  # no limit, no stock, no budget any more
    later = redeem(scene.world, scene.clerk, scene.member, scene.offer, now=scene.at + MINUTE)
    assert isinstance(later, Receipt)
    assert isinstance(scene.undo(scene.clerk, redemption_id=later.id), Receipt)
    assert sql.execute(COUNTERS).fetchone() == (4, 1, 1_000, 1), "it took nothing, so it gives nothing back"
    assert isinstance(scene.undo(scene.clerk), Receipt)
    assert sql.execute(COUNTERS).fetchone() == (0, 0, 0, 0)
    nothing_doubled_or_lost(sql)


def test_a_limit_of_a_later_version_does_not_count_what_was_before_it(world: World, sql: psycopg.Connection) -> None:
    shop, member = world.shop(), world.member()
    offer: OfferId = world.offer(shop)
    before = redeem(world, shop.clerk, member, offer)
    publish(world, offer, world.terms(per_member_total=1, stock_total=1))
    assert isinstance(before, Receipt)
    assert isinstance(redeem(world, shop.clerk, member, offer), Receipt)
    world.do(
        lambda: redemptions.void(
            actor=shop.clerk, redemption_id=before.id, reason=VoidReason.RETURNED, note=None, now=clock.now()
        )
    )
    answer = redeem(world, shop.clerk, member, offer)
    assert isinstance(answer, Refusal), "what it did not count it does not give back"
    assert answer.code == "sold_out"
    nothing_doubled_or_lost(sql)


def test_ten_uses_that_add_up_with_anything_hide_none_that_does_not(world: World) -> None:
    shop, member, start = world.shop(), world.member(), clock.now()
    alone, friendly, other = (world.offer(shop, stacks=stacks) for stacks in (False, True, False))
    second = datetime.timedelta(seconds=31)
    assert isinstance(redeem(world, shop.clerk, member, alone, now=start), Receipt)
    for number in range(1, 12):
        assert isinstance(redeem(world, shop.clerk, member, friendly, now=start + number * second), Receipt)
    answer = redeem(world, shop.clerk, member, other, now=start + 12 * second)
    assert isinstance(answer, Refusal)
    assert answer.code == "not_with_another"
