"""At the door: names found on the list and ticked, on paper too, and ticks taken back."""

import datetime
from collections.abc import Callable

import psycopg
import pytest

from services.core import clock
from services.core.calendar import DAY, SHANGHAI, local_date
from services.core.errors import Conflict, Refusal
from services.events import errors
from services.events.queries import door as look
from services.events.service import door, leaving
from services.events.types import Category, How, Named, State
from services.events.types.door import Tick, Ticked
from tests.builders.doors import MINUTE, code, scan, sign_up, soon
from tests.builders.events import HOUR, Gathering
from tests.builders.world import World

At = Callable[..., None]


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


def test_ticks_of_a_paper_list_are_typed_in_with_their_time(gathering: Gathering, world: World) -> None:
    event_id = gathering.event()
    terms, officer = gathering.seen(event_id).terms, gathering.officer
    ids = [sign_up(gathering, event_id, member) for member in gathering.members("王小明", "赵青", "陈静")]
    cancelled = ids.pop()
    world.do(lambda: leaving.let_go(gathering.seen(event_id), cancelled, State.CANCELLED, actor="t", now=clock.now()))
    at, typed_at = terms.starts_at + 10 * MINUTE, terms.ends_at + 5 * HOUR

    def type_in(moment: datetime.datetime, now: datetime.datetime) -> Ticked | Refusal:
        ticks = [Tick(one, 0, moment) for one in [*ids, cancelled]]
        return world.do(lambda: door.enter_ticks(actor=officer, event_id=event_id, ticks=ticks, now=now))

    assert code(type_in(terms.starts_at - HOUR - MINUTE, typed_at)) == errors.TICK_TIME
    assert code(type_in(terms.ends_at + HOUR + MINUTE, typed_at)) == errors.TICK_TIME
    assert code(type_in(at, at - MINUTE)) == errors.TICK_TIME
    assert code(type_in(at, terms.ends_at + 25 * HOUR)) == errors.DOOR_CLOSED
    assert type_in(at, typed_at) == Ticked(2, 0, 1)
    assert type_in(at + MINUTE, typed_at) == Ticked(0, 2, 1)
    person = world.look(lambda: look.of_entry(event_id, ids[0]))[0]
    assert (person.in_at, person.ticked_at, person.how) == (at, typed_at, How.PAPER)


def test_a_tick_for_somebody_who_has_not_said_yes_is_not_taken_for_one_who_is_in(
    gathering: Gathering, world: World
) -> None:
    event_id = gathering.event(categories=(Category(1, {"zh": "双打"}, least=2, most=2),), **soon())
    officer, captain = gathering.officer, gathering.member("王小明")
    gathering.member("赵青", phone="10012340000")
    signup_id = sign_up(gathering, event_id, captain, mates=(Named("赵青", "10012340000"),))
    now = clock.now()
    ticks = [Tick(signup_id, ordinal, now) for ordinal in (0, 1, 2)]
    done = world.do(lambda: door.enter_ticks(actor=officer, event_id=event_id, ticks=ticks, now=now))
    assert done == Ticked(1, 0, 2)


def test_a_tick_is_taken_back_on_the_day_alone(gathering: Gathering, world: World, sql: psycopg.Connection) -> None:
    event_id, member, officer = gathering.event(**soon()), gathering.member(), gathering.officer
    signup_id = sign_up(gathering, event_id, member)

    def undo(now: datetime.datetime) -> None:
        world.do(lambda: door.undo(actor=officer, event_id=event_id, signup_id=signup_id, ordinal=0, now=now))

    with pytest.raises(Conflict, match=errors.NOT_IN_YET):
        undo(clock.now())
    scan(gathering, event_id, world.code(member))
    with pytest.raises(Conflict, match=errors.UNDO_OVER):
        undo(clock.now() + datetime.timedelta(days=2))
    undo(clock.now())
    assert world.look(lambda: look.of_entry(event_id, signup_id))[0].in_at is None
    trail = sql.execute("SELECT detail FROM audit_entries WHERE action = 'event.check_in_undone'").fetchall()
    assert [row[0]["how"] for row in trail] == ["card"]


@pytest.mark.parametrize(("begins", "lasts", "ticked"), [("00:20", 2, -40), ("21:50", 2, 150)])
def test_a_tick_made_across_midnight_is_taken_back(
    gathering: Gathering, world: World, at: At, begins: str, lasts: int, ticked: int
) -> None:
    """The door of an event about midnight is open an hour longer, on another day than the event."""
    day = local_date(clock.now()) + 9 * DAY
    starts_at = datetime.datetime.combine(day, datetime.time.fromisoformat(begins), SHANGHAI)
    event_id = gathering.event(starts_at=starts_at, ends_at=starts_at + lasts * HOUR)
    member, officer = gathering.member(), gathering.officer
    signup_id = sign_up(gathering, event_id, member)
    now = starts_at + ticked * MINUTE
    assert local_date(now) != day
    at(now)
    scan(gathering, event_id, world.code(member))
    world.do(lambda: door.undo(actor=officer, event_id=event_id, signup_id=signup_id, ordinal=0, now=now))
    assert world.look(lambda: look.of_entry(event_id, signup_id))[0].in_at is None


def test_an_officer_finds_people_by_name_and_counts_them(gathering: Gathering, world: World) -> None:
    event_id = gathering.event(**soon())
    for member in gathering.members("王小明", "赵青", "王芳"):
        sign_up(gathering, event_id, member)
    scan(gathering, event_id, world.code(gathering.member("路人")))
    found = world.look(lambda: [one.name for one in look.sought(event_id, " 王 ")])
    assert sorted(found) == ["王小明", "王芳"]
    number = world.look(lambda: look.sought(event_id, "赵青"))[0].number
    assert [one.name for one in world.look(lambda: look.sought(event_id, number.lower()))] == ["赵青"]
    assert world.look(lambda: look.sought(event_id, "  ")) == []
    listed = world.look(lambda: [one.name for one in look.expected(event_id)])
    assert listed == ["王芳", "王小明", "赵青"], "as in a telephone book"
    figures = world.look(lambda: look.attendance(event_id))
    assert [(one.category, one.slot, one.expected, one.come) for one in figures] == [(1, None, 3, 0)]
