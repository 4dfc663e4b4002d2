"""At the door: who has not signed up is taken in where the event allows it and there is room."""

import psycopg
import pytest

from services.accounts.types import MemberActor, Role
from services.core import clock
from services.core.errors import Refusal
from services.events import errors
from services.events.service import door, leaving, walking_in
from services.events.types import Category, EventId, How, Named, Quota, QuotaKind
from services.events.types.door import Arrival, Stranger
from tests.builders.doors import code, scan, sign_up, soon
from tests.builders.events import Gathering
from tests.builders.world import World


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


def take_in(gathering: Gathering, event_id: EventId, member: MemberActor, *, stamp: str | None = None) -> object:
    officer, now = gathering.officer, clock.now()

    def act() -> Arrival | Refusal:
        mine = walking_in.scanned_stamp(actor=officer, event_id=event_id, member_id=member.member_id, now=now)
        return walking_in.take_in(
            actor=officer, event_id=event_id, member_id=member.member_id, stamp=mine if stamp is None else stamp,
            category=1, slot=None, now=now,
        )  # fmt: skip

    return gathering.world.do(act)


def test_who_gave_up_her_entry_and_comes_after_all_is_taken_in_like_anybody(gathering: Gathering, world: World) -> None:
    event_id = gathering.event(walk_ins=True, places=1, offers_end_minutes=0, **soon())
    member = gathering.member("王小明")
    first = sign_up(gathering, event_id, member)
    world.do(lambda: leaving.cancel(actor=member, signup_id=first, now=clock.now()))
    assert scan(gathering, event_id, world.code(member)) == Stranger(member.member_id, "王*明", None)
    sign_up(gathering, event_id, gathering.member("赵青"))
    waiting = sign_up(gathering, event_id, member)
    assert code(scan(gathering, event_id, world.code(member))) == errors.DOOR_WAITING
    world.do(lambda: leaving.cancel(actor=member, signup_id=waiting, now=clock.now()))
    assert code(take_in(gathering, event_id, member)) == errors.EVENT_FULL


def test_at_the_door_somebody_new_takes_a_place_and_is_in(gathering: Gathering, world: World) -> None:
    event_id, officer = gathering.event(walk_ins=True, places=2, **soon()), gathering.officer
    sign_up(gathering, event_id, gathering.member())
    guest = gathering.member("赵青", phone="10012340000")
    found = scan(gathering, event_id, world.code(guest))
    assert found == Stranger(guest.member_id, "赵*", None)
    assert code(take_in(gathering, event_id, guest, stamp="x")) == errors.DOOR_STAMP_OVER
    named = world.do(
        lambda: walking_in.take_in_named(
            actor=officer, event_id=event_id, named=Named("赵 青", "10012340000"), category=1, slot=None,
            now=clock.now(),
        )
    )  # fmt: skip
    assert isinstance(named, Arrival)
    assert (named.fresh, named.person.how, gathering.seen(event_id).total.taken) == (True, How.WALK_IN, 2)
    assert code(take_in(gathering, event_id, guest)) == errors.ALREADY_SIGNED_UP
    assert code(take_in(gathering, event_id, gathering.member("陈新"))) == errors.EVENT_FULL


@pytest.mark.usefixtures("same_moment")
def test_members_are_not_found_by_guessing_at_the_door(gathering: Gathering, world: World) -> None:
    officer = gathering.another_officer(Role.GRASSROOTS)
    grown = Category(1, {"zh": "成人"}, age_from=18)
    event_id = gathering.event(union=world.union, walk_ins=True, places=1, categories=(grown,), **soon())
    own, far = ("10012340001", "10012340002")
    gathering.member("赵青", age=16, phone=own)
    gathering.member("钱红", age=16, phone=far, union=world.another_union())

    def asked(name: str, phone: str) -> str:
        return code(
            world.do(
                lambda: walking_in.take_in_named(
                    actor=officer, event_id=event_id, named=Named(name, phone), category=1, slot=None, now=clock.now()
                )
            )
        )

    assert (asked("赵青", own), asked("钱红", far)) == (errors.TOO_YOUNG, errors.UNIT_NOT_POSSIBLE)
    guesses = [asked("孙白", far) for _ in range(walking_in.GUESSES_A_DAY - 1)]
    assert set(guesses) == {errors.WALK_IN_UNKNOWN}
    assert (asked("赵青", own), asked("钱红", far)) == (errors.WALK_IN_OFTEN,) * 2


def test_the_rules_of_the_event_hold_at_the_door_too(gathering: Gathering, world: World) -> None:
    grown = Category(1, {"zh": "成人"}, age_from=18)
    event_id = gathering.event(walk_ins=True, categories=(grown,), **soon())
    assert code(take_in(gathering, event_id, gathering.member(age=16))) == errors.TOO_YOUNG
    assert code(take_in(gathering, event_id, gathering.member())) == errors.BIRTH_UNKNOWN
    closed = gathering.event(**soon())
    assert code(take_in(gathering, closed, gathering.member())) == errors.NO_WALK_INS


def test_where_there_are_no_windows_of_arrival_none_is_kept(
    gathering: Gathering, world: World, sql: psycopg.Connection
) -> None:
    event_id, member, now = gathering.event(walk_ins=True, **soon()), gathering.member(), clock.now()
    here = world.look(lambda: door.venue_stamp(actor=member, event_id=event_id, now=now))
    world.do(
        lambda: walking_in.take_in_here(
            actor=member, event_id=event_id, stamp=here, category=1, slot=7, now=now
        )
    )  # fmt: skip
    assert sql.execute("SELECT slot FROM signups WHERE event_id = %s", [event_id]).fetchall() == [(None,)]


def test_a_quota_of_some_is_full_for_them_alone(gathering: Gathering) -> None:
    quotas = (Quota(0, QuotaKind.ALL, 5), Quota(1, QuotaKind.UNION, 1, union=gathering.world.union.path))
    event_id = gathering.event(walk_ins=True, quotas=quotas, **soon())
    assert isinstance(take_in(gathering, event_id, gathering.member()), Arrival)
    assert code(take_in(gathering, event_id, gathering.member())) == errors.QUOTA_FULL
    other = gathering.member(union=gathering.world.another_union())
    assert isinstance(take_in(gathering, event_id, other), Arrival)
