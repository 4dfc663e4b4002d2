"""Signing up: places, draws and trays; overlapping quotas, slots, releases; what is kept, told and traced."""

import datetime
from typing import Any

import psycopg
import pytest

from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Refusal
from services.core.forms import Form, Question, read
from services.core.forms import Kind as QuestionKind
from services.core.forms.errors import ANSWER_MISSING
from services.events import errors
from services.events.queries import mine
from services.events.service import organising
from services.events.types import (
    Category,
    Companion,
    EventId,
    Kind,
    Mode,
    Quota,
    QuotaKind,
    Role,
    Slot,
    State,
    Unit,
    Wave,
)
from services.members.documents import Sex
from tests.builders.entries import Entries, fails, nothing_written, told, traced
from tests.builders.events import total
from tests.builders.world import DAY, World

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def events(world: World) -> Entries:
    return Entries(world)


def test_a_place_is_taken_shown_traced_and_told(world: World, events: Entries, sql: psycopg.Connection) -> None:
    event_id, actor = events.event(places=1), events.member()
    signup_id = events.entered(actor, event_id)
    own = world.look(lambda: mine.entry(signup_id, member_id=actor.member_id))
    assert (own.signup.state, own.captain, own.event.total.taken) == (State.CONFIRMED, True, 1)
    assert [one.name for one in own.signup.people] == ["陈静"]
    assert len(own.signup.number) == 9 and own.signup.number[4] == "-"
    assert told(sql, signup_id) == ["confirmed"]
    assert traced(sql, signup_id) == [("signup.confirmed", "member")]


@pytest.mark.parametrize(
    ("mode", "state", "what", "taken", "tickets"),
    [
        (Mode.FIRST_COME, State.CONFIRMED, "confirmed", 1, None),
        (Mode.DRAW, State.ENTERED, "entered", 0, 1),
        (Mode.APPROVAL, State.APPLIED, "applied", 0, None),
    ],
)
def test_each_mode_has_its_first_state(
    events: Entries, sql: psycopg.Connection, mode: Mode, state: State, what: str, taken: int, tickets: int | None
) -> None:
    event_id = events.event(mode=mode, places=1)
    signup_id = events.entered(events.member(), event_id)
    seen = events.entry(signup_id)
    assert (seen.state, seen.tickets, seen.position, seen.due_at) == (state, tickets, None, None)
    assert events.taken(event_id) == [taken]
    assert (told(sql, signup_id), traced(sql, signup_id)) == ([what], [(f"signup.{state}", "member")])


@pytest.mark.parametrize("mode", [Mode.DRAW, Mode.APPROVAL])
def test_where_places_are_given_later_more_may_enter_than_there_are_places(events: Entries, mode: Mode) -> None:
    event_id = events.event(mode=mode, places=1)
    ids = [events.entered(actor, event_id) for actor in events.members("甲", "乙", "丙")]
    assert len(set(events.states(*ids))) == 1 and events.taken(event_id) == [0]
    seen = events.seen(event_id)
    assert (seen.waiting, seen.undecided) == (0, 3)


def test_a_draft_and_an_unknown_event_are_not_there(world: World, events: Entries, sql: psycopg.Connection) -> None:
    actor, draft = events.member(), events.draft()
    gone = events.draft()
    world.do(lambda: organising.discard(actor=events.officer, event_id=gone, now=clock.now()))
    for event_id in (draft, gone):
        with nothing_written(sql), fails(errors.EVENT_UNKNOWN):
            events.enter(actor, event_id)


def test_sign_up_has_a_first_and_a_last_instant_and_none_at_what_is_called_off(
    world: World, events: Entries, sql: psycopg.Connection
) -> None:
    event_id, actor = events.event(), events.member()
    terms = events.seen(event_id).terms
    tick = datetime.timedelta(microseconds=1)
    early, late = terms.opens_at - tick, terms.closes_at
    with nothing_written(sql):
        refusal = events.refused(actor, event_id, now=early)
        assert refusal == Refusal(errors.SIGN_UP_NOT_OPEN, {"at": terms.opens_at.isoformat()})
        refusal = events.refused(actor, event_id, now=late)
        assert refusal == Refusal(errors.SIGN_UP_OVER, {"at": terms.closes_at.isoformat()})
    assert events.states(events.entered(actor, event_id, now=late - tick)) == [State.CONFIRMED]
    world.do(lambda: organising.cancel(actor=events.officer, event_id=event_id, note="台风", now=clock.now()))
    another = events.member()
    with nothing_written(sql):
        assert events.refused(another, event_id).code == errors.EVENT_CANCELLED


SLOTTED = {"categories": (Category(1, {"zh": "体检"}),)}


def slots(begin: datetime.datetime) -> tuple[Slot, ...]:
    return tuple(Slot(key, begin + key * HOUR, begin + (key + 1) * HOUR) for key in (1, 2))


