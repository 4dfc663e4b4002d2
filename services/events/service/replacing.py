"""Another in the place of one of the others who has turned down or not answered."""

import datetime
from collections.abc import Mapping
from itertools import chain
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from services.accounts.types import MemberActor
from services.core import outbox
from services.core.calendar import local_date
from services.core.db import db
from services.core.errors import Conflict, LostRace, NotFound, Refusal
from services.events import eligibility, errors, rules
from services.events.messages import SignupChanged, What
from services.events.models import Signup, SignupPerson
from services.events.queries import draws
from services.events.rows import read_counts, written_counts
from services.events.service import seats, writing
from services.events.service.joining import carry_on, line_of, own_line, people_of, team
from services.events.service.mates import mates_of
from services.events.types import HOLDING, Event, Named, Presence, Role, SignupId, State, Unit
from services.members.types import MemberId


def replace(
    *, actor: MemberActor, signup_id: SignupId, ordinal: int, named: Named, now: datetime.datetime
) -> Refusal | None:
    """The captain names somebody else in the place of one who declined or has not answered. Locks the newcomer, then
    the event.

    Quotas are counted anew, as the records are today, and so are the tickets of a draw; a place more than they have is
    theirs only after those who wait for it. Refused (quota_full,
    mate_not_possible, mate_unknown, mates_too_often, men_missing, women_missing) without a change. After the draw also
    whoever has fewer tickets than the entry was drawn with (mate_fewer_tickets): chances are not lent. What it frees
    goes to the line.

    The newcomer has as long to answer as whoever is asked first (rules.join_by); an entry that stands goes on without
    him after that (`unanswered`). Whose place it was finds that said behind his link (queries.mine.missing), and is
    told if he had not answered yet. Raises NotFound(signup_unknown), Conflict(signup_over, event_begun, not_captain),
    LostRace. Posts events.signup (invited, dropped). Audited.
    """
    mates = mates_of([named], actor, now)
    if isinstance(mates, Refusal):
        return mates
    _claim(signup_id, mates[0])
    row, captain = own_line(actor, signup_id, now)
    if captain.ordinal != 0:
        raise Conflict(errors.NOT_CAPTAIN)
    event = seats.hold(row.event_id)
    people = people_of(signup_id)
    place = next((one for one in people if one.ordinal == ordinal and one.ordinal), None)
    if place is None or place.member_id is None or place.presence == Presence.IN:
        raise NotFound(errors.SIGNUP_UNKNOWN)
    refusal = _fits(event, row, people, place, mates[0], now)
    if refusal:
        return refusal
    values = {"member_id": mates[0], "presence": Presence.INVITED, "active": True, "agreed_at": None}
    try:
        db.session.execute(line_of(place).values(values))
    except IntegrityError:
        # Has just got in elsewhere: looked at again, it is said so.
        raise LostRace from None
    if State(row.state) in (State.FORMING, State.CONFIRMED):
        due_at = max(rules.join_by(event.terms, now), row.due_at or now)
        db.session.execute(update(Signup).where(Signup.id == signup_id).values(due_at=due_at))
    writing.trace(signup_id, event.id, State(row.state), actor=actor.label, now=now)
    if place.member_id != mates[0]:
        _part_with(place)
    _tell_one(signup_id, What.INVITED, mates[0])
    # They need other quotas now: what they leave, or what they wait for, may be somebody's place.
    seats.promote(event.id, now=now)
    return None


def unanswered(event: Event, row: Any, *, actor: str, now: datetime.datetime) -> None:
    """Who was asked into an entry that stands and has not answered in time is asked no more: his place goes to the
    line, and the captain may still name somebody else. Under `seats.hold`; `row`: the entry. Posts events.signup
    (dropped, mate_silent). Audited."""
    silent = [one for one in people_of(row.id) if one.presence == Presence.INVITED]
    for person in silent:
        db.session.execute(line_of(person).values(presence=Presence.DECLINED, active=False))
    carry_on(event, row, actor=actor, now=now)
    for person in silent:
        _tell_one(row.id, What.DROPPED, person.member_id)
    if silent:
        writing.tell(row.id, What.MATE_SILENT)


def _part_with(place: Any) -> None:
    """Whose place is another's now: kept for the link he has; told if he may still think of answering."""
    others = func.array_append(func.array_remove(Signup.replaced, place.member_id), place.member_id)
    db.session.execute(update(Signup).where(Signup.id == place.signup_id).values(replaced=others))
    if place.presence == Presence.INVITED:
        _tell_one(place.signup_id, What.DROPPED, place.member_id)


def _tell_one(signup_id: SignupId, what: What, member_id: MemberId) -> None:
    outbox.post(SignupChanged(signup_id=signup_id, what=what, only=str(member_id)))


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
    found, companions = team(event, row, ids, now)
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
