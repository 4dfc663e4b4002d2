"""Many gates at once: somebody is in once, a cancelled entry lets nobody in, the last place goes to one."""

import datetime
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import psycopg
import pytest
from flask import Flask

from services.accounts.types import MemberActor, OfficerActor, Role
from services.core import clock
from services.core.errors import Conflict, NotFound, Refusal
from services.events import errors
from services.events.queries import door as look
from services.events.service import door, joining, leaving, missing, seats, signing_up, walking_in
from services.events.types import Category, Companion, Entry, EventId, Joining, Named, SignupId
from services.events.types import Role as Part
from services.events.types.door import Arrival, Tick
from tests.builders.events import HOUR, Gathering
from tests.builders.world import DAY, World
from tests.harness.threads import PATIENCE, together, until_somebody_waits
from tests.races.till import count

GATES = 8
FEW, MANY = [3], [pytest.param(50, marks=[pytest.mark.soak, pytest.mark.timeout(1200)])]
each_round = pytest.mark.parametrize("rounds", [*FEW, *MANY])


@pytest.fixture
def gathering(crowd: Flask, world: World) -> Gathering:
    return Gathering(world)


def soon(gathering: Gathering, **terms: object) -> EventId:
    starts_at = clock.now() + datetime.timedelta(minutes=30)
    return gathering.event(
        starts_at=starts_at, closes_at=starts_at + HOUR, cancel_until=starts_at, walk_ins=True, **terms
    )


def sign_up(gathering: Gathering, event_id: EventId, member: MemberActor, **entry: object) -> SignupId:
    made = gathering.world.do(
        lambda: signing_up.sign_up(actor=member, event_id=event_id, entry=Entry(**entry), now=clock.now())  # type: ignore[arg-type]
    )
    assert not isinstance(made, Refusal), made
    return made


def scan(world: World, event_id: EventId, officer: OfficerActor, text: str) -> object:
    return world.do(lambda: door.scan(actor=officer, event_id=event_id, text=text, now=clock.now()))


@each_round
def test_of_eight_gates_one_lets_her_in_and_seven_say_when_and_by_whom(
    gathering: Gathering, world: World, rounds: int
) -> None:
    officers = [gathering.another_officer(Role.DISTRICT) for _ in range(GATES)]
    for _ in range(rounds):
        event_id, member = soon(gathering), gathering.member()
        sign_up(gathering, event_id, member)
        text = world.code(member)
        found = together(*(partial(scan, world, event_id, officer, text) for officer in officers))
        arrivals = [one for one in found if isinstance(one, Arrival)]
        assert len(arrivals) == GATES
        assert sum(one.fresh for one in arrivals) == 1
        assert len({(one.person.in_at, one.person.in_by) for one in arrivals}) == 1


@each_round
def test_two_gates_that_tick_one_family_in_two_orders_both_end(gathering: Gathering, world: World, rounds: int) -> None:
    family = Category(1, {"zh": "家庭"}, guests=4)
    officer = gathering.officer
    for _ in range(rounds):
        event_id = soon(gathering, categories=(family,))
        companions = tuple(Companion(Part.GUEST, f"家属{nth}") for nth in range(4))
        signup_id = sign_up(gathering, event_id, gathering.member(), companions=companions)

        def tick(
            ordinals: list[int], event_id: EventId = event_id, signup_id: SignupId = signup_id
        ) -> Arrival | Refusal:
            return world.do(
                lambda: door.tick(
                    actor=officer, event_id=event_id, signup_id=signup_id, ordinals=ordinals, now=clock.now()
                )
            )

        orders = [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 0, 4], [1, 3]] * 2
        found = together(*(partial(tick, order) for order in orders))
        assert all(isinstance(one, Arrival) for one in found)
        assert all(one.in_at for one in world.look(partial(look.of_entry, event_id, signup_id)))


@each_round
def test_a_cancelled_entry_lets_nobody_in(
    gathering: Gathering, world: World, sql: psycopg.Connection, rounds: int
) -> None:
    officer = gathering.officer

    def cancel(member: MemberActor, signup_id: SignupId) -> str:
        try:
            world.do(lambda: leaving.cancel(actor=member, signup_id=signup_id, now=clock.now()))
        except Conflict as error:
            return error.code
        return "cancelled"

    for _ in range(rounds):
        event_id, member = soon(gathering), gathering.member()
        signup_id = sign_up(gathering, event_id, member)
        text = world.code(member)
        gone, arrival = together(partial(cancel, member, signup_id), partial(scan, world, event_id, officer, text))  # type: ignore[misc]
        state, in_at = sql.execute(  # type: ignore[misc]
            "SELECT state, checked_in_at FROM signups JOIN signup_people ON signup_id = id WHERE id = %s", [signup_id]
        ).fetchone()
        if isinstance(arrival, Arrival):
            assert (gone, state) == (errors.SIGNUP_IN_ALREADY, "confirmed") and in_at is not None
        else:
            assert (arrival, gone) == (Refusal(errors.DOOR_ENTRY_OVER), "cancelled")
            assert (state, in_at) == ("cancelled", None)


