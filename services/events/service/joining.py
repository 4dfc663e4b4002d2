"""The others of an entry: they confirm or turn down on their own phones, and the captain finds somebody else."""

import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from services.accounts.types import MemberActor
from services.core.calendar import local_date
from services.core.db import db
from services.core.errors import Conflict, LostRace, NotFound, Refusal
from services.events import eligibility, errors, rules
from services.events.messages import What
from services.events.models import Signup, SignupPerson
from services.events.queries import draws, entrants, mine
from services.events.service import seats, writing
from services.events.service.mates import mates_of
from services.events.types import ACTIVE, HOLDING, Companion, Entrant, Event, Named, Presence, Role, SignupId, State
from services.members.types import MemberId


def join(*, actor: MemberActor, signup_id: SignupId, now: datetime.datetime) -> None:
    """Confirms to be part of it; once all have, the entry stands. Twice is no error. Locks the event.

    From then on the place is his: not to come is a miss. Whoever left it after the deadline is no longer to blame.
    Raises NotFound(signup_unknown), Conflict(not_invited, signup_over). Posts events.signup. Audited.
    """
    row, person = _mine(actor, signup_id, now)
    if person.presence == Presence.IN:
        if person.agreed_at is None:
            db.session.execute(_of(person).values(agreed_at=now))
        return
    if person.presence != Presence.INVITED:
        raise Conflict(errors.NOT_INVITED)
    db.session.execute(_of(person).values(presence=Presence.IN, agreed_at=now, late_id=None))
    writing.trace(signup_id, row.event_id, State(row.state), actor=actor.label, now=now)
    if row.state == State.FORMING and writing.complete(signup_id):
        writing.move(signup_id, State.CONFIRMED, actor=actor.label, now=now)
        writing.tell(signup_id, What.CONFIRMED)


def turn_down(*, actor: MemberActor, signup_id: SignupId, now: datetime.datetime) -> None:
    """Somebody whom another entered does not want to, or no longer. Locks the event.

    He may sign up by himself at once. The captain is told and has until due_at to find somebody else; places that were
    kept stay with the entry till then. After the deadline for cancelling an entry that stood is taken from nobody who
    stays: where enough are left it stays confirmed and his place goes to the line, otherwise they have until the event
    begins. Who had said yes himself and leaves then is late: a miss, unless somebody else takes the place.
    Raises NotFound(signup_unknown), Conflict(signup_over, event_begun, signup_in_already, not_invited for the captain,
    who cancels the whole). Posts events.signup. Audited.
    """
    row, person = _mine(actor, signup_id, now)
    if person.ordinal == 0:
        raise Conflict(errors.NOT_INVITED)
    if person.presence == Presence.DECLINED:
        return
    if person.checked_in_at:
        raise Conflict(errors.SIGNUP_IN_ALREADY)
    event = seats.hold(row.event_id)
    late, stood = now > event.terms.cancel_until, row.state == State.CONFIRMED
    blamed = person.member_id if late and stood and person.agreed_at else person.late_id
    db.session.execute(_of(person).values(presence=Presence.DECLINED, active=False, late_id=blamed))
    smaller = _without(event, row, now) if late and stood else None
    if smaller is not None:
        _shrink(event, row, smaller, now)
        writing.trace(signup_id, row.event_id, State.CONFIRMED, actor=actor.label, now=now)
    elif State(row.state) in HOLDING and row.state != State.OFFERED:
        stood_until = now if stood else row.stood_until
        due_at = max(rules.join_by(event.terms, now), row.due_at or now)
        if late and stood_until:
            due_at = event.terms.starts_at
        writing.move(
            signup_id, State.FORMING, actor=actor.label, now=now, due_at=due_at, stood_until=stood_until
        )  # fmt: skip
    else:
        writing.trace(signup_id, row.event_id, State(row.state), actor=actor.label, now=now)
    writing.tell(signup_id, What.MATE_DECLINED)


