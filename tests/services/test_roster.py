"""A sheet from the upload to the undo, on the real database."""

import psycopg
import pytest

from services.members.roster.types import State, Verdict
from tests.builders.rosters import Office, row, xlsx
from tests.builders.world import World


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def test_a_sheet_is_checked_applied_and_does_nothing_a_second_time(office: Office, sql: psycopg.Connection) -> None:
    sheet = xlsx(row(ordinal) for ordinal in range(1, 8))
    first = office.check(sheet)
    assert office.counts(first) == {Verdict.NEW: 7}
    assert office.apply(first).state is State.APPLIED
    assert sql.execute("SELECT count(*) FROM members").fetchone() == (7,)
    assert office.counts(office.check(sheet)) == {Verdict.SAME: 7}
