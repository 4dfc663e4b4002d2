"""Reads."""

import datetime
import uuid
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, exists, or_, select
from sqlalchemy.orm import aliased

from services.accounts.types import AccountId, ClerkActor
from services.core.calendar import Hours
from services.core.db import Rows, db, run
from services.merchants.models import Branch, Clerk, Merchant, Trade
from services.merchants.types import Branch as BranchView
from services.merchants.types import BranchId, ClerkId, Colleague, Counter, MerchantId, OpenHours, Post, Shop, TradeCode
from services.merchants.types import Trade as TradeView
from services.unions import queries as unions
from services.unions.types import Place, UnionPath


def counters() -> Rows:
    """The facts of `Counter` for every clerk, by clerk_id, for a join."""
    return (
        select(
            Clerk.id.label("clerk_id"),
            Clerk.name.label("clerk_name"),
            Clerk.left_at,
            Clerk.owner,
            Branch.id.label("branch_id"),
            Branch.name.label("branch_name"),
            Branch.closed_at,
            Merchant.id.label("merchant_id"),
            Merchant.name.label("merchant_name"),
            Merchant.agreement_from,
            Merchant.agreement_until,
            Merchant.suspended_on,
        )
        .join(Branch, Branch.id == Clerk.branch_id)
        .join(Merchant, Merchant.id == Branch.merchant_id)
    )


def counter_of(row: Any) -> Counter:
    """Reads the columns of `counters` off a joined row."""
    return Counter(
        MerchantId(row.merchant_id),
        row.merchant_name,
        row.branch_name,
        row.clerk_name,
        row.agreement_from,
        row.agreement_until,
        row.suspended_on,
        row.closed_at is not None,
        row.left_at is not None,
    )


_COUNTER = counters().where(Clerk.id == bindparam("clerk_id"))


def counter(clerk_id: uuid.UUID) -> Counter:
    return counter_of(run(_COUNTER, {"clerk_id": clerk_id}).one())


def open_on(day: datetime.date) -> Rows:
    """merchant_id, merchant_name, trade, trade_name, trade_icon of the shops that take cards then, for a join."""
    return (
        select(
            Merchant.id.label("merchant_id"),
            Merchant.name.label("merchant_name"),
            Merchant.trade,
            Trade.name.label("trade_name"),
            Trade.icon.label("trade_icon"),
        )
        .join(Trade, Trade.code == Merchant.trade)
        .where(taking_cards(day))
    )


def trade_of(row: Any) -> TradeView:
    """Reads the columns of `open_on` off a joined row."""
    return TradeView(TradeCode(row.trade), row.trade_name, row.trade_icon)


def trades() -> list[TradeView]:
    """All of them, in their order."""
    rows = db.session.scalars(select(Trade).order_by(Trade.position, Trade.code))
    return [trade_view(row) for row in rows]


def trade_view(row: Trade) -> TradeView:
    return TradeView(TradeCode(row.code), row.name, row.icon)


def taking_cards(day: datetime.date) -> ColumnElement[bool]:
    """The SQL twin of rules.may_take_cards, for a shop: its agreement runs and one branch at least is open."""
    branch = aliased(Branch)
    return and_(
        Merchant.agreement_from <= day,
        Merchant.agreement_until >= day,
        or_(Merchant.suspended_on.is_(None), Merchant.suspended_on > day),
        exists().where(branch.merchant_id == Merchant.id, branch.closed_at.is_(None)),
    )


def is_partner(merchant_id: uuid.UUID, *, on: datetime.date) -> bool:
    """Does this shop take cards on that day, at one branch at least?"""
    return db.session.scalar(select(Merchant.id).where(Merchant.id == merchant_id, taking_cards(on))) is not None


def names() -> Rows:
    """branch_id, branch_name, merchant_id, merchant_name, for a join."""
    return select(
        Branch.id.label("branch_id"),
        Branch.name.label("branch_name"),
        Merchant.id.label("merchant_id"),
        Merchant.name.label("merchant_name"),
        Merchant.trade,
    ).join(Merchant, Merchant.id == Branch.merchant_id)


def hands() -> Rows:
    """clerk_id, account_id, merchant_id of everybody who scans or scanned at a shop, for a join."""
    return select(Clerk.id.label("clerk_id"), Clerk.account_id, Branch.merchant_id).join(
        Branch, Branch.id == Clerk.branch_id
    )


