"""Certificates: of a member who took part in something that is over. No row of its own says so."""

import datetime
from typing import Any

from sqlalchemy import select

from services.core.db import Rows, db
from services.core.errors import NotFound
from services.events import door_codes, door_rules, errors
from services.events.models import Event as EventRow
from services.events.models import Signup, SignupPerson
from services.events.types import SignupId
from services.events.types.door import Certificate, DoorSerial
from services.members import queries as members
from services.members.types import MemberId
from services.unions import queries as unions

_GROUP = 5


def of_member(signup_id: SignupId, *, member_id: MemberId, now: datetime.datetime) -> Certificate:
    """The member's own. Raises NotFound(certificate_unknown): not of this entry, did not come, not over, or of a kind
    that has none."""
    row = db.session.execute(
        _attended(now).where(SignupPerson.signup_id == signup_id, SignupPerson.member_id == member_id)
    ).first()
    if row is None:
        raise NotFound(errors.CERTIFICATE_UNKNOWN)
    return _certificate(row)


def by_code(text: str, *, now: datetime.datetime) -> Certificate | None:
    """What the certificate with this code says, for anybody who holds it; None: there is none."""
    code = door_codes.cited(text)
    if code is None:
        return None
    rows = db.session.execute(_attended(now).where(EventRow.door_serial == code.serial, Signup.number == code.number))
    return next((_certificate(row) for row in rows if door_codes.certifies(code, row.ordinal)), None)


def _attended(now: datetime.datetime) -> Rows:
    holder, union = members.holders().subquery("certified"), unions.unions().subquery("organiser")
    return (
        select(
            EventRow.title, EventRow.starts_at, EventRow.ends_at, EventRow.series, EventRow.level,
            EventRow.door_serial, Signup.number, SignupPerson.ordinal, holder.c.member_name,
            union.c.union_name.label("organiser"),
        )
        .join(Signup, Signup.event_id == EventRow.id)
        .join(SignupPerson, SignupPerson.signup_id == Signup.id)
        .join(holder, holder.c.member_id == SignupPerson.member_id)
        .join(union, union.c.union_id == EventRow.union_id)
        .where(
            EventRow.kind.in_(door_rules.CERTIFIED), EventRow.ends_at <= now, EventRow.cancelled_at.is_(None),
            Signup.state.in_(door_rules.PLACED), SignupPerson.checked_in_at.is_not(None),
        )
    )  # fmt: skip


def _certificate(row: Any) -> Certificate:
    code = door_codes.certificate_code(DoorSerial(row.door_serial), row.number, row.ordinal)
    return Certificate(
        name=row.member_name,
        title=row.title,
        organiser=row.organiser,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        series=row.series,
        level=row.level,
        code="-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP)),
    )
