"""Officers at one record at once, and one officer in many windows."""

import psycopg

from services.core import clock
from services.members import corrections
from services.members.types import ChangeReason, Correction, LookReason, Standing
from tests.builders.world import World
from tests.harness.threads import together

MANY = 24


def test_looks_at_once_are_all_counted_and_told_once(world: World, sql: psycopg.Connection) -> None:
    member = world.member().member_id

    def look() -> str:
        return world.do(
            lambda: corrections.unmask(
                member_id=member,
                reason=LookReason.ASKED,
                note="",
                actor="officer:busy",
                scopes=[world.town.path],
                now=clock.now(),
            )
        ).name

    assert together(*[look] * MANY) == ["李春梅"] * MANY
    assert sql.execute("SELECT sum(looks) FROM unmask_tallies").fetchall() == [(MANY,)]
    told = sql.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'members.unmasked_often'")
    assert told.fetchall() == [(1,)]


def test_two_who_write_the_same_correction_write_and_tell_it_once(world: World, sql: psycopg.Connection) -> None:
    member = world.member().member_id

    def rename() -> tuple[str, ...]:
        return world.do(
            lambda: corrections.correct(
                member_id=member,
                correction=Correction("李春玫"),
                reason=ChangeReason.ASKED,
                actor="test",
                scopes=[world.town.path],
                now=clock.now(),
            )
        )

    def leave() -> tuple[str, ...]:
        world.do(
            lambda: corrections.set_standing(
                member_id=member,
                standing=Standing.LEFT,
                reason=ChangeReason.ASKED,
                actor="test",
                scopes=[world.town.path],
                now=clock.now(),
            )
        )
        return ()

    done = together(*[rename, leave] * 6)
    assert [one for one in done if one] == [("name",)]
    told = sql.execute("SELECT args->'payload'->>'changed' FROM procrastinate_jobs").fetchall()
    assert sorted(told) == [(f"{member} name",), (f"{member} standing",)]
