"""What is read to tell people of events: who is in which entry, as it is at that moment."""

import datetime
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from services.core.db import Rows, among, db
from services.events.models import EventMiss, Signup, SignupPerson
from services.events.queries import misses
from services.events.types import EventId, Presence, SignupId, State
from services.events.types.door import Missed, MissId
from services.members.types import MemberId


@dataclass(frozen=True)
class Told:
    """An entry with its members. `order`: its place in the waiting order, 1 is next, where it was asked for."""

    id: SignupId
    event_id: EventId
    state: State
    slot: int | None
    due_at: datetime.datetime | None
    reason: str | None
    #: of a draw; none: was not in it
    won: bool | None
    captain_id: MemberId
    people: tuple[tuple[MemberId, Presence], ...]
    order: int | None = None

    def members(self, *presences: Presence) -> list[MemberId]:
        return [member_id for member_id, presence in self.people if presence in presences]


def entry(signup_id: SignupId) -> Told | None:
    """One statement; two for an entry that waits."""
    found = entries([signup_id])
    if not found:
        return None
    return ordered(found)[0] if found[0].state is State.WAITING else found[0]


def entries(signup_ids: Collection[SignupId]) -> list[Told]:
    """One statement, whatever the number; in the order of their ids."""
    return _read(_entries().where(among(Signup.id, signup_ids)))


def part(event_id: EventId, *, states: Collection[State], after: uuid.UUID | None, limit: int) -> list[Told]:
    """The next entries of an event in these states, in the order of their ids: nobody is met twice who does not move,
    and whoever comes later is behind. One statement."""
    query = _entries().where(Signup.event_id == event_id, Signup.state.in_(states))
    return _read((query.where(Signup.id > after) if after else query).limit(limit))


def ordered(found: list[Told]) -> list[Told]:
    """The same entries of one event, those that wait with their place in the order. One statement."""
    if not found:
        return found
    line = (
        select(Signup.id, func.row_number().over(order_by=Signup.position).label("order"))
        .where(Signup.event_id == found[0].event_id, Signup.state == State.WAITING)
        .subquery("line")
    )
    query = select(line.c.id, line.c.order).where(among(line.c.id, [one.id for one in found]))
    places = {row.id: row.order for row in db.session.execute(query)}
    return [Told(**{**vars(one), "order": places.get(one.id)}) for one in found]


def miss(miss_id: MissId) -> tuple[MemberId, Missed] | None:
    """Whose miss it is; None when an officer has cleared it meanwhile."""
    query = misses.missed().add_columns(EventMiss.member_id)
    row = db.session.execute(query.where(EventMiss.id == miss_id, EventMiss.cleared_at.is_(None))).first()
    return (MemberId(row.member_id), misses.missed_of(row)) if row else None


def members_in(event_id: uuid.UUID, states: Collection[State]) -> Rows:
    """member_id of everybody who is in an entry of this event in these states and has not turned it down: for a
    join."""
    return (
        select(SignupPerson.member_id)
        .join(Signup, Signup.id == SignupPerson.signup_id)
        .where(
            SignupPerson.event_id == event_id,
            SignupPerson.member_id.is_not(None),
            SignupPerson.presence != Presence.DECLINED,
            Signup.state.in_(states),
        )
    )


def _entries() -> Select[Any]:
    pair = func.jsonb_build_array(SignupPerson.member_id, SignupPerson.presence)
    people = (
        select(func.jsonb_agg(aggregate_order_by(pair, SignupPerson.ordinal)))
        .where(SignupPerson.signup_id == Signup.id, SignupPerson.member_id.is_not(None))
        .correlate(Signup)
        .scalar_subquery()
    )
    return select(
        Signup.id, Signup.event_id, Signup.state, Signup.slot, Signup.due_at, Signup.reason, Signup.won,
        Signup.captain_id, people.label("people"),
    ).order_by(Signup.id)  # fmt: skip


def _read(query: Select[Any]) -> list[Told]:
    return [
        Told(
            SignupId(row.id), EventId(row.event_id), State(row.state), row.slot, row.due_at, row.reason, row.won,
            MemberId(row.captain_id),
            tuple((MemberId(uuid.UUID(member)), Presence(presence)) for member, presence in row.people or ()),
        )
        for row in db.session.execute(query)
    ]  # fmt: skip
