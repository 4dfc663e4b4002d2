"""What the records say of members on the day they sign up."""

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, Uuid, bindparam, func, select

from services.core.db import run
from services.events.models import Attainment, EventMiss, SignupPerson
from services.events.queries import misses
from services.events.types import Entrant, Event, SignupId
from services.members import queries as members
from services.members.documents import Sex
from services.members.types import MemberId, Standing
from services.unions.types import TradeGroup, UnionPath

_RECORD = members.records().subquery("record")
_LEVEL = (
    select(func.max(Attainment.level))
    .where(Attainment.member_id == _RECORD.c.member_id, Attainment.series == bindparam("series"))
    .scalar_subquery()
)
_MISSED = (
    select(EventMiss.id)
    .where(
        EventMiss.member_id == _RECORD.c.member_id,
        EventMiss.kind == bindparam("kind"),
        EventMiss.cleared_at.is_(None),
    )
    .exists()
)
_IN_ALREADY = (
    select(SignupPerson.signup_id)
    .where(SignupPerson.once_id == bindparam("once_id"), SignupPerson.member_id == _RECORD.c.member_id)
    .where(SignupPerson.active)
    .limit(1)
    .scalar_subquery()
)
_ENTRANTS = (
    select(*_RECORD.c, _LEVEL.label("level"), _MISSED.label("missed"), _IN_ALREADY.label("signup_id"))
    .where(_RECORD.c.member_id == func.any(bindparam("member_ids", type_=ARRAY(Uuid()))))
    .limit(bindparam("most"))
)
"""`most`: how many they are. Without it PostgreSQL takes any array for ten members, finds the plan that would do for
every call too dear, and plans this anew for each member who signs up."""


def entrants(
    member_ids: Sequence[MemberId], *, event: Event, once_id: uuid.UUID, now: datetime.datetime
) -> list[Entrant]:
    """In the order given; an unknown member is left out. One statement, one more where somebody has missed before."""
    series, kind = event.terms.series, event.terms.kind
    values = {
        "member_ids": list(member_ids), "most": len(member_ids), "series": series or "", "kind": kind,
        "once_id": once_id,
    }  # fmt: skip
    rows = {row.member_id: row for row in run(_ENTRANTS, values)}
    missed = [MemberId(one) for one, row in rows.items() if row.missed]
    paused = misses.paused_until(missed, kind, event.union_path, now) if missed else {}
    return [_entrant(rows[one], series, paused.get(one)) for one in member_ids if one in rows]


def _entrant(row: Any, series: str | None, paused_until: datetime.datetime | None) -> Entrant:
    return Entrant(
        MemberId(row.member_id),
        row.member_name,
        UnionPath(row.union_path),
        Standing(row.standing),
        Sex(row.sex) if row.sex else None,
        row.born_on,
        TradeGroup(row.union_trade_group) if row.union_trade_group else None,
        {series: row.level} if series and row.level else {},
        paused_until,
        SignupId(row.signup_id) if row.signup_id else None,
    )
