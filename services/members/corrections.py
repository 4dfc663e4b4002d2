"""Verbs of an officer at one record: add, correct, change the standing, read in full.

`scopes` are the officer's subtrees: a member outside of them does not exist for him, before the change and after.
"""

import dataclasses
import datetime
import re
import unicodedata
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.core import audit, outbox
from services.core.calendar import local_date
from services.core.crypto import vault
from services.core.db import db
from services.core.errors import Conflict, Forbidden, Invalid, NotFound
from services.members.documents import Document, DocumentType
from services.members.errors import (
    MEMBER_UNKNOWN,
    NAME_MISSING,
    NOTE_MISSING,
    NOTE_WITH_NAME,
    NOTE_WITH_NUMBERS,
    OFFICERS_RECORD,
    OWN_RECORD,
)
from services.members.messages import RecordChanged, UnmaskedOften, changed_lines
from services.members.models import Member, UnmaskTally
from services.members.rules import tidy_name
from services.members.service import (
    CARD_FIELD,
    DOCUMENT_FIELD,
    PHONE_FIELD,
    change_standing,
    document_index,
    enrol_many,
    phone_index,
)
from services.members.types import (
    ChangeReason,
    Clear,
    Correction,
    LookReason,
    MemberId,
    NewMember,
    Standing,
    Untouchable,
    nobody,
)
from services.unions import queries as unions
from services.unions.errors import UNION_CLOSED
from services.unions.rules import within
from services.unions.types import UnionId, UnionPath

MANY_LOOKS = 20
"""So many records read in full by one officer on one day are told above him, and each so many more (A9)."""
NAME_MOST, NOTE_MOST = 60, 80

_NUMBERS = re.compile(r"\d[\d\s-]{2,}\d")


def add(
    *, person: NewMember, reason: ChangeReason, actor: str, scopes: Sequence[UnionPath], now: datetime.datetime
) -> MemberId:
    """Adds one person to a union of these scopes. Audited as member.added.

    Raises Invalid(member_name_missing), NotFound(union_unknown), Conflict(union_closed, document_taken).
    """
    _open_union(person.union_id, scopes)
    member_id = enrol_many([dataclasses.replace(person, name=_named(person.name))])[0]
    detail = {"union": str(person.union_id), "reason": reason}
    audit.record("member.added", actor=actor, subject_id=member_id, now=now, detail=detail)
    return member_id


def correct(
    *,
    member_id: MemberId,
    correction: Correction,
    reason: ChangeReason,
    actor: str,
    scopes: Sequence[UnionPath],
    now: datetime.datetime,
    own: MemberId | None = None,
    untouchable: Untouchable = nobody,
) -> tuple[str, ...]:
    """Writes what differs and returns its names; when nothing does, nothing is written or told.

    `own` is the officer's own record, which he may not change, nor any of `untouchable`. Locks the member's row.
    Audited as member.corrected with the names of the fields; posts members.record_changed. Raises
    NotFound(member_unknown, union_unknown), Forbidden(own_record, officers_record), Invalid(member_name_missing),
    Conflict(union_closed, document_taken).
    """
    member = _locked(member_id, scopes, own)
    _touchable(member_id, actor, untouchable, now)
    values = _differing(member, correction, scopes)
    if not values:
        return ()
    for columns in values.values():
        for name, value in columns.items():
            setattr(member, name, value)
    member.changed_at = now
    db.session.flush()
    changed = tuple(values)
    detail = {"changed": list(changed), "reason": reason}
    audit.record("member.corrected", actor=actor, subject_id=member_id, now=now, detail=detail)
    outbox.post(RecordChanged(changed_lines({member_id: changed})))
    return changed


def set_standing(
    *,
    member_id: MemberId,
    standing: Standing,
    reason: ChangeReason,
    actor: str,
    scopes: Sequence[UnionPath],
    now: datetime.datetime,
    own: MemberId | None = None,
    untouchable: Untouchable = nobody,
) -> None:
    """As `service.change_standing`, by an officer for a member of his; the same standing changes nothing.

    Locks the member's row. Audited as member.standing with the reason's entry beside it; posts
    members.record_changed. Raises NotFound(member_unknown), Forbidden(own_record, officers_record).
    """
    member = _locked(member_id, scopes, own)
    _touchable(member_id, actor, untouchable, now)
    if member.standing == standing:
        return
    change_standing(member_id=member_id, standing=standing, actor=actor, now=now)
    detail = {"changed": ["standing"], "reason": reason}
    audit.record("member.corrected", actor=actor, subject_id=member_id, now=now, detail=detail)
    outbox.post(RecordChanged(changed_lines({member_id: ("standing",)})))


def unmask(
    *,
    member_id: MemberId,
    reason: LookReason,
    note: str,
    actor: str,
    scopes: Sequence[UnionPath],
    now: datetime.datetime,
) -> Clear:
    """One record in full, for one look. Audited as member.unmasked with the reason; the member can read that.

    Counts the officer's looks of the day under a row lock; every twentieth posts members.unmasked_often. Raises
    NotFound(member_unknown), Invalid(note_missing, note_with_numbers, note_with_name), SealBroken.
    """
    member = _seen(member_id, scopes)
    detail = {"reason": reason} | _note(note, member.name, needed=reason is LookReason.OTHER)
    clear = _clear(member)
    audit.record("member.unmasked", actor=actor, subject_id=member_id, now=now, detail=detail)
    _count(actor, scopes, now)
    return clear


