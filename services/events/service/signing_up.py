"""Somebody signs up: alone, with a partner, a team or a family, all or none."""

import datetime
from collections.abc import Mapping, Sequence
from itertools import chain

from services.accounts.types import MemberActor
from services.core import forms
from services.core.calendar import local_date
from services.core.errors import Invalid, LostRace, Refusal
from services.core.forms.errors import SIGNS_UNSEEN
from services.core.forms.reading import unseen
from services.events import eligibility, errors, rules
from services.events.queries import draws, entrants, events, mine
from services.events.service import seats
from services.events.service.mates import mates_of
from services.events.service.recording import Asked, record
from services.events.types import (
    Category,
    Companion,
    Entered,
    Entrant,
    Entry,
    Event,
    EventId,
    Mode,
    Role,
    SignupId,
    State,
)
from services.members.types import MemberId

NAME_LONGEST = 30


def sign_up(*, actor: MemberActor, event_id: EventId, entry: Entry, now: datetime.datetime) -> SignupId | Refusal:
    """As `enter`, for whoever wants to know no more than which entry it is: one statement less for one that waits."""
    found = _entered(actor, event_id, entry, now)
    return found if isinstance(found, Refusal) else found.id


def enter(*, actor: MemberActor, event_id: EventId, entry: Entry, now: datetime.datetime) -> Entered | Refusal:
    """Enters the member and those with him: a place, a place in the waiting line, the draw, or the officer's tray.

    Promises: no quota is ever exceeded, nobody is in twice, nobody who comes later is before one who waits and needs
    the same; all of an entry or none of it. A refusal is returned and writes nothing but the count of wrong names.
    Locks: nothing but its own rows while there is room, then the event's quota rows as the last statement
    (seats.take); without room, a shared lock on the event (seats.look).
    Raises NotFound(event_unknown), Invalid(category_unknown, slot_*, companion_name, a fault of an answer), LostRace.
    Posts events.signup. Audited.
    """
    found = _entered(actor, event_id, entry, now)
    if isinstance(found, Refusal) or found.state is not State.WAITING:
        return found
    return mine.brief(found.id)


def _entered(actor: MemberActor, event_id: EventId, entry: Entry, now: datetime.datetime) -> Entered | Refusal:
    event = events.public(event_id, counted=False)
    category, slot = chosen(event, entry, now)
    _check(event, entry)
    if refusal := eligibility.open_now(event, now):
        return refusal
    if len(entry.mates) + 1 > category.most:
        return Refusal(errors.TOO_MANY_MATES, {"most": category.most, "count": len(entry.mates) + 1})
    mates = mates_of(entry.mates, actor, now)
    if isinstance(mates, Refusal):
        return mates
    found = team(event, category, [actor.member_id, *mates], entry.companions, now)
    if isinstance(found, Refusal):
        return found
    asked = Asked(
        category=category, slot=slot, members=found, companions=entry.companions, answers=entry.answers,
        wait=entry.wait, actor=actor.label, now=now,
    )  # fmt: skip
    return place(event, asked)


def place(event: Event, asked: Asked) -> Entered | Refusal:
    """Gives them what there is for them now, by the event's mode. Locks and posts as `enter`."""
    if event.terms.mode is not Mode.FIRST_COME:
        return _undecided(event, asked)
    counts = asked.counts(event)
    short = rules.lacking(rules.left(event, asked.now), counts)
    if not short and not event.waiting:
        entered = record(event, asked, asked.with_place(event))
        seats.take(event, counts, now=asked.now)
        seats.filled(event, counts, now=asked.now)
        return entered
    if not short:
        return _behind_others(event, asked)
    return _no_line(event, asked, short) or _wait(event, asked)


def chosen(event: Event, entry: Entry, now: datetime.datetime) -> tuple[Category, int | None]:
    """The category and the slot's key. Raises Invalid(category_unknown, slot_missing, slot_unknown, slot_over)."""
    category = rules.category_of(event.terms, entry.category)
    if category is None:
        raise Invalid(errors.CATEGORY_UNKNOWN, field="category")
    if not event.terms.slots:
        return category, None
    if entry.slot is None:
        raise Invalid(errors.SLOT_MISSING, field="slot")
    slot = rules.slot_of(event.terms, entry.slot)
    if slot is None:
        raise Invalid(errors.SLOT_UNKNOWN, field="slot")
    if slot.ends_at <= now:
        raise Invalid(errors.SLOT_OVER, field="slot")
    return category, slot.key