@pytest.mark.parametrize("nth", [0, 1], ids=["cancels", "turns down"])
def test_who_is_just_being_checked_in_is_told_so_when_he_gives_up(
    gathering: Gathering, world: World, sql: psycopg.Connection, nth: int
) -> None:
    """A captain and his mate: whoever gives up waits for the door, and finds himself in."""
    event_id = soon(gathering, categories=(Category(1, {"zh": "双打"}, least=2, most=2),), joining=Joining.VOUCHED)
    officer, people = gathering.officer, [gathering.member("陈静"), gathering.member("王伟", phone="10020009002")]
    signup_id = sign_up(gathering, event_id, people[0], mates=(Named("王伟", "10020009002"),))
    ticked = threading.Event()

    def tick() -> Arrival | Refusal:
        found = door.tick(actor=officer, event_id=event_id, signup_id=signup_id, ordinals=[nth], now=clock.now())
        ticked.set()
        until_somebody_waits(sql)
        return found

    def give_up() -> str:
        ticked.wait(PATIENCE)
        verb: Callable[..., None] = joining.turn_down if nth else leaving.cancel
        try:
            world.do(partial(verb, actor=people[nth], signup_id=signup_id, now=clock.now()))
        except Conflict as error:
            return error.code
        return "gone"

    arrival, gone = together(partial(world.do, tick), give_up)
    assert isinstance(arrival, Arrival) and gone == errors.SIGNUP_IN_ALREADY


@each_round
def test_the_last_place_at_the_door_goes_to_one(
    gathering: Gathering, world: World, sql: psycopg.Connection, rounds: int
) -> None:
    officer = gathering.officer

    def take_in(event_id: EventId, member: MemberActor) -> Arrival | Refusal:
        now = clock.now()

        def act() -> Arrival | Refusal:
            stamp = walking_in.scanned_stamp(actor=officer, event_id=event_id, member_id=member.member_id, now=now)
            return walking_in.take_in(
                actor=officer, event_id=event_id, member_id=member.member_id, stamp=stamp, category=1, slot=None,
                now=now,
            )  # fmt: skip

        return world.do(act)

    for _ in range(rounds):
        event_id = soon(gathering, places=1)
        crowd = gathering.members(*[f"路人{nth}" for nth in range(GATES)])
        found = together(*(partial(take_in, event_id, member) for member in crowd))
        assert sum(isinstance(one, Arrival) for one in found) == 1
        assert [one for one in found if not isinstance(one, Arrival)] == [Refusal(errors.EVENT_FULL)] * (GATES - 1)
        assert count(sql, "SELECT taken FROM event_quotas WHERE event_id = %s", event_id) == 1
        assert count(sql, "SELECT count(*) FROM signups WHERE event_id = %s", event_id) == 1


def test_one_person_at_two_doors_takes_one_place(gathering: Gathering, world: World, sql: psycopg.Connection) -> None:
    event_id, member = soon(gathering), gathering.member()

    def come() -> object:
        stamp = world.look(lambda: door.venue_stamp(actor=member, event_id=event_id, now=clock.now()))
        act = partial(
            walking_in.take_in_here, actor=member, event_id=event_id, stamp=stamp, category=1, slot=None,
            now=clock.now(),
        )  # fmt: skip
        try:
            return world.do(act)
        except (Conflict, NotFound) as error:
            return error.code

    found = together(*[come] * GATES)
    assert sum(isinstance(one, Arrival) for one in found) == 1
    assert {one.code if isinstance(one, Refusal) else one for one in found if not isinstance(one, Arrival)} == {
        errors.ALREADY_SIGNED_UP
    }
    assert count(sql, "SELECT taken FROM event_quotas WHERE event_id = %s", event_id) == 1


@each_round
def test_misses_are_written_once_and_never_beside_a_tick_from_paper(
    gathering: Gathering, world: World, sql: psycopg.Connection, rounds: int
) -> None:
    officer = gathering.officer
    for _ in range(rounds):
        event_id, absent = gathering.event(), gathering.member()
        terms = gathering.seen(event_id).terms
        late, came = sign_up(gathering, event_id, absent), sign_up(gathering, event_id, gathering.member("来了"))

        def type_in(*ids: SignupId, event_id: EventId = event_id, terms: object = terms) -> object:
            ticks = [Tick(one, 0, terms.starts_at) for one in ids]  # type: ignore[attr-defined]
            # The clock of one machine is behind: it is the day after for the others.
            return world.do(
                lambda: door.enter_ticks(actor=officer, event_id=event_id, ticks=ticks, now=terms.ends_at)  # type: ignore[attr-defined]
            )

        type_in(came)
        settle = partial(world.do, partial(missing.settle, terms.ends_at + DAY))
        together(settle, partial(type_in, late), settle, settle)
        misses = count(sql, "SELECT count(*) FROM event_misses WHERE event_id = %s", event_id)
        here = count(sql, "SELECT count(*) FROM signup_people WHERE signup_id = %s AND checked_in_at IS NOT NULL", late)
        assert misses + here == 1, "either she was typed in, or she has missed"


def test_who_signs_up_while_the_door_takes_her_in_holds_nobody_up(
    gathering: Gathering, world: World, sql: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She is claimed before the event is held, as everywhere: else each waits for what the other has."""
    event_id, member = soon(gathering), gathering.member("陈静", phone="10020009001")
    officer, written, take, taken = gathering.officer, threading.Event(), seats.take, []

    def last(*args: Any, **more: Any) -> None:
        written.set()
        until_somebody_waits(sql)
        taken.append(take(*args, **more))

    monkeypatch.setattr(seats, "take", last)
    tries: list[datetime.datetime] = []

    def take_in() -> Arrival | Refusal:
        tries.append(clock.now())
        return walking_in.take_in_named(
            actor=officer, event_id=event_id, named=Named("陈静", "10020009001"), category=1, slot=None, now=tries[-1]
        )

    def at_the_door() -> Arrival | Refusal:
        written.wait(PATIENCE)
        return world.do(take_in)

    found = together(lambda: sign_up(gathering, event_id, member), at_the_door)
    assert found[1] == Refusal(errors.ALREADY_SIGNED_UP)
    assert (len(taken), len(tries)) == (1, 1), "nobody was thrown out of a deadlock and tried again"
    assert count(sql, "SELECT taken FROM event_quotas") == 1