def federations() -> Rows:
    """merchant_id, merchant_name, federation_id, federation_path of every shop, for a join."""
    union = unions.unions().subquery("federation")
    return select(
        Merchant.id.label("merchant_id"),
        Merchant.name.label("merchant_name"),
        union.c.union_id.label("federation_id"),
        union.c.union_path.label("federation_path"),
    ).join(union, union.c.union_id == Merchant.union_id)


def federation_of(merchant_id: uuid.UUID) -> UnionPath:
    """The path of the federation that the shop's agreement is with."""
    shop = federations().subquery()
    return UnionPath(db.session.scalars(select(shop.c.federation_path).where(shop.c.merchant_id == merchant_id)).one())


def shops(
    *, on: datetime.date, trade: TradeCode | None = None, among: Sequence[MerchantId] | None = None
) -> list[Shop]:
    """Every shop that takes cards on that day, with its open branches, by trade and age; or those `among`.

    One statement.
    """
    query = (
        select(Merchant, Branch, Trade)
        .join(Branch, Branch.merchant_id == Merchant.id)
        .join(Trade, Trade.code == Merchant.trade)
        .where(taking_cards(on), Branch.closed_at.is_(None))
        .order_by(Trade.position, Merchant.trade, Merchant.id, Branch.id)
    )
    if trade:
        query = query.where(Merchant.trade == trade)
    if among is not None:
        query = query.where(Merchant.id.in_(among))
    grouped = groupby(db.session.execute(query).all(), key=lambda row: (row[0], row[2]))
    return [
        Shop(
            MerchantId(merchant.id),
            merchant.name,
            trade_view(trade),
            tuple(branch_of(branch) for _, branch, _ in rows),
            merchant.about,
        )
        for (merchant, trade), rows in grouped
    ]


def branch_of(branch: Branch) -> BranchView:
    place = (
        Place(branch.latitude, branch.longitude)
        if branch.latitude is not None and branch.longitude is not None
        else None
    )
    hours = tuple(OpenHours(weekday, Hours(begin, until)) for weekday, begin, until in branch.hours or ())
    return BranchView(BranchId(branch.id), branch.name, branch.address, branch.phone, place, hours)


def clerk_actor(clerk_id: uuid.UUID) -> ClerkActor:
    row = db.session.execute(
        select(Clerk.account_id, Clerk.branch_id, Branch.merchant_id)
        .join(Branch, Branch.id == Clerk.branch_id)
        .where(Clerk.id == clerk_id)
    ).one()
    return ClerkActor(AccountId(row.account_id), clerk_id, row.branch_id, row.merchant_id)


def clerks_of_account(account_id: AccountId) -> list[Post]:
    """Where this person may stand at a till now, the newest first."""
    rows = db.session.execute(
        counters().where(Clerk.account_id == account_id, Clerk.left_at.is_(None)).order_by(Clerk.id.desc())
    )
    return [Post(ClerkId(row.clerk_id), row.merchant_name, row.branch_name, row.owner) for row in rows]


def is_owner(clerk_id: uuid.UUID) -> bool:
    return bool(db.session.scalar(select(Clerk.owner).where(Clerk.id == clerk_id, Clerk.left_at.is_(None))))


def clerks_of_merchant(merchant_id: uuid.UUID) -> list[Colleague]:
    """Everybody who may scan at this shop, by branch."""
    rows = db.session.execute(
        select(Clerk.id, Clerk.name, Clerk.owner, Branch.id.label("branch_id"), Branch.name.label("branch_name"))
        .join(Branch, Branch.id == Clerk.branch_id)
        .where(Branch.merchant_id == merchant_id, Clerk.left_at.is_(None))
        .order_by(Branch.id, Clerk.id)
    )
    return [Colleague(ClerkId(row.id), row.name, row.owner, BranchId(row.branch_id), row.branch_name) for row in rows]


def branches_of(merchant_id: uuid.UUID) -> list[BranchView]:
    """The open branches of a shop."""
    rows = db.session.scalars(
        select(Branch).where(Branch.merchant_id == merchant_id, Branch.closed_at.is_(None)).order_by(Branch.id)
    )
    return [branch_of(row) for row in rows]


def first_clerk() -> ClerkActor | None:
    """The clerk who has been here longest: the demo's persona."""
    clerk_id = db.session.scalar(select(Clerk.id).where(Clerk.left_at.is_(None)).order_by(Clerk.id).limit(1))
    return clerk_actor(clerk_id) if clerk_id else None


def place(branch_id: uuid.UUID) -> Any:
    """merchant_name and branch_name of a branch."""
    return db.session.execute(names().where(Branch.id == branch_id)).one()
