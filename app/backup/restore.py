"""Restoring: all of it into an empty database and an empty folder, or nothing at all."""

import contextlib
import functools
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO

import psycopg

from app.backup import tools
from app.backup.archive import BackupError, Damaged, Reader, Source
from app.backup.manifest import Manifest, check_sql, missing_keys
from app.backup.take import backup_key, database_url
from app.settings import Settings
from services.core.files import Files, files

Told = Callable[[int], object]
"""Called with the bytes that have been read."""
MARK = ".restoring"
"""Stands in the folder of files until the database has them too: a restore that was killed is cleared by the next."""
_TRANSACTION_TIMEOUT_SINCE = 17
_TIMEOUT_LINE = b"SET transaction_timeout = 0;\n"


def check(settings: Settings, source: Path, *, told: Told) -> Manifest:
    """Reads all of a backup and writes nothing. Raises BackupError when it could not be restored with these keys."""
    with _opened(source, told) as stream:
        sections = Reader(stream, backup_key(settings)).sections()
        manifest = _manifest(settings, sections)
        _read_files(sections, manifest, keep=None)
        programs = tools.tools_for(manifest.tools)
        listing = programs.command("pg_restore", "--file=/dev/null")
        with tempfile.TemporaryFile() as complaints, _running(listing, tools.environment(""), complaints) as process:
            _feed(sections, process, complaints)
            _close(process, complaints)
        _expect_end(sections)
    return manifest


def restore(settings: Settings, source: Path, *, newest: str, hold: Sequence[str], told: Told) -> Manifest:
    """Restores a backup; `hold` are the statements that keep old messages back, in the same transaction.

    Refuses a database or folder that is not empty, keys that do not open the data, a schema newer than `newest`.
    The rows are compared with counts and sums before the commit. Raises BackupError; then nothing has been restored.
    """
    url = database_url(settings)
    server = _empty_server(url)
    _make_room()
    incoming = files.folder.with_name(f"{files.folder.name}.incoming")
    shutil.rmtree(incoming, ignore_errors=True)
    try:
        with _opened(source, told) as stream:
            sections = Reader(stream, backup_key(settings)).sections()
            manifest = _manifest(settings, sections)
            _fits(manifest, newest, server)
            last = functools.partial(_last_statements, manifest, hold, incoming)
            store = Files()
            store.open_in(incoming)
            _read_files(sections, manifest, keep=store)
            # An archive is read by a pg_restore that is not older than its pg_dump.
            programs = tools.tools_for(max(server, manifest.tools))
            _database(url, programs, sections, old=server < _TRANSACTION_TIMEOUT_SINCE, end=last)
    except OSError as error:
        _take_back(url)
        raise BackupError(f"nothing was restored: {error.strerror or error}") from error
    except BackupError:
        _take_back(url)
        raise
    finally:
        shutil.rmtree(incoming, ignore_errors=True)
    (files.folder / MARK).unlink(missing_ok=True)
    return manifest


def _fits(manifest: Manifest, newest: str, server: int) -> None:
    if manifest.schema > newest:
        raise BackupError(f"the backup has schema {manifest.schema}, newer than this version's {newest}")
    if manifest.server > server:
        raise BackupError(f"the backup is of PostgreSQL {manifest.server} and this server is {server}")


def _take_back(url: str) -> None:
    """The files go again, unless the database has committed after all and its answer was lost."""
    if (files.folder / MARK).exists():
        with contextlib.suppress(BackupError):
            _empty_server(url)
            shutil.rmtree(files.folder)


def _last_statements(manifest: Manifest, hold: Sequence[str], incoming: Path) -> bytes:
    """Run when every byte of the backup has been read and none was wrong: the files go to their place."""
    incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
    (incoming / MARK).touch()
    if files.folder.exists():
        files.folder.rmdir()
    incoming.rename(files.folder)
    statements = [check_sql(manifest.tables), *(f"{statement};\n" for statement in hold), "COMMIT;\n"]
    return "".join(statements).encode()


def _empty_server(url: str) -> int:
    """Major version of the server. Raises BackupError when its database has any table."""
    try:
        with psycopg.connect(url, connect_timeout=10) as connection:
            query = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            row = connection.execute(query).fetchone()
            if row is None or row[0]:
                raise BackupError("the database is not empty: restore into a new one, so that nothing is lost")
            return connection.info.server_version // 10000
    except psycopg.Error as error:
        raise BackupError(f"nothing was restored: {' '.join(str(error).split())}") from error


def _make_room() -> None:
    if (files.folder / MARK).exists():
        shutil.rmtree(files.folder)
    if files.folder.exists() and any(files.folder.iterdir()):
        raise BackupError(f"{files.folder} is not empty: move it away, so that nothing is lost")


def _manifest(settings: Settings, sections: Iterator[tuple[str, Iterator[bytes]]]) -> Manifest:
    name, blocks = next(sections, ("", iter(())))
    if name != "manifest":
        raise Damaged("the backup has no first section")
    manifest = Manifest.read(b"".join(blocks))
    if missing := missing_keys(manifest, settings):
        raise BackupError(f"these keys do not open this backup: it needs another {', another '.join(missing)}")
    return manifest


