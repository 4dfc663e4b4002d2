"""`flask backup` and `flask restore`: all of it comes back, or nothing does and one line says why."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from app.backup import restore as restoring
from app.backup import take as taking
from app.backup.archive import BackupError
from app.backup.manifest import sums
from app.settings import PROJECT, fresh_keys, load
from services.core import clock
from services.core.files import Files, files
from tests.commands.operating import FLASK, Environment, in_one_line, nothing_there, run, surroundings
from tests.harness.processes import until


@pytest.fixture
def taken(source: Environment, kept: str, tmp_path: Path) -> Path:
    path = tmp_path / "backup"
    done = run(source, "backup", str(path))
    assert done.returncode == 0, done.stderr
    return path


@pytest.fixture
def one_backup(source: Environment, kept: str, tmp_path: Path) -> bytes:
    """As `taken`, in this process."""
    path = tmp_path / "made"
    taking.take(load(source), path, now=clock.now(), begin=lambda _pieces: lambda _done: None)
    return path.read_bytes()


def test_everything_comes_back_and_old_messages_are_held(
    source: Environment, target: Environment, taken: Path, kept: str, sql: psycopg.Connection
) -> None:
    assert b"scan of an identity" not in taken.read_bytes()
    assert taken.stat().st_mode & 0o777 == 0o600
    waiting = sql.execute("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'messages'").fetchone()
    assert waiting == (1,)
    sealed = (files.folder / kept[:2] / kept).read_bytes()

    done = run(target, "restore", str(taken))
    assert (done.returncode, done.stderr) == (0, "")
    assert "Every count and every sum is right" in done.stdout
    assert (Path(target["INSTANCE_DIR"]) / "files" / kept[:2] / kept).read_bytes() == sealed
    assert [path.name for path in (Path(target["INSTANCE_DIR"]) / "files").iterdir()] == [kept[:2]]

    with psycopg.connect(target["DATABASE_URL"], autocommit=True) as there:
        same = {name: of for name, of in sums(there).items() if not name.startswith("procrastinate_")}
        assert same == {name: of for name, of in sums(sql).items() if name in same}
        state = "SELECT status::text, queue_name FROM procrastinate_jobs"
        assert there.execute(state).fetchall() == [("failed", "held")]
        released = run(target, "outbox", "release")
        assert released.stdout == "1 messages and 0 deliveries go out now.\n"
        assert there.execute(state).fetchall() == [("todo", "messages")]
    assert run(target, "audit", "verify").returncode == 0


def test_a_delivery_under_way_is_not_made_twice_and_one_that_waits_is_held(
    source: Environment, target: Environment, kept: str, tmp_path: Path, sql: psycopg.Connection
) -> None:
    sql.execute(
        """INSERT INTO deliveries (id, inbox_id, channel, status, attempts, created_at, next_try_at, leased_until)
        VALUES (gen_random_uuid(), gen_random_uuid(), 'console', 'sending', 1, now(), now(), now()),
               (gen_random_uuid(), gen_random_uuid(), 'console', 'created', 0, now(), now(), NULL)"""
    )
    assert run(source, "backup", str(tmp_path / "b")).returncode == 0
    assert run(target, "restore", str(tmp_path / "b")).returncode == 0
    with psycopg.connect(target["DATABASE_URL"], autocommit=True) as there:
        open_now = "SELECT status, next_try_at <= now() FROM deliveries ORDER BY status"
        assert there.execute(open_now).fetchall() == [("created", False), ("unknown", True)]
        assert "1 deliveries" in run(target, "outbox", "release").stdout
        assert there.execute(open_now).fetchall() == [("created", True), ("unknown", True)]


def test_a_backup_is_checked_without_a_database(source: Environment, taken: Path) -> None:
    nowhere = {**source, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    done = run(nowhere, "backup", "--check", str(taken))
    assert done.returncode == 0, done.stderr
    assert "can be restored" in done.stdout
    assert in_one_line(run({**nowhere, **fresh_keys()}, "backup", "--check", str(taken)), "FIELD_KEYS 1", "INDEX_KEY")


def test_a_backup_never_replaces_one_and_nothing_is_restored_over_something(
    source: Environment, target: Environment, taken: Path
) -> None:
    before = taken.read_bytes()
    assert in_one_line(run(source, "backup", str(taken)), "is there already")
    assert taken.read_bytes() == before
    assert in_one_line(run(source, "restore", str(taken)), "database is not empty")
    litter = Path(target["INSTANCE_DIR"]) / "files" / "something"
    litter.parent.mkdir(parents=True)
    litter.touch()
    assert in_one_line(run(target, "restore", str(taken)), "files is not empty")
    assert litter.exists()


@pytest.mark.parametrize("amiss", ["other backup key", "other field keys", "cut off", "flipped", "no file", "no key"])
def test_a_backup_that_cannot_be_used_leaves_nothing_behind(
    target: Environment, one_backup: bytes, tmp_path: Path, amiss: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = Files()
    here.open_in(Path(target["INSTANCE_DIR"]) / "files")
    monkeypatch.setattr(restoring, "files", here)
    data = bytearray(one_backup)
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
    path = tmp_path / "backup"
    if amiss == "no file":
        words = "is not there"
    else:
        path.write_bytes(data)
    with pytest.raises(BackupError, match=words):
        restoring.restore(load(target), path, newest="9999", hold=(), told=lambda size: size)
    assert nothing_there(target)


def test_a_full_disk_is_said_in_one_line_and_leaves_nothing(
    source: Environment, target: Environment, taken: Path, tmp_path: Path
) -> None:
    done = run(source, "backup", str(tmp_path / "second"), limit=8192)
    assert in_one_line(done, "no backup was made", "File too large")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("second")] == []
    assert in_one_line(run(target, "restore", str(taken), limit=8192), "nothing was restored", "File too large")
    assert nothing_there(target)


def test_rows_that_are_not_those_of_the_manifest_are_not_kept(
    target: Environment, taken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A backup whose first section was written for other rows: the key's owner alone could make one.
    import_script = """
