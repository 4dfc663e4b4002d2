"""Many at once: one correction is open, an account is closed once."""

import psycopg

from services.core import clock
from services.core.errors import DomainError, Refusal
from services.rights import service
from services.rights.types import Wish
from tests.builders.world import World
from tests.harness.threads import together


def test_of_many_requests_at_once_one_is_open(world: World) -> None:
    member = world.member()

    def one() -> str:
        try:
            wish = Wish(phone="10000001234")
            world.do(lambda: service.ask_correction(actor=member, wish=wish, now=clock.now()))
        except DomainError as error:
            return error.code
        return "asked"

    assert sorted(together(*[one] * 8)) == ["asked"] + ["correction_open"] * 7


def test_many_closings_at_once_are_one(world: World, sql: psycopg.Connection) -> None:
    member = world.member()

    def close() -> Refusal | None:
        return world.do(lambda: service.close_account(actor=member, now=clock.now()))

    assert together(*[close] * 8) == [None] * 8
    assert sql.execute("SELECT count(*) FROM audit_entries WHERE action = 'account.closed'").fetchone() == (1,)
    ended = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'bindings.unbound'"
    assert sql.execute(ended).fetchone() == (1,)