def team(
    event: Event,
    category: Category,
    member_ids: Sequence[MemberId],
    companions: Sequence[Companion],
    now: datetime.datetime,
) -> list[Entrant] | Refusal:
    """These members as one entry, the captain first, or why not: of him the reason, of others only that they cannot."""
    if len(set(member_ids)) < len(member_ids):
        return Refusal(errors.MATE_TWICE)
    once_id = rules.once_id(event.id, event.terms.once, category.key)
    found = entrants.entrants(member_ids, event=event, once_id=once_id, now=now)
    for line, entrant in enumerate(found):
        refusal = eligibility.eligible(event.terms, category, entrant, today=local_date(now))
        if entrant.signup_id:
            refusal = Refusal(errors.ALREADY_SIGNED_UP, {"signup": str(entrant.signup_id)})
        if refusal:
            return refusal if line == 0 else Refusal(errors.MATE_NOT_POSSIBLE, {"line": line})
    refusal = eligibility.composed(category, found, companions, on=local_date(event.terms.starts_at))
    return refusal or found


def _check(event: Event, entry: Entry) -> None:
    """Whatever the view has read: what is kept are answers to this form, and names of people."""
    found = forms.read(event.terms.form, forms.given_of(entry.answers), forms.files_of(entry.answers))
    if isinstance(found, forms.Faults):
        raise next(iter(found.at.values()))
    if not all(0 < len(one.name) <= NAME_LONGEST for one in entry.companions):
        raise Invalid(errors.COMPANION_NAME, field="companions")
    if not entry.guardian and any(one.role is Role.CHILD for one in entry.companions):
        raise Invalid(errors.GUARDIAN_MISSING, field="guardian")
    if any(unseen(sign) for one in entry.companions for sign in one.name):
        raise Invalid(SIGNS_UNSEEN, field="companions")


def _undecided(event: Event, asked: Asked) -> Entered | Refusal:
    """Into the draw, or into the officer's tray: nobody takes a place, so nobody waits for another."""
    asked.claim(event)
    event = seats.look(event.id)
    if refusal := eligibility.open_now(event, asked.now):
        return refusal
    if event.terms.mode is Mode.APPROVAL:
        return record(event, asked, State.APPLIED)
    losses = draws.losses([one.member_id for one in asked.members], kind=event.terms.kind, now=asked.now)
    return record(event, asked, State.ENTERED, tickets=rules.tickets(losses))


def _behind_others(event: Event, asked: Asked) -> Entered | Refusal:
    """There is room, and somebody waits: for something else, or before us?"""
    asked.claim(event)
    event = seats.hold(event.id)
    if refusal := eligibility.open_now(event, asked.now):
        return refusal
    counts = asked.counts(event)
    if not _our_turn(event, asked, counts):
        return _wait(event, asked)
    entered = record(event, asked, asked.with_place(event))
    seats.add(event.id, counts)
    seats.filled(event, counts, now=asked.now)
    return entered


def _wait(event: Event, asked: Asked) -> Entered | Refusal:
    """Into the line. Whoever frees a place waits for our commit and then sees us. Those who begin to wait at the same
    moment do not see each other, so by as many the line may be longer than it should."""
    asked.claim(event)
    event = seats.look(event.id)
    if refusal := eligibility.open_now(event, asked.now):
        return refusal
    counts = asked.counts(event)
    short = rules.lacking(rules.left(event, asked.now), counts)
    if not short and _our_turn(event, asked, counts):
        raise LostRace
    return _no_line(event, asked, short) or record(event, asked, State.WAITING)


def _our_turn(event: Event, asked: Asked, counts: Mapping[int, int]) -> bool:
    """Of those who wait now and us behind them, would we get a place?"""
    line = chain[tuple[SignupId | None, Mapping[int, int]]](seats.line(event.id), [(None, counts)])
    return None in rules.next_in_line(rules.left(event, asked.now), line)


def _no_line(event: Event, asked: Asked, short: Sequence[int]) -> Refusal | None:
    """Why they may not wait, if they may not."""
    now, terms = asked.now, event.terms
    wave = rules.next_wave(terms.waves, now)
    if wave and list(short) == [0]:
        return Refusal(errors.WAVE_GONE, {"at": wave.at.isoformat(), "places": wave.places})
    # Whoever waited through a release would have its places before those for whom it comes later in the day.
    if wave or not terms.waiting_most or rules.offered_until(terms, now) is None:
        # More of the total comes with the next release; of the other quotas nothing does.
        of_us = not short or (0 in short and not wave)
        return Refusal(errors.EVENT_FULL if of_us else errors.QUOTA_FULL)
    if event.waiting >= terms.waiting_most:
        return Refusal(errors.WAITING_FULL)
    return None if asked.wait else Refusal(errors.WAITING_NOT_WANTED)
