"""Who missed what, and what it costs."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ARRAY, Uuid, any_, bindparam, func, select

from services.core.db import Rows, db, run
from services.core.paging import Page, PageRequest
from services.events import door_rules, rules
from services.events.models import Event, EventMiss, Signup, SignupPerson
from services.events.models import PauseRule as PauseRuleRow
from services.events.types import PRIVATE, EventId, Kind, Miss, PauseRule, Presence, State
from services.events.types.door import Missed, MissId, OfficersMiss, Record, Turnout
from services.members import queries as members
from services.members import search
from services.members.rules import masked_name
from services.members.types import MemberId
from services.unions import queries as unions
from services.unions.rules import parts, within
from services.unions.types import UnionPath

_COUNTING = select(EventMiss.member_id, EventMiss.at).where(
    EventMiss.member_id == any_(bindparam("member_ids", type_=ARRAY(Uuid()))),
    EventMiss.kind == bindparam("kind"),
    EventMiss.cleared_at.is_(None),
)


def paused_until(
    member_ids: Collection[MemberId], kind: Kind, union_path: UnionPath, now: datetime.datetime
) -> dict[MemberId, datetime.datetime]:
    """Until when those of these members who are paused may not sign up for this kind at this union; the others are
    not in it. One statement, and a second for the rule if anybody ever missed anything."""
    at = defaultdict[MemberId, list[datetime.datetime]](list)
    for row in run(_COUNTING, {"member_ids": list(member_ids), "kind": kind}):
        at[MemberId(row.member_id)].append(row.at)
    if not at:
        return {}
    rule = pause_rule(kind, union_path)
    ends = {member_id: rules.paused_until(misses, rule) for member_id, misses in at.items()}
    return {member_id: end for member_id, end in ends.items() if end and end > now}


def pause_rule(kind: Kind, union_path: UnionPath) -> PauseRule:
    """What the federation above this union says of this kind, or what holds where nothing is said."""
    return pause_rules(union_path)[kind]


def pause_rules(union_path: UnionPath) -> dict[Kind, PauseRule]:
    """Of every kind. One statement."""
    union = unions.unions().subquery()
    columns = (PauseRuleRow.kind, PauseRuleRow.free, PauseRuleRow.within_days, PauseRuleRow.pause_days)
    query = select(*columns).join(union, union.c.union_id == PauseRuleRow.union_id)
    said = db.session.execute(query.where(union.c.union_path == parts(union_path)[0]))
    written = {row.kind: PauseRule(row.free, row.within_days, row.pause_days) for row in said}
    return {kind: written.get(kind, PauseRule()) for kind in Kind}


def record(member_id: MemberId, kind: Kind, union_path: UnionPath, now: datetime.datetime) -> Record:
    """Where this member stands with one kind, at the unions of the federation above `union_path`."""
    return _record(kind, _of_member(member_id, kind), pause_rule(kind, union_path), now)


def records(member_id: MemberId, union_path: UnionPath, now: datetime.datetime) -> list[Record]:
    """As `record`, of every kind of which the member has misses that count, by the rules of the federation above
    `union_path`."""
    found, by_kind = _of_member(member_id), pause_rules(union_path)
    every = (_record(kind, [one for one in found if one.kind is kind], by_kind[kind], now) for kind in Kind)
    return [one for one in every if one.misses or one.paused_until]


def _record(kind: Kind, misses: list[Missed], rule: PauseRule, now: datetime.datetime) -> Record:
    end = rules.paused_until([one.at for one in misses], rule)
    counting = tuple(one for one in misses if now - one.at < datetime.timedelta(days=rule.within_days))
    return Record(kind, counting, rule, end if end and end > now else None)


def _of_member(member_id: MemberId, kind: Kind | None = None) -> list[Missed]:
    query = missed().where(EventMiss.member_id == member_id, EventMiss.cleared_at.is_(None))
    query = query.where(EventMiss.kind == kind) if kind else query
    return [missed_of(row) for row in db.session.execute(query.order_by(EventMiss.at.desc(), EventMiss.id))]


def missed() -> Rows:
    """Every miss with title and time of its event, for a where or a join."""
    return select(
        EventMiss.id.label("miss_id"), EventMiss.event_id, EventMiss.kind, EventMiss.because, EventMiss.at,
        EventMiss.cleared_at, Event.title, Event.starts_at,
    ).join(Event, Event.id == EventMiss.event_id)  # fmt: skip


def missed_of(row: Any) -> Missed:
    """Reads the columns of `missed` off a row."""
    return Missed(
        MissId(row.miss_id), EventId(row.event_id), row.title, row.starts_at, Kind(row.kind), Miss(row.because), row.at,
        row.cleared_at,
    )  # fmt: skip


_holder = members.holders().subquery("miss_holder")


def is_within(miss_id: MissId, *, scopes: Sequence[UnionPath]) -> bool:
    """Is it a miss of a member of these subtrees?"""
    query = select(EventMiss.id).join(_holder, _holder.c.member_id == EventMiss.member_id)
    query = query.where(EventMiss.id == miss_id, unions.in_scopes(_holder.c.union_path, scopes))
    return db.session.scalar(query) is not None


def page(request: PageRequest, *, scopes: Sequence[UnionPath], words: str = "") -> Page[OfficersMiss]:
    """Misses that count of members of these subtrees, the newest first; `words`: a name, or a whole phone."""
    union = unions.unions().subquery("organiser")
    query = (
        missed()
        .join(_holder, _holder.c.member_id == EventMiss.member_id)
        .join(union, union.c.union_id == Event.union_id)
        .add_columns(_holder.c.member_name, _holder.c.union_name, union.c.union_path.label("organiser_path"))
        .where(EventMiss.cleared_at.is_(None), unions.in_scopes(_holder.c.union_path, scopes))
    )
    if words.strip():
        found = search.sought(words).subquery()
        query = query.where(EventMiss.member_id.in_(select(found.c.member_id)))
    rows = db.session.execute(request.apply(query, EventMiss.id)).all()
    return request.page([_officers(row, scopes) for row in rows], [row.miss_id for row in rows])


def written(event_id: EventId) -> int:
    """How many missed this event, cleared ones too."""
    return db.session.scalar(select(func.count()).where(EventMiss.event_id == event_id)) or 0


def placed(event_id: uuid.UUID) -> Rows:
    """The members with a place, each once: member_id, whether he has come, and whether he owes it to come."""
    # A team that never was complete has been promised nothing and owes nothing.
    owes = SignupPerson.agreed_at.is_not(None) & ((Signup.state == State.CONFIRMED) | Signup.stood_until.is_not(None))
    return (
        select(
            SignupPerson.member_id, func.bool_or(SignupPerson.checked_in_at.is_not(None)).label("come"),
            func.bool_or(owes).label("owes"),
        )
        .join(Signup, Signup.id == SignupPerson.signup_id)
        .where(
            Signup.event_id == event_id, Signup.state.in_(door_rules.PLACED), SignupPerson.presence == Presence.IN,
            SignupPerson.member_id.is_not(None),
        )
        .group_by(SignupPerson.member_id)
    )  # fmt: skip


def turnout(event_id: uuid.UUID) -> Turnout:
    """Who came of the members with a place. One statement."""
    each = placed(event_id).subquery()
    absent = func.count().filter(~each.c.come, each.c.owes)
    row = db.session.execute(select(func.count(), func.count().filter(each.c.come), absent).select_from(each)).one()
    return Turnout(*row)


def _officers(row: Any, scopes: Sequence[UnionPath]) -> OfficersMiss:
    own = any(within(row.organiser_path, scope) for scope in scopes)
    # That somebody had a place at a clinic or a social is the organiser's to know, not her union's.
    named = own or Kind(row.kind) not in PRIVATE
    return OfficersMiss(missed_of(row), masked_name(row.member_name), row.union_name, named)
