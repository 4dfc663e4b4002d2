"""Receipts of the shops of an officer's federations: looked up by number, day and shop; disputed ones by themselves."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, or_, select

from services.core.calendar import DAY, day_start
from services.core.db import Rows, db
from services.core.errors import NotFound
from services.core.paging import Page, PageRequest
from services.core.purging import key_of
from services.members import queries as members
from services.members.types import MemberId
from services.merchants import queries as merchants
from services.merchants.types import BranchId, MerchantId
from services.redemptions import rules
from services.redemptions.errors import REDEMPTION_UNKNOWN
from services.redemptions.models import Redemption
from services.redemptions.queries.receipts import in_dispute, receipt_view, receipts
from services.redemptions.types import Receipt, RedemptionId
from services.unions import queries as unions
from services.unions.types import UnionPath

_SLACK = 2 * DAY
_LANGUAGES = ("zh", "en")
_NUMBER_DIGITS = 10
"""A receipt's number is the last ten hexadecimal digits of the id."""


@dataclass(frozen=True)
class Case:
    """A receipt as an officer of the shop's federation sees it: the member masked, with the union he is in."""

    receipt: Receipt
    merchant_id: MerchantId
    union_name: dict[str, str]
    clerk_name: str


def disputed(*, scopes: Sequence[UnionPath], request: PageRequest) -> Page[Case]:
    """What members said was not them and nobody has settled or undone, newest first. One statement."""
    return _page(_cases(scopes).where(in_dispute(), Redemption.voided_at.is_(None)), request)


def found(
    *,
    scopes: Sequence[UnionPath],
    first: datetime.date,
    last: datetime.date,
    number: int | None = None,
    shop: str = "",
    request: PageRequest,
) -> Page[Case]:
    """Receipts of these days in China, both included, newest first. One statement.

    `number` as rules.receipt_number reads it; `shop` is part of a shop's or a branch's name. Raises
    Invalid(receipt_days_wrong) for more than 31 days.
    """
    rules.searched_days(first, last)
    begin, end = day_start(first), day_start(last + DAY)
    query = _cases(scopes).where(
        Redemption.redeemed_at >= begin,
        Redemption.redeemed_at < end,
        # An id begins with the time at which it was made: the days as a range of keys, in the order of the list.
        Redemption.id >= key_of(begin - _SLACK),
        Redemption.id < key_of(end + _SLACK),
    )
    if number is not None:
        query = query.where(func.right(cast(Redemption.id, String), _NUMBER_DIGITS) == f"{number:010x}")
    if shop:
        query = query.where(Redemption.branch_id.in_(_branches_named(shop)))
    return _page(query, request)


def case(redemption_id: RedemptionId, *, scopes: Sequence[UnionPath]) -> Case:
    """Raises NotFound(redemption_unknown), also for a shop of another federation."""
    row = db.session.execute(_cases(scopes).where(Redemption.id == redemption_id)).first()
    if row is None:
        raise NotFound(REDEMPTION_UNKNOWN)
    return _case(row)


def last_branch(*, member_id: MemberId, merchant_id: uuid.UUID) -> BranchId | None:
    """Where this member used something of this shop last."""
    query = select(Redemption.branch_id).where(
        Redemption.member_id == member_id, Redemption.merchant_id == merchant_id, Redemption.voided_at.is_(None)
    )
    branch_id = db.session.scalar(query.order_by(Redemption.id.desc()).limit(1))
    return BranchId(branch_id) if branch_id else None


def _cases(scopes: Sequence[UnionPath]) -> Rows:
    shop, home = merchants.federations().subquery("shop"), members.holders().subquery("home")
    counter = merchants.counters().subquery("counter")
    return (
        receipts()
        .add_columns(Redemption.merchant_id, home.c.union_name.label("home_name"), counter.c.clerk_name)
        .join(shop, shop.c.merchant_id == Redemption.merchant_id)
        .join(home, home.c.member_id == Redemption.member_id)
        .join(counter, counter.c.clerk_id == Redemption.clerk_id)
        .where(unions.in_scopes(shop.c.federation_path, scopes))
    )


def _branches_named(words: str) -> Rows:
    place = merchants.names().subquery("named")
    names = [name[one].astext for name in (place.c.merchant_name, place.c.branch_name) for one in _LANGUAGES]
    return select(place.c.branch_id).where(or_(*(_holds(name, words) for name in names)))


def _holds(text: ColumnElement[str], words: str) -> ColumnElement[bool]:
    return func.strpos(func.lower(text), words.lower()) > 0


def _page(query: Rows, request: PageRequest) -> Page[Case]:
    rows = db.session.execute(request.apply(query, Redemption.id)).all()
    return request.page([_case(row) for row in rows], [row[0].id for row in rows])


def _case(row: Any) -> Case:
    return Case(receipt_view(row), MerchantId(row.merchant_id), row.home_name, row.clerk_name)
