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
from services.notifications.sending import NO_CONSENT, UNTRIED
from services.notifications.service import effects
from services.notifications.service.delivering import LEASE
from services.notifications.types import OPEN, Channel, DeliveryId, DeliveryStatus

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
_OPEN = Delivery.status.in_(OPEN)
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
    What failed for good, or too often, frees the next step of its message's ladder at once. A 43101 ends whatever else
    is open under its consent (`end`). Locks, each in the order of their ids, the messages of what may have failed, the
    deliveries, and the consents that they hold.
    """
    results = [_short(result) for result in results]
    denied = [result.id for result in results if result.effect is Effect.NO_CREDIT]
    held = select(Delivery.credit_id).where(among(Delivery.id, denied), Delivery.credit_id.is_not(None))
    beside = _under(set(db.session.scalars(held))) if denied else []
    rows = _rows([result.id for result in results if result.status is not DeliveryStatus.SENT] + beside,
                 [result.id for result in results] + beside)  # fmt: skip
    known = [result for result in results if result.id in rows and _news(result, rows[result.id].status)]
    ended = {rows[result.id].credit_id for result in known if result.effect is Effect.NO_CREDIT}
    _write(known, rows, {one for one in ended if one}, now)


def end(credit_ids: Collection[uuid.UUID], *, now: datetime.datetime) -> None:
    """These consents are over; the caller writes that into the ledger afterwards, in the same transaction.

    What waits under them is closed, with its message's ladder freed. What is being sent at this moment holds nothing
    any more: whatever becomes of it, it takes and gives back no consent that is granted later. Locks as `record`.
    """
    beside = _under(credit_ids)
    _write([], _rows(beside, beside), set(credit_ids), now)


def _under(credit_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Every open delivery that holds one of these consents. A moment later a plan may have opened another one: then
    that one brings the next 43101."""
    if not credit_ids:
        return []
    return list(db.session.scalars(select(Delivery.id).where(among(Delivery.credit_id, credit_ids), _OPEN)))


def _rows(messages_of: Collection[uuid.UUID], ids: Collection[uuid.UUID]) -> dict[uuid.UUID, _Row]:
    _lock_messages(messages_of)
    return _locked(ids)


def _write(
    results: Sequence[Result], rows: Mapping[uuid.UUID, _Row], ended: Collection[uuid.UUID], now: datetime.datetime
) -> None:
    """`results` that are news, and what their ends of consents do to the other `rows`."""
    told = {result.id for result in results}
    beside = [row for row in rows.values() if row.id not in told and row.status in OPEN and row.credit_id in ended]
    waiting = [row.id for row in beside if row.status is DeliveryStatus.CREATED]
    known = [_closed(result, rows[result.id], ended) for result in results]
    known += [Result(DeliveryId(one), DeliveryStatus.PERMANENT_FAILURE, NO_CONSENT) for one in waiting]
    final = [(result, _final(result, rows[result.id])) for result in known]
    _mark([(result, status) for result, status in final if status is not DeliveryStatus.CREATED], now)
    _again([result for result, status in final if status is DeliveryStatus.CREATED], now)
    in_flight = [row for row in beside if row.status is DeliveryStatus.SENDING]
    _settle([one for one in final if rows[one[0].id].status in OPEN], rows, in_flight, now)
    effects.apply([(result, rows[result.id]) for result in known], now=now)
    effects.free_ladder([rows[result.id].inbox_id for result, status in final if status in FAILED], now=now)
    _count(final, rows, now)


def _closed(result: Result, row: _Row, ended: Collection[uuid.UUID]) -> Result:
    """What would be tried again under a consent that is over is not."""
    over = Channel(row.channel).of_consent and (row.credit_id is None or row.credit_id in ended)
    if result.status is DeliveryStatus.CREATED and over:
        return replace(result, status=DeliveryStatus.PERMANENT_FAILURE, reason=NO_CONSENT)
    return result


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


def _settle(
    final: Sequence[Ended], rows: Mapping[uuid.UUID, _Row], cut_off: Sequence[_Row], now: datetime.datetime
) -> None:
    """Consents: spent where the channel used one up or nobody knows; kept for another try; given back otherwise.

    What is cut off is in flight under a consent that is over: it holds none from now on.
    """
    spent: list[uuid.UUID] = []
    back = [row.credit_id for row in cut_off if row.credit_id]
    if cut_off:
        loose = update(Delivery).where(among(Delivery.id, [row.id for row in cut_off]))
        db.session.execute(loose.values(credit_id=None).execution_options(synchronize_session=False))
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