def saw_phone(*, member_id: MemberId | None, actor: str, scopes: Sequence[UnionPath], now: datetime.datetime) -> None:
    """An officer has read a phone in full that somebody gave who says that he is this member; None: nobody is known.

    Counts as `unmask` does, so that one alarm covers both ways. Audited as member.phone_seen; the member can read it.
    """
    if member_id:
        audit.record("member.phone_seen", actor=actor, subject_id=member_id, now=now)
    _count(actor, scopes, now)


def saw_phones(
    *,
    member_ids: Collection[MemberId],
    reason: LookReason,
    actor: str,
    scopes: Sequence[UnionPath],
    now: datetime.datetime,
) -> None:
    """As `saw_phone`, of many at once: a list that an officer takes away. Each of them can read it, with the reason."""
    detail = {"reason": reason}
    audit.record_many(audit.Act("member.phone_seen", actor, one, now, detail) for one in member_ids)
    if member_ids:
        _count(actor, scopes, now, len(member_ids))


def _differing(member: Member, correction: Correction, scopes: Sequence[UnionPath]) -> dict[str, dict[str, Any]]:
    """The fields that change, each with its columns."""
    values: dict[str, dict[str, Any]] = {}
    if correction.name is not None:
        name = _named(correction.name)
        if name != member.name:
            values["name"] = {"name": name}
    if correction.union_id and correction.union_id != member.union_id:
        _open_union(correction.union_id, scopes)
        values["union"] = {"union_id": correction.union_id}
    if correction.sex and correction.sex != member.sex:
        values["sex"] = {"sex": correction.sex}
    if correction.document and document_index(correction.document) != member.id_index:
        values["document"] = _document_columns(correction.document)
    if correction.no_phone and member.phone:
        values["phone"] = {"phone": None, "phone_index": None}
    elif correction.phone and not correction.no_phone and phone_index(correction.phone) != member.phone_index:
        sealed = vault.seal(PHONE_FIELD, correction.phone)
        values["phone"] = {"phone": sealed, "phone_index": phone_index(correction.phone)}
    return values


def _document_columns(document: Document) -> dict[str, Any]:
    """What a document says of birth and sex goes with it."""
    columns: dict[str, Any] = {
        "id_type": document.kind,
        "id_number": vault.seal(DOCUMENT_FIELD, document.number),
        "id_index": document_index(document),
    }
    if document.born_on:
        columns["born_on"] = document.born_on
    return columns | ({"sex": document.sex} if document.sex else {})


def _locked(member_id: MemberId, scopes: Sequence[UnionPath], own: MemberId | None) -> Member:
    query = select(Member).where(Member.id == member_id).with_for_update(key_share=True)
    member = db.session.scalars(query.execution_options(populate_existing=True)).first()
    if member is None or not _inside(member, scopes):
        raise NotFound(MEMBER_UNKNOWN)
    if member_id == own:
        raise Forbidden(OWN_RECORD)
    return member


def _touchable(member_id: MemberId, actor: str, untouchable: Untouchable, now: datetime.datetime) -> None:
    if untouchable(actor, [member_id], now):
        raise Forbidden(OFFICERS_RECORD)


def _seen(member_id: MemberId, scopes: Sequence[UnionPath]) -> Member:
    query = select(Member).where(Member.id == member_id).execution_options(populate_existing=True)
    member = db.session.scalars(query).first()
    if member is None or not _inside(member, scopes):
        raise NotFound(MEMBER_UNKNOWN)
    return member


def _inside(member: Member, scopes: Sequence[UnionPath]) -> bool:
    path = unions.office(UnionId(member.union_id)).path
    return any(within(path, scope) for scope in scopes)


def _named(text: str) -> str:
    name = tidy_name(text)
    if not name or len(name) > NAME_MOST or not name.isprintable():
        raise Invalid(NAME_MISSING, field="name")
    return name


def _open_union(union_id: UnionId, scopes: Sequence[UnionPath]) -> None:
    if unions.office_within(union_id, scopes=scopes).closed_at:
        raise Conflict(UNION_CLOSED)


def _note(text: str, name: str, *, needed: bool) -> dict[str, str]:
    """The officer's own words, which stay in the audit trail for good: so no number and no name of the member."""
    note = " ".join(unicodedata.normalize("NFKC", text).split())[:NOTE_MOST]
    if needed and not note:
        raise Invalid(NOTE_MISSING, field="note")
    if not note.isprintable() or _NUMBERS.search(note):
        raise Invalid(NOTE_WITH_NUMBERS, field="note")
    if name in note:
        raise Invalid(NOTE_WITH_NAME, field="note")
    return {"note": note} if note else {}


def _clear(member: Member) -> Clear:
    number = vault.unseal(DOCUMENT_FIELD, member.id_number) if member.id_number else None
    return Clear(
        member.name,
        Document(DocumentType(member.id_type), number) if number and member.id_type else None,
        vault.unseal(PHONE_FIELD, member.phone) if member.phone else None,
        vault.unseal(CARD_FIELD, member.printed_card) if member.printed_card else None,
        member.born_on,
    )


def _count(actor: str, scopes: Sequence[UnionPath], now: datetime.datetime, more: int = 1) -> None:
    looks = _count_look(actor, local_date(now), more)
    if looks // MANY_LOOKS > (looks - more) // MANY_LOOKS:
        outbox.post(UnmaskedOften(scopes[0], looks, now.isoformat()))


def _count_look(actor: str, day: datetime.date, more: int) -> int:
    """Looks of this officer on this day, these included: two at once are counted one after the other."""
    first = insert(UnmaskTally).values(actor=actor, day=day, looks=more)
    counted = first.on_conflict_do_update(
        index_elements=[UnmaskTally.actor, UnmaskTally.day], set_={"looks": UnmaskTally.looks + more}
    ).returning(UnmaskTally.looks)
    return int(db.session.execute(counted).scalar_one())
