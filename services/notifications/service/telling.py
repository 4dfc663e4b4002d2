"""Writes what is told into inboxes."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from services.core.db import db
from services.core.ids import uuid7
from services.notifications.fanout import FANS
from services.notifications.models import InboxMessage
from services.notifications.templates import TEMPLATES
from services.notifications.types import InboxId


def tell(*, topic: str, message_id: uuid.UUID, payload: Mapping[str, Any], now: datetime.datetime) -> list[InboxId]:
    """Fans one outbox message out to all its inboxes; returns the new rows, which `plan` takes from there.

    Running it twice adds nothing: an inbox row is unique by message and recipient.
    """
    ids, after = tell_part(topic=topic, message_id=message_id, payload=payload, after=None, now=now)
    while after:
        more, after = tell_part(topic=topic, message_id=message_id, payload=payload, after=after, now=now)
        ids += more
    return ids


def tell_part(
    *, topic: str, message_id: uuid.UUID, payload: Mapping[str, Any], after: uuid.UUID | None, now: datetime.datetime
) -> tuple[list[InboxId], uuid.UUID | None]:
    """As `tell`, the next few hundred of a crowd: the new rows, and where to go on; None when all are told.

    A transaction each: a worker that is killed loses one part, and whoever begins again passes over what is there.
    """
    part = FANS[topic](payload, after, now)
    rows = [
        {
            "id": uuid7(),
            "message_id": message_id,
            "recipient_kind": notice.recipient.kind,
            "recipient_id": notice.recipient.id,
            "template": notice.template,
            "version": TEMPLATES[notice.template].version,
            "facts": notice.facts,
            "created_at": now,
            "next_step_at": now if TEMPLATES[notice.template].leaves_the_house else None,
        }
        for notice in part.notices
    ]
    if not rows:
        return [], part.after
    statement = insert(InboxMessage).values(rows).on_conflict_do_nothing().returning(InboxMessage.id)
    return [InboxId(row) for row in db.session.scalars(statement)], part.after
