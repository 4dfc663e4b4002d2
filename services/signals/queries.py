"""Reads. `scopes` are the subtrees in which the officer looks after shops: a shop is its federation's."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from services.core.db import Rows, db
from services.core.errors import NotFound
from services.core.paging import Page, PageRequest
from services.members import queries as members
from services.members.rules import masked_name
from services.merchants import queries as merchants
from services.redemptions.types import RedemptionId
from services.signals.errors import SIGNAL_UNKNOWN
from services.signals.models import Signal
from services.signals.types import AboutMember, Kind, Look, SignalId
from services.signals.types import Signal as SignalView
from services.unions.queries import in_scopes
from services.unions.types import UnionPath


def page_of_signals(*, scopes: Sequence[UnionPath], looked: bool, request: PageRequest) -> Page[SignalView]:
    """What nobody has looked at yet, or what somebody has; newest first. One statement."""
    query = _signals(scopes).where(Signal.looked_at.is_not(None) if looked else Signal.looked_at.is_(None))
    rows = db.session.execute(request.apply(query, Signal.id)).all()
    return request.page([_view(row) for row in rows], [row[0].id for row in rows])


def waiting(*, scopes: Sequence[UnionPath]) -> int:
    """How many nobody has looked at."""
    found = _signals(scopes).where(Signal.looked_at.is_(None)).subquery()
    return db.session.scalar(select(func.count()).select_from(found)) or 0


def one(signal_id: SignalId, *, scopes: Sequence[UnionPath]) -> SignalView:
    """Raises NotFound(signal_unknown), also for a shop of another federation."""
    row = db.session.execute(_signals(scopes).where(Signal.id == signal_id)).first()
    if row is None:
        raise NotFound(SIGNAL_UNKNOWN)
    return _view(row)


def of_member(member_id: uuid.UUID, request: PageRequest) -> Page[AboutMember]:
    """For a member's own copy: what was seen about him and somebody has looked at, newest first. One statement."""
    mine = (Signal.member_id == member_id) & Signal.looked_at.is_not(None)
    query = select(Signal.id, Signal.kind, Signal.day, Signal.facts, Signal.looked_at, Signal.note).where(mine)
    rows = db.session.execute(request.apply(query, Signal.id)).all()
    items = [AboutMember(Kind(row.kind), row.day, row.facts, row.looked_at, row.note) for row in rows]
    return request.page(items, [row.id for row in rows])


def _signals(scopes: Sequence[UnionPath]) -> Rows:
    shop, place = merchants.federations().subquery("shop"), merchants.names().subquery("place")
    clerk, holder = merchants.counters().subquery("clerk"), members.holders().subquery("holder")
    return (
        select(Signal, shop.c.merchant_name, place.c.branch_name, clerk.c.clerk_name, holder.c.member_name)
        .join(shop, shop.c.merchant_id == Signal.merchant_id)
        .outerjoin(place, place.c.branch_id == Signal.branch_id)
        .outerjoin(clerk, clerk.c.clerk_id == Signal.clerk_id)
        .outerjoin(holder, holder.c.member_id == Signal.member_id)
        .where(in_scopes(shop.c.federation_path, scopes))
    )


def _view(row: Any) -> SignalView:
    signal: Signal = row[0]
    looked = signal.looked_by is not None and signal.looked_at is not None
    return SignalView(
        id=SignalId(signal.id),
        kind=Kind(signal.kind),
        day=signal.day,
        merchant_id=signal.merchant_id,
        merchant_name=row.merchant_name,
        branch_name=row.branch_name,
        clerk_name=row.clerk_name,
        masked_name=masked_name(row.member_name) if row.member_name else None,
        facts=signal.facts,
        redemptions=tuple(RedemptionId(uuid.UUID(one)) for one in signal.redemptions),
        found_at=signal.found_at,
        look=Look(signal.looked_by or "", signal.looked_at, signal.note or "") if looked and signal.looked_at else None,
    )
