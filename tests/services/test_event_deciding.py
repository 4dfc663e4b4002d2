"""An officer decides applications: in order of arrival, never more than there is room for, once."""

import datetime

import pytest
from flask import Flask

from app.pages.staff.events_presets import terms_of
from services.accounts.types import MemberActor, Role
from services.core import clock
from services.core.errors import Conflict, Invalid, NotFound
from services.events import errors
from services.events.queries import mine
from services.events.service import deciding, leaving, offering, signing_up
from services.events.service.deciding import Decided
from services.events.types import Category, Entry, EventId, Mode, Named, RefusedFor, Signup, SignupId, State
from services.members.documents import Sex
from tests.builders.events import Gathering
from tests.builders.world import World
from tests.harness.threads import connected_to, together

PAIR = (Category(1, {"zh": "混合双打"}, 2, 2, 1, 1),)


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


def applied(world: World, event_id: EventId, *actors: MemberActor, **entry: object) -> list[SignupId]:
    found = []
    for actor in actors:
        one = world.do(
            lambda actor=actor: signing_up.sign_up(  # type: ignore[misc]
                actor=actor, event_id=event_id, entry=Entry(**entry), now=clock.now()
            )
        )
        assert isinstance(one, type(event_id)), one
        found.append(SignupId(one))
    return found


def seen(world: World, signup_id: SignupId) -> Signup:
    return world.look(lambda: mine.signups([signup_id])[0])


def states(world: World, ids: list[SignupId]) -> list[State]:
    return [seen(world, one).state for one in ids]


def approve(gathering: Gathering, event_id: EventId, ids: list[SignupId]) -> Decided:
    officer = gathering.officer
    return gathering.world.do(
        lambda: deciding.approve(actor=officer, event_id=event_id, signup_ids=ids, now=clock.now())
    )


def refuse(gathering: Gathering, event_id: EventId, ids: list[SignupId], note: str = "") -> Decided:
    officer = gathering.officer
    return gathering.world.do(
        lambda: deciding.refuse(
            actor=officer, event_id=event_id, signup_ids=ids, reason=RefusedFor.PAPERS, note=note, now=clock.now()
        )
    )


def test_those_who_applied_first_get_the_places_and_the_others_wait_in_order(
    world: World, gathering: Gathering
) -> None:
    event_id = gathering.event(places=2, mode=Mode.APPROVAL)
    ids = applied(world, event_id, *gathering.members("甲", "乙", "丙", "丁"))
    found = approve(gathering, event_id, ids[::-1])
    assert (found.placed, found.waiting) == (ids[:2], ids[2:])
    assert states(world, ids) == [State.CONFIRMED, State.CONFIRMED, State.WAITING, State.WAITING]
    assert [seen(world, one).position for one in ids] == [None, None, 1, 2]
    assert gathering.seen(event_id).total.taken == 2


def test_a_place_of_a_training_goes_to_the_next_who_was_approved(world: World, gathering: Gathering) -> None:
    """As the officer's tile puts it on: in the order of the officer's yes, not of arrival."""
    training = terms_of("training", now=clock.now())
    event_id = gathering.event(places=1, mode=training.mode, kind=training.kind, waiting_most=training.waiting_most)
    people = gathering.members("甲", "乙", "丙")
    ids = applied(world, event_id, *people)
    for one in (ids[0], ids[2], ids[1]):
        approve(gathering, event_id, [one])
    assert states(world, ids) == [State.CONFIRMED, State.WAITING, State.WAITING]
    world.do(lambda: leaving.cancel(actor=people[0], signup_id=ids[0], now=clock.now()))
    assert states(world, ids) == [State.CANCELLED, State.WAITING, State.OFFERED]
    world.do(lambda: offering.decline(actor=people[2], signup_id=ids[2], now=clock.now()))
    assert states(world, ids) == [State.CANCELLED, State.OFFERED, State.DECLINED]
    world.do(lambda: offering.accept(actor=people[1], signup_id=ids[1], now=clock.now()))
    assert states(world, ids)[1] is State.CONFIRMED


def test_without_a_waiting_list_what_finds_no_room_stays_undecided(world: World, gathering: Gathering) -> None:
    event_id = gathering.event(places=1, mode=Mode.APPROVAL, waiting_most=0)
    ids = applied(world, event_id, *gathering.members("甲", "乙"))
    assert approve(gathering, event_id, ids).full == [ids[1]]
    assert states(world, ids) == [State.CONFIRMED, State.APPLIED]


def test_nobody_is_placed_before_one_who_waits(world: World, gathering: Gathering) -> None:
    event_id = gathering.event(places=2, mode=Mode.APPROVAL, categories=(Category(1, {"zh": "家庭"}, 1, 2),))
    first, mate, second = (gathering.member(name, phone=f"1003333000{n}") for n, name in enumerate("甲乙丙"))
    third = gathering.member("丁")
    single = applied(world, event_id, first)[0]
    pair = applied(world, event_id, mate, mates=(Named("丙", "10033330002"),))[0]
    last = applied(world, event_id, third)[0]
    assert second.member_id in [one.member_id for one in seen(world, pair).people]
    assert approve(gathering, event_id, [single, pair]).waiting == [pair]
    assert approve(gathering, event_id, [last]).waiting == [last]
    assert gathering.seen(event_id).total.taken == 1


