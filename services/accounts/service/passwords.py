"""Sign-in by password and second factor, and its reset by two people."""

import datetime
import secrets
import uuid

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.accounts import passwords, queries
from services.accounts.errors import (
    FACTOR_WRONG,
    LINK_OVER,
    NO_ROLE_LEFT,
    RESET_NEEDS_ANOTHER,
    SIGN_IN_LOCKED,
    SIGN_IN_WRONG,
)
from services.accounts.messages import GuessingStopped, ResetUnderWay
from services.accounts.models import Credential, FactorReset, FailedSignIns, RoleGrant
from services.accounts.rules import RESET_LASTS
from services.accounts.service.invitations import TOTP_FIELD
from services.accounts.service.sessions import end_sessions
from services.accounts.types import AccountId, Ended, OfficerActor
from services.core import audit, outbox, purging
from services.core.budget import DAY, HOUR, spend
from services.core.calendar import local_date
from services.core.crypto import vault
from services.core.db import db
from services.core.errors import Conflict, Forbidden, Invalid, NotFound, Refusal, TooOften
from services.core.ids import uuid7
from services.core.signing import token_digest

MOST_FAILURES = 5
LOGIN_MOST = 40
FACTORS = ((HOUR, 10), (DAY, 30))
"""Codes of an authenticator that one account may try beside the sign-in."""
LOCK = datetime.timedelta(minutes=15)


def sign_in_with_password(
    *, login: str, password: str, code: str, source: str, now: datetime.datetime
) -> OfficerActor | Refusal:
    """Who this is, or a refusal that is kept on record: sign_in_wrong, sign_in_locked.

    `source` is the device that has been here before, else the network address: five failures of one login from one
    source lock that pair for 15 minutes, so an owner is not locked out by strangers. Locks the pair's row. The answer
    and its time are the same for a login that does not exist. A code of the second factor works once.
    """
    login = "".join(filter(str.isprintable, login.strip().lower()))[:LOGIN_MOST]
    pair = vault.blind_index("failed_sign_ins.pair", f"{login}\0{source}")
    tries = _tries(pair, now)
    if tries.locked_until and tries.locked_until > now:
        return Refusal(SIGN_IN_LOCKED, {"minutes": _minutes(tries.locked_until - now)})
    credential = db.session.scalar(select(Credential).where(Credential.login == login))
    right = passwords.matches(password, credential.password_hash if credential else None)
    if right and credential and _use_factor(credential, code, now):
        db.session.delete(tries)
        db.session.flush()
        return queries.officer(AccountId(credential.account_id), on=local_date(now)) or Refusal(NO_ROLE_LEFT)
    return _failed(tries, credential, now)


def ask_reset(*, account_id: AccountId, by: OfficerActor, now: datetime.datetime) -> None:
    """The first of two asks for a new password and factor for a colleague. Audited.

    Raises Forbidden(reset_needs_another) for oneself, Conflict(reset_open_already), NotFound for an account that has
    no password.
    """
    if account_id == by.account_id:
        raise Forbidden(RESET_NEEDS_ANOTHER)
    if not queries.has_password(account_id):
        raise NotFound("not_found")
    # One that ran out without an answer makes room.
    over = update(FactorReset).where(FactorReset.account_id == account_id, FactorReset.asked_at < now - RESET_LASTS)
    db.session.execute(over.where(FactorReset.closed_at.is_(None)).values(closed_at=now))
    db.session.add(FactorReset(id=uuid7(), account_id=account_id, asked_by=by.account_id, asked_at=now))
    db.session.flush()
    audit.record("factor.reset_asked", actor=by.label, subject_id=account_id, now=now)
    _tell(account_id, ResetUnderWay, now)


def agree_reset(*, reset_id: uuid.UUID, by: OfficerActor, now: datetime.datetime) -> str:
    """The second agrees: returns the token of a link for the owner, good once, for two days. Audited.

    Raises Forbidden(reset_needs_another) for the asker and the owner, Conflict(link_over) when it is not open.
    """
    query = select(FactorReset).where(FactorReset.id == reset_id).with_for_update()
    reset = db.session.scalar(query.execution_options(populate_existing=True))
    if reset is None or reset.closed_at or reset.agreed_at or reset.asked_at + RESET_LASTS <= now:
        raise Conflict(LINK_OVER)
    if by.account_id in (reset.asked_by, reset.account_id):
        raise Forbidden(RESET_NEEDS_ANOTHER)
    token = secrets.token_urlsafe(24)
    reset.agreed_by, reset.agreed_at, reset.token_digest = by.account_id, now, token_digest(token)
    db.session.flush()
    audit.record("factor.reset_agreed", actor=by.label, subject_id=reset.account_id, now=now)
    _tell(AccountId(reset.account_id), ResetUnderWay, now)
    return token


