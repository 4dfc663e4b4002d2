"""The database as PostgreSQL tells it: every unique constraint has a meaning, every constraint a name of ours."""

from collections.abc import Iterator

import psycopg
import pytest
from flask import Flask
from sqlalchemy import Column, DateTime, MetaData, Table

from services.core import constraints
from services.core.db import Base

UNIQUE = """
    SELECT c.relname, i.indisprimary FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    WHERE t.relnamespace = 'public'::regnamespace AND (i.indisunique OR i.indisexclusion)
    AND t.relname NOT LIKE 'procrastinate\\_%' AND t.relname <> 'alembic_version'
"""
NAMED = """
    SELECT t.relname, c.conname, c.contype::text FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    WHERE t.relnamespace = 'public'::regnamespace AND c.contype <> 'n'
    UNION ALL
    SELECT t.relname, c.relname, CASE WHEN i.indisunique THEN 'u' ELSE 'i' END FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
    WHERE t.relnamespace = 'public'::regnamespace AND NOT i.indisprimary
"""
PREFIX = {"p": "pk", "u": "uq", "f": "fk", "c": "ck", "i": "ix", "x": "uq"}


def meanings_amiss(connection: psycopg.Connection, known: frozenset[str]) -> dict[str, set[str]]:
    """Unique indexes that no errors.py names, and names that no unique index or primary key has."""
    rows = connection.execute(UNIQUE).fetchall()
    unique, primary = {name for name, is_key in rows if not is_key}, {name for name, is_key in rows if is_key}
    return {"without a meaning": unique - known, "not in the database": set(known) - unique - primary}


def names_amiss(connection: psycopg.Connection) -> list[str]:
    """Constraints and indexes of our tables that are not called as services/core/db.py wants it."""
    return sorted(
        name
        for table, name, kind in connection.execute(NAMED)
        if not table.startswith("procrastinate_")
        and table != "alembic_version"
        and name != f"pk_{table}"
        and not (kind != "p" and name.startswith(f"{PREFIX[kind]}_{table}_"))
    )


def naive(metadata: MetaData) -> list[str]:
    """Columns that hold a time without its zone."""
    return [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, DateTime) and not column.type.timezone
    ]


@pytest.fixture
def faulty(sql: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The database with a table that somebody made by hand; gone when the test ends."""
    with sql.transaction(force_rollback=True):
        sql.execute("CREATE TABLE planted (id int PRIMARY KEY, name text UNIQUE, CHECK (id > 0))")
        sql.execute("CREATE UNIQUE INDEX uq_planted_lower ON planted (lower(name))")
        yield sql


def test_every_unique_constraint_has_a_meaning(app: Flask, sql: psycopg.Connection) -> None:
    assert meanings_amiss(sql, constraints.known()) == {"without a meaning": set(), "not in the database": set()}


def test_a_unique_constraint_without_a_meaning_is_found(app: Flask, faulty: psycopg.Connection) -> None:
    amiss = meanings_amiss(faulty, constraints.known() | {"uq_gone"})
    assert amiss == {"without a meaning": {"planted_name_key", "uq_planted_lower"}, "not in the database": {"uq_gone"}}


def test_every_constraint_is_named_by_convention(sql: psycopg.Connection) -> None:
    assert names_amiss(sql) == []


def test_a_name_that_the_database_made_is_found(faulty: psycopg.Connection) -> None:
    assert names_amiss(faulty) == ["planted_id_check", "planted_name_key", "planted_name_key", "planted_pkey"]


def test_every_time_has_its_zone() -> None:
    assert naive(Base.metadata) == []


def test_a_naive_time_is_found() -> None:
    metadata = MetaData()
    Table("planted", metadata, Column("at", DateTime()), Column("on", DateTime(timezone=True)))
    assert naive(metadata) == ["planted.at"]
