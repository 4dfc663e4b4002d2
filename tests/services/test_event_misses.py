"""Misses: written once a day after the event, paid for as the federation says, cleared by an officer."""

import datetime

import psycopg
import pytest

from services.accounts.types import MemberActor, OfficerActor, Role
from services.core import clock
from services.core.crypto import vault
from services.core.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from services.core.forms.errors import SIGNS_UNSEEN
from services.core.paging import PageRequest
from services.events import errors
from services.events.queries import misses
from services.events.service import door, leaving, missing, signing_up
from services.events.types import Category, Companion, Entry, EventId, Kind, Miss, PauseRule, SignupId
from services.events.types import Role as Part
from services.events.types.door import Missed, MissId, Tick
from services.members.types import MemberId
from tests.builders.events import HOUR, Gathering
from tests.builders.world import DAY, World


@pytest.fixture
def gathering(world: World) -> Gathering:
    return Gathering(world)


def sign_up(gathering: Gathering, event_id: EventId, member: MemberActor, **entry: object) -> SignupId:
    made = gathering.world.do(
        lambda: signing_up.sign_up(actor=member, event_id=event_id, entry=Entry(**entry), now=clock.now())  # type: ignore[arg-type]
    )
    assert not isinstance(made, Refusal), made
    return made


def came(gathering: Gathering, event_id: EventId, *signup_ids: SignupId) -> None:
    officer, terms = gathering.officer, gathering.seen(event_id).terms
    ticks = [Tick(one, 0, terms.starts_at) for one in signup_ids]
    done = gathering.world.do(
        lambda: door.enter_ticks(actor=officer, event_id=event_id, ticks=ticks, now=terms.ends_at)
    )
    assert not isinstance(done, Refusal)


def settle(gathering: Gathering, event_id: EventId, after: datetime.timedelta = DAY) -> int:
    at = gathering.seen(event_id).terms.ends_at + after
    return gathering.world.do(lambda: missing.settle(at))


def missed_by(gathering: Gathering, member: MemberActor, kind: Kind = Kind.SPORT) -> list[Missed]:
    world = gathering.world
    return list(
        world.look(lambda: misses.record(member.member_id, kind, world.union.path, clock.now() + 9 * DAY)).misses
    )


def missing_person(gathering: Gathering, member: MemberActor, **terms: object) -> EventId:
    """An event at which this member did not appear and another one did."""
    event_id = gathering.event(**terms)
    sign_up(gathering, event_id, member)
    came(gathering, event_id, sign_up(gathering, event_id, gathering.member("来了")))
    assert settle(gathering, event_id) == 1
    return event_id


def test_who_did_not_come_has_missed_a_day_after_the_end(gathering: Gathering, sql: psycopg.Connection) -> None:
    event_id = gathering.event()
    absent, present = gathering.member("没来"), gathering.member("来了")
    sign_up(gathering, event_id, absent)
    came(gathering, event_id, sign_up(gathering, event_id, present))
    assert settle(gathering, event_id, DAY - HOUR) == 0, "a day for ticks made on paper"
    assert [settle(gathering, event_id), settle(gathering, event_id)] == [1, 0]
    (miss,) = missed_by(gathering, absent)
    assert (miss.because, miss.event_id, miss.kind) == (Miss.NO_SHOW, event_id, Kind.SPORT)
    assert missed_by(gathering, present) == []
    jobs = sql.execute("SELECT args -> 'payload' FROM procrastinate_jobs WHERE task_name = 'events.missed'").fetchall()
    assert [row[0] for row in jobs] == [{"miss_id": str(miss.id)}]


def test_where_nobody_kept_the_door_nobody_has_missed(gathering: Gathering) -> None:
    event_id, member = gathering.event(), gathering.member()
    sign_up(gathering, event_id, member)
    assert settle(gathering, event_id) == 1
    assert missed_by(gathering, member) == []


@pytest.mark.parametrize(("scanned", "missed"), [(0, 0), (1, 0), (2, 8), (9, 1)])
def test_a_trial_scan_at_the_door_makes_nobody_a_no_show(
    gathering: Gathering, sql: psycopg.Connection, scanned: int, missed: int
) -> None:
    """From one in five on a door was kept."""
    event_id = gathering.event()
    signups = [sign_up(gathering, event_id, one) for one in gathering.members(*"甲乙丙丁戊己庚辛壬癸")]
    came(gathering, event_id, *signups[:scanned])
    seen = gathering.world.look(lambda: misses.turnout(event_id))
    assert (seen.expected, seen.come, seen.absent) == (10, scanned, 10 - scanned)
    assert settle(gathering, event_id) == 1
    assert sql.execute("SELECT count(*) FROM event_misses WHERE because = 'no_show'").fetchone() == (missed,)


