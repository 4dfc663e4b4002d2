"""Verbs of organisers: draft, rewrite, publish, discard, cancel. copying.py has another.

An officer acts within the subtrees where he manages events; any other event is unknown to him (event_unknown). Each
verb but `draft` holds the event (seats.hold) before anything else. The revision stands in the event and in all its
quotas and moves in both: whoever takes a place by terms that are no longer true finds out.
"""

import datetime
import os
from typing import Any

from sqlalchemy import delete, func, select, update

from services.accounts.types import Capability, OfficerActor
from services.core import audit, outbox
from services.core.crypto import vault
from services.core.db import db
from services.core.errors import Conflict, Invalid, NotFound
from services.core.ids import uuid7
from services.events import changes, draw, errors, notes, rows
from services.events.faults import faults, unfit, unready
from services.events.messages import EventCancelled, EventChanged
from services.events.models import Draw, EventQuota, Signup
from services.events.models import Event as EventRow
from services.events.queries import events
from services.events.queries.organising import used
from services.events.service import seats, writing
from services.events.types import ACTIVE, Event, EventId, Mode, SignupId, State, Terms
from services.unions import queries as unions
from services.unions.errors import UNION_UNKNOWN
from services.unions.types import Office, UnionId

SEED_FIELD = "draws.seed"
"""What the 32 bytes of a seed are sealed under."""


def draft(*, actor: OfficerActor, union_id: UnionId, terms: Terms, now: datetime.datetime) -> EventId:
    """A draft, however unfinished, in a union of the officer's. Audited as event.drafted.

    Raises NotFound(union_unknown) for a union that is closed or not within his reach, and Invalid for what not even a
    draft can hold (faults.unfit).
    """
    office = _union(actor, union_id)
    _first(unfit(terms, union=office.path))
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
    _write_quotas(EventId(row.id), terms, revision=1)
    audit.record("event.drafted", actor=actor.label, subject_id=row.id, now=now, detail={"kind": terms.kind})
    return EventId(row.id)


def rewrite(
    *,
    actor: OfficerActor,
    event_id: EventId,
    revision: int,
    terms: Terms,
    now: datetime.datetime,
    union_id: UnionId | None = None,
) -> int:
    """Other terms, and for a draft another union; returns the new revision. Audited as event.changed.

    A draft becomes whatever `draft` takes. A published event keeps what changes.refused names, and has no fault; its
    new places go to those who wait, in the same transaction. Posts events.changed when time or place are others and
    somebody is signed up. Terms that are no others change nothing.

    Holds the event. Raises Invalid and Conflict(term_fixed, quota_below_taken, event_opened_already) with the field;
    Conflict(event_changed) when `revision` is not the newest, event_cancelled, event_over.
    """
    event = _held(actor, event_id, revision)
    _goes_on(event, now)
    office = _union(actor, union_id) if union_id not in (None, event.union_id) else None
    if terms == event.terms and office is None:
        return event.revision
    path = office.path if office else event.union_path
    leans = used(event_id)
    if event.published_at:
        if office:
            raise Conflict(errors.TERM_FIXED, field="union")
        _first(faults(terms, union=path))
        _first(changes.refused(event, terms, leans, now=now))
    else:
        _first(unfit(terms, union=path))
    told = changes.told(event.terms, terms, leans) if event.published_at else []
    _write(event, terms, union_id=office.id if office else event.union_id)
    detail = {"revision": event.revision + 1, "fields": _differ(event.terms, terms)}
    audit.record("event.changed", actor=actor.label, subject_id=event_id, now=now, detail=detail)
    if event.published_at:
        _shorten_offers(event_id, terms, now)
        seats.promote(event_id, now=now)
        if told and _active(event_id):
            outbox.post(EventChanged(event_id, ",".join(told)))
    return event.revision + 1


def publish(*, actor: OfficerActor, event_id: EventId, revision: int, now: datetime.datetime) -> None:
    """Everybody can read it from now on, and sign up when it opens. Twice is once. Audited as event.published.

    A draw gets its seed, and the promise about it is published. Holds the event. Raises the first Invalid of
    faults.faults and faults.unready, Conflict(event_changed) when `revision` is not the newest.
    """
    event = _held(actor, event_id, revision)
    if event.published_at:
        return
    _first([*faults(event.terms, union=event.union_path), *unready(event.terms, now=now)])
    db.session.execute(update(EventRow).where(EventRow.id == event_id).values(published_at=now))
    if event.terms.mode is Mode.DRAW:
        seed = os.urandom(draw.SEED_BYTES)
        sealed, promise = vault.seal_bytes(SEED_FIELD, seed), draw.commitment(str(event_id), seed)
        db.session.add(Draw(event_id=event_id, commitment=promise, seed=sealed, committed_at=now))
        db.session.flush()
    detail = {"revision": revision, "mode": event.terms.mode}
    audit.record("event.published", actor=actor.label, subject_id=event_id, now=now, detail=detail)


