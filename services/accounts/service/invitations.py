"""Officers are invited from above by a one-time link; a hand-over is an invitation that ends the giver's role."""

import datetime
import secrets

from sqlalchemy import or_, select, update

from services.accounts import passwords, queries
from services.accounts.errors import FACTOR_WRONG, INVITATION_NOT_YOURS, LINK_OVER
from services.accounts.messages import RoleTaken
from services.accounts.models import Credential, Invitation, RoleGrant
from services.accounts.rules import WITH_PASSWORD, invitable
from services.accounts.service.roles import end_role, grant, open_account
from services.accounts.types import AccountId, InvitationId, OfficerActor, Role
from services.core import audit, outbox
from services.core.calendar import local_date
from services.core.crypto import vault
from services.core.db import db
from services.core.errors import Conflict, Forbidden, Invalid, NotFound
from services.core.ids import uuid7
from services.core.signing import token_digest
from services.unions import queries as unions
from services.unions.types import UnionId, UnionView

LASTS = datetime.timedelta(days=7)
TOTP_FIELD = "credentials.totp_secret"


def invite(
    *,
    by: OfficerActor | None,
    name: str,
    role: Role,
    union: UnionView,
    actor: str,
    now: datetime.datetime,
    ends_on: datetime.date | None = None,
    takes_over_from: AccountId | None = None,
) -> str:
    """The token of a link that makes whoever follows it an officer, once, within seven days. Audited.

    `by` None is the command line. Raises Forbidden(invitation_not_yours) unless the inviter is above: rules.invitable;
    an officer may hand over his own role himself.
    """
    if by is not None and takes_over_from == by.account_id:
        ends_on = _no_longer_than_own(by, role, union, ends_on, now)
    elif by is not None and not invitable(by, role=role, level=union.level, path=union.path):
        raise Forbidden(INVITATION_NOT_YOURS)
    token = secrets.token_urlsafe(24)
    invitation = Invitation(
        id=uuid7(), token_digest=token_digest(token), name=name, role=role, union_id=union.id, ends_on=ends_on,
        invited_by=by.account_id if by else None, takes_over_from=takes_over_from, created_at=now,
        expires_at=now + LASTS,
    )  # fmt: skip
    db.session.add(invitation)
    db.session.flush()
    detail = {"role": role, "union": str(union.id)}
    audit.record("officer.invited", actor=actor, subject_id=invitation.id, now=now, detail=detail)
    return token


