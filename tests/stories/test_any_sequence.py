"""Whatever order people do things in, no limit is passed and every sum holds: random walks against a plain model."""

import datetime
from collections import Counter

import psycopg
import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from services.accounts.types import ClerkActor, MemberActor
from services.cards import service as cards
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Refusal
from services.offers import service as offers
from services.offers.types import OfferId
from services.redemptions import service as redemptions
from services.redemptions.types import ScanId
from tests.builders.world import World
from tests.harness.invariants import CHECKS, badly_told

LIMITS = st.one_of(st.none(), st.integers(1, 3))
WHICH = st.integers(0, 2)
BILLS = st.integers(1, 100_000)


class Walk(RuleBasedStateMachine):
    """Three members, three clerks of two shops, offers with any limits, days that pass.

    The model beside it only counts: who used what when, who is frozen, what is withdrawn.
    """

    world: World
    sql: psycopg.Connection

    @initialize()
    def open_shops(self) -> None:
        first, second = self.world.shop(), self.world.shop()
        self.clerks: list[ClerkActor] = [first.clerk, self.world.clerk(first), second.clerk]
        self.shops = [first, second]
        self.members: list[MemberActor] = [self.world.member() for _ in range(3)]
        self.now = clock.now()
        self.offers: list[tuple[OfferId, int, dict[str, int | None]]] = []
        self.publish(0, daily=1, total=2, stock=None)
        self.publish(0, daily=None, total=None, stock=2)
        self.publish(1, daily=2, total=None, stock=3)
        self.scans: list[tuple[ScanId, int, int, datetime.datetime]] = []
        self.used: list[tuple[OfferId, int, datetime.date]] = []
        self.spent: set[ScanId] = set()
        self.frozen: set[int] = set()
        self.withdrawn: set[OfferId] = set()

    @rule(shop=st.integers(0, 1), daily=LIMITS, total=LIMITS, stock=LIMITS)
    @precondition(lambda self: len(self.offers) < 9)
    def publish(self, shop: int, daily: int | None, total: int | None, stock: int | None) -> None:
        terms = {"per_member_daily": daily, "per_member_total": total, "stock_total": stock}
        self.offers.append((self.world.offer(self.shops[shop], **terms), shop, terms))

    @rule(member=WHICH, clerk=WHICH)
    def scan(self, member: int, clerk: int) -> None:
        self.now += datetime.timedelta(seconds=31)
        answer = self.world.do(lambda: self._scan(member, clerk))
        if member in self.frozen:
            assert isinstance(answer, Refusal)
            return
        assert not isinstance(answer, Refusal), answer
        self.scans.append((answer.id, member, clerk, self.now))

    def _scan(self, member: int, clerk: int) -> object:
        held = self.members[member]
        code = cards.typed_code(member_id=held.member_id, now=self.now)
        if isinstance(code, Refusal):
            return code
        return redemptions.scan(actor=self.clerks[clerk], text=code.digits, now=self.now)

    @rule(wishes=st.lists(st.tuples(WHICH, WHICH, st.integers(0, 8)), min_size=1, max_size=8), amount_fen=BILLS)
    def visits(self, wishes: list[tuple[int, int, int]], amount_fen: int) -> None:
        """The usual case: cards are scanned and offers of this very shop are taken."""
        for member, clerk, offer in wishes:
            fitting = [number for number, (_, shop, _) in enumerate(self.offers) if shop == _shop_of(clerk)]
            self.scan(member, clerk)
            if member not in self.frozen:
                self.redeem(0, fitting[offer % len(fitting)], clerk, amount_fen, own=True)

    @rule(scan=st.integers(0, 50), offer=st.integers(0, 8), clerk=WHICH, amount_fen=BILLS, own=st.booleans())
    @precondition(lambda self: self.scans and self.offers)
    def redeem(self, scan: int, offer: int, clerk: int, amount_fen: int, own: bool) -> None:
        scan_id, member, scanner, at = self.scans[-1 - scan % min(4, len(self.scans))]
        offer_id, shop, terms = self.offers[offer % len(self.offers)]
        clerk = scanner if own else clerk
        expected = self._may(scan_id, member, scanner, at, clerk, offer_id, shop, terms)
        answer = self.world.do(
            lambda: redemptions.redeem(
                actor=self.clerks[clerk], scan_id=scan_id, offer_id=offer_id, amount_fen=amount_fen, now=self.now
            )
        )
        assert isinstance(answer, Refusal) is not expected, answer
        if not isinstance(answer, Refusal):
            self.spent.add(scan_id)
            self.used.append((offer_id, member, local_date(self.now)))

    def _may(
        self, scan_id: ScanId, member: int, scanner: int, at: datetime.datetime, clerk: int, offer_id: OfferId,
        shop: int, terms: dict[str, int | None],
    ) -> bool:  # fmt: skip
        mine = [day for used, who, day in self.used if used == offer_id and who == member]
        counts = {
            "per_member_daily": mine.count(local_date(self.now)),
            "per_member_total": len(mine),
            "stock_total": sum(used == offer_id for used, _, _ in self.used),
        }
        return (
            clerk == scanner
            and scan_id not in self.spent
            and self.now < at + datetime.timedelta(minutes=5)
            and member not in self.frozen
            and shop == _shop_of(clerk)
            and offer_id not in self.withdrawn
            and all(limit is None or counts[name] < limit for name, limit in terms.items())
        )

    @rule(member=WHICH, stop=st.booleans())
    def freeze_or_unfreeze(self, member: int, stop: bool) -> None:
        held = self.members[member]
        verb = cards.freeze if stop else cards.unfreeze
        self.world.do(lambda: verb(member_id=held.member_id, actor=held.label, now=self.now))
        (self.frozen.add if stop else self.frozen.discard)(member)

    @rule(member=WHICH)
    def reissue(self, member: int) -> None:
        held = self.members[member]
        self.world.do(lambda: cards.reissue(member_id=held.member_id, actor="test", now=self.now))
        self.frozen.discard(member)
        self.scans = [scan for scan in self.scans if scan[1] != member]

    @rule(offer=st.integers(0, 8))
    @precondition(lambda self: self.offers)
    def withdraw(self, offer: int) -> None:
        offer_id = self.offers[offer % len(self.offers)][0]
        self.world.do(lambda: offers.withdraw(offer_id=offer_id, actor="test", now=self.now))
        self.withdrawn.add(offer_id)

    @rule(hours=st.sampled_from([0, 0, 1, 13, 24]))
    def time_passes(self, hours: int) -> None:
        self.now += datetime.timedelta(hours=hours)

    @invariant()
    def every_sum_holds(self) -> None:
        for name, query in CHECKS.items():
            assert not self.sql.execute(query).fetchall(), name

    def teardown(self) -> None:
        if hasattr(self, "used"):
            known = [offer_id for offer_id, _, _ in self.offers]
            stored = self.sql.execute(
                "SELECT offer_id, count(*) FROM redemptions WHERE offer_id = ANY(%s) GROUP BY 1", [known]
            )
            assert dict(stored.fetchall()) == Counter(offer_id for offer_id, _, _ in self.used)
            assert not badly_told(self.sql, drained=False)


def _shop_of(clerk: int) -> int:
    """Clerks 0 and 1 stand in shop 0, clerk 2 in shop 1."""
    return 1 if clerk == 2 else 0


def _walk(app: Flask, sql: psycopg.Connection, *, examples: int, steps: int) -> None:
    world = World(app)
    machine = type("Bound", (Walk,), {"world": world, "sql": sql})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
    done = sql.execute("SELECT count(*) FROM redemptions").fetchone()
    assert done is not None
    assert done[0] > examples, f"the walks led somewhere: {done[0]}"


@pytest.mark.timeout(400)
def test_no_sequence_of_a_few_dozen_acts_passes_a_limit_or_breaks_a_sum(app: Flask, sql: psycopg.Connection) -> None:
    _walk(app, sql, examples=6, steps=25)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_no_sequence_of_many_acts_passes_a_limit_or_breaks_a_sum(app: Flask, sql: psycopg.Connection) -> None:
    _walk(app, sql, examples=150, steps=80)
