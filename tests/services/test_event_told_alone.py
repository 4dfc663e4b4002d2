"""Whom a message of an entry is for when it is not everybody in it; whose losses of a draw they are; whose rule."""

from collections.abc import Callable

import psycopg
import pytest

from services.events.queries import draws, reading
from services.events.service import drawing, reminding
from services.events.types import Category, Joining, Kind, Mode
from services.unions import service as unions
from services.unions.types import Level
from tests.builders.entries import Entries
from tests.builders.world import DAY, World
from tests.services.test_event_notices import HOUR, NOON, told

CREW = (Category(1, {"zh": "接力"}, 2, 3),)


@pytest.fixture
def entries(world: World, at: Callable[..., None]) -> Entries:
    at(NOON)
    return Entries(world)


def test_a_newcomer_is_asked_and_nobody_who_was_asked_before(
    entries: Entries, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    event_id, captain = entries.event(categories=CREW), entries.member("王强")
    (first, his), (second, hers), (third, new) = (entries.named(name) for name in ("林芳", "李娜", "周洁"))
    signup_id = entries.entered(captain, event_id, mates=(his, hers))
    run_jobs()
    entries.turn_down(first, signup_id)
    assert entries.replace(captain, signup_id, 1, new) is None
    run_jobs()
    assert [told(sql, one).count("event.invited") for one in (first, second, third)] == [1, 1, 1]


def test_of_a_team_in_which_somebody_is_missing_those_who_are_in_are_reminded(
    entries: Entries, sql: psycopg.Connection, run_jobs: Callable[[], None]
) -> None:
    """The door lets them in."""
    event_id, captain = entries.event(categories=CREW), entries.member("王强")
    mate, named = entries.named("林芳")
    signup_id = entries.entered(captain, event_id, mates=(named,))
    entries.join(mate, signup_id)
    starts_at = entries.seen(event_id).terms.starts_at
    entries.turn_down(mate, signup_id, now=starts_at - DAY)
    entries.world.do(lambda: reminding.remind(starts_at - HOUR))
    run_jobs()
    assert (told(sql, captain).count("event.reminder"), told(sql, mate).count("event.reminder")) == (1, 0)


@pytest.mark.parametrize("joining", Joining)
def test_who_comes_into_an_entry_after_the_draw_has_lost_nothing_in_it(entries: Entries, joining: Joining) -> None:
    event_id, officer = entries.event(categories=CREW, mode=Mode.DRAW, places=1, joining=joining), entries.officer
    captain, (mate, named), (newcomer, new) = entries.member("王强"), entries.named("林芳"), entries.named("周洁")
    signup_id = entries.entered(captain, event_id, mates=(named,))
    if joining is Joining.CONFIRM:
        entries.join(mate, signup_id)
    at = entries.seen(event_id).terms.closes_at
    entries.world.do(lambda: drawing.draw(actor=officer, event_id=event_id, now=at))

    def lost() -> list[int]:
        of = [one.member_id for one in (captain, mate, newcomer)]
        return entries.world.look(lambda: draws.losses(of, kind=Kind.SPORT, now=at + DAY))

    assert lost() == [1, 1, 0], "vouched for or not"
    entries.turn_down(mate, signup_id, now=at + HOUR)
    assert entries.replace(captain, signup_id, 1, new, now=at + HOUR) is None
    assert lost() == [1, 0, 0], "who was asked"
    entries.join(newcomer, signup_id, now=at + HOUR)
    assert lost() == [1, 0, 0], "and who came"


def test_a_list_says_what_misses_cost_at_each_federations_own_events(entries: Entries, sql: psycopg.Connection) -> None:
    """Another federation forgives more: there one who is paused at home may sign up."""
    other = entries.world.do(lambda: unions.found(name={"zh": "沛河区总工会"}, level=Level.FEDERATION))
    sql.execute(
        "INSERT INTO pause_rules (union_id, kind, free, within_days, pause_days) VALUES (%s, 'sport', 5, 365, 30)",
        [other.id],
    )
    home, there, member = entries.event(), entries.event(), entries.member()
    for event_id in (entries.event(), entries.event()):
        sql.execute(
            "INSERT INTO event_misses (id, event_id, member_id, kind, because, at)"
            " VALUES (gen_random_uuid(), %s, %s, 'sport', 'no_show', %s)",
            [event_id, member.member_id, NOON - DAY],
        )
    sql.execute("UPDATE events SET union_id = %s WHERE id = %s", [other.id, there])
    seen = [entries.seen(one) for one in (home, there)]
    found = entries.world.look(lambda: reading.readers(member.member_id, of=seen, now=NOON))
    assert (found[home].paused_until, found[there].paused_until) == (NOON + 29 * DAY, None)
