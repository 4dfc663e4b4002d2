"""What waits and what stands still: for the desk, for /metrics, and for the worker's report."""

import datetime
import uuid
from dataclasses import dataclass

from sqlalchemy import func, or_, select, text

from services.core import outbox
from services.core.db import db
from services.notifications.models import Callback, Delivery, InboxMessage, Pause
from services.notifications.types import Channel, DeliveryStatus

LATE = datetime.timedelta(minutes=10)
"""A message that could go and waits longer than this is worth an alarm."""
_JOBS = text(
    "SELECT status::text AS status, count(*) AS number, min(args ->> 'message_id') AS oldest FROM procrastinate_jobs "
    "WHERE queue_name = :queue AND status IN ('todo', 'doing', 'failed') GROUP BY status"
)


@dataclass(frozen=True)
class Line:
    """So many wait, the oldest since then; nothing waits: 0 and None."""

    count: int = 0
    since: datetime.datetime | None = None

    def age(self, now: datetime.datetime) -> datetime.timedelta:
        return max(now - self.since, datetime.timedelta()) if self.since else datetime.timedelta()


@dataclass(frozen=True)
class Paused:
    """A pause in force: of a channel (`subject` ""), or of one of the platform's templates. `until` None: until
    somebody has mended the cause and says so."""

    #: types.Channel, or notices.mass.CHANNEL
    channel: str
    subject: str
    reason: str
    since: datetime.datetime
    until: datetime.datetime | None


@dataclass(frozen=True)
class Backlog:
    #: messages of the outbox that nobody has been told of yet
    outbox: Line
    #: those whose job failed for the last time
    untold: int
    #: inbox messages whose next step is due
    ladder: Line
    #: deliveries that could go out now, by channel; what waits for the morning or for another try does not count
    channels: dict[Channel, Line]
    #: what outsiders told us and nobody has worked on
    callbacks: Line
    pauses: list[Paused]

    def oldest(self, now: datetime.datetime) -> datetime.timedelta:
        """How long the oldest message of all has been able to go."""
        return max(line.age(now) for line in (self.outbox, self.ladder, *self.channels.values()))


def backlog(*, now: datetime.datetime) -> Backlog:
    """Five statements, whatever waits."""
    jobs = {row.status: row for row in db.session.execute(_JOBS, {"queue": outbox.QUEUE})}
    waiting = [jobs[status] for status in ("todo", "doing") if status in jobs]
    oldest = min((row.oldest for row in waiting if row.oldest), default=None)
    steps = select(func.count(), func.min(InboxMessage.next_step_at)).where(InboxMessage.next_step_at <= now)
    events = select(func.count(), func.min(Callback.received_at)).where(Callback.handled_at.is_(None))
    return Backlog(
        outbox=Line(sum(row.number for row in waiting), _made(oldest) if oldest else None),
        untold=jobs["failed"].number if "failed" in jobs else 0,
        ladder=Line(*db.session.execute(steps).one()),
        channels=waiting_by_channel(now=now),
        callbacks=Line(*db.session.execute(events).one()),
        pauses=pauses(now=now),
    )


def waiting_by_channel(*, now: datetime.datetime) -> dict[Channel, Line]:
    """One statement."""
    query = (
        select(Delivery.channel, func.count().label("number"), func.min(Delivery.next_try_at).label("since"))
        .where(Delivery.status == DeliveryStatus.CREATED, Delivery.next_try_at <= now)
        .group_by(Delivery.channel)
    )
    return {Channel(row.channel): Line(row.number, row.since) for row in db.session.execute(query)}


def pauses(*, now: datetime.datetime) -> list[Paused]:
    """Those in force, the oldest first. One statement."""
    query = select(Pause).where(or_(Pause.until.is_(None), Pause.until > now)).order_by(Pause.since, Pause.channel)
    return [Paused(row.channel, row.subject, row.reason, row.since, row.until) for row in db.session.scalars(query)]


def _made(message_id: str) -> datetime.datetime:
    """A UUIDv7 begins with its time in milliseconds."""
    return datetime.datetime.fromtimestamp((uuid.UUID(message_id).int >> 80) / 1000, datetime.UTC)