def use_reset(*, token: str, nonce: str, password: str, code: str, now: datetime.datetime) -> AccountId:
    """The owner sets a new password and shows the new authenticator; every officer's session of his ends. Audited.

    Locks the reset's row. Raises Conflict(link_over), Invalid as accept_with_password.
    """
    query = select(FactorReset).where(FactorReset.token_digest == token_digest(token)).with_for_update()
    reset = db.session.scalar(query.execution_options(populate_existing=True))
    if reset is None or reset.closed_at or reset.agreed_at is None or reset.agreed_at + RESET_LASTS <= now:
        raise Conflict(LINK_OVER)
    account_id = AccountId(reset.account_id)
    credential = db.session.get_one(Credential, account_id)
    password_hash = passwords.hashed(password, of=credential.login)
    secret = passwords.secret_of_link(token, nonce)
    step = passwords.step_of(secret, code, now=now)
    if step is None:
        raise Invalid(FACTOR_WRONG, field="code")
    credential.password_hash, credential.totp_secret = password_hash, vault.seal(TOTP_FIELD, secret)
    credential.totp_step, credential.changed_at, reset.closed_at = step, now, now
    db.session.flush()
    label = f"officer:{account_id}"
    audit.record("factor.reset", actor=label, subject_id=account_id, now=now)
    end_sessions(account_id, because=Ended.ELSEWHERE, actor=label, now=now)
    return account_id


def prove_by_factor(*, account_id: AccountId, code: str, now: datetime.datetime) -> bool:
    """Does this code of the officer's authenticator stand, unused? It is used by asking.

    Every try counts, whoever's session it comes from: raises TooOften(sign_in_locked) above ten an hour.
    """
    if wait := spend("accounts.factor", account_id.bytes, limits=FACTORS, now=now):
        raise TooOften(SIGN_IN_LOCKED, seconds=wait, minutes=-(-wait // 60))
    credential = db.session.get(Credential, account_id)
    return credential is not None and _use_factor(credential, code, now)


def purge_failures(now: datetime.datetime) -> int:
    """Forgets failures of more than a day ago, a batch a call."""
    return purging.forget(FailedSignIns.last_at, before=now - datetime.timedelta(days=1))


def _tries(pair: bytes, now: datetime.datetime) -> FailedSignIns:
    db.session.execute(insert(FailedSignIns).values(pair=pair, failures=0, last_at=now).on_conflict_do_nothing())
    query = select(FailedSignIns).where(FailedSignIns.pair == pair).with_for_update()
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def _use_factor(credential: Credential, code: str, now: datetime.datetime) -> bool:
    """One statement decides, so that of two who type the same code at once one gets in."""
    step = passwords.step_of(vault.unseal(TOTP_FIELD, credential.totp_secret), code, now=now)
    if step is None:
        return False
    newer = update(Credential).where(Credential.account_id == credential.account_id, Credential.totp_step < step)
    return db.session.execute(newer.values(totp_step=step).returning(Credential.account_id)).first() is not None


def _failed(tries: FailedSignIns, credential: Credential | None, now: datetime.datetime) -> Refusal:
    tries.failures, tries.last_at = tries.failures + 1, now
    if credential:
        audit.record("sign_in.failed", actor="sign-in", subject_id=credential.account_id, now=now)
    if tries.failures >= MOST_FAILURES:
        tries.failures, tries.locked_until = 0, now + LOCK
        if credential:
            audit.record("sign_in.stopped", actor="sign-in", subject_id=credential.account_id, now=now)
            _tell(AccountId(credential.account_id), GuessingStopped, now)
    db.session.flush()
    if tries.locked_until and tries.locked_until > now:
        return Refusal(SIGN_IN_LOCKED, {"minutes": _minutes(LOCK)})
    return Refusal(SIGN_IN_WRONG)


def _tell(account_id: AccountId, kind: type[GuessingStopped | ResetUnderWay], now: datetime.datetime) -> None:
    """To every union in which this officer holds a role."""
    held = select(RoleGrant.union_id).where(RoleGrant.account_id == account_id, RoleGrant.ended_at.is_(None))
    for union_id in sorted(set(db.session.scalars(held))):
        outbox.post(kind(union_id=union_id, at=now.isoformat()))


def _minutes(left: datetime.timedelta) -> int:
    return -(-int(left.total_seconds()) // 60)
