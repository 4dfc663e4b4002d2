"""The line of a full event while everybody acts at once: strictly in order, nobody lost, nobody left beside a place."""

import datetime
import random
from collections import Counter
from functools import partial
from typing import Any

import psycopg
import pytest

from services.accounts.types import MemberActor
from services.core import clock
from services.core.errors import DomainError
from services.events.queries import mine
from services.events.service import offering
from services.events.types import Category, Companion, EventId, Quota, QuotaKind, Role, SignupId, State
from services.members.documents import Sex
from tests.builders.entries import Entries
from tests.builders.events import total
from tests.builders.world import DAY, World
from tests.harness.threads import together
from tests.races.gate import at_once, in_order, line

ROUNDS = pytest.mark.parametrize("rounds", [2, pytest.param(50, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])])
NEXT_DAY = DAY + datetime.timedelta(hours=14)
"""After this every offer made until now has run out, also one that is kept over the night."""


@pytest.fixture
def events(world: World) -> Entries:
    return Entries(world)


def names(count: int) -> list[str]:
    return [f"会员{number}" for number in range(count)]


def standing(events: Entries, event_id: EventId, people: list[MemberActor]) -> list[SignupId]:
    """All in, one after the other: those with places first, the others in line."""
    return [events.entered(actor, event_id) for actor in people]


@ROUNDS
def test_of_places_that_come_free_at_once_each_goes_to_the_next_in_line(
    events: Entries, sql: psycopg.Connection, rounds: int
) -> None:
    people = events.members(*names(20))
    for _ in range(rounds):
        event_id = events.event(places=8)
        ids = standing(events, event_id, people)
        waiting = line(sql, event_id)
        assert waiting == ids[8:]
        leave = [partial(events.cancel, people[at], ids[at]) for at in range(8)]
        assert set(at_once(events, *leave)) == {"done"}
        assert events.states(*waiting) == [State.OFFERED] * 8 + [State.WAITING] * 4
        assert line(sql, event_id) == waiting[8:]
    in_order(sql)


@ROUNDS
def test_an_offer_is_taken_turned_down_given_up_or_run_out_once(
    events: Entries, sql: psycopg.Connection, rounds: int
) -> None:
    """Its captain accepts, declines and cancels on three devices while it runs out: one of them counts."""
    people = events.members(*names(4))
    ends = Counter[State]()
    for _ in range(3 * rounds):
        event_id = events.event(places=1)
        ids = standing(events, event_id, people)
        events.cancel(people[0], ids[0])
        captain, offered = people[1], ids[1]
        at_once(
            events, partial(events.accept, captain, offered), partial(events.decline, captain, offered),
            partial(events.cancel, captain, offered), partial(events.expire, clock.now() + NEXT_DAY),
        )  # fmt: skip
        (state,) = events.states(offered)
        ends[state] += 1
        assert state in (State.CONFIRMED, State.DECLINED, State.CANCELLED, State.LAPSED)
        following = events.states(*ids[2:])
        if state is State.CONFIRMED:
            assert following == [State.WAITING, State.WAITING]
        else:
            # The chore that looked before may have let the next offer run out as well, never one beside a free place.
            assert following.count(State.OFFERED) == 1 and events.taken(event_id) == [1]
    in_order(sql)
    assert len(ends) > 1 or rounds < 50, f"it went one way every time: {ends}"


@ROUNDS
def test_whoever_signs_up_while_places_come_free_is_behind_those_who_wait(
    events: Entries, sql: psycopg.Connection, rounds: int
) -> None:
    people, late = events.members(*names(12)), events.members(*names(12))
    for _ in range(rounds):
        event_id = events.event(places=6)
        ids = standing(events, event_id, people)
        works: list[Any] = [partial(events.cancel, people[at], ids[at]) for at in range(6)]
        works += [partial(events.enter, actor, event_id) for actor in late]
        found = at_once(events, *works)
        assert set(found[6:]) == {"waiting"}, found
        assert events.states(*ids[6:]) == [State.OFFERED] * 6
    in_order(sql)


class Crowd:
    """Members who act at random, each on a phone of her own, and a chore that takes back what was not taken."""

    def __init__(self, events: Entries, event_id: EventId, seed: int) -> None:
        self.events, self.event_id, self.seed = events, event_id, seed

    def acts(self, actor: MemberActor, number: int, count: int) -> Counter[str]:
        chance, tally = random.Random(self.seed * 1000 + number), Counter[str]()
        for _ in range(count):
            try:
                tally[self._act(actor, chance)] += 1
            except DomainError as no:
                tally[no.code] += 1
        return tally

    def _act(self, actor: MemberActor, chance: random.Random) -> str:
        own = self.events.world.look(lambda: mine.of_event(self.event_id, member_id=actor.member_id))
        live = next((one.signup for one in own if one.signup.state in (State.CONFIRMED, State.OFFERED, State.WAITING)),
                    None)  # fmt: skip
        if live is None:
            companions = (Companion(Role.GUEST, "王伟"),) if chance.random() < 0.3 else ()
            found = self.events.enter(actor, self.event_id, companions=companions)
            return getattr(found, "code", "entered")
        events = self.events
        may: dict[State, list[Any]] = {
            State.OFFERED: [events.accept, events.accept, events.decline, events.cancel],
            State.CONFIRMED: [events.cancel, events.accept],
            State.WAITING: [events.cancel, events.accept, events.decline],
        }
        act = chance.choice(may[live.state])
        act(actor, live.id)
        return str(act.__name__)

    def chore(self, count: int) -> Counter[str]:
        tally = Counter[str]()
        for _ in range(count):
            tally["lapsed"] += self.events.world.do(lambda: offering.expire(clock.now() + NEXT_DAY))
        return tally


@pytest.mark.parametrize("rounds", [1, pytest.param(50, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])])
def test_whatever_everybody_does_at_once_places_and_line_hold(
    events: Entries, sql: psycopg.Connection, rounds: int
) -> None:
    """Singles and families over overlapping quotas: cancel against promote against decline against expiry."""
    half = names(8)
    people = [*events.members(*half, sex=Sex.MALE), *events.members(*half, sex=Sex.FEMALE)]
    tally = Counter[str]()
    for seed in range(rounds):
        quotas = (total(7), Quota(1, QuotaKind.SEX, 3, sex=Sex.MALE), Quota(2, QuotaKind.SEX, 4, sex=Sex.FEMALE))
        event_id = events.event(quotas=quotas, categories=(Category(1, {"zh": "家庭"}, guests=1),))
        crowd = Crowd(events, event_id, seed)
        works: list[Any] = [partial(crowd.acts, actor, number, 8) for number, actor in enumerate(people)]
        for found in together(*works, partial(crowd.chore, 6), partial(crowd.chore, 6)):
            tally += found
        in_order(sql)
        events.expire(clock.now() + NEXT_DAY)
        in_order(sql)
    assert not tally["busy"], tally
    assert min(tally[one] for one in ("entered", "cancel", "accept", "decline")) > 0, tally
