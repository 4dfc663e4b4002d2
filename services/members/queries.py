"""Reads."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Text, func, select

from services.core.crypto import vault
from services.core.db import Rows, among, db
from services.core.errors import NotFound
from services.members.documents import Document
from services.members.errors import MEMBER_UNKNOWN
from services.members.models import Member
from services.members.rules import masked_phone, same_name, tidy_name
from services.members.service import PHONE_FIELD, document_index, phone_index
from services.members.types import Found, Holder, MemberId, Profile, Standing
from services.unions import queries as unions
from services.unions.types import TradeGroup, UnionId, UnionPath


def holders() -> Rows:
    """member_id, member_name, standing, union_id, union_path, union_name, union_trade_group, for a join."""
    union = unions.unions().subquery("member_union")
    return select(
        Member.id.label("member_id"),
        Member.name.label("member_name"),
        Member.standing,
        Member.union_id,
        union.c.union_path,
        union.c.union_name,
        union.c.union_trade_group,
    ).join(union, union.c.union_id == Member.union_id)


def holder_of(row: Any) -> Holder:
    """Reads the columns of `holders` off a joined row."""
    return Holder(
        MemberId(row.member_id),
        row.member_name,
        Standing(row.standing),
        UnionPath(row.union_path),
        row.union_name,
        _trade_group(row),
    )


def _trade_group(row: Any) -> TradeGroup | None:
    return TradeGroup(row.union_trade_group) if row.union_trade_group else None


def records() -> Rows:
    """member_id, member_name, standing, sex, born_on, union_path, union_trade_group of everybody, for a join."""
    union = unions.unions().subquery("record_union")
    return select(
        Member.id.label("member_id"),
        Member.name.label("member_name"),
        Member.standing,
        Member.sex,
        Member.born_on,
        union.c.union_path,
        union.c.union_trade_group,
    ).join(union, union.c.union_id == Member.union_id)


def named(people: Sequence[tuple[str, str]]) -> list[MemberId | None]:
    """Of each name and phone (digits) the one member who has both and has not left; None for nobody or several."""
    indexes = [phone_index(number) for _, number in people]
    query = select(Member.id, Member.name, Member.phone_index).where(
        among(Member.phone_index, indexes), Member.standing != Standing.LEFT
    )
    rows = db.session.execute(query).all()
    found: list[MemberId | None] = []
    for (name, _), index in zip(people, indexes, strict=True):
        fits = [row.id for row in rows if row.phone_index == index and same_name(row.name, name)]
        found.append(MemberId(fits[0]) if len(fits) == 1 else None)
    return found


def fitting(people: Sequence[tuple[str, str]], *, scopes: Sequence[UnionPath]) -> list[list[MemberId]]:
    """Of each name and phone (digits) the members who have both and have not left; of a name without a phone ("")
    those of these subtrees who have it. Two statements."""
    indexes = [phone_index(number) if number else b"" for _, number in people]
    there = Member.standing != Standing.LEFT
    by_phone = db.session.execute(
        select(Member.id, Member.name, Member.phone_index).where(among(Member.phone_index, indexes), there)
    ).all()
    plain = [tidy_name(name).replace(" ", "").lower() for name, number in people if not number]
    union = unions.unions().subquery()
    written = func.replace(func.lower(Member.name), " ", "", type_=Text)
    by_name = (
        db.session.execute(
            select(Member.id, Member.name)
            .join(union, union.c.union_id == Member.union_id)
            .where(among(written, plain), there, unions.in_scopes(union.c.union_path, scopes))
        ).all()
        if plain
        else []
    )
    return [
        [MemberId(row.id) for row in by_phone if row.phone_index == index and same_name(row.name, name)]
        if index
        else [MemberId(row.id) for row in by_name if same_name(row.name, name)]
        for (name, _), index in zip(people, indexes, strict=True)
    ]


def homes() -> Rows:
    """member_id, union_id of everybody, also who has left, for a join."""
    return select(Member.id.label("member_id"), Member.union_id)


def left() -> Rows:
    """member_id of everybody who has left the union, for a join."""
    return select(Member.id.label("member_id")).where(Member.standing == Standing.LEFT)


def phones() -> Rows:
    """member_id, phone (sealed under PHONE_FIELD), phone_index of everybody, for a join."""
    return select(Member.id.label("member_id"), Member.phone, Member.phone_index)


def profile(member_id: MemberId) -> Profile:
    """Raises NotFound(member_unknown)."""
    union = unions.unions().subquery()
    row = db.session.execute(
        select(Member, union.c.union_path, union.c.union_name, union.c.union_trade_group)
        .join(union, union.c.union_id == Member.union_id)
        .where(Member.id == member_id)
    ).first()
    if row is None:
        raise NotFound(MEMBER_UNKNOWN)
    member: Member = row[0]
    return Profile(
        MemberId(member.id),
        member.name,
        Standing(member.standing),
        UnionId(member.union_id),
        UnionPath(row.union_path),
        row.union_name,
        member.joined_on,
        _trade_group(row),
    )


def phone(member_id: MemberId) -> str | None:
    """138****1234, None without one. Raises SealBroken when it cannot be read any more."""
    sealed = db.session.scalar(select(Member.phone).where(Member.id == member_id))
    return masked_phone(vault.unseal(PHONE_FIELD, sealed)) if sealed else None


def phone_number(member_id: MemberId) -> str | None:
    """The roster's phone in clear, for whoever sends something to it. Raises SealBroken."""
    sealed = db.session.scalar(select(Member.phone).where(Member.id == member_id))
    return vault.unseal(PHONE_FIELD, sealed) if sealed else None


def by_document(document: Document) -> Found | None:
    """Whose document this is, whatever his standing. Raises SealBroken when the phone cannot be read any more."""
    union = unions.unions().subquery()
    row = db.session.execute(
        select(Member.id, Member.name, Member.standing, Member.union_id, Member.phone, union.c.union_path)
        .join(union, union.c.union_id == Member.union_id)
        .where(Member.id_index == document_index(document))
    ).first()
    if row is None:
        return None
    return Found(
        MemberId(row.id),
        row.name,
        Standing(row.standing),
        UnionId(row.union_id),
        UnionPath(row.union_path),
        vault.unseal(PHONE_FIELD, row.phone) if row.phone else None,
    )


def sharing_phone(phone: str) -> int:
    """How many members who have not left have this phone; digits as core.phones gives them."""
    query = select(func.count()).where(Member.phone_index == phone_index(phone), Member.standing != Standing.LEFT)
    return db.session.scalar(query) or 0