def replace(
    *, actor: MemberActor, signup_id: SignupId, ordinal: int, named: Named, now: datetime.datetime
) -> Refusal | None:
    """The captain names somebody else in the place of one who declined or has not answered. Locks the newcomer, then
    the event.

    Quotas are counted anew, as the records are today, and so are the tickets of a draw; refused (quota_full,
    mate_not_possible, mate_unknown, mates_too_often, men_missing, women_missing) without a change. After the draw also
    whoever has fewer tickets than the entry was drawn with (mate_fewer_tickets): chances are not lent. What it frees
    goes to the line. Raises NotFound(signup_unknown), Conflict(signup_over, event_begun, not_captain), LostRace. Posts
    events.signup (invited). Audited.
    """
    mates = mates_of([named], actor, now)
    if isinstance(mates, Refusal):
        return mates
    _claim(signup_id, mates[0])
    row, captain = _mine(actor, signup_id, now)
    if captain.ordinal != 0:
        raise Conflict(errors.NOT_CAPTAIN)
    event = seats.hold(row.event_id)
    people = _people(signup_id)
    place = next((one for one in people if one.ordinal == ordinal and one.ordinal), None)
    if place is None or place.member_id is None or place.presence == Presence.IN:
        raise NotFound(errors.SIGNUP_UNKNOWN)
    refusal = _fits(event, row, people, place, mates[0], now)
    if refusal:
        return refusal
    values = {"member_id": mates[0], "presence": Presence.INVITED, "active": True, "agreed_at": None}
    try:
        db.session.execute(_of(place).values(values))
    except IntegrityError:
        # Has just got in elsewhere: looked at again, it is said so.
        raise LostRace from None
    writing.trace(signup_id, event.id, State(row.state), actor=actor.label, now=now)
    writing.tell(signup_id, What.INVITED)
    # They need other quotas now: what they leave, or what they wait for, may be somebody's place.
    seats.promote(event.id, now=now)
    return None


def _without(event: Event, row: Any, now: datetime.datetime) -> dict[int, int] | None:
    """What those who are left take of each quota, if all of them are in and they make an entry."""
    category = rules.category_of(event.terms, row.category)
    people = [one for one in _people(row.id) if one.presence != Presence.DECLINED]
    if category is None or any(one.presence != Presence.IN for one in people):
        return None
    found, companions = _team(event, row, [one.member_id for one in people if one.role == Role.MEMBER], now)
    if eligibility.composed(category, found, companions, on=local_date(event.terms.starts_at)):
        return None
    return eligibility.counts(
        event.terms.quotas, category=category.key, slot=row.slot, today=local_date(now), companions=companions,
        members=found,
    )  # fmt: skip


def _shrink(event: Event, row: Any, smaller: dict[int, int], now: datetime.datetime) -> None:
    """Gives back what they no longer need. A birthday since then takes nothing more."""
    before = seats.read_counts(row.counts)
    kept = {ordinal: min(places, smaller.get(ordinal, 0)) for ordinal, places in before.items()}
    seats.give_back(event.id, {ordinal: places - kept[ordinal] for ordinal, places in before.items()})
    values = {"counts": seats.written_counts({ordinal: places for ordinal, places in kept.items() if places})}
    db.session.execute(update(Signup).where(Signup.id == row.id).values(values))
    seats.promote(event.id, now=now)


def _team(
    event: Event, row: Any, member_ids: list[MemberId], now: datetime.datetime
) -> tuple[list[Entrant], list[Companion]]:
    """The records of these members, and the companions of the entry."""
    once_id = rules.once_id(event.id, event.terms.once, row.category)
    companions = [
        Companion(one.role, one.name, one.born_on)
        for one in mine.signups([row.id])[0].people
        if one.role != Role.MEMBER
    ]
    return entrants.entrants(member_ids, event=event, once_id=once_id, now=now), companions


