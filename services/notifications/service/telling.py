"""Writes what is told into inboxes."""

import datetime
import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import DateTime, Uuid, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB

from services.core.db import run
from services.core.ids import uuid7
from services.notifications.fanout import FANS
from services.notifications.templates import TEMPLATES
from services.notifications.types import InboxId

# One parameter, however many rows: a value of its own for each column takes ten times as long to build.
_WRITE = text("""
    INSERT INTO inbox_messages
        (id, message_id, recipient_kind, recipient_id, template, version, facts, created_at, next_step_at)
    SELECT id, :message_id, recipient_kind, recipient_id, template, version, facts, :now, CASE WHEN leaves THEN :now END
    FROM jsonb_to_recordset(:rows) AS told (id uuid, recipient_kind text, recipient_id uuid, template text,
        version smallint, facts jsonb, leaves boolean)
    ON CONFLICT DO NOTHING RETURNING id
""").bindparams(
    bindparam("rows", type_=JSONB), bindparam("message_id", type_=Uuid), bindparam("now", type_=DateTime(timezone=True))
).columns(id=Uuid())  # fmt: skip


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
            "id": str(uuid7()),
            "recipient_kind": notice.recipient.kind,
            "recipient_id": str(notice.recipient.id),
            "template": notice.template,
            "version": TEMPLATES[notice.template].version,
            "facts": notice.facts,
            "leaves": TEMPLATES[notice.template].leaves_the_house,
        }
        for notice in part.notices
    ]
    if not rows:
        return [], part.after
    found = run(_WRITE, {"rows": rows, "message_id": message_id, "now": now})
    return [InboxId(id_) for (id_,) in found], part.after
