"""Reads for everybody who looks for a shop."""

import datetime
import uuid

from sqlalchemy import func, select

from services.core.db import Rows, db
from services.core.errors import NotFound
from services.core.searching import joined, searchable
from services.merchants import queries
from services.merchants.errors import MERCHANT_UNKNOWN
from services.merchants.models import Branch, Merchant, Trade
from services.merchants.types import MerchantId, Shop


def said(day: datetime.date) -> Rows:
    """merchant_id and `said`, by which a shop that takes cards that day is found: its names, trade, open branches."""
    branches = (
        select(func.string_agg(searchable(Branch.name, Branch.address), "\n"))
        .where(Branch.merchant_id == Merchant.id, Branch.closed_at.is_(None))
        .correlate(Merchant)
        .scalar_subquery()
    )
    return (
        select(
            Merchant.id.label("merchant_id"),
            joined(searchable(Merchant.name, Trade.name), branches).label("said"),
        )
        .join(Trade, Trade.code == Merchant.trade)
        .where(queries.taking_cards(day))
    )


def shop(merchant_id: uuid.UUID, *, on: datetime.date) -> Shop:
    """A shop as the public sees it, with its open branches; `takes_cards` says whether it does on that day.

    Raises NotFound(merchant_unknown) also for one whose first agreement has not begun.
    """
    row = db.session.execute(
        select(Merchant, Trade, queries.taking_cards(on).label("takes_cards"))
        .join(Trade, Trade.code == Merchant.trade)
        .where(Merchant.id == merchant_id, Merchant.agreement_from <= on)
    ).first()
    if row is None:
        raise NotFound(MERCHANT_UNKNOWN)
    merchant: Merchant = row[0]
    branches = tuple(queries.branches_of(merchant.id))
    trade = queries.trade_view(row[1])
    return Shop(MerchantId(merchant.id), merchant.name, trade, branches, merchant.about, row.takes_cards)
