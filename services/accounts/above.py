"""Whose record an officer may not change: his own, and those of officers whom he could not have invited.

Whoever changes the phone or the document of a record can claim the account behind it, with every role that it holds.
"""

import datetime
import uuid
from collections.abc import Collection

from sqlalchemy import Uuid, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from services.accounts import queries
from services.accounts.rules import LEVEL, invitable
from services.accounts.types import AccountId, OfficerActor, Role
from services.core.calendar import local_date
from services.core.db import db
from services.core.errors import Forbidden
from services.members.errors import OFFICERS_RECORD
from services.members.types import MemberId
from services.unions import queries as unions
from services.unions.types import UnionPath

OFFICER = "officer"


def untouchable(actor: str, members: Collection[MemberId], now: datetime.datetime) -> set[MemberId]:
    """Those of `members` whose records this officer may not change; `actor` is his label.

    Nobody is out of reach of the command line. A role that has ended counts for nothing, here as there; one that
    sleeps, or whose holder has left the union, still counts: it can wake. One statement where none of them is an
    officer, and two more where one is.
    """
    kind, _, account = actor.partition(":")
    if kind != OFFICER or not members:
        return set()
    held, union = queries.grants_in_force(on=local_date(now)).subquery(), unions.unions().subquery()
    asked = any_(literal(list(members), ARRAY(Uuid)))
    rows = db.session.execute(
        select(held.c.account_id, held.c.member_id, held.c.role, union.c.union_path)
        .join(union, union.c.union_id == held.c.union_id)
        .where(held.c.member_id == asked)
    ).all()
    officer = _officer(account, now) if rows else None
    return _own(account, members) | {
        MemberId(row.member_id)
        for row in rows
        if officer is None
        or not invitable(officer, role=Role(row.role), level=LEVEL[Role(row.role)], path=UnionPath(row.union_path))
    }


def spare(actor: str, member_id: MemberId, now: datetime.datetime) -> None:
    """Raises Forbidden(officers_record) when this officer may not change what hangs on that member."""
    if untouchable(actor, [member_id], now):
        raise Forbidden(OFFICERS_RECORD)


def _own(account: str, members: Collection[MemberId]) -> set[MemberId]:
    own = queries.member_of(found) if (found := _account(account)) else None
    return {own} if own in members and own is not None else set()


def _officer(account: str, now: datetime.datetime) -> OfficerActor | None:
    found = _account(account)
    return queries.officer(found, on=local_date(now)) if found else None


def _account(text: str) -> AccountId | None:
    try:
        return AccountId(uuid.UUID(text))
    except ValueError:
        return None
