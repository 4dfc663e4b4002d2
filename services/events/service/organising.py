"""Verbs of organisers: draft, rewrite, publish, cancel. Of another union's event they know nothing (event_unknown)."""

import datetime
import os

from services.accounts.types import Capability, OfficerActor
from services.core import audit
from services.core.crypto import vault
from services.core.db import db
from services.core.errors import Conflict, NotFound
from services.core.ids import uuid7
from services.events import draw, errors, rows
from services.events.models import Draw, EventQuota
from services.events.models import Event as EventRow
from services.events.queries import events
from services.events.types import Event, EventId, Mode, Terms
from services.unions import queries as unions
from services.unions.errors import UNION_UNKNOWN
from services.unions.types import Office, UnionId

SEED_FIELD = "draws.seed"
"""What the bytes of a seed are sealed under."""


def draft(*, actor: OfficerActor, union_id: UnionId, terms: Terms, now: datetime.datetime) -> EventId:
    """A draft, however unfinished, in a union of the officer's. Audited as event.drafted.

    Raises NotFound(union_unknown) for a union that is closed, or not within his reach.
    """
    office = _union(actor, union_id)
    row = EventRow(
        id=uuid7(),
        union_id=office.id,
        **rows.columns_of(terms),
        revision=1,
        door_serial=int.from_bytes(os.urandom(8)) >> 29,
        created_by=actor.label,
        created_at=now,
    )
    db.session.add(row)
    db.session.flush()
    _write_quotas(row, terms)
    audit.record("event.drafted", actor=actor.label, subject_id=row.id, now=now, detail={"kind": terms.kind})
    return EventId(row.id)


def publish(*, actor: OfficerActor, event_id: EventId, revision: int, now: datetime.datetime) -> None:
    """Everybody can read it from now on, and sign up when it opens. Twice is once. Audited as event.published.

    A draw gets its seed and publishes the promise about it. Locks the event's row. Raises Conflict(event_changed) when
    `revision` is not the newest.
    """
    event = _held(actor, event_id)
    if event.published_at and event.revision == revision:
        return
    _as_seen(event, revision)
    row = db.session.get_one(EventRow, event_id)
    row.published_at = now
    if event.terms.mode is Mode.DRAW:
        seed = os.urandom(draw.SEED_BYTES)
        sealed = vault.seal_bytes(SEED_FIELD, seed)
        promise = draw.commitment(str(event_id), seed)
        db.session.add(Draw(event_id=event_id, commitment=promise, seed=sealed, committed_at=now))
    db.session.flush()
    detail = {"revision": revision, "mode": event.terms.mode}
    audit.record("event.published", actor=actor.label, subject_id=event_id, now=now, detail=detail)


def _union(actor: OfficerActor, union_id: UnionId) -> Office:
    office = unions.office_within(union_id, scopes=actor.scopes(Capability.MANAGE_EVENTS))
    if office.closed_at:
        raise NotFound(UNION_UNKNOWN)
    return office


def _held(actor: OfficerActor, event_id: EventId) -> Event:
    """The event as it is under its lock."""
    scopes = actor.scopes(Capability.MANAGE_EVENTS)
    return events.within(event_id, scopes=scopes)


def _as_seen(event: Event, revision: int) -> None:
    if event.revision != revision:
        raise Conflict(errors.EVENT_CHANGED)


def _write_quotas(row: EventRow, terms: Terms) -> None:
    for quota in terms.quotas:
        db.session.add(EventQuota(event_id=row.id, **rows.quota_row(quota), taken=0, revision=row.revision))
    db.session.flush()
