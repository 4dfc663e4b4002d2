"""Phases, room, releases, whose turn it is, and what a miss costs: at every boundary, and for whatever comes."""

import dataclasses
import datetime
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.core.calendar import SHANGHAI, local, local_date
from services.events import rules
from services.events.types import (
    Category,
    Event,
    EventId,
    Kind,
    Once,
    PauseRule,
    Phase,
    Quota,
    QuotaKind,
    Room,
    Slot,
    Terms,
    Wave,
)
from services.notifications.rules import out_of_quiet, quiet
from services.unions.types import UnionId, UnionPath

MINUTE, HOUR, DAY = datetime.timedelta(minutes=1), datetime.timedelta(hours=1), datetime.timedelta(days=1)
TICK = datetime.timedelta(microseconds=1)
NOON = datetime.datetime(2027, 3, 1, 4, tzinfo=datetime.UTC)
OPENS, CLOSES, STARTS, ENDS = NOON, NOON + 5 * DAY, NOON + 7 * DAY, NOON + 7 * DAY + 3 * HOUR
WAVES = (Wave(OPENS, 3), Wave(OPENS + 8 * HOUR, 4), Wave(OPENS + 11 * HOUR, 2))


def terms(**said: Any) -> Terms:
    given = {
        "kind": Kind.SPORT, "title": {"zh": "健步走"}, "text": {}, "place": {"zh": "公园"}, "starts_at": STARTS,
        "ends_at": ENDS, "opens_at": OPENS, "closes_at": CLOSES, "cancel_until": CLOSES,
        "categories": (Category(1, {"zh": "个人"}),), "quotas": (Quota(0, QuotaKind.ALL, 9),), **said,
    }  # fmt: skip
    return Terms(**given)


def event(
    *, taken: Mapping[int, int] | None = None, published: bool = True, cancelled: bool = False, **said: Any
) -> Event:
    written = terms(**said)
    return Event(
        id=EventId(uuid.UUID(int=7)), union_id=UnionId(uuid.UUID(int=1)), union_path=UnionPath("a"),
        union_name={"zh": "总工会"}, terms=written,
        rooms=tuple(Room(quota, (taken or {}).get(quota.ordinal, 0)) for quota in written.quotas), revision=1,
        published_at=OPENS - DAY if published else None, cancelled_at=OPENS if cancelled else None,
        cancelled_note="雨" if cancelled else None, drawn_at=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (OPENS - TICK, Phase.COMING), (OPENS, Phase.OPEN), (CLOSES - TICK, Phase.OPEN), (CLOSES, Phase.CLOSED),
        (STARTS - TICK, Phase.CLOSED), (STARTS, Phase.RUNNING), (ENDS - TICK, Phase.RUNNING), (ENDS, Phase.OVER),
    ],
)  # fmt: skip
def test_each_phase_begins_at_its_instant(now: datetime.datetime, expected: Phase) -> None:
    assert rules.phase(event(), now) is expected
    assert rules.phase(event(published=False), now) is Phase.DRAFT
    assert rules.phase(event(cancelled=True), now) is Phase.CANCELLED


def test_sign_up_may_run_while_the_event_does() -> None:
    walk_up = event(closes_at=ENDS - HOUR)
    assert rules.phase(walk_up, STARTS) is Phase.OPEN
    assert rules.phase(walk_up, ENDS - HOUR) is Phase.RUNNING


@pytest.mark.parametrize(
    ("on", "years"),
    [
        ("2000-02-28", -1), ("2000-02-29", 0), ("2001-02-28", 0), ("2001-03-01", 1), ("2004-02-28", 3),
        ("2004-02-29", 4), ("2018-02-28", 17), ("2018-03-01", 18),
    ],
)  # fmt: skip
def test_who_is_born_on_29_february_is_older_on_that_day_or_on_1_march(on: str, years: int) -> None:
    assert rules.age(datetime.date(2000, 2, 29), datetime.date.fromisoformat(on)) == years


@given(born=st.dates(datetime.date(1930, 1, 1), datetime.date(2026, 1, 1)), days=st.integers(0, 40_000))
def test_an_age_grows_by_one_a_year_and_never_shrinks(born: datetime.date, days: int) -> None:
    day = born + datetime.timedelta(days=days)
    assert rules.age(born, born) == 0
    assert rules.age(born, day) <= rules.age(born, day + DAY) <= rules.age(born, day) + 1
    assert abs(rules.age(born, day) - days / 365.2425) < 1.01