def test_bad_fields_are_named(events: Entries, sql: psycopg.Connection) -> None:
    now = clock.now()
    plain, actor = events.event(), events.member()
    slotted = events.event(
        starts_at=now + DAY, ends_at=now + 2 * DAY, closes_at=now + 2 * DAY, cancel_until=now + DAY,
        slots=slots(now + DAY), quotas=(total(), *(Quota(key, QuotaKind.SLOT, 1, slot=key) for key in (1, 2))),
    )  # fmt: skip
    tried: list[tuple[EventId, dict[str, Any], str, str]] = [
        (plain, {"category": 2}, errors.CATEGORY_UNKNOWN, "category"),
        (slotted, {}, errors.SLOT_MISSING, "slot"),
        (slotted, {"slot": 3}, errors.SLOT_UNKNOWN, "slot"),
        (plain, {"companions": (Companion(Role.CHILD, "小雨"),)}, errors.GUARDIAN_MISSING, "guardian"),
        (plain, {"companions": (Companion(Role.GUEST, ""),)}, errors.COMPANION_NAME, "companions"),
        (plain, {"companions": (Companion(Role.GUEST, "长" * 31),)}, errors.COMPANION_NAME, "companions"),
    ]
    for event_id, entry, code, field in tried:
        with nothing_written(sql), fails(code, field=field):
            events.enter(actor, event_id, **entry)
    with nothing_written(sql), fails(errors.SLOT_OVER, field="slot"):
        events.enter(actor, slotted, slot=1, now=now + DAY + 2 * HOUR)


def test_a_slot_has_its_own_places(events: Entries, sql: psycopg.Connection) -> None:
    now = clock.now()
    event_id = events.event(
        kind=Kind.CHECKUP, starts_at=now + 7 * DAY, slots=slots(now + 7 * DAY), waiting_most=0,
        quotas=(total(None), *(Quota(key, QuotaKind.SLOT, 1, slot=key) for key in (1, 2))),
    )  # fmt: skip
    first, second, third = events.members("甲", "乙", "丙")
    assert events.entry(events.entered(first, event_id, slot=1)).slot == 1
    with nothing_written(sql):
        assert events.refused(second, event_id, slot=1).code == errors.QUOTA_FULL
    events.entered(second, event_id, slot=2)
    assert events.taken(event_id) == [2, 1, 1]
    with nothing_written(sql):
        assert events.refused(third, event_id, slot=2).code == errors.QUOTA_FULL


BALANCED = (
    total(10), Quota(1, QuotaKind.SEX, 1, sex=Sex.MALE), Quota(2, QuotaKind.SEX, 2, sex=Sex.FEMALE),
    Quota(3, QuotaKind.AGE, 2, ages=(18, 35)),
)  # fmt: skip


def test_a_place_counts_in_every_quota_that_applies_and_all_must_have_room(
    events: Entries, sql: psycopg.Connection
) -> None:
    event_id = events.event(kind=Kind.SOCIAL, quotas=BALANCED, waiting_most=0)
    his, hers = {"sex": Sex.MALE}, {"sex": Sex.FEMALE}
    events.entered(events.member(**his, age=30), event_id)
    assert events.taken(event_id) == [1, 1, 0, 1]
    assert events.refused(events.member(**his, age=50), event_id).code == errors.QUOTA_FULL
    events.entered(events.member(**hers, age=35), event_id)
    young = events.member(**hers, age=18)
    with nothing_written(sql):
        assert events.refused(young, event_id).code == errors.QUOTA_FULL
    events.entered(events.member(**hers, age=36), event_id)
    events.entered(events.member(), event_id)
    assert events.taken(event_id) == [4, 1, 2, 2]


def test_a_quota_of_a_union_counts_its_own(world: World, events: Entries) -> None:
    quotas = (total(3), Quota(1, QuotaKind.UNION, 1, union=world.town.path))
    event_id = events.event(quotas=quotas, waiting_most=0)
    events.entered(events.member(), event_id)
    assert events.refused(events.member(), event_id).code == errors.QUOTA_FULL
    elsewhere = world.another_union()
    for _ in range(2):
        events.entered(events.member(union=elsewhere), event_id)
    assert events.taken(event_id) == [3, 1]
    assert events.refused(events.member(union=elsewhere), event_id).code == errors.EVENT_FULL


def test_entries_may_be_counted_instead_of_people(events: Entries) -> None:
    quotas = (Quota(0, QuotaKind.ALL, 2, Unit.ENTRIES), Quota(1, QuotaKind.CATEGORY, 4, category=1))
    event_id = events.event(quotas=quotas, categories=(Category(1, {"zh": "家庭"}, guests=3),), waiting_most=0)
    guests = tuple(Companion(Role.GUEST, name) for name in "甲乙")
    events.entered(events.member(), event_id, companions=guests)
    assert events.taken(event_id) == [1, 3]
    assert events.refused(events.member(), event_id, companions=guests[:1]).code == errors.QUOTA_FULL
    events.entered(events.member(), event_id)
    assert events.taken(event_id) == [2, 4]
    assert events.refused(events.member(), event_id).code == errors.EVENT_FULL


