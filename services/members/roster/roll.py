"""The roster as it stands, read for many rows at once: unions by name, members by document and by phone."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import Row, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from services.core.crypto import vault
from services.core.db import db
from services.members.documents import DocumentType, Sex
from services.members.models import Member
from services.members.roster.types import Known, Person
from services.members.roster.verdicts import Directory, plain_union_name
from services.members.rules import same_name
from services.members.service import CARD_FIELD, document_index, phone_index
from services.members.types import MemberId, Standing
from services.unions import queries as unions
from services.unions.rules import within
from services.unions.types import Level, UnionId, UnionPath, UnionView

Record = Row[Any]
"""A whole row of members with union_path."""


def directory(*, union_path: UnionPath, reach: UnionPath) -> Directory:
    """The unions that rows of an import may name."""
    inside: dict[str, list[tuple[UnionId, UnionPath]]] = {}
    everywhere: set[str] = set()
    here: list[UnionView] = []
    for union in (one for root in unions.roots() for one in unions.subtree(scope=root.path)):
        names = {plain_union_name(text) for text in union.name.values()}
        everywhere |= names
        if within(union.path, union_path):
            here.append(union)
            for name in names:
                inside.setdefault(name, []).append((union.id, union.path))
    top = here[0] if here else None
    alone = top is not None and (top.level is Level.GRASSROOTS or len(here) == 1)
    return Directory(inside, frozenset(everywhere), (top.id, top.path) if top and alone else None, reach)


def among(column: Any, values: Sequence[Any]) -> Any:
    """column IN (unnest(array)): one parameter, where IN would be one for each value.

    A join to the planner, so that it stays linear also while the table grows under old statistics: `= ANY(array)` in a
    prepared plan compares every row with every value.
    """
    return column.in_(select(func.unnest(literal(list(values), ARRAY(column.type)))))


def records(where: Any, *, lock: bool = False) -> list[Record]:
    """Members with their union's path; locked in the order of their ids, so that two who lock many never deadlock."""
    if lock:
        db.session.execute(select(Member.id).where(where).order_by(Member.id).with_for_update())
    union = unions.unions().subquery()
    query = select(*Member.__table__.columns, union.c.union_path).join(union, union.c.union_id == Member.union_id)
    return list(db.session.execute(query.where(where)))


def matcher(people: Sequence[Person], *, lock: bool = False) -> Callable[[Person], Record | None]:
    """Whom each of these people is in the roster: by document, or by name and phone where no document is recorded."""
    papers = {id(person): document_index(person.document) for person in people}
    by_document = _by_document(list(papers.values()), lock=lock)
    phones = {
        id(person): phone_index(person.phone)
        for person in people
        if person.phone and papers[id(person)] not in by_document
    }
    by_phone = _by_phone(set(phones.values()), lock=lock)

    def match(person: Person) -> Record | None:
        record = by_document.get(papers[id(person)])
        if record is not None or id(person) not in phones:
            return record
        alike = [one for one in by_phone.get(phones[id(person)], []) if same_name(one.name, person.name)]
        return alike[0] if len(alike) == 1 else None

    return match


def known(record: Record, *, with_card: bool) -> Known:
    card = vault.unseal(CARD_FIELD, record.printed_card) if with_card and record.printed_card else None
    return Known(
        member_id=MemberId(record.id),
        name=record.name,
        standing=Standing(record.standing),
        union_id=UnionId(record.union_id),
        union_path=UnionPath(record.union_path),
        sex=Sex(record.sex) if record.sex else None,
        born_on=record.born_on,
        joined_on=record.joined_on,
        phone_index=record.phone_index,
        printed_card=card,
        id_type=DocumentType(record.id_type) if record.id_type else None,
    )


def _by_document(indexes: Sequence[bytes], *, lock: bool) -> dict[bytes, Record]:
    return (
        {record.id_index: record for record in records(among(Member.id_index, indexes), lock=lock)} if indexes else {}
    )


def _by_phone(indexes: Collection[bytes], *, lock: bool) -> dict[bytes, list[Record]]:
    found: dict[bytes, list[Record]] = {}
    if indexes:
        alike = among(Member.phone_index, list(indexes)) & Member.id_type.is_(None)
        for record in records(alike, lock=lock):
            found.setdefault(record.phone_index, []).append(record)
    return found
