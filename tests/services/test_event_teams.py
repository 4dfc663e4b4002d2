"""Pairs, teams and families: all or none; who is named, confirms, turns down, is replaced; a unit enters its people."""

import datetime

import psycopg
import pytest

from services.accounts.types import MemberActor
from services.core import clock
from services.core.errors import Refusal
from services.events import errors
from services.events.queries import entrants
from services.events.queries import events as event_queries
from services.events.service import mates, recording, signing_up
from services.events.types import (
    Category,
    Companion,
    Eligibility,
    EventId,
    Joining,
    Mode,
    Named,
    Presence,
    Quota,
    QuotaKind,
    Role,
    SignupId,
    State,
    Unit,
)
from services.members.documents import Sex
from tests.builders.entries import Entries, fails, nothing_written, told, traced
from tests.builders.events import total
from tests.builders.world import DAY, World

HOUR = datetime.timedelta(hours=1)
TICK = datetime.timedelta(microseconds=1)
PAIR = (Category(1, {"zh": "双打"}, 2, 2),)
MIXED = (Category(1, {"zh": "混合双打"}, 2, 2, 1, 1),)
TEAM = (Category(1, {"zh": "拔河"}, 3, 4),)


@pytest.fixture
def events(world: World) -> Entries:
    return Entries(world)


def pair(events: Entries, event_id: EventId) -> tuple[MemberActor, MemberActor, SignupId]:
    """A captain and his mate, who has not confirmed yet where she has to."""
    his, (hers, named) = events.member("王强", sex=Sex.MALE), events.named("林芳", sex=Sex.FEMALE)
    return his, hers, events.entered(his, event_id, mates=(named,))


def test_a_pair_takes_two_places_or_none_and_both_confirm(events: Entries, sql: psycopg.Connection) -> None:
    event_id = events.event(places=3, categories=MIXED)
    his, hers, signup_id = pair(events, event_id)
    seen = events.entry(signup_id)
    assert (seen.state, events.taken(event_id)) == (State.FORMING, [2])
    assert seen.due_at is not None and 2 * DAY <= seen.due_at - seen.created_at <= 2 * DAY + 13 * HOUR
    assert [one.presence for one in seen.people] == [Presence.IN, Presence.INVITED]
    events.join(his, signup_id)
    assert events.states(signup_id) == [State.FORMING], "the captain is in already"
    events.join(hers, signup_id)
    with nothing_written(sql):
        events.join(hers, signup_id)
    assert (events.states(signup_id), events.entry(signup_id).due_at) == ([State.CONFIRMED], None)
    _, _, waiting = pair(events, event_id)
    assert (events.states(waiting), events.taken(event_id)) == ([State.WAITING], [2])
    assert told(sql, signup_id) == ["forming", "invited", "confirmed"]
    assert told(sql, waiting) == ["waiting", "invited"]
    assert {action for action, _ in traced(sql, signup_id)} == {"signup.forming", "signup.confirmed"}


def test_where_the_captain_vouches_the_entry_stands_at_once(events: Entries, sql: psycopg.Connection) -> None:
    event_id = events.event(categories=PAIR, joining=Joining.VOUCHED)
    _, hers, signup_id = pair(events, event_id)
    assert events.states(signup_id) == [State.CONFIRMED]
    assert [one.presence for one in events.entry(signup_id).people] == [Presence.IN, Presence.IN]
    assert told(sql, signup_id) == ["confirmed"]
    assert events.refused(hers, event_id) == Refusal(errors.ALREADY_SIGNED_UP, {"signup": str(signup_id)})
    events.turn_down(hers, signup_id)
    assert events.states(signup_id) == [State.FORMING]
    assert told(sql, signup_id)[-1] == "mate_declined"