def discard(*, actor: OfficerActor, event_id: EventId, now: datetime.datetime) -> None:
    """Deletes a draft. Audited as event.discarded. Raises Conflict(event_published)."""
    event = _held(actor, event_id)
    if event.published_at:
        raise Conflict(errors.EVENT_PUBLISHED)
    db.session.execute(delete(EventRow).where(EventRow.id == event_id))
    audit.record("event.discarded", actor=actor.label, subject_id=event_id, now=now)


def cancel(*, actor: OfficerActor, event_id: EventId, note: str, now: datetime.datetime) -> int:
    """Calls the event off: every entry ends, all people are free again; returns how many entries. Twice is once.

    `note`: 2 to 200 characters that members read. Audited as event.cancelled. Holds the event. Posts events.cancelled.
    Raises Invalid(note_length, form_signs_unseen) at "note"; Conflict(event_not_published, event_over).
    """
    event = _held(actor, event_id)
    if event.cancelled_at:
        return 0
    if not event.published_at:
        raise Conflict(errors.EVENT_NOT_PUBLISHED)
    _goes_on(event, now)
    said = " ".join(notes.written(note).split())
    ended = _active(event_id)
    values: dict[str, Any] = {"cancelled_at": now, "cancelled_note": said, "revision": event.revision + 1}
    db.session.execute(update(EventRow).where(EventRow.id == event_id).values(values))
    of_it = EventQuota.event_id == event_id
    db.session.execute(update(EventQuota).where(of_it).values(taken=0, revision=event.revision + 1))
    if ended:
        writing.move_many(ended, State.CALLED_OFF, event_id=event_id, actor=actor.label, now=now)
    audit.record("event.cancelled", actor=actor.label, subject_id=event_id, now=now, detail={"entries": len(ended)})
    outbox.post(EventCancelled(event_id))
    return len(ended)


def _union(actor: OfficerActor, union_id: UnionId) -> Office:
    office = unions.office_within(union_id, scopes=actor.scopes(Capability.MANAGE_EVENTS))
    if office.closed_at:
        raise NotFound(UNION_UNKNOWN)
    return office


def _held(actor: OfficerActor, event_id: EventId, revision: int | None = None) -> Event:
    """The event under its lock, in the revision that the officer has seen."""
    event = events.own(seats.hold(event_id), scopes=actor.scopes(Capability.MANAGE_EVENTS))
    if revision is not None and event.revision != revision:
        raise Conflict(errors.EVENT_CHANGED)
    return event


def _goes_on(event: Event, now: datetime.datetime) -> None:
    if event.cancelled_at:
        raise Conflict(errors.EVENT_CANCELLED)
    if event.published_at and now >= event.terms.ends_at:
        raise Conflict(errors.EVENT_OVER)


def _first(found: list[Invalid] | list[Conflict]) -> None:
    for fault in found:
        raise fault


def _active(event_id: EventId) -> list[SignupId]:
    query = select(Signup.id).where(Signup.event_id == event_id, Signup.state.in_(ACTIVE)).order_by(Signup.id)
    return [SignupId(one) for one in db.session.scalars(query)]


def _differ(before: Terms, after: Terms) -> list[str]:
    return [name for name, value in vars(before).items() if value != getattr(after, name)]


def _write(event: Event, terms: Terms, *, union_id: UnionId) -> None:
    """Terms and quotas anew; what is taken of a quota stays with its ordinal."""
    revision = event.revision + 1
    values = rows.columns_of(terms) | {"revision": revision, "union_id": union_id}
    db.session.execute(update(EventRow).where(EventRow.id == event.id).values(values))
    taken = {room.quota.ordinal: room.taken for room in event.rooms}
    gone = (EventQuota.event_id == event.id) & EventQuota.ordinal.not_in([one.ordinal for one in terms.quotas])
    db.session.execute(delete(EventQuota).where(gone))
    for quota in terms.quotas:
        if quota.ordinal in taken:
            this = (EventQuota.event_id == event.id) & (EventQuota.ordinal == quota.ordinal)
            db.session.execute(update(EventQuota).where(this).values(rows.quota_row(quota) | {"revision": revision}))
    _write_quotas(event.id, terms, revision=revision, but=taken)


def _write_quotas(event_id: EventId, terms: Terms, *, revision: int, but: dict[int, int] | None = None) -> None:
    for quota in terms.quotas:
        if quota.ordinal not in (but or {}):
            row = rows.quota_row(quota)
            db.session.add(EventQuota(event_id=event_id, **row, taken=0, revision=revision))
    db.session.flush()


def _shorten_offers(event_id: EventId, terms: Terms, now: datetime.datetime) -> None:
    """An event that begins earlier keeps no offered place beyond the new end of offers."""
    last = terms.starts_at - datetime.timedelta(minutes=terms.offers_end_minutes)
    offered = (Signup.event_id == event_id) & (Signup.state == State.OFFERED)
    db.session.execute(update(Signup).where(offered, Signup.due_at > last).values(due_at=func.greatest(last, now)))
