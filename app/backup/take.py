"""Taking a backup: one snapshot of the database, and every file that it may name."""

import contextlib
import datetime
import os
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import psycopg

from app.backup import tools
from app.backup.archive import BackupError, Writer
from app.backup.manifest import FORMAT, Manifest, key_marks, sums
from app.settings import Settings
from services.core.files import Pinned, files

Told = Callable[[int], object]
"""Called with the number of pieces (tables and files) that are done."""
_PIECE = 1024 * 1024
_DUMPING = b"dumping contents of table"


def take(settings: Settings, target: Path, *, now: datetime.datetime, begin: Callable[[int], Told]) -> Manifest:
    """Writes the backup to `target`, which must not exist. Raises BackupError and leaves nothing half written.

    Web and worker go on meanwhile: what is written after the snapshot is not in it. `begin` is told how many pieces
    there will be, and answers with what to call for each that is done.
    """
    key = backup_key(settings)
    if target.exists():
        raise BackupError(f"{target} is there already; a backup never replaces one")
    partial = target.with_name(f"{target.name}.partial")
    try:
        with _created(partial) as output:
            manifest = _write(settings, Writer(output, key), now, begin)
            output.flush()
            os.fsync(output.fileno())
        partial.rename(target)
    except (OSError, psycopg.Error) as error:
        raise BackupError(f"no backup was made: {_why(error)}") from error
    return manifest


def backup_key(settings: Settings) -> bytes:
    if settings.backup_key is None:
        raise BackupError("BACKUP_KEY is not set; make one with: openssl rand -hex 32, and keep a copy elsewhere")
    return settings.backup_key


def database_url(settings: Settings) -> str:
    """As libpq takes it."""
    return settings.database_url.replace("postgresql+psycopg://", "postgresql://", 1)


def _write(settings: Settings, writer: Writer, now: datetime.datetime, begin: Callable[[int], Told]) -> Manifest:
    url = database_url(settings)
    with psycopg.connect(url, connect_timeout=10) as connection, files.pinned() as pinned:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        pinned.take()
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        pinned.take()
        manifest = _manifest(settings, connection, pinned, now)
        told = begin(len(manifest.tables) + manifest.files)
        writer.section("manifest", manifest.write())
        for name in pinned.sizes():
            writer.section(f"files/{name}", pinned.read(name))
            told(1)
        writer.start("database")
        _dump(url, snapshot=str(row[0]) if row else "", server=manifest.server, writer=writer, told=told)
        writer.end()
        writer.close()
    return manifest


def _manifest(settings: Settings, connection: psycopg.Connection, pinned: Pinned, now: datetime.datetime) -> Manifest:
    sizes = pinned.sizes()
    connection.execute("SET LOCAL statement_timeout = 0")
    connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    server = connection.info.server_version // 10000
    tables = sums(connection)
    if "alembic_version" not in tables:
        raise BackupError("the database is empty: there is nothing to back up")
    schema = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return Manifest(
        format=FORMAT,
        made_at=now.isoformat(),
        schema=str(schema[0]) if schema else "",
        server=server,
        tools=tools.tools_for(server).major,
        tables=tables,
        files=len(sizes),
        files_bytes=sum(sizes.values()),
        keys=key_marks(settings),
    )


def _dump(url: str, *, snapshot: str, server: int, writer: Writer, told: Told) -> None:
    programs = tools.tools_for(server)
    command = programs.command(
        "pg_dump", "--format=custom", f"--snapshot={snapshot}", "--verbose", "--no-owner", "--no-privileges"
    )
    with subprocess.Popen(  # noqa: S603
        command, env=tools.environment(url), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        output, said = _pipes(process)
        complaints: list[bytes] = []
        listener = threading.Thread(target=_listen, args=(said, complaints, told))
        listener.start()
        try:
            while piece := output.read(_PIECE):
                writer.block(piece)
        except BaseException:
            process.kill()
            raise
        finally:
            listener.join()
    if process.returncode:
        raise BackupError(f"no backup was made: {tools.reason(b''.join(complaints))}")


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdout is None or process.stderr is None:
        raise AssertionError("both were asked for")
    return process.stdout, process.stderr


def _listen(said: IO[bytes], complaints: list[bytes], told: Told) -> None:
    for line in said:
        if _DUMPING in line:
            told(1)
        elif b"error" in line or b"FATAL" in line:
            complaints.append(line)


@contextlib.contextmanager
def _created(path: Path) -> Iterator[IO[bytes]]:
    """A new file for our eyes only; gone again if anything goes wrong."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as output:
            yield output
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _why(error: Exception) -> str:
    return str(error.strerror if isinstance(error, OSError) and error.strerror else " ".join(str(error).split()))
