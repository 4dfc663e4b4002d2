"""Looking for something to take part in: by kind, time and words, page by page."""

import datetime
from typing import Any

import pytest

from services.core import clock
from services.core.calendar import day_start, local_date, monday
from services.core.paging import PageRequest
from services.events.queries import finding
from services.events.queries.finding import When
from services.events.service import organising
from services.events.types import EventId, Kind
from tests.builders.entries import Entries, fails
from tests.builders.world import DAY, World

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def events(world: World) -> Entries:
    return Entries(world)


def found(world: World, **asked: Any) -> list[EventId]:
    request, now = PageRequest(limit=50), asked.pop("now", None) or clock.now()
    page = world.look(lambda: finding.page_of_events(now=now, request=request, **asked))
    assert page.next is None
    return [one.id for one in page.items]


def test_what_is_published_and_not_over_is_listed_the_next_first(world: World, events: Entries) -> None:
    now = clock.now().replace(second=0, microsecond=0)
    later, sooner = events.event(starts_at=now + 9 * DAY), events.event(starts_at=now + 8 * DAY)
    events.draft()
    off = events.event(starts_at=now + 10 * DAY)
    world.do(lambda: organising.cancel(actor=events.officer, event_id=off, note="台风", now=clock.now()))
    assert found(world) == [sooner, later, off], "what was called off stays until its day"
    ends_at = events.seen(sooner).terms.ends_at
    assert sooner in found(world, now=ends_at - HOUR) and sooner not in found(world, now=ends_at)
    assert found(world, when=When.PAST, now=ends_at + 2 * DAY) == [off, later, sooner]
    assert found(world, when=When.PAST, now=ends_at + 90 * DAY) == [off, later]


def test_one_kind_and_words_of_title_place_and_organiser(world: World, events: Entries) -> None:
    walk = events.event()
    lecture = events.event(
        kind=Kind.LECTURE, title={"zh": "颈椎保健", "en": "Neck"}, place={"zh": "文化宫"}, union=world.town
    )
    assert found(world, kind=Kind.LECTURE) == [lecture] and found(world, kind=Kind.TRIP) == []
    for word, expected in (
        ("颈椎", lecture),
        ("文化宫", lecture),
        ("柳渡", lecture),
        ("neck", lecture),
        ("健步", walk),
    ):
        assert found(world, asked=[word]) == [expected]
    assert found(world, asked=["颈椎", "公园"]) == []


def test_this_week_ends_on_sunday_and_a_month_after_31_days(world: World, events: Entries) -> None:
    now = clock.now()
    next_monday = day_start(monday(local_date(now)) + 7 * DAY)
    month = day_start(local_date(now) + 31 * DAY)
    said = {"opens_at": now - DAY, "closes_at": now + datetime.timedelta(minutes=1)}

    def at(starts_at: datetime.datetime) -> EventId:
        return events.event(starts_at=starts_at, cancel_until=said["closes_at"], **said)

    week, after = at(next_monday - datetime.timedelta(seconds=1)), at(next_monday)
    within, later = at(month - datetime.timedelta(seconds=1)), at(month)
    assert found(world, when=When.WEEK) == [week]
    assert found(world, when=When.MONTH) == [week, after, within]
    assert found(world, when=When.LATER) == [later]


@pytest.mark.parametrize("when", [None, When.PAST])
def test_pages_follow_each_other_and_lose_none_that_begin_together(
    world: World, events: Entries, when: When | None
) -> None:
    starts_at = clock.now().replace(second=0, microsecond=0) + 7 * DAY
    ids = {events.event(starts_at=starts_at + (number // 3) * HOUR) for number in range(7)}
    now = starts_at + 2 * DAY if when else clock.now()
    seen: list[EventId] = []
    cursor: str | None = None
    for _ in range(4):
        request = PageRequest(limit=2, cursor=cursor)
        page = world.look(lambda request=request: finding.page_of_events(now=now, request=request, when=when))
        seen += [one.id for one in page.items]
        cursor = page.next
    assert cursor is None and len(seen) == 7 and set(seen) == ids
    assert seen == found(world, when=when, now=now)


@pytest.mark.parametrize("cursor", ["", ".", "12", "x.y", "9" * 40 + "." + "0" * 32, "1." + "g" * 32])
def test_a_cursor_that_we_did_not_give_is_malformed(world: World, cursor: str) -> None:
    request = PageRequest(cursor=cursor or "-")
    with fails("cursor_malformed", field="cursor"):
        world.look(lambda: finding.page_of_events(now=clock.now(), request=request))
