"""Places of an event, many at once: as many get in as there are places, nobody twice, and the rest get a plain no."""

import dataclasses
from collections import Counter
from functools import partial
from typing import Any

import psycopg
import pytest

from services.core import clock
from services.events.service import organising
from services.events.types import Category, EventId, Joining, Mode, Quota, QuotaKind
from services.members.documents import Sex
from tests.builders.entries import Entries
from tests.builders.events import total
from tests.builders.world import World
from tests.races.gate import at_once, in_order, rush

CROWD = 64
ROUNDS = pytest.mark.parametrize("rounds", [2, pytest.param(50, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])])
PAIR = {"categories": (Category(1, {"zh": "双打"}, 2, 2),), "joining": Joining.VOUCHED}


@pytest.fixture
def events(world: World) -> Entries:
    return Entries(world)


def names(count: int) -> list[str]:
    return [f"会员{number}" for number in range(count)]


@ROUNDS
@pytest.mark.parametrize("places", [1, 7])
def test_sixty_four_want_the_last_places_and_each_goes_once(
    events: Entries, sql: psycopg.Connection, places: int, rounds: int
) -> None:
    people = events.members(*names(CROWD))
    for _ in range(rounds):
        event_id = events.event(places=places, waiting_most=0)
        assert rush(events, event_id, people) == {"confirmed": places, "event_full": CROWD - places}
        assert events.taken(event_id) == [places]
    in_order(sql)


@ROUNDS
def test_after_the_last_place_the_line_fills_to_its_length_and_the_rest_are_told(
    events: Entries, sql: psycopg.Connection, rounds: int
) -> None:
    people = events.members(*names(CROWD))
    for _ in range(rounds):
        event_id = events.event(places=5, waiting_most=10)
        tally = rush(events, event_id, people)
        assert tally["confirmed"] == 5 and set(tally) <= {"confirmed", "waiting", "waiting_full"}, tally
        assert tally["waiting"] >= 10, "those who begin to wait at one moment do not see each other"
        assert events.refused(events.member(), event_id).code == "waiting_full"
    in_order(sql)


