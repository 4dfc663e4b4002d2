"""Whatever order people do things in, no limit is passed and every sum holds: random walks against a plain model."""

import datetime
from collections import Counter
from dataclasses import replace
from typing import Any

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
from services.core.calendar import day_start, local_date
from services.core.errors import Conflict, Invalid, NotFound, Refusal
from services.offers import errors
from services.offers import queries as offer_queries
from services.offers import service as offers
from services.offers.types import BranchShare, OfferId, Terms
from services.redemptions import service as redemptions
from services.redemptions.errors import REDEMPTION_VOIDED
from services.redemptions.types import Receipt, ScanId, VoidReason
from tests.builders.world import World
from tests.harness.invariants import CHECKS, badly_told
from tests.stories.ledger import DAY, Known, Use, ends, may_be_given, may_hold, off, why_not_undone

WHICH = st.integers(0, 2)
BILLS = st.integers(1, 100_000)
LONGEST = datetime.timedelta(days=250)
"""Agreements and offers run longer: what ends is another test's matter."""
SHORTLY = datetime.timedelta(minutes=1)

_limit = st.one_of(st.none(), st.integers(1, 3))
_stock = st.one_of(st.none(), st.integers(1, 4))


@st.composite
def wishes(draw: st.DrawFn) -> dict[str, Any]:
    """Limits of an offer; `own` are the stocks of its shop's branches, where it names them."""
    most = draw(st.lists(_limit, min_size=4, max_size=4))
    known = iter(sorted(one for one in most if one is not None))
    daily, weekly, monthly, total = (None if one is None else next(known) for one in most)
    return {
        "per_member_daily": daily,
        "per_member_weekly": weekly,
        "per_member_monthly": monthly,
        "per_member_total": total,
        "stock_total": draw(_stock),
        "budget_fen": draw(st.one_of(st.none(), st.integers(1, 20_000))),
        "most_off_fen": draw(st.one_of(st.none(), st.integers(1, 8_000))),
        "first_use": draw(st.sampled_from([False, False, False, True])),
        "stacks": draw(st.booleans()),
        "own": draw(st.one_of(st.none(), st.tuples(_stock, _stock), st.tuples(_stock))),
    }


