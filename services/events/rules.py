"""Pure decisions: phases, room, whose turn it is, what a miss costs. Who may enter: eligibility.py."""

import datetime
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from services.core.calendar import Hours, out_of
from services.events.types import (
    Category,
    Event,
    EventId,
    Once,
    PauseRule,
    Phase,
    Slot,
    Terms,
    Wave,
)

T = TypeVar("T")
MOST_TICKETS = 4
LOSSES_COUNT_FOR = datetime.timedelta(days=365)
ASLEEP = Hours(21 * 60, 10 * 60)
"""Messages wait from 21:00 to 8:00 (notifications.rules.QUIET); two hours later whoever was meant has seen his."""
JOIN_WITHIN = datetime.timedelta(hours=48)
"""How long the others have to confirm; no longer than sign-up is open, and the night after it."""
CHANGE_MIND = datetime.timedelta(hours=1)
"""Whoever got a place when it was too late to cancel has as long, awake, to give it up and owe nothing."""


def phase(event: Event, now: datetime.datetime) -> Phase:
    terms = event.terms
    if event.cancelled_at:
        return Phase.CANCELLED
    if not event.published_at:
        return Phase.DRAFT
    if now >= terms.ends_at:
        return Phase.OVER
    if now < terms.opens_at:
        return Phase.COMING
    if now < terms.closes_at:
        return Phase.OPEN
    return Phase.RUNNING if now >= terms.starts_at else Phase.CLOSED


def age(born_on: datetime.date, on: datetime.date) -> int:
    """Whole years, as on a birthday: somebody born on 29 February is a year older on 1 March."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


def once_id(event_id: EventId, once: Once, category: int) -> uuid.UUID:
    """What a member may be in once."""
    return event_id if once is Once.EVENT else uuid.uuid5(event_id, str(category))


def category_of(terms: Terms, key: int) -> Category | None:
    return next((one for one in terms.categories if one.key == key), None)


def slot_of(terms: Terms, key: int) -> Slot | None:
    return next((one for one in terms.slots if one.key == key), None)


def released(waves: Sequence[Wave], now: datetime.datetime) -> int | None:
    """How many places of the total are out; None without waves, or once the last is out."""
    if not waves or now >= max(wave.at for wave in waves):
        return None
    return sum(wave.places for wave in waves if wave.at <= now)


def next_wave(waves: Sequence[Wave], now: datetime.datetime) -> Wave | None:
    return min((wave for wave in waves if wave.at > now), key=lambda wave: wave.at, default=None)


def left(event: Event, now: datetime.datetime) -> dict[int, int | None]:
    """Places left by quota, those of the total that are out; None: no limit."""
    out = released(event.terms.waves, now)
    found = {room.quota.ordinal: room.left for room in event.rooms}
    if out is not None:
        total = event.total
        found[0] = min(max(0, out - total.taken), out if total.left is None else total.left)
    return found


def lacking(room: Mapping[int, int | None], wanted: Mapping[int, int]) -> list[int]:
    """The quotas, by ordinal, that have too little room for an entry."""
    return [
        ordinal for ordinal, count in sorted(wanted.items()) if (here := room.get(ordinal)) is not None and here < count
    ]


def next_in_line(room: Mapping[int, int | None], line: Iterable[tuple[T, Mapping[int, int]]]) -> list[T]:
    """Who of a waiting line gets places now, strictly in order.

    Somebody is passed over only by those who need none of the quotas that are short for him: a pair that needs two of
    one place left keeps singles from taking it. All wait once the total is short for one.
    """
    free, short, chosen = dict(room), set[int](), list[T]()
    for one, wanted in line:
        missing = lacking(free, wanted)
        short.update(missing)
        if 0 in short:
            break
        if missing or short & wanted.keys():
            continue
        for ordinal, count in wanted.items():
            if (here := free.get(ordinal)) is not None:
                free[ordinal] = here - count
        chosen.append(one)
    return chosen


def offered_until(terms: Terms, now: datetime.datetime) -> datetime.datetime | None:
    """Until when a place offered now is kept; None when it is too late to offer any.

    None ends while people sleep: it is kept until they have had the time to read of it, unless the event is too near.
    """
    last = terms.starts_at - datetime.timedelta(minutes=terms.offers_end_minutes)
    kept = out_of(ASLEEP, now + datetime.timedelta(minutes=terms.offer_minutes))
    return min(kept, last) if now < last else None


def join_by(terms: Terms, now: datetime.datetime) -> datetime.datetime:
    """Until when the others of an entry may confirm: until places can be offered no more, and after that until the
    event begins. As an offer, it ends while people sleep only where the event is too near."""
    last = terms.starts_at - datetime.timedelta(minutes=terms.offers_end_minutes)
    ends = [one for one in (last, terms.starts_at) if one > now]
    kept = min(now + JOIN_WITHIN, max(terms.closes_at, now + datetime.timedelta(hours=1)))
    return min((out_of(ASLEEP, kept), *ends))


def free_until(terms: Terms, placed_at: datetime.datetime | None) -> datetime.datetime:
    """Until when a place that somebody has since then is given up without a miss: the deadline, and for whoever was
    approved, drawn or moved up late a while after that. None: was it lost and found again, the deadline."""
    if placed_at is None:
        return terms.cancel_until
    return max(terms.cancel_until, out_of(ASLEEP, placed_at + CHANGE_MIND))


def tickets(losses: Collection[int]) -> int:
    """Of an entry, from how often each of its members has lost lately: that of the one with the fewest, 1 to 4."""
    return 1 + min(min(losses, default=0), MOST_TICKETS - 1)


def paused_until(misses: Sequence[datetime.datetime], rule: PauseRule) -> datetime.datetime | None:
    """Until when somebody with these misses of one kind is or was paused; None if he never was. A miss pauses if with
    those of the time before it there were too many; a later one, long after, does not end what an earlier one began."""
    within, pause = datetime.timedelta(days=rule.within_days), datetime.timedelta(days=rule.pause_days)
    many = [at for at in misses if sum(at - within < one <= at for one in misses) > rule.free]
    return max(many) + pause if many and pause else None
