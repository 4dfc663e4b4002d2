"""Signing up: places, lines, draws and trays; who may and who may not; teams and families."""

import datetime
from typing import Any

import pytest

from services.accounts.types import MemberActor
from services.core import clock
from services.core.errors import Conflict, Refusal
from services.events import errors
from services.events.queries import mine
from services.events.service import joining, leaving, offering, signing_up
from services.events.types import (
    Category,
    Entry,
    EventId,
    Named,
    Signup,
    SignupId,
    State,
)
from services.members.documents import Sex
from tests.builders.events import Gathering
from tests.builders.world import World

PAIR = (Category(1, {"zh": "混合双打"}, 2, 2, 1, 1),)


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


def enter(world: World, actor: MemberActor, event_id: EventId, **entry: Any) -> SignupId | Refusal:
    return world.do(lambda: signing_up.sign_up(actor=actor, event_id=event_id, entry=Entry(**entry), now=clock.now()))


def entered(world: World, actor: MemberActor, event_id: EventId, **entry: Any) -> SignupId:
    found = enter(world, actor, event_id, **entry)
    assert not isinstance(found, Refusal), found
    return found


def seen(world: World, signup_id: SignupId) -> Signup:
    return world.look(lambda: mine.signups([signup_id])[0])


def test_a_place_is_taken_and_shown(world: World, gathering: Gathering) -> None:
    event_id, actor = gathering.event(places=1), gathering.member()
    signup_id = entered(world, actor, event_id)
    own = world.look(lambda: mine.entry(signup_id, member_id=actor.member_id))
    assert (own.signup.state, own.captain, own.event.total.taken) == (State.CONFIRMED, True, 1)
    assert [one.name for one in own.signup.people] == ["陈静"]


def test_who_comes_after_the_last_place_waits_in_order_and_moves_up_when_somebody_leaves(
    world: World, gathering: Gathering
) -> None:
    event_id = gathering.event(places=1)
    first, second, third = gathering.members("甲", "乙", "丙")
    ids = [entered(world, actor, event_id) for actor in (first, second, third)]
    assert [seen(world, one).position for one in ids] == [None, 1, 2]
    world.do(lambda: leaving.cancel(actor=first, signup_id=ids[0], now=clock.now()))
    assert [seen(world, one).state for one in ids] == [State.CANCELLED, State.OFFERED, State.WAITING]
    world.do(lambda: offering.decline(actor=second, signup_id=ids[1], now=clock.now()))
    assert seen(world, ids[2]).state is State.OFFERED
    world.do(lambda: offering.accept(actor=third, signup_id=ids[2], now=clock.now()))
    assert seen(world, ids[2]).state is State.CONFIRMED
    assert gathering.seen(event_id).total.taken == 1


def test_an_offer_that_nobody_takes_goes_to_the_next(world: World, gathering: Gathering) -> None:
    event_id = gathering.event(places=1)
    first, second, third = gathering.members("甲", "乙", "丙")
    ids = [entered(world, actor, event_id) for actor in (first, second, third)]
    world.do(lambda: leaving.cancel(actor=first, signup_id=ids[0], now=clock.now()))
    later = clock.now() + datetime.timedelta(hours=25)
    assert world.do(lambda: offering.expire(later)) == 1
    assert world.do(lambda: offering.expire(later)) == 0
    assert [seen(world, one).state for one in ids[1:]] == [State.LAPSED, State.OFFERED]
    with pytest.raises(Conflict) as late:
        world.do(lambda: offering.accept(actor=second, signup_id=ids[1], now=later))
    assert late.value.code == errors.OFFER_OVER


def test_a_pair_takes_two_places_or_none_and_both_confirm(world: World, gathering: Gathering) -> None:
    event_id = gathering.event(places=3, categories=PAIR)
    his = gathering.member("王强", sex=Sex.MALE, phone="10033330001")
    hers = gathering.member("林芳", sex=Sex.FEMALE, phone="10033330002")
    signup_id = entered(world, his, event_id, mates=(Named("林芳", "10033330002"),))
    assert (seen(world, signup_id).state, gathering.seen(event_id).total.taken) == (State.FORMING, 2)
    world.do(lambda: joining.join(actor=hers, signup_id=signup_id, now=clock.now()))
    assert seen(world, signup_id).state is State.CONFIRMED
    others = (
        gathering.member("周伟", sex=Sex.MALE, phone="10033330003"),
        gathering.member("吴敏", sex=Sex.FEMALE, phone="10033330004"),
    )
    waiting = entered(world, others[0], event_id, mates=(Named("吴敏", "10033330004"),))
    assert (seen(world, waiting).state, gathering.seen(event_id).total.taken) == (State.WAITING, 2)
