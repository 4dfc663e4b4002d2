"""What outsiders tell us: kept at once, each thing once, and worked on afterwards, once.

A handler says whether it is done. It is not while what it speaks of is not written down yet: an event may come before
the answer of the send that it is about. Then it is tried again, later each time, for a day.
"""

import datetime
import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NewType

import structlog
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.core import outbox
from services.core.crypto import vault
from services.core.db import db
from services.core.ids import uuid7
from services.notifications.bodies import Wrong
from services.notifications.envelope import Incoming
from services.notifications.models import Callback, CallbackNonce
from services.notifications.work import CallbackKept

log = structlog.get_logger("gonghui.callbacks")
CallbackId = NewType("CallbackId", uuid.UUID)
BODY_FIELD = "callbacks.body"
PATIENCE = datetime.timedelta(days=1)
FIRST_WAIT, LONGEST_WAIT = 30, 3600
"""Seconds until something that was not ready is looked at again, doubled each time."""
BATCH = 200


@dataclass(frozen=True)
class Event:
    """One thing that an outsider said, for its handler."""

    #: the app's id, aliyun, tencent
    source: str
    name: str
    body: Mapping[str, Any] = field(repr=False)
    happened_at: datetime.datetime
    now: datetime.datetime

    def text(self, name: str) -> str:
        value = self.body.get(name)
        return value if isinstance(value, str) else ""


Handler = Callable[[Event], bool]
"""True when it is done, or when there is nothing to do; False to be asked again later."""
Handlers = Mapping[str, Handler]
"""Who works on which event."""


def take(incoming: Incoming, *, signature: str, handlers: Handlers, now: datetime.datetime) -> None:
    """Keeps a platform's event that has a handler; anything else leaves no more than its signature's digest.

    The same event again has no effect. Another event under a signature that was used before is a replay: raises
    Wrong, and nothing is kept. At most three statements.
    """
    digest = hashlib.sha256(f"{incoming.appid} {signature}".encode()).digest()
    new = insert(CallbackNonce).values(digest=digest, seen_at=now).on_conflict_do_nothing()
    first = db.session.execute(new.returning(CallbackNonce.digest)).first() is not None
    if incoming.event not in handlers:
        return
    kept = keep(
        source=incoming.appid, event=incoming.event, body=incoming.body, digest=incoming.digest,
        happened_at=incoming.happened_at, now=now,
    )  # fmt: skip
    if kept and not first:
        raise Wrong("replay", forged=True)


def keep(
    *,
    source: str,
    event: str,
    body: Mapping[str, Any],
    digest: bytes,
    happened_at: datetime.datetime,
    now: datetime.datetime,
) -> CallbackId | None:
    """Writes down what a verified outsider said, sealed, and posts CallbackKept. None when it is there already.

    `digest` (32 bytes) is the same each time the same thing is said: of two at once one is kept. Two statements.
    """
    sealed = vault.seal(BODY_FIELD, json.dumps(body, ensure_ascii=False))
    row = insert(Callback).values(
        id=uuid7(), source=source, event=event, event_digest=digest, body=sealed, happened_at=happened_at,
        received_at=now, next_try_at=now + datetime.timedelta(seconds=FIRST_WAIT),
    )  # fmt: skip
    found = db.session.scalar(row.on_conflict_do_nothing().returning(Callback.id))
    if found is None:
        return None
    outbox.post(CallbackKept(found))
    return CallbackId(found)


def work(*, callback_id: CallbackId, handlers: Handlers, now: datetime.datetime) -> None:
    """Works on one, unless that is done. Locks its row until the end: of two at once the second finds it done."""
    query = select(Callback).where(Callback.id == callback_id, Callback.handled_at.is_(None)).with_for_update()
    row = db.session.scalars(query.execution_options(populate_existing=True)).first()
    if row is None:
        return
    event = Event(row.source, row.event, json.loads(vault.unseal(BODY_FIELD, row.body)), row.happened_at, now)
    handler = handlers.get(row.event)
    if handler is None or handler(event):
        _done(callback_id, now)
    else:
        postpone(callback_id=callback_id, now=now)


def due(*, now: datetime.datetime) -> list[CallbackId]:
    """A batch of those that wait for another try, the oldest first."""
    query = select(Callback.id).where(Callback.handled_at.is_(None), Callback.next_try_at <= now)
    return [CallbackId(found) for found in db.session.scalars(query.order_by(Callback.next_try_at).limit(BATCH))]


def postpone(*, callback_id: CallbackId, now: datetime.datetime) -> None:
    """Looks at it again later, after a day no more: what it speaks of is not ours, or was forgotten."""
    query = select(Callback.tries, Callback.received_at, Callback.event).where(
        Callback.id == callback_id, Callback.handled_at.is_(None)
    )
    row = db.session.execute(query.with_for_update()).first()
    if row is None:
        return
    if now - row.received_at > PATIENCE:
        log.warning("callback given up", callback=str(callback_id), event_name=row.event)
        _done(callback_id, now)
        return
    wait = datetime.timedelta(seconds=min(FIRST_WAIT * 2 ** min(row.tries, 10), LONGEST_WAIT))
    one = update(Callback).where(Callback.id == callback_id)
    db.session.execute(one.values(tries=Callback.tries + 1, next_try_at=now + wait))


def _done(callback_id: CallbackId, now: datetime.datetime) -> None:
    db.session.execute(update(Callback).where(Callback.id == callback_id).values(handled_at=now))
