"""Reads for everybody who looks for a shop."""

import datetime
import uuid

from sqlalchemy import func, select

from services.core.calendar import Hours
from services.core.db import Rows, db
from services.core.errors import NotFound
from services.core.searching import joined, searchable
from services.merchants import queries
from services.merchants.errors import MERCHANT_UNKNOWN
from services.merchants.hours import is_open
from services.merchants.models import Branch, Merchant, Trade
from services.merchants.types import MerchantId, OpenHours, Shop, TradeCode


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


def ids(
    *, on: datetime.date, trade: TradeCode | None = None, among: Rows | None = None, open_at: datetime.datetime | None
) -> list[MerchantId]:
    """The shops that take cards on that day, in the order of queries.shops; with `open_at` those that are open then.

    One statement, and a light one: who shows a page of them reads these.
    """
    query = (
        select(Merchant.id)
        .join(Trade, Trade.code == Merchant.trade)
        .where(queries.taking_cards(on))
        .order_by(Trade.position, Merchant.trade, Merchant.id)
    )
    if trade:
        query = query.where(Merchant.trade == trade)
    if among is not None:
        query = query.where(Merchant.id.in_(among))
    if open_at is None:
        return [MerchantId(row.id) for row in db.session.execute(query)]
    branches = query.join(Branch, Branch.merchant_id == Merchant.id).where(Branch.closed_at.is_(None))
    found: dict[MerchantId, bool] = {}
    for row in db.session.execute(branches.add_columns(Branch.hours)):
        hours = [OpenHours(weekday, Hours(begin, until)) for weekday, begin, until in row.hours or ()]
        found[MerchantId(row.id)] = found.get(MerchantId(row.id), False) or is_open(hours, open_at)
    return [merchant_id for merchant_id, opens in found.items() if opens]


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
