"""Sealing again what an old key sealed, column by column, while everybody goes on writing.

A column is named as its values are sealed: "members.phone". The work needs no memory of its own: what still begins
with an old key's id is what is left to do.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, LargeBinary, Table, and_, bindparam, func, literal, select, tuple_, update

from services.core.crypto import SealBroken, vault
from services.core.db import Base, db

BATCH = 500

Key = tuple[Any, ...]


@dataclass(frozen=True)
class Batch:
    """What became of one batch: how many values were sealed anew, how many do not open, and where to go on."""

    done: int
    broken: int
    #: the last primary key looked at; none when the column has been gone through
    last: Key | None


def key_ids(column: str) -> dict[str, int]:
    """Key id -> how many values of this column it sealed."""
    _, sealed = _column(column)
    head = func.convert_from(func.substring(sealed, 1, 1), "SQL_ASCII")
    rows = db.session.execute(select(head, func.count()).where(sealed.is_not(None)).group_by(head))
    return {str(key_id): int(count) for key_id, count in rows}


def reseal(column: str, *, after: Key | None = None) -> Batch:
    """Seals up to 500 values of a column with the newest key, in the order of the primary key, from behind `after`.

    Each row is locked while that happens, and written only if its value is still the one that was read: what a
    writer changed meanwhile stays. Rows that somebody else holds are left for the next round.
    """
    table, sealed = _column(column)
    key = list(table.primary_key)
    old = func.substring(sealed, 1, 1) != literal(vault.current.encode(), LargeBinary)
    query = select(*key, sealed).where(sealed.is_not(None), old).order_by(*key).limit(BATCH)
    if after is not None:
        query = query.where(tuple_(*key) > tuple_(*after))
    rows = db.session.execute(query.with_for_update(key_share=True, skip_locked=True)).all()
    changes, broken = [], 0
    for row in rows:
        value = row[-1]
        try:
            fresh = vault.seal_bytes(column, vault.unseal_bytes(column, value))
        except SealBroken:
            broken += 1
            continue
        changes.append({f"key_{n}": part for n, part in enumerate(row[:-1])} | {"was": value, "fresh": fresh})
    if changes:
        same = and_(*(part == bindparam(f"key_{n}") for n, part in enumerate(key)), sealed == bindparam("was"))
        db.session.connection().execute(update(table).where(same).values({sealed: bindparam("fresh")}), changes)
    return Batch(len(changes), broken, tuple(rows[-1][:-1]) if rows else None)


def unreadable(column: str, *, sample: int) -> int:
    """How many of up to `sample` values, some from all over the column, do not open."""
    _, sealed = _column(column)
    query = select(sealed).where(sealed.is_not(None)).order_by(func.random()).limit(sample)
    bad = 0
    for value in db.session.scalars(query):
        try:
            vault.unseal_bytes(column, value)
        except SealBroken:
            bad += 1
    return bad


def _column(name: str) -> tuple[Table, Column[bytes]]:
    table_name, _, column = name.partition(".")
    table = Base.metadata.tables[table_name]
    return table, table.c[column]
