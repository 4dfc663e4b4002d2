"""Reads for an officer who looks somebody up: by name, or by a whole number. What is found is masked."""

import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, literal, or_, select

from services.core.crypto import vault
from services.core.db import Rows, db
from services.core.errors import NotFound
from services.core.phones import phone
from services.members.documents import Document, DocumentType, document, masked
from services.members.errors import MEMBER_UNKNOWN
from services.members.models import Member
from services.members.queries import holders
from services.members.rules import masked_name, masked_phone, tidy_name
from services.members.service import CARD_FIELD, DOCUMENT_FIELD, PHONE_FIELD, document_index, phone_index
from services.members.types import MemberId, Sheet, Standing
from services.unions import queries as unions
from services.unions.queries import in_scopes
from services.unions.types import UnionId, UnionPath

_UNSEEN = re.compile(r"[\x00-\x1f\x7f]")


def sought(text: str) -> Rows:
    """The columns of `queries.holders` for those whom a name, a whole document number or a whole phone fits.

    A name fits when it holds the text; a single sign must be its first. Numbers are found whole or not at all.
    """
    return holders().where(_fits(text))


def headcounts() -> Rows:
    """union_id, member_id, standing of everybody who has not left, for a join."""
    return select(Member.union_id, Member.id.label("member_id")).where(Member.standing != Standing.LEFT)


def sheet(member_id: MemberId, *, scopes: Sequence[UnionPath]) -> Sheet:
    """One record with masked fields. Raises NotFound(member_unknown) outside of these subtrees, and SealBroken."""
    union = unions.unions().subquery()
    row = db.session.execute(
        select(Member, union.c.union_path, union.c.union_name)
        .join(union, union.c.union_id == Member.union_id)
        .where(Member.id == member_id, in_scopes(union.c.union_path, scopes))
    ).first()
    if row is None:
        raise NotFound(MEMBER_UNKNOWN)
    member: Member = row[0]
    number = vault.unseal(DOCUMENT_FIELD, member.id_number) if member.id_number else None
    number_on_card = vault.unseal(CARD_FIELD, member.printed_card) if member.printed_card else None
    return Sheet(
        MemberId(member.id),
        masked_name(member.name),
        Standing(member.standing),
        UnionId(member.union_id),
        UnionPath(row.union_path),
        row.union_name,
        member.sex,
        DocumentType(member.id_type) if member.id_type else None,
        masked(number) if number else None,
        masked_phone(vault.unseal(PHONE_FIELD, member.phone)) if member.phone else None,
        masked(number_on_card) if number_on_card else None,
        member.joined_on,
        member.left_on,
        member.changed_at,
    )


def _fits(text: str) -> ColumnElement[bool]:
    text = _UNSEEN.sub("", text)
    digits = phone(text)
    # A number says its kind seldom: eight digits are a passport's or a permit's, eighteen anybody's.
    papers = [found for kind in DocumentType if isinstance(found := document(kind, text), Document)]
    if digits or papers:
        indexes = [document_index(paper) for paper in papers]
        return or_(
            Member.phone_index == phone_index(digits) if digits else literal(False), Member.id_index.in_(indexes)
        )
    name = tidy_name(text).replace(" ", "").lower()
    if not name:
        return literal(False)
    at = func.strpos(func.replace(func.lower(Member.name), " ", ""), name)
    return and_(at > 0, at == 1) if len(name) == 1 else at > 0