def _claim(signup_id: SignupId, newcomer: MemberId) -> None:
    once_id = db.session.scalar(select(SignupPerson.once_id).where(SignupPerson.signup_id == signup_id).limit(1))
    if once_id is None:
        raise NotFound(errors.SIGNUP_UNKNOWN)
    writing.claim(once_id, [newcomer])


def _fits(
    event: Event, row: Any, people: list[Any], place: Any, newcomer: MemberId, now: datetime.datetime
) -> Refusal | None:
    """Moves the counts to those of the new team, or says why it cannot be."""
    category = rules.category_of(event.terms, row.category)
    if category is None:
        return Refusal(errors.CATEGORY_UNKNOWN)
    ids = [
        newcomer if one.ordinal == place.ordinal else MemberId(one.member_id)
        for one in people
        if one.role == Role.MEMBER and (one.ordinal == place.ordinal or _counts(row, one))
    ]
    found, companions = _team(event, row, ids, now)
    new = next((one for one in found if one.member_id == newcomer), None)
    today = local_date(now)
    if new is None or new.signup_id or eligibility.eligible(event.terms, category, new, today=today):
        return Refusal(errors.MATE_NOT_POSSIBLE, {"line": place.ordinal})
    if refusal := eligibility.composed(category, found, (), on=local_date(event.terms.starts_at)):
        return refusal
    if event.drawn_at and row.tickets and _tickets(event, [newcomer], now) < row.tickets:
        return Refusal(errors.MATE_FEWER_TICKETS, {"tickets": row.tickets})
    fresh = eligibility.counts(
        event.terms.quotas, category=category.key, slot=row.slot, today=today, companions=companions, members=found
    )
    if State(row.state) in HOLDING:
        before = seats.read_counts(row.counts)
        moved = {one: fresh.get(one, 0) - before.get(one, 0) for one in fresh.keys() | before.keys()}
        if rules.lacking(rules.left(event, now), {one: more for one, more in moved.items() if more > 0}):
            return Refusal(errors.QUOTA_FULL)
        seats.add(event.id, moved)
    values: dict[str, Any] = {"counts": seats.written_counts(fresh)}
    if row.state == State.ENTERED:
        values["tickets"] = _tickets(event, [one.member_id for one in found], now)
    db.session.execute(update(Signup).where(Signup.id == row.id).values(values))
    return None


def _counts(row: Any, person: Any) -> bool:
    """Is a place kept for this person? Of a confirmed entry the places of those who left are gone."""
    return State(row.state) is not State.CONFIRMED or Presence(person.presence) is not Presence.DECLINED


def _tickets(event: Event, member_ids: list[MemberId], now: datetime.datetime) -> int:
    return rules.tickets(draws.losses(member_ids, kind=event.terms.kind, now=now))


def _mine(actor: MemberActor, signup_id: SignupId, now: datetime.datetime) -> tuple[Any, Any]:
    """The entry and the actor's own line of it, under the event's lock."""
    mine = (SignupPerson.signup_id == signup_id) & (SignupPerson.member_id == actor.member_id)
    if db.session.scalar(select(SignupPerson.ordinal).where(mine)) is None:
        raise NotFound(errors.SIGNUP_UNKNOWN)
    event = seats.hold(writing.one(signup_id).event_id)
    row = writing.one(signup_id)
    if State(row.state) not in ACTIVE:
        raise Conflict(errors.SIGNUP_OVER)
    if now >= event.terms.starts_at:
        raise Conflict(errors.EVENT_BEGUN)
    return row, next(one for one in _people(signup_id) if one.member_id == actor.member_id)


def _people(signup_id: SignupId) -> list[Any]:
    query = select(*SignupPerson.__table__.c).where(SignupPerson.signup_id == signup_id)
    return list(db.session.execute(query.order_by(SignupPerson.ordinal)))


def _of(person: Any) -> Any:
    return update(SignupPerson).where(
        SignupPerson.signup_id == person.signup_id, SignupPerson.ordinal == person.ordinal
    )
