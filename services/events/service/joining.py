"""The others of an entry: they confirm or turn down on their own phones. replacing.py: somebody else instead."""

import datetime
from typing import Any

from sqlalchemy import exists, select, update

from services.accounts.types import MemberActor
from services.core.calendar import local_date
from services.core.db import db
from services.core.errors import Conflict
from services.events import eligibility, errors, rules
from services.events.messages import What
from services.events.models import Signup, SignupPerson
from services.events.queries import entrants, mine
from services.events.rows import read_counts, written_counts
from services.events.service import seats, writing
from services.events.types import (
    ACTIVE,
    Companion,
    Entrant,
    Event,
    Presence,
    Role,
    SignupId,
    State,
)
from services.members.types import MemberId


def join(*, actor: MemberActor, signup_id: SignupId, now: datetime.datetime) -> None:
    """Confirms to be part of it; once all who are left have, and they are enough, the entry stands. Twice is no error.
    Locks the event.

    From then on the place is his: not to come is a miss. Whoever left it after the deadline is no longer to blame.
    Raises NotFound(signup_unknown, signup_replaced), Conflict(not_invited, signup_over). Posts events.signup. Audited.
    """
    row, person = own_line(actor, signup_id, now)
    if person.presence == Presence.IN:
        if person.agreed_at is None:
            db.session.execute(line_of(person).values(agreed_at=now))
        return
    if person.presence != Presence.INVITED:
        raise Conflict(errors.NOT_INVITED)
    db.session.execute(line_of(person).values(presence=Presence.IN, agreed_at=now, late_id=None))
    writing.trace(signup_id, row.event_id, State(row.state), actor=actor.label, now=now)
    if row.state in (State.FORMING, State.CONFIRMED) and stands(seats.hold(row.event_id), row, now):
        if row.state == State.FORMING:
            writing.move(signup_id, State.CONFIRMED, actor=actor.label, now=now)
        else:
            _all_answered(signup_id)
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
    row, person = own_line(actor, signup_id, now)
    if person.ordinal == 0:
        raise Conflict(errors.NOT_INVITED)
    if person.presence == Presence.DECLINED:
        return
    if person.checked_in_at:
        raise Conflict(errors.SIGNUP_IN_ALREADY)
    event = seats.hold(row.event_id)
    stood = row.state == State.CONFIRMED
    free_until = rules.free_until(event.terms, None if row.stood_until else row.changed_at)
    owed = stood and person.agreed_at and now > free_until
    blamed = person.member_id if owed else person.late_id
    db.session.execute(line_of(person).values(presence=Presence.DECLINED, active=False, late_id=blamed))
    to = carry_on(event, row, actor=actor.label, now=now)
    writing.tell(signup_id, What.MATE_DECLINED)
    if to is State.CONFIRMED and not stood:
        writing.tell(signup_id, What.CONFIRMED)


def carry_on(event: Event, row: Any, *, actor: str, now: datetime.datetime) -> State:
    """Where an entry is now that somebody of it no longer takes part, as `turn_down` says. Under `seats.hold`; `row`:
    the entry before. Audited."""
    to, stood, values = State(row.state), row.state == State.CONFIRMED, dict[str, Any]()
    formed = to in (State.CONFIRMED, State.FORMING)
    if formed and stands(event, row, now):
        to = State.CONFIRMED
    elif formed:
        stood_until = now if stood else row.stood_until
        late = now > event.terms.cancel_until
        due_at = max(rules.join_by(event.terms, now), row.due_at or now)
        to = State.FORMING
        values = {"due_at": event.terms.starts_at if late and stood_until else due_at, "stood_until": stood_until}
    if formed and (to is State.FORMING or not stood):
        writing.move(row.id, to, actor=actor, now=now, **values)
    else:
        writing.trace(row.id, row.event_id, to, actor=actor, now=now)
        _all_answered(row.id)
    return to


def _all_answered(signup_id: SignupId) -> None:
    """One that stands waits for nobody any more, if it does not."""
    asked = exists().where(SignupPerson.signup_id == signup_id, SignupPerson.presence == Presence.INVITED)
    done = (Signup.id == signup_id) & (Signup.state == State.CONFIRMED) & ~asked
    db.session.execute(update(Signup).where(done).values(due_at=None))


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
    left = [one for one in people_of(row.id) if one.presence != Presence.DECLINED]
    inside = [one for one in left if one.presence == Presence.IN]
    if category is None or (row.state != State.CONFIRMED and len(inside) < len(left)):
        return None
    found, companions = team(event, row, [one.member_id for one in left if one.role == Role.MEMBER], now)
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


def team(
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


def own_line(actor: MemberActor, signup_id: SignupId, now: datetime.datetime) -> tuple[Any, Any]:
    """The entry and the actor's own line of it, under the event's lock and the entry's: the door takes the latter only,
    and nobody who is just being checked in is turned down or replaced beside it. Raises as queries.mine.missing,
    Conflict(signup_over, event_begun)."""
    own = (SignupPerson.signup_id == signup_id) & (SignupPerson.member_id == actor.member_id)
    if db.session.scalar(select(SignupPerson.ordinal).where(own)) is None:
        raise mine.missing(signup_id, actor.member_id)
    event = seats.hold(writing.one(signup_id).event_id)
    row = writing.one(signup_id)
    if State(row.state) not in ACTIVE:
        raise Conflict(errors.SIGNUP_OVER)
    if now >= event.terms.starts_at:
        raise Conflict(errors.EVENT_BEGUN)
    db.session.execute(select(Signup.id).where(Signup.id == signup_id).with_for_update(key_share=True))
    here = next((one for one in people_of(signup_id) if one.member_id == actor.member_id), None)
    if here is None:
        # The captain has just named somebody else.
        raise mine.missing(signup_id, actor.member_id)
    return row, here


def people_of(signup_id: SignupId) -> list[Any]:
    query = select(*SignupPerson.__table__.c).where(SignupPerson.signup_id == signup_id)
    return list(db.session.execute(query.order_by(SignupPerson.ordinal)))


def line_of(person: Any) -> Any:
    return update(SignupPerson).where(
        SignupPerson.signup_id == person.signup_id, SignupPerson.ordinal == person.ordinal
    )