def test_once_is_the_event_or_one_of_its_categories() -> None:
    one, other = EventId(uuid.UUID(int=1)), EventId(uuid.UUID(int=2))
    assert rules.once_id(one, Once.EVENT, 1) == rules.once_id(one, Once.EVENT, 2) == one
    by_category = {rules.once_id(of, Once.CATEGORY, key) for of in (one, other) for key in (1, 2)}
    assert len(by_category) == 4 and one not in by_category


def test_categories_and_slots_are_found_by_their_keys() -> None:
    slot = Slot(3, STARTS, STARTS + HOUR)
    written = terms(slots=(slot,))
    assert rules.category_of(written, 1) == written.categories[0] and rules.category_of(written, 2) is None
    assert rules.slot_of(written, 3) == slot and rules.slot_of(written, 1) is None


@pytest.mark.parametrize(
    ("now", "out", "following"),
    [
        (OPENS - TICK, 0, 0), (OPENS, 3, 1), (OPENS + 8 * HOUR - TICK, 3, 1), (OPENS + 8 * HOUR, 7, 2),
        (OPENS + 11 * HOUR - TICK, 7, 2), (OPENS + 11 * HOUR, None, None), (STARTS, None, None),
    ],
)  # fmt: skip
def test_a_release_is_out_from_its_instant_on(now: datetime.datetime, out: int | None, following: int | None) -> None:
    assert rules.released(WAVES, now) == out
    assert rules.next_wave(WAVES, now) == (None if following is None else WAVES[following])
    assert rules.released((), now) is None and rules.next_wave((), now) is None


@pytest.mark.parametrize(
    ("now", "taken", "expected"),
    [(OPENS - TICK, 0, 0), (OPENS, 0, 3), (OPENS, 2, 1), (OPENS, 3, 0), (OPENS + 8 * HOUR, 3, 4),
     (OPENS + 8 * HOUR, 9, 0), (OPENS + 11 * HOUR, 7, 2), (OPENS + 11 * HOUR, 2, 7)],
)  # fmt: skip
def test_of_the_total_only_what_is_released_is_left(now: datetime.datetime, taken: int, expected: int) -> None:
    assert rules.left(event(waves=WAVES, taken={0: taken}), now)[0] == expected


def test_a_quota_without_capacity_is_never_short_and_none_is_less_than_empty() -> None:
    quotas = (
        Quota(0, QuotaKind.ALL, None),
        Quota(1, QuotaKind.CATEGORY, 2, category=1),
        Quota(2, QuotaKind.SLOT, 1, slot=1),
    )
    found = rules.left(event(quotas=quotas, taken={0: 99, 1: 1, 2: 4}), OPENS)
    assert found == {0: None, 1: 1, 2: 0}
    assert rules.lacking(found, {0: 50, 1: 1}) == []
    assert rules.lacking(found, {2: 1, 1: 2, 0: 2}) == [1, 2]
    assert rules.lacking({}, {0: 1}) == []


def test_a_pair_that_finds_one_place_keeps_it_from_singles_behind() -> None:
    line = [("pair", {0: 2}), ("single", {0: 1})]
    assert rules.next_in_line({0: 1}, line) == []
    assert rules.next_in_line({0: 2}, line) == ["pair"]
    assert rules.next_in_line({0: 3}, line) == ["pair", "single"]


def test_who_needs_none_of_what_is_short_passes() -> None:
    line = [("man", {0: 1, 1: 1}), ("woman", {0: 1, 2: 1}), ("another man", {0: 1, 1: 1}), ("guest", {0: 1})]
    assert rules.next_in_line({0: 9, 1: 0, 2: 1}, line) == ["woman", "guest"]
    # The pair of two unions is short of one; what it needs of the other stays kept for it.
    mixed = [("pair", {0: 2, 1: 1, 2: 1}), ("of 1", {0: 1, 1: 1}), ("of 2", {0: 1, 2: 1})]
    assert rules.next_in_line({0: 9, 1: 1, 2: 0}, mixed) == ["of 1"]


_needs = st.dictionaries(st.integers(1, 3), st.integers(1, 3), max_size=3).flatmap(
    lambda some: st.integers(max(some.values(), default=1), 4).map(lambda total: {0: total, **some})
)
_rooms = st.fixed_dictionaries({ordinal: st.none() | st.integers(0, 6) for ordinal in range(4)})


