"""Looks for what is worth a look: one statement a kind, over the redemptions of all shops."""

import datetime
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Integer, cast, extract, func, select
from sqlalchemy.types import Date, Time

from services.accounts import queries as accounts
from services.core.calendar import DAY, SHANGHAI, day_start, monday
from services.core.db import db
from services.merchants import queries as merchants
from services.redemptions import queries as redemptions
from services.redemptions.types import Capacity, RedemptionId
from services.signals import rules
from services.signals.types import Kind, Seen


def seen_on(day: datetime.date) -> list[Seen]:
    """Everything that was to be seen on that day in China. Two of the six statements read a month; one more a line."""
    return [
        *_fast(day), *_own_staff(day), *_at_reset(day), *_often(day), *_undone_again(day), *_undone_late(day),
    ]  # fmt: skip


def _standing(first: datetime.date, last: datetime.date) -> Any:
    """Redemptions of these days that were not undone, with their day and second in China."""
    done = redemptions.redemptions().subquery("done")
    local = func.timezone(SHANGHAI.key, done.c.redeemed_at)
    return (
        select(
            done,
            cast(local, Date).label("day"),
            cast(extract("epoch", cast(local, Time)), Integer).label("second"),
        )
        .where(
            done.c.redeemed_at >= day_start(first),
            done.c.redeemed_at < day_start(last + DAY),
            done.c.voided_at.is_(None),
        )
        .subquery("standing")
    )


def _newest(rows: Any, *, until: datetime.datetime | None = None, **which: Any) -> tuple[RedemptionId, ...]:
    """The newest of a line's redemptions: asked for once a line is found, for lines are few."""
    query = select(rows.c.redemption_id).where(*(rows.c[name] == value for name, value in which.items()))
    if until:
        query = query.where(rows.c.redeemed_at <= until)
    found = db.session.scalars(query.order_by(rows.c.redemption_id.desc()).limit(rules.RECEIPTS))
    return tuple(map(RedemptionId, found))


