"""The entries of an event, as its organiser reads them; and those that a unit's officer has made."""

import datetime
import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Integer, cast, func, or_, select, true

from services.core.crypto import vault
from services.core.db import Rows, among, db
from services.core.errors import Invalid, NotFound
from services.core.paging import MOST, Page, PageRequest
from services.events import errors
from services.events.models import Event as EventRow
from services.events.models import Signup as SignupRow
from services.events.models import SignupPerson
from services.events.queries import events, mine
from services.events.types import PRIVATE, Event, EventId, Signup, SignupId, State
from services.members import queries as members
from services.members.rules import tidy_name
from services.members.service import PHONE_FIELD
from services.members.types import MemberId
from services.unions import queries as unions
from services.unions.rules import parts
from services.unions.types import UnionPath

IN_ORDER = frozenset({State.APPLIED, State.WAITING})
"""Lists of these begin with whoever came first; others with the newest."""
BATCH = 500


@dataclass(frozen=True)
class Sought:
    """Which entries are asked for. `text`: a part of a member's name, or a number."""

    text: str = ""
    state: State | None = None
    category: int | None = None
    slot: int | None = None
    union: UnionPath | None = None


@dataclass(frozen=True)
class Tally:
    """How many entries are in a state."""

    entries: int


def page(event_id: EventId, sought: Sought, request: PageRequest) -> Page[Signup]:
    """Four statements at most. Raises Invalid(cursor_malformed)."""
    query = _sought(event_id, sought)
    if sought.state is State.WAITING:
        return _in_order(query, request, SignupRow.position)
    return _in_order(query, request, SignupRow.id, newest=sought.state not in IN_ORDER)


def by_units(event_id: EventId, request: PageRequest, *, scopes: Sequence[UnionPath]) -> Page[Signup]:
    """The entries that officers of these subtrees have made, the newest first."""
    known = unions.unions().subquery("entering_union")
    within = select(known.c.union_id).where(unions.in_scopes(known.c.union_path, scopes))
    query = _sought(event_id, Sought()).where(SignupRow.entered_union_id.in_(within))
    return _in_order(query, request, SignupRow.id, newest=True)


def for_units(*, scopes: Sequence[UnionPath], now: datetime.datetime) -> list[Event]:
    """Published events into which officers of these subtrees may enter people, that are not over: the next first, a
    hundred at most. One statement."""
    query = events.events()
    path = query.selected_columns.union_path
    upper = {part for scope in scopes for part in parts(scope)}
    near = or_(unions.in_scopes(path, scopes), path.in_(upper))
    query = query.where(
        near, EventRow.unit_entry, EventRow.published_at.is_not(None), EventRow.cancelled_at.is_(None),
        EventRow.ends_at > now, EventRow.kind.not_in(PRIVATE),
    )  # fmt: skip
    return events.some(query.order_by(EventRow.starts_at, EventRow.id).limit(100))


def one(event_id: EventId, signup_id: SignupId) -> Signup:
    """Raises NotFound(signup_unknown) for one of another event."""
    found = mine.signups([signup_id])
    if not found or found[0].event_id != event_id:
        raise NotFound(errors.SIGNUP_UNKNOWN)
    return found[0]


def tallies(event_id: EventId) -> dict[State, Tally]:
    """By state; a state that nobody is in is left out. One statement."""
    query = select(SignupRow.state, func.count()).where(SignupRow.event_id == event_id).group_by(SignupRow.state)
    return {State(row[0]): Tally(row[1]) for row in db.session.execute(query)}


def waiting_for(event_id: EventId) -> dict[int, int]:
    """How many places those who wait want of each quota, by ordinal. One statement."""
    wanted = func.jsonb_each_text(SignupRow.counts).table_valued("key", "value", name="wanted")
    query = (
        select(wanted.c.key, func.sum(cast(wanted.c.value, Integer)))
        .select_from(SignupRow)
        .join(wanted, true())
        .where(SignupRow.event_id == event_id, SignupRow.state == State.WAITING)
        .group_by(wanted.c.key)
    )
    return {int(row[0]): int(row[1]) for row in db.session.execute(query)}


