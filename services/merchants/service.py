"""Verbs: sign a partner, open a branch; invite a clerk, take one on, let one go, pass posts on."""

import datetime
import secrets
import uuid
from collections.abc import Sequence

from sqlalchemy import delete, insert, select, update

from services.accounts import service as accounts
from services.accounts.types import AccountId
from services.core import audit, purging
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
from services.merchants.models import Agreement, Branch, Clerk, ClerkInvite, Merchant
from services.merchants.types import BranchId, ClerkId, MerchantId, OpenHours, TradeCode
from services.unions.types import Place, UnionId

INVITE_DIGITS, INVITE_LASTS = 6, datetime.timedelta(minutes=10)
INVITE_FIELD = "clerk_invites.code"


def sign(
    *,
    union_id: UnionId,
    name: dict[str, str],
    trade: TradeCode,
    agreement_from: datetime.date,
    agreement_until: datetime.date,
    signed_by: str,
    actor: str,
    now: datetime.datetime,
    signed_on: datetime.date | None = None,
    about: dict[str, str] | None = None,
) -> MerchantId:
    """A new partner of a federation under its first agreement; it opens no branch yet. Audited.

    Days in China, both included; `signed_on` is today unless given. Raises Conflict(trade_unknown).
    """
    merchant = Merchant(
        id=uuid7(), union_id=union_id, name=name, trade=trade, about=about, agreement_from=agreement_from,
        agreement_until=agreement_until,
    )  # fmt: skip
    db.session.add(merchant)
    db.session.flush()
    agreement = Agreement(
        id=uuid7(), merchant_id=merchant.id, starts_on=agreement_from, ends_on=agreement_until,
        signed_on=signed_on or local_date(now), signed_by=signed_by, recorded_by=actor, recorded_at=now,
    )  # fmt: skip
    db.session.add(agreement)
    db.session.flush()
    audit.record("merchant.signed", actor=actor, subject_id=merchant.id, now=now)
    return MerchantId(merchant.id)


def open_branch(
    *,
    merchant_id: MerchantId,
    name: dict[str, str],
    address: dict[str, str],
    phone: str | None = None,
    place: Place | None = None,
    hours: Sequence[OpenHours] = (),
) -> BranchId:
    """One more address of a partner."""
    branch = Branch(
        id=uuid7(), merchant_id=merchant_id, name=name, address=address, phone=phone,
        latitude=place and place.latitude, longitude=place and place.longitude,
        hours=[[one.weekday, one.hours.begin, one.hours.until] for one in hours] or None,
    )  # fmt: skip
    db.session.add(branch)
    db.session.flush()
    return BranchId(branch.id)


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


def purge_invites(now: datetime.datetime) -> int:
    """Forgets a batch of digits whose time is over."""
    return purging.forget(ClerkInvite.expires_at, before=now)


def lock_branch(branch_id: uuid.UUID) -> None:
    """Row lock: what counts per branch (wrong typed codes) is counted by one clerk at a time.

    Rows that refer to the branch may be written meanwhile: scans of QR codes do not wait for a typed one.
    """
    db.session.execute(select(Branch.id).where(Branch.id == branch_id).with_for_update(key_share=True))