def _fast(day: datetime.date) -> Iterator[Seen]:
    """A clerk's redemptions that were the last of very many within minutes."""
    done, seconds = _standing(day, day), int(rules.FAST_WITHIN.total_seconds())
    time = extract("epoch", done.c.redeemed_at)
    many = func.count().over(partition_by=done.c.clerk_id, order_by=time, range_=(-seconds, 0)).label("many")
    every = select(done, many).subquery()
    counted = select(every).where(every.c.many >= rules.FAST_COUNT).subquery()
    rows = db.session.execute(
        select(
            counted.c.merchant_id, counted.c.branch_id, counted.c.clerk_id,
            func.max(counted.c.many).label("most"), func.max(counted.c.redeemed_at).label("last"),
        )
        .group_by(counted.c.merchant_id, counted.c.branch_id, counted.c.clerk_id)
    )  # fmt: skip
    for row in rows:
        yield Seen(
            kind=Kind.FAST, day=day, merchant_id=row.merchant_id, branch_id=row.branch_id, clerk_id=row.clerk_id,
            facts={"count": row.most, "minutes": seconds // 60},
            redemptions=_newest(done, clerk_id=row.clerk_id, until=row.last),
        )  # fmt: skip


def _own_staff(day: datetime.date) -> Iterator[Seen]:
    """Cards of people who scan, or scanned, at this very shop; `self`: at their own hands."""
    done, bond = _standing(day, day), accounts.bound_members().subquery("bond")
    hand, staff = merchants.hands().subquery("hand"), merchants.hands().subquery("staff")
    theirs = select(staff.c.clerk_id).where(
        staff.c.account_id == bond.c.account_id, staff.c.merchant_id == done.c.merchant_id
    )
    rows = db.session.execute(
        select(
            done.c.merchant_id, done.c.branch_id, done.c.member_id, func.count().label("times"),
            func.count().filter(hand.c.account_id == bond.c.account_id).label("own"),
        )
        .join(bond, bond.c.member_id == done.c.member_id)
        .join(hand, hand.c.clerk_id == done.c.clerk_id)
        .where(theirs.exists())
        .group_by(done.c.merchant_id, done.c.branch_id, done.c.member_id)
    )  # fmt: skip
    for row in rows:
        yield Seen(
            kind=Kind.OWN_STAFF, day=day, merchant_id=row.merchant_id, branch_id=row.branch_id,
            member_id=row.member_id, facts={"count": row.times, "self": row.own},
            redemptions=_newest(done, branch_id=row.branch_id, member_id=row.member_id),
        )  # fmt: skip


def _at_reset(day: datetime.date) -> Iterator[Seen]:
    """A member who was there right after midnight, again and again, and that day too."""
    done = _standing(day - rules.LOOK_BACK + DAY, day)
    night = select(done).where(done.c.second < int(rules.RESET_WITHIN.total_seconds())).subquery()
    days = func.count(night.c.day.distinct())
    rows = db.session.execute(
        select(
            night.c.merchant_id, night.c.branch_id, night.c.member_id, days.label("days"),
            func.min(night.c.second).label("least"),
        )
        .group_by(night.c.merchant_id, night.c.branch_id, night.c.member_id)
        .having(days >= rules.RESET_DAYS, func.max(night.c.day) == day)
    )  # fmt: skip
    for row in rows:
        yield Seen(
            kind=Kind.AT_RESET, day=day, merchant_id=row.merchant_id, branch_id=row.branch_id,
            member_id=row.member_id, facts={"days": row.days, "seconds": row.least},
            redemptions=_newest(night, branch_id=row.branch_id, member_id=row.member_id),
        )  # fmt: skip


def _often(day: datetime.date) -> Iterator[Seen]:
    """A member who came very often to one branch, and that day too: one line a week."""
    done = _standing(day - rules.LOOK_BACK + DAY, day)
    rows = db.session.execute(
        select(
            done.c.merchant_id, done.c.branch_id, done.c.member_id, func.count().label("times"),
            func.count(done.c.day.distinct()).label("days"),
        )
        .group_by(done.c.merchant_id, done.c.branch_id, done.c.member_id)
        .having(func.count() >= rules.OFTEN_COUNT, func.max(done.c.day) == day)
    )  # fmt: skip
    for row in rows:
        yield Seen(
            kind=Kind.OFTEN, day=monday(day), merchant_id=row.merchant_id, branch_id=row.branch_id,
            member_id=row.member_id, facts={"count": row.times, "days": row.days},
            redemptions=_newest(done, branch_id=row.branch_id, member_id=row.member_id),
        )  # fmt: skip


def _undone_again(day: datetime.date) -> Iterator[Seen]:
    """A member whose uses a branch undid again and again, and that day too: one line a week.

    What officers undo is left out: nobody at the shop gains by it.
    """
    done, void = redemptions.redemptions().subquery("done"), redemptions.voids().subquery("void")
    undone = (
        select(done)
        .join(void, void.c.redemption_id == done.c.redemption_id)
        .where(
            done.c.voided_at >= day_start(day - rules.LOOK_BACK + DAY),
            done.c.voided_at < day_start(day + DAY),
            void.c.capacity != Capacity.OFFICER,
        )
        .subquery("undone")
    )
    who = (undone.c.merchant_id, undone.c.branch_id, undone.c.member_id)
    rows = db.session.execute(
        select(*who, func.count().label("times"))
        .group_by(*who)
        .having(func.count() >= rules.AGAIN_COUNT, func.max(undone.c.voided_at) >= day_start(day))
    )
    for row in rows:
        yield Seen(
            kind=Kind.UNDONE_AGAIN, day=monday(day), merchant_id=row.merchant_id, branch_id=row.branch_id,
            member_id=row.member_id, facts={"count": row.times},
            redemptions=_newest(undone, branch_id=row.branch_id, member_id=row.member_id),
        )  # fmt: skip


def _undone_late(day: datetime.date) -> Iterator[Seen]:
    """A shop of which much was undone this week, on a later day than it happened: one line a week."""
    done = redemptions.redemptions().subquery("done")
    undone_on, done_on = (
        cast(func.timezone(SHANGHAI.key, moment), Date) for moment in (done.c.voided_at, done.c.redeemed_at)
    )
    late = (
        select(done)
        .where(done.c.voided_at >= day_start(monday(day)), done.c.voided_at < day_start(day + DAY), undone_on > done_on)
        .subquery("late")
    )
    rows = db.session.execute(
        select(late.c.merchant_id, func.count().label("times"))
        .group_by(late.c.merchant_id)
        .having(func.count() >= rules.LATE_COUNT)
    )
    for row in rows:
        yield Seen(
            kind=Kind.UNDONE_LATE, day=monday(day), merchant_id=row.merchant_id, facts={"count": row.times},
            redemptions=_newest(late, merchant_id=row.merchant_id),
        )  # fmt: skip