def test_children_and_guests_miss_nothing_and_their_captain_only_himself(gathering: Gathering) -> None:
    both = Category(1, {"zh": "家庭"}, guests=1)
    event_id, member = gathering.event(categories=(both,)), gathering.member()
    came(gathering, event_id, sign_up(gathering, event_id, member, companions=(Companion(Part.GUEST, "王大山"),)))
    settle(gathering, event_id)
    assert missed_by(gathering, member) == []


@pytest.mark.parametrize(("refilled", "said"), [(False, [Miss.LATE_CANCEL]), (True, [])])
def test_a_late_cancellation_is_a_miss_unless_the_place_was_taken(
    gathering: Gathering, world: World, sql: psycopg.Connection, refilled: bool, said: list[Miss]
) -> None:
    event_id, member = gathering.event(cancel_until=clock.now() - HOUR), gathering.member()
    signup_id = sign_up(gathering, event_id, member)
    world.do(lambda: leaving.cancel(actor=member, signup_id=signup_id, now=clock.now() + DAY))
    sql.execute("UPDATE signups SET refilled = %s", [refilled])
    settle(gathering, event_id)
    assert [one.because for one in missed_by(gathering, member)] == said


def test_whoever_cancels_in_time_has_missed_nothing(gathering: Gathering, world: World) -> None:
    event_id, member = gathering.event(), gathering.member()
    signup_id = sign_up(gathering, event_id, member)
    world.do(lambda: leaving.cancel(actor=member, signup_id=signup_id, now=clock.now()))
    settle(gathering, event_id)
    assert missed_by(gathering, member) == []


def test_who_came_to_one_of_two_entries_has_not_missed(gathering: Gathering) -> None:
    event_id, member = gathering.event(cancel_until=clock.now() - HOUR), gathering.member()
    left = sign_up(gathering, event_id, member)
    gathering.world.do(lambda: leaving.cancel(actor=member, signup_id=left, now=clock.now()))
    came(gathering, event_id, sign_up(gathering, event_id, member))
    settle(gathering, event_id)
    assert missed_by(gathering, member) == []


def test_an_event_that_was_called_off_or_is_held_is_left_alone(gathering: Gathering, sql: psycopg.Connection) -> None:
    event_id = gathering.event()
    sign_up(gathering, event_id, gathering.member())
    with sql.transaction():
        sql.execute("SELECT 1 FROM events FOR UPDATE")
        assert settle(gathering, event_id) == 0
    sql.execute("UPDATE events SET cancelled_at = now(), cancelled_note = '下雨'")
    assert settle(gathering, event_id) == 0


def test_once_misses_are_written_paper_comes_too_late(gathering: Gathering, world: World) -> None:
    event_id, member = gathering.event(), gathering.member()
    signup_id = sign_up(gathering, event_id, member)
    settle(gathering, event_id)
    officer, terms = gathering.officer, gathering.seen(event_id).terms
    tick = Tick(signup_id, 0, terms.starts_at)
    refusal = world.do(
        lambda: door.enter_ticks(actor=officer, event_id=event_id, ticks=[tick], now=terms.ends_at + HOUR)
    )
    assert refusal == Refusal(errors.DOOR_CLOSED)


def test_who_attended_has_the_level_of_the_series(gathering: Gathering, sql: psycopg.Connection) -> None:
    event_id = gathering.event(kind=Kind.TRAINING, series="电工", level=2)
    present = gathering.member("来了")
    sign_up(gathering, event_id, gathering.member("没来"))
    came(gathering, event_id, sign_up(gathering, event_id, present))
    settle(gathering, event_id)
    rows = sql.execute("SELECT member_id, series, level FROM attainments").fetchall()
    assert rows == [(present.member_id, "电工", 2)]


def paused(gathering: Gathering, member: MemberActor, now: datetime.datetime) -> dict[MemberId, datetime.datetime]:
    world = gathering.world
    return world.look(lambda: misses.paused_until([member.member_id], Kind.SPORT, world.union.path, now))