def test_releases_come_at_their_hours_and_what_is_given_back_is_there_again(
    events: Entries, sql: psycopg.Connection
) -> None:
    noon = clock.now().replace(second=0, microsecond=0) + HOUR
    waves = (Wave(noon, 1), Wave(noon + 8 * HOUR, 1), Wave(noon + 11 * HOUR, 1))
    event_id = events.event(places=3, waves=waves, opens_at=noon - HOUR)
    people = events.members(*"甲乙丙丁戊")

    def gone(number: int) -> Refusal:
        return Refusal(errors.WAVE_GONE, {"at": waves[number].at.isoformat(), "places": 1})

    with nothing_written(sql):
        assert events.refused(people[0], event_id, now=noon - HOUR) == gone(0)
    first = events.entered(people[0], event_id, now=noon)
    with nothing_written(sql):
        assert events.refused(people[1], event_id, now=noon + HOUR) == gone(1)
    events.cancel(people[0], first, now=noon + HOUR)
    events.entered(people[1], event_id, now=noon + HOUR)
    assert events.refused(people[0], event_id, now=noon + 2 * HOUR) == gone(1)
    events.entered(people[0], event_id, now=noon + 8 * HOUR)
    assert events.refused(people[2], event_id, now=noon + 9 * HOUR) == gone(2)
    last = events.entered(people[2], event_id, now=noon + 11 * HOUR)
    waits = events.entered(people[3], event_id, now=noon + 11 * HOUR)
    assert events.states(last, waits) == [State.CONFIRMED, State.WAITING]
    assert events.taken(event_id) == [3]


def test_between_releases_a_full_quota_is_not_said_to_be_the_release(events: Entries) -> None:
    now = clock.now().replace(second=0, microsecond=0)
    waves = (Wave(now - HOUR, 2), Wave(now + HOUR, 2))
    quotas = (total(4), Quota(1, QuotaKind.SEX, 1, sex=Sex.MALE))
    event_id = events.event(quotas=quotas, waves=waves)
    men, women = events.members(*"甲乙", sex=Sex.MALE), events.members(*"丙丁", sex=Sex.FEMALE)
    events.entered(men[0], event_id)
    assert events.refused(men[1], event_id).code == errors.QUOTA_FULL
    events.entered(women[0], event_id)
    assert events.refused(men[1], event_id).code == errors.QUOTA_FULL
    assert events.refused(women[1], event_id).code == errors.WAVE_GONE


FORM = Form(
    (
        Question("size", QuestionKind.TEXT, {"zh": "球衣尺码"}, required=True),
        Question("phone", QuestionKind.PHONE, {"zh": "紧急联系电话"}),
    )
)


def test_answers_and_companions_are_sealed_and_nothing_personal_is_told_or_traced(
    world: World, events: Entries, sql: psycopg.Connection
) -> None:
    event_id = events.event(form=FORM, categories=(Category(1, {"zh": "亲子"}, guests=1, children=1),))
    actor = events.member("欧阳静怡", phone="10098765432")
    answers = read(FORM, {"size": ["特大号"], "phone": ["10055556666"]}, {})
    child = Companion(Role.CHILD, "欧阳小雨", local_date(clock.now()) - 3000 * DAY)
    signup_id = events.entered(
        actor, event_id, answers=answers, guardian=True, companions=(Companion(Role.GUEST, "上官伟"), child)
    )  # fmt: skip
    assert world.look(lambda: mine.answers(signup_id)) == answers
    people = events.entry(signup_id).people
    assert [(one.role, one.name, one.born_on) for one in people] == [
        (Role.MEMBER, "欧阳静怡", None), (Role.GUEST, "上官伟", None), (Role.CHILD, "欧阳小雨", child.born_on),
    ]  # fmt: skip
    kept = " ".join(
        str(sql.execute(f"SELECT to_jsonb(t) FROM {table} t").fetchall())  # type: ignore[arg-type]
        for table in ("signups", "signup_people", "audit_entries", "procrastinate_jobs")
    )
    said = ("欧阳", "上官", "特大", "10055556666", "10098765432", str(child.born_on), "10055")
    assert [word for word in said if word in kept] == []
    alone = events.entered(events.member(), event_id, answers=answers)
    agreed = dict(sql.execute("SELECT id, guardian_at = created_at FROM signups").fetchall())
    assert agreed == {signup_id: True, alone: None}
    sealed = sql.execute("SELECT answers, (SELECT said FROM signup_people WHERE ordinal = 1) FROM signups").fetchone()
    assert sealed is not None and all(sealed)


def test_an_answer_that_is_missing_is_named_at_its_question(events: Entries, sql: psycopg.Connection) -> None:
    event_id, actor = events.event(form=FORM), events.member()
    with nothing_written(sql), fails(ANSWER_MISSING, field="size"):
        events.enter(actor, event_id, answers={})
