"""`flask backup` and `flask restore`: all of it comes back, or nothing does and one line says why."""

import io
import os
import secrets
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from app.backup import restore as restoring
from app.backup import take as taking
from app.backup.archive import BackupError, Reader, Writer
from app.backup.manifest import Manifest, sums
from app.settings import PROJECT, fresh_keys, load
from services.core import clock
from services.core.crypto import vault
from services.core.files import Files, files
from services.notifications.service.callbacks import BODY_FIELD
from tests.commands.operating import FLASK, Environment, complaints, in_one_line, nothing_there, run, surroundings
from tests.harness.processes import until

#: of each kind what the worker would take up by itself, and one delivery that was being sent on a consent
UNDER_WAY = """
    WITH one AS (INSERT INTO credits (id, appid, openid_index, template_id, granted, reserved, spent, lost, provisional,
        standing, changed_at)
        VALUES (gen_random_uuid(), 'wx', '\\x01', 'T', 2, 2, 0, 0, 0, false, now()) RETURNING id)
    INSERT INTO deliveries (id, inbox_id, account_id, channel, status, attempts, at_once, created_at, next_try_at,
        leased_until, credit_id)
    SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'mp_subscribe', status, attempts, false, now(),
        now(), leased, one.id
    FROM one, (VALUES ('sending', 1, now()), ('created', 0, NULL)) AS way (status, attempts, leased);
    INSERT INTO inbox_messages (id, message_id, recipient_kind, recipient_id, template, version, facts, created_at,
        next_step_at)
    VALUES (gen_random_uuid(), gen_random_uuid(), 'member', gen_random_uuid(), 'record.member', 1, '{}', now(), now());
    WITH author AS (INSERT INTO accounts (id, display_name, created_at) VALUES (gen_random_uuid(), '邓华', now())
        RETURNING id),
    notice AS (INSERT INTO officer_notices (id, union_id, author, title, body, audience, sms, mass, status,
        revision, second_needed, created_at, send_at, released_by)
        SELECT gen_random_uuid(), (SELECT id FROM unions LIMIT 1), author.id, '{}', '{}', '{}', false, true,
            'scheduled', 1, false, now(), now(), author.id FROM author RETURNING id)
    INSERT INTO mass_sends (id, notice_id, chunk, people, status, attempts, created_at)
    SELECT gen_random_uuid(), id, chunk, 0, status, 0, now() FROM notice,
        (VALUES (0, 'sending'), (1, 'created')) AS call (chunk, status)"""
HEARD = """
    INSERT INTO callbacks (id, source, event_digest, event, body, happened_at, received_at, next_try_at, tries)
    VALUES (gen_random_uuid(), 'wx', '\\x01', 'SCAN', %s, now(), now(), now(), 0)"""
HELD = (
    "procrastinate_", "deliveries", "inbox_messages", "callbacks", "officer_notices", "mass_sends", "credits",
)  # fmt: skip
#: status of each thing that the worker looks for, and whether it would take it up now
TAKEN_UP = """
    SELECT 'delivery', status, next_try_at <= now() FROM deliveries WHERE status <> 'unknown'
    UNION ALL SELECT 'message', '', next_step_at <= now() FROM inbox_messages
    UNION ALL SELECT 'callback', '', next_try_at <= now() FROM callbacks
    UNION ALL SELECT 'notice', status, send_at <= now() FROM officer_notices
    UNION ALL SELECT 'mass', status, coalesce(leased_until <= now(), true) FROM mass_sends WHERE status <> 'unknown'
    ORDER BY 1, 2"""
KINDS = [("callback", ""), ("delivery", "created"), ("mass", "created"), ("message", ""), ("notice", "scheduled")]
UNKNOWN = (
    "SELECT status FROM deliveries WHERE reason = 'restored' UNION ALL SELECT status FROM mass_sends "
    "WHERE reason = 'restored'"
)


@pytest.fixture
def taken(source: Environment, kept: str, tmp_path: Path) -> Path:
    """A backup, made in this process: a command takes seconds to start."""
    path = tmp_path / "backup"
    taking.take(load(source), path, now=clock.now(), begin=lambda _pieces: lambda _done: None)
    return path


