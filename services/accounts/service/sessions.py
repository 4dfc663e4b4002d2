"""Sign in, sign out, here and elsewhere; prove to be there."""

import datetime
import secrets
import uuid

from sqlalchemy import ColumnElement, delete, insert, select, update

from services.accounts.errors import DEVICE_UNKNOWN
from services.accounts.models import Account, Session
from services.accounts.rules import LIFETIME
from services.accounts.types import (
    AccountId,
    Actor,
    ClerkActor,
    Ended,
    MemberActor,
    OfficerActor,
    Persona,
    SessionId,
    SignIn,
    Via,
    VisitorActor,
)
from services.core import audit, purging
from services.core.db import db
from services.core.errors import LostRace, NotFound
from services.core.ids import uuid7
from services.core.signing import token_digest

PERSONAS: dict[type[Actor], Persona] = {
    VisitorActor: Persona.VISITOR,
    MemberActor: Persona.MEMBER,
    ClerkActor: Persona.CLERK,
    OfficerActor: Persona.OFFICER,
}


def sign_in(
    actor: Actor,
    *,
    now: datetime.datetime,
    via: Via = Via.DEMO,
    device: str = "",
    proved: bool = False,
    until: datetime.datetime | None = None,
) -> SignIn:
    """Opens a session for an actor whom the caller has made sure of. The token has 256 random bits.

    `device` is what its owner will recognise; `proved`: a code or a second factor was part of this sign-in; `until`:
    an end before the usual one. A member's bond is held till the commit: who ends it meanwhile ends this session too.
    Officers' and clerks' sign-ins are audited.
    """
    token = secrets.token_urlsafe(32)
    persona = PERSONAS[type(actor)]
    if isinstance(actor, MemberActor):
        _still_bound(actor)
    expires_at = min(now + LIFETIME[persona], until or datetime.datetime.max.replace(tzinfo=datetime.UTC))
    clerk = actor if isinstance(actor, ClerkActor) else None
    db.session.execute(
        insert(Session).values(
            digest=token_digest(token),
            id=uuid7(),
            account_id=actor.account_id,
            persona=persona,
            member_id=actor.member_id if isinstance(actor, MemberActor) else None,
            clerk_id=clerk.clerk_id if clerk else None,
            branch_id=clerk.branch_id if clerk else None,
            merchant_id=clerk.merchant_id if clerk else None,
            via=via,
            device=device[:60],
            created_at=now,
            expires_at=expires_at,
            seen_at=now,
            proved_at=now if proved else None,
        )
    )
    if persona in (Persona.OFFICER, Persona.CLERK):
        detail = {"via": via, "persona": persona}
        audit.record("session.opened", actor=actor.label, subject_id=actor.account_id, now=now, detail=detail)
    if persona is Persona.OFFICER:
        db.session.execute(update(Account).where(Account.id == actor.account_id).values(officer_seen_at=now))
    return SignIn(token, persona, expires_at)


def sign_out(token: str) -> None:
    """Ends this session at once; no error if it has ended."""
    db.session.execute(delete(Session).where(Session.digest == token_digest(token)))


def seen(token: str, *, now: datetime.datetime) -> None:
    """An officer's session was used: it is not idle. Written at most once a minute, by app/permissions.py."""
    db.session.execute(update(Session).where(Session.digest == token_digest(token)).values(seen_at=now))


def prove(token: str, *, now: datetime.datetime) -> None:
    """The person at this session has just proved to be there (a code to the phone, a second factor)."""
    db.session.execute(update(Session).where(Session.digest == token_digest(token)).values(proved_at=now))


def end_device(*, session_id: SessionId, account_id: AccountId, actor: str, now: datetime.datetime) -> None:
    """The owner signs one of his devices out. Raises NotFound(device_unknown), also for somebody else's. Audited."""
    ended = _end((Session.id == session_id) & (Session.account_id == account_id), Ended.ELSEWHERE, now)
    if not ended:
        raise NotFound(DEVICE_UNKNOWN)
    audit.record("session.ended", actor=actor, subject_id=session_id, now=now)


def end_sessions(
    account_id: AccountId,
    *,
    because: Ended,
    actor: str,
    now: datetime.datetime,
    persona: Persona | None = None,
    but: str | None = None,
) -> int:
    """Ends every session of the account (of one persona), but the one of the token `but`. Returns how many. Audited.

    A device that asks again is told `because`.
    """
    of = Session.account_id == account_id
    if persona:
        of &= Session.persona == persona
    if but:
        of &= Session.digest != token_digest(but)
    ended = _end(of, because, now)
    if ended:
        detail = {"because": because, "sessions": ended}
        audit.record("sessions.ended", actor=actor, subject_id=account_id, now=now, detail=detail)
    return ended


def end_clerk_sessions(clerk_id: uuid.UUID, *, now: datetime.datetime) -> None:
    """For a clerk who leaves: every till he is signed in at is closed to him at once."""
    _end(Session.clerk_id == clerk_id, Ended.LEFT_SHOP, now)


def purge_sessions(now: datetime.datetime) -> int:
    """Forgets a batch of expired sessions; returns how many. Run it until it returns 0."""
    return purging.forget(Session.expires_at, before=now)


def _still_bound(actor: MemberActor) -> None:
    """Shares the account's row till the commit; whoever moved or ended the bond was faster: LostRace."""
    bound = select(Account.member_id).where(Account.id == actor.account_id).with_for_update(read=True)
    if db.session.scalar(bound) != actor.member_id:
        raise LostRace


def _end(which: ColumnElement[bool], because: Ended, now: datetime.datetime) -> int:
    statement = update(Session).where(which, Session.ended_at.is_(None), Session.expires_at > now)
    ended = db.session.execute(statement.values(ended_at=now, ended_because=because).returning(Session.id))
    return len(ended.all())
