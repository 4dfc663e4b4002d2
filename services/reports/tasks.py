"""What waits for an officer who looks after shops: read out of the rows themselves, so nothing is lost or doubled."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import func, select

from services.complaints import queries as complaints
from services.core.calendar import DAY, local_date
from services.core.db import Rows, db
from services.merchants import queries as merchants
from services.merchants import records
from services.merchants.types import MerchantId, State
from services.offers import queries as offers
from services.redemptions import queries as redemptions
from services.unions import queries as unions
from services.unions.types import UnionPath

DISPUTES_SINCE = 30 * DAY
"""What nobody looked into for a month is no task any more: the list of disputed receipts still has it."""


class TaskKind(StrEnum):
    """In the order in which they are listed."""

    DISPUTE = "dispute"
    COMPLAINT = "complaint"
    ENDED = "ended"
    ENDING = "ending"
    OFFER = "offer"
    SUSPENDED = "suspended"


@dataclass(frozen=True)
class Task:
    """One thing to do. `subject_id` is the receipt, the complaint, the offer, or else the shop.

    `at` is since when it waits; of an agreement its last day is `on`; `count` are the offers of a suspended shop.
    """

    kind: TaskKind
    merchant_id: MerchantId
    merchant_name: dict[str, str]
    subject_id: uuid.UUID
    at: datetime.datetime | None = None
    on: datetime.date | None = None
    count: int = 0


def tasks(*, scopes: Sequence[UnionPath], now: datetime.datetime) -> list[Task]:
    """Of the shops of these federations: by kind, the oldest first. Five statements."""
    today, found = local_date(now), []
    for kind, query in _timed(now).items():
        rows = db.session.execute(_within(query, scopes).order_by("at"))
        found += [_task(kind, row, row.subject_id, at=row.at) for row in rows]
    shops = _renewals(today)
    for row in db.session.execute(_within(shops, scopes).order_by("agreement_until")):
        kind = TaskKind.ENDED if row.agreement_until < today else TaskKind.ENDING
        found.append(_task(kind, row, row.merchant_id, on=row.agreement_until))
    for row in db.session.execute(_within(_still_giving(today), scopes)):
        found.append(_task(TaskKind.SUSPENDED, row, row.merchant_id, count=row.count))
    order = list(TaskKind)
    return sorted(found, key=lambda task: order.index(task.kind))


def count(*, scopes: Sequence[UnionPath], now: datetime.datetime) -> int:
    """How many there are: as many as `tasks` lists. One statement."""
    today = local_date(now)
    queries = [*_timed(now).values(), _renewals(today), _still_giving(today)]
    counts = [
        select(func.count()).select_from(_within(query, scopes).subquery()).scalar_subquery() for query in queries
    ]
    return db.session.scalar(select(sum(counts[1:], start=counts[0]))) or 0


def _timed(now: datetime.datetime) -> dict[TaskKind, Rows]:
    """merchant_id, subject_id, at of what has waited since a moment."""
    used, told, offered = redemptions.redemptions().subquery(), complaints.open_ones().subquery(), offers.waiting()
    waits = offered.subquery()
    return {
        TaskKind.DISPUTE: select(
            used.c.merchant_id, used.c.redemption_id.label("subject_id"), used.c.disputed_at.label("at")
        ).where(used.c.disputed_at >= now - DISPUTES_SINCE, used.c.settled_at.is_(None), used.c.voided_at.is_(None)),
        TaskKind.COMPLAINT: select(
            told.c.merchant_id, told.c.complaint_id.label("subject_id"), told.c.due_at.label("at")
        ).where(told.c.due_at <= now),
        TaskKind.OFFER: select(
            waits.c.merchant_id, waits.c.offer_id.label("subject_id"), waits.c.drafted_at.label("at")
        ),
    }


def _renewals(today: datetime.date) -> Rows:
    """merchant_id, agreement_until of shops that nobody has signed with again."""
    shop = records.states(today).subquery()
    return select(shop.c.merchant_id, shop.c.agreement_until).where(shop.c.awaits_renewal)


def _still_giving(today: datetime.date) -> Rows:
    """merchant_id, count of suspended shops whose offers are neither held back nor over."""
    shop, offer = records.states(today).subquery(), offers.offers().subquery()
    return (
        select(shop.c.merchant_id, func.count().label("count"))
        .join(offer, offer.c.offer_merchant_id == shop.c.merchant_id)
        .where(shop.c.state == State.SUSPENDED, offer.c.paused_at.is_(None), offer.c.withdrawn_at.is_(None))
        .where(offer.c.ends_on >= today)
        .group_by(shop.c.merchant_id)
    )


def _within(query: Rows, scopes: Sequence[UnionPath]) -> Rows:
    """Only of the shops of these federations, with their names."""
    shop, found = merchants.federations().subquery("shop"), query.subquery("found")
    joined = select(found, shop.c.merchant_name).join(shop, shop.c.merchant_id == found.c.merchant_id)
    return joined.where(unions.in_scopes(shop.c.federation_path, scopes))


def _task(kind: TaskKind, row: Any, subject_id: uuid.UUID, **facts: Any) -> Task:
    return Task(kind, MerchantId(row.merchant_id), row.merchant_name, subject_id, **facts)
