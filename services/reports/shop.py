"""What an owner sees of his own shop: sums of a day or a month, and each redemption. Members' names are masked."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import cast, func, select
from sqlalchemy.types import Date

from services.core.calendar import DAY, SHANGHAI, day_start
from services.core.db import Rows, db
from services.core.paging import Page, PageRequest
from services.members import queries as members
from services.members.rules import masked_name
from services.merchants import queries as merchants
from services.redemptions import queries as redemptions
from services.redemptions.types import RedemptionId, VoidReason, number_of
from services.reports import sums
from services.reports.sums import Sums
from services.reports.types import At, ShopPeriod, ShopRow


def shop_day(*, merchant_id: uuid.UUID, day: datetime.date) -> ShopPeriod:
    """One day in China. One statement."""
    return _period(merchant_id, day, day)


def shop_month(*, merchant_id: uuid.UUID, month: datetime.date) -> ShopPeriod:
    """The month in which that day lies, with every day that had something. One statement."""
    first = month.replace(day=1)
    return _period(merchant_id, first, (first + 31 * DAY).replace(day=1) - DAY)


def page_of_shop(
    *, merchant_id: uuid.UUID, first: datetime.date, last: datetime.date, request: PageRequest
) -> Page[ShopRow]:
    """The shop's redemptions of these days in China, also the undone ones, newest first. One statement."""
    rows = db.session.execute(request.apply(*_rows(merchant_id, first, last))).all()
    return request.page([_row(row) for row in rows], [row.redemption_id for row in rows])


def rows_of_shop(*, merchant_id: uuid.UUID, first: datetime.date, last: datetime.date) -> list[ShopRow]:
    """All of them, the oldest first: for an export of a month at most. One statement."""
    query, key = _rows(merchant_id, first, last)
    return [_row(row) for row in db.session.execute(query.order_by(key))]


def _within(merchant_id: uuid.UUID, first: datetime.date, last: datetime.date) -> Any:
    done = redemptions.redemptions().subquery("done")
    begin, end = day_start(first), day_start(last + DAY)
    return (
        select(done)
        .where(done.c.merchant_id == merchant_id, done.c.redeemed_at >= begin, done.c.redeemed_at < end)
        .subquery("shop")
    )


def _period(merchant_id: uuid.UUID, first: datetime.date, last: datetime.date) -> ShopPeriod:
    done, clerk = _within(merchant_id, first, last), merchants.counters().subquery("clerk")
    place = merchants.names().subquery("place")
    day = cast(func.timezone(SHANGHAI.key, done.c.redeemed_at), Date).label("day")
    counted = select(day, done.c.branch_id, done.c.clerk_id, *sums.columns(done.c)).group_by(
        day, done.c.branch_id, done.c.clerk_id
    )
    counts = counted.subquery("counts")
    rows = db.session.execute(
        select(counts, clerk.c.clerk_name, place.c.branch_name)
        .join(clerk, clerk.c.clerk_id == counts.c.clerk_id)
        .join(place, place.c.branch_id == counts.c.branch_id)
    ).all()
    days = _grouped(rows, lambda row: row.day)
    # A clerk who has changed branches since stands at both, with what he did there.
    people = _grouped(rows, lambda row: (row.branch_id, row.clerk_id))
    named = {(row.branch_id, row.clerk_id): (row.clerk_name, row.branch_name) for row in rows}
    branches = _grouped(rows, lambda row: row.branch_id)
    branch_names = {row.branch_id: row.branch_name for row in rows}
    return ShopPeriod(
        first,
        last,
        sum((sums.of(row) for row in rows), Sums()),
        tuple((day, days[day]) for day in sorted(days)),
        tuple(At(key, branch_names[key], None, branches[key]) for key in sorted(branches)),
        tuple(At(key[1], named[key][1], named[key][0], people[key]) for key in sorted(people)),
    )


def _grouped(rows: Iterable[Any], key: Callable[[Any], Any]) -> dict[Any, Sums]:
    found: dict[Any, Sums] = defaultdict(Sums)
    for row in rows:
        found[key(row)] += sums.of(row)
    return found


def _rows(merchant_id: uuid.UUID, first: datetime.date, last: datetime.date) -> tuple[Rows, Any]:
    done, holder = _within(merchant_id, first, last), members.holders().subquery("holder")
    clerk, place = merchants.counters().subquery("clerk"), merchants.names().subquery("place")
    void = redemptions.voids().subquery("void")
    query = (
        select(done, holder.c.member_name, place.c.branch_name, clerk.c.clerk_name, void.c.reason)
        .join(holder, holder.c.member_id == done.c.member_id)
        .join(place, place.c.branch_id == done.c.branch_id)
        .join(clerk, clerk.c.clerk_id == done.c.clerk_id)
        .outerjoin(void, void.c.redemption_id == done.c.redemption_id)
    )
    return query, done.c.redemption_id


def _row(row: Any) -> ShopRow:
    return ShopRow(
        id=RedemptionId(row.redemption_id),
        number=number_of(row.redemption_id),
        redeemed_at=row.redeemed_at,
        branch_name=row.branch_name,
        clerk_name=row.clerk_name,
        offer_title=row.offer_title,
        masked_name=masked_name(row.member_name),
        amount_fen=row.amount_fen,
        saved_fen=row.saved_fen,
        pay_fen=row.pay_fen,
        disputed_at=row.disputed_at if row.settled_at is None else None,
        voided_at=row.voided_at,
        void_reason=VoidReason(row.reason) if row.reason else None,
    )
