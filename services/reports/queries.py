"""Figures for officers. `scope` is the subtree of unions whose members count; it may lag a read replica."""

import datetime

from sqlalchemy import extract, func, select

from services.core.calendar import SHANGHAI, day_bounds
from services.core.db import Rows, db
from services.core.paging import Page, PageRequest
from services.members import queries as members
from services.members.rules import masked_name
from services.merchants import queries as merchants
from services.redemptions import queries as redemptions
from services.reports import sums
from services.reports.types import DayFigures, DayRow, HourFigure
from services.unions.queries import in_subtree
from services.unions.types import UnionPath


def day_figures(*, scope: UnionPath, day: datetime.date) -> DayFigures:
    """Two statements: the sums, and the count of each hour."""
    rows = _of_day(scope, day).subquery()
    used = func.count(rows.c.member_id.distinct()).filter(sums.stands(rows.c)).label("members")
    row = db.session.execute(select(used, *sums.columns(rows.c))).one()
    total = sums.of(row)
    hour = extract("hour", func.timezone(SHANGHAI.key, rows.c.redeemed_at))
    by_hour = db.session.execute(select(hour, func.count()).where(sums.stands(rows.c)).group_by(hour))
    counts = {int(at): count for at, count in by_hour}
    hours = tuple(HourFigure(at, counts.get(at, 0)) for at in range(24))
    return DayFigures(
        day, total.redemptions, row.members, total.saved_fen, total.unrecorded, total.disputed, hours, total.voided
    )


def day_rows(*, scope: UnionPath, day: datetime.date, request: PageRequest) -> Page[DayRow]:
    """The day's redemptions, newest first. One statement."""
    rows = _of_day(scope, day).subquery()
    found = db.session.execute(request.apply(select(rows), rows.c.redemption_id)).all()
    items = [
        DayRow(
            row.redemption_id, row.redeemed_at, row.merchant_name, row.branch_name, row.offer_title,
            masked_name(row.member_name), row.union_name, row.amount_fen, row.saved_fen,
            row.disputed_at is not None and row.settled_at is None, row.voided_at is not None,
        )
        for row in found
    ]  # fmt: skip
    return request.page(items, [row.redemption_id for row in found])


def _of_day(scope: UnionPath, day: datetime.date) -> Rows:
    begin, end = day_bounds(day)
    done, holder = redemptions.redemptions().subquery("done"), members.holders().subquery("holder")
    place = merchants.names().subquery("place")
    return (
        select(done, holder.c.member_name, holder.c.union_name, place.c.merchant_name, place.c.branch_name)
        .join(holder, holder.c.member_id == done.c.member_id)
        .join(place, place.c.branch_id == done.c.branch_id)
        .where(in_subtree(holder.c.union_path, scope), done.c.redeemed_at >= begin, done.c.redeemed_at < end)
    )
