"""The others of an entry: they confirm or turn down on their own phones, and the captain finds somebody else."""

import datetime
from collections.abc import Mapping
from itertools import chain
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from services.accounts.types import MemberActor
from services.core import outbox
from services.core.calendar import local_date
from services.core.db import db
from services.core.errors import Conflict, LostRace, NotFound, Refusal
from services.events import eligibility, errors, rules
from services.events.messages import SignupChanged, What
from services.events.models import Signup, SignupPerson
from services.events.queries import draws, entrants, mine
from services.events.rows import read_counts, written_counts
from services.events.service import seats, writing
from services.events.service.mates import mates_of
from services.events.types import (
    ACTIVE,
    HOLDING,
    Companion,
    Entrant,
    Event,
    Named,
    Presence,
    Role,
    SignupId,
    State,
    Unit,
)
from services.members.types import MemberId


def join(*, actor: MemberActor, signup_id: SignupId, now: datetime.datetime) -> None:
    """Confirms to be part of it; once all who are left have, and they are enough, the entry stands. Twice is no error.
    Locks the event.

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
    if row.state in (State.FORMING, State.CONFIRMED) and stands(seats.hold(row.event_id), row, now):
        if row.state == State.FORMING:
            writing.move(signup_id, State.CONFIRMED, actor=actor.label, now=now)
        # Whoever came later to an entry that stood is told as the others were.
        writing.tell(signup_id, What.CONFIRMED)


def turn_down(*, actor: MemberActor, signup_id: SignupId, now: datetime.datetime) -> None:
    """Somebody whom another entered does not want to, or no longer. Locks the event.

    He may sign up by himself at once, and the captain is told. Where all others have said yes and are enough, the entry
    stands, and his place goes to the line; the captain may still name somebody else, if there is room. Otherwise it has
    until due_at to find somebody, or after the deadline for cancelling until the event begins, and keeps its places
    till then. Who had said yes himself and leaves too late (rules.free_until): a miss, unless somebody else takes the
    place. Raises NotFound(signup_unknown), Conflict(signup_over, event_begun, signup_in_already, not_invited for the
    captain, who cancels the whole). Posts events.signup. Audited.
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
    free_until = rules.free_until(event.terms, None if row.stood_until else row.changed_at)
    owed = stood and person.agreed_at and now > free_until
    blamed = person.member_id if owed else person.late_id
    db.session.execute(_of(person).values(presence=Presence.DECLINED, active=False, late_id=blamed))
    formed = State(row.state) in (State.CONFIRMED, State.FORMING)
    to, values = State(row.state), dict[str, Any]()
    if formed and stands(event, row, now):
        to = State.CONFIRMED
    elif formed:
        stood_until = now if stood else row.stood_until
        due_at = max(rules.join_by(event.terms, now), row.due_at or now)
        to = State.FORMING
        values = {"due_at": event.terms.starts_at if late and stood_until else due_at, "stood_until": stood_until}
    if formed and (to is State.FORMING or not stood):
        writing.move(signup_id, to, actor=actor.label, now=now, **values)
    else:
        writing.trace(signup_id, row.event_id, to, actor=actor.label, now=now)
    writing.tell(signup_id, What.MATE_DECLINED)
    if to is State.CONFIRMED and not stood:
        writing.tell(signup_id, What.CONFIRMED)


