"""Verbs that change a person's record."""

import datetime
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, update

from services.core import audit
from services.core.crypto import vault
from services.core.db import db
from services.core.errors import NotFound
from services.core.ids import uuid7
from services.members.errors import MEMBER_UNKNOWN
from services.members.models import Member
from services.members.types import MemberId, NewMember, Standing
from services.unions.types import UnionId

PHONE_FIELD = "members.phone"


def enrol(
    *,
    name: str,
    union_id: UnionId,
    joined_on: datetime.date,
    phone: str | None = None,
    standing: Standing = Standing.ACTIVE,
) -> MemberId:
    """Adds a person to a union. `phone` is digits; it is stored sealed."""
    return enrol_many([NewMember(name, union_id, joined_on, phone, standing)])[0]


def enrol_many(people: Sequence[NewMember]) -> list[MemberId]:
    """Adds people, a few thousand a call at most; returns their ids in the same order. Phones are stored sealed."""
    rows: list[dict[str, Any]] = [
        {
            "id": uuid7(),
            "name": person.name,
            "union_id": person.union_id,
            "standing": person.standing,
            "phone": vault.seal(PHONE_FIELD, person.phone) if person.phone else None,
            "phone_index": vault.blind_index(PHONE_FIELD, person.phone) if person.phone else None,
            "joined_on": person.joined_on,
        }
        for person in people
    ]
    if rows:
        db.session.execute(insert(Member).execution_options(render_nulls=True), rows)
    return [MemberId(row["id"]) for row in rows]


def change_standing(*, member_id: MemberId, standing: Standing, actor: str, now: datetime.datetime) -> None:
    """Takes effect at the next scan and at the next redemption. Raises NotFound(member_unknown); audited."""
    changed = db.session.execute(
        update(Member).where(Member.id == member_id).values(standing=standing).returning(Member.id)
    ).first()
    if changed is None:
        raise NotFound(MEMBER_UNKNOWN)
    audit.record("member.standing", actor=actor, subject_id=member_id, now=now, detail={"standing": standing})