def homes(found: Collection[Signup]) -> dict[MemberId, dict[str, str]]:
    """The names of the unions of everybody in these entries. One statement."""
    ids = {person.member_id for signup in found for person in signup.people if person.member_id}
    if not ids:
        return {}
    holder = members.holders().subquery()
    rows = db.session.execute(select(holder.c.member_id, holder.c.union_name).where(among(holder.c.member_id, ids)))
    return {MemberId(row.member_id): row.union_name for row in rows}


def every(event_id: EventId) -> Iterator[list[Signup]]:
    """All entries in order of arrival, a few hundred at a time, for an export."""
    last: uuid.UUID | None = None
    while True:
        query = select(SignupRow.id).where(SignupRow.event_id == event_id).order_by(SignupRow.id).limit(BATCH)
        ids = [SignupId(found) for found in db.session.scalars(query.where(SignupRow.id > last) if last else query)]
        if not ids:
            return
        yield mine.signups(ids)
        last = ids[-1]


def phones(member_ids: Collection[MemberId]) -> dict[MemberId, tuple[str, UnionPath]]:
    """In clear, with the union of each, for a caller who may have them; who has none is left out. Raises SealBroken."""
    phone, holder = members.phones().subquery(), members.holders().subquery()
    query = (
        select(phone.c.member_id, phone.c.phone, holder.c.union_path)
        .join(holder, holder.c.member_id == phone.c.member_id)
        .where(among(phone.c.member_id, member_ids), phone.c.phone.is_not(None))
    )
    return {
        MemberId(row.member_id): (vault.unseal(PHONE_FIELD, row.phone), UnionPath(row.union_path))
        for row in db.session.execute(query)
    }


def _sought(event_id: EventId, sought: Sought) -> Rows:
    query: Rows = select(SignupRow.id, SignupRow.position).where(SignupRow.event_id == event_id)
    for column, value in (
        (SignupRow.state, sought.state),
        (SignupRow.category, sought.category),
        (SignupRow.slot, sought.slot),
    ):
        if value is not None:
            query = query.where(column == value)
    if sought.text or sought.union:
        query = query.where(SignupRow.id.in_(_whose(event_id, sought)))
    return query


def _whose(event_id: EventId, sought: Sought) -> Any:
    """Entries that hold somebody of this name or union, or have this number."""
    holder = members.holders().subquery("sought_holder")
    query = (
        select(SignupPerson.signup_id)
        .join(SignupRow, SignupRow.id == SignupPerson.signup_id)
        .join(holder, holder.c.member_id == SignupPerson.member_id)
        .where(SignupPerson.event_id == event_id)
    )
    if sought.union:
        query = query.where(unions.in_subtree(holder.c.union_path, sought.union))
    return query.where(_fits(sought.text, holder.c.member_name)) if sought.text else query


def _fits(text: str, name: Any) -> ColumnElement[bool]:
    plain = tidy_name(text).replace(" ", "").lower()
    at = func.strpos(func.replace(func.lower(name), " ", ""), plain)
    return or_(at > 0, SignupRow.number == text.upper().replace("-", "").strip())


def _in_order(query: Rows, request: PageRequest, key: Any, *, newest: bool = False) -> Page[Signup]:
    limit = min(request.limit, MOST)
    if request.cursor:
        last = select(key).where(SignupRow.id == _read(request.cursor)).scalar_subquery()
        query = query.where(key < last if newest else key > last)
    ids = [
        SignupId(row.id) for row in db.session.execute(query.order_by(key.desc() if newest else key).limit(limit + 1))
    ]
    return Page(mine.signups(ids[:limit]), ids[limit - 1].hex if len(ids) > limit else None)


def _read(cursor: str) -> uuid.UUID:
    try:
        return uuid.UUID(hex=cursor)
    except ValueError:
        raise Invalid("cursor_malformed", field="cursor") from None
