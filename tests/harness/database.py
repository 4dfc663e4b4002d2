"""One PostgreSQL of its own for the whole run, migrated by the real migrations; every test begins with empty tables.

Code under test really commits, so threads and other processes see what it wrote.
"""

import gc
import tempfile
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import psycopg
import pytest
from flask import Flask

from app.embedded import cluster
from app.factory import create_app
from app.settings import Settings, fresh_keys, load
from services.core.db import Base, db
from services.core.files import files

FROM_MIGRATIONS = frozenset({"day_exceptions", "trades"})
"""Tables that migrations fill: they stay. A test that changes one puts it back."""


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """libpq form: postgresql://…"""
    quick = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    with (
        tempfile.TemporaryDirectory(prefix="gonghui-test-", ignore_cleanup_errors=True) as folder,
        cluster(Path(folder) / "pg", settings=quick) as url,
    ):
        yield url


@pytest.fixture(scope="session")
def environment(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a web or worker process of the tests is started with."""
    return {
        **fresh_keys(),
        "DATABASE_URL": database_url,
        "INSTANCE_DIR": str(tmp_path_factory.mktemp("instance")),
        "DEMO": "1",
        "LOG_LEVEL": "error",
        "PUBLIC_URL": "http://127.0.0.1:8000",
    }


@pytest.fixture(scope="session")
def settings(environment: dict[str, str]) -> Settings:
    return load(environment)


@pytest.fixture(scope="session")
def migrated(settings: Settings) -> Flask:
    """The application on a database at the newest schema. Tests ask for `app`."""
    app = create_app(settings)
    app.config["TESTING"] = True
    with app.app_context():
        flask_migrate.upgrade()
    # What is there now stays to the end: looking through it for garbage again and again took a twentieth of all tests.
    gc.collect()
    gc.freeze()
    return app


@pytest.fixture(scope="session")
def broom(migrated: Flask, database_url: str) -> Iterator[psycopg.Connection]:
    """Empties the tables after each test. One for all of them: a fresh one plans every DELETE and its checks anew."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def app(migrated: Flask, broom: psycopg.Connection) -> Iterator[Flask]:
    """The application on empty tables, without files. No application context is pushed."""
    yield migrated
    for limiter in migrated.extensions["limiter"]:
        limiter.reset()
    with migrated.app_context():
        db.session.remove()
        left = broom.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state LIKE 'idle in %'")
        # The next test has the warm connections of this one, unless this one left some in use.
        if left.fetchall() or db.engine.pool.checkedout():  # type: ignore[attr-defined]
            db.engine.dispose()
    for key in list(files.walk()):
        files.delete(key)
    tables = [table.name for table in reversed(Base.metadata.sorted_tables) if table.name not in FROM_MIGRATIONS]
    tables.append("procrastinate_jobs")
    broom.execute("; ".join(f'DELETE FROM "{table}"' for table in tables).encode())


@pytest.fixture
def sql(app: Flask, database_url: str) -> Iterator[psycopg.Connection]:
    """A connection beside the application's, to look at what was really committed."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection
