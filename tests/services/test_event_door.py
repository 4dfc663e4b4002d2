"""At the door: who comes is in once, whoever reads what; who has no place is told what to do."""

import datetime

import psycopg
import pytest

from services.accounts.types import MemberActor, Role
from services.cards import service as cards
from services.core import clock
from services.core.errors import Conflict, NotFound, Refusal
from services.events import door_codes, errors, types
from services.events.queries import door as look
from services.events.service import door, leaving, signing_up, walking_in
from services.events.types import (
    Category,
    Companion,
    Door,
    Entry,
    EventId,
    How,
    Joining,
    Named,
    Quota,
    QuotaKind,
    SignupId,
    Slot,
    State,
)
from services.events.types.door import Arrival, Stranger, Tick, Ticked
from tests.builders.events import HOUR, Gathering
from tests.builders.world import World

MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


@pytest.fixture
def now() -> datetime.datetime:
    return clock.now()


def soon(**terms: object) -> dict[str, object]:
    """An event that begins in half an hour; sign-up is open until it ends."""
    starts_at = clock.now() + 30 * MINUTE
    return {"starts_at": starts_at, "closes_at": starts_at + 2 * HOUR, "cancel_until": starts_at, **terms}


def sign_up(gathering: Gathering, event_id: EventId, member: MemberActor, **entry: object) -> SignupId:
    made = gathering.world.do(
        lambda: signing_up.sign_up(actor=member, event_id=event_id, entry=Entry(**entry), now=clock.now())  # type: ignore[arg-type]
    )
    assert not isinstance(made, Refusal), made
    return made


def scan(gathering: Gathering, event_id: EventId, text: str, now: datetime.datetime | None = None) -> object:
    officer = gathering.officer
    return gathering.world.do(lambda: door.scan(actor=officer, event_id=event_id, text=text, now=now or clock.now()))


def code(result: object) -> str:
    assert isinstance(result, Refusal), result
    return result.code


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


def take_in(gathering: Gathering, event_id: EventId, member: MemberActor, *, stamp: str | None = None) -> object:
    officer, now = gathering.officer, clock.now()

    def act() -> Arrival | Refusal:
        mine = walking_in.scanned_stamp(actor=officer, event_id=event_id, member_id=member.member_id, now=now)
        return walking_in.take_in(
            actor=officer, event_id=event_id, member_id=member.member_id, stamp=mine if stamp is None else stamp,
            category=1, slot=None, now=now,
        )  # fmt: skip

    return gathering.world.do(act)


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


def test_typing_digits_without_end_is_stopped(gathering: Gathering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "TYPED_AN_HOUR", 2)
    event_id = gathering.event(**soon())
    said = [code(scan(gathering, event_id, "12345678")) for _ in range(3)]
    assert said == ["typed_code_wrong", "typed_code_wrong", errors.DOOR_TYPED_OFTEN]


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
