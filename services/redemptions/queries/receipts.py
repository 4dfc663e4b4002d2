"""What was redeemed, as member, branch and officer may see it."""

import datetime
import uuid
from typing import Any

from sqlalchemy import ColumnElement, func, select

from services.core.calendar import day_bounds
from services.core.db import Rows, db
from services.core.errors import NotFound
from services.core.paging import Page, PageRequest
from services.members import queries as members
from services.members.rules import masked_name
from services.members.types import MemberId
from services.merchants import queries as merchants
from services.offers.types import OfferId, VersionId
from services.redemptions.errors import REDEMPTION_UNKNOWN
from services.redemptions.models import Redemption, Settlement, Void
from services.redemptions.types import Capacity, Receipt, RedemptionId, Undoing, VoidReason
from services.redemptions.types import Settlement as SettlementView


def receipt_of_member(redemption_id: RedemptionId, *, member_id: MemberId) -> Receipt | None:
    return _one(receipts().where(Redemption.id == redemption_id, Redemption.member_id == member_id))


def receipt_of_branch(redemption_id: RedemptionId, *, branch_id: uuid.UUID) -> Receipt | None:
    return _one(receipts().where(Redemption.id == redemption_id, Redemption.branch_id == branch_id))


def latest_of_member(*, member_id: MemberId, since: datetime.datetime) -> Receipt | None:
    """The member's newest redemption since then that is in no dispute: what the card page tells at the counter."""
    stands = ~in_dispute() & Redemption.voided_at.is_(None)
    recent = (Redemption.member_id == member_id) & (Redemption.redeemed_at >= since) & stands
    return _one(receipts().where(recent).order_by(Redemption.id.desc()).limit(1))


def receipt_of(redemption_id: RedemptionId) -> Receipt:
    """For whoever may see every one. Raises NotFound(redemption_unknown)."""
    found = _one(receipts().where(Redemption.id == redemption_id))
    if found is None:
        raise NotFound(REDEMPTION_UNKNOWN)
    return found


def receipt(redemption_id: RedemptionId) -> tuple[Receipt, MemberId, uuid.UUID] | None:
    """For the gateway, which tells both sides: the receipt, its member and its branch."""
    row = db.session.execute(receipts().where(Redemption.id == redemption_id)).first()
    return (receipt_view(row), MemberId(row.member_id), row.branch_id) if row else None


def undoing(redemption_id: RedemptionId) -> Undoing | None:
    """Why a receipt that the caller may see was undone; None where it stands."""
    row = db.session.get(Void, redemption_id)
    if row is None:
        return None
    return Undoing(Capacity(row.capacity), VoidReason(row.reason), row.note, row.actor, row.voided_at)


def settlement(redemption_id: RedemptionId) -> SettlementView | None:
    """What came of a dispute that an officer settled, for whoever may see the receipt; None where none was."""
    row = db.session.get(Settlement, redemption_id)
    return SettlementView(row.note, row.actor, row.settled_at) if row else None


def in_dispute() -> ColumnElement[bool]:
    """The member says that it was not him, and no officer has let it stand: in no sum."""
    return Redemption.disputed_at.is_not(None) & Redemption.settled_at.is_(None)


def history(*, member_id: MemberId, request: PageRequest) -> Page[Receipt]:
    """A member's own redemptions, newest first. One statement."""
    rows = db.session.execute(request.apply(receipts().where(Redemption.member_id == member_id), Redemption.id)).all()
    return request.page([receipt_view(row) for row in rows], [row.id for row in rows])


def day_at_branch(*, branch_id: uuid.UUID, day: datetime.date, request: PageRequest) -> Page[Receipt]:
    """A branch's redemptions of one day in China, newest first. One statement."""
    begin, end = day_bounds(day)
    query = receipts().where(
        Redemption.branch_id == branch_id, Redemption.redeemed_at >= begin, Redemption.redeemed_at < end
    )
    rows = db.session.execute(request.apply(query, Redemption.id)).all()
    return request.page([receipt_view(row) for row in rows], [row.id for row in rows])


def count_at_branch(*, branch_id: uuid.UUID, day: datetime.date) -> int:
    begin, end = day_bounds(day)
    query = select(func.count()).where(
        Redemption.branch_id == branch_id,
        Redemption.redeemed_at >= begin,
        Redemption.redeemed_at < end,
        Redemption.voided_at.is_(None),
    )
    return db.session.scalar(query) or 0


def saved_since(*, member_id: MemberId, since: datetime.datetime) -> tuple[int, int]:
    """How often, and how many fen in all, a member has saved since then; uses with no amount count as 0 fen."""
    row = db.session.execute(
        select(func.count(), func.coalesce(func.sum(Redemption.saved_fen), 0)).where(
            Redemption.member_id == member_id,
            Redemption.redeemed_at >= since,
            ~in_dispute(),
            Redemption.voided_at.is_(None),
        )
    ).one()
    return row[0], int(row[1] or 0)


def disputed_since(*, member_id: MemberId, since: datetime.datetime) -> bool:
    """Has this member said of a use since then that it was not his, and nobody has settled it?"""
    mine = (Redemption.member_id == member_id) & Redemption.settled_at.is_(None)
    query = select(Redemption.id).where(mine, Redemption.disputed_at >= since)
    return db.session.scalar(query.limit(1)) is not None


def redemptions() -> Rows:
    """Plain columns of every redemption, for reports to join and group."""
    return select(
        Redemption.id.label("redemption_id"),
        Redemption.member_id,
        Redemption.merchant_id,
        Redemption.branch_id,
        Redemption.offer_title,
        Redemption.amount_fen,
        Redemption.saved_fen,
        Redemption.pay_fen,
        Redemption.redeemed_at,
        Redemption.disputed_at,
        Redemption.settled_at,
        Redemption.voided_at,
        Redemption.offer_id,
        Redemption.clerk_id,
    )


def voids() -> Rows:
    """redemption_id, reason, capacity of every undoing, for a join."""
    return select(Void.redemption_id, Void.reason, Void.capacity)


def receipts() -> Rows:
    """Every receipt, for a narrower query of this package: read by `receipt_view`."""
    place, holder = merchants.names().subquery("place"), members.holders().subquery("holder")
    return (
        select(Redemption, place.c.merchant_name, place.c.branch_name, holder.c.member_name)
        .add_columns(Redemption.id, Redemption.member_id, Redemption.branch_id)
        .join(place, place.c.branch_id == Redemption.branch_id)
        .join(holder, holder.c.member_id == Redemption.member_id)
    )


def _one(query: Rows) -> Receipt | None:
    row = db.session.execute(query).first()
    return receipt_view(row) if row else None


def receipt_view(row: Any) -> Receipt:
    redemption: Redemption = row[0]
    return Receipt(
        id=RedemptionId(redemption.id),
        offer_title=redemption.offer_title,
        gift=redemption.gift,
        merchant_name=row.merchant_name,
        branch_name=row.branch_name,
        masked_name=masked_name(row.member_name),
        amount_fen=redemption.amount_fen,
        saved_fen=redemption.saved_fen,
        pay_fen=redemption.pay_fen,
        redeemed_at=redemption.redeemed_at,
        disputed_at=redemption.disputed_at,
        voided_at=redemption.voided_at,
        settled_at=redemption.settled_at,
        offer_id=OfferId(redemption.offer_id),
        version_id=VersionId(redemption.version_id),
    )
