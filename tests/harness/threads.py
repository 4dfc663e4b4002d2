"""Many at once: threads that begin behind one barrier, and a pool of connections wide enough to let them meet."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import psycopg
import pytest
from flask import Flask
from sqlalchemy import create_engine

from services.core.db import db, engine_options

T = TypeVar("T")
PATIENCE = 60.0
WIDTH = 40


def together(*works: Callable[[], T]) -> list[T]:
    """Runs every work in a thread of its own, all from one starting line; results in the order given.

    The first exception is raised here, after all have ended.
    """
    line = threading.Barrier(len(works))
    results: dict[int, T] = {}
    faults: list[BaseException] = []

    def run(number: int, work: Callable[[], T]) -> None:
        try:
            line.wait(PATIENCE)
            results[number] = work()
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=pair, daemon=True) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads), "a thread hangs"
    if faults:
        raise faults[0]
    return [results[number] for number in range(len(works))]


def until_somebody_waits(sql: psycopg.Connection) -> None:
    """Returns once a transaction waits for a lock of another."""
    end = time.monotonic() + PATIENCE
    while not sql.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
        assert time.monotonic() < end, "nobody waits"
        time.sleep(0.01)


@pytest.fixture
def crowd(app: Flask) -> Iterator[Flask]:
    """The application with a connection for each of 40 threads, so that they meet in the database, not before it."""
    with connected_to(app) as wide:
        yield wide


@contextlib.contextmanager
def connected_to(app: Flask, url: str | None = None) -> Iterator[Flask]:
    """Gives `app` a wide engine, on another database if `url` (SQLAlchemy's form) names one; takes it back after."""
    with app.app_context():
        usual = db.engine
        db.engines[None] = create_engine(url or usual.url, **engine_options(pool_size=WIDTH, statement_seconds=30))
    try:
        yield app
    finally:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
            db.engines[None] = usual
