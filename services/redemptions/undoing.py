"""Reads around an undoing: what a till may see of a receipt, who may undo it, why one was undone; what became of a
scan while nobody heard the answer."""

import datetime
import uuid
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from services.accounts.types import ClerkActor
from services.core.db import db
from services.core.errors import Invalid, NotFound, Refusal
from services.core.keyboard import one_line
from services.merchants import queries as merchants
from services.redemptions import errors, queries, rules
from services.redemptions.models import Redemption, Scan, Void
from services.redemptions.types import Capacity, Receipt, RedemptionId, ScanId, VoidReason

NOTE_LENGTH = 200


@dataclass(frozen=True)
class Undoing:
    """Why a redemption was undone, and in which capacity."""

    at: datetime.datetime
    reason: VoidReason
    note: str | None
    capacity: Capacity


def capacity_of(actor: ClerkActor) -> Capacity:
    """In which capacity somebody at a till undoes. One statement."""
    return Capacity.OWNER if merchants.is_owner(actor.clerk_id) else Capacity.CLERK


def receipt_at_till(redemption_id: RedemptionId, *, actor: ClerkActor) -> Receipt | None:
    """A clerk sees his branch's receipts, an owner his shop's."""
    found = db.session.scalar(select(Redemption.id).where(Redemption.id == redemption_id, _reach(actor)))
    return queries.receipt_of(RedemptionId(found)) if found else None


def _reach(actor: ClerkActor) -> ColumnElement[bool]:
    if merchants.is_owner(actor.clerk_id):
        return Redemption.merchant_id == actor.merchant_id
    return Redemption.branch_id == actor.branch_id


def undoable(receipts: Collection[Receipt], *, actor: ClerkActor, now: datetime.datetime) -> frozenset[RedemptionId]:
    """Those of the receipts that this actor may undo now. One statement."""
    capacity = capacity_of(actor)
    return frozenset(one.id for one in receipts if _judged(capacity, one, now) is None)


def why_not(receipt: Receipt, *, actor: ClerkActor, now: datetime.datetime) -> Refusal | None:
    """Why this actor may not undo it now; None when he may. One statement."""
    return _judged(capacity_of(actor), receipt, now)


def _judged(capacity: Capacity, receipt: Receipt, now: datetime.datetime) -> Refusal | None:
    return rules.may_void(
        capacity,
        redeemed_at=receipt.redeemed_at,
        disputed=receipt.in_dispute,
        voided=receipt.voided_at is not None,
        now=now,
    )


def undoing_of(redemption_id: RedemptionId) -> Undoing | None:
    """Why it was undone; None while it stands. For whoever may see the receipt."""
    row = db.session.execute(
        select(Void.voided_at, Void.reason, Void.note, Void.capacity).where(Void.redemption_id == redemption_id)
    ).first()
    return Undoing(row.voided_at, VoidReason(row.reason), row.note, Capacity(row.capacity)) if row else None


def reason_of(text: str, note: str) -> tuple[VoidReason, str | None]:
    """A reason as it was chosen, and the note; "other" needs one.

    Raises Invalid(void_reason_missing) and Invalid(void_note_missing).
    """
    said = one_line(note)[:NOTE_LENGTH]
    if text not in set(VoidReason):
        raise Invalid(errors.VOID_REASON_MISSING, field="reason")
    if text == VoidReason.OTHER and not said:
        raise Invalid(errors.VOID_NOTE_MISSING, field="note")
    return VoidReason(text), said or None


def is_busy(scan_id: ScanId, *, actor: ClerkActor) -> bool:
    """Is a redemption of this scan being decided at this moment?

    Locks the scan's row if it is free, until the transaction ends. Raises NotFound(scan_unknown).
    """
    mine = (Scan.id == scan_id) & (Scan.clerk_id == actor.clerk_id)
    if db.session.scalar(select(Scan.id).where(mine)) is None:
        raise NotFound(errors.SCAN_UNKNOWN)
    free = select(Scan.id).where(mine).with_for_update(key_share=True, skip_locked=True)
    return db.session.scalar(free) is None


def redemption_of_scan(scan_id: ScanId, *, actor: ClerkActor) -> uuid.UUID | None:
    """What this clerk's own scan has led to."""
    mine = (Redemption.scan_id == scan_id) & (Redemption.clerk_id == actor.clerk_id)
    return db.session.scalar(select(Redemption.id).where(mine))