def replace(
    *, actor: MemberActor, signup_id: SignupId, ordinal: int, named: Named, now: datetime.datetime
) -> Refusal | None:
    """The captain names somebody else in the place of one who declined or has not answered. Locks the newcomer, then
    the event.

    Quotas are counted anew, as the records are today, and so are the tickets of a draw; a place more than they have is
    theirs only after those who wait for it. Refused (quota_full,
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
    outbox.post(SignupChanged(signup_id=signup_id, what=What.INVITED, only=str(mates[0])))
    # They need other quotas now: what they leave, or what they wait for, may be somebody's place.
    seats.promote(event.id, now=now)
    return None


def stands(event: Event, row: Any, now: datetime.datetime) -> bool:
    """Have all who are left said yes, and are they enough? Then what they no longer need is given back, and goes to the
    line. Under `seats.hold`; `row`: the entry."""
    if writing.complete(row.id):
        return True
    smaller = _without(event, row, now)
    if smaller is None:
        return False
    _shrink(event, row, smaller, now)
    return True


def _without(event: Event, row: Any, now: datetime.datetime) -> dict[int, int] | None:
    """What those who are left take of each quota, if they make an entry. To one that stood somebody may have been asked
    in anew: without his word it stands too, and his place is kept for him."""
    category = rules.category_of(event.terms, row.category)
    left = [one for one in _people(row.id) if one.presence != Presence.DECLINED]
    inside = [one for one in left if one.presence == Presence.IN]
    if category is None or (row.state != State.CONFIRMED and len(inside) < len(left)):
        return None
    found, companions = _team(event, row, [one.member_id for one in left if one.role == Role.MEMBER], now)
    sure = {one.member_id for one in inside}
    certain = [one for one in found if one.member_id in sure]
    if eligibility.composed(category, certain, companions, on=local_date(event.terms.starts_at)):
        return None
    return eligibility.counts(
        event.terms.quotas, category=category.key, slot=row.slot, today=local_date(now), companions=companions,
        members=found,
    )  # fmt: skip


def _shrink(event: Event, row: Any, smaller: dict[int, int], now: datetime.datetime) -> None:
    """Gives back what they no longer need. A birthday since then takes nothing more."""
    before = read_counts(row.counts)
    kept = {ordinal: min(places, smaller.get(ordinal, 0)) for ordinal, places in before.items()}
    seats.give_back(event.id, {ordinal: places - kept[ordinal] for ordinal, places in before.items()})
    values = {"counts": written_counts({ordinal: places for ordinal, places in kept.items() if places})}
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
    kept = _kept(event, row, people, place)
    ids = [newcomer if one.ordinal == place.ordinal else MemberId(one.member_id) for one in people if one in kept]
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
        before = read_counts(row.counts)
        moved = {one: fresh.get(one, 0) - before.get(one, 0) for one in fresh.keys() | before.keys()}
        if not _has_room(event, {one: more for one, more in moved.items() if more > 0}, now):
            return Refusal(errors.QUOTA_FULL)
        seats.add(event.id, moved)
    values: dict[str, Any] = {"counts": written_counts(fresh)}
    if row.state == State.ENTERED:
        values["tickets"] = _tickets(event, [one.member_id for one in found], now)
    db.session.execute(update(Signup).where(Signup.id == row.id).values(values))
    return None


def _has_room(event: Event, more: Mapping[int, int], now: datetime.datetime) -> bool:
    """Is there so much more for a newcomer, after those who wait for the same? A team that needs no more of the total
    is before those who wait for that alone."""
    line = ((one, needs if 0 in more else {at: needs[at] for at in needs if at in more})
            for one, needs in seats.line(event.id))  # fmt: skip
    asked = chain[tuple[SignupId | None, Mapping[int, int]]](line, [(None, more)])
    return not more or None in rules.next_in_line(rules.left(event, now), asked)


def _kept(event: Event, row: Any, people: list[Any], place: Any) -> list[Any]:
    """The members for whom the entry keeps places once `place` has somebody new. Places of those who left it while it
    stood are gone; of others who turned down as many are kept as it still holds."""
    staying = [one for one in people if one.role == Role.MEMBER and one.presence != Presence.DECLINED]
    staying += [place] if place not in staying else []
    if row.state == State.CONFIRMED:
        return staying
    gone = [one for one in people if one.presence == Presence.DECLINED and one not in staying]
    if event.total.quota.unit is Unit.PEOPLE:
        companions = sum(one.role != Role.MEMBER for one in people)
        gone = gone[: max(0, read_counts(row.counts)[0] - companions - len(staying))]
    return staying + gone


def _tickets(event: Event, member_ids: list[MemberId], now: datetime.datetime) -> int:
    return rules.tickets(draws.losses(member_ids, kind=event.terms.kind, now=now))


def _mine(actor: MemberActor, signup_id: SignupId, now: datetime.datetime) -> tuple[Any, Any]:
    """The entry and the actor's own line of it, under the event's lock and the entry's: the door takes the latter only,
    and nobody who is just being checked in is turned down or replaced beside it."""
    mine = (SignupPerson.signup_id == signup_id) & (SignupPerson.member_id == actor.member_id)
    if db.session.scalar(select(SignupPerson.ordinal).where(mine)) is None:
        raise NotFound(errors.SIGNUP_UNKNOWN)
    event = seats.hold(writing.one(signup_id).event_id)
    row = writing.one(signup_id)
    if State(row.state) not in ACTIVE:
        raise Conflict(errors.SIGNUP_OVER)
    if now >= event.terms.starts_at:
        raise Conflict(errors.EVENT_BEGUN)
    db.session.execute(select(Signup.id).where(Signup.id == signup_id).with_for_update(key_share=True))
    return row, next(one for one in _people(signup_id) if one.member_id == actor.member_id)


def _people(signup_id: SignupId) -> list[Any]:
    query = select(*SignupPerson.__table__.c).where(SignupPerson.signup_id == signup_id)
    return list(db.session.execute(query.order_by(SignupPerson.ordinal)))


def _of(person: Any) -> Any:
    return update(SignupPerson).where(
        SignupPerson.signup_id == person.signup_id, SignupPerson.ordinal == person.ordinal
    )
