"""Verbs that change a person's record."""

import datetime
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, update

from services.core import audit, outbox
from services.core.calendar import local_date
from services.core.crypto import vault
from services.core.db import db
from services.core.errors import NotFound
from services.core.ids import uuid7
from services.members.documents import Document
from services.members.errors import MEMBER_UNKNOWN
from services.members.messages import RecordChanged, changed_lines
from services.members.models import Member
from services.members.types import MemberId, NewMember, Standing
from services.unions.types import UnionId

PHONE_FIELD = "members.phone"
DOCUMENT_FIELD = "members.id_number"
CARD_FIELD = "members.printed_card"


def enrol(
    *,
    name: str,
    union_id: UnionId,
    joined_on: datetime.date,
    phone: str | None = None,
    standing: Standing = Standing.ACTIVE,
    document: Document | None = None,
) -> MemberId:
    """Adds a person to a union. `phone` is digits; phone and document are stored sealed.

    Raises Conflict(document_taken) when somebody has that document.
    """
    return enrol_many([NewMember(name, union_id, joined_on, phone, standing, document)])[0]


def enrol_many(people: Sequence[NewMember]) -> list[MemberId]:
    """Adds people, a few thousand a call at most; returns their ids in the same order.

    Phones, documents and printed numbers are stored sealed. Raises Conflict(document_taken).
    """
    rows = [row_of(person) for person in people]
    if rows:
        db.session.execute(insert(Member).execution_options(render_nulls=True), rows)
    return [MemberId(row["id"]) for row in rows]


def row_of(person: NewMember) -> dict[str, Any]:
    """The row of a new member under a fresh id, sealed."""
    document = person.document
    sex = person.sex or (document.sex if document else None)
    return {
        "id": uuid7(),
        "name": person.name,
        "union_id": person.union_id,
        "standing": person.standing,
        "phone": vault.seal(PHONE_FIELD, person.phone) if person.phone else None,
        "phone_index": phone_index(person.phone) if person.phone else None,
        "joined_on": person.joined_on,
        "sex": sex,
        "born_on": person.born_on or (document.born_on if document else None),
        "id_type": document.kind if document else None,
        "id_number": sealed_document(document) if document else None,
        "id_index": document_index(document) if document else None,
        "printed_card": sealed_card(person.printed_card) if person.printed_card else None,
    }


def sealed_document(document: Document) -> bytes:
    return vault.seal(DOCUMENT_FIELD, document.number)


def sealed_card(number: str) -> bytes:
    return vault.seal(CARD_FIELD, number)


def document_index(document: Document) -> bytes:
    return vault.blind_index(DOCUMENT_FIELD, document.index_text)


def phone_index(phone: str) -> bytes:
    return vault.blind_index(PHONE_FIELD, phone)


def change_standing(*, member_id: MemberId, standing: Standing, actor: str, now: datetime.datetime) -> None:
    """Takes effect at the next scan and at the next redemption. Raises NotFound(member_unknown); audited."""
    left_on = local_date(now) if standing is Standing.LEFT else None
    values = {"standing": standing, "left_on": left_on, "changed_at": now}
    changed = db.session.execute(
        update(Member).where(Member.id == member_id).values(values).returning(Member.id)
    ).first()
    if changed is None:
        raise NotFound(MEMBER_UNKNOWN)
    audit.record("member.standing", actor=actor, subject_id=member_id, now=now, detail={"standing": standing})


def change_phone(*, member_id: MemberId, phone: str, actor: str, now: datetime.datetime) -> None:
    """Writes a phone (digits as core.phones gives them) into the record. Raises NotFound(member_unknown).

    Audited; posts members.record_changed.
    """
    values = {"phone": vault.seal(PHONE_FIELD, phone), "phone_index": phone_index(phone), "changed_at": now}
    changed = db.session.execute(update(Member).where(Member.id == member_id).values(values).returning(Member.id))
    if changed.first() is None:
        raise NotFound(MEMBER_UNKNOWN)
    audit.record("member.phone", actor=actor, subject_id=member_id, now=now)
    outbox.post(RecordChanged(changed_lines({member_id: ("phone",)})))
