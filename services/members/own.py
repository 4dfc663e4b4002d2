"""A person's own record in full: for the copy of his data, and for nobody else."""

import datetime
from dataclasses import dataclass

from sqlalchemy import select

from services.core.crypto import vault
from services.core.db import db
from services.core.errors import NotFound
from services.members.errors import MEMBER_UNKNOWN
from services.members.models import Member
from services.members.service import CARD_FIELD, DOCUMENT_FIELD, PHONE_FIELD
from services.members.types import MemberId
from services.unions import queries as unions


@dataclass(frozen=True)
class OwnRecord:
    """In clear. Never kept, logged or shown to anybody but its person."""

    name: str
    union_name: dict[str, str]
    standing: str
    sex: str | None
    born_on: datetime.date | None
    document_type: str | None
    document_number: str | None
    phone: str | None
    printed_card: str | None
    joined_on: datetime.date
    left_on: datetime.date | None
    changed_at: datetime.datetime | None


def own_record(member_id: MemberId) -> OwnRecord:
    """Raises NotFound(member_unknown), and SealBroken when a part of it cannot be read any more."""
    union = unions.unions().subquery()
    joined = select(Member, union.c.union_name).join(union, union.c.union_id == Member.union_id)
    row = db.session.execute(joined.where(Member.id == member_id)).first()
    if row is None:
        raise NotFound(MEMBER_UNKNOWN)
    member: Member = row[0]
    return OwnRecord(
        name=member.name,
        union_name=row.union_name,
        standing=member.standing,
        sex=member.sex,
        born_on=member.born_on,
        document_type=member.id_type,
        document_number=vault.unseal(DOCUMENT_FIELD, member.id_number) if member.id_number else None,
        phone=vault.unseal(PHONE_FIELD, member.phone) if member.phone else None,
        printed_card=vault.unseal(CARD_FIELD, member.printed_card) if member.printed_card else None,
        joined_on=member.joined_on,
        left_on=member.left_on,
        changed_at=member.changed_at,
    )
