"""Somebody signs up: alone, with a partner, a team or a family, all or none."""

import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.accounts.types import MemberActor
from services.core import forms
from services.core.calendar import local_date
from services.core.crypto import vault
from services.core.db import db
from services.core.errors import Invalid, LostRace, Refusal
from services.core.forms import Answers
from services.core.ids import random_base32, uuid7
from services.events import eligibility, errors, rules
from services.events.messages import What
from services.events.models import POSITIONS
from services.events.queries import draws, entrants, events
from services.events.service import seats, writing
from services.events.service.mates import mates_of
from services.events.types import (
    Category,
    Companion,
    Entrant,
    Entry,
    Event,
    EventId,
    Joining,
    Mode,
    Presence,
    Role,
    SignupId,
    State,
)
from services.members.types import MemberId

NAME_LONGEST = 30


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who wants in, as the records say, and for what. `by_unit`: entered_by and entered_union_id where a unit's officer
    enters them, and then nobody has to confirm."""

    category: Category
    slot: int | None
    members: Sequence[Entrant]
    companions: Sequence[Companion]
    answers: Answers
    wait: bool
    actor: str
    now: datetime.datetime
    by_unit: Mapping[str, Any] = field(default_factory=dict)

    def counts(self, event: Event) -> dict[int, int]:
        """How many places of each quota they take."""
        return eligibility.counts(
            event.terms.quotas, category=self.category.key, slot=self.slot, members=self.members,
            companions=self.companions, today=local_date(self.now),
        )  # fmt: skip

    def claim(self, event: Event) -> None:
        """Their other tries wait from here on, before anything of the event is locked."""
        once_id = rules.once_id(event.id, event.terms.once, self.category.key)
        writing.claim(once_id, [one.member_id for one in self.members])

    def with_place(self, event: Event) -> State:
        """What they are once they have places."""
        return State.FORMING if self.to_confirm(event) else State.CONFIRMED

    def to_confirm(self, event: Event) -> bool:
        """Have the others to say yes on their own phones?"""
        return not self.by_unit and event.terms.joining is Joining.CONFIRM and len(self.members) > 1


def sign_up(*, actor: MemberActor, event_id: EventId, entry: Entry, now: datetime.datetime) -> SignupId | Refusal:
    """Enters the member and those with him: a place, a place in the waiting line, the draw, or the officer's tray.

    Promises: no quota is ever exceeded, nobody is in twice, nobody who comes later is before one who waits and needs
    the same; all of an entry or none of it. A refusal is returned and writes nothing but the count of wrong names.
    Locks: nothing but its own rows while there is room, then the event's quota rows as the last statement
    (seats.take); without room, a shared lock on the event (seats.look).
    Raises NotFound(event_unknown), Invalid(category_unknown, slot_*, companion_name, a fault of an answer), LostRace.
    Posts events.signup. Audited.
    """
    event = events.public(event_id)
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


def place(event: Event, asked: Asked) -> SignupId | Refusal:
    """Gives them what there is for them now, by the event's mode. Locks and posts as `sign_up`."""
    if event.terms.mode is not Mode.FIRST_COME:
        return _undecided(event, asked)
    counts = asked.counts(event)
    short = rules.lacking(rules.left(event, asked.now), counts)
    if not short and not event.waiting:
        signup_id = _write(event, asked, asked.with_place(event))
        seats.take(event, counts, now=asked.now)
        seats.filled(event, counts, now=asked.now)
        return signup_id
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


def _undecided(event: Event, asked: Asked) -> SignupId | Refusal:
    """Into the draw, or into the officer's tray: nobody takes a place, so nobody waits for another."""
    asked.claim(event)
    event = seats.look(event.id)
    if refusal := eligibility.open_now(event, asked.now):
        return refusal
    if event.terms.mode is Mode.APPROVAL:
        return _write(event, asked, State.APPLIED)
    losses = draws.losses([one.member_id for one in asked.members], kind=event.terms.kind, now=asked.now)
    return _write(event, asked, State.ENTERED, tickets=rules.tickets(losses))


