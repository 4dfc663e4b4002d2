"""Reminders: on the evening before, and two hours before. Each once for an entry, whoever is killed meanwhile."""

import datetime
import uuid
from collections import defaultdict

from sqlalchemy import DateTime, String, Uuid, bindparam, text

from services.core import outbox
from services.core.db import run
from services.events.messages import Reminder

BATCH = 200
"""Entries of one transaction; their ids travel in the message."""

_DUE = text("""
    WITH near AS MATERIALIZED (
        SELECT id, starts_at, slots FROM events
        WHERE published_at IS NOT NULL AND cancelled_at IS NULL AND starts_at < :now + interval '31 hours'
            AND ends_at > :now
    ), held AS MATERIALIZED (
        SELECT s.id, s.event_id FROM signups s JOIN near e ON e.id = s.event_id,
        LATERAL (
            SELECT coalesce(
                (SELECT (one ->> 'begins_at')::timestamptz FROM jsonb_array_elements(e.slots) one
                    WHERE (one ->> 'key')::smallint = s.slot),
                e.starts_at) AS at
        ) begins,
        LATERAL (
            SELECT max(reminder) AS at FROM (VALUES
                (((begins.at AT TIME ZONE :zone)::date - 1 + time '18:00') AT TIME ZONE :zone),
                (begins.at - interval '2 hours')
            ) AS both_of_them (reminder) WHERE reminder <= :now
        ) due
        WHERE s.state IN ('confirmed', 'forming') AND begins.at > :now
            AND greatest(s.reminded_at, s.changed_at) < due.at
        ORDER BY s.event_id, s.id LIMIT :batch FOR NO KEY UPDATE OF s SKIP LOCKED
    )
    UPDATE signups SET reminded_at = :now FROM held WHERE signups.id = held.id
    RETURNING signups.id, signups.event_id
""").bindparams(
    bindparam("now", type_=DateTime(timezone=True)), bindparam("zone", type_=String)
).columns(id=Uuid(), event_id=Uuid())  # fmt: skip


def remind(now: datetime.datetime) -> int:
    """Tells a batch of entries that what they have a place at is near; run it until it returns 0.

    Of the two reminders of an entry the later one whose time has come; none that this entry has had, or that was due
    before it was confirmed. Of a team in which somebody is missing those who are in are told: the door lets them in.
    Locks these entries, passing over those that somebody else holds: they come next time.
    Posts events.reminder, one for each event.
    """
    values = {"now": now, "zone": "Asia/Shanghai", "batch": BATCH}
    of_events = defaultdict[uuid.UUID, list[uuid.UUID]](list)
    for row in run(_DUE, values):
        of_events[row.event_id].append(row.id)
    for event_id, ids in sorted(of_events.items()):
        outbox.post(Reminder(event_id=event_id, signup_ids=",".join(str(one) for one in sorted(ids))))
    return sum(map(len, of_events.values()))
