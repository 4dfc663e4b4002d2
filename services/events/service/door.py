"""At the door (签到): staff scan a card or tick a name, a member reads the venue's code, paper is typed in later.

Somebody is in once: every way ends in one conditional UPDATE, and whoever comes second is told who was first.
"""

import datetime
import uuid
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, select, tuple_, update

from services.accounts.types import MemberActor, OfficerActor
from services.cards import rules as card_rules
from services.cards import service as cards
from services.cards.errors import CODE_USED
from services.cards.types import Presented
from services.core import audit
from services.core.budget import HOUR, spend
from services.core.db import among, db
from services.core.errors import Conflict, NotFound, Refusal
from services.events import door_codes, door_rules, errors
from services.events.models import Signup, SignupPerson
from services.events.queries import door
from services.events.queries import events as event_queries
from services.events.types import Event, EventId, How, Presence, Role, SignupId, State
from services.events.types.door import Arrival, DoorPerson, Stranger, Tick, Ticked
from services.members.rules import masked_name

TYPED_AN_HOUR = 200
"""Digits that one officer may type: more than anybody needs, and nothing for guessing."""
VENUE_STAMP = "venue"
Key = tuple[uuid.UUID, int]
"""An entry and the ordinal of one of its people."""


def scan(*, actor: OfficerActor, event_id: EventId, text: str, now: datetime.datetime) -> Arrival | Stranger | Refusal:
    """Reads a member's card code or eight digits and checks her in: in all her entries that have a place.

    Promises: a code that lets somebody in is burnt, so it works at no second gate and no till. Somebody who is in
    already is told so, whatever her code. Nobody is checked in twice. Of a stranger the masked name is told, no more;
    whose entries have all ended is one, where anybody may sign up at the door.
    Locks: the burnt code's key, then her entries. Raises NotFound(event_unknown) outside of the officer's
    scope. Every refusal is returned.
    """
    event = event_queries.managed(event_id, actor=actor)
    presented = _presented(event, actor, text, now)
    if isinstance(presented, Refusal):
        return presented
    member_id = presented.holder.member_id
    mine = door.of_member(event_id, member_id)
    if not mine or door_rules.comes_anew(event, [one.state for one in mine], now):
        return Stranger(member_id, masked_name(presented.holder.name), door_rules.walk_in(event, now))
    if refusal := door_rules.entry(mine[0].state, joined=mine[0].joined):
        return refusal
    if any(one.in_at is None for one in _placed(mine)) and not cards.burn(presented, now=now):
        # Another gate may have read this very code and let her in.
        mine = door.of_member(event_id, member_id)
        if any(one.in_at is None for one in _placed(mine)):
            return Refusal(CODE_USED)
    return _arrive(event_id, [_key(one) for one in _placed(mine)], How.CARD, actor.label, now=now)


def tick(
    *, actor: OfficerActor, event_id: EventId, signup_id: SignupId, ordinals: Collection[int], now: datetime.datetime
) -> Arrival | Refusal:
    """Checks in people of one entry by name. Of those who are in already nothing changes.

    Locks the entry. Raises NotFound(event_unknown, signup_unknown).
    """
    event = event_queries.managed(event_id, actor=actor)
    if refusal := door_rules.by_staff(event, now):
        return refusal
    known = {one.ordinal for one in door.of_entry(event_id, signup_id)}
    if not ordinals or not known.issuperset(ordinals):
        raise NotFound(errors.SIGNUP_UNKNOWN)
    return _arrive(event_id, [(signup_id, one) for one in sorted(ordinals)], How.NAME, actor.label, now=now)


def check_in_here(
    *, actor: MemberActor, event_id: EventId, stamp: str, ordinals: Collection[int], now: datetime.datetime
) -> Arrival | Refusal:
    """The member checks herself in, and those of her companions who have come, by the venue's code.

    `stamp`: of the page that she opened while the code was good, at most five minutes ago (`venue_stamp`); of another
    member's page it is none. Locks her entries. Raises NotFound(event_unknown).
    """
    event = event_queries.public(event_id)
    if not door_codes.stamped(stamp, VENUE_STAMP, event_id, actor.member_id, now=now):
        return Refusal(errors.DOOR_STAMP_OVER)
    return _here(event, actor, ordinals, now)


