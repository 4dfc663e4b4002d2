"""Reads: who is calling."""

import datetime

from sqlalchemy import bindparam, select

from services.accounts.models import Account, RoleGrant, Session
from services.accounts.types import AccountId, Actor, ClerkActor, Grant, MemberActor, OfficerActor, Persona, Role
from services.core.calendar import local_date
from services.core.db import db, run
from services.core.signing import token_digest
from services.members.types import MemberId
from services.unions import queries as unions
from services.unions.types import UnionPath

_BY_DIGEST = select(
    Session.persona,
    Session.account_id,
    Session.member_id,
    Session.clerk_id,
    Session.branch_id,
    Session.merchant_id,
    Session.expires_at,
).where(Session.digest == bindparam("digest"))


def actor_of(token: str, *, now: datetime.datetime) -> Actor | None:
    """Who holds this token: None when it is unknown or expired, or an officer has no role left.

    One statement for members and clerks, two for officers: a role that ends today is gone today.
    """
    row = run(_BY_DIGEST, {"digest": token_digest(token)}).first()
    if row is None or row.expires_at <= now:
        return None
    account = AccountId(row.account_id)
    if row.persona == Persona.MEMBER:
        return MemberActor(account, MemberId(row.member_id))
    if row.persona == Persona.CLERK:
        return ClerkActor(account, row.clerk_id, row.branch_id, row.merchant_id)
    return officer(account, on=local_date(now))


def officer(account_id: AccountId, *, on: datetime.date) -> OfficerActor | None:
    """The officer with every grant that is in force on that day; None without one."""
    union = unions.unions().subquery()
    rows = db.session.execute(
        select(RoleGrant.role, union.c.union_path)
        .join(union, union.c.union_id == RoleGrant.union_id)
        .where(RoleGrant.account_id == account_id)
        .where(RoleGrant.ends_on.is_(None) | (RoleGrant.ends_on >= on))
        .order_by(union.c.union_path)
    )
    grants = tuple(Grant(Role(row.role), UnionPath(row.union_path)) for row in rows)
    return OfficerActor(account_id, grants) if grants else None


def display_name(account_id: AccountId) -> str:
    return db.session.scalars(select(Account.display_name).where(Account.id == account_id)).one()


def first_officer(*, on: datetime.date) -> OfficerActor | None:
    """The officer who has been here longest: the demo's persona."""
    account = db.session.scalar(select(RoleGrant.account_id).order_by(RoleGrant.id).limit(1))
    return officer(AccountId(account), on=on) if account else None


def first_member() -> tuple[AccountId, MemberId] | None:
    """The member whose account was opened first: the demo's persona."""
    query = select(Account.id, Account.member_id).where(Account.member_id.is_not(None)).order_by(Account.id).limit(1)
    row = db.session.execute(query).first()
    return (AccountId(row.id), MemberId(row.member_id)) if row else None
