"""Which offices an account holds or held: for binding, and for the member who asks who looked at his record."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from services.accounts import queries
from services.accounts.models import RoleGrant
from services.accounts.types import AccountId, Grant, Role
from services.core.calendar import local_date
from services.core.db import db
from services.unions import queries as unions
from services.unions.types import UnionPath


@dataclass(frozen=True)
class Held:
    """One role over one union's subtree, and when."""

    account_id: uuid.UUID
    role: str
    union_name: dict[str, str]
    granted_at: datetime.datetime
    ends_on: datetime.date | None
    ended_at: datetime.datetime | None

    def at(self, moment: datetime.datetime) -> bool:
        """Was it in force then?"""
        begun = self.granted_at <= moment and (self.ended_at is None or self.ended_at >= moment)
        return begun and (self.ends_on is None or self.ends_on >= local_date(moment))


def held_by(accounts: Sequence[uuid.UUID]) -> list[Held]:
    """Every role that these accounts have or had."""
    union = unions.unions().subquery()
    rows = db.session.execute(
        select(
            RoleGrant.account_id, RoleGrant.role, union.c.union_name, RoleGrant.granted_at, RoleGrant.ends_on,
            RoleGrant.ended_at,
        )
        .join(union, union.c.union_id == RoleGrant.union_id)
        .where(RoleGrant.account_id.in_(accounts))
        .order_by(union.c.union_path)
    )  # fmt: skip
    return [Held(*row) for row in rows]


def grants_of(account_id: AccountId, *, on: datetime.date) -> tuple[Grant, ...]:
    """What this account holds on that day; what sleeps because its holder was away too: it can wake."""
    held, union = queries.grants_in_force(on=on).subquery(), unions.unions().subquery()
    rows = db.session.execute(
        select(held.c.role, union.c.union_path)
        .join(union, union.c.union_id == held.c.union_id)
        .where(held.c.account_id == account_id)
        .order_by(union.c.union_path, held.c.role)
    )
    return tuple(Grant(Role(row.role), UnionPath(row.union_path)) for row in rows)
