"""A member's own entries."""

import datetime
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import any_, bindparam, func, select

from services.core import forms
from services.core.crypto import vault
from services.core.db import Rows, among, db, run
from services.core.errors import NotFound
from services.core.forms import Answers
from services.core.paging import Page, PageRequest
from services.events import errors, showing
from services.events.models import Event as EventRow
from services.events.models import Signup as SignupRow
from services.events.models import SignupPerson
from services.events.queries.events import events, some
from services.events.types import (
    PRIVATE,
    Entered,
    Event,
    EventId,
    How,
    PersonView,
    Presence,
    Role,
    Signup,
    SignupId,
    State,
)
from services.members import queries as members
from services.members.types import MemberId


@dataclass(frozen=True)
class Own:
    """An entry with its event, as one of its people sees it."""

    event: Event
    signup: Signup
    #: whose view this is
    me: PersonView

    @property
    def captain(self) -> bool:
        return self.me.ordinal == 0


class Replaced(NotFound):
    """For whoever was asked into this entry until the captain named somebody else."""


def entry(signup_id: SignupId, *, member_id: MemberId) -> Own:
    """Three statements. Raises as `missing` for whoever is not one of its people."""
    found = _with_events([signup_id], member_id)
    if not found:
        raise missing(signup_id, member_id)
    return found[0]


def missing(signup_id: SignupId, member_id: MemberId) -> NotFound:
    """Why this entry is not his: Replaced (signup_replaced, with the `event`), or signup_unknown. One statement."""
    his = (SignupRow.id == signup_id) & (any_(SignupRow.replaced) == member_id)
    event_id = db.session.scalar(select(SignupRow.event_id).where(his))
    if event_id is None:
        return NotFound(errors.SIGNUP_UNKNOWN)
    return Replaced(errors.SIGNUP_REPLACED, event=str(event_id))


def of_event(event_id: EventId, *, member_id: MemberId) -> list[Own]:
    """The member's entries at one event that have not ended, and the last that has: the newest first."""
    rows = db.session.execute(
        _of(member_id).where(SignupRow.event_id == event_id).order_by(SignupRow.id.desc()).limit(5)
    )
    return _with_events([SignupId(row.id) for row in rows], member_id)


def coming(*, member_id: MemberId, now: datetime.datetime) -> list[Own]:
    """What lies ahead, by the day of the event: a hundred at most, ended entries left out."""
    query = _of(member_id).where(SignupPerson.active, EventRow.ends_at > now, EventRow.cancelled_at.is_(None))
    rows = db.session.execute(query.order_by(EventRow.starts_at, SignupRow.id).limit(100))
    return _with_events([SignupId(row.id) for row in rows], member_id)


def page(request: PageRequest, *, member_id: MemberId, states: Sequence[State] = ()) -> Page[Own]:
    """All entries, the newest first; of some states only."""
    query = _of(member_id)
    if states:
        query = query.where(SignupRow.state.in_(states))
    ids = [SignupId(row.id) for row in db.session.execute(request.apply(query, SignupRow.id))]
    found = _with_events(ids, member_id)
    return request.page(found, [own.signup.id for own in found])


def answers(signup_id: SignupId) -> Answers:
    """What was answered; the caller has looked at who asks. Empty once forgotten. Raises SealBroken."""
    return all_answers([signup_id]).get(signup_id, {})


def all_answers(signup_ids: Sequence[SignupId]) -> dict[SignupId, Answers]:
    """As `answers`, of many with one statement; who has none is left out."""
    query = select(SignupRow.id, SignupRow.answers).where(
        among(SignupRow.id, signup_ids), SignupRow.answers.is_not(None)
    )
    return {
        SignupId(row.id): forms.loaded_answers(json.loads(vault.unseal("signups.answers", row.answers)))
        for row in db.session.execute(query)
    }


def signups(signup_ids: Sequence[SignupId]) -> list[Signup]:
    """Entries with their people, names in clear, in the order given. Two statements."""
    query = _few() if len(signup_ids) <= FEW else _many(signup_ids)
    query = query.where(among(SignupRow.id, signup_ids))
    rows = {row.id: row for row in db.session.execute(query)}
    people = _people(signup_ids)
    return [signup_of(rows[one], people[one]) for one in signup_ids if one in rows]