def test_a_team_has_its_size_and_its_men_and_women(events: Entries, sql: psycopg.Connection) -> None:
    team, mixed = events.event(categories=TEAM), events.event(categories=MIXED)
    captain = events.member("王强", sex=Sex.MALE)
    named = [events.named(name, sex=Sex.MALE)[1] for name in "甲乙丙丁"]
    tried: list[tuple[EventId, list[Named], Refusal]] = [
        (team, named[:1], Refusal(errors.TOO_FEW_MATES, {"least": 3, "count": 2})),
        (team, named, Refusal(errors.TOO_MANY_MATES, {"most": 4, "count": 5})),
        (team, [named[0], named[0]], Refusal(errors.MATE_TWICE)),
        (mixed, named[:1], Refusal(errors.WOMEN_MISSING, {"least": 1})),
    ]
    for event_id, written, refusal in tried:
        with nothing_written(sql):
            assert events.refused(captain, event_id, mates=tuple(written)) == refusal
    woman = events.member("林芳", sex=Sex.FEMALE)
    another = events.named("李娜", sex=Sex.FEMALE)[1]
    assert events.refused(woman, mixed, mates=(another,)) == Refusal(errors.MEN_MISSING, {"least": 1})
    events.entered(captain, team, mates=tuple(named[:3]))
    assert events.taken(team) == [4]


def test_nobody_is_his_own_mate(events: Entries, sql: psycopg.Connection) -> None:
    captain, named = events.named("王强")
    event_id = events.event(categories=PAIR)
    with nothing_written(sql):
        assert events.refused(captain, event_id, mates=(named,)) == Refusal(errors.MATE_TWICE)


@pytest.mark.parametrize("written", ["林 芳", " 林芳 ", "林\u3000芳", "林芳"])
def test_a_mate_is_found_however_the_name_is_spaced(events: Entries, written: str) -> None:
    _, named = events.named("林芳")
    event_id = events.event(categories=PAIR)
    signup_id = events.entered(events.member("王强"), event_id, mates=(Named(written, named.phone),))
    assert [one.name for one in events.entry(signup_id).people] == ["王强", "林芳"]


def test_a_foreign_name_is_found_whatever_its_width_case_and_dot(events: Entries) -> None:
    _, named = events.named("买买提·Ali")
    event_id = events.event(categories=PAIR)
    events.entered(events.member("王强"), event_id, mates=(Named("买买提•ＡＬＩ", named.phone),))
    assert events.taken(event_id) == [2]


@pytest.mark.usefixtures("same_moment")
def test_a_wrong_name_is_counted_though_refused_and_after_ten_not_even_a_right_one_is_looked_up(
    events: Entries, sql: psycopg.Connection
) -> None:
    event_id = events.event(categories=TEAM)
    captain, others = events.member("王强"), [events.named(name)[1] for name in "甲乙"]
    wrong = Named("不对", others[0].phone)

    def tried(*named: Named, now: datetime.datetime | None = None) -> Refusal:
        return events.refused(captain, event_id, mates=named, now=now)

    with nothing_written(sql):
        assert tried(others[0], wrong) == Refusal(errors.MATE_UNKNOWN, {"line": 2})
        assert tried(wrong, Named("无人", "10099990000")) == Refusal(errors.MATE_UNKNOWN, {"line": 1})
        for _ in range(6):
            assert tried(wrong).code == errors.MATE_UNKNOWN
        # One is left: of two wrong ones the first takes it.
        assert tried(wrong, wrong).code == errors.MATES_TOO_OFTEN
        assert tried(others[0], wrong).code == errors.MATES_TOO_OFTEN
        assert tried(*others).code == errors.MATES_TOO_OFTEN
        assert tried().code == errors.TOO_FEW_MATES
    assert sql.execute("SELECT used FROM spendings").fetchall() == [(mates.WRONG_A_DAY,)]
    another = events.member("李雷")
    events.entered(another, event_id, mates=tuple(others))
    assert tried(*others, now=clock.now() + DAY) == Refusal(errors.MATE_NOT_POSSIBLE, {"line": 1})


def test_why_a_mate_cannot_come_along_is_his_own_matter(events: Entries, sql: psycopg.Connection) -> None:
    event_id = events.event(categories=TEAM, eligibility=Eligibility(age_to=40))
    captain = events.member("王强", age=30)
    (fine, a), (_, old) = events.named("甲", age=30), events.named("乙", age=50)
    with nothing_written(sql):
        refusal = events.refused(captain, event_id, mates=(a, old))
        assert refusal == Refusal(errors.MATE_NOT_POSSIBLE, {"line": 2})
    other = [events.named(name, age=20)[1] for name in "丙丁"]
    events.entered(fine, event_id, mates=tuple(other))
    assert events.refused(captain, event_id, mates=(a, other[0])) == Refusal(errors.MATE_NOT_POSSIBLE, {"line": 1})
    assert events.refused(fine, event_id, mates=(a,)).code == errors.MATE_TWICE


