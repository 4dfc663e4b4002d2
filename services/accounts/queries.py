"""Reads: who is calling, on which devices, with which roles."""

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, exists, or_, select

from services.accounts.models import Account, Credential, ProvenPhone, RoleGrant, Session, WechatIdentity
from services.accounts.rules import ASLEEP, FRESH, expired
from services.accounts.types import (
    AccountId,
    Actor,
    ClerkActor,
    Device,
    Ended,
    Grant,
    MemberActor,
    OfficerActor,
    Persona,
    Role,
    SessionId,
    Via,
    VisitorActor,
)
from services.core.calendar import day_start, local_date
from services.core.db import Rows, db, run
from services.core.signing import token_digest
from services.members import queries as members
from services.members.types import MemberId
from services.unions import queries as unions
from services.unions.types import UnionId, UnionPath, UnionView

_BY_DIGEST = select(
    Session.persona,
    Session.account_id,
    Session.member_id,
    Session.clerk_id,
    Session.branch_id,
    Session.merchant_id,
    Session.expires_at,
    Session.seen_at,
    Session.ended_at,
).where(Session.digest == bindparam("digest"))
STALE = datetime.timedelta(minutes=1)
"""An officer's session is marked as seen at most so often."""


@dataclass(frozen=True)
class Caller:
    """Who holds a token, until when; `stale`: the session wants to be marked as seen."""

    actor: Actor
    until: datetime.datetime
    stale: bool = False


def caller_of(token: str, *, now: datetime.datetime) -> Caller | None:
    """Who holds this token: None when it is unknown, over or ended, or an officer has no role left.

    One statement for members and clerks, two for officers: a role that ends today is gone today.
    """
    return caller_by_digest(token_digest(token), now=now)


def caller_by_digest(digest: bytes, *, now: datetime.datetime) -> Caller | None:
    """As `caller_of`, for whoever has the digest alone."""
    row = run(_BY_DIGEST, {"digest": digest}).first()
    if row is None or row.ended_at is not None:
        return None
    persona = Persona(row.persona)
    if expired(persona, expires_at=row.expires_at, seen_at=row.seen_at, now=now):
        return None
    account = AccountId(row.account_id)
    if persona is Persona.MEMBER:
        return Caller(MemberActor(account, MemberId(row.member_id)), row.expires_at)
    if persona is Persona.CLERK:
        return Caller(ClerkActor(account, row.clerk_id, row.branch_id, row.merchant_id), row.expires_at)
    if persona is Persona.VISITOR:
        return Caller(VisitorActor(account), row.expires_at)
    found = officer(account, on=local_date(now))
    return Caller(found, row.expires_at, stale=row.seen_at + STALE <= now) if found else None


def actor_of(token: str, *, now: datetime.datetime) -> Actor | None:
    """The actor alone."""
    found = caller_of(token, now=now)
    return found.actor if found else None


def why_ended(token: str) -> tuple[Ended, datetime.datetime] | None:
    """Why this session was ended before its time, and when; None if it was not, or is not known any more."""
    query = select(Session.ended_because, Session.ended_at).where(Session.digest == token_digest(token))
    row = db.session.execute(query.where(Session.ended_at.is_not(None))).first()
    return (Ended(row.ended_because), row.ended_at) if row else None


def member_behind(token: str) -> MemberId | None:
    """Whose session this is or was: for the page that says whom to call about its end."""
    found = db.session.scalar(select(Session.member_id).where(Session.digest == token_digest(token)))
    return MemberId(found) if found else None


def is_fresh(token: str, *, now: datetime.datetime) -> bool:
    """Has the person at this session proved within ten minutes to be there?"""
    proved_at = db.session.scalar(select(Session.proved_at).where(Session.digest == token_digest(token)))
    return proved_at is not None and proved_at + FRESH > now


def devices(account_id: AccountId, *, token: str, now: datetime.datetime) -> list[Device]:
    """Where this person is signed in, the newest first."""
    query = (
        select(Session)
        .where(Session.account_id == account_id, Session.ended_at.is_(None), Session.expires_at > now)
        .order_by(Session.created_at.desc())
    )
    this = token_digest(token)
    return [
        Device(
            SessionId(row.id), Persona(row.persona), Via(row.via), row.device, row.created_at, row.expires_at,
            row.digest == this,
        )
        for row in db.session.scalars(query)
    ]  # fmt: skip