def test_everything_comes_back_and_old_messages_are_held(
    source: Environment, target: Environment, kept: str, sql: psycopg.Connection, tmp_path: Path
) -> None:
    sql.execute(UNDER_WAY)
    sql.execute(HEARD, [vault.seal(BODY_FIELD, "{}")])
    taken = tmp_path / "backup"
    done = run(source, "backup", str(taken))
    assert (done.returncode, complaints(done)) == (0, []), done.stderr
    assert b"scan of an identity" not in taken.read_bytes()
    assert taken.stat().st_mode & 0o777 == 0o600
    waiting = sql.execute("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'messages'").fetchone()
    assert waiting == (1,)
    sealed = (files.folder / kept[:2] / kept).read_bytes()

    done = run(target, "restore", str(taken))
    assert (done.returncode, complaints(done)) == (0, []), done.stderr
    assert "Every count and every sum is right" in done.stdout
    assert (Path(target["INSTANCE_DIR"]) / "files" / kept[:2] / kept).read_bytes() == sealed
    assert [path.name for path in (Path(target["INSTANCE_DIR"]) / "files").iterdir()] == [kept[:2]]

    with psycopg.connect(target["DATABASE_URL"], autocommit=True) as there:
        same = {name: of for name, of in sums(there).items() if not name.startswith(HELD)}
        assert same == {name: of for name, of in sums(sql).items() if name in same}
        state = "SELECT status::text, queue_name FROM procrastinate_jobs"
        assert there.execute(state).fetchall() == [("failed", "held")]
        assert there.execute(TAKEN_UP).fetchall() == [(*kind, False) for kind in KINDS]
        assert there.execute(UNKNOWN).fetchall() == [("unknown",)] * 2
        assert there.execute("SELECT granted, reserved, spent FROM credits").fetchall() == [(2, 1, 1)]
        released = run(target, "outbox", "release")
        assert released.stdout == "1 messages and 1 deliveries go out now.\n"
        assert there.execute(state).fetchall() == [("todo", "messages")]
        assert there.execute(TAKEN_UP).fetchall() == [(*kind, True) for kind in KINDS]


def test_a_backup_is_checked_without_a_database(source: Environment, taken: Path) -> None:
    nowhere = {**source, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    done = run(nowhere, "backup", "--check", str(taken))
    assert done.returncode == 0, done.stderr
    assert "can be restored" in done.stdout
    assert in_one_line(run({**nowhere, **fresh_keys()}, "backup", "--check", str(taken)), "FIELD_KEYS 1", "INDEX_KEY")


@pytest.fixture
def here(target: Environment, monkeypatch: pytest.MonkeyPatch) -> Files:
    """The folder of files of the other machine, for a restore in this process."""
    folder = Files()
    folder.open_in(Path(target["INSTANCE_DIR"]) / "files")
    monkeypatch.setattr(restoring, "files", folder)
    return folder


def restore_here(environment: Environment, path: Path) -> None:
    restoring.restore(load(environment), path, newest="9999", hold=(), told=lambda size: size)


def test_a_backup_never_replaces_one_and_nothing_is_restored_over_something(
    source: Environment, target: Environment, taken: Path, here: Files
) -> None:
    before = taken.read_bytes()
    with pytest.raises(BackupError, match="is there already"):
        taking.take(load(source), taken, now=clock.now(), begin=lambda _pieces: lambda _done: None)
    assert taken.read_bytes() == before
    with pytest.raises(BackupError, match="database is not empty"):
        restore_here(source, taken)
    here.folder.mkdir(parents=True)
    (here.folder / "something").touch()
    with pytest.raises(BackupError, match="files is not empty"):
        restore_here(target, taken)
    assert (here.folder / "something").exists()


def test_a_folder_that_a_killed_restore_left_is_cleared(target: Environment, taken: Path, here: Files) -> None:
    here.folder.mkdir(parents=True)
    (here.folder / restoring.MARK).touch()
    (here.folder / "half").touch()
    restore_here(target, taken)
    assert not (here.folder / "half").exists()
    assert len(list(here.walk())) == 1


@pytest.mark.parametrize("amiss", ["other backup key", "other field keys", "cut off", "flipped", "no file", "no key"])
def test_a_backup_that_cannot_be_used_leaves_nothing_behind(
    target: Environment, taken: Path, here: Files, amiss: str
) -> None:
    data = bytearray(taken.read_bytes())
    words = "damaged or cut off"
    match amiss:
        case "other backup key":
            target["BACKUP_KEY"], words = secrets.token_hex(32), "BACKUP_KEY is not the key"
        case "other field keys":
            target["FIELD_KEYS"], words = f"1:{secrets.token_hex(32)}", "these keys do not open this backup"
        case "cut off":
            del data[-1]
        case "flipped":
            data[-100] ^= 1
        case "no key":
            target["BACKUP_KEY"], words = "", "BACKUP_KEY is not set"
    taken.write_bytes(data)
    if amiss == "no file":
        taken.unlink()
        words = "is not there"
    with pytest.raises(BackupError, match=words):
        restore_here(target, taken)
    assert nothing_there(target)


def test_a_full_disk_is_said_in_one_line_and_leaves_nothing(
    source: Environment, target: Environment, taken: Path, tmp_path: Path
) -> None:
    done = run(source, "backup", str(tmp_path / "second"), limit=8192)
    assert in_one_line(done, "no backup was made", "File too large")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("second")] == []
    assert in_one_line(run(target, "restore", str(taken), limit=8192), "nothing was restored", "File too large")
    assert nothing_there(target)


