"""Whatever order people do things in at an event, every entry is where a plain model says: random walks."""

import dataclasses
import datetime
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from services.accounts.types import MemberActor
from services.core import clock
from services.core.calendar import local
from services.core.errors import DomainError, Refusal
from services.events import errors
from services.events.service import organising
from services.events.types import Category, Joining, Named, Quota, QuotaKind, SignupId, State, Terms
from services.members.documents import Sex
from tests.builders.entries import Entries, fails
from tests.builders.events import total
from tests.builders.world import DAY, World

HOUR = datetime.timedelta(hours=1)
WHO = st.integers(0, 7)
LIVE = (State.FORMING, State.WAITING, State.OFFERED, State.CONFIRMED)
HOLDING = (State.FORMING, State.OFFERED, State.CONFIRMED)


def by_day(at: datetime.datetime) -> datetime.datetime:
    """Between 21:00 and 10:00 nothing ends."""
    here = local(at)
    if 10 <= here.hour < 21:
        return at
    morning = here.replace(hour=10, minute=0, second=0, microsecond=0)
    return morning if here.hour < 10 else morning + DAY


@dataclass
class Known:
    """An entry as the model keeps it. Even members are men, odd ones women."""

    id: SignupId
    captain: int
    mate: int | None
    state: State
    due: datetime.datetime | None = None
    joined: bool = True
    #: the mate does not come; `alone`: and his place is given back
    left: bool = False
    alone: bool = False

    @property
    def people(self) -> list[int]:
        return [self.captain, *([] if self.mate is None or self.left else [self.mate])]

    def needs(self) -> dict[str, int]:
        kept = [self.captain, *([] if self.mate is None or self.alone else [self.mate])]
        men = sum(one % 2 == 0 for one in kept)
        wanted = {"all": len(kept), "men": men, "women": len(kept) - men}
        return {name: count for name, count in wanted.items() if count}