@ROUNDS
def test_overlapping_quotas_are_all_kept(world: World, events: Entries, sql: psycopg.Connection, rounds: int) -> None:
    """Men, women, all and one union: a place is given only where each that applies has room."""
    elsewhere = world.another_union()
    quarter = names(CROWD // 4)
    groups = [
        events.members(*quarter, sex=sex, union=union) for sex in Sex for union in (world.union, elsewhere)
    ]  # fmt: skip
    # From every group in turn, so that they meet.
    people = [actor for row in zip(*groups, strict=True) for actor in row]
    for most, kept in (((20, 6, 9, 8), False), ((12, 9, 9, 9), True)):
        for _ in range(rounds):
            quotas = (
                total(most[0]),
                Quota(1, QuotaKind.SEX, most[1], sex=Sex.MALE),
                Quota(2, QuotaKind.SEX, most[2], sex=Sex.FEMALE),
                Quota(3, QuotaKind.UNION, most[3], union=world.town.path),
            )
            event_id = events.event(quotas=quotas, waiting_most=0)
            tally = rush(events, event_id, people)
            assert set(tally) <= {"confirmed", "event_full", "quota_full"}, tally
            taken = events.taken(event_id)
            assert taken[0] == tally["confirmed"] == taken[1] + taken[2]
            assert all(here <= capacity for here, capacity in zip(taken, most, strict=True))
            # Somebody of every group was there: whatever fits has been given.
            assert taken[0] == (most[0] if kept else most[1] + most[2])
    in_order(sql)


def pairs(events: Entries, count: int) -> list[tuple[Any, Any]]:
    """Captains, each with a mate of his own."""
    mates = [events.named(f"搭档{number}")[1] for number in range(count)]
    return list(zip(events.members(*names(count)), mates, strict=True))


@ROUNDS
@pytest.mark.parametrize(("places", "won"), [(2, 1), (1, 0), (7, 3)])
def test_pairs_get_both_places_or_none(
    events: Entries, sql: psycopg.Connection, places: int, won: int, rounds: int
) -> None:
    teams = pairs(events, 12)
    for _ in range(rounds):
        event_id = events.event(places=places, waiting_most=0, **PAIR)
        tries = [partial(events.enter, captain, event_id, mates=(mate,)) for captain, mate in teams]
        assert Counter(at_once(events, *tries)) == {
            key: count for key, count in (("confirmed", won), ("event_full", 12 - won)) if count
        }
        assert events.taken(event_id) == [2 * won]
    in_order(sql)


@ROUNDS
@pytest.mark.parametrize(
    ("terms", "first"),
    [
        ({}, "confirmed"), ({"places": 1}, "confirmed"), ({"places": 1, "taken": True}, "waiting"),
        ({"mode": Mode.DRAW}, "entered"), ({"mode": Mode.APPROVAL}, "applied"),
    ],
)  # fmt: skip
def test_one_member_on_eight_devices_is_in_once(
    events: Entries, sql: psycopg.Connection, terms: dict[str, Any], first: str, rounds: int
) -> None:
    actor, other = events.members("甲", "乙")
    said = {name: value for name, value in terms.items() if name != "taken"}
    for _ in range(2 * rounds):
        event_id = events.event(**said)
        if "taken" in terms:
            events.entered(other, event_id)
        assert rush(events, event_id, [actor] * 8) == {first: 1, "already_signed_up": 7}
    in_order(sql)


@ROUNDS
def test_a_crowd_with_two_devices_each_is_in_once_while_the_last_places_go(
    events: Entries, sql: psycopg.Connection, rounds: int
) -> None:
    people = events.members(*names(20))
    for _ in range(rounds):
        event_id = events.event(places=6)
        assert rush(events, event_id, people * 2) == {"confirmed": 6, "waiting": 14, "already_signed_up": 20}
    in_order(sql)


@ROUNDS
def test_two_who_name_each_other_are_one_pair(events: Entries, sql: psycopg.Connection, rounds: int) -> None:
    """Each is the other's mate: one entry stands, and the other try says so of whom it was."""
    people = [events.named(name) for name in "甲乙丙丁戊己"]
    couples = [(people[at], people[at + 1]) for at in (0, 2, 4)]
    for _ in range(2 * rounds):
        event_id = events.event(places=4, **PAIR)
        tries = [
            partial(events.enter, one[0], event_id, mates=(other[1],))
            for couple in couples
            for one, other in (couple, couple[::-1])
        ]
        tally = Counter(at_once(events, *tries))
        assert tally == {"confirmed": 2, "waiting": 1, "already_signed_up": 3}
        assert events.taken(event_id) == [4]
    in_order(sql)


@ROUNDS
def test_of_several_captains_who_name_one_person_one_has_him(
    events: Entries, sql: psycopg.Connection, rounds: int
) -> None:
    captains, (star, named) = events.members(*names(8)), events.named("高手")
    for _ in range(rounds):
        event_id = events.event(places=30, **PAIR)
        tries = [partial(events.enter, captain, event_id, mates=(named,)) for captain in captains]
        assert Counter(at_once(events, *tries)) == {"confirmed": 1, "mate_not_possible": 7}
        assert events.refused(star, event_id).code == "already_signed_up"
    in_order(sql)


def called_off(events: Entries, event_id: EventId) -> None:
    def work() -> None:
        organising.cancel(actor=events.officer, event_id=event_id, note="台风", now=clock.now())

    events.world.do(work)


@ROUNDS
@pytest.mark.parametrize("terms", [{"places": 60}, {"places": 3}, {"mode": Mode.DRAW}, {"mode": Mode.APPROVAL}])
def test_nobody_is_left_in_an_event_that_is_called_off_while_people_sign_up(
    events: Entries, sql: psycopg.Connection, terms: dict[str, Any], rounds: int
) -> None:
    people = events.members(*names(30))
    for _ in range(rounds):
        event_id = events.event(**terms)
        tries = [partial(events.enter, actor, event_id) for actor in people]
        tally = Counter(at_once(events, *tries[:10], partial(called_off, events, event_id), *tries[10:]))
        assert tally.pop("done") == 1
        assert set(tally) <= {"called_off", "event_cancelled"}, tally
        assert events.taken(event_id) == [0]
    in_order(sql)


@ROUNDS
def test_places_that_an_organiser_adds_or_takes_away_while_people_sign_up_are_neither_lost_nor_given_twice(
    events: Entries, sql: psycopg.Connection, rounds: int
) -> None:
    people = events.members(*names(24))

    def rewritten(event_id: EventId, revision: int, places: int) -> None:
        def work() -> None:
            terms = dataclasses.replace(events.seen(event_id).terms, quotas=(total(places),))
            organising.rewrite(actor=events.officer, event_id=event_id, revision=revision, terms=terms, now=clock.now())

        events.world.do(work)

    for number in range(2 * rounds):
        places = (12, 5)[number % 2]
        event_id = events.event(places=8)
        tries: list[Any] = [partial(events.enter, actor, event_id) for actor in people]
        tries.insert(12, partial(rewritten, event_id, 1, places))
        tally = Counter(at_once(events, *tries))
        # Fewer places than are taken already are refused: then the first number stands.
        stands = 8 if tally.pop("quota_below_taken", 0) else places
        tally.pop("done", 0)
        assert tally["confirmed"] + tally["offered"] == stands, tally
        assert tally["waiting"] == 24 - stands and events.taken(event_id) == [stands], tally
    in_order(sql)
