"""The addresses of a shop."""

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from services.core import audit
from services.core.db import db
from services.core.ids import uuid7
from services.merchants.models import Branch
from services.merchants.opening import check
from services.merchants.service.locking import assign, locked, locked_branch
from services.merchants.types import BranchId, MerchantId, OpenHours
from services.unions.types import Place


def open_branch(
    *,
    merchant_id: MerchantId,
    name: dict[str, str],
    address: dict[str, str],
    actor: str,
    now: datetime.datetime,
    phone: str | None = None,
    place: Place | None = None,
    hours: Sequence[OpenHours] = (),
) -> BranchId:
    """One more address of a partner. Audited as branch.opened. Locks the shop.

    Raises NotFound(merchant_unknown), Invalid(open_hours_overlap).
    """
    merchant = locked(merchant_id)
    columns = _columns(name, address, phone, place, hours)
    branch = Branch(id=uuid7(), merchant_id=merchant.id, **columns)
    db.session.add(branch)
    db.session.flush()
    detail = {"merchant": str(merchant.id)}
    audit.record("branch.opened", actor=actor, subject_id=branch.id, now=now, detail=detail)
    return BranchId(branch.id)


def change_branch(
    *,
    branch_id: BranchId,
    merchant_id: MerchantId,
    name: dict[str, str],
    address: dict[str, str],
    actor: str,
    now: datetime.datetime,
    phone: str | None = None,
    place: Place | None = None,
    hours: Sequence[OpenHours] = (),
) -> None:
    """Sets all of it as a whole; the same changes nothing. Locks the branch. Audited as branch.changed, by field.

    Raises NotFound(branch_unknown), also for another shop's; Invalid(open_hours_overlap).
    """
    branch = locked_branch(branch_id, merchant_id)
    if changed := assign(branch, _columns(name, address, phone, place, hours)):
        audit.record("branch.changed", actor=actor, subject_id=branch.id, now=now, detail={"changed": changed})


def close_branch(*, branch_id: BranchId, merchant_id: MerchantId, actor: str, now: datetime.datetime) -> None:
    """No card is taken there from now on; its clerks stay for the day it opens again. Twice is once. Audited.

    Locks the branch. Raises NotFound(branch_unknown).
    """
    branch = locked_branch(branch_id, merchant_id)
    if branch.closed_at is None:
        branch.closed_at = now
        db.session.flush()
        audit.record("branch.closed", actor=actor, subject_id=branch.id, now=now)


def reopen_branch(*, branch_id: BranchId, merchant_id: MerchantId, actor: str, now: datetime.datetime) -> None:
    """Cards are taken there again. Twice is once. Audited. Locks the branch. Raises NotFound(branch_unknown)."""
    branch = locked_branch(branch_id, merchant_id)
    if branch.closed_at is not None:
        branch.closed_at = None
        db.session.flush()
        audit.record("branch.reopened", actor=actor, subject_id=branch.id, now=now)


def lock_branch(branch_id: uuid.UUID) -> None:
    """Row lock: what counts per branch (wrong typed codes) is counted by one clerk at a time.

    Rows that refer to the branch may be written meanwhile: scans of QR codes do not wait for a typed one.
    """
    db.session.execute(select(Branch.id).where(Branch.id == branch_id).with_for_update(key_share=True))


def _columns(
    name: dict[str, str], address: dict[str, str], phone: str | None, place: Place | None, hours: Sequence[OpenHours]
) -> dict[str, Any]:
    check(hours)
    return {
        "name": name,
        "address": address,
        "phone": phone,
        "latitude": place.latitude if place else None,
        "longitude": place.longitude if place else None,
        "hours": [[one.weekday, one.hours.begin, one.hours.until] for one in hours] or None,
    }
