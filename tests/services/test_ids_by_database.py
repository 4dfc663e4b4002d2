"""Ids made by a statement are as those made in Python, on every PostgreSQL that is supported."""

import time

from sqlalchemy import func, select

from services.core.db import db
from services.core.ids import uuid7_made_by_database
from tests.builders.world import World


def test_ids_made_by_the_database_are_version_7_of_this_moment_and_differ(world: World) -> None:
    number = func.generate_series(1, 500).table_valued("number")
    before = time.time_ns() // 1_000_000
    ids = world.look(lambda: list(db.session.scalars(select(uuid7_made_by_database()).select_from(number))))
    after = time.time_ns() // 1_000_000
    assert len(set(ids)) == 500
    assert {(one.version, one.variant) for one in ids} == {(7, "specified in RFC 4122")}
    # The clocks of two processes on one machine may differ by a little.
    assert all(before - 5 <= one.int >> 80 <= after + 5 for one in ids)
