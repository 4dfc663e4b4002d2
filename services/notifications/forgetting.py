"""What of this package has had its time."""

import datetime

from sqlalchemy import Date, cast, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from services.core import purging
from services.core.db import db
from services.notifications.models import (
    Block,
    Callback,
    CallbackNonce,
    Delivery,
    FollowScene,
    InboxMessage,
    LocalMessage,
    Told,
)
from services.notifications.types import Channel

INBOX_KEPT = datetime.timedelta(days=30)
"""Where an installation has set nothing else."""
DELIVERIES_KEPT = datetime.timedelta(days=183)
CALLBACKS_KEPT = datetime.timedelta(days=7)
NONCES_KEPT = datetime.timedelta(hours=1)
LOCAL_KEPT = datetime.timedelta(days=1)
BLOCKS_KEPT = datetime.timedelta(days=90)
"""By then a number that was dead may be somebody's again: operators hand it on after about so long."""


def purge_inbox(now: datetime.datetime, *, age: datetime.timedelta = INBOX_KEPT) -> int:
    """Forgets a batch of messages of this age; how many were told and read stays. Run it until it returns 0."""
    old = InboxMessage.id < purging.key_of(now - age)
    batch = purging.held_once(select(InboxMessage.id).where(old).order_by(InboxMessage.id).limit(purging.BATCH))
    gone = (
        delete(InboxMessage)
        .where(InboxMessage.id.in_(select(batch.c.id)))
        .returning(InboxMessage.created_at, InboxMessage.template, InboxMessage.read_at)
        .cte("gone")
    )
    day = cast(func.timezone("Asia/Shanghai", gone.c.created_at), Date)
    rows = db.session.execute(
        select(day.label("day"), gone.c.template, func.count().label("told"), func.count(gone.c.read_at).label("read"))
        .group_by(day, gone.c.template)
        .order_by(day, gone.c.template)
    ).all()
    if not rows:
        return 0
    kept = insert(Told).values([row._asdict() for row in rows])
    db.session.execute(
        kept.on_conflict_do_update(
            index_elements=[Told.day, Told.template],
            set_={"told": Told.told + kept.excluded.told, "read": Told.read + kept.excluded.read},
        )
    )
    return sum(row.told for row in rows)


def purge_deliveries(now: datetime.datetime) -> int:
    """Forgets a batch of old deliveries; returns how many. Run it until it returns 0."""
    return purging.forget_made(Delivery.id, before=now - DELIVERIES_KEPT)


def purge_callbacks(now: datetime.datetime) -> int:
    """Forgets a batch of what the platform told us; returns how many. Run it until it returns 0."""
    return purging.forget_made(Callback.id, before=now - CALLBACKS_KEPT)


def purge_nonces(now: datetime.datetime) -> int:
    """Forgets a batch of requests that are too old to be taken again. Run it until it returns 0."""
    return purging.forget(CallbackNonce.seen_at, before=now - NONCES_KEPT)


def purge_scenes(now: datetime.datetime) -> int:
    """Forgets a batch of QR codes that nobody followed by. Run it until it returns 0."""
    return purging.forget(FollowScene.expires_at, before=now)


def purge_blocks(now: datetime.datetime) -> int:
    """Forgets a batch of phones that were dead long ago; what WeChat refused stays. Run it until it returns 0."""
    return purging.forget(Block.since, before=now - BLOCKS_KEPT, which=Block.channel == Channel.SMS)


def purge_local(now: datetime.datetime) -> int:
    """Forgets a batch of what the local platform showed. Run it until it returns 0."""
    return purging.forget_made(LocalMessage.id, before=now - LOCAL_KEPT)