def test_a_team_over_its_time_lapses_frees_all_and_lets_the_next_up(events: Entries, sql: psycopg.Connection) -> None:
    event_id = events.event(places=2, categories=PAIR)
    his, hers, signup_id = pair(events, event_id)
    _, _, waiting = pair(events, event_id)
    due_at = events.entry(signup_id).due_at
    assert due_at is not None
    assert events.expire(due_at - TICK) == 0
    assert events.expire(due_at) == 1
    assert events.states(signup_id, waiting) == [State.LAPSED, State.OFFERED]
    assert events.taken(event_id) == [2] and told(sql, signup_id)[-1] == "lapsed"
    for act in (events.join, events.turn_down):
        with nothing_written(sql), fails(errors.SIGNUP_OVER):
            act(hers, signup_id)
    again = events.entered(his, event_id, mates=(events.named("李娜")[1],))
    assert events.states(again) == [State.WAITING], "all of it are free again"


def test_a_pair_that_waited_accepts_and_then_has_time_to_confirm(events: Entries, sql: psycopg.Connection) -> None:
    event_id = events.event(places=2, categories=PAIR)
    his, _, first = pair(events, event_id)
    captain, mate, waiting = pair(events, event_id)
    captain2, mate2, second = pair(events, event_id)
    events.join(mate2, second)
    events.cancel(his, first)
    events.accept(captain, waiting)
    assert events.states(waiting) == [State.FORMING]
    events.accept(captain, waiting)
    events.join(mate, waiting)
    assert events.states(waiting) == [State.CONFIRMED]
    assert told(sql, waiting) == ["waiting", "invited", "offered", "forming", "confirmed"]
    events.cancel(captain, waiting)
    events.accept(captain2, second)
    assert events.states(second) == [State.CONFIRMED], "she had confirmed while they waited"


def test_a_mate_turns_down_and_is_free_and_the_captain_finds_another(events: Entries, sql: psycopg.Connection) -> None:
    event_id = events.event(places=5, categories=(*PAIR, Category(2, {"zh": "单打"})))
    his, hers, signup_id = pair(events, event_id)
    events.join(hers, signup_id)
    events.turn_down(hers, signup_id)
    seen = events.entry(signup_id)
    assert seen.state is State.FORMING and seen.due_at is not None
    with nothing_written(sql):
        events.turn_down(hers, signup_id)
    with nothing_written(sql), fails(errors.NOT_INVITED):
        events.join(hers, signup_id)
    with nothing_written(sql), fails(errors.NOT_INVITED):
        events.turn_down(his, signup_id)
    events.entered(hers, event_id, category=2)
    assert events.taken(event_id) == [3], "her place stays with the pair"
    other, named = events.named("李娜")
    with nothing_written(sql), fails(errors.SIGNUP_UNKNOWN):
        events.replace(his, signup_id, 2, named)
    with nothing_written(sql), fails(errors.SIGNUP_UNKNOWN):
        events.replace(his, signup_id, 0, named)
    with nothing_written(sql), fails(errors.SIGNUP_UNKNOWN):
        events.replace(other, signup_id, 1, named)
    assert events.replace(his, signup_id, 1, named) is None
    with nothing_written(sql), fails(errors.NOT_CAPTAIN):
        events.replace(other, signup_id, 1, named)
    assert told(sql, signup_id)[-2:] == ["mate_declined", "invited"]
    events.join(other, signup_id)
    assert events.states(signup_id) == [State.CONFIRMED]
    with nothing_written(sql), fails(errors.SIGNUP_UNKNOWN):
        events.replace(his, signup_id, 1, named)


def crew(events: Entries, event_id: EventId, mates: int = 3) -> tuple[list[MemberActor], SignupId]:
    """A captain with so many mates, all of whom have said yes."""
    captain, others = events.member("王强"), [events.named(f"队友{at}") for at in range(mates)]
    signup_id = events.entered(captain, event_id, mates=tuple(named for _, named in others))
    for mate, _ in others:
        events.join(mate, signup_id)
    return [captain, *(mate for mate, _ in others)], signup_id


