"""Reads: a member's requests, an officer's tray, who looked."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, text

from services.accounts import posts
from services.core.audit import AuditEntry
from services.core.crypto import vault
from services.core.db import db
from services.core.errors import NotFound
from services.core.paging import Page, PageRequest
from services.members import queries as members
from services.members.documents import masked
from services.members.rules import masked_name, masked_phone
from services.members.search import sheet as record_sheet
from services.members.types import MemberId
from services.rights import wishes
from services.rights.errors import CORRECTION_UNKNOWN
from services.rights.models import CorrectionRequest
from services.rights.types import (
    Asked,
    Change,
    CorrectionCase,
    CorrectionId,
    CorrectionLine,
    CorrectionStatus,
    Look,
)
from services.unions import queries as unions
from services.unions.types import UnionId, UnionPath

MOST = 100
NOTE_FIELD = "correction_requests.note"
_ABOUT_RECORDS = text("audit_entries.action LIKE 'member.%'")
"""As the index says it: written with a value of its own, the index would not be used."""


def open_correction(member_id: MemberId) -> CorrectionId | None:
    of = (CorrectionRequest.member_id == member_id) & (CorrectionRequest.status == CorrectionStatus.OPEN)
    found = db.session.scalar(select(CorrectionRequest.id).where(of))
    return CorrectionId(found) if found else None


def corrections_of(member_id: MemberId) -> list[Asked]:
    """What this member asked for, the newest first, ten at most."""
    query = select(CorrectionRequest).where(CorrectionRequest.member_id == member_id)
    rows = db.session.scalars(query.order_by(CorrectionRequest.filed_at.desc()).limit(10)).all()
    offices = {row.union_id: unions.office(UnionId(row.union_id)) for row in rows}
    return [
        Asked(
            CorrectionId(row.id),
            CorrectionStatus(row.status),
            tuple(row.fields),
            offices[row.union_id].name,
            offices[row.union_id].contact.phone,
            row.filed_at,
            row.due_at,
            row.closed_at,
            vault.unseal(NOTE_FIELD, row.note) if row.note else None,
        )
        for row in rows
    ]


def correction_tray(*, scopes: Sequence[UnionPath]) -> list[CorrectionLine]:
    """The open requests of these subtrees, by due date, a hundred at most."""
    query, union = _lines()
    inside = unions.in_scopes(union.c.union_path, scopes)
    query = query.where(CorrectionRequest.status == CorrectionStatus.OPEN, inside)
    rows = db.session.execute(query.order_by(CorrectionRequest.due_at, CorrectionRequest.id).limit(MOST))
    return [_line(row) for row in rows]


def correction_case(request_id: CorrectionId, *, scopes: Sequence[UnionPath]) -> CorrectionCase:
    """Raises NotFound(correction_unknown), also for one in somebody else's tray."""
    query, union = _lines()
    of = (CorrectionRequest.id == request_id) & unions.in_scopes(union.c.union_path, scopes)
    row = db.session.execute(query.where(of)).first()
    if row is None:
        raise NotFound(CORRECTION_UNKNOWN)
    return CorrectionCase(_line(row), CorrectionStatus(row.status), _changes(row, scopes))


def looks(member_id: MemberId, request: PageRequest) -> Page[Look]:
    """Who read or changed this member's record, the newest first. Three statements."""
    query = select(AuditEntry).where(AuditEntry.subject_id == member_id, _ABOUT_RECORDS)
    rows = list(db.session.scalars(request.apply(query, AuditEntry.id)))
    officers = {row.actor: account for row in rows if (account := _officer(row.actor))}
    held = posts.held_by(list(officers.values()))
    found = []
    for row in rows:
        there = [post for post in held if post.account_id == officers.get(row.actor) and post.at(row.at)]
        found.append(
            Look(
                row.id,
                row.at,
                row.action,
                tuple(dict.fromkeys(post.role for post in there)),
                there[0].union_name if there else None,
                row.detail.get("reason"),
                row.detail.get("note"),
                tuple(row.detail.get("changed", ())),
            )
        )
    return request.page(found, [row.id for row in rows])


def _officer(actor: str) -> uuid.UUID | None:
    kind, _, account = actor.partition(":")
    return uuid.UUID(account) if kind == "officer" else None


def _lines() -> tuple[Any, Any]:
    union, holder = unions.unions().subquery("tray"), members.holders().subquery("holder")
    query = (
        select(
            CorrectionRequest.id, CorrectionRequest.member_id, CorrectionRequest.union_id, CorrectionRequest.status,
            CorrectionRequest.fields, CorrectionRequest.asked, CorrectionRequest.filed_at, CorrectionRequest.due_at,
            CorrectionRequest.proven, holder.c.member_name, union.c.union_name,
        )
        .join(union, union.c.union_id == CorrectionRequest.union_id)
        .join(holder, holder.c.member_id == CorrectionRequest.member_id)
    )  # fmt: skip
    return query, union


def _line(row: Row[Any]) -> CorrectionLine:
    return CorrectionLine(
        CorrectionId(row.id), MemberId(row.member_id), masked_name(row.member_name), UnionId(row.union_id),
        row.union_name, tuple(row.fields), row.filed_at, row.due_at, row.proven,
    )  # fmt: skip


def _changes(row: Row[Any], scopes: Sequence[UnionPath]) -> tuple[Change, ...]:
    if row.asked is None:
        return ()
    wish = wishes.opened(row.asked)
    sheet = record_sheet(MemberId(row.member_id), scopes=scopes)
    asked = {
        "name": (sheet.masked_name, wish.name and masked_name(wish.name)),
        "phone": (sheet.masked_phone, wish.phone and masked_phone(wish.phone)),
        "document": (sheet.masked_number, wish.document and masked(wish.document.number)),
        "words": (None, wish.words),
    }
    return tuple(Change(field, now, said) for field, (now, said) in asked.items() if said)
