"""At the door: who comes is in once, whoever reads what; who has no place is told what to do."""

import datetime

import psycopg
import pytest

from services.accounts.types import MemberActor, Role
from services.cards import service as cards
from services.core import clock
from services.core.errors import NotFound, Refusal
from services.events import door_codes, errors, types
from services.events.queries import door as look
from services.events.service import door
from services.events.types import Category, Companion, Door, EventId, How, Joining, Named, SignupId, Slot, State
from services.events.types.door import Arrival, Stranger
from tests.builders.doors import MINUTE, code, scan, sign_up, soon
from tests.builders.events import HOUR, Gathering
from tests.builders.world import World


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


def test_a_card_lets_its_holder_in_once_and_says_when_the_second_time(gathering: Gathering) -> None:
    event_id, member = gathering.event(**soon()), gathering.member("王小明")
    sign_up(gathering, event_id, member)
    first = scan(gathering, event_id, gathering.world.code(member))
    assert isinstance(first, Arrival)
    assert (first.fresh, first.person.masked_name, first.person.how) == (True, "王*明", How.CARD)
    again = scan(gathering, event_id, gathering.world.code(member))
    assert isinstance(again, Arrival)
    assert (again.fresh, again.person.in_at, again.person.in_by) == (False, first.person.in_at, "沈*")


def test_a_code_that_let_somebody_in_is_used_up_for_the_till(gathering: Gathering, world: World) -> None:
    event_id, member = gathering.event(**soon()), gathering.member()
    sign_up(gathering, event_id, member)
    text = world.code(member)
    scan(gathering, event_id, text)
    other = gathering.event(**soon())
    sign_up(gathering, other, member)
    assert code(scan(gathering, other, text)) == "code_used"
    assert isinstance(scan(gathering, event_id, text), Arrival), "at its own gate it says that she is in"


def test_eight_digits_do_as_well(gathering: Gathering, world: World) -> None:
    event_id, member = gathering.event(**soon()), gathering.member()
    sign_up(gathering, event_id, member)
    typed = world.do(lambda: cards.typed_code(member_id=member.member_id, now=clock.now()))
    assert not isinstance(typed, Refusal)
    result = scan(gathering, event_id, typed.digits)
    assert isinstance(result, Arrival)
    assert result.fresh


def test_of_somebody_who_has_not_signed_up_the_officer_sees_a_masked_name(gathering: Gathering) -> None:
    event_id, member = gathering.event(**soon()), gathering.member("王小明")
    found = scan(gathering, event_id, gathering.world.code(member))
    assert found == Stranger(member.member_id, "王*明", Refusal(errors.NO_WALK_INS))


def test_a_frozen_card_opens_no_door(gathering: Gathering, world: World) -> None:
    event_id, member = gathering.event(**soon()), gathering.member()
    sign_up(gathering, event_id, member)
    text = world.code(member)
    world.do(lambda: cards.freeze(member_id=member.member_id, actor="test", now=clock.now()))
    assert code(scan(gathering, event_id, text)) == "card_frozen"


def test_the_door_opens_an_hour_before_and_closes_an_hour_after(gathering: Gathering) -> None:
    event_id, member = gathering.event(), gathering.member()
    sign_up(gathering, event_id, member)
    terms = gathering.seen(event_id).terms

    def at(moment: datetime.datetime) -> object:
        return scan(gathering, event_id, gathering.world.code(member, now=moment), moment)

    assert code(at(terms.starts_at - HOUR - MINUTE)) == errors.DOOR_NOT_OPEN
    assert code(at(terms.ends_at + HOUR + MINUTE)) == errors.DOOR_CLOSED
    assert isinstance(at(terms.starts_at - HOUR), Arrival)


def test_another_unions_event_is_not_there(gathering: Gathering, world: World) -> None:
    event_id, member = gathering.event(**soon()), gathering.member()
    officer = gathering.another_officer(Role.GRASSROOTS)
    with pytest.raises(NotFound):
        world.do(lambda: door.scan(actor=officer, event_id=event_id, text=world.code(member), now=clock.now()))


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (State.FORMING, errors.DOOR_FORMING),
        (State.WAITING, errors.DOOR_WAITING),
        (State.OFFERED, errors.DOOR_OFFERED),
        (State.APPLIED, errors.PLACE_NOT_CONFIRMED),
        (State.CANCELLED, errors.DOOR_ENTRY_OVER),
    ],
)
def test_an_entry_without_a_place_is_told_what_to_do(
    gathering: Gathering, sql: psycopg.Connection, state: State, said: str
) -> None:
    event_id, member = gathering.event(**soon()), gathering.member()
    signup_id = sign_up(gathering, event_id, member)
    sql.execute(
        "UPDATE signups SET state = %s, position = 1, due_at = CASE WHEN %s IN ('forming', 'offered') THEN now() END "
        "WHERE id = %s",
        [state, state, signup_id],
    )
    if state is State.FORMING:
        sql.execute("UPDATE signup_people SET presence = 'invited'")
    assert code(scan(gathering, event_id, gathering.world.code(member))) == said


FAMILY = Category(1, {"zh": "家庭"}, guests=1, children=2)


def family(gathering: Gathering, event_id: EventId, member: MemberActor) -> SignupId:
    companions = (
        Companion(types.Role.GUEST, "王大山"),
        Companion(types.Role.CHILD, "王小苗", datetime.date(clock.now().year - 8, 1, 1)),
    )
    return sign_up(gathering, event_id, member, companions=companions, guardian=True)


