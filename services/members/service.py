"""Verbs that change a person's record."""

import datetime

from sqlalchemy import update

from services.core import audit
from services.core.crypto import vault
from services.core.db import db
from services.core.errors import NotFound
from services.core.ids import uuid7
from services.members.errors import MEMBER_UNKNOWN
from services.members.models import Member
from services.members.types import MemberId, Standing
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
    member = Member(
        id=uuid7(),
        name=name,
        union_id=union_id,
        standing=standing,
        phone=vault.seal(PHONE_FIELD, phone) if phone else None,
        phone_index=vault.blind_index(PHONE_FIELD, phone) if phone else None,
        joined_on=joined_on,
    )
    db.session.add(member)
    db.session.flush()
    return MemberId(member.id)


def change_standing(*, member_id: MemberId, standing: Standing, actor: str, now: datetime.datetime) -> None:
    """Takes effect at the next scan and at the next redemption. Raises NotFound(member_unknown); audited."""
    changed = db.session.execute(
        update(Member).where(Member.id == member_id).values(standing=standing).returning(Member.id)
    ).first()
    if changed is None:
        raise NotFound(MEMBER_UNKNOWN)
    audit.record("member.standing", actor=actor, subject_id=member_id, now=now, detail={"standing": standing})