def _behind_others(event: Event, asked: Asked) -> SignupId | Refusal:
    """There is room, and somebody waits: for something else, or before us?"""
    asked.claim(event)
    event = seats.hold(event.id)
    if refusal := eligibility.open_now(event, asked.now):
        return refusal
    counts = asked.counts(event)
    if not _our_turn(event, asked, counts):
        return _wait(event, asked)
    signup_id = _write(event, asked, asked.with_place(event))
    seats.add(event.id, counts)
    seats.filled(event, counts, now=asked.now)
    return signup_id


def _wait(event: Event, asked: Asked) -> SignupId | Refusal:
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
    return _no_line(event, asked, short) or _write(event, asked, State.WAITING)


def _our_turn(event: Event, asked: Asked, counts: Mapping[int, int]) -> bool:
    """Of those who wait now and us behind them, would we get a place?"""
    line: list[tuple[SignupId | None, Mapping[int, int]]] = [*seats.line(event.id), (None, counts)]
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


_TOLD = {
    State.CONFIRMED: What.CONFIRMED,
    State.FORMING: What.FORMING,
    State.WAITING: What.WAITING,
    State.ENTERED: What.ENTERED,
    State.APPLIED: What.APPLIED,
}


def _write(event: Event, asked: Asked, state: State, *, tickets: int | None = None) -> SignupId:
    """The rows of an entry, its trace and its messages."""
    signup_id, now = SignupId(uuid7()), asked.now
    row = {
        "id": signup_id, "event_id": event.id, "number": random_base32(8), "category": asked.category.key,
        "slot": asked.slot, "state": state, "captain_id": asked.members[0].member_id,
        "counts": seats.written_counts(asked.counts(event)),
        "position": db.session.scalar(POSITIONS) if state is State.WAITING else None,
        "due_at": rules.join_by(event.terms, now) if state is State.FORMING else None,
        "tickets": tickets, "entered_by": None, "entered_union_id": None, "answers": _sealed(asked.answers),
        "refilled": False, "created_at": now, "changed_at": now, **asked.by_unit,
    }  # fmt: skip
    writing.write(row, _people(event, asked, signup_id))
    writing.trace(signup_id, event.id, state, actor=asked.actor, now=now)
    writing.tell(signup_id, What.BY_UNIT if asked.by_unit else _TOLD[state])
    if asked.to_confirm(event):
        writing.tell(signup_id, What.INVITED)
    return signup_id


def _people(event: Event, asked: Asked, signup_id: SignupId) -> list[dict[str, Any]]:
    same = {
        "signup_id": signup_id,
        "event_id": event.id,
        "once_id": rules.once_id(event.id, event.terms.once, asked.category.key),
        "active": True,
    }
    others = Presence.INVITED if asked.to_confirm(event) else Presence.IN
    people: list[dict[str, Any]] = [
        {
            **same, "ordinal": ordinal, "member_id": one.member_id, "role": Role.MEMBER, "said": None,
            "presence": others if ordinal else Presence.IN,
        }
        for ordinal, one in enumerate(asked.members)
    ]  # fmt: skip
    for ordinal, one in enumerate(asked.companions, start=len(asked.members)):
        said = {"name": one.name, "born_on": one.born_on.isoformat() if one.born_on else None}
        sealed = vault.seal("signup_people.said", json.dumps(said, ensure_ascii=False))
        people.append(
            {**same, "ordinal": ordinal, "member_id": None, "role": one.role, "said": sealed, "presence": Presence.IN}
        )
    return people


def _sealed(answers: Answers) -> bytes | None:
    if not answers:
        return None
    return vault.seal("signups.answers", json.dumps(forms.dumped_answers(answers), ensure_ascii=False))
