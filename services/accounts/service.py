"""Verbs: open an account, give a role, sign in, sign out."""

import datetime
import secrets
import uuid

from sqlalchemy import delete, insert

from services.accounts.models import Account, RoleGrant, Session
from services.accounts.rules import LIFETIME
from services.accounts.types import AccountId, Actor, ClerkActor, MemberActor, OfficerActor, Persona, Role, SignIn
from services.core import audit, purging
from services.core.db import db
from services.core.ids import uuid7
from services.core.signing import token_digest
from services.members.types import MemberId
from services.unions.types import UnionId


def open_account(*, display_name: str, now: datetime.datetime, member_id: MemberId | None = None) -> AccountId:
    """Raises Conflict(account_exists) if the member has one."""
    account = Account(id=uuid7(), display_name=display_name, member_id=member_id, created_at=now)
    db.session.add(account)
    db.session.flush()
    return AccountId(account.id)


def grant(
    *,
    account_id: AccountId,
    role: Role,
    union_id: UnionId,
    actor: str,
    now: datetime.datetime,
    ends_on: datetime.date | None = None,
) -> None:
    """Gives a role over a subtree. Raises Conflict(role_granted_already). Audited."""
    db.session.add(RoleGrant(id=uuid7(), account_id=account_id, role=role, union_id=union_id, ends_on=ends_on))
    db.session.flush()
    detail = {"role": role, "union": str(union_id)}
    audit.record("role.granted", actor=actor, subject_id=account_id, now=now, detail=detail)


def sign_in(actor: Actor, *, now: datetime.datetime) -> SignIn:
    """Opens a session for an actor whom the caller has made sure of. The token has 256 random bits."""
    token = secrets.token_urlsafe(32)
    persona = {MemberActor: Persona.MEMBER, ClerkActor: Persona.CLERK, OfficerActor: Persona.OFFICER}[type(actor)]
    expires_at = now + LIFETIME[persona]
    clerk = actor if isinstance(actor, ClerkActor) else None
    db.session.execute(
        insert(Session).values(
            digest=token_digest(token),
            account_id=actor.account_id,
            persona=persona,
            member_id=actor.member_id if isinstance(actor, MemberActor) else None,
            clerk_id=clerk.clerk_id if clerk else None,
            branch_id=clerk.branch_id if clerk else None,
            merchant_id=clerk.merchant_id if clerk else None,
            created_at=now,
            expires_at=expires_at,
        )
    )
    return SignIn(token, persona, expires_at)


def sign_out(token: str) -> None:
    """Ends this session at once; no error if it has ended."""
    db.session.execute(delete(Session).where(Session.digest == token_digest(token)))


def end_clerk_sessions(clerk_id: uuid.UUID) -> None:
    """For a clerk who leaves: every till he is signed in at is closed to him at once."""
    db.session.execute(delete(Session).where(Session.clerk_id == clerk_id))


def purge_sessions(now: datetime.datetime) -> int:
    """Forgets a batch of expired sessions; returns how many. Run it until it returns 0."""
    return purging.forget(Session.expires_at, before=now)