def check_in_by_code(*, actor: MemberActor, event_id: EventId, text: str, now: datetime.datetime) -> Arrival | Refusal:
    """As `check_in_here`, at once by the code itself, with all companions."""
    event = door.at_venue(text, now)
    if isinstance(event, Refusal):
        return event
    return _here(event, actor, None, now) if event.id == event_id else Refusal(errors.DOOR_CODE_UNKNOWN)


def venue_stamp(*, actor: MemberActor, event_id: EventId, now: datetime.datetime) -> str:
    """For the page of somebody whose code was good just now."""
    return door_codes.stamp(VENUE_STAMP, event_id, actor.member_id, now=now)


def enter_ticks(
    *, actor: OfficerActor, event_id: EventId, ticks: Sequence[Tick], now: datetime.datetime
) -> Ticked | Refusal:
    """Types in what was ticked on paper: each with the time it was made. Audited as event.ticked.

    Refuses all if a time lies outside of the event, or misses are written already (door_closed). Who was in already
    stays in as she was; who has no place, or has not said yes to it, is refused alone. Locks the event against being
    settled, then the entries in the order of their ids.
    """
    event = event_queries.managed(event_id, actor=actor)
    if door.settled(event_id, hold=True):
        return Refusal(errors.DOOR_CLOSED)
    for one in ticks:
        if refusal := door_rules.from_paper(event, one.at, now):
            return refusal
    expected = _expected(_hold(event_id, {one.signup_id for one in ticks}))
    fresh = already = 0
    for one in ticks:
        if (one.signup_id, one.ordinal) not in expected:
            continue
        marked = _mark([(one.signup_id, one.ordinal)], How.PAPER, actor.label, at=one.at, ticked_at=now)
        fresh, already = fresh + len(marked), already + (not marked)
    audit.record("event.ticked", actor=actor.label, subject_id=event_id, now=now, detail={"people": fresh})
    return Ticked(fresh, already, len(ticks) - fresh - already)


def undo(*, actor: OfficerActor, event_id: EventId, signup_id: SignupId, ordinal: int, now: datetime.datetime) -> None:
    """Takes a check-in back, on the day of the event. Audited as event.check_in_undone with what it said.

    Raises NotFound(event_unknown, signup_unknown), Conflict(undo_over, not_in_yet).
    """
    event = event_queries.managed(event_id, actor=actor)
    person = next((one for one in door.of_entry(event_id, signup_id) if one.ordinal == ordinal), None)
    if person is None:
        raise NotFound(errors.SIGNUP_UNKNOWN)
    if person.in_at is None or person.how is None:
        raise Conflict(errors.NOT_IN_YET)
    if door.settled(event_id, hold=True) or not door_rules.may_undo(event, person.how, person.ticked_at, now):
        raise Conflict(errors.UNDO_OVER)
    undone = db.session.execute(
        update(SignupPerson)
        .where(_is([(signup_id, ordinal)]), SignupPerson.checked_in_at == person.in_at)
        .values(checked_in_at=None, checked_in_by=None, checked_in_how=None, ticked_at=None)
        .returning(SignupPerson.ordinal)
    ).first()
    if undone is None:
        raise Conflict(errors.NOT_IN_YET)
    detail = {"event": str(event_id), "ordinal": ordinal, "how": person.how, "at": person.in_at.isoformat()}
    audit.record("event.check_in_undone", actor=actor.label, subject_id=signup_id, now=now, detail=detail)


def _presented(event: Event, actor: OfficerActor, text: str, now: datetime.datetime) -> Presented | Refusal:
    """A card that is good at this door now."""
    if refusal := door_rules.by_staff(event, now):
        return refusal
    code = card_rules.parse(text)
    if isinstance(code, Refusal):
        return code
    limits = ((HOUR, TYPED_AN_HOUR),)
    typed = isinstance(code, card_rules.Digits)
    if typed and spend("events.typed", actor.account_id.bytes, limits=limits, now=now):
        return Refusal(errors.DOOR_TYPED_OFTEN)
    presented = cards.present(code, now=now)
    if isinstance(presented, Refusal):
        return presented
    return card_rules.may_present(presented.card.status) or presented