@given(room=_rooms, needs=st.lists(_needs, max_size=12))
def test_a_line_moves_in_order_and_nobody_is_passed_by_whoever_needs_what_is_short(
    room: dict[int, int | None], needs: list[dict[int, int]]
) -> None:
    chosen = rules.next_in_line(room, list(enumerate(needs)))
    assert chosen == sorted(set(chosen))
    left = dict(room)

    def short(wanted: Mapping[int, int]) -> set[int]:
        return {one for one, count in wanted.items() if (here := left[one]) is not None and here < count}

    passed: set[int] = set()
    for at, wanted in enumerate(needs):
        if at in chosen:
            assert not short(wanted), "never more than there is room"
            assert not passed & wanted.keys(), "overtakes nobody who is short of what it needs"
            for one, count in wanted.items():
                if (here := left[one]) is not None:
                    left[one] = here - count
        else:
            here = short(wanted)
            assert here or passed & wanted.keys(), "nobody is left behind who fits"
            passed |= here


@given(room=_rooms, needs=st.lists(_needs, max_size=12))
def test_moving_up_again_moves_nobody(room: dict[int, int | None], needs: list[dict[int, int]]) -> None:
    chosen = rules.next_in_line(room, list(enumerate(needs)))
    left = {
        one: None if here is None else here - sum(needs[at].get(one, 0) for at in chosen) for one, here in room.items()
    }
    rest = [(at, wanted) for at, wanted in enumerate(needs) if at not in chosen]
    assert rules.next_in_line(left, rest) == []


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        (2 * DAY, DAY), (26 * HOUR, DAY), (26 * HOUR - TICK, DAY - TICK), (2 * HOUR + MINUTE, MINUTE),
        (2 * HOUR + TICK, TICK), (2 * HOUR, None), (HOUR, None), (-HOUR, None),
    ],
)  # fmt: skip
def test_an_offer_is_kept_for_a_day_and_never_into_the_last_two_hours(
    before: datetime.timedelta, kept: datetime.timedelta | None
) -> None:
    now = STARTS - before
    assert rules.offered_until(terms(), now) == (None if kept is None else now + kept)


@pytest.mark.parametrize(
    ("offered", "minutes", "until"),
    [
        ("20:30", 120, "10:00"), ("20:30", 29, "20:59"), ("20:30", 30, "10:00"), ("23:00", 600, "10:00"),
        ("02:00", 60, "10:00"), ("08:30", 89, "10:00"), ("08:30", 90, "10:00"), ("08:30", 91, "10:01"),
        ("12:00", 60, "13:00"), ("23:00", 24 * 60, "10:00"), ("12:00", 24 * 60, "12:00"),
    ],
)  # fmt: skip
def test_no_offer_ends_while_its_message_waits_for_the_morning(offered: str, minutes: int, until: str) -> None:
    now = datetime.datetime.combine(local_date(STARTS - 4 * DAY), datetime.time.fromisoformat(offered), SHANGHAI)
    found = rules.offered_until(terms(offer_minutes=minutes), now)
    assert found is not None and f"{local(found):%H:%M}" == until
    assert datetime.timedelta(minutes=minutes) <= found - now <= datetime.timedelta(minutes=minutes) + 13 * HOUR
    assert out_of_quiet(now) + 2 * HOUR <= found or not quiet(now)


def test_an_offer_of_the_night_ends_before_an_event_of_the_morning() -> None:
    begins = datetime.datetime.combine(local_date(STARTS), datetime.time(9), SHANGHAI)
    until = rules.offered_until(terms(starts_at=begins, offer_minutes=60), begins - 11 * HOUR)
    assert until == begins - 2 * HOUR


def test_an_offer_may_be_kept_until_the_beginning() -> None:
    assert rules.offered_until(terms(offers_end_minutes=0, offer_minutes=60), STARTS - MINUTE) == STARTS


@pytest.mark.parametrize(
    ("before", "kept"),
    [
        (4 * DAY, 48 * HOUR), (48 * HOUR, 48 * HOUR), (47 * HOUR, 47 * HOUR), (2 * HOUR, 2 * HOUR), (HOUR, HOUR),
        (MINUTE, HOUR), (-DAY, HOUR),
    ],
)  # fmt: skip
def test_the_others_confirm_within_two_days_or_until_sign_up_closes_but_have_an_hour(
    before: datetime.timedelta, kept: datetime.timedelta
) -> None:
    now = CLOSES - before
    assert rules.join_by(terms(), now) == now + kept


