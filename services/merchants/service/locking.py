"""The row of a shop, kept from others while it changes."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from services.core.db import db
from services.core.errors import NotFound
from services.merchants.errors import BRANCH_UNKNOWN, MERCHANT_UNKNOWN
from services.merchants.models import Branch, Merchant


def locked(merchant_id: uuid.UUID) -> Merchant:
    """Locks the shop's row until the commit; a till may redeem meanwhile. Raises NotFound(merchant_unknown)."""
    query = select(Merchant).where(Merchant.id == merchant_id).with_for_update(key_share=True)
    merchant = db.session.scalars(query.execution_options(populate_existing=True)).first()
    if merchant is None:
        raise NotFound(MERCHANT_UNKNOWN)
    return merchant


def lock_shop(merchant_id: uuid.UUID) -> None:
    """Whoever counts what belongs to the shop goes in turn until the commit. Raises NotFound(merchant_unknown)."""
    locked(merchant_id)


def locked_branch(branch_id: uuid.UUID, merchant_id: uuid.UUID) -> Branch:
    """Locks the branch's row until the commit. Raises NotFound(branch_unknown), also for another shop's branch."""
    query = select(Branch).where(Branch.id == branch_id, Branch.merchant_id == merchant_id)
    query = query.with_for_update(key_share=True)
    branch = db.session.scalars(query.execution_options(populate_existing=True)).first()
    if branch is None:
        raise NotFound(BRANCH_UNKNOWN)
    return branch


def assign(row: Merchant | Branch, values: Mapping[str, Any]) -> list[str]:
    """Sets these columns; returns the names of those that changed."""
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    db.session.flush()
    return changed
