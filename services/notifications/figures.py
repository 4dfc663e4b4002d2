"""What the channels did, by hour and by day, and what was read of it: counts, never a name."""

import datetime
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select

from services.core import purging
from services.core.calendar import DAY, day_start, local_date
from services.core.db import db
from services.notifications.models import InboxMessage, SendingHour, Told
from services.notifications.types import Channel, DeliveryStatus

HOUR = datetime.timedelta(hours=1)
HOURS, DAYS = 48, 30
BUCKETS = (100, 300, 1000, 3000)
"""Milliseconds: up to these a channel's latency is counted apart."""
RETRY = "retry"
"""The outcome of an attempt that will be repeated."""
FAILED = frozenset(
    {
        DeliveryStatus.TEMPORARY_FAILURE.value, DeliveryStatus.PERMANENT_FAILURE.value,
        DeliveryStatus.TECHNICAL_FAILURE.value, DeliveryStatus.UNKNOWN.value,
    }
)  # fmt: skip
"""Outcomes that count as failed. Of UNKNOWN nobody knows, so it is not called sent."""


@dataclass(frozen=True)
class Sent:
    sent: int = 0
    failed: int = 0

    def __add__(self, other: "Sent") -> "Sent":
        return Sent(self.sent + other.sent, self.failed + other.failed)


@dataclass(frozen=True)
class Span:
    """One hour or one day in China, and what each channel did in it; a channel that is not there did nothing."""

    begins_at: datetime.datetime
    by_channel: Mapping[Channel, Sent] = field(default_factory=dict)

    def of(self, channel: Channel) -> Sent:
        return self.by_channel.get(channel, Sent())


@dataclass(frozen=True)
class Failures:
    channel: Channel
    outcome: str
    reason: str
    count: int


@dataclass(frozen=True)
class Read:
    """How many messages of one kind stood in inboxes, and how many of them were opened."""

    template: str
    told: int
    read: int


@dataclass(frozen=True)
class Counted:
    """One kind of outcome over all hours. `under`: how many took less than each of BUCKETS."""

    channel: Channel
    outcome: str
    reason: str
    count: int
    took_ms: int
    under: tuple[int, ...]


def hours(*, now: datetime.datetime) -> list[Span]:
    """The last HOURS hours, this one included, one after another. One statement."""
    last = now.replace(minute=0, second=0, microsecond=0)
    begins = [last - HOUR * back for back in range(HOURS - 1, -1, -1)]
    found = _by_hour(begins[0])
    return [Span(begin, found.get(begin, {})) for begin in begins]


def days(*, now: datetime.datetime) -> list[Span]:
    """The last DAYS days in China, today included, one after another. One statement."""
    today = local_date(now)
    begins = [day_start(today - DAY * back) for back in range(DAYS - 1, -1, -1)]
    found: dict[datetime.datetime, dict[Channel, Sent]] = defaultdict(dict)
    for hour, by_channel in _by_hour(begins[0]).items():
        day = found[day_start(local_date(hour))]
        for channel, sent in by_channel.items():
            day[channel] = day.get(channel, Sent()) + sent
    return [Span(begin, found.get(begin, {})) for begin in begins]


def failures(*, since: datetime.datetime, most: int = 30) -> list[Failures]:
    """What went wrong and why, the commonest first; attempts that will be repeated among it. One statement."""
    number = func.sum(SendingHour.count)
    query = (
        select(SendingHour.channel, SendingHour.outcome, SendingHour.reason, number.label("number"))
        .where(SendingHour.hour >= since, SendingHour.outcome.in_({*FAILED, RETRY}))
        .group_by(SendingHour.channel, SendingHour.outcome, SendingHour.reason)
        .order_by(number.desc(), SendingHour.channel, SendingHour.reason)
        .limit(most)
    )
    return [Failures(Channel(row.channel), row.outcome, row.reason, row.number) for row in db.session.execute(query)]


def read_share(*, now: datetime.datetime) -> list[Read]:
    """Of the last DAYS days, by kind of message, the commonest first: what stands in inboxes and what went from them.

    Test messages do not count. Two statements.
    """
    first = local_date(now) - (DAYS - 1) * DAY
    found: dict[str, tuple[int, int]] = {}
    kept = (
        select(InboxMessage.template, func.count().label("told"), func.count(InboxMessage.read_at).label("read"))
        .where(InboxMessage.id >= purging.key_of(day_start(first)), ~InboxMessage.facts.has_key("test"))
        .group_by(InboxMessage.template)
    )
    gone = (
        select(Told.template, func.sum(Told.told).label("told"), func.sum(Told.read).label("read"))
        .where(Told.day >= first)
        .group_by(Told.template)
    )
    for query in (kept, gone):
        for row in db.session.execute(query):
            told, read = found.get(row.template, (0, 0))
            found[row.template] = told + row.told, read + row.read
    lines = [Read(template, told, read) for template, (told, read) in found.items()]
    return sorted(lines, key=lambda line: (-line.told, line.template))


def _by_hour(since: datetime.datetime) -> dict[datetime.datetime, dict[Channel, Sent]]:
    query = (
        select(SendingHour.hour, SendingHour.channel, SendingHour.outcome, func.sum(SendingHour.count).label("number"))
        .where(SendingHour.hour >= since)
        .group_by(SendingHour.hour, SendingHour.channel, SendingHour.outcome)
    )
    found: dict[datetime.datetime, dict[Channel, Sent]] = defaultdict(dict)
    for row in db.session.execute(query):
        channel = Channel(row.channel)
        one = Sent(failed=row.number) if row.outcome in FAILED else Sent(sent=row.number)
        if row.outcome in FAILED or row.outcome == DeliveryStatus.SENT:
            found[row.hour][channel] = found[row.hour].get(channel, Sent()) + one
    return found


def counted() -> list[Counted]:
    """Everything that channels did in the hours that are kept, by outcome and reason. One statement."""
    names = ("count", "took_ms", *(f"under_{bound}" for bound in BUCKETS))
    sums = [func.sum(getattr(SendingHour, name)).label(name if name != "count" else "number") for name in names]
    key = (SendingHour.channel, SendingHour.outcome, SendingHour.reason)
    return [
        Counted(
            Channel(row.channel), row.outcome, row.reason, row.number, row.took_ms,
            tuple(getattr(row, f"under_{bound}") for bound in BUCKETS),
        )
        for row in db.session.execute(select(*key, *sums).group_by(*key).order_by(*key))
    ]  # fmt: skip