import io, pathlib, sys
from app.backup.archive import Reader, Writer
from app.backup.manifest import Manifest
path, key = pathlib.Path(sys.argv[1]), bytes.fromhex(sys.argv[2])
output = io.BytesIO()
writer = Writer(output, key)
for name, blocks in Reader(io.BytesIO(path.read_bytes()), key).sections():
    data = b"".join(blocks)
    if name == "manifest":
        manifest = Manifest.read(data)
        manifest.tables["cards"] = (manifest.tables["cards"][0], "1")
        data = manifest.write()
    writer.section(name, data)
writer.close()
path.write_bytes(output.getvalue())
"""
    spoilt = [sys.executable, "-c", import_script, str(taken), target["BACKUP_KEY"]]
    subprocess.run(spoilt, cwd=PROJECT, check=True)
    assert in_one_line(run(target, "restore", str(taken)), "table cards is not what was backed up")
    assert nothing_there(target)


def test_a_restore_that_is_killed_leaves_an_empty_database_and_the_next_one_works(
    target: Environment, taken: Path, tmp_path: Path
) -> None:
    data = taken.read_bytes()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    busy = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    command = [*FLASK, "restore", str(pipe)]
    with (
        subprocess.Popen(command, env=surroundings(target), cwd=PROJECT) as killed,
        pipe.open("wb") as slowly,
        psycopg.connect(target["DATABASE_URL"], autocommit=True) as there,
    ):
        slowly.write(data[:-4000])
        slowly.flush()
        until(lambda: bool(there.execute(busy).fetchall()), "the restore has begun")
        killed.kill()
        killed.wait()
        until(lambda: not there.execute(busy).fetchall(), "its connection is gone")
    assert not (Path(target["INSTANCE_DIR"]) / "files").exists()
    done = run(target, "restore", str(taken))
    assert done.returncode == 0, done.stderr
