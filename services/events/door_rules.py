"""Pure: when the door is open, and for which entries."""

import datetime
from collections.abc import Iterable

from services.core.calendar import local_date
from services.core.errors import Refusal
from services.events import errors, rules
from services.events.types import ACTIVE, Door, Event, How, Kind, State

EARLY = LATE = datetime.timedelta(minutes=60)
"""The door opens an hour before, and whoever staffs it goes on for an hour after; so does an arrival window."""
TICKS_UNTIL = datetime.timedelta(hours=24)
"""After the end: ticks made on paper are typed in until then, and then misses are written."""
KEPT_FROM = 5
"""One in five checked in shows that a door was kept."""
CERTIFIED = frozenset({Kind.TRAINING, Kind.CONTEST, Kind.SPORT, Kind.LECTURE})

PLACED = frozenset({State.CONFIRMED, State.FORMING})
"""Entries that have their places: of one in which somebody is missing, those who have said yes are let in."""

_NOT_CONFIRMED = {
    State.WAITING: errors.DOOR_WAITING,
    State.OFFERED: errors.DOOR_OFFERED,
    State.APPLIED: errors.PLACE_NOT_CONFIRMED,
    State.ENTERED: errors.PLACE_NOT_CONFIRMED,
}


def by_staff(event: Event, now: datetime.datetime) -> Refusal | None:
    """May an officer check people in now?"""
    return _held(event) or _between(now, event.terms.starts_at - EARLY, event.terms.ends_at + LATE)


def by_member(event: Event, slot: int | None, now: datetime.datetime) -> Refusal | None:
    """May a member check in by the venue's code now, with an entry for this slot?"""
    if event.terms.door is Door.STAFF:
        return Refusal(errors.DOOR_STAFF_ONLY)
    window = rules.slot_of(event.terms, slot) if slot is not None else None
    if window:
        return _held(event) or _between(now, window.begins_at - EARLY, window.ends_at + LATE)
    return _held(event) or _between(now, event.terms.starts_at - EARLY, event.terms.ends_at)


def from_paper(event: Event, at: datetime.datetime, now: datetime.datetime) -> Refusal | None:
    """May a tick made on paper at `at` be typed in now?"""
    if refusal := _held(event) or _between(now, event.terms.starts_at - EARLY, event.terms.ends_at + TICKS_UNTIL):
        return refusal
    first = event.terms.starts_at - EARLY
    return None if first <= at <= min(now, event.terms.ends_at + LATE) else Refusal(errors.TICK_TIME)


def walk_in(event: Event, now: datetime.datetime) -> Refusal | None:
    """May anybody sign up at the door now?"""
    if not event.terms.walk_ins:
        return Refusal(errors.NO_WALK_INS)
    return _held(event) or _between(now, event.terms.starts_at - EARLY, event.terms.ends_at)


def comes_anew(event: Event, states: Iterable[State], now: datetime.datetime) -> bool:
    """May somebody whose entries are in these states sign up at the door like anybody else? Not while one is alive."""
    return ACTIVE.isdisjoint(states) and walk_in(event, now) is None


def kept(expected: int, come: int) -> bool:
    """Was this door really kept, so that not being checked in means not having come? When a fifth of the members who
    had a place were checked in. A trial scan, or a code that a few found on the wall, says nothing of the others; and
    of an event that was kept more than a fifth come, however bad the weather. Nothing has to be pressed for it."""
    return come > 0 and come * KEPT_FROM >= expected


def may_undo(event: Event, how: How, ticked_at: datetime.datetime | None, now: datetime.datetime) -> bool:
    """A tick is taken back on the days on which the door is open; one typed in from paper also on the day it was typed.

    The door of an event about midnight is open on another day than the event: who ticks wrongly there takes it back.
    """
    today = local_date(now)
    typed_today = how is How.PAPER and ticked_at is not None and local_date(ticked_at) == today
    return typed_today or local_date(event.terms.starts_at - EARLY) <= today <= local_date(event.terms.ends_at + LATE)


def entry(state: State, *, joined: bool) -> Refusal | None:
    """Why somebody of an entry in this state is not let in, and what to do. `joined`: has said yes, or another for
    him."""
    if state in PLACED:
        return None if joined else Refusal(errors.DOOR_FORMING)
    return Refusal(_NOT_CONFIRMED.get(state, errors.DOOR_ENTRY_OVER))


def _held(event: Event) -> Refusal | None:
    if event.cancelled_at:
        return Refusal(errors.EVENT_CANCELLED)
    return None if event.published_at else Refusal(errors.EVENT_NOT_PUBLISHED)


def _between(now: datetime.datetime, first: datetime.datetime, last: datetime.datetime) -> Refusal | None:
    if now < first:
        return Refusal(errors.DOOR_NOT_OPEN, {"at": first.isoformat()})
    return Refusal(errors.DOOR_CLOSED) if now > last else None