def _read_files(sections: Iterator[tuple[str, Iterator[bytes]]], manifest: Manifest, *, keep: Files | None) -> None:
    count = size = 0
    for _ in range(manifest.files):
        name, blocks = next(sections, ("", iter(())))
        data = b"".join(blocks)
        count, size = count + name.startswith("files/"), size + len(data)
        if keep:
            keep.write_sealed(name.removeprefix("files/"), data)
    if (count, size) != (manifest.files, manifest.files_bytes):
        raise Damaged("the backup's files are not those that its first section names")


def _database(
    url: str,
    programs: tools.Tools,
    sections: Iterator[tuple[str, Iterator[bytes]]],
    *,
    old: bool,
    end: Callable[[], bytes],
) -> None:
    """pg_restore writes SQL, psql runs it; `end` gives the last statements. Only its COMMIT makes anything last."""
    to_sql = programs.command("pg_restore", "--file=-", "--no-owner", "--no-privileges")
    run_sql = programs.command("psql", "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-")
    known = tools.environment(url)
    with (
        tempfile.TemporaryFile() as reader_said,
        tempfile.TemporaryFile() as writer_said,
        _running(run_sql, known, writer_said) as writer,
        _running(to_sql, known, reader_said, output=subprocess.PIPE) as reader,
    ):
        _send(writer, b"BEGIN;\n", writer_said)
        relay = threading.Thread(target=_relay, args=(reader, writer, old))
        relay.start()
        try:
            _feed(sections, reader, reader_said, also=(writer, writer_said))
            _expect_end(sections)
            _close(reader, reader_said, also=(writer, writer_said))
        except BaseException:
            writer.kill()
            reader.kill()
            raise
        finally:
            relay.join()
        _send(writer, b"\n" + end(), writer_said)
        _close(writer, writer_said)


def _relay(reader: subprocess.Popen[bytes], writer: subprocess.Popen[bytes], old: bool) -> None:
    """SQL from one to the other. A writer that is gone is noticed by its exit code."""
    if reader.stdout is None or writer.stdin is None:
        raise AssertionError("both were asked for")
    with contextlib.suppress(BrokenPipeError):
        while piece := reader.stdout.read1(1024 * 1024):  # type: ignore[attr-defined]
            # An older server does not know this one setting; it is among the first lines.
            writer.stdin.write(piece.replace(_TIMEOUT_LINE, b"", 1) if old else piece)
            old = old and _TIMEOUT_LINE not in piece
        return
    reader.kill()


def _feed(
    sections: Iterator[tuple[str, Iterator[bytes]]],
    process: subprocess.Popen[bytes],
    said: IO[bytes],
    also: tuple[subprocess.Popen[bytes], IO[bytes]] | None = None,
) -> None:
    name, blocks = next(sections, ("", iter(())))
    if name != "database":
        raise Damaged("the backup has no database")
    for block in blocks:
        try:
            _send(process, block, said)
        except BackupError:
            # When psql says no, pg_restore is stopped: the reason is psql's.
            if also:
                _raise_for(*also)
            raise


def _expect_end(sections: Iterator[tuple[str, Iterator[bytes]]]) -> None:
    if next(sections, None) is not None:
        raise Damaged("the backup goes on after its last section")


def _send(process: subprocess.Popen[bytes], data: bytes, said: IO[bytes]) -> None:
    if process.stdin is None:
        raise AssertionError("it was asked for")
    try:
        process.stdin.write(data)
        process.stdin.flush()
    except BrokenPipeError:
        _raise_for(process, said)
        raise BackupError("nothing was restored: the database went away") from None


def _close(
    process: subprocess.Popen[bytes],
    said: IO[bytes],
    also: tuple[subprocess.Popen[bytes], IO[bytes]] | None = None,
) -> None:
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
    if process.wait() and also:
        _raise_for(*also)
    _raise_for(process, said)


def _raise_for(process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
    """Raises BackupError with the program's own reason, unless it ended well or has not ended."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        if process.wait(5):
            said.seek(0)
            raise BackupError(f"nothing was restored: {tools.reason(said.read())}")


@contextlib.contextmanager
def _running(
    command: list[str], environment: dict[str, str], said: IO[bytes], *, output: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(  # noqa: S603
        command, env=environment, stdin=subprocess.PIPE, stdout=output, stderr=said
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()


@contextlib.contextmanager
def _opened(source: Path, told: Told) -> Iterator[Source]:
    try:
        with source.open("rb") as stream:
            yield _Counted(stream, told)
    except FileNotFoundError:
        raise BackupError(f"{source} is not there") from None


class _Counted:
    def __init__(self, stream: IO[bytes], told: Told) -> None:
        self._stream, self._told = stream, told

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self._told(len(data))
        return data