def withdraw_invitation(*, invitation_id: InvitationId, actor: str, now: datetime.datetime) -> None:
    """The link stops working. The caller knows that it lies in the officer's scope. Raises Conflict(link_over)."""
    withdrawn = db.session.execute(
        update(Invitation)
        .where(Invitation.id == invitation_id, Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
        .returning(Invitation.id)
    ).first()
    if withdrawn is None:
        raise Conflict(LINK_OVER)
    audit.record("officer.uninvited", actor=actor, subject_id=invitation_id, now=now)


def accept(*, token: str, account_id: AccountId, actor: str, now: datetime.datetime) -> None:
    """Somebody who is signed in takes the role. Audited; posts RoleTaken.

    Locks the invitation's row: a link works once. Raises Conflict(link_over); Forbidden(invitation_not_yours) for a
    role that needs a password when this account has none.
    """
    invitation = _locked(token, now)
    if invitation.role in WITH_PASSWORD and db.session.get(Credential, account_id) is None:
        raise Forbidden(INVITATION_NOT_YOURS)
    _take(invitation, account_id, actor=actor, now=now)


def accept_with_password(
    *, token: str, nonce: str, login: str, password: str, code: str, now: datetime.datetime
) -> AccountId:
    """Opens an officer's account with password and second factor, and takes the role. Locks and posts as `accept`.

    `code` shows that the authenticator has the secret of this link in this browser (`nonce`). Raises
    Conflict(link_over, login_taken), Invalid(login_malformed, password_too_short, password_too_common, factor_wrong).
    """
    invitation = _locked(token, now)
    if invitation.role not in WITH_PASSWORD:
        raise Forbidden(INVITATION_NOT_YOURS)
    login = passwords.checked_login(login)
    password_hash = passwords.hashed(password, of=login)
    secret = passwords.secret_of_link(token, nonce)
    step = passwords.step_of(secret, code, now=now)
    if step is None:
        raise Invalid(FACTOR_WRONG, field="code")
    account_id = open_account(display_name=invitation.name, now=now)
    sealed = vault.seal(TOTP_FIELD, secret)
    db.session.add(
        Credential(
            account_id=account_id, login=login, password_hash=password_hash, totp_secret=sealed, totp_step=step,
            changed_at=now,
        )
    )  # fmt: skip
    db.session.flush()
    _take(invitation, account_id, actor=f"officer:{account_id}", now=now)
    return account_id


def _locked(token: str, now: datetime.datetime) -> Invitation:
    query = select(Invitation).where(Invitation.token_digest == token_digest(token)).with_for_update()
    found = db.session.scalar(query.execution_options(populate_existing=True))
    if found is None or found.accepted_at or found.withdrawn_at or found.expires_at <= now:
        raise Conflict(LINK_OVER)
    return found


def _no_longer_than_own(
    by: OfficerActor, role: Role, union: UnionView, ends_on: datetime.date | None, now: datetime.datetime
) -> datetime.date | None:
    """The end of a role that is handed over: not after the giver's own. Raises Forbidden if he does not hold it."""
    held = _held(by.account_id, role, union.id, now)
    if held is None:
        raise Forbidden(INVITATION_NOT_YOURS)
    ends = [day for day in (ends_on, held.ends_on) if day]
    return min(ends) if ends else None


def _held(account_id: AccountId, role: Role, union_id: UnionId, now: datetime.datetime) -> RoleGrant | None:
    """The grant in force, its row locked."""
    query = select(RoleGrant).where(
        RoleGrant.account_id == account_id, RoleGrant.role == role, RoleGrant.union_id == union_id,
        RoleGrant.ended_at.is_(None), or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on >= local_date(now)),
    )  # fmt: skip
    return db.session.scalar(query.with_for_update().execution_options(populate_existing=True))


def _still_sent(invitation: Invitation, account_id: AccountId, now: datetime.datetime) -> bool:
    """Could whoever sent this link send it now? A giver still holds what he hands over, and takes nothing himself."""
    office = unions.office(UnionId(invitation.union_id))
    sender, giver = invitation.invited_by, invitation.takes_over_from
    if office.closed_at or (giver is not None and giver == account_id):
        return False
    if sender is None:
        return True
    if giver == sender:
        return _held(AccountId(sender), Role(invitation.role), office.id, now) is not None
    officer = queries.officer(AccountId(sender), on=local_date(now))
    return officer is not None and invitable(officer, role=Role(invitation.role), level=office.level, path=office.path)


def _take(invitation: Invitation, account_id: AccountId, *, actor: str, now: datetime.datetime) -> None:
    if not _still_sent(invitation, account_id, now):
        raise Conflict(LINK_OVER)
    invitation.accepted_at, invitation.account_id = now, account_id
    db.session.flush()
    role, union_id = Role(invitation.role), UnionId(invitation.union_id)
    renewed = (
        update(RoleGrant)
        .where(
            RoleGrant.account_id == account_id, RoleGrant.role == role, RoleGrant.union_id == union_id,
            RoleGrant.ended_at.is_(None),
        )
        .values(ended_at=now)
    )  # fmt: skip
    db.session.execute(renewed)
    grant(account_id=account_id, role=role, union_id=union_id, actor=actor, now=now, ends_on=invitation.ends_on)
    giver = invitation.takes_over_from
    if giver is not None and giver != account_id:
        _hand_over(AccountId(giver), role, union_id, actor=actor, now=now)
    outbox.post(RoleTaken(union_id=union_id, at=now.isoformat()))


def _hand_over(giver: AccountId, role: Role, union_id: UnionId, *, actor: str, now: datetime.datetime) -> None:
    """The giver's role ends; his open invitations are the taker's. Requests need no move: they lie with the union."""
    try:
        end_role(account_id=giver, role=role, union_id=union_id, actor=actor, now=now)
    except NotFound:
        return  # ended meanwhile: nothing is left to hand over
