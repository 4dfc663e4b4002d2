"""A redemption is undone (撤销核销): limits, stock and budget get back what it took."""

import datetime

from sqlalchemy import ColumnElement, insert, select, update

from services.accounts.types import ClerkActor, OfficerActor
from services.core import audit
from services.core.calendar import local_date
from services.core.db import db
from services.core.errors import NotFound, Refusal
from services.members.types import MemberId
from services.merchants import queries as merchants
from services.offers import queries as offer_queries
from services.offers import service as offers
from services.redemptions import errors, queries, rules
from services.redemptions.messages import RedemptionVoided
from services.redemptions.models import Redemption, Void
from services.redemptions.types import Capacity, Receipt, RedemptionId, VoidReason


def void(
    *,
    actor: ClerkActor | OfficerActor,
    redemption_id: RedemptionId,
    reason: VoidReason,
    note: str | None,
    now: datetime.datetime,
) -> Receipt | Refusal:
    """Undoes a redemption; the member is told. The scan stays used. Audited.

    A clerk undoes what was redeemed at his own branch, an owner at any branch of his shop; that an officer may is the
    caller's to know. A refusal is returned and changes nothing.
    Locks, in this order: the redemption's row, the allowance rows by key, the offer's row, the branch's stock.
    Raises NotFound(redemption_unknown), also for another shop's. Posts redemptions.voided.
    """
    capacity, mine = _capacity(actor)
    row = db.session.execute(
        select(Redemption)
        .where(Redemption.id == redemption_id, *mine)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()
    if row is None:
        raise NotFound(errors.REDEMPTION_UNKNOWN)
    refusal = rules.may_void(
        capacity,
        redeemed_at=row.redeemed_at,
        disputed=row.disputed_at is not None and row.settled_at is None,
        voided=row.voided_at is not None,
        now=now,
    )
    if refusal:
        return refusal
    db.session.execute(update(Redemption).where(Redemption.id == redemption_id).values(voided_at=now))
    values = {"redemption_id": redemption_id, "voided_at": now, "actor": actor.label, "capacity": capacity}
    db.session.execute(insert(Void).values(**values, reason=reason, note=note))
    _give_back(row)
    detail = {"capacity": capacity, "reason": reason, "saved_fen": row.saved_fen}
    audit.record(
        "redemption.voided", actor=actor.label, subject_id=redemption_id, now=now, detail=detail,
        telling=RedemptionVoided(redemption_id=redemption_id),
    )  # fmt: skip
    return queries.receipt_of(redemption_id)


def _capacity(actor: ClerkActor | OfficerActor) -> tuple[Capacity, list[ColumnElement[bool]]]:
    """In which capacity this actor undoes, and what he may see at all."""
    if isinstance(actor, OfficerActor):
        return Capacity.OFFICER, []
    if merchants.is_owner(actor.clerk_id):
        return Capacity.OWNER, [Redemption.merchant_id == actor.merchant_id]
    return Capacity.CLERK, [Redemption.branch_id == actor.branch_id]


def _give_back(row: Redemption) -> None:
    terms = offer_queries.terms_of_version(row.version_id)
    offers.give_back(
        terms,
        offer_id=row.offer_id,
        member_id=MemberId(row.member_id),
        branch_id=row.branch_id,
        day=local_date(row.redeemed_at),
        saved_fen=row.saved_fen,
    )
