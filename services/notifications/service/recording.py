"""Writes down what became of a batch: deliveries, consents, and what a channel's no changes beside them."""

import datetime
import uuid
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ARRAY, TableValuedAlias, Uuid, case, column, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.types import Float, String, TypeEngine

from services.core.db import among, db
from services.notifications import consents
from services.notifications.models import Delivery, InboxMessage, SendingHour
from services.notifications.ports import Effect, Result
from services.notifications.sending import UNTRIED
from services.notifications.service import effects
from services.notifications.service.delivering import LEASE
from services.notifications.types import OPEN, DeliveryStatus

MOST_ATTEMPTS = 8
FIRST_WAIT, LONGEST_WAIT = 60, 3600
"""Seconds from a failed attempt to the next: a minute, doubled each time, an hour at most, less up to a half at random,
so that what failed together does not come back together. Eight attempts take one to two hours."""
SOON = 2
"""Seconds until the next try where two sends to one person met (43108)."""
HALVES = (100, 300, 1000, 3000)
"""Milliseconds: the buckets of a channel's latency."""
LONGEST_REASON, LONGEST_NUMBER = 60, 64
"""Characters of the columns."""
Ended = tuple[Result, DeliveryStatus]
FAILED = (DeliveryStatus.TEMPORARY_FAILURE, DeliveryStatus.PERMANENT_FAILURE, DeliveryStatus.TECHNICAL_FAILURE)


@dataclass(frozen=True)
class _Row:
    """A delivery as it stands before it is marked."""

    id: uuid.UUID
    inbox_id: uuid.UUID
    channel: str
    status: DeliveryStatus
    attempts: int
    credit_id: uuid.UUID | None
    address_index: bytes | None
    template_id: uuid.UUID | None
    leased_until: datetime.datetime | None

    @property
    def asked_at(self) -> datetime.datetime | None:
        """When its sender took it."""
        return self.leased_until - LEASE if self.leased_until else None


def record(results: Sequence[Result], *, now: datetime.datetime) -> None:
    """Marks a batch and does what its results call for.

    Of a delivery that was closed meanwhile only what is news counts (`_news`); the same results again do nothing.
    What failed for good, or too often, frees the next step of its message's ladder at once. Locks, each in the order
    of their ids, the messages of what may have failed, the deliveries, and the consents that they hold.
    """
    results = [_short(result) for result in results]
    _lock_messages([result.id for result in results if result.status is not DeliveryStatus.SENT])
    rows = _locked([result.id for result in results])
    known = [result for result in results if result.id in rows and _news(result, rows[result.id].status)]
    final = [(result, _final(result, rows[result.id])) for result in known]
    _mark([(result, status) for result, status in final if status is not DeliveryStatus.CREATED], now)
    _again([result for result, status in final if status is DeliveryStatus.CREATED], now)
    _settle([one for one in final if rows[one[0].id].status in OPEN], rows, now)
    effects.apply([(result, rows[result.id]) for result in known], now=now)
    effects.free_ladder([rows[result.id].inbox_id for result, status in final if status in FAILED], now=now)
    _count(final, rows, now)


def _short(result: Result) -> Result:
    """As much of an outsider's words as our columns take: one that is longer would undo the whole batch, for ever."""
    reason, number = result.reason or "", result.provider_id or ""
    if len(reason) <= LONGEST_REASON and len(number) <= LONGEST_NUMBER:
        return result
    return replace(
        result, reason=reason[:LONGEST_REASON] or None, provider_id=number if len(number) <= LONGEST_NUMBER else None
    )


_WENT_OUT = frozenset({DeliveryStatus.SENT, DeliveryStatus.DELIVERED, DeliveryStatus.READ})


def _news(result: Result, status: DeliveryStatus) -> bool:
    """Whether a result changes anything: all do while it is open. A sender given up for dead may come back late: that
    it went out is true whatever stands there, and a no ends not knowing. Its consent was settled without it."""
    if status in OPEN:
        return True
    if result.status is DeliveryStatus.SENT:
        return status not in _WENT_OUT
    return status is DeliveryStatus.UNKNOWN and result.status in FAILED


def _lock_messages(ids: Collection[uuid.UUID]) -> None:
    """Before their deliveries: whoever plans or reads a message holds it first."""
    if ids:
        theirs = select(Delivery.inbox_id).where(among(Delivery.id, ids))
        held = select(InboxMessage.id).where(InboxMessage.id.in_(theirs)).order_by(InboxMessage.id)
        db.session.execute(held.with_for_update())


def _locked(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, _Row]:
    query = (
        select(
            Delivery.id, Delivery.inbox_id, Delivery.channel, Delivery.status, Delivery.attempts, Delivery.credit_id,
            Delivery.address_index, Delivery.template_id, Delivery.leased_until,
        )
        .where(among(Delivery.id, ids))
        .order_by(Delivery.id)
        .with_for_update()
    )  # fmt: skip
    return {
        row.id: _Row(
            row.id, row.inbox_id, row.channel, DeliveryStatus(row.status), row.attempts, row.credit_id,
            row.address_index, row.template_id, row.leased_until,
        )
        for row in db.session.execute(query)
    }  # fmt: skip


