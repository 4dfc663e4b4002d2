"""Pure: what of an event may still change once it is published, and what those who signed up are told of it."""

import dataclasses
import datetime
from collections.abc import Iterator
from dataclasses import replace

from services.core.errors import Conflict
from services.core.forms import Form
from services.events import errors
from services.events.types import Event, Mode, Quota, Terms

FIXED = ("kind", "mode", "once", "joining")
TOLD = ("starts_at", "ends_at", "place", "cancel_until")
"""Those who signed up are told when one of these is another now."""


@dataclasses.dataclass(frozen=True)
class Used:
    """What entries lean on: keys of categories and slots that any has, and whether places were ever given out.

    `counted`: the places of somebody who is in, or was until too late, are counted by quota.
    """

    categories: frozenset[int] = frozenset()
    slots: frozenset[int] = frozenset()
    counted: bool = False

    @property
    def by_anybody(self) -> bool:
        return bool(self.categories)


def refused(event: Event, after: Terms, used: Used, *, now: datetime.datetime) -> list[Conflict]:
    """Everything that a published event may not become, each with the field; in the order of the form."""
    before = event.terms
    return [
        *(_fixed(name) for name in FIXED if getattr(before, name) != getattr(after, name)),
        *_opening(before, after, now),
        *_drawing(event, after, now),
        *_moved(before, after, used, now),
        *_parts(after, used),
        *_quotas(event, after, used),
        *(_questions(before.form, after.form) if used.by_anybody else ()),
    ]


def told(before: Terms, after: Terms, used: Used) -> list[str]:
    """The terms, by name, of which those who signed up are told that they are others now."""
    found = [name for name in TOLD if getattr(before, name) != getattr(after, name)]
    if after.mode is Mode.DRAW and before.closes_at != after.closes_at:
        found.append("closes_at")
    hours = {slot.key: (slot.begins_at, slot.ends_at) for slot in after.slots}
    if any(hours.get(slot.key) != (slot.begins_at, slot.ends_at) for slot in before.slots if slot.key in used.slots):
        found.append("slots")
    return found


def _fixed(field: str) -> Conflict:
    return Conflict(errors.TERM_FIXED, field=field)


def _opening(before: Terms, after: Terms, now: datetime.datetime) -> Iterator[Conflict]:
    if before.opens_at <= now and after.opens_at != before.opens_at:
        yield Conflict(errors.OPENED_ALREADY, field="opens_at")


def _drawing(event: Event, after: Terms, now: datetime.datetime) -> Iterator[Conflict]:
    """A draw is held when it was said: its end of sign-up only moves on, and not once it has come. Between that and
    the draw nobody who has seen the entries moves places among them."""
    before = event.terms
    if before.mode is not Mode.DRAW:
        return
    closed = before.closes_at <= now
    if after.closes_at < before.closes_at or (closed and after.closes_at != before.closes_at):
        yield Conflict(errors.DRAW_CLOSES_SOONER, field="closes_at")
    if closed and not event.drawn_at:
        was, becomes = ({one.ordinal: replace(one, name=None) for one in terms.quotas} for terms in (before, after))
        for ordinal in sorted(was.keys() | becomes.keys()):
            if was.get(ordinal) != becomes.get(ordinal):
                yield Conflict(errors.DRAW_QUOTAS_FIXED, field=f"quotas.{ordinal}.capacity")


def _moved(before: Terms, after: Terms, used: Used, now: datetime.datetime) -> Iterator[Conflict]:
    """Whoever cannot come at another time, or to another place, still has time to give his place up in time."""
    moved = set(told(before, after, used)) - {"cancel_until", "closes_at"}
    if moved and used.by_anybody and after.cancel_until <= now < after.starts_at:
        yield Conflict(errors.MOVED_TOO_LATE, field="cancel_until")


def _parts(after: Terms, used: Used) -> Iterator[Conflict]:
    """A category or slot that an entry has stays; more may come."""
    if not used.categories <= {one.key for one in after.categories}:
        yield _fixed("categories")
    if not used.slots <= {one.key for one in after.slots}:
        yield _fixed("slots")


def _quotas(event: Event, after: Terms, used: Used) -> Iterator[Conflict]:
    """What a quota counts stays once somebody is counted: nobody is counted anew. A quota may come for a category or
    slot that nobody has."""
    new = {quota.ordinal: quota for quota in after.quotas}
    for room in event.rooms:
        ordinal = room.quota.ordinal
        other = new.pop(ordinal, None)
        if used.counted and (other is None or _counts(other) != _counts(room.quota)):
            yield _fixed(f"quotas.{ordinal}.of")
        elif other and other.capacity is not None and other.capacity < room.taken:
            yield Conflict(errors.QUOTA_BELOW_TAKEN, field=f"quotas.{ordinal}.capacity", taken=room.taken)
    for ordinal, quota in new.items():
        fresh = (quota.category is not None and quota.category not in used.categories) or (
            quota.slot is not None and quota.slot not in used.slots
        )
        if used.counted and not fresh:
            yield _fixed(f"quotas.{ordinal}.of")


def _counts(quota: Quota) -> Quota:
    """What decides whom a quota counts."""
    return replace(quota, capacity=None, name=None)


def _questions(before: Form, after: Form) -> Iterator[Conflict]:
    """What was answered keeps its question, kind and options; words may change, more may come. Nothing is kept longer
    than those who answered were told."""
    kept = {one.key: one for one in after.questions}
    for at, one in enumerate(before.questions):
        same = kept.get(one.key)
        if same is None:
            yield _fixed("questions")
        elif same.kind is not one.kind or same.for_managers is not one.for_managers:
            yield _fixed(f"questions.{_place(after, one.key, at)}.kind")
        elif not {key for key, _ in one.options} <= {key for key, _ in same.options}:
            yield _fixed(f"questions.{_place(after, one.key, at)}.options")
    if before.questions and after.keep_days > before.keep_days:
        yield _fixed("keep_days")


def _place(form: Form, key: str, otherwise: int) -> int:
    return next((at for at, one in enumerate(form.questions) if one.key == key), otherwise)