FEW = 20
_before = SignupRow.__table__.alias("before")
_AHEAD = (
    select(func.count())
    .where(
        _before.c.event_id == SignupRow.event_id,
        _before.c.state == State.WAITING,
        _before.c.position <= SignupRow.position,
    )
    .correlate(SignupRow)
    .scalar_subquery()
)
_KIND = select(EventRow.kind).where(EventRow.id == SignupRow.event_id).correlate(SignupRow).scalar_subquery()
_BRIEF = select(SignupRow.number, SignupRow.state, SignupRow.due_at, _AHEAD.label("ahead"), _KIND.label("kind")).where(
    SignupRow.id == bindparam("signup_id")
)


def _few() -> Rows:
    """With the places in line of each counted by itself."""
    return select(*SignupRow.__table__.c, _AHEAD.label("place_in_line"))


def _many(signup_ids: Sequence[SignupId]) -> Rows:
    """With the places in line of each looked up in lines that are numbered once: a count for each of thousands would
    go through the line thousands of times."""
    of_these = select(SignupRow.event_id).where(among(SignupRow.id, signup_ids))
    place = func.row_number().over(partition_by=_before.c.event_id, order_by=_before.c.position)
    line = (
        select(_before.c.id, place.label("place_in_line"))
        .where(_before.c.event_id.in_(of_these), _before.c.state == State.WAITING)
        .subquery("line")
    )
    return select(*SignupRow.__table__.c, line.c.place_in_line).outerjoin(line, line.c.id == SignupRow.id)


def brief(signup_id: SignupId) -> Entered:
    """What became of an entry of which the caller knows that it is his. Of a private kind
    it is not said that few are before it. One statement. Raises NotFound."""
    row = run(_BRIEF, {"signup_id": signup_id}).first()
    if row is None:
        raise NotFound(errors.SIGNUP_UNKNOWN)
    position = showing.place_shown(row.kind in PRIVATE, row.ahead) if row.state == State.WAITING else None
    return Entered(signup_id, spelled(row.number), State(row.state), row.due_at, position)


def spelled(number: str) -> str:
    return f"{number[:4]}-{number[4:]}"


def signup_of(row: Any, people: Sequence[PersonView]) -> Signup:
    return Signup(
        id=SignupId(row.id),
        event_id=EventId(row.event_id),
        number=spelled(row.number),
        state=State(row.state),
        category=row.category,
        slot=row.slot,
        captain_id=MemberId(row.captain_id),
        people=tuple(people),
        created_at=row.created_at,
        changed_at=row.changed_at,
        due_at=row.due_at,
        position=row.place_in_line if row.state == State.WAITING else None,
        entered_by=row.entered_by,
        reason=row.reason,
        note=vault.unseal("signups.note", row.note) if row.note else None,
        tickets=row.tickets,
        stood=row.stood_until is not None,
        offered=row.offered_at is not None,
    )


def person_of(row: Any) -> PersonView:
    said = json.loads(vault.unseal("signup_people.said", row.said)) if row.said else {}
    return PersonView(
        row.ordinal,
        Role(row.role),
        Presence(row.presence),
        row.member_name or said.get("name", ""),
        MemberId(row.member_id) if row.member_id else None,
        row.checked_in_at,
        row.checked_in_by,
        How(row.checked_in_how) if row.checked_in_how else None,
        datetime.date.fromisoformat(said["born_on"]) if said.get("born_on") else None,
        row.agreed_at is not None,
    )


def people_rows() -> Rows:
    """Every column of the people of entries, with the member's name."""
    holder = members.records().subquery("person_record")
    return select(*SignupPerson.__table__.c, holder.c.member_name, holder.c.union_path).outerjoin(
        holder, holder.c.member_id == SignupPerson.member_id
    )


def _people(signup_ids: Sequence[SignupId]) -> dict[SignupId, list[PersonView]]:
    query = people_rows().where(among(SignupPerson.signup_id, signup_ids)).order_by(SignupPerson.ordinal)
    found = defaultdict[SignupId, list[PersonView]](list)
    for row in db.session.execute(query):
        found[row.signup_id].append(person_of(row))
    return found


def _of(member_id: MemberId) -> Rows:
    return (
        select(SignupRow.id)
        .join(SignupPerson, SignupPerson.signup_id == SignupRow.id)
        .join(EventRow, EventRow.id == SignupRow.event_id)
        .where(SignupPerson.member_id == member_id)
    )


def _with_events(signup_ids: Sequence[SignupId], member_id: MemberId) -> list[Own]:
    if not signup_ids:
        return []
    entries = signups(signup_ids)
    found = {event.id: event for event in some(events().where(among(EventRow.id, {one.event_id for one in entries})))}
    owned = []
    for one in entries:
        me = next((person for person in one.people if person.member_id == member_id), None)
        if me:
            owned.append(Own(found[one.event_id], one, me))
    return owned