def test_a_pair_in_which_somebody_has_not_confirmed_holds_its_places_and_waits_for_him(
    world: World, gathering: Gathering
) -> None:
    event_id = gathering.event(places=2, mode=Mode.APPROVAL, categories=PAIR)
    his = gathering.member("王强", sex=Sex.MALE)
    gathering.member("林芳", sex=Sex.FEMALE, phone="10033330002")
    ids = applied(world, event_id, his, mates=(Named("林芳", "10033330002"),))
    approve(gathering, event_id, ids)
    one = seen(world, ids[0])
    assert one.state is State.FORMING
    assert one.due_at is not None
    assert gathering.seen(event_id).total.taken == 2


def test_a_no_is_kept_with_its_reason_and_lets_go_of_the_person(world: World, gathering: Gathering) -> None:
    event_id, actor = gathering.event(mode=Mode.APPROVAL), gathering.member()
    ids = applied(world, event_id, actor)
    refuse(gathering, event_id, ids, "请补交健康证明")
    one = seen(world, ids[0])
    assert (one.state, one.reason, one.note) == (State.REFUSED, "papers", "请补交健康证明")
    assert states(world, applied(world, event_id, actor)) == [State.APPLIED]


def test_deciding_twice_changes_nothing_and_deciding_otherwise_is_refused(world: World, gathering: Gathering) -> None:
    event_id = gathering.event(mode=Mode.APPROVAL)
    yes, no = applied(world, event_id, *gathering.members("甲", "乙"))
    approve(gathering, event_id, [yes])
    refuse(gathering, event_id, [no])
    assert approve(gathering, event_id, [yes]).already == [yes]
    assert refuse(gathering, event_id, [no]).already == [no]
    for act in (lambda: approve(gathering, event_id, [no]), lambda: refuse(gathering, event_id, [yes])):
        with pytest.raises(Conflict) as late:
            act()
        assert late.value.code == errors.NOT_APPLIED
    assert gathering.seen(event_id).total.taken == 1


def test_who_withdrew_is_not_decided_and_the_others_are(world: World, gathering: Gathering) -> None:
    event_id = gathering.event(mode=Mode.APPROVAL)
    first, second = gathering.members("甲", "乙")
    ids = applied(world, event_id, first, second)
    world.do(lambda: leaving.cancel(actor=first, signup_id=ids[0], now=clock.now()))
    found = approve(gathering, event_id, ids)
    assert (found.placed, found.gone) == ([ids[1]], [ids[0]])


def test_another_reason_wants_words_and_another_federations_officer_sees_nothing(
    world: World, gathering: Gathering
) -> None:
    event_id, officer = gathering.event(mode=Mode.APPROVAL), gathering.officer
    ids = applied(world, event_id, gathering.member())
    with pytest.raises(Invalid) as wordless:
        world.do(
            lambda: deciding.refuse(
                actor=officer, event_id=event_id, signup_ids=ids, reason=RefusedFor.OTHER, note=" ", now=clock.now()
            )
        )
    assert wordless.value.code == errors.NOTE_LENGTH
    below = gathering.another_officer(Role.GRASSROOTS)
    with pytest.raises(NotFound):
        world.do(lambda: deciding.approve(actor=below, event_id=event_id, signup_ids=ids, now=clock.now()))


def test_after_the_end_nothing_is_decided(world: World, gathering: Gathering) -> None:
    event_id, officer = gathering.event(mode=Mode.APPROVAL), gathering.officer
    ids = applied(world, event_id, gathering.member())
    later = clock.now() + datetime.timedelta(days=8)
    with pytest.raises(Conflict) as over:
        world.do(lambda: deciding.approve(actor=officer, event_id=event_id, signup_ids=ids, now=later))
    assert over.value.code == errors.EVENT_OVER


def test_of_two_officers_at_once_one_decides(app: Flask, world: World, gathering: Gathering) -> None:
    event_id = gathering.event(places=1, mode=Mode.APPROVAL)
    ids = applied(world, event_id, *gathering.members("甲", "乙", "丙"))

    def knock(say: object) -> str:
        try:
            say()  # type: ignore[operator]
        except Conflict as late:
            return late.code
        return "done"

    with connected_to(app):
        outcomes = together(
            lambda: knock(lambda: approve(gathering, event_id, ids[:1])),
            lambda: knock(lambda: refuse(gathering, event_id, ids[:1])),
            lambda: knock(lambda: approve(gathering, event_id, ids[1:2])),
            lambda: knock(lambda: approve(gathering, event_id, ids[2:])),
        )
    assert sorted(outcomes[:2]) == ["done", errors.NOT_APPLIED]
    assert outcomes[2:] == ["done", "done"]
    assert gathering.seen(event_id).total.taken == 1
