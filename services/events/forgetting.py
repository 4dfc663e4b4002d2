"""What of this package has had its time."""

import datetime
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, delete, exists, func, or_, select, tuple_, update

from services.core import forms
from services.core.crypto import vault
from services.core.db import among, db
from services.core.files import files
from services.events.models import Attainment, Event, EventMiss, EventQuota, Signup, SignupPerson
from services.events.types import ACTIVE
from services.members import queries as members
from services.members.types import Standing

BATCH = 500
ENTRIES_KEPT = datetime.timedelta(days=3 * 365 + 1)
"""As long as redemptions; draws and misses look back one year, levels as long as somebody is a member."""
ENDED_KEPT = datetime.timedelta(days=30)
"""What was answered for a place that nobody has any more: long enough to ask why it ended."""


def purge(now: datetime.datetime) -> int:
    """Forgets a batch of what people said, or the entries of an event; returns how many. Run it until it returns 0."""
    return _ended(now) or _answers(now) or _entries(now) or _levels(now)


def _ended(now: datetime.datetime) -> int:
    """Forgets what people answered and whom they wanted to bring in a batch of entries that came to nothing or were
    given up, `ENDED_KEPT` after that, however long the event may still be ahead. Why an officer said no stays with the
    entry until the days of the form are over. Locks those entries."""
    said = or_(Signup.answers.is_not(None), _brought())
    over = Signup.state.not_in(ACTIVE) & (Signup.changed_at < now - ENDED_KEPT)
    batch = select(Signup.id, Signup.answers).where(over, said).limit(BATCH)
    rows = db.session.execute(batch.with_for_update(skip_locked=True)).all()
    _forget(rows, {"answers": None})
    return len(rows)


def _answers(now: datetime.datetime) -> int:
    """Forgets what people answered, whom they brought and what officers wrote to them, a batch of one event whose form
    says that its days are over; files go with it. Locks those entries."""
    days = func.make_interval(0, 0, 0, Event.form["keep_days"].astext.cast(Integer))
    event_id = _one(Event.forgotten_at.is_(None), Event.ends_at + days < now)
    if event_id is None:
        return 0
    said = or_(Signup.answers.is_not(None), Signup.note.is_not(None), _brought())
    batch = select(Signup.id, Signup.answers).where(Signup.event_id == event_id, said).limit(BATCH)
    rows = db.session.execute(batch.with_for_update()).all()
    if not rows:
        db.session.execute(update(Event).where(Event.id == event_id).values(forgotten_at=now))
    _forget(rows, {"answers": None, "note": None})
    return len(rows) or 1


def _brought() -> ColumnElement[bool]:
    return exists().where(SignupPerson.signup_id == Signup.id, SignupPerson.said.is_not(None))


def _forget(rows: Sequence[Any], values: Mapping[str, None]) -> None:
    ids = [row.id for row in rows]
    db.session.execute(update(Signup).where(among(Signup.id, ids)).values(values))
    db.session.execute(update(SignupPerson).where(among(SignupPerson.signup_id, ids)).values(said=None))
    for row in rows:
        _delete_files(row.answers)


def _entries(now: datetime.datetime) -> int:
    """Forgets the entries of one event that is long over, with who came, and its misses."""
    any_left = exists().where(Signup.event_id == Event.id)
    event_id = _one(Event.ends_at < now - ENTRIES_KEPT, Event.forgotten_at.is_not(None), any_left)
    if event_id is None:
        return 0
    entries = db.session.scalar(select(func.count()).where(Signup.event_id == event_id)) or 0
    db.session.execute(update(EventQuota).where(EventQuota.event_id == event_id).values(taken=0))
    db.session.execute(delete(Signup).where(Signup.event_id == event_id))
    db.session.execute(delete(EventMiss).where(EventMiss.event_id == event_id))
    return entries


def _levels(now: datetime.datetime) -> int:
    """Forgets a batch of levels of people who have left the union: who is a member may need the first for the third."""
    holder = members.records().subquery("holder")
    of_who_left = (Attainment.member_id == holder.c.member_id) & (holder.c.standing == Standing.LEFT)
    key = (Attainment.member_id, Attainment.series, Attainment.event_id)
    gone = select(*key).where(of_who_left, Attainment.at < now - ENTRIES_KEPT).limit(BATCH)
    forgotten = delete(Attainment).where(tuple_(*key).in_(gone)).returning(Attainment.member_id)
    return len(db.session.execute(forgotten).all())


def _one(*conditions: ColumnElement[bool]) -> uuid.UUID | None:
    return db.session.scalar(
        select(Event.id).where(*conditions).order_by(Event.ends_at).limit(1).with_for_update(skip_locked=True)
    )


def _delete_files(sealed: bytes | None) -> None:
    """Deleting twice is no error, so a transaction that runs again does no harm."""
    if not sealed:
        return
    answers: Any = json.loads(vault.unseal("signups.answers", sealed))
    for handed in forms.files_of(forms.loaded_answers(answers)).values():
        files.delete(handed.key)
