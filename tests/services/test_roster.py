"""A sheet from the upload to the undo, on the real database."""

import datetime
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from app import roster
from services.core import clock
from services.core.crypto import vault
from services.core.errors import Conflict, NotFound
from services.core.files import files
from services.members import service as members
from services.members.roster import queries, service
from services.members.roster.service import applying, purging, undoing
from services.members.roster.types import Field, ImportId, Kind, Outcome, State, Verdict
from services.members.types import MemberId, Standing
from services.unions.types import UnionPath
from tests.builders.rosters import OFFICER, Office, number, row, xlsx
from tests.builders.world import World

MEMBERS = "SELECT * FROM members ORDER BY id"


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


def at(office: Office, import_id: ImportId, actor: str = OFFICER) -> dict[str, Any]:
    return {"import_id": import_id, "scopes": office.scopes, "actor": actor, "now": clock.now()}


def topics(sql: psycopg.Connection) -> list[tuple[str, dict[str, Any]]]:
    query = "SELECT task_name, args->'payload' FROM procrastinate_jobs ORDER BY id"
    return [(name, payload) for name, payload in sql.execute(query)]


def opened(sql: psycopg.Connection) -> list[dict[str, Any]]:
    """Every column of every member; what is sealed in clear."""
    cursor = sql.cursor(row_factory=dict_row)
    rows = cursor.execute(MEMBERS).fetchall()
    sealed = ("phone", "id_number", "printed_card")
    return [
        {
            name: vault.unseal(f"members.{name}", value) if name in sealed and value else value
            for name, value in row.items()
        }
        for row in rows
    ]


def member_ids(sql: psycopg.Connection) -> list[MemberId]:
    return [MemberId(one) for (one,) in sql.execute("SELECT id FROM members ORDER BY id")]


def test_a_sheet_is_checked_applied_and_does_nothing_a_second_time(office: Office, sql: psycopg.Connection) -> None:
    sheet = xlsx(row(ordinal) for ordinal in range(1, 8))
    first = office.check(sheet)
    assert office.counts(first) == {Verdict.NEW: 7}
    assert office.apply(first).state is State.APPLIED
    before = sql.execute(MEMBERS).fetchall()
    assert len(before) == 7
    again = office.check(sheet)
    assert office.counts(again) == {Verdict.SAME: 7}
    with pytest.raises(Conflict, match="roster_nothing_chosen"):
        office.apply(again)
    assert sql.execute(MEMBERS).fetchall() == before


def test_two_thousand_rows_go_in_chunks_and_are_each_in_the_audit_trail(
    office: Office, sql: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "CHUNK", 700)
    people = [row(n % 1000, number=number(n % 999 + 1, born=datetime.date(1970 + n // 999, 1, 1)), phone="", sex="")
              for n in range(2000)]  # fmt: skip
    done = office.apply(office.check(xlsx(people)))
    assert done.outcomes == {Outcome.APPLIED: 2000}
    acts = sql.execute("SELECT count(DISTINCT subject_id) FROM audit_entries WHERE action = 'member.enrolled'")
    assert acts.fetchone() == (2000,)


def test_undo_restores_every_field_of_every_row(office: Office, world: World, sql: psycopg.Connection) -> None:
    other = world.another_union()
    office.apply(office.check(xlsx(row(n) for n in range(1, 6))))
    ids = member_ids(sql)
    world.do(lambda: members.change_standing(member_id=ids[3], standing=Standing.LEFT, actor="t", now=clock.now()))
    before = opened(sql)
    changed = [
        row(1, card="OTHER-1"), row(2, union=other.name["zh"]), row(3, phone="10099999999"), row(4),
        row(5, name="王新名"), row(6),
    ]  # fmt: skip
    import_id = office.check(xlsx(changed))
    verdicts = [office.row(import_id, line).verdict for line in range(2, 8)]
    assert verdicts == ["changes", "moved", "phone_proposed", "returns", "name_differs", "new"]
    world.do(lambda: service.choose(lines=[6], chosen=True, **at(office, import_id)))
    assert office.apply(import_id).outcomes == {Outcome.APPLIED: 5}
    after = opened(sql)
    assert len(after) == 6
    assert sum(one != two for one, two in zip(before, after, strict=False)) == 4
    assert office.undo(import_id).outcomes == {Outcome.UNDONE: 5}
    assert opened(sql) == before


def test_undo_leaves_what_somebody_changed_or_used_since(office: Office, world: World, sql: psycopg.Connection) -> None:
    import_id = office.check(xlsx(row(n) for n in range(1, 5)))
    office.apply(import_id)
    ids = member_ids(sql)
    world.do(lambda: members.change_phone(member_id=ids[1], phone="10055555555", actor="t", now=clock.now()))
    sql.execute(
        "INSERT INTO cards (id, member_id, number, serial, status, issued_at) "
        "VALUES (gen_random_uuid(), %s, '1', 1, 'active', now())", [ids[2]],
    )  # fmt: skip
    done = office.undo(import_id)
    assert done.outcomes == {Outcome.UNDONE: 2, Outcome.KEPT: 2}
    kept = world.look(lambda: queries.left_alone(import_id, outcome=Outcome.KEPT))
    assert [one.line for one in kept] == [3, 4]
    assert member_ids(sql) == ids[1:3]
    sql.execute("DELETE FROM cards")


def test_undo_ends_after_a_day_and_comes_once(office: Office, world: World) -> None:
    import_id = office.check(xlsx([row(1)]))
    office.apply(import_id)
    late = at(office, import_id) | {"now": clock.now() + datetime.timedelta(hours=25)}
    with pytest.raises(Conflict, match="roster_undo_too_late"):
        world.do(lambda: service.begin_undo(**late))
    office.undo(import_id)
    with pytest.raises(Conflict, match="roster_import_moved_on"):
        office.undo(import_id)


def test_members_are_told_what_changed_in_one_message(office: Office, world: World, sql: psycopg.Connection) -> None:
    other = world.another_union()
    office.apply(office.check(xlsx(row(n) for n in range(1, 4))))
    assert topics(sql) == [], "who is new is told by nobody: there is no inbox yet"
    office.apply(
        office.check(xlsx([row(1, union=other.name["zh"]), row(2, union=other.name["zh"]), row(3, card="X-1")]))
    )
    ids = member_ids(sql)
    assert topics(sql) == [("members.record_changed", {"changed": f"{ids[0]} union\n{ids[1]} union"})]


def test_a_proposed_phone_is_written_only_when_an_officer_takes_it(
    office: Office, world: World, sql: psycopg.Connection
) -> None:
    office.apply(office.check(xlsx([row(1)])))
    import_id = office.check(xlsx([row(1, phone="10099999999", card="N-1")]))
    before = sql.execute("SELECT phone_index FROM members").fetchone()
    office.apply(import_id)
    assert sql.execute("SELECT phone_index FROM members").fetchone() == before
    world.do(lambda: service.take_phone(line=2, **at(office, import_id)))
    assert sql.execute("SELECT phone_index FROM members").fetchone() != before
    with pytest.raises(Conflict, match="roster_no_phone_proposed"):
        world.do(lambda: service.take_phone(line=2, **at(office, import_id)))


def test_a_row_whose_member_changed_since_the_check_is_left_alone(
    office: Office, world: World, sql: psycopg.Connection
) -> None:
    office.apply(office.check(xlsx([row(1)])))
    first, second = (office.check(xlsx([row(1, card=card), row(2)])) for card in ("N-1", "N-2"))
    assert office.apply(first).outcomes == {Outcome.APPLIED: 2}
    world.do(
        lambda: members.change_standing(
            member_id=member_ids(sql)[0], standing=Standing.LEFT, actor="t", now=clock.now()
        )
    )
    assert office.apply(second).outcomes == {Outcome.MOVED_ON: 2}


def test_a_correction_is_judged_again_and_frees_its_twin(office: Office, world: World) -> None:
    import_id = office.check(xlsx([row(1, name="赵一"), row(2, name="钱二", number=number(1))]))
    assert office.counts(import_id) == {Verdict.DOCUMENT_SHARED: 2}
    cells = {Field.NAME: "钱二", Field.NUMBER: number(2), Field.UNION: "恒沛精密工会"}
    verdict = world.do(lambda: service.correct(line=3, cells=cells, **at(office, import_id)))
    assert verdict is Verdict.NEW
    assert office.counts(import_id) == {Verdict.NEW: 2}
    assert office.see(import_id).chosen == 2


def test_a_whole_list_proposes_who_is_missing_and_nobody_else(
    office: Office, world: World, sql: psycopg.Connection
) -> None:
    other = world.another_union()
    everybody = [row(n) for n in range(1, 21)]
    office.apply(office.check(xlsx([*everybody, row(21, union=other.name["zh"])])))
    # One is missing, and one row has a fault that must not make its member look missing.
    names = [*everybody[:18], row(19, phone="1")]
    import_id = office.check(xlsx(names), kind=Kind.WHOLE, union=world.union)
    seen = office.see(import_id)
    assert (seen.counts[Verdict.MISSING], seen.members_before, seen.needs_second) == (1, 20, False)
    missing = world.look(lambda: queries.rows(import_id, verdict=Verdict.MISSING))
    assert [(one.line, one.chosen) for one in missing] == [(21, False)]
    world.do(lambda: service.choose(lines=[21], chosen=True, **at(office, import_id)))
    office.apply(import_id)
    left = sql.execute("SELECT id, left_on IS NOT NULL FROM members WHERE standing = 'left'").fetchall()
    assert left == [(member_ids(sql)[19], True)]


def test_a_tenth_missing_is_one_officers_and_more_is_two(office: Office, world: World) -> None:
    office.apply(office.check(xlsx(row(n) for n in range(1, 21))))
    enough = office.check(xlsx(row(n) for n in range(1, 19)), kind=Kind.WHOLE, union=world.union)
    assert not office.see(enough).needs_second
    short = office.check(xlsx([*(row(n) for n in range(1, 18)), row(50)]), kind=Kind.WHOLE, union=world.union)
    assert office.see(short).needs_second
    with pytest.raises(Conflict, match="roster_second_officer"):
        office.apply(short)
    with pytest.raises(Conflict, match="roster_same_officer"):
        world.do(lambda: service.approve(**at(office, short)))
    world.do(lambda: service.approve(**at(office, short, "officer:other")))
    world.do(lambda: service.choose(lines=[2], chosen=True, **at(office, short)))
    world.do(lambda: service.choose(lines=[19], chosen=False, **at(office, short)))
    with pytest.raises(Conflict, match="roster_second_officer"):
        office.apply(short)


def test_an_import_of_another_subtree_is_not_there(office: Office, world: World) -> None:
    import_id = office.check(xlsx([row(1)]))
    elsewhere = (UnionPath("zzzz"),)
    for verb in (service.begin_apply, service.drop, service.approve):
        with pytest.raises(NotFound, match="roster_import_unknown"):
            world.do(lambda verb=verb: verb(**at(office, import_id) | {"scopes": elsewhere}))
    with pytest.raises(NotFound):
        world.look(lambda: queries.one(import_id, scopes=elsewhere))


def test_a_job_that_runs_twice_or_too_late_does_nothing(office: Office, world: World, sql: psycopg.Connection) -> None:
    import_id = office.check(xlsx([row(1)]))
    office.apply(import_id)
    before = sql.execute(MEMBERS).fetchall()
    with world.app.app_context():
        for work in (roster.check, roster.apply, roster.undo):
            work(import_id)
    assert sql.execute(MEMBERS).fetchall() == before
    assert office.see(import_id).state is State.APPLIED


def test_a_second_start_of_reading_takes_over(office: Office, world: World) -> None:
    import_id = office.hand_in(xlsx(row(n) for n in range(1, 4)))
    first = world.do(lambda: service.begin_check(import_id=import_id))
    with world.app.app_context():
        roster.check(import_id)
    with pytest.raises(Conflict, match="roster_import_moved_on"):
        world.do(lambda: service.compare(first))
    assert office.counts(import_id) == {Verdict.NEW: 3}


def test_what_was_staged_is_forgotten_in_time(office: Office, world: World, sql: psycopg.Connection) -> None:
    done, waiting = office.check(xlsx([row(1)])), office.check(xlsx([row(2)]))
    office.apply(done)
    now = clock.now()

    def purge(days: int) -> None:
        while world.do(lambda: purging.purge(now + datetime.timedelta(days=days))):
            pass

    purge(6)
    assert sql.execute("SELECT count(payload) FROM roster_rows").fetchone() == (2,)
    purge(8)
    assert sql.execute("SELECT count(payload) + count(before) FROM roster_rows").fetchone() == (0,)
    assert [office.see(one).state for one in (done, waiting)] == [State.APPLIED, State.DROPPED]
    with pytest.raises(Conflict, match="roster_undo_too_late"):
        office.undo(done)
    assert sql.execute("SELECT count(file_key) FROM roster_imports").fetchone() == (2,)
    kept = len(list(files.walk()))
    purge(31)
    assert sql.execute("SELECT count(*) FROM roster_rows").fetchone() == (0,)
    assert sql.execute("SELECT count(file_key) FROM roster_imports").fetchone() == (0,)
    assert len(list(files.walk())) == kept - 2


def test_nothing_of_a_sheet_is_kept_in_clear(office: Office, sql: psycopg.Connection) -> None:
    office.apply(office.check(xlsx([row(1), row(2, phone="022-66668888")])))
    secrets = [number(1), number(2), "10000000001", "GH00000001"]
    for (table,) in sql.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    ):
        text = str(sql.execute(f'SELECT "{table}"::text FROM "{table}"').fetchall())
        hidden = [secret for secret in secrets if secret in text or secret.encode().hex() in text]
        assert hidden == [], table


def test_undo_goes_on_where_it_was_cut_off(
    office: Office, world: World, sql: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing, "CHUNK", 2)
    import_id = office.check(xlsx(row(n) for n in range(1, 6)))
    office.apply(import_id)
    world.do(lambda: service.begin_undo(**at(office, import_id), post=False))
    world.do(lambda: service.undo_chunk(import_id=import_id, now=clock.now()))
    assert sql.execute("SELECT count(*) FROM members").fetchone() == (3,)
    with world.app.app_context():
        roster.undo(import_id)
    assert office.see(import_id).outcomes == {Outcome.UNDONE: 5}
