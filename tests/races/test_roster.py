"""Imports under several hands at once, and cut off half way."""

import datetime
from collections.abc import Callable

import psycopg
import pytest
from flask import Flask

from app import roster
from services.core import clock
from services.core.errors import Conflict
from services.core.transaction import in_transaction
from services.members.roster import service
from services.members.roster.service import applying
from services.members.roster.types import Field, ImportId, Outcome, State, Verdict
from tests.builders.rosters import Office, number, row, xlsx
from tests.builders.world import World
from tests.harness.threads import together

HANDS = 6
COUNT = 60


@pytest.fixture
def office(crowd: Flask, world: World) -> Office:
    return Office(world)


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many chunks of few rows: hands meet between them."""
    monkeypatch.setattr(applying, "CHUNK", 7)


def people(count: int = COUNT) -> bytes:
    return xlsx(row(n) for n in range(1, count + 1))


def said(work: Callable[[], object]) -> str:
    """ "done", or the code of the no."""
    try:
        work()
    except Conflict as conflict:
        return conflict.code
    return "done"


def begin(office: Office, import_id: ImportId, verb: str, hand: int) -> Callable[[], str]:
    actor = f"officer:{hand}"

    def work() -> str:
        act = getattr(office, verb)
        return said(lambda: act(import_id, actor))

    return work


def test_of_officers_who_apply_at_once_one_does_and_the_others_are_told(
    office: Office, sql: psycopg.Connection
) -> None:
    import_id = office.check(people())
    told = together(*(begin(office, import_id, "apply", hand) for hand in range(HANDS)))
    assert sorted(told) == ["done"] + ["roster_import_moved_on"] * (HANDS - 1)
    assert office.see(import_id).outcomes == {Outcome.APPLIED: COUNT}
    assert sql.execute("SELECT count(*), count(DISTINCT id_index) FROM members").fetchone() == (COUNT, COUNT)


def test_several_workers_on_one_import_write_each_row_once(office: Office, sql: psycopg.Connection) -> None:
    import_id = office.check(people())

    def work() -> None:
        with office.world.app.app_context():
            roster.apply(import_id)

    office.world.do(
        lambda: service.begin_apply(
            import_id=import_id, scopes=office.scopes, actor="officer:1", now=clock.now(), post=False
        )
    )
    together(*[work] * HANDS)
    assert office.see(import_id).outcomes == {Outcome.APPLIED: COUNT}
    acts = sql.execute(
        "SELECT count(*), count(DISTINCT subject_id) FROM audit_entries WHERE action = 'member.enrolled'"
    )
    assert acts.fetchone() == (COUNT, COUNT)


def test_two_sheets_with_the_same_people_enrol_each_once(office: Office, sql: psycopg.Connection) -> None:
    imports = [office.check(people()) for _ in range(4)]
    together(*(begin(office, one, "apply", hand) for hand, one in enumerate(imports)))
    assert sql.execute("SELECT count(*) FROM members").fetchone() == (COUNT,)
    outcomes = [office.see(one).outcomes for one in imports]
    assert sum(one.get(Outcome.APPLIED, 0) for one in outcomes) == COUNT
    assert sum(one.get(Outcome.MOVED_ON, 0) for one in outcomes) == COUNT * 3


def test_changes_of_the_same_members_in_other_order_do_not_deadlock(office: Office, sql: psycopg.Connection) -> None:
    office.apply(office.check(people()))
    one = office.check(xlsx(row(n, card=f"A-{n}") for n in range(1, COUNT + 1)))
    other = office.check(xlsx(row(n, card=f"B-{n}") for n in range(COUNT, 0, -1)))
    told = together(begin(office, one, "apply", 1), begin(office, other, "apply", 2))
    assert told == ["done", "done"]
    for import_id in (one, other):
        assert sum(office.see(import_id).outcomes.values()) == COUNT


@pytest.mark.parametrize("after", [0, 1, 4])
def test_an_apply_that_was_cut_off_goes_on_where_it_was(office: Office, sql: psycopg.Connection, after: int) -> None:
    import_id = office.check(people())

    def cut_off() -> None:
        service.begin_apply(import_id=import_id, scopes=office.scopes, actor="officer:1", now=clock.now(), post=False)

    office.world.do(cut_off)
    directory = office.world.do(lambda: service.unions_of(import_id=import_id))
    for _ in range(after):
        office.world.do(lambda: service.apply_chunk(import_id=import_id, directory=directory, now=clock.now()))
    assert sql.execute("SELECT count(*) FROM members").fetchone() == (7 * after,)
    assert office.see(import_id).state is State.APPLYING
    with office.world.app.app_context():
        roster.apply(import_id)
    assert office.see(import_id).outcomes == {Outcome.APPLIED: COUNT}
    assert sql.execute("SELECT count(*) FROM members").fetchone() == (COUNT,)


def test_a_chunk_that_fails_leaves_nothing_of_itself(
    office: Office, sql: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = office.check(people(10))

    def fail(*_: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(applying, "tell", fail)
        with pytest.raises(RuntimeError):
            office.apply(import_id)
    assert sql.execute("SELECT count(*) FROM members").fetchone() == (0,)
    with office.world.app.app_context():
        roster.apply(import_id)
    assert office.see(import_id).outcomes == {Outcome.APPLIED: 10}


def test_of_officers_who_undo_at_once_one_does(office: Office, sql: psycopg.Connection) -> None:
    import_id = office.check(people())
    office.apply(import_id)
    told = together(*(begin(office, import_id, "undo", hand) for hand in range(HANDS)))
    assert sorted(told) == ["done"] + ["roster_import_moved_on"] * (HANDS - 1)
    assert office.see(import_id).outcomes == {Outcome.UNDONE: COUNT}
    assert sql.execute("SELECT count(*) FROM members").fetchone() == (0,)


def test_two_starts_of_reading_stage_each_row_once(office: Office, sql: psycopg.Connection) -> None:
    import_id = office.hand_in(people())

    def work() -> None:
        with office.world.app.app_context():
            roster.check(import_id)

    together(*[work] * 3)
    assert office.see(import_id).state is State.CHECKED
    assert office.counts(import_id) == {Verdict.NEW: COUNT}


def test_corrections_and_apply_do_not_pass_each_other(office: Office, sql: psycopg.Connection) -> None:
    import_id = office.check(people(20))
    born = datetime.date(1980, 5, 5)

    def correct() -> str:
        def work() -> None:
            cells = {Field.NAME: "周新", Field.NUMBER: number(500, born=born), Field.UNION: "恒沛精密工会"}
            in_transaction(
                lambda: service.correct(
                    import_id=import_id,
                    line=2,
                    cells=cells,
                    scopes=office.scopes,
                    actor="officer:2",
                    now=clock.now(),
                )
            )

        with office.world.app.app_context():
            return said(work)

    told = together(begin(office, import_id, "apply", 1), correct)
    corrected = told[1] == "done"
    assert told[0] == "done"
    names = sql.execute("SELECT count(*) FROM members WHERE name = '周新'").fetchone()
    assert names == (1 if corrected else 0,)
    assert office.see(import_id).outcomes == {Outcome.APPLIED: 20}