def test_the_captains_card_shows_those_who_came_along_and_they_are_ticked(gathering: Gathering, world: World) -> None:
    event_id, member = gathering.event(categories=(FAMILY,), **soon()), gathering.member("王小明")
    signup_id = family(gathering, event_id, member)
    found = scan(gathering, event_id, world.code(member))
    assert isinstance(found, Arrival)
    assert [one.masked_name for one in found.missing] == ["王*山", "王*苗"]
    officer = gathering.officer
    ticked = world.do(
        lambda: door.tick(actor=officer, event_id=event_id, signup_id=signup_id, ordinals=[2], now=clock.now())
    )
    assert isinstance(ticked, Arrival)
    assert (ticked.fresh, ticked.person.name, ticked.person.how) == (True, "王小苗", How.NAME)
    people = world.look(lambda: look.of_entry(event_id, signup_id))
    assert [one.in_at is not None for one in people] == [True, False, True]


def test_a_mates_card_lets_the_mate_in_alone(gathering: Gathering, world: World) -> None:
    pair = Category(1, {"zh": "双打"}, least=2, most=2)
    event_id = gathering.event(categories=(pair,), joining=Joining.VOUCHED, **soon())
    captain, mate = gathering.member("王小明"), gathering.member("赵青", phone="10012340000")
    signup_id = sign_up(gathering, event_id, captain, mates=(Named("赵青", "10012340000"),))
    found = scan(gathering, event_id, world.code(mate))
    assert isinstance(found, Arrival)
    assert (found.person.name, found.others) == ("赵青", ())
    assert [one.in_at is not None for one in world.look(lambda: look.of_entry(event_id, signup_id))] == [False, True]


def here(gathering: Gathering, event_id: EventId, member: MemberActor, *ordinals: int, stamp: str = "") -> object:
    world = gathering.world
    stamp = stamp or world.look(lambda: door.venue_stamp(actor=member, event_id=event_id, now=clock.now()))
    return world.do(
        lambda: door.check_in_here(actor=member, event_id=event_id, stamp=stamp, ordinals=ordinals, now=clock.now())
    )


def test_a_member_checks_herself_in_with_those_of_hers_who_came(gathering: Gathering, world: World) -> None:
    event_id, member = gathering.event(categories=(FAMILY,), **soon()), gathering.member()
    signup_id = family(gathering, event_id, member)
    arrival = here(gathering, event_id, member, 1)
    assert isinstance(arrival, Arrival)
    assert (arrival.fresh, arrival.person.how, arrival.person.in_by) == (True, How.VENUE, None)
    assert [one.in_at is not None for one in world.look(lambda: look.of_entry(event_id, signup_id))] == [
        True, True, False,
    ]  # fmt: skip


def test_a_stamp_is_hers_alone_and_lasts_five_minutes(gathering: Gathering, world: World) -> None:
    event_id, member, other = gathering.event(**soon()), gathering.member(), gathering.member("赵青")
    sign_up(gathering, event_id, member)
    now = clock.now()

    def of(actor: MemberActor, age: datetime.timedelta) -> str:
        return world.look(lambda: door.venue_stamp(actor=actor, event_id=event_id, now=now - age))

    assert code(here(gathering, event_id, member, stamp=of(other, 0 * MINUTE))) == errors.DOOR_STAMP_OVER
    assert code(here(gathering, event_id, member, stamp=of(member, 6 * MINUTE))) == errors.DOOR_STAMP_OVER
    assert code(here(gathering, event_id, member, stamp="now")) == errors.DOOR_STAMP_OVER
    assert isinstance(here(gathering, event_id, member, stamp=of(member, 4 * MINUTE)), Arrival)


def test_a_photo_of_the_venues_code_is_useless_after_a_minute(gathering: Gathering, world: World) -> None:
    event_id, member = gathering.event(**soon()), gathering.member()
    sign_up(gathering, event_id, member)
    now = clock.now()

    def by(text: str, at: datetime.datetime) -> object:
        return world.do(lambda: door.check_in_by_code(actor=member, event_id=event_id, text=text, now=at))

    photo = world.look(lambda: door_codes.venue_code(look.serial(event_id), now=now)).text
    assert code(by(photo, now + MINUTE)) == errors.DOOR_CODE_EXPIRED
    assert code(by(world.code(member), now)) == errors.DOOR_CODE_UNKNOWN, "a card is no door"
    assert isinstance(by(photo, now), Arrival)


def test_where_staff_scan_nobody_checks_herself_in(gathering: Gathering) -> None:
    event_id, member = gathering.event(door=Door.STAFF, **soon()), gathering.member()
    sign_up(gathering, event_id, member)
    assert code(here(gathering, event_id, member)) == errors.DOOR_STAFF_ONLY


def test_an_arrival_window_opens_an_hour_before_it_begins(gathering: Gathering) -> None:
    terms = soon()
    starts_at = terms["starts_at"]
    assert isinstance(starts_at, datetime.datetime)
    later = starts_at + 2 * HOUR
    slots = (Slot(1, starts_at, starts_at + HOUR), Slot(2, later, later + HOUR))
    event_id = gathering.event(slots=slots, **terms)
    early, late = gathering.member(), gathering.member("赵青")
    sign_up(gathering, event_id, early, slot=1)
    sign_up(gathering, event_id, late, slot=2)
    assert isinstance(here(gathering, event_id, early), Arrival)
    refusal = here(gathering, event_id, late)
    assert refusal == Refusal(errors.DOOR_NOT_OPEN, {"at": (later - HOUR).isoformat()})


@pytest.mark.usefixtures("same_moment")
def test_typing_digits_without_end_is_stopped(gathering: Gathering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "TYPED_AN_HOUR", 2)
    event_id = gathering.event(**soon())
    said = [code(scan(gathering, event_id, "12345678")) for _ in range(3)]
    assert said == ["typed_code_wrong", "typed_code_wrong", errors.DOOR_TYPED_OFTEN]
