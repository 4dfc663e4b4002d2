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
from services.core.files import Files, files
from tests.commands.operating import FLASK, Environment, complaints, in_one_line, nothing_there, run, surroundings
from tests.harness.processes import until

#: one that was being sent, which nobody may send again, and one that waits
UNDER_WAY = """INSERT INTO deliveries (id, inbox_id, channel, status, attempts, created_at, next_try_at, leased_until)
    VALUES (gen_random_uuid(), gen_random_uuid(), 'console', 'sending', 1, now(), now(), now()),
           (gen_random_uuid(), gen_random_uuid(), 'console', 'created', 0, now(), now(), NULL)"""
HELD = ("procrastinate_", "deliveries")
DUE = "SELECT status, next_try_at <= now() FROM deliveries ORDER BY status"


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
        assert there.execute(DUE).fetchall() == [("created", False), ("unknown", True)]
        released = run(target, "outbox", "release")
        assert released.stdout == "1 messages and 1 deliveries go out now.\n"
        assert there.execute(state).fetchall() == [("todo", "messages")]
        assert there.execute(DUE).fetchall() == [("created", True), ("unknown", True)]


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