def _final(result: Result, row: _Row) -> DeliveryStatus:
    """Where the delivery stands after this: a try that failed is the last one when its tries are used up."""
    if result.status is not DeliveryStatus.CREATED or result.reason in UNTRIED:
        return result.status
    return DeliveryStatus.TEMPORARY_FAILURE if row.attempts >= MOST_ATTEMPTS else DeliveryStatus.CREATED


def _mark(done: Sequence[Ended], now: datetime.datetime) -> None:
    if not done:
        return
    table = _table(
        ("id", Uuid, [result.id for result, _ in done]),
        ("status", String, [status.value for _, status in done]),
        ("reason", String, [result.reason for result, _ in done]),
        ("provider_id", String, [result.provider_id for result, _ in done]),
    )
    db.session.execute(
        update(Delivery)
        .where(Delivery.id == table.c.id)
        .values(
            status=table.c.status, reason=table.c.reason, finished_at=now, leased_until=None,
            provider_id=func.coalesce(table.c.provider_id, Delivery.provider_id),
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def _table(*columns: tuple[str, type[TypeEngine[Any]], Sequence[Any]]) -> TableValuedAlias:
    """Rows from an array for each column: one statement text, however many rows, so that it is compiled once."""
    arrays = [literal(list(values), ARRAY(kind)) for _, kind, values in columns]
    named = (column(name, kind) for name, kind, _ in columns)
    return func.unnest(*arrays).table_valued(*named, name="done").render_derived()


def _again(results: Sequence[Result], now: datetime.datetime) -> None:
    """Back to waiting, later each time. What was not tried at all costs no try."""
    if not results:
        return
    untried = [result.id for result in results if result.reason in UNTRIED]
    soon = [result.id for result in results if result.effect is Effect.SOON]
    not_tried = among(Delivery.id, untried)
    longest = func.least(FIRST_WAIT * func.power(2, func.greatest(Delivery.attempts, 1) - 1), LONGEST_WAIT)
    wait = case(
        (among(Delivery.id, soon), literal(SOON, Float)),
        (not_tried, literal(0.0, Float)),
        else_=longest,
    ) * (1 - func.random() / 2)
    reasons = _table(
        ("id", Uuid, [result.id for result in results]), ("reason", String, [result.reason for result in results])
    )
    db.session.execute(
        update(Delivery)
        .where(Delivery.id == reasons.c.id)
        .values(
            status=DeliveryStatus.CREATED, leased_until=None, reason=reasons.c.reason,
            attempts=func.greatest(Delivery.attempts - case((not_tried, 1), else_=0), 0),
            next_try_at=literal(now) + func.make_interval(0, 0, 0, 0, 0, 0, wait),
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip


def _settle(final: Sequence[Ended], rows: Mapping[uuid.UUID, _Row], now: datetime.datetime) -> None:
    """Consents: spent where the channel used one up or nobody knows; kept for another try; given back otherwise."""
    spent: list[uuid.UUID] = []
    back: list[uuid.UUID] = []
    for result, status in final:
        credit_id = rows[result.id].credit_id
        if credit_id is None or status is DeliveryStatus.CREATED:
            continue
        used = result.charged or status in (DeliveryStatus.SENT, DeliveryStatus.UNKNOWN)
        (spent if used else back).append(credit_id)
    consents.hold([*spent, *back])
    consents.spend(spent, now=now)
    consents.give_back(back, now=now)


def _count(final: Sequence[Ended], rows: Mapping[uuid.UUID, _Row], now: datetime.datetime) -> None:
    """The hour's figures, a row for each kind of outcome; in one order, so that two batches do not lock in a circle."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    tally: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
    for result, status in final:
        if result.reason in UNTRIED:
            continue
        outcome = "retry" if status is DeliveryStatus.CREATED else status.value
        took = int(result.took.total_seconds() * 1000)
        counts = tally[rows[result.id].channel, outcome, result.reason or ""]
        counts["count"] += 1
        counts["took_ms"] += took
        for bound in HALVES:
            counts[f"under_{bound}"] += took < bound
    if not tally:
        return
    names = ("count", "took_ms", *(f"under_{bound}" for bound in HALVES))
    new: list[dict[str, Any]] = [
        {"hour": hour, "channel": channel, "outcome": outcome, "reason": reason, **{n: counts[n] for n in names}}
        for (channel, outcome, reason), counts in sorted(tally.items())
    ]
    row = insert(SendingHour).values(new)
    added = {name: getattr(SendingHour, name) + getattr(row.excluded, name) for name in names}
    key = [SendingHour.hour, SendingHour.channel, SendingHour.outcome, SendingHour.reason]
    db.session.execute(row.on_conflict_do_update(index_elements=key, set_=added))