@pytest.mark.parametrize(
    ("asked", "closes", "until"),
    [
        ("20:59", 5 * DAY, "20:59 +2"), ("21:00", 5 * DAY, "10:00 +3"), ("23:30", 5 * DAY, "10:00 +3"),
        ("09:59", 5 * DAY, "10:00 +2"), ("10:00", 5 * DAY, "10:00 +2"),
        # Sign-up closes at night, or has closed.
        ("18:00", 6 * HOUR, "10:00 +1"), ("12:00", 3 * HOUR, "15:00 +0"), ("20:30", -DAY, "10:00 +1"),
        ("19:30", -DAY, "20:30 +0"),
    ],
)  # fmt: skip
def test_nobody_has_to_confirm_while_he_sleeps(asked: str, closes: datetime.timedelta, until: str) -> None:
    day = local_date(STARTS - 6 * DAY)
    now = datetime.datetime.combine(day, datetime.time.fromisoformat(asked), SHANGHAI)
    found = local(rules.join_by(terms(closes_at=now + closes), now))
    assert f"{found:%H:%M} +{(found.date() - day).days}" == until


def test_who_is_asked_in_the_night_before_an_event_of_the_morning_has_until_it_is_too_late() -> None:
    begins = datetime.datetime.combine(local_date(STARTS), datetime.time(9), SHANGHAI)
    said = terms(starts_at=begins, closes_at=begins - 10 * HOUR)
    assert rules.join_by(said, begins - 11 * HOUR) == begins - 2 * HOUR
    assert rules.join_by(said, begins - HOUR) == begins


@pytest.mark.parametrize(
    ("losses", "expected"), [([], 1), ([0], 1), ([1], 2), ([3], 4), ([9], 4), ([3, 0], 1), ([2, 5], 3), ([7, 8], 4)]
)
def test_an_entry_has_the_tickets_of_whoever_of_it_lost_least(losses: list[int], expected: int) -> None:
    assert rules.tickets(losses) == expected


@pytest.mark.parametrize(
    ("ago", "rule", "days"),
    [
        ([], PauseRule(), None), ([0], PauseRule(), None), ([0, 10], PauseRule(), 30), ([10, 0], PauseRule(), 30),
        ([5, 10], PauseRule(), 25), ([0, 364], PauseRule(), 30), ([0, 365], PauseRule(), None),
        ([0, 400, 500], PauseRule(), -370), ([0], PauseRule(free=0), 30), ([0, 1], PauseRule(free=2), None),
        ([0, 1, 2], PauseRule(free=2, pause_days=7), 7), ([0, 1, 2], PauseRule(pause_days=0), None),
        ([40, 50], PauseRule(), -10), ([0, 6], PauseRule(within_days=7), 30), ([0, 7], PauseRule(within_days=7), None),
        ([0, 31, 60], PauseRule(within_days=30, pause_days=60), 29),
    ],
)  # fmt: skip
def test_a_miss_pauses_if_with_those_before_it_there_were_too_many(
    ago: list[int], rule: PauseRule, days: int | None
) -> None:
    until = rules.paused_until([NOON - day * DAY for day in ago], rule)
    assert until == (None if days is None else NOON + days * DAY)


@given(
    ago=st.lists(st.integers(0, 800), max_size=6), free=st.integers(0, 3), within=st.integers(1, 400),
    pause=st.integers(0, 60), cleared=st.integers(0, 5),
)  # fmt: skip
def test_a_miss_that_is_cleared_never_makes_a_pause_longer(
    ago: list[int], free: int, within: int, pause: int, cleared: int
) -> None:
    rule = PauseRule(free, within, pause)
    misses = [NOON - day * DAY for day in ago]
    before = rules.paused_until(misses, rule)
    after = rules.paused_until([at for number, at in enumerate(misses) if number != cleared], rule)
    assert after is None or (before is not None and after <= before)
    assert before is None or len(misses) > free


def test_an_event_is_private_by_its_kind() -> None:
    private = {kind for kind in Kind if dataclasses.replace(event(), terms=terms(kind=kind)).private}
    assert private == {Kind.SOCIAL, Kind.CLINIC, Kind.CHECKUP}
