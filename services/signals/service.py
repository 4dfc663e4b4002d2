"""Verbs: look for what is worth a look, and keep that somebody looked."""

import datetime
from collections.abc import Sequence

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from services.accounts.types import OfficerActor
from services.core import audit
from services.core.calendar import DAY, local_date
from services.core.db import db
from services.core.errors import Conflict
from services.core.ids import uuid7
from services.signals import errors, queries, rules
from services.signals.finding import seen_on
from services.signals.models import Signal
from services.signals.types import SignalId
from services.unions.types import UnionPath


def find(now: datetime.datetime) -> int:
    """Writes what is to be seen of today and yesterday in China; returns how many lines there are of it.

    A line that is there already gets the newer numbers, unless somebody has looked at it: that stays as it was seen.
    May run as often as one likes.
    """
    today = local_date(now)
    lines = [
        {
            "id": uuid7(), "kind": seen.kind, "day": seen.day, "subject": seen.subject, "merchant_id": seen.merchant_id,
            "branch_id": seen.branch_id, "clerk_id": seen.clerk_id, "member_id": seen.member_id,
            "facts": dict(seen.facts), "redemptions": [str(one) for one in seen.redemptions], "found_at": now,
        }
        for day in (today - DAY, today)
        for seen in seen_on(day)
    ]  # fmt: skip
    statement = insert(Signal)
    newer = {name: statement.excluded[name] for name in ("facts", "redemptions")}
    statement = statement.on_conflict_do_update(
        index_elements=["kind", "day", "subject"], set_=newer, where=Signal.looked_at.is_(None)
    )
    for line in sorted(lines, key=lambda line: (line["kind"], line["day"], line["subject"])):
        db.session.execute(statement, line)
    return len(lines)


def look(
    *, actor: OfficerActor, scopes: Sequence[UnionPath], signal_id: SignalId, note: str, now: datetime.datetime
) -> None:
    """An officer has looked, and says what he found; whoever is second is told so. Audited as signal.looked.

    A conditional UPDATE of the line's row. Raises Invalid(signal_note_length), NotFound(signal_unknown) for a shop of
    another federation, Conflict(signal_looked).
    """
    said = rules.note(note)
    queries.one(signal_id, scopes=scopes)
    unseen = (Signal.id == signal_id) & Signal.looked_at.is_(None)
    values = {"looked_by": actor.label, "looked_at": now, "note": said}
    if db.session.scalar(update(Signal).where(unseen).values(values).returning(Signal.id)) is None:
        raise Conflict(errors.SIGNAL_LOOKED)
    audit.record("signal.looked", actor=actor.label, subject_id=signal_id, now=now)
