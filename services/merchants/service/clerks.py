"""Who stands at a till: invite a clerk, take one on, let one go, pass posts on."""

import datetime
import secrets

from sqlalchemy import delete, insert, select, update

from services.accounts import service as accounts
from services.accounts.types import AccountId
from services.core import audit
from services.core.budget import DAY, HOUR, spend
from services.core.calendar import local_date
from services.core.crypto import vault
from services.core.db import db
from services.core.errors import NotFound, Refusal, TooOften
from services.core.ids import uuid7
from services.core.keyboard import half_width
from services.merchants.errors import (
    BRANCH_CLOSED,
    CLERK_UNKNOWN,
    JOIN_CODE_WRONG,
    JOIN_TOO_OFTEN,
    MERCHANT_SUSPENDED,
)
from services.merchants.models import Branch, Clerk, ClerkInvite, Merchant
from services.merchants.types import BranchId, ClerkId

INVITE_DIGITS, INVITE_LASTS = 6, datetime.timedelta(minutes=10)
INVITE_FIELD = "clerk_invites.code"


def take_on_clerk(
    *, branch_id: BranchId, account_id: AccountId, name: str, actor: str, now: datetime.datetime, owner: bool = False
) -> ClerkId:
    """Lets somebody scan cards at a branch; an owner invites others. Audited."""
    clerk = Clerk(id=uuid7(), branch_id=branch_id, account_id=account_id, name=name, owner=owner)
    db.session.add(clerk)
    db.session.flush()
    audit.record("clerk.taken_on", actor=actor, subject_id=clerk.id, now=now, detail={"branch": str(branch_id)})
    return ClerkId(clerk.id)


def let_clerk_go(*, clerk_id: ClerkId, actor: str, now: datetime.datetime) -> None:
    """Ends the clerk's work and every session of his. Raises NotFound(clerk_unknown). Audited."""
    left = db.session.execute(update(Clerk).where(Clerk.id == clerk_id).values(left_at=now).returning(Clerk.id)).first()
    if left is None:
        raise NotFound(CLERK_UNKNOWN)
    accounts.end_clerk_sessions(clerk_id, now=now)
    audit.record("clerk.left", actor=actor, subject_id=clerk_id, now=now)


def let_clerks_go(account_id: AccountId, *, actor: str, now: datetime.datetime) -> None:
    """Ends every post of this account, at any shop. As `let_clerk_go`, each of them; none is no error."""
    for clerk_id in db.session.scalars(select(Clerk.id).where(Clerk.account_id == account_id, Clerk.left_at.is_(None))):
        let_clerk_go(clerk_id=ClerkId(clerk_id), actor=actor, now=now)


def pass_clerks(*, source: AccountId, target: AccountId, actor: str, now: datetime.datetime) -> None:
    """The posts of one account are those of another from now on: both are the same person's. Audited, each.

    A till that is signed in stays so. The caller holds both accounts' rows.
    """
    moved = update(Clerk).where(Clerk.account_id == source, Clerk.left_at.is_(None)).values(account_id=target)
    for clerk_id in db.session.scalars(moved.returning(Clerk.id)).all():
        audit.record("clerk.passed", actor=actor, subject_id=clerk_id, now=now, detail={"account": str(target)})


def invite_clerk(*, branch_id: BranchId, name: str, actor: str, now: datetime.datetime, owner: bool = False) -> str:
    """Six digits that make whoever types them a clerk of this branch, once, within ten minutes. Audited.

    The caller has made sure that the inviter owns the shop, or is the federation. Raises Conflict(join_codes_busy)
    when the digits drawn are another invitation's: try once more.
    """
    digits = f"{secrets.randbelow(10**INVITE_DIGITS):0{INVITE_DIGITS}d}"
    index = vault.blind_index(INVITE_FIELD, digits)
    db.session.execute(delete(ClerkInvite).where(ClerkInvite.code_index == index, ClerkInvite.expires_at <= now))
    invite = {
        "code_index": index,
        "branch_id": branch_id,
        "name": name,
        "owner": owner,
        "expires_at": now + INVITE_LASTS,
    }
    db.session.execute(insert(ClerkInvite), [invite])
    detail = {"owner": owner}
    audit.record("clerk.invited", actor=actor, subject_id=branch_id, now=now, detail=detail)
    return digits


def join(*, digits: str, account_id: AccountId, now: datetime.datetime) -> ClerkId | Refusal:
    """Somebody who is signed in becomes a clerk by the digits that the owner told him. Audited.

    Wrong digits are a Refusal that is committed, so that guesses count: five an hour, twenty a day for an account.
    A branch that is closed and a shop that is suspended take nobody on: Refusal(branch_closed, merchant_suspended),
    and the digits are used up. Raises TooOften(join_too_often). Two with the same digits: one gets in.
    """
    wait = spend("clerks.join", account_id.bytes, limits=((HOUR, 5), (DAY, 20)), now=now)
    if wait:
        raise TooOften(JOIN_TOO_OFTEN, seconds=wait)
    index = vault.blind_index(INVITE_FIELD, half_width(digits).replace(" ", ""))
    used = db.session.execute(
        delete(ClerkInvite)
        .where(ClerkInvite.code_index == index, ClerkInvite.expires_at > now)
        .returning(ClerkInvite.branch_id, ClerkInvite.name, ClerkInvite.owner)
    ).first()
    if used is None:
        return Refusal(JOIN_CODE_WRONG)
    closed, suspended_on = db.session.execute(
        select(Branch.closed_at, Merchant.suspended_on)
        .join(Merchant, Merchant.id == Branch.merchant_id)
        .where(Branch.id == used.branch_id)
    ).one()
    if closed or (suspended_on and suspended_on <= local_date(now)):
        return Refusal(BRANCH_CLOSED if closed else MERCHANT_SUSPENDED)
    return take_on_clerk(
        branch_id=BranchId(used.branch_id), account_id=account_id, name=used.name, actor=f"account:{account_id}",
        now=now, owner=used.owner,
    )  # fmt: skip