def _here(
    event: Event, actor: MemberActor, ordinals: Collection[int] | None, now: datetime.datetime
) -> Arrival | Refusal:
    mine = door.of_member(event.id, actor.member_id)
    if not mine:
        return Refusal(errors.NOT_SIGNED_UP)
    if refusal := door_rules.entry(mine[0].state, joined=mine[0].joined):
        return refusal
    # Of two entries of hers each has a window of its own.
    refusals = {one.signup_id: door_rules.by_member(event, one.slot, now) for one in _placed(mine)}
    open_now = [one for one in _placed(mine) if refusals[one.signup_id] is None]
    if not open_now:
        closed = next(iter(refusals.values()))
        assert closed is not None  # noqa: S101
        return closed
    keys = [_key(one) for one in open_now]
    for one in door.of_entries(event.id, [each.signup_id for each in open_now if each.captain]):
        if one.role is not Role.MEMBER and (ordinals is None or one.ordinal in ordinals):
            keys.append(_key(one))
    return _arrive(event.id, keys, How.VENUE, actor.label, now=now)


def _arrive(event_id: EventId, keys: Sequence[Key], how: How, by: str, *, now: datetime.datetime) -> Arrival | Refusal:
    """Checks these people in, whose entries must have their places, and says what there is to see; the first of `keys`
    is whom it is about."""
    placed = _hold(event_id, {signup_id for signup_id, _ in keys})
    marked = _mark([key for key in keys if key[0] in placed], how, by, at=now)
    people = {_key(one): one for one in door.of_entries(event_id, [SignupId(one) for one, _ in keys])}
    first = people[keys[0]]
    if refusal := door_rules.entry(first.state, joined=first.joined):
        return refusal
    if first.in_at is None:
        return Refusal(errors.DOOR_FORMING)
    others = [one for key, one in people.items() if key != keys[0] and (first.captain or key in keys)]
    return Arrival(first, bool(marked), tuple(others))


def _hold(event_id: EventId, signup_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these entries have their places and keep them until the transaction ends."""
    query = (
        select(Signup.id, Signup.state)
        .where(Signup.event_id == event_id, among(Signup.id, signup_ids))
        .order_by(Signup.id)
        .with_for_update(key_share=True)
    )
    return {row.id for row in db.session.execute(query) if State(row.state) in door_rules.PLACED}


def _expected(signup_ids: Collection[uuid.UUID]) -> set[Key]:
    """Whoever of these entries has a place of her own in it."""
    people = select(SignupPerson.signup_id, SignupPerson.ordinal).where(
        among(SignupPerson.signup_id, signup_ids), SignupPerson.presence == Presence.IN
    )
    return {(row.signup_id, row.ordinal) for row in db.session.execute(people)}


def _mark(
    keys: Sequence[Key], how: How, by: str, *, at: datetime.datetime, ticked_at: datetime.datetime | None = None
) -> set[Key]:
    """Who was not in and is now."""
    rows = db.session.execute(
        update(SignupPerson)
        .where(_is(keys), SignupPerson.presence == Presence.IN, SignupPerson.checked_in_at.is_(None))
        .values(checked_in_at=at, checked_in_by=by, checked_in_how=how, ticked_at=ticked_at)
        .returning(SignupPerson.signup_id, SignupPerson.ordinal)
    )
    return {(row.signup_id, row.ordinal) for row in rows}


def _is(keys: Sequence[Key]) -> ColumnElement[bool]:
    return tuple_(SignupPerson.signup_id, SignupPerson.ordinal).in_(keys)


def _placed(people: Sequence[DoorPerson]) -> list[DoorPerson]:
    return [one for one in people if one.joined and one.state in door_rules.PLACED]


def _key(person: DoorPerson) -> Key:
    return person.signup_id, person.ordinal