class Walk(RuleBasedStateMachine):
    """Eight members, singles and pairs, one event with men's and women's places, days that pass.

    The model keeps a list of entries in order of arrival and reads every sum off it.
    """

    world: World
    sql: psycopg.Connection
    events: Entries
    people: list[tuple[MemberActor, Named]]

    @initialize(places=st.integers(1, 5), men=st.integers(1, 4), women=st.integers(1, 4), most=st.integers(0, 4))
    def open(self, places: int, men: int, women: int, most: int) -> None:
        self.now = clock.now().replace(second=30, microsecond=0)
        self.room = {"all": places, "men": men, "women": women}
        self.most = most
        starts_at = self.now.replace(second=0, microsecond=0) + 9 * DAY
        quotas = (
            total(places), Quota(1, QuotaKind.SEX, men, sex=Sex.MALE), Quota(2, QuotaKind.SEX, women, sex=Sex.FEMALE),
        )  # fmt: skip
        self.event_id = self.events.event(
            quotas=quotas, categories=(Category(1, {"zh": "单双打"}, 1, 2),), waiting_most=most, starts_at=starts_at,
            closes_at=starts_at, cancel_until=starts_at, joining=Joining.CONFIRM,
        )  # fmt: skip
        self.terms: Terms = self.events.seen(self.event_id).terms
        self.revision = 1
        self.entries: list[Known] = []

    @property
    def last_offer(self) -> datetime.datetime:
        return self.terms.starts_at - 2 * HOUR

    def free(self) -> dict[str, int]:
        held = [one.needs() for one in self.entries if one.state in HOLDING]
        return {name: most - sum(one.get(name, 0) for one in held) for name, most in self.room.items()}

    def line(self) -> list[Known]:
        return [one for one in self.entries if one.state is State.WAITING]

    def turns(self, line: list[Known]) -> list[Known]:
        """Who of them gets a place now: each in turn, unless it needs something that is short for one before it."""
        free, short, found = self.free(), set[str](), list[Known]()
        for one in line:
            wanted = one.needs()
            lacks = {name for name, count in wanted.items() if free[name] < count}
            short |= lacks
            if lacks or short & set(wanted) or "all" in short:
                continue
            free = {name: here - wanted.get(name, 0) for name, here in free.items()}
            found.append(one)
        return found

    def promote(self) -> None:
        if self.now < self.last_offer:
            for one in self.turns(self.line()):
                one.state, one.due = State.OFFERED, min(by_day(self.now + DAY), self.last_offer)

    def living(self, who: int) -> Known | None:
        return next((one for one in self.entries if who in one.people and one.state in LIVE), None)

    def expected(self, wish: Known, wait: bool) -> str | State:
        """What becomes of this try."""
        if self.now >= self.terms.closes_at:
            return errors.SIGN_UP_OVER
        if self.living(wish.captain):
            return errors.ALREADY_SIGNED_UP
        if wish.mate is not None and self.living(wish.mate):
            return errors.MATE_NOT_POSSIBLE
        line, free = self.line(), self.free()
        short = [name for name, count in wish.needs().items() if free[name] < count]
        if not short and wish in self.turns([*line, wish]):
            return State.FORMING if wish.mate is not None else State.CONFIRMED
        if not self.most or self.now >= self.last_offer:
            return errors.EVENT_FULL if "all" in short or not short else errors.QUOTA_FULL
        if len(line) >= self.most:
            return errors.WAITING_FULL
        return State.WAITING if wait else errors.WAITING_NOT_WANTED

    @rule(who=WHO, mate=st.none() | WHO, wait=st.sampled_from([True, True, False]))
    def sign_up(self, who: int, mate: int | None, wait: bool) -> None:
        if mate == who:
            mate = None
        mates: tuple[Named, ...] = () if mate is None else (self.people[mate][1],)
        wish = Known(SignupId(self.event_id), who, mate, State.WAITING, joined=mate is None)
        wanted = self.expected(wish, wait)
        found = self.events.enter(self.people[who][0], self.event_id, now=self.now, mates=mates, wait=wait)
        if isinstance(found, Refusal):
            assert found.code == wanted
            return
        assert isinstance(wanted, State), wanted
        wish.id, wish.state = found, wanted
        wish.due = self._join_by() if wanted is State.FORMING else None
        self.entries.append(wish)

    def _join_by(self) -> datetime.datetime:
        ends = [one for one in (self.last_offer, self.terms.starts_at) if one > self.now]
        return min(by_day(min(self.now + 2 * DAY, max(self.terms.closes_at, self.now + HOUR))), *ends)

    def attempt(self, verb: Any, who: int, one: Known) -> str | None:
        """None, or the code of the no."""
        try:
            verb(self.people[who][0], one.id, now=self.now)
        except DomainError as no:
            return no.code
        return None

    def entry(self, which: int) -> Known | None:
        return self.entries[-1 - which % min(8, len(self.entries))] if self.entries else None

    def over(self, one: Known) -> str | None:
        if one.state not in LIVE:
            return errors.SIGNUP_OVER
        return errors.EVENT_BEGUN if self.now >= self.terms.starts_at else None

    @rule(which=st.integers(0, 30))
    def cancel(self, which: int) -> None:
        if one := self.entry(which):
            no = self.over(one)
            assert self.attempt(self.events.cancel, one.captain, one) == no
            if no is None:
                one.state, one.due = State.CANCELLED, None
                self.promote()

    @rule(which=st.integers(0, 30), yes=st.booleans())
    def answer(self, which: int, yes: bool) -> None:
        """Whoever has an offer accepts or declines; the others find that there is none."""
        offered = [one for one in self.entries if one.state is State.OFFERED]
        one = offered[which % len(offered)] if offered and which % 3 else self.entry(which)
        if one is None:
            return
        again = (State.CONFIRMED, State.FORMING) if yes else (State.DECLINED,)
        open_still = one.state is State.OFFERED and one.due is not None and one.due > self.now
        no = None if open_still or one.state in again else (
            errors.OFFER_OVER if one.state in (State.OFFERED, State.LAPSED) else errors.NOT_OFFERED
        )  # fmt: skip
        verb = self.events.accept if yes else self.events.decline
        assert self.attempt(verb, one.captain, one) == no
        if open_still and yes:
            here = one.joined or one.left
            one.state = State.CONFIRMED if here else State.FORMING
            one.due, one.alone = None if here else self._join_by(), one.left
            if one.left:
                self.promote()
        elif open_still:
            one.state, one.due = State.DECLINED, None
            self.promote()

    @rule(which=st.integers(0, 30))
    def join(self, which: int) -> None:
        pairs = [one for one in self.entries if one.mate is not None]
        if pairs:
            one = pairs[-1 - which % len(pairs)]
            no = self.over(one) or (errors.NOT_INVITED if one.left else None)
            assert one.mate is not None and self.attempt(self.events.join, one.mate, one) == no
            if no is None:
                one.joined = True
                if one.state is State.FORMING:
                    one.state, one.due = State.CONFIRMED, None

    @rule(which=st.integers(0, 30))
    def turn_down(self, which: int) -> None:
        """A captain alone is an entry too: it stands, and the mate's place goes to the line."""
        pairs = [one for one in self.entries if one.mate is not None]
        if pairs:
            one = pairs[-1 - which % len(pairs)]
            no = self.over(one)
            assert one.mate is not None and self.attempt(self.events.turn_down, one.mate, one) == no
            if no is None and not one.left:
                one.left = True
                if one.state in (State.FORMING, State.CONFIRMED):
                    one.state, one.due, one.alone = State.CONFIRMED, None, True
                    self.promote()

    @rule(places=st.integers(1, 6))
    def other_capacity(self, places: int) -> None:
        if self.now >= self.terms.closes_at:
            return
        taken = self.room["all"] - self.free()["all"]
        terms = dataclasses.replace(self.terms, quotas=(total(places), *self.terms.quotas[1:]))

        def work() -> int:
            return organising.rewrite(
                actor=self.events.officer, event_id=self.event_id, revision=self.revision, terms=terms, now=self.now
            )

        if places < taken:
            with fails(errors.QUOTA_BELOW_TAKEN):
                self.world.do(work)
            return
        self.revision = self.world.do(work)
        if terms != self.terms:
            self.terms, self.room["all"] = terms, places
            self.promote()

    @rule(hours=st.sampled_from([0, 1, 7, 25, 49]))
    def time_passes(self, hours: int) -> None:
        """And the chore does its work, as often as there is some."""
        self.now += hours * HOUR
        ended = 0
        # Once the door opens no team falls apart any more.
        ends = (State.OFFERED,) if self.now >= self.terms.starts_at - HOUR else (State.OFFERED, State.FORMING)
        for one in self.entries:
            if one.state in ends and one.due and one.due <= self.now:
                one.state, one.due = State.LAPSED, None
                ended += 1
        self.promote()
        if self.now >= self.last_offer:
            for one in self.line():
                one.state = State.LAPSED
                ended += 1
        assert self.events.expire(self.now) == ended

    @invariant()
    def every_entry_is_where_the_model_says(self) -> None:
        if not hasattr(self, "entries"):
            return
        rows = self.sql.execute(
            "SELECT id, state, due_at FROM signups WHERE event_id = %s ORDER BY created_at, id", [self.event_id]
        ).fetchall()
        assert {row[0]: (State(row[1]), row[2]) for row in rows} == {
            one.id: (one.state, one.due) for one in self.entries
        }
        free = self.free()
        taken = {name: most - free[name] for name, most in self.room.items()}
        assert self.events.taken(self.event_id) == [taken["all"], taken["men"], taken["women"]]
        line = self.sql.execute(
            "SELECT id FROM signups WHERE event_id = %s AND state = 'waiting' ORDER BY position", [self.event_id]
        )
        assert [row[0] for row in line] == [one.id for one in self.line()]

    def teardown(self) -> None:
        """Nothing of this walk is left for the chore to find in the next."""
        if hasattr(self, "entries"):
            now = min(self.now, self.terms.starts_at - HOUR)
            self.world.do(
                lambda: organising.cancel(actor=self.events.officer, event_id=self.event_id, note="台风", now=now)
            )


def _walk(app: Flask, sql: psycopg.Connection, *, examples: int, steps: int) -> None:
    world = World(app)
    events = Entries(world)
    people = [events.named(f"会员{at}", sex=Sex.FEMALE if at % 2 else Sex.MALE) for at in range(8)]
    machine = type("Bound", (Walk,), {"world": world, "sql": sql, "events": events, "people": people})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, database=None,
            phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip
    actions = {row[0] for row in sql.execute("SELECT DISTINCT action FROM audit_entries")}
    # A few short walks need not come by everything; the long ones do.
    seen = ("confirmed", "waiting", "offered", "forming", "lapsed") if examples > 50 else ("confirmed",)
    assert {f"signup.{one}" for one in seen} <= actions, actions


@pytest.mark.timeout(300)
def test_no_sequence_of_acts_puts_an_entry_where_it_should_not_be(app: Flask, sql: psycopg.Connection) -> None:
    _walk(app, sql, examples=8, steps=25)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_no_long_sequence_of_acts_puts_an_entry_where_it_should_not_be(app: Flask, sql: psycopg.Connection) -> None:
    _walk(app, sql, examples=400, steps=60)