def test_where_enough_are_left_a_team_stands_and_the_place_goes_to_the_line_or_to_whom_the_captain_names(
    events: Entries, sql: psycopg.Connection
) -> None:
    event_id = events.event(categories=(*TEAM, Category(2, {"zh": "单项"})), places=4)
    people, signup_id = crew(events, event_id)
    waits = events.member("林芳")
    next_id = events.entered(waits, event_id, category=2)
    events.turn_down(people[3], signup_id)
    assert events.states(signup_id, next_id) == [State.CONFIRMED, State.OFFERED]
    assert told(sql, signup_id)[-1] == "mate_declined" and events.taken(event_id) == [4]
    newcomer, named = events.named("周洁")
    with nothing_written(sql):
        assert events.replace(people[0], signup_id, 3, named) == Refusal(errors.QUOTA_FULL)
    events.decline(waits, next_id)
    assert events.taken(event_id) == [3]
    assert events.replace(people[0], signup_id, 3, named) is None
    assert (events.states(signup_id), events.taken(event_id)) == ([State.CONFIRMED], [4])
    events.join(newcomer, signup_id)
    assert told(sql, signup_id)[-3:] == ["mate_declined", "invited", "confirmed"]
    assert sql.execute("SELECT count(*) FROM signup_people WHERE late_id IS NOT NULL").fetchone() == (0,)


def test_a_team_stands_as_soon_as_the_last_word_is_in_if_those_who_said_yes_are_enough(
    events: Entries, sql: psycopg.Connection
) -> None:
    event_id = events.event(categories=TEAM, places=8)
    for last_says_no in (True, False):
        captain, others = events.member("王强"), [events.named(f"队友{at}") for at in range(3)]
        signup_id = events.entered(captain, event_id, mates=tuple(named for _, named in others))
        before = events.taken(event_id)[0]
        first, middle, last = (0, 1, 2) if last_says_no else (1, 2, 0)
        events.join(others[first][0], signup_id)
        (events.join if last_says_no else events.turn_down)(others[middle][0], signup_id)
        assert (events.states(signup_id), events.taken(event_id)) == ([State.FORMING], [before])
        (events.turn_down if last_says_no else events.join)(others[last][0], signup_id)
        assert (events.states(signup_id), events.taken(event_id)) == ([State.CONFIRMED], [before - 1])
        assert "confirmed" in told(sql, signup_id) and events.entry(signup_id).due_at is None


def test_a_place_that_was_given_back_is_not_asked_for_again_when_the_team_finds_its_last_one(events: Entries) -> None:
    event_id = events.event(categories=(*TEAM, Category(2, {"zh": "单项"})), places=4)
    people, signup_id = crew(events, event_id)
    events.turn_down(people[1], signup_id)
    events.entered(events.member("林芳"), event_id, category=2)
    events.turn_down(people[2], signup_id)
    assert (events.states(signup_id), events.taken(event_id)) == ([State.FORMING], [4])
    newcomer, named = events.named("周洁")
    assert events.replace(people[0], signup_id, 2, named) is None
    events.join(newcomer, signup_id)
    assert (events.states(signup_id), events.taken(event_id)) == ([State.CONFIRMED], [4])


def test_two_who_leave_are_replaced_one_after_the_other_in_a_full_house(events: Entries) -> None:
    event_id = events.event(categories=TEAM, places=3)
    people, signup_id = crew(events, event_id, mates=2)
    for mate in people[1:]:
        events.turn_down(mate, signup_id)
    for ordinal in (1, 2):
        newcomer, named = events.named(f"新人{ordinal}")
        assert events.replace(people[0], signup_id, ordinal, named) is None
        events.join(newcomer, signup_id)
    assert (events.states(signup_id), events.taken(event_id)) == ([State.CONFIRMED], [3])


