"""Reads about officers: who they are, what lies behind a one-time link, what is still open."""

import datetime
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from services.accounts import queries
from services.accounts.errors import LINK_OVER
from services.accounts.models import Account, Credential, FactorReset, Invitation
from services.accounts.rules import ASLEEP, RESET_LASTS
from services.accounts.types import AccountId, InvitationId, Invited, Role
from services.core.calendar import local_date
from services.core.db import Rows, db
from services.core.errors import Conflict
from services.core.signing import token_digest
from services.unions import queries as unions
from services.unions.rules import within
from services.unions.types import UnionId, UnionPath


@dataclass(frozen=True)
class Officer:
    """One role of one person. `awake`: seen or appointed within three months."""

    account_id: AccountId
    name: str
    role: Role
    union_id: UnionId
    union_path: UnionPath
    union_name: dict[str, str]
    ends_on: datetime.date | None
    seen_at: datetime.datetime | None
    has_password: bool
    awake: bool


@dataclass(frozen=True)
class OpenReset:
    id: uuid.UUID
    account_id: AccountId
    name: str
    asked_by: AccountId
    asked_by_name: str
    asked_at: datetime.datetime


def behind(token: str, *, now: datetime.datetime) -> Invited:
    """What somebody is invited to. Raises Conflict(link_over)."""
    row = db.session.execute(_open(now).where(Invitation.token_digest == token_digest(token))).first()
    if row is None:
        raise Conflict(LINK_OVER)
    return _invited(row)


def open_invitations(*, scopes: tuple[UnionPath, ...], now: datetime.datetime) -> list[Invited]:
    """Those in these subtrees that nobody has answered, the newest first."""
    rows = db.session.execute(_open(now).order_by(Invitation.id.desc()))
    return [found for found in map(_invited, rows) if any(within(found.union_path, scope) for scope in scopes)]


def officers(
    *, now: datetime.datetime, scopes: tuple[UnionPath, ...] = (), of: AccountId | None = None
) -> list[Officer]:
    """Everybody who holds a role in these subtrees, in tree order; or what one person holds, wherever it is."""
    held = queries.grants_in_force(on=local_date(now)).subquery()
    union = unions.unions().subquery()
    keyed = select(Credential.account_id).subquery()
    query = (
        select(
            held.c.account_id, held.c.display_name, held.c.role, union.c.union_id, union.c.union_path,
            union.c.union_name, held.c.ends_on, held.c.officer_seen_at, held.c.granted_at,
            keyed.c.account_id.is_not(None).label("has_password"),
        )
        .join(union, union.c.union_id == held.c.union_id)
        .outerjoin(keyed, keyed.c.account_id == held.c.account_id)
        .where(held.c.account_id == of if of else unions.in_scopes(union.c.union_path, scopes))
        .order_by(union.c.union_path, held.c.granted_at)
    )  # fmt: skip
    return [_officer(row, now) for row in db.session.execute(query)]


def owner_of_reset(token: str, *, now: datetime.datetime) -> str:
    """The login whose password and factor this link sets anew. Raises Conflict(link_over)."""
    query = (
        select(Credential.login)
        .join(FactorReset, FactorReset.account_id == Credential.account_id)
        .where(FactorReset.token_digest == token_digest(token), FactorReset.closed_at.is_(None))
        .where(FactorReset.agreed_at > now - RESET_LASTS)
    )
    login = db.session.scalar(query)
    if login is None:
        raise Conflict(LINK_OVER)
    return login


def open_resets(*, now: datetime.datetime) -> list[OpenReset]:
    """Resets that wait for a second officer."""
    owner, asker = aliased(Account), aliased(Account)
    query = (
        select(
            FactorReset.id, FactorReset.account_id, owner.display_name.label("name"), FactorReset.asked_by,
            asker.display_name.label("asked_by_name"), FactorReset.asked_at,
        )
        .join(owner, owner.id == FactorReset.account_id)
        .join(asker, asker.id == FactorReset.asked_by)
        .where(FactorReset.closed_at.is_(None), FactorReset.agreed_at.is_(None))
        .where(FactorReset.asked_at > now - RESET_LASTS)
        .order_by(FactorReset.id)
    )  # fmt: skip
    return [
        OpenReset(row.id, AccountId(row.account_id), row.name, AccountId(row.asked_by), row.asked_by_name, row.asked_at)
        for row in db.session.execute(query)
    ]


def _open(now: datetime.datetime) -> Rows:
    union = unions.unions().subquery()
    return (
        select(
            Invitation.id, Invitation.name, Invitation.role, Invitation.ends_on, Invitation.expires_at,
            Invitation.takes_over_from, Invitation.invited_by, union.c.union_id, union.c.union_path, union.c.union_name,
        )
        .join(union, union.c.union_id == Invitation.union_id)
        .where(Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None), Invitation.expires_at > now)
    )  # fmt: skip


def _invited(row: Any) -> Invited:
    return Invited(
        InvitationId(row.id), row.name, Role(row.role), UnionId(row.union_id), UnionPath(row.union_path),
        row.union_name, row.ends_on, row.expires_at, AccountId(row.takes_over_from) if row.takes_over_from else None,
        AccountId(row.invited_by) if row.invited_by else None,
    )  # fmt: skip


def _officer(row: Any, now: datetime.datetime) -> Officer:
    lately = now - ASLEEP
    awake = row.granted_at >= lately or (row.officer_seen_at is not None and row.officer_seen_at >= lately)
    return Officer(
        AccountId(row.account_id), row.display_name, Role(row.role), UnionId(row.union_id), UnionPath(row.union_path),
        row.union_name, row.ends_on, row.officer_seen_at, row.has_password, awake,
    )  # fmt: skip