def test_rows_that_are_not_those_of_the_manifest_are_not_kept(target: Environment, taken: Path, here: Files) -> None:
    # Only who has the key could write such a first section; a fault of ours could, too.
    key, output = bytes.fromhex(target["BACKUP_KEY"]), io.BytesIO()
    writer = Writer(output, key)
    for name, blocks in Reader(io.BytesIO(taken.read_bytes()), key).sections():
        data = b"".join(blocks)
        if name == "manifest":
            manifest = Manifest.read(data)
            manifest.tables["cards"] = (manifest.tables["cards"][0], "1")
            data = manifest.write()
        writer.section(name, data)
    writer.close()
    taken.write_bytes(output.getvalue())
    with pytest.raises(BackupError, match="table cards is not what was backed up"):
        restore_here(target, taken)
    assert nothing_there(target)


def test_a_restore_that_is_killed_leaves_an_empty_database_and_the_next_one_works(
    source: Environment, target: Environment, kept: str, tmp_path: Path, sql: psycopg.Connection
) -> None:
    # Enough that does not compress for the archive to have several chunks.
    sql.execute("INSERT INTO card_burns SELECT gen_random_uuid(), md5(n::text), now() FROM generate_series(1, 80000) n")
    taken, pipe = tmp_path / "backup", tmp_path / "pipe"
    taking.take(load(source), taken, now=clock.now(), begin=lambda _pieces: lambda _done: None)
    os.mkfifo(pipe)
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with (
        subprocess.Popen([*FLASK, "restore", str(pipe)], env=surroundings(target), cwd=PROJECT) as killed,
        pipe.open("wb") as slowly,
        psycopg.connect(target["DATABASE_URL"], autocommit=True) as there,
    ):
        slowly.write(taken.read_bytes()[:-4000])
        slowly.flush()
        copies = f"SELECT 1 {others} AND query LIKE 'COPY public.card_burns%'"
        until(lambda: bool(there.execute(copies.encode()).fetchall()), "the restore is in the middle of a table")
        killed.kill()
        killed.wait()
        until(lambda: not there.execute(f"SELECT 1 {others}".encode()).fetchall(), "its connection is gone")
        tables = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        assert there.execute(tables).fetchone() == (0,)
    assert not (Path(target["INSTANCE_DIR"]) / "files").exists()
    done = run(target, "restore", str(taken))
    assert (done.returncode, complaints(done)) == (0, []), done.stderr


def test_without_a_postgresql_one_command_restores_into_an_empty_folder(source: Environment, taken: Path) -> None:
    folder = taken.with_name("empty")
    environment = {name: value for name, value in source.items() if name != "DATABASE_URL"}
    module = [sys.executable, "-m", "app.backup", "restore", str(taken)]
    there = surroundings({**environment, "INSTANCE_DIR": str(folder)})
    done = subprocess.run(module, env=there, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Every count and every sum is right" in done.stdout
    assert (folder / "postgresql" / "data" / "PG_VERSION").exists()
    assert len(list((folder / "files").glob("??/*"))) == 1