def test_a_pair_that_waits_and_loses_the_mate_takes_one_place_when_its_turn_comes(events: Entries) -> None:
    event_id = events.event(categories=(Category(1, {"zh": "单双打"}, 1, 2),), places=2)
    holders = events.members("王丽", "李娜")
    held = [events.entered(one, event_id) for one in holders]
    his, hers, signup_id = pair(events, event_id)
    events.turn_down(hers, signup_id)
    events.cancel(holders[0], held[0])
    assert events.states(signup_id) == [State.WAITING], "the captain may still name somebody: it waits for two"
    events.cancel(holders[1], held[1])
    assert (events.states(signup_id), events.taken(event_id)) == ([State.OFFERED], [2])
    events.accept(his, signup_id)
    assert (events.states(signup_id), events.taken(event_id)) == ([State.CONFIRMED], [1])


def test_who_cannot_come_is_no_replacement(events: Entries, sql: psycopg.Connection) -> None:
    quotas = (total(9), Quota(1, QuotaKind.SEX, 1, sex=Sex.MALE))
    event_id = events.event(quotas=quotas, categories=(Category(1, {"zh": "双打"}, 1, 2, 0, 1),))
    captain, mate, signup_id = pair(events, event_id)
    busy, in_already = events.named("甲", sex=Sex.FEMALE)
    events.entered(busy, event_id)
    man, woman = events.named("乙", sex=Sex.MALE)[1], events.named("丙", sex=Sex.FEMALE)[1]
    tried = [
        (in_already, Refusal(errors.MATE_NOT_POSSIBLE, {"line": 1})),
        (man, Refusal(errors.WOMEN_MISSING, {"least": 1})),
    ]
    wrong = Named("不对", woman.phone)
    with nothing_written(sql):
        for named, refusal in tried:
            assert events.replace(captain, signup_id, 1, named) == refusal
        assert events.replace(captain, signup_id, 1, wrong) == Refusal(errors.MATE_UNKNOWN, {"line": 1})
    events.turn_down(mate, signup_id)
    assert events.replace(captain, signup_id, 1, woman) is None


def test_a_replacement_is_counted_anew_and_what_it_frees_goes_to_the_line(
    events: Entries, sql: psycopg.Connection
) -> None:
    quotas = (total(9), Quota(1, QuotaKind.SEX, 2, sex=Sex.FEMALE), Quota(2, QuotaKind.SEX, 2, sex=Sex.MALE))
    event_id = events.event(quotas=quotas, categories=(Category(1, {"zh": "双打"}, 1, 2),))
    captain, _, signup_id = pair(events, event_id)
    women = events.members("甲", "乙", sex=Sex.FEMALE)
    ids = [events.entered(actor, event_id) for actor in women]
    assert events.states(*ids) == [State.CONFIRMED, State.WAITING]
    assert events.replace(captain, signup_id, 1, events.named("丁", sex=Sex.MALE)[1]) is None
    assert events.taken(event_id) == [4, 2, 2]
    assert events.states(ids[1]) == [State.OFFERED] and told(sql, ids[1])[-1] == "offered"
    with nothing_written(sql):
        woman = Named("戊", "10099990001")
        assert events.replace(captain, signup_id, 1, woman) == Refusal(errors.MATE_UNKNOWN, {"line": 1})
    _, named = events.named("己", sex=Sex.FEMALE)
    with nothing_written(sql):
        assert events.replace(captain, signup_id, 1, named) == Refusal(errors.QUOTA_FULL)


def test_a_waiting_pair_that_now_needs_something_else_moves_up(events: Entries) -> None:
    quotas = (total(9), Quota(1, QuotaKind.SEX, 1, sex=Sex.FEMALE), Quota(2, QuotaKind.SEX, 9, sex=Sex.MALE))
    event_id = events.event(quotas=quotas, categories=(Category(1, {"zh": "双打"}, 1, 2),))
    events.entered(events.member(sex=Sex.FEMALE), event_id)
    captain, _, signup_id = pair(events, event_id)
    assert events.states(signup_id) == [State.WAITING]
    assert events.replace(captain, signup_id, 1, events.named("丁", sex=Sex.MALE)[1]) is None
    assert (events.states(signup_id), events.taken(event_id)) == ([State.OFFERED], [3, 1, 2])


