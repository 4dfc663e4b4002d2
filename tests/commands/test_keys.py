"""`flask keys rotate`: everything that an old key sealed is sealed with the newest, whatever happens meanwhile."""

import datetime
import secrets
import subprocess
from collections.abc import Iterator

import psycopg
import pytest

from app.settings import PROJECT, load
from services.core import rotation
from services.core.crypto import Vault, vault
from services.core.files import files
from services.core.transaction import in_transaction
from services.members import service as members
from services.members.service import PHONE_FIELD
from services.members.types import NewMember
from tests.builders.world import World
from tests.commands.operating import FLASK, Environment, complaints, run, surroundings
from tests.harness.processes import until

MANY = 6000
NEW = secrets.token_hex(32)
COUNTS = "SELECT convert_from(substring(phone FROM 1 FOR 1), 'SQL_ASCII'), count(*) FROM members GROUP BY 1 ORDER BY 1"


def phone(number: int) -> str:
    return f"100{number:08d}"


@pytest.fixture
def people(world: World) -> World:
    day = datetime.date(2020, 1, 1)
    world.do(lambda: members.enrol_many([NewMember("李春梅", world.union.id, day, phone(n)) for n in range(MANY)]))
    return world


@pytest.fixture
def file() -> Iterator[str]:
    key = files.put(b"a picture")
    yield key
    files.delete(key)


@pytest.fixture
def turned(environment: Environment) -> Environment:
    """The environment with a new key in front of the old one."""
    return {**environment, "FIELD_KEYS": f"2:{NEW},{environment['FIELD_KEYS']}"}


def test_a_rotation_that_is_killed_half_way_is_resumed_and_then_the_old_key_may_go(
    people: World, turned: Environment, file: str, sql: psycopg.Connection
) -> None:
    before = run(turned, "keys", "status").stdout
    assert before == f"Key 1 (old): {MANY + 1}\n  members.phone: {MANY}\n  files: 1\nKey 2 (the newest): 0\n"
    with subprocess.Popen([*FLASK, "keys", "rotate"], env=surroundings(turned), cwd=PROJECT) as half:
        until(lambda: dict(sql.execute(COUNTS).fetchall()).get("2", 0) > 0, "the rotation has begun")
        half.kill()
        half.wait()
    found = dict(sql.execute(COUNTS).fetchall())
    assert 0 < found["2"] < MANY, found

    done = run(turned, "keys", "rotate")
    assert (done.returncode, complaints(done)) == (0, []), done.stderr
    assert done.stdout.startswith(f"{found['1']} values and 1 files are now sealed with key 2.")

    without_old = {**turned, "FIELD_KEYS": f"2:{NEW}"}
    assert run(without_old, "keys", "status").stdout.startswith(f"Key 2 (the newest): {MANY + 1}\n")
    fresh = Vault()
    settings = load(without_old)
    fresh.open_with(settings.field_keys, settings.index_key)
    read = {fresh.unseal(PHONE_FIELD, sealed) for (sealed,) in sql.execute("SELECT phone FROM members")}
    assert read == {phone(number) for number in range(MANY)}
    assert fresh.unseal_bytes(f"files.{file}", files.read_sealed(file)) == b"a picture"
    trail = sql.execute("SELECT detail FROM audit_entries WHERE action = 'keys.rotated'").fetchall()
    assert trail == [({"key": "2", "values": found["1"], "files": 1},)]


def test_what_a_key_that_is_gone_sealed_is_counted_and_said(
    people: World, turned: Environment, sql: psycopg.Connection
) -> None:
    without_old = {**turned, "FIELD_KEYS": f"2:{NEW}"}
    assert f"Key 1 (NOT AMONG FIELD_KEYS): {MANY}\n" in run(without_old, "keys", "status").stdout
    done = run(without_old, "keys", "rotate")
    assert done.returncode == 1
    assert f"members.phone: {MANY} do not open" in done.stderr
    assert dict(sql.execute(COUNTS).fetchall()) == {"1": MANY}


@pytest.fixture
def new_key(monkeypatch: pytest.MonkeyPatch, turned: Environment) -> Vault:
    """The rotation in this process has the new key in front; everybody else writes with the old one."""
    settings = load(turned)
    fresh = Vault()
    fresh.open_with(settings.field_keys, settings.index_key)
    monkeypatch.setattr(rotation, "vault", fresh)
    return fresh


def test_what_a_writer_changes_meanwhile_stays_and_is_sealed_in_the_next_round(
    world: World, new_key: Vault, sql: psycopg.Connection
) -> None:
    quiet, busy = world.member().member_id, world.member().member_id
    change = "UPDATE members SET phone = %s WHERE id = %s"
    with world.app.app_context():
        with sql.transaction():
            sql.execute(change, [vault.seal(PHONE_FIELD, phone(7)), busy])
            batch = in_transaction(lambda: rotation.reseal(PHONE_FIELD))
            assert (batch.done, batch.broken, batch.last) == (1, 0, (quiet,))
        assert in_transaction(lambda: rotation.reseal(PHONE_FIELD)).done == 1
        assert in_transaction(lambda: rotation.reseal(PHONE_FIELD)).last is None
    rows = dict(sql.execute("SELECT id, phone FROM members").fetchall())
    assert {sealed[:1] for sealed in rows.values()} == {b"2"}
    assert new_key.unseal(PHONE_FIELD, rows[busy]) == phone(7)


def test_a_column_is_gone_through_in_batches_past_what_does_not_open(
    world: World, new_key: Vault, sql: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH", 2)
    ids = [world.member().member_id for _ in range(5)]
    sql.execute("UPDATE members SET phone = '1broken' WHERE id = %s", [ids[0]])
    after, batches = None, []
    with world.app.app_context():
        while True:
            batch = in_transaction(lambda after=after: rotation.reseal(PHONE_FIELD, after=after))  # type: ignore[misc]
            batches.append((batch.done, batch.broken))
            if (after := batch.last) is None:
                break
        assert in_transaction(lambda: rotation.unreadable(PHONE_FIELD, sample=100)) == 1
    assert batches == [(1, 1), (2, 0), (1, 0), (0, 0)]
