"""Verbs: sign a partner, open a branch, take on a clerk, let one go."""

import datetime
import uuid

from sqlalchemy import select, update

from services.accounts import service as accounts
from services.accounts.types import AccountId
from services.core import audit
from services.core.db import db
from services.core.errors import NotFound
from services.core.ids import uuid7
from services.merchants.errors import CLERK_UNKNOWN
from services.merchants.models import Branch, Clerk, Merchant
from services.merchants.types import BranchId, ClerkId, MerchantId, Trade


def sign(
    *, name: dict[str, str], trade: Trade, agreement_from: datetime.date, agreement_until: datetime.date
) -> MerchantId:
    """A new partner under an agreement; it opens no branch yet."""
    merchant = Merchant(
        id=uuid7(), name=name, trade=trade, agreement_from=agreement_from, agreement_until=agreement_until
    )
    db.session.add(merchant)
    db.session.flush()
    return MerchantId(merchant.id)


def open_branch(*, merchant_id: MerchantId, name: dict[str, str], address: dict[str, str]) -> BranchId:
    """One more address of a partner."""
    branch = Branch(id=uuid7(), merchant_id=merchant_id, name=name, address=address)
    db.session.add(branch)
    db.session.flush()
    return BranchId(branch.id)


def take_on_clerk(
    *, branch_id: BranchId, account_id: AccountId, name: str, actor: str, now: datetime.datetime
) -> ClerkId:
    """Lets somebody scan cards at a branch. Audited."""
    clerk = Clerk(id=uuid7(), branch_id=branch_id, account_id=account_id, name=name)
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


def lock_branch(branch_id: uuid.UUID) -> None:
    """Row lock: what counts per branch (wrong typed codes) is counted by one clerk at a time.

    Rows that refer to the branch may be written meanwhile: scans of QR codes do not wait for a typed one.
    """
    db.session.execute(select(Branch.id).where(Branch.id == branch_id).with_for_update(key_share=True))
