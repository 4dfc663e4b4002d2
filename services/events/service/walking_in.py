"""Somebody who has not signed up comes to the door, and there is room (现场报名)."""

import datetime

from services.accounts.types import Capability, MemberActor, OfficerActor
from services.core.budget import DAY, left, spend
from services.core.calendar import local_date
from services.core.errors import Refusal
from services.events import door_codes, door_rules, eligibility, errors, rules
from services.events.queries import door, entrants
from services.events.queries import events as event_queries
from services.events.service import seats, writing
from services.events.service.recording import Asked, record
from services.events.service.signing_up import chosen
from services.events.types import Category, Entrant, Entry, Event, EventId, Named, State
from services.events.types.door import Arrival
from services.members import queries as members
from services.members.types import MemberId
from services.unions.rules import within as below

GUESSES_A_DAY = 30
"""Names that fit nobody, or somebody who may not come in and is not of the officer's unions."""
_OF_EVENT = {
    errors.EVENT_FULL, errors.ALREADY_SIGNED_UP, errors.NO_WALK_INS, errors.DOOR_NOT_OPEN, errors.DOOR_CLOSED,
}  # fmt: skip
"""Refusals that say nothing of the person but what the list does."""
SCANNED_STAMP, VENUE_STAMP = "scanned", "venue"


def scanned_stamp(*, actor: OfficerActor, event_id: EventId, member_id: MemberId, now: datetime.datetime) -> str:
    """For the page that offers to take in a stranger: the officer has just read her card."""
    return door_codes.stamp(SCANNED_STAMP, event_id, member_id, actor.account_id, now=now)


def take_in(
    *, actor: OfficerActor, event_id: EventId, member_id: MemberId, stamp: str, category: int, slot: int | None,
    now: datetime.datetime,
) -> Arrival | Refusal:  # fmt: skip
    """Signs up and checks in the member whose card was read within five minutes (`scanned_stamp`).

    Promises: no quota is exceeded; the rules of the event hold as for everybody. Takes no part in waiting line or
    draw. Locks the event. Raises NotFound(event_unknown), Invalid(category_unknown, slot_*). Audited.
    """
    event = event_queries.managed(event_id, actor=actor)
    if not door_codes.stamped(stamp, SCANNED_STAMP, event_id, member_id, actor.account_id, now=now):
        return Refusal(errors.DOOR_STAMP_OVER)
    return _take_in(event, member_id, category, slot, actor.label, now)


def take_in_named(
    *, actor: OfficerActor, event_id: EventId, named: Named, category: int, slot: int | None, now: datetime.datetime
) -> Arrival | Refusal:
    """As `take_in`, by name and phone (digits) as the person says them. Refuses whom no member's record fits.

    Of somebody who is not of the officer's unions it is not said why she may not come in. So many tries a day that
    end with neither are Refusal(walk_in_often): members are not found by guessing.
    """
    event = event_queries.managed(event_id, actor=actor)
    if refusal := door_rules.walk_in(event, now):
        return refusal
    officer, limits = actor.account_id.bytes, ((DAY, GUESSES_A_DAY),)
    if not left("events.walk_ins", officer, limits=limits, now=now):
        return Refusal(errors.WALK_IN_OFTEN)
    (member_id,) = members.named([(named.name, named.phone)])
    found = _take_in(event, member_id, category, slot, actor.label, now) if member_id else None
    if isinstance(found, Arrival) or (found and (found.code in _OF_EVENT or _own(actor, event, member_id, now))):
        return found
    spend("events.walk_ins", officer, limits=limits, now=now)
    return Refusal(errors.UNIT_NOT_POSSIBLE if found else errors.WALK_IN_UNKNOWN)


def _own(actor: OfficerActor, event: Event, member_id: MemberId | None, now: datetime.datetime) -> bool:
    """Is she of the officer's unions, whose roster he may read?"""
    scopes, asked = actor.scopes(Capability.MANAGE_EVENTS), [member_id] if member_id else []
    found = entrants.entrants(asked, event=event, once_id=event.id, now=now)
    return any(below(one.union_path, scope) for one in found for scope in scopes)


def take_in_here(
    *, actor: MemberActor, event_id: EventId, stamp: str, category: int, slot: int | None, now: datetime.datetime
) -> Arrival | Refusal:
    """The member does it herself, by the venue's code: as `take_in`. `stamp`: door.venue_stamp."""
    event = event_queries.public(event_id)
    if not door_codes.stamped(stamp, VENUE_STAMP, event_id, actor.member_id, now=now):
        return Refusal(errors.DOOR_STAMP_OVER)
    if refusal := door_rules.by_member(event, None, now):
        return refusal
    return _take_in(event, actor.member_id, category, slot, actor.label, now)


def _take_in(
    event: Event, member_id: MemberId, category_key: int, slot: int | None, by: str, now: datetime.datetime
) -> Arrival | Refusal:
    if refusal := door_rules.walk_in(event, now):
        return refusal
    wanted = Entry(category_key, slot)
    category, _ = chosen(event, wanted, now)
    writing.claim(rules.once_id(event.id, event.terms.once, category.key), [member_id])
    event = seats.hold(event.id)
    category, slot = chosen(event, wanted, now)
    entrant = _entrant(event, category, member_id, now)
    if isinstance(entrant, Refusal):
        return entrant
    asked = Asked(
        category=category, slot=slot, members=[entrant], companions=(), answers={}, wait=False, actor=by, now=now,
        here=True,
    )  # fmt: skip
    counts = asked.counts(event)
    if short := rules.lacking(rules.left(event, now), counts):
        return Refusal(errors.EVENT_FULL if 0 in short else errors.QUOTA_FULL)
    entered = record(event, asked, State.CONFIRMED)
    seats.add(event.id, counts)
    seats.filled(event, counts, now=now)
    person = next(one for one in door.of_member(event.id, member_id) if one.signup_id == entered.id)
    return Arrival(person, True)


def _entrant(event: Event, category: Category, member_id: MemberId, now: datetime.datetime) -> Entrant | Refusal:
    """The member as the record has her, if the rules of the event let her in alone."""
    once_id = rules.once_id(event.id, event.terms.once, category.key)
    (found,) = entrants.entrants([member_id], event=event, once_id=once_id, now=now)
    if found.signup_id:
        return Refusal(errors.ALREADY_SIGNED_UP)
    refusal = eligibility.eligible(event.terms, category, found, today=local_date(now))
    refusal = refusal or eligibility.composed(category, [found], [], on=local_date(event.terms.starts_at))
    return refusal or found
