"""What there is to choose: categories, slots, other quotas, each with its room and whether this member may."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flask_babel import gettext as _

from app.language import text
from app.pages.events import words
from app.pages.events.face import left_words
from services.core.calendar import local_date
from services.core.errors import Refusal
from services.events import eligibility, errors, rules, showing
from services.events.types import Category, Entrant, Event, Mode, Quota, QuotaKind, Room, Slot, Unit


@dataclass(frozen=True)
class Place:
    """A quota in words: how much of it is left for whom."""

    name: str
    said: str
    full: bool
    concerns: bool = False


@dataclass(frozen=True)
class Choice:
    """A category or a slot as something to choose. `refusal`: why this reader may not; `full`: he would wait."""

    key: int
    name: str
    said: list[str] = field(default_factory=list)
    room: str = ""
    full: bool = False
    refusal: Refusal | None = None
    day: str = ""

    @property
    def open(self) -> bool:
        return self.refusal is None


def places(event: Event, now: datetime.datetime, named: words.Named, concerns: Mapping[int, int]) -> list[Place]:
    """The quotas beside the total, the categories and the slots: of a union, a sex, an age, a trade."""
    left, found = rules.left(event, now), []
    for room in event.rooms[1:]:
        quota = room.quota
        if quota.capacity is None or quota.kind in (QuotaKind.CATEGORY, QuotaKind.SLOT):
            continue
        name = words.quota_name(event, quota, named)
        found.append(Place(name, _room(event, room, left[quota.ordinal]), room.left == 0, quota.ordinal in concerns))
    return found


def choices(event: Event, now: datetime.datetime, entrant: Entrant | None) -> tuple[list[Choice], list[Choice]]:
    """Categories and slots with their room, and for a member whether he may choose them."""
    left = rules.left(event, now)
    return (
        [_category(event, one, left, entrant, now) for one in event.terms.categories],
        [_slot(event, one, left, now) for one in event.terms.slots],
    )


def wanted(event: Event, entrant: Entrant, now: datetime.datetime) -> dict[int, int]:
    """The quotas that count this member by himself, in whatever category or slot."""
    today, found = local_date(now), dict[int, int]()
    slots: list[int | None] = [one.key for one in event.terms.slots]
    for category in event.terms.categories:
        for slot in slots or [None]:
            found.update(
                eligibility.counts(
                    event.terms.quotas, category=category.key, slot=slot, members=[entrant], companions=(), today=today
                )
            )
    return found


def _category(
    event: Event, one: Category, left: Mapping[int, int | None], entrant: Entrant | None, now: datetime.datetime
) -> Choice:
    own = [room for room in event.rooms if room.quota.kind is QuotaKind.CATEGORY and room.quota.category == one.key]
    refusal = eligibility.eligible(event.terms, one, entrant, today=local_date(now)) if entrant else None
    full = any(left[room.quota.ordinal] == 0 for room in own)
    room = words.listed(_room(event, each, left[each.quota.ordinal]) for each in own if each.quota.capacity is not None)
    if entrant and not refusal and event.terms.mode is Mode.FIRST_COME and not full:
        mine = eligibility.counts(
            event.terms.quotas, category=one.key, slot=None, members=[entrant], companions=(), today=local_date(now)
        )
        full = bool(set(rules.lacking(left, mine)) - {0})
    return Choice(one.key, text(one.name), words.category_words(one), room, full, refusal)


def _slot(event: Event, one: Slot, left: Mapping[int, int | None], now: datetime.datetime) -> Choice:
    own = [room for room in event.rooms if room.quota.kind is QuotaKind.SLOT and room.quota.slot == one.key]
    full = any(left[room.quota.ordinal] == 0 for room in own)
    room = words.listed(_room(event, each, left[each.quota.ordinal]) for each in own if each.quota.capacity is not None)
    over = Refusal(errors.SLOT_OVER) if one.ends_at <= now else None
    day = words.day_words(local_date(one.begins_at))
    return Choice(one.key, words.slot_words(one), [], room, full, over, day)


def _room(event: Event, room: Room, left: int | None) -> str:
    if left == 0:
        return str(_("满了"))
    if left is None or room.quota.ordinal not in showing.rooms_shown(event):
        return str(_("还有名额"))
    return left_words(_as_places(event, room.quota), left)


def _as_places(event: Event, quota: Quota) -> Quota:
    """Of a category for one person each entry is a place: nobody calls it a team."""
    alone = any(one.key == quota.category and one.most == 1 for one in event.terms.categories)
    return replace(quota, unit=Unit.PEOPLE) if alone else quota
