"""What a list of events needs to know of the member who reads it; statements do not grow with the list."""

import datetime
from collections.abc import Sequence

from sqlalchemy import func, select

from services.core.db import among, db
from services.events.models import Attainment, Signup, SignupPerson
from services.events.models import Event as EventRow
from services.events.queries import misses
from services.events.types import ACTIVE, Entrant, Event, EventId, Presence, SignupId, State
from services.members import queries as members
from services.members.documents import Sex
from services.members.types import MemberId, Standing
from services.unions.rules import parts
from services.unions.types import TradeGroup, UnionPath


def readers(member_id: MemberId, *, of: Sequence[Event], now: datetime.datetime) -> dict[EventId, Entrant]:
    """The member as an entrant of each of these events: record, levels, pauses, the entry that he is in already.

    Four statements where all events are one federation's, one more where he has missed something. Empty for a member
    who is not there.
    """
    record = members.records().subquery("reader_record")
    row = db.session.execute(select(*record.c).where(record.c.member_id == member_id)).first()
    if row is None or not of:
        return {}
    levels = _levels(member_id)
    union_path = UnionPath(row.union_path)
    # A federation's rule holds at its own events, whoever comes.
    paused = {
        (top, one.kind): one.paused_until
        for top in {parts(event.union_path)[0] for event in of}
        for one in misses.records(member_id, top, now)
    }
    inside = _inside(member_id, of)
    trade = TradeGroup(row.union_trade_group) if row.union_trade_group else None
    sex, standing = Sex(row.sex) if row.sex else None, Standing(row.standing)
    return {
        event.id: Entrant(
            member_id,
            row.member_name,
            union_path,
            standing,
            sex,
            row.born_on,
            trade,
            levels,
            paused.get((parts(event.union_path)[0], event.terms.kind)),
            *inside.get(event.id, ()),
        )
        for event in of
    }


def waiting_for(member_id: MemberId, *, now: datetime.datetime) -> int:
    """How many offers and invitations wait for this member's word. One statement."""
    offered = (Signup.state == State.OFFERED) & (SignupPerson.ordinal == 0)
    invited = SignupPerson.presence == Presence.INVITED
    query = (
        select(func.count())
        .select_from(SignupPerson)
        .join(Signup, Signup.id == SignupPerson.signup_id)
        .join(EventRow, EventRow.id == Signup.event_id)
        .where(
            SignupPerson.member_id == member_id,
            SignupPerson.active,
            offered | invited,
            Signup.due_at.is_(None) | (Signup.due_at > now),
            EventRow.starts_at > now,
        )
    )
    return db.session.scalar(query) or 0


def _levels(member_id: MemberId) -> dict[str, int]:
    query = select(Attainment.series, func.max(Attainment.level).label("level")).where(
        Attainment.member_id == member_id
    )
    return {row.series: row.level for row in db.session.execute(query.group_by(Attainment.series))}


def _inside(member_id: MemberId, of: Sequence[Event]) -> dict[EventId, tuple[SignupId, State, bool]]:
    """The entry that he is in, where it stands, and whether it waits for his own word."""
    query = (
        select(SignupPerson.event_id, Signup.id, Signup.state, SignupPerson.presence, SignupPerson.ordinal)
        .join(Signup, Signup.id == SignupPerson.signup_id)
        .where(
            SignupPerson.member_id == member_id,
            SignupPerson.active,
            among(SignupPerson.event_id, [event.id for event in of]),
            Signup.state.in_(ACTIVE),
        )
    )
    return {
        EventId(row.event_id): (SignupId(row.id), State(row.state), _asked(row.state, row.presence, row.ordinal))
        for row in db.session.execute(query)
    }


def _asked(state: str, presence: str, ordinal: int) -> bool:
    return presence == Presence.INVITED or (state == State.OFFERED and ordinal == 0)
