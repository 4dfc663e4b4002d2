"""The migrations: one head, equal to the models, down to nothing and up again; and the outbox's own schema."""

import re
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import flask_migrate
import procrastinate
import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from procrastinate.schema import SchemaManager
from sqlalchemy import text

from services.core.db import Base, db
from tests.house.tree import ROOT

Fact = tuple[str, ...]
FACTS = """
    SELECT 'column', c.relname::text, a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
        || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END || coalesce(' ' || pg_get_expr(d.adbin, d.adrelid), '')
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT 'constraint', conrelid::regclass::text, conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
    UNION ALL
    SELECT 'index', indrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i
    JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace
"""
LEFT_BEHIND = """
    SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind NOT IN ('i', 'c')
    UNION ALL SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT typname::text FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
"""
UPGRADE = """The package's schema.sql is not the one that the newest migrations/procrastinate_*.sql holds.
After an upgrade of procrastinate: 1. read its release notes; 2. add a migration that runs the new files of
procrastinate/sql/migrations in order; 3. copy procrastinate/sql/schema.sql to migrations/procrastinate_{version}.sql
(the old file stays: migration 0001 reads it); 4. see that this test and test_down_to_nothing_and_up_again pass."""


def facts(url: str) -> set[Fact]:
    """Every column, constraint and index of our tables as PostgreSQL writes it."""
    with psycopg.connect(url) as connection:
        rows = set(connection.execute(FACTS).fetchall())
    return {row for row in rows if not row[1].startswith("procrastinate_") and row[1] != "alembic_version"}


def outbox_schema_differs(folder: Path, installed: str) -> bool:
    """Is the newest of the versioned files another text than the installed package's?"""
    files = folder.glob("procrastinate_*.sql")
    newest = max(files, key=lambda path: [int(part) for part in re.findall(r"\d+", path.name)])
    return newest.read_text(encoding="utf-8").strip() != installed.strip()


@contextmanager
def scratch(cluster: str) -> Iterator[tuple[Flask, str]]:
    """A small application on an empty database of the same cluster."""
    name = f"scratch_{uuid.uuid4().hex[:12]}"
    with closing(psycopg.connect(cluster, autocommit=True)) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        url = urlsplit(cluster)._replace(path=f"/{name}").geturl()
        app = Flask(name, root_path=str(ROOT))
        app.config["SQLALCHEMY_DATABASE_URI"] = url.replace("postgresql://", "postgresql+psycopg://", 1)
        db.init_app(app)
        flask_migrate.Migrate(app, db, directory=str(ROOT / "migrations"), compare_type=True)
        with app.app_context():
            yield app, url
            db.session.remove()
            db.engine.dispose()
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def empty(database_url: str) -> Iterator[str]:
    with scratch(database_url) as (_, url):
        yield url


def test_there_is_one_head_and_every_migration_has_a_sentence() -> None:
    script = ScriptDirectory(str(ROOT / "migrations"))
    assert len(script.get_heads()) == 1
    assert [revision.revision for revision in script.walk_revisions() if not revision.doc] == []


def test_down_to_nothing_and_up_again(empty: str) -> None:
    flask_migrate.upgrade()
    once = facts(empty)
    flask_migrate.downgrade(revision="base")
    with psycopg.connect(empty) as connection:
        assert connection.execute(LEFT_BEHIND).fetchall() == [("alembic_version",)]
    flask_migrate.upgrade()
    assert facts(empty) == once


def test_migrations_make_what_the_models_say(migrated: Flask, database_url: str, empty: str) -> None:
    Base.metadata.create_all(db.engine)
    assert facts(database_url) == facts(empty)


def test_a_model_that_no_migration_knows_is_found(migrated: Flask, database_url: str, empty: str) -> None:
    Base.metadata.create_all(db.engine)
    with db.engine.connect() as connection:
        connection.execute(text("ALTER TABLE cards DROP CONSTRAINT ck_cards_status"))
        connection.commit()
    assert [fact[:2] for fact in facts(database_url) ^ facts(empty)] == [("constraint", "cards")]


def test_a_new_migration_would_be_empty(migrated: Flask) -> None:
    def ours(name: str | None, kind: str, _parents: object) -> bool:
        return not (kind == "table" and (name or "").startswith("procrastinate_"))

    with migrated.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": ours})
        assert compare_metadata(context, Base.metadata) == []


def test_the_outbox_schema_is_the_one_of_the_installed_package() -> None:
    version = procrastinate.__version__
    assert not outbox_schema_differs(ROOT / "migrations", SchemaManager.get_schema()), UPGRADE.format(version=version)


def test_a_changed_outbox_schema_is_found(tmp_path: Path) -> None:
    (tmp_path / "procrastinate_3.9.0.sql").write_text("CREATE TABLE old ();")
    (tmp_path / "procrastinate_3.10.0.sql").write_text("CREATE TABLE new ();")
    assert not outbox_schema_differs(tmp_path, "CREATE TABLE new ();\n")
    assert outbox_schema_differs(tmp_path, "CREATE TABLE newer ();")