def officer(account_id: AccountId, *, on: datetime.date) -> OfficerActor | None:
    """The officer with every grant that is in force on that day; None without one.

    Whoever has not been seen as an officer for three months holds only what was granted since; who has left the union
    holds nothing.
    """
    union, gone = unions.unions().subquery(), members.left().subquery()
    lately = day_start(on) - ASLEEP
    rows = db.session.execute(
        select(RoleGrant.role, union.c.union_path)
        .join(union, union.c.union_id == RoleGrant.union_id)
        .join(Account, Account.id == RoleGrant.account_id)
        .where(RoleGrant.account_id == account_id, *_in_force(on))
        .where(~exists().where(gone.c.member_id == Account.member_id))
        .where(or_(Account.officer_seen_at >= lately, RoleGrant.granted_at >= lately))
        .order_by(union.c.union_path, RoleGrant.id)
    )
    grants = tuple(Grant(Role(row.role), UnionPath(row.union_path)) for row in rows)
    return OfficerActor(account_id, grants) if grants else None


def grants_in_force(*, on: datetime.date) -> Rows:
    """account_id, display_name, member_id, role, union_id, granted_at, ends_on, officer_seen_at, for a join."""
    return (
        select(
            Account.id.label("account_id"),
            Account.display_name,
            Account.member_id,
            Account.officer_seen_at,
            RoleGrant.role,
            RoleGrant.union_id,
            RoleGrant.granted_at,
            RoleGrant.ends_on,
        )
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .where(*_in_force(on))
    )


def awake(*, on: datetime.date, now: datetime.datetime) -> Rows:
    """union_id of every union with an officer who holds a role there and has been seen within three months.

    As `officer`: who has left the union does not count.
    """
    held, gone = grants_in_force(on=on).subquery(), members.left().subquery()
    lately = now - ASLEEP
    return (
        select(held.c.union_id)
        .where(or_(held.c.officer_seen_at >= lately, held.c.granted_at >= lately))
        .where(~exists().where(gone.c.member_id == held.c.member_id))
    )


def has_active_officer(union_id: UnionId, *, now: datetime.datetime) -> bool:
    """Is there somebody who would see what lands in this union's tray?"""
    held = awake(on=local_date(now), now=now).subquery()
    return db.session.scalar(select(exists().where(held.c.union_id == union_id))) is True


def without_officer(*, scopes: tuple[UnionPath, ...], now: datetime.datetime) -> list[UnionView]:
    """Unions of these subtrees in which nobody would see the tray, in tree order."""
    covered = set(db.session.scalars(awake(on=local_date(now), now=now)))
    return [union for scope in scopes for union in unions.subtree(scope=scope) if union.id not in covered]


def display_name(account_id: AccountId) -> str:
    return db.session.scalars(select(Account.display_name).where(Account.id == account_id)).one()


def display_names(accounts: Collection[AccountId]) -> dict[str, str]:
    """Names by the id in text."""
    rows = db.session.execute(select(Account.id, Account.display_name).where(Account.id.in_(accounts)))
    return {str(row.id): row.display_name for row in rows}


def account_of_member(member_id: MemberId) -> AccountId | None:
    """The account that is bound to this member."""
    found = db.session.scalar(select(Account.id).where(Account.member_id == member_id))
    return AccountId(found) if found else None


def member_of(account_id: AccountId) -> MemberId | None:
    found = db.session.scalar(select(Account.member_id).where(Account.id == account_id))
    return MemberId(found) if found else None


def bound_members() -> Rows:
    """member_id, account_id, created_at of every account that is bound to a member, for a join."""
    return select(Account.member_id, Account.id.label("account_id"), Account.created_at).where(
        Account.member_id.is_not(None)
    )


def wechat_addresses() -> Rows:
    """account_id, appid, openid (sealed under wechat.OPENID_FIELD), openid_index: where WeChat reaches somebody."""
    return select(WechatIdentity.account_id, WechatIdentity.appid, WechatIdentity.openid, WechatIdentity.openid_index)


def phone_addresses() -> Rows:
    """account_id, member_id, phone (sealed under codes.PROVEN_FIELD), phone_index of every account; the phone is the
    one that it proved last, or none."""
    return select(
        Account.id.label("account_id"), Account.member_id, ProvenPhone.phone, ProvenPhone.phone_index
    ).outerjoin(ProvenPhone, ProvenPhone.account_id == Account.id)


def has_password(account_id: AccountId) -> bool:
    return db.session.scalar(select(Credential.login).where(Credential.account_id == account_id)) is not None


def first_officer(*, on: datetime.date) -> OfficerActor | None:
    """The officer who has been here longest: the demo's persona."""
    account = db.session.scalar(select(RoleGrant.account_id).order_by(RoleGrant.id).limit(1))
    return officer(AccountId(account), on=on) if account else None


def first_member() -> tuple[AccountId, MemberId] | None:
    """The member whose account was opened first: the demo's persona."""
    query = select(Account.id, Account.member_id).where(Account.member_id.is_not(None)).order_by(Account.id).limit(1)
    row = db.session.execute(query).first()
    return (AccountId(row.id), MemberId(row.member_id)) if row else None


def _in_force(on: datetime.date) -> tuple[ColumnElement[bool], ...]:
    return (RoleGrant.ended_at.is_(None), RoleGrant.ends_on.is_(None) | (RoleGrant.ends_on >= on))
