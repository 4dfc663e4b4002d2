"""Whom a message of an entry is for when it is not everybody in it; whose losses of a draw they are; whose rule."""

import datetime
from collections.abc import Callable, Iterable

import psycopg
import pytest

from services.accounts.types import MemberActor
from services.events.queries import draws, mine, reading
from services.events.service import drawing, reminding
from services.events.types import Category, EventId, Joining, Kind, Mode, Named
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


def drawn(entries: Entries, joining: Joining, *agree: str) -> tuple[EventId, dict[str, MemberActor]]:
    """A team of three that loses: "captain", "said" and "silent"; these of the mates say yes before."""
    people = {"captain": entries.member("王强")}
    event_id = entries.event(categories=CREW, mode=Mode.DRAW, places=1, joining=joining)
    named = dict[str, Named]()
    for who, name in (("said", "林芳"), ("silent", "李娜")):
        people[who], named[who] = entries.named(name)
    signup_id = entries.entered(people["captain"], event_id, mates=tuple(named.values()))
    for who in agree:
        entries.join(people[who], signup_id)
    at, officer = entries.seen(event_id).terms.closes_at, entries.officer
    entries.world.do(lambda: drawing.draw(actor=officer, event_id=event_id, now=at))
    return event_id, people


def lost(entries: Entries, people: Iterable[MemberActor], now: datetime.datetime) -> list[int]:
    of = [one.member_id for one in people]
    return entries.world.look(lambda: draws.losses(of, kind=Kind.SPORT, now=now))


@pytest.mark.parametrize(
    ("joining", "agree", "losses"),
    [(Joining.CONFIRM, ("said", "silent"), [1, 1, 1]), (Joining.VOUCHED, ("said",), [1, 1, 0])],
)
def test_only_who_said_yes_himself_has_lost(
    entries: Entries, joining: Joining, agree: tuple[str, ...], losses: list[int]
) -> None:
    event_id, people = drawn(entries, joining, *agree)
    assert lost(entries, people.values(), entries.seen(event_id).terms.closes_at + DAY) == losses


def test_a_win_ends_the_losses_of_who_said_yes_or_came(entries: Entries, sql: psycopg.Connection) -> None:
    """The captain's word alone takes nobody's tickets."""
    first, people = drawn(entries, Joining.CONFIRM, "said", "silent")
    at = entries.seen(first).terms.closes_at
    officer, named = entries.officer, [entries.named(name)[1] for name in ("赵磊", "孙丽")]
    second = entries.event(categories=CREW, mode=Mode.DRAW, joining=Joining.VOUCHED, closes_at=at + HOUR)
    won = entries.entered(entries.member("周洁"), second, mates=tuple(named), now=at)
    sql.execute(
        "UPDATE signup_people SET member_id = %s WHERE signup_id = %s AND ordinal = 1",
        [people["silent"].member_id, won],
    )
    entries.world.do(lambda: drawing.draw(actor=officer, event_id=second, now=at + HOUR))
    after = at + DAY
    assert lost(entries, [people["silent"]], after) == [1]
    sql.execute(
        "UPDATE signup_people SET checked_in_at = now(), checked_in_by = 'x', checked_in_how = 'name'"
        " WHERE signup_id = %s AND ordinal = 1", [won]
    )  # fmt: skip
    assert lost(entries, [people["silent"]], after) == [0], "came"
    sql.execute(
        "UPDATE signup_people SET checked_in_at = NULL, checked_in_by = NULL, checked_in_how = NULL"
        " WHERE signup_id = %s AND ordinal = 1", [won]
    )  # fmt: skip
    entries.join(people["silent"], won, now=at + HOUR)
    assert lost(entries, [people["silent"]], after) == [0], "said yes to the place"


def test_who_comes_into_an_entry_after_the_draw_has_lost_nothing_in_it(entries: Entries) -> None:
    event_id, people = drawn(entries, Joining.CONFIRM, "said", "silent")
    at, (newcomer, new) = entries.seen(event_id).terms.closes_at, entries.named("周洁")
    captain, mate = people["captain"], people["said"]
    signup_id = entries.world.look(lambda: mine.of_event(event_id, member_id=captain.member_id))[0].signup.id
    entries.turn_down(mate, signup_id, now=at + HOUR)
    assert entries.replace(captain, signup_id, 1, new, now=at + HOUR) is None
    assert lost(entries, (captain, mate, newcomer), at + DAY) == [1, 0, 0], "who was asked"
    entries.join(newcomer, signup_id, now=at + HOUR)
    assert lost(entries, (captain, mate, newcomer), at + DAY) == [1, 0, 0], "and who came"


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
