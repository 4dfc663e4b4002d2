"""COPY is one more statement of the transaction: it goes with it, and its errors are those of any other."""

import traceback
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.core.copying import copy_in
from services.core.db import db
from services.core.errors import LostRace, Unavailable
from services.core.ids import uuid7
from services.core.transaction import ATTEMPTS, in_transaction
from tests.builders.world import World

COLUMNS = ("id", "parent_id", "path", "level", "name", "join_token")


def row(world: World, path: str, **over: Any) -> dict[str, Any]:
    return {
        "id": uuid7(), "parent_id": world.federation.id, "path": path, "level": "town", "name": {"zh": "北镇总工会"},
        "join_token": uuid7().hex[-16:].upper(), **over,
    }  # fmt: skip


def count(sql: psycopg.Connection) -> int:
    return sql.execute("SELECT count(*) FROM unions WHERE name->>'zh' = '北镇总工会'").fetchall()[0][0]  # type: ignore[no-any-return]


def test_rows_come_and_go_with_the_transaction(world: World, sql: psycopg.Connection) -> None:
    def fail() -> None:
        copy_in("unions", COLUMNS, [row(world, "zzzz")])
        raise RuntimeError

    with pytest.raises(RuntimeError):
        world.do(fail)
    assert count(sql) == 0
    world.do(lambda: copy_in("unions", COLUMNS, [row(world, "zzzz"), row(world, "zzzy")]))
    assert count(sql) == 2


def test_a_clash_runs_the_work_again(world: World, sql: psycopg.Connection) -> None:
    tries = []

    def clash() -> None:
        tries.append(1)
        copy_in("unions", COLUMNS, [row(world, world.town.path)])

    with pytest.raises(Unavailable):
        world.do(clash)
    assert len(tries) == ATTEMPTS
    with world.app.app_context(), pytest.raises(LostRace):
        clash()


def test_a_connection_that_broke_is_made_anew(app: Flask, world: World, sql: psycopg.Connection) -> None:
    tries = []

    def work() -> None:
        tries.append(1)
        pid = db.session.execute(text("SELECT pg_backend_pid()")).scalar_one()
        if len(tries) == 1:
            sql.execute("SELECT pg_terminate_backend(%s, 2000)", [pid])
        copy_in("unions", COLUMNS, [row(world, "zzzz")])

    with app.app_context():
        in_transaction(work)
    assert (len(tries), count(sql)) == (2, 1)


def test_another_fault_is_the_databases_own_and_quotes_no_row(world: World) -> None:
    with pytest.raises(DBAPIError) as said:
        world.do(lambda: copy_in("unions", COLUMNS, [row(world, "zzzz", level="Q" * 60)]))
    assert "Q" * 20 not in "".join(traceback.format_exception(said.value))
