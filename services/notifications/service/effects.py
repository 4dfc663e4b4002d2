"""What a channel's no changes beside the delivery: who follows, which addresses are left alone, pauses."""

import datetime
import random
import uuid
from collections.abc import Collection, Sequence
from typing import Any, Protocol

import structlog
from sqlalchemy import ColumnElement, and_, case, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from services.core.calendar import DAY, day_start, local_date
from services.core.db import db
from services.notifications import consents
from services.notifications.models import Block, ChannelTemplate, Follower, InboxMessage, Pause
from services.notifications.ports import PAUSES, Effect, Result
from services.notifications.sending import BREAKER
from services.notifications.types import Channel, DeliveryStatus

log = structlog.get_logger("gonghui.notifications")
BREAKER_FIRST, BREAKER_LONGEST = 30, 600
"""Seconds that a channel is left alone after it gave no answers; doubled each time in a row."""


class Row(Protocol):
    @property
    def channel(self) -> str: ...
    @property
    def credit_id(self) -> uuid.UUID | None: ...
    @property
    def address_index(self) -> bytes | None: ...
    @property
    def template_id(self) -> uuid.UUID | None: ...
    @property
    def asked_at(self) -> datetime.datetime | None: ...


def apply(results: Sequence[tuple[Result, Row]], *, now: datetime.datetime) -> None:
    """Does what the results call for, beside the deliveries themselves. Twice does no more than once."""
    lost = [row.credit_id for result, row in results if result.effect is Effect.NO_CREDIT and row.credit_id]
    consents.lose(lost, now=now)
    _unfollow([row for result, row in results if result.effect is Effect.NOT_FOLLOWING], now)
    blocked = {
        (row.channel, row.address_index): result.reason or ""
        for result, row in results
        if row.address_index and _refused_for_good(result, row)
    }
    for (channel, address), reason in sorted(blocked.items()):
        new = insert(Block).values(channel=channel, address_index=address, reason=reason, since=now)
        db.session.execute(new.on_conflict_do_nothing())
    pauses = {
        (row.channel, _subject(result, row)): (result, row)
        for result, row in results
        if result.effect in PAUSES or result.reason == BREAKER
    }
    for (channel, subject), (result, _) in sorted(pauses.items(), key=lambda pair: pair[0]):
        pause(channel, subject, effect=result.effect, reason=result.reason, now=now)
    for channel in sorted({row.channel for result, row in results if result.status is DeliveryStatus.SENT}):
        over = delete(Pause).where(Pause.channel == channel, Pause.until <= now)
        db.session.execute(over)


def _refused_for_good(result: Result, row: Row) -> bool:
    """43101 of what needs no consent: the reader switched it off at the platform."""
    switched_off = result.effect is Effect.NO_CREDIT and not Channel(row.channel).of_consent
    return result.effect is Effect.BLOCK_ADDRESS or switched_off


def release(channel: str, subject: str = "") -> None:
    """Lets a channel, or one template of it, go on: somebody has mended the cause."""
    db.session.execute(delete(Pause).where(Pause.channel == channel, Pause.subject == subject))


def free_ladder(inbox_ids: Collection[uuid.UUID], *, now: datetime.datetime) -> None:
    """A channel is of no use for these messages: what is not read yet takes its next step now."""
    if inbox_ids:
        waiting = or_(InboxMessage.next_step_at.is_(None), InboxMessage.next_step_at > now)
        unread = and_(InboxMessage.id.in_(set(inbox_ids)), InboxMessage.read_at.is_(None), waiting)
        db.session.execute(update(InboxMessage).where(unread).values(next_step_at=now))


def _subject(result: Result, row: Row) -> str:
    if result.effect is not Effect.PAUSE_TEMPLATE or row.template_id is None:
        return ""
    found = db.session.scalar(select(ChannelTemplate.platform_id).where(ChannelTemplate.id == row.template_id))
    return found or ""


def paused(channel: str, *, now: datetime.datetime) -> bool:
    """Is the whole channel left alone now?"""
    query = select(Pause.channel).where(
        Pause.channel == channel, Pause.subject == "", or_(Pause.until.is_(None), Pause.until > now)
    )
    return db.session.scalar(query) is not None


def pause(channel: str, subject: str, *, effect: Effect, reason: str | None, now: datetime.datetime) -> None:
    """A pause that is longer already stays. An operator is told in the log: `report` repeats what still stands."""
    until: datetime.datetime | ColumnElement[datetime.datetime] | None = None
    breaker, reason = reason == BREAKER, reason or effect.value
    if effect is Effect.PAUSE_UNTIL_MIDNIGHT:
        until = day_start(local_date(now) + DAY)
    elif effect is Effect.PAUSE_MINUTE:
        until = now.replace(second=0, microsecond=0) + datetime.timedelta(seconds=60 + random.uniform(0, 10))  # noqa: S311
    elif breaker:
        until = now + datetime.timedelta(seconds=BREAKER_FIRST)
    new = insert(Pause).values(channel=channel, subject=subject, until=until, reason=reason, since=now, times=1)
    longer: Any = until
    times: ColumnElement[int] = Pause.times + 1
    if breaker:
        # Batches that were under way together trip together: they count once.
        over = Pause.until <= now
        times = Pause.times + case((over, 1), else_=0)
        seconds = func.least(BREAKER_FIRST * func.power(2, times - 1), BREAKER_LONGEST)
        longer = new.excluded.since + func.make_interval(0, 0, 0, 0, 0, 0, seconds)
    # No end at all is the longest; greatest() would pass over it.
    kept = case((Pause.until.is_(None), None), else_=func.greatest(Pause.until, longer)) if until else None
    db.session.execute(
        new.on_conflict_do_update(
            index_elements=[Pause.channel, Pause.subject],
            set_={
                "until": kept,
                "reason": case((Pause.until.is_(None), Pause.reason), else_=new.excluded.reason),
                "times": times,
            },
        )
    )
    log.error("channel paused", channel=channel, template=bool(subject), reason=reason, ends=until is not None)


def _unfollow(rows: Sequence[Row], now: datetime.datetime) -> None:
    """Whoever the platform calls no follower is none until a subscribe event says otherwise.

    As of the moment of the question, in whole seconds like the platform's own: who followed since then does follow.
    """
    asked = {row.address_index: (row.asked_at or now).replace(microsecond=0) for row in rows if row.address_index}
    if not asked:
        return
    provider = select(ChannelTemplate.provider).where(ChannelTemplate.id.in_([row.template_id for row in rows]))
    appid = db.session.scalars(provider.limit(1)).one()
    new = insert(Follower).values(
        [
            {"appid": appid, "openid_index": address, "following": False, "changed_at": at}
            for address, at in sorted(asked.items())
        ]
    )
    db.session.execute(
        new.on_conflict_do_update(
            index_elements=[Follower.appid, Follower.openid_index],
            set_={"following": False, "changed_at": new.excluded.changed_at},
            where=Follower.changed_at < new.excluded.changed_at,
        )
    )