class Walk(RuleBasedStateMachine):
    """Three members, clerk and owners of two shops, offers with any limits that change, days that pass.

    The model beside it (tests/stories/ledger.py) only lists uses.
    """

    world: World
    sql: psycopg.Connection

    @initialize()
    def open_shops(self) -> None:
        first, second = self.world.shop(), self.world.shop()
        elsewhere = replace(first, clerk=self.world.clerk(first))
        self.clerks: list[ClerkActor] = [first.clerk, self.world.clerk(elsewhere, same_branch=True), second.clerk]
        self.owners = [True, False, True]
        self.officer = self.world.officer()
        self.shops = [first, second]
        self.members: list[MemberActor] = [self.world.member() for _ in range(3)]
        self.now = self.began = clock.now()
        self.offers: list[Known] = []
        usual = {"own": None, "stacks": True}
        self.publish(0, {**usual, "per_member_daily": 1, "per_member_total": 2})
        self.publish(0, {**usual, "stock_total": 2, "own": (None, 1)})
        self.publish(1, {**usual, "per_member_weekly": 2, "stacks": False, "budget_fen": 9_000})
        self.scans: list[tuple[ScanId, int, int, datetime.datetime]] = []
        self.spent: set[ScanId] = set()
        self.frozen: set[int] = set()
        # However a walk goes on, somebody has used something, and something was undone.
        self.visits([(0, 0, 0, True), (1, 1, 1, False)], 4_650)

    def _terms(self, shop: int, wish: dict[str, Any]) -> Terms:
        branches = [self.clerks[2].branch_id] if shop else [one.branch_id for one in self.clerks[:2]]
        shares = tuple(BranchShare(*pair) for pair in zip(branches, wish["own"] or (), strict=False))  # type: ignore[arg-type]
        said = {name: value for name, value in wish.items() if name != "own"}
        return self.world.terms(**said, branches=shares, ends_on=local_date(self.began) + LONGEST + 40 * DAY)

    @rule(shop=st.integers(0, 1), wish=wishes())
    @precondition(lambda self: len(self.offers) < 9)
    def publish(self, shop: int, wish: dict[str, Any]) -> None:
        terms = self._terms(shop, wish)

        def build() -> OfferId:
            offer_id = offers.draft(merchant_id=self.shops[shop].merchant_id, terms=terms, actor="test", now=self.now)
            offers.publish(offer_id=offer_id, seen=1, actor="test", now=self.now)
            return offer_id

        self.offers.append(Known(self.world.do(build), shop, terms))

    @rule(offer=st.integers(0, 8), wish=wishes())
    def say_it_anew(self, offer: int, wish: dict[str, Any]) -> None:
        """The next version: its limits may be tighter or looser, or there are none any more."""
        known = self._offer(offer)
        terms = self._terms(known.shop, wish)

        def build() -> None:
            offers.redraft(offer_id=known.id, terms=terms, seen=None, actor="test", now=self.now)
            draft = offer_queries.draft(known.id)
            assert draft is not None
            offers.publish(offer_id=known.id, seen=draft.revision, actor="test", now=self.now)

        said = self._done_or_code(build)
        if known.withdrawn:
            assert said == errors.OFFER_WITHDRAWN
        elif may_hold(known, terms):
            assert said is None
            known.terms = terms
        else:
            assert said in (errors.STOCK_BELOW_TAKEN, errors.BUDGET_BELOW_SPENT)

    def _done_or_code(self, work: Any) -> str | None:
        """None, or the code of what was raised."""
        try:
            self.world.do(work)
        except (Conflict, Invalid, NotFound) as no:
            return no.code
        return None

    @rule(member=WHICH, clerk=WHICH)
    def scan(self, member: int, clerk: int) -> None:
        self.now += datetime.timedelta(seconds=31)
        answer = self.world.do(lambda: self._scan(member, clerk))
        if member in self.frozen:
            assert isinstance(answer, Refusal)
            return
        assert not isinstance(answer, Refusal), answer
        self.scans.append((answer.id, member, clerk, self.now))

    def _scan(self, member: int, clerk: int) -> Any:
        held = self.members[member]
        code = cards.typed_code(member_id=held.member_id, now=self.now)
        if isinstance(code, Refusal):
            return code
        return redemptions.scan(actor=self.clerks[clerk], text=code.digits, now=self.now)

    @rule(
        wanted=st.lists(st.tuples(WHICH, WHICH, st.integers(0, 8), st.booleans()), min_size=1, max_size=8),
        amount_fen=BILLS,
    )
    def visits(self, wanted: list[tuple[int, int, int, bool]], amount_fen: int) -> None:
        """The usual case: cards are scanned, offers of this very shop are taken, and some uses were a slip."""
        for member, clerk, offer, slip in wanted:
            fitting = [number for number, one in enumerate(self.offers) if one.shop == _shop_of(clerk)]
            if member in self.frozen:
                self.freeze_or_unfreeze(member, stop=False)
            self.scan(member, clerk)
            before = len(self.spent)
            self.redeem(0, fitting[offer % len(fitting)], clerk, amount_fen, own=True)
            if slip and len(self.spent) > before:
                self.undo(0, clerk, VoidReason.WRONG_AMOUNT)

    @rule(scan=st.integers(0, 50), offer=st.integers(0, 8), clerk=WHICH, amount_fen=BILLS, own=st.booleans())
    @precondition(lambda self: self.scans)
    def redeem(self, scan: int, offer: int, clerk: int, amount_fen: int, own: bool) -> None:
        scan_id, member, scanner, at = self.scans[-1 - scan % min(4, len(self.scans))]
        known, clerk = self._offer(offer), scanner if own else clerk
        saved = off(known.terms, amount_fen)
        expected = (
            clerk == scanner
            and scan_id not in self.spent
            and self.now < at + datetime.timedelta(minutes=5)
            and member not in self.frozen
            and known.shop == _shop_of(clerk)
            and may_be_given(
                known, self.offers, member=member, branch_id=self.clerks[clerk].branch_id, saved_fen=saved, now=self.now
            )
        )
        answer = self.world.do(
            lambda: redemptions.redeem(
                actor=self.clerks[clerk], scan_id=scan_id, offer_id=known.id, amount_fen=amount_fen, now=self.now
            )
        )
        assert isinstance(answer, Refusal) is not expected, answer
        if isinstance(answer, Receipt):
            assert (answer.saved_fen, answer.pay_fen) == (saved, amount_fen - saved)
            assert answer.version_id
            self.spent.add(scan_id)
            use = Use(answer.id, known, answer.version_id, known.terms, member, self.clerks[clerk], self.now, saved)
            known.uses.append(use)

    @rule(which=st.integers(0, 50), clerk=st.sampled_from([None, 0, 1, 2]), reason=st.sampled_from(VoidReason))
    @precondition(lambda self: any(one.uses for one in self.offers))
    def undo(self, which: int, clerk: int | None, reason: VoidReason) -> None:
        use = self._use(which)
        who = None if clerk is None else self.clerks[clerk]
        expected = why_not_undone(use, who, owner=clerk is not None and self.owners[clerk], now=self.now)
        try:
            answer = self.world.do(
                lambda: redemptions.void(
                    actor=who or self.officer, redemption_id=use.id, reason=reason, note=None, now=self.now
                )
            )
        except NotFound as no:
            answer = Refusal(no.code)
        assert (answer.code if isinstance(answer, Refusal) else None) == expected
        use.voided = use.voided or expected is None

    @rule(which=st.integers(0, 50))
    @precondition(lambda self: any(one.uses for one in self.offers))
    def not_me(self, which: int) -> None:
        use = self._use(which)
        said = self._done_or_code(
            lambda: redemptions.dispute(actor=self.members[use.member], redemption_id=use.id, now=self.now)
        )
        assert said == (REDEMPTION_VOIDED if use.voided and not use.disputed else None)
        if said is None and not use.disputed:
            use.disputed = True
            self.frozen.add(use.member)

    def _use(self, which: int) -> Use:
        """One of the latest."""
        uses = sorted((use for one in self.offers for use in one.uses), key=lambda use: use.at)
        return uses[-1 - which % min(6, len(uses))]

    def _offer(self, which: int) -> Known:
        return self.offers[which % len(self.offers)]

    @rule(member=WHICH, stop=st.sampled_from([False, False, True]))
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

    @rule(offer=st.integers(0, 8), stop=st.sampled_from([False, False, True]))
    def pause_or_resume(self, offer: int, stop: bool) -> None:
        known, verb = self._offer(offer), offers.pause if stop else offers.resume
        said = self._done_or_code(lambda: verb(offer_id=known.id, actor="test", now=self.now))
        assert said == (errors.OFFER_WITHDRAWN if known.withdrawn else None)
        known.paused = known.paused if known.withdrawn else stop

    @rule(offer=st.integers(0, 8))
    @precondition(lambda self: len(self.offers) > 4)
    def withdraw(self, offer: int) -> None:
        known = self._offer(offer)
        said = self._done_or_code(lambda: offers.withdraw(offer_id=known.id, actor="test", now=self.now))
        assert said == (errors.OFFER_WITHDRAWN if known.withdrawn else None)
        known.withdrawn = True

    @rule(minutes=st.sampled_from([1, 14, 16, 29, 60, 13 * 60, 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        self.now += datetime.timedelta(minutes=minutes)

    @rule(of=st.sampled_from(["day", "day", "week", "month"]))
    @precondition(lambda self: self.now < self.began + LONGEST)
    def almost_the_end(self, of: str) -> None:
        """One minute before midnight in China, of today or of the last day of this week or month."""
        self.now = max(self.now, day_start(ends(self.now, of=of) + DAY) - SHORTLY)

    @invariant()
    def every_sum_holds(self) -> None:
        for name, query in CHECKS.items():
            assert not self.sql.execute(query).fetchall(), name

    def teardown(self) -> None:
        if not hasattr(self, "scans"):
            return
        uses = {use.id: use for one in self.offers for use in one.uses}
        stored = self.sql.execute(
            "SELECT id, version_id, saved_fen, voided_at IS NOT NULL, disputed_at IS NOT NULL FROM redemptions "
            "WHERE offer_id = ANY(%s)",
            [[one.id for one in self.offers]],
        ).fetchall()
        assert Counter(stored) == Counter(
            (use.id, use.version_id, use.saved_fen, use.voided, use.disputed) for use in uses.values()
        )
        counters = self.sql.execute(
            "SELECT id, stock_taken, budget_spent_fen FROM offers WHERE id = ANY(%s)", [[one.id for one in self.offers]]
        ).fetchall()
        assert set(counters) == {(one.id, one.taken(), one.spent()) for one in self.offers}
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
    done = sql.execute("SELECT count(*), count(voided_at), count(DISTINCT version_id) FROM redemptions").fetchone()
    assert done is not None
    assert done[0] > examples, f"the walks led somewhere: {done}"
    assert done[1] > 0, f"something was undone: {done}"


@pytest.mark.timeout(400)
def test_no_sequence_of_a_few_dozen_acts_passes_a_limit_or_breaks_a_sum(app: Flask, sql: psycopg.Connection) -> None:
    _walk(app, sql, examples=10, steps=40)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_no_sequence_of_many_acts_passes_a_limit_or_breaks_a_sum(app: Flask, sql: psycopg.Connection) -> None:
    _walk(app, sql, examples=150, steps=80)
