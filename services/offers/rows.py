"""The columns of a version, and terms read off a row that has them."""

import uuid
from typing import Any

from services.core.calendar import Hours
from services.members.types import Standing
from services.merchants.types import BranchId
from services.offers.models import Version
from services.offers.types import AmountPolicy, BranchShare, Holidays, OfferKind, Terms
from services.unions.types import TradeGroup, UnionId

TERMS = [column for column in Version.__table__.c if column.name not in ("id", "offer_id", "number", "published_at")]


def terms_of(row: Any) -> Terms:
    """Reads the columns of a version off a row."""
    return Terms(**values_of(row))


def values_of(row: Any) -> dict[str, Any]:
    """Of each term its value, by name."""
    return {
        "title": row.title,
        "kind": OfferKind(row.kind),
        "amount_policy": AmountPolicy(row.amount_policy),
        "starts_on": row.starts_on,
        "ends_on": row.ends_on,
        "percent_off": row.percent_off,
        "most_off_fen": row.most_off_fen,
        "threshold_fen": row.threshold_fen,
        "off_fen": row.off_fen,
        "price_fen": row.price_fen,
        "list_fen": row.list_fen,
        "gift": row.gift,
        "note": row.note,
        "weekdays": tuple(row.weekdays),
        "hours": tuple(Hours(begin, until) for begin, until in row.hours),
        "holidays": Holidays(row.holidays),
        "per_member_daily": row.per_member_daily,
        "per_member_weekly": row.per_member_weekly,
        "per_member_monthly": row.per_member_monthly,
        "per_member_total": row.per_member_total,
        "stock_total": row.stock_total,
        "branches": tuple(BranchShare(BranchId(uuid.UUID(branch)), stock) for branch, stock in row.branches),
        "budget_fen": row.budget_fen,
        "audience_union_id": UnionId(row.audience_union_id) if row.audience_union_id else None,
        "audience_groups": tuple(map(TradeGroup, row.audience_groups)),
        "audience_standings": tuple(map(Standing, row.audience_standings)),
        "first_use": row.first_use,
        "stacks": row.stacks,
    }