def test_a_child_keeps_its_place_when_a_mate_is_replaced_and_birthdays_free_nothing(
    events: Entries, sql: psycopg.Connection
) -> None:
    quotas = (
        total(9), Quota(1, QuotaKind.AGE, 1, Unit.ENTRIES, ages=(0, 20)), Quota(2, QuotaKind.AGE, 5, ages=(31, 99)),
    )  # fmt: skip
    event_id = events.event(quotas=quotas, categories=(Category(1, {"zh": "家庭"}, 2, 2, children=1),))
    captain = events.member("王强", age=25)
    _, named = events.named("林芳", age=20)
    child = Companion(Role.CHILD, "小雨", datetime.date(2020, 5, 1))
    signup_id = events.entered(captain, event_id, mates=(named,), companions=(child,), guardian=True)
    assert events.taken(event_id) == [3, 1, 0]
    assert events.replace(captain, signup_id, 1, events.named("丁", age=30)[1]) is None
    assert events.taken(event_id) == [3, 1, 0], "the child is counted still"
    sql.execute("UPDATE members SET born_on = born_on - 366 * 2 WHERE name = '丁'")
    assert events.replace(captain, signup_id, 1, events.named("戊", age=22)[1]) is None
    assert events.taken(event_id) == [3, 1, 0]
    events.cancel(captain, signup_id)
    assert events.taken(event_id) == [0, 0, 0]


def test_in_a_draw_a_replacement_brings_his_own_tickets(events: Entries, sql: psycopg.Connection) -> None:
    old = events.event(mode=Mode.DRAW)
    captain, (loser, lost), (_, fresh) = events.member("王强"), events.named("甲"), events.named("乙")
    for actor in (captain, loser):
        events.entered(actor, old)
    sql.execute("UPDATE events SET drawn_at = %s", [clock.now()])
    sql.execute("UPDATE signups SET won = false")
    event_id = events.event(mode=Mode.DRAW, categories=PAIR)
    signup_id = events.entered(captain, event_id, mates=(lost,))
    assert events.entry(signup_id).tickets == 2
    events.turn_down(loser, signup_id)
    assert events.states(signup_id) == [State.ENTERED]
    assert events.replace(captain, signup_id, 1, fresh) is None
    assert events.entry(signup_id).tickets == 1


def test_nobody_joins_turns_down_or_is_replaced_once_it_has_begun(events: Entries, sql: psycopg.Connection) -> None:
    event_id = events.event(categories=PAIR)
    captain, mate, signup_id = pair(events, event_id)
    _, named = events.named("甲")
    begun = events.seen(event_id).terms.starts_at
    for act in (events.join, events.turn_down):
        with nothing_written(sql), fails(errors.EVENT_BEGUN):
            act(mate, signup_id, now=begun)
    with nothing_written(sql), fails(errors.EVENT_BEGUN):
        events.replace(captain, signup_id, 1, named, now=begun)


def test_a_unit_enters_its_people_and_nobody_has_to_confirm(
    world: World, events: Entries, sql: psycopg.Connection
) -> None:
    event_id = events.event(places=3, categories=TEAM)
    people = events.members("甲", "乙", "丙", "丁")

    def enter() -> SignupId | Refusal:
        now, event = clock.now(), event_queries.event(event_id)
        found = entrants.entrants([one.member_id for one in people[:3]], event=event, once_id=event_id, now=now)
        asked = recording.Asked(
            category=TEAM[0], slot=None, members=found, companions=(), answers={}, wait=True,
            actor=events.officer.label, now=now,
            by_unit={"entered_by": events.officer.label, "entered_union_id": world.union.id},
        )  # fmt: skip
        found = signing_up.place(event, asked)
        return found if isinstance(found, Refusal) else found.id

    signup_id = world.do(enter)
    assert not isinstance(signup_id, Refusal)
    seen = events.entry(signup_id)
    assert (seen.state, seen.entered_by, seen.captain_id) == (
        State.CONFIRMED, events.officer.label, people[0].member_id,
    )  # fmt: skip
    assert told(sql, signup_id) == ["by_unit"] and traced(sql, signup_id) == [("signup.confirmed", "officer")]
    assert events.taken(event_id) == [3]
    events.turn_down(people[1], signup_id)
    assert events.states(signup_id) == [State.FORMING]