def test_the_first_miss_warns_and_the_second_pauses_its_kind_alone(gathering: Gathering, world: World) -> None:
    member = gathering.member()
    missing_person(gathering, member)
    at = clock.now() + 9 * DAY
    record = world.look(lambda: misses.record(member.member_id, Kind.SPORT, world.union.path, at))
    assert (len(record.misses), record.next_pauses, record.paused_until) == (1, True, None)
    assert paused(gathering, member, at) == {}
    second = missing_person(gathering, member)
    until = gathering.seen(second).terms.ends_at + DAY + 30 * DAY
    assert paused(gathering, member, at) == {member.member_id: until}
    assert paused(gathering, member, until) == {}
    shown = world.look(lambda: misses.records(member.member_id, world.union.path, at))
    assert [(one.kind, len(one.misses), one.paused_until) for one in shown] == [(Kind.SPORT, 2, until)]


def test_a_federation_says_what_misses_cost(gathering: Gathering, world: World) -> None:
    member = gathering.member()
    event_id = missing_person(gathering, member)
    federation = gathering.officer

    def say(rule: PauseRule, officer: OfficerActor = federation) -> None:
        world.do(lambda: missing.set_rule(officer=officer, kind=Kind.SPORT, rule=rule, now=clock.now()))

    at = clock.now() + 9 * DAY
    say(PauseRule(free=0, within_days=100, pause_days=10))
    assert paused(gathering, member, at) == {member.member_id: gathering.seen(event_id).terms.ends_at + 11 * DAY}
    say(PauseRule(free=0, within_days=100, pause_days=0))
    assert paused(gathering, member, at) == {}
    for wrong in (PauseRule(-1, 10, 10), PauseRule(10, 10, 10), PauseRule(1, 0, 0), PauseRule(1, 10, 11)):
        with pytest.raises(Invalid, match=errors.PAUSE_RANGE):
            say(wrong)
    with pytest.raises(Forbidden):
        say(PauseRule(), gathering.another_officer(Role.TOWN))


def test_a_miss_that_an_officer_clears_counts_for_nothing(
    gathering: Gathering, world: World, sql: psycopg.Connection
) -> None:
    member = gathering.member()
    missing_person(gathering, member)
    (miss,) = missed_by(gathering, member)

    def clear(officer: OfficerActor, note: str = "当天加班，单位有证明") -> None:
        world.do(lambda: missing.clear(officer=officer, miss_id=MissId(miss.id), note=note, now=clock.now()))

    elsewhere = gathering.another_officer(Role.GRASSROOTS, world.another_union())
    with pytest.raises(NotFound):
        clear(elsewhere)
    own = gathering.another_officer(Role.GRASSROOTS)
    with pytest.raises(Invalid, match=errors.NOTE_LENGTH):
        clear(own, " ")
    with pytest.raises(Invalid, match=SIGNS_UNSEEN):
        clear(own, "发烧\x00在家")
    clear(own)
    (sealed,) = sql.execute("SELECT cleared_note FROM event_misses").fetchone() or (b"",)
    assert vault.unseal("event_misses.cleared_note", sealed) == "当天加班，单位有证明"
    assert missed_by(gathering, member) == []
    with pytest.raises(Conflict, match=errors.MISS_CLEARED):
        clear(own)
    trail = sql.execute("SELECT actor, detail FROM audit_entries WHERE action = 'event.miss_cleared'").fetchall()
    assert trail == [(own.label, {})]


def test_an_officer_sees_misses_of_his_own_people_and_no_clinic_of_anothers(gathering: Gathering, world: World) -> None:
    member = gathering.member("王小明")
    missing_person(gathering, member, kind=Kind.CLINIC)
    missing_person(gathering, gathering.member("赵青", union=world.another_union()))
    own = gathering.another_officer(Role.GRASSROOTS)

    def listed(officer: OfficerActor, words: str = "") -> list[tuple[str, bool]]:
        scopes = tuple(grant.scope for grant in officer.grants)
        page = world.look(lambda: misses.page(PageRequest(), scopes=scopes, words=words))
        return [(one.masked_name, one.named) for one in page.items]

    assert listed(own) == [("王*明", False)]
    assert listed(gathering.officer) == [("赵*", True), ("王*明", True)]
    assert listed(gathering.officer, "小明") == [("王*明", True)]
