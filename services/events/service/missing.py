"""After an event: who did not come, who has reached a level; misses cleared, and the rule of what they cost."""

import datetime
import uuid
from typing import Any

from sqlalchemy import CompoundSelect, select, update
from sqlalchemy.dialects.postgresql import insert

from services.accounts.types import Capability, OfficerActor
from services.core import audit, outbox
from services.core.crypto import vault
from services.core.db import db
from services.core.errors import Conflict, Forbidden, Invalid, NotFound
from services.core.ids import uuid7
from services.events import door_rules, errors, notes
from services.events.messages import Missed
from services.events.models import Attainment, EventMiss, Signup, SignupPerson
from services.events.models import Event as EventRow
from services.events.models import PauseRule as PauseRuleRow
from services.events.queries import misses
from services.events.types import Kind, Miss, PauseRule
from services.events.types.door import MissId
from services.unions import queries as unions

FREE_MOST, DAYS_MOST = 9, 3 * 365
_ROWS = 1000


def settle(now: datetime.datetime) -> int:
    """Writes misses and levels of one event that ended a day ago; how many events: 1, or 0 when there is none left.

    Promises: each event once, whoever else settles. Who had a place and did not come has missed, unless so few were
    checked in that no door was kept (door_rules.kept says why). Whoever cancelled after the deadline has missed if
    nobody took the place. So has who left a team then. Children and guests miss nothing, nor does a member who never
    said yes himself: whom a captain vouched for or a unit entered, and who did nothing.
    Locks the event; one that somebody else holds is left for the next round.
    Posts events.missed for each miss.
    """
    event = db.session.execute(
        select(EventRow.id, EventRow.kind, EventRow.series, EventRow.level)
        .where(
            EventRow.ends_at <= now - door_rules.TICKS_UNTIL, EventRow.settled_at.is_(None),
            EventRow.published_at.is_not(None), EventRow.cancelled_at.is_(None),
        )
        .order_by(EventRow.ends_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()  # fmt: skip
    if event is None:
        return 0
    placed = db.session.execute(misses.placed(event.id)).all()
    come = {row.member_id for row in placed if row.come}
    missed: dict[uuid.UUID, Miss] = {
        one: Miss.LATE_CANCEL for one in db.session.scalars(_late(event.id)) if one not in come
    }
    if door_rules.kept(len(placed), len(come)):
        missed |= {row.member_id: Miss.NO_SHOW for row in placed if row.owes and not row.come}
    _write_misses(event, missed, now)
    if event.series and event.level:
        level = {"series": event.series, "event_id": event.id, "level": event.level, "at": now}
        _insert(insert(Attainment).on_conflict_do_nothing(), [{"member_id": one, **level} for one in sorted(come)])
    db.session.execute(update(EventRow).where(EventRow.id == event.id).values(settled_at=now))
    return 1


def clear(*, officer: OfficerActor, miss_id: MissId, note: str, now: datetime.datetime) -> None:
    """A miss counts for nothing from now on. Audited as event.miss_cleared.

    Raises NotFound(miss_unknown) unless the member's union is within the officer's scope, Invalid(note_length,
    form_signs_unseen), Conflict(miss_cleared).
    """
    said = vault.seal("event_misses.cleared_note", notes.written(note))
    if not misses.is_within(miss_id, scopes=officer.scopes(Capability.MANAGE_EVENTS)):
        raise NotFound(errors.MISS_UNKNOWN)
    cleared = db.session.execute(
        update(EventMiss)
        .where(EventMiss.id == miss_id, EventMiss.cleared_at.is_(None))
        .values(cleared_at=now, cleared_by=officer.label, cleared_note=said)
        .returning(EventMiss.id)
    ).first()
    if cleared is None:
        raise Conflict(errors.MISS_CLEARED)
    audit.record("event.miss_cleared", actor=officer.label, subject_id=miss_id, now=now)


def set_rule(*, officer: OfficerActor, kind: Kind, rule: PauseRule, now: datetime.datetime) -> None:
    """What misses of one kind cost in the officer's federation, also those there are already. Audited.

    Raises Forbidden(not_allowed) but for officers of a federation, Invalid(pause_range).
    """
    federation = federation_of(officer)
    whole = 0 <= rule.free <= FREE_MOST and 1 <= rule.within_days <= DAYS_MOST
    # Whoever is paused for longer than a miss counts would ask what for.
    if not whole or not 0 <= rule.pause_days <= rule.within_days:
        raise Invalid(errors.PAUSE_RANGE, field=kind)
    said = {"free": rule.free, "within_days": rule.within_days, "pause_days": rule.pause_days}
    row = insert(PauseRuleRow).values(union_id=federation, kind=kind, **said)
    db.session.execute(row.on_conflict_do_update(index_elements=["union_id", "kind"], set_=said))
    audit.record("event.pause_rule", actor=officer.label, subject_id=federation, now=now, detail={"kind": kind, **said})


def federation_of(officer: OfficerActor) -> uuid.UUID:
    """Whose rules this officer sets. Raises Forbidden(not_allowed)."""
    top = [scope for scope in officer.scopes(Capability.MANAGE_EVENTS) if "." not in scope]
    if not top:
        raise Forbidden("not_allowed")
    return unions.at(top[0]).id


def _late(event_id: uuid.UUID) -> CompoundSelect[uuid.UUID]:
    """Who let go after the deadline, for nobody's gain: captains of the whole, the others of their own place."""
    late = (Signup.event_id == event_id) & Signup.late_at.is_not(None) & Signup.refilled.is_(False)
    left = (SignupPerson.event_id == event_id) & SignupPerson.late_id.is_not(None)
    return select(Signup.captain_id).where(late).union(select(SignupPerson.late_id).where(left))


def _write_misses(event: Any, missed: dict[uuid.UUID, Miss], now: datetime.datetime) -> None:
    rows = [
        {"id": uuid7(), "event_id": event.id, "member_id": one, "kind": event.kind, "because": because, "at": now}
        for one, because in sorted(missed.items())
    ]
    _insert(insert(EventMiss), rows)
    outbox.post_many([Missed(miss_id=row["id"]) for row in rows])


def _insert(statement: Any, rows: list[dict[str, Any]]) -> None:
    for first in range(0, len(rows), _ROWS):
        db.session.execute(statement, rows[first : first + _ROWS])
