"""A start leaves out the preparation when there is nothing to prepare, and only then."""

import psycopg
from flask import Flask

from app.prepared import nothing_to_do
from tests.builders.world import World


def test_a_new_schema_without_a_wish_for_a_demo_is_prepared(app: Flask, database_url: str) -> None:
    assert nothing_to_do(database_url, demo=False)
    assert not nothing_to_do(database_url, demo=True)
    World(app)
    assert nothing_to_do(database_url, demo=True)


def test_an_older_schema_and_an_empty_database_are_not(app: Flask, sql: psycopg.Connection, database_url: str) -> None:
    newest = sql.execute("SELECT version_num FROM alembic_version").fetchone()
    sql.execute("UPDATE alembic_version SET version_num = '0001'")
    try:
        assert not nothing_to_do(database_url, demo=False)
    finally:
        sql.execute("UPDATE alembic_version SET version_num = %s", newest)
    assert nothing_to_do(database_url, demo=False)
    assert not nothing_to_do(database_url.replace("/gonghui?", "/postgres?"), demo=False)
