"""Everything under one parent: `make run`, for development and for the single small machine.

Starts PostgreSQL (unless DATABASE_URL names one), prepares the database, starts web and worker, tells the address,
and stops all of it on Ctrl-C or when one of them dies. Larger installations run web and worker by themselves.
"""

import contextlib
import http.client
import os
import select
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import FrameType

import psycopg

from app import children, embedded
from app.claims import StartError, claimed, instance_folder, reachable
from app.environment import SettingsError
from app.prepared import nothing_to_do
from app.settings import PROJECT, Settings, fresh_keys, load
from app.venv import state_folder

_READY_SECONDS = 120.0
_GRACE_SECONDS = 15.0

Parts = dict[str, subprocess.Popen[bytes]]


class PartEndedError(Exception):
    """Web, worker, PostgreSQL or the preparation ended by itself; the text says which and how."""


class Stopped(Exception):
    """Somebody asked us to stop."""


class Signals:
    """The wish to stop, and the death of children, as something to wait for.

    `stops` counts the wishes. Signals within a second are one wish: make and `timeout` pass theirs on, so that the
    same Ctrl-C can arrive twice.
    """

    def __init__(self) -> None:
        self.stops = 0
        self._last = float("-inf")
        self._wake, wake = os.pipe()
        for end in (self._wake, wake):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Under nohup a hang-up is ignored, and stays so.
            if sign != signal.SIGHUP or signal.getsignal(sign) != signal.SIG_IGN:
                signal.signal(sign, self._stop)

    def _stop(self, _sign: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if now - self._last > 1:
            self.stops += 1
        self._last = now

    def wait(self, seconds: float) -> None:
        """Return on the next signal, after `seconds` at the latest."""
        if select.select([self._wake], [], [], seconds)[0]:
            os.read(self._wake, 4096)

    def check(self, parts: Parts) -> None:
        """Raises Stopped when somebody asked us to, PartEndedError when one of `parts` is gone."""
        if self.stops:
            raise Stopped
        for name, process in parts.items():
            code = process.poll()
            if code is not None:
                how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
                raise PartEndedError(f"{name} ended unexpectedly ({how})")


def main() -> int:
    """Run until the end. Returns 0 after a wished stop, 1 when a part failed, 2 when the start was refused."""
    signals = Signals()
    try:
        with contextlib.ExitStack() as stack:
            _supervise(signals, stack)
    except Stopped:
        pass
    except PartEndedError as error:
        print(f"gonghui: {error}; everything is stopped", file=sys.stderr)
        return 1
    except (SettingsError, StartError, embedded.EmbeddedError, children.ChildError, OSError) as error:
        print(f"gonghui: {error}", file=sys.stderr)
        return 2
    _say("Stopped.")
    return 0


def _supervise(signals: Signals, stack: contextlib.ExitStack) -> None:
    """Start all, then wait; always ends by an exception. What `stack` was given stops all again, last first."""
    environ = _with_defaults(os.environ)
    own_database = not environ.get("DATABASE_URL") and environ["GONGHUI_ENV"] != "production"
    settings = _checked(environ, own_database)
    instance = instance_folder(settings.instance_dir)
    listener = stack.enter_context(claimed(instance, settings, fixed_port=bool(environ.get("PORT"))))
    port = listener.getsockname()[1]
    address = environ.get("PUBLIC_URL") or f"http://{reachable(settings.host)}:{port}"
    environ |= {"PORT": str(port), "INSTANCE_DIR": str(instance), **_keys(instance, environ)}

    stopping: Parts = {}
    watched: Parts = {}
    if own_database:
        server = _database(instance)
        stack.callback(server.stop)
        watched["PostgreSQL"] = server.process
        environ = {name: value for name, value in environ.items() if not name.startswith("PG")}
        environ["DATABASE_URL"] = server.url
    else:
        _reach(settings.database_url)
    stack.callback(_stop, signals, stopping)
    stack.enter_context(_told_to_commands(instance, environ))
    # Web loads while the database is prepared, on the second core; its address is told only afterwards.
    web = ["gunicorn", "-c", "python:app.gunicorn", "--bind", f"fd://{listener.fileno()}", "wsgi:app"]
    stopping["web"] = watched["web"] = _module(web, environ, keep=(listener.fileno(),))
    listener.close()
    if not nothing_to_do(environ["DATABASE_URL"], demo=settings.demo):
        _prepare(signals, environ, stopping, watched)
    stopping["worker"] = watched["worker"] = _module(["app.worker"], environ)
    end = time.monotonic() + _READY_SECONDS
    while not _healthy(settings.host, port):
        signals.check(watched)
        if time.monotonic() > end:
            raise StartError(f"web did not answer at {address}/healthz within {_READY_SECONDS:.0f} seconds")
        signals.wait(0.1)
    _announce(address, settings.demo)
    while True:
        signals.check(watched)
        signals.wait(3600)


def _say(text: str) -> None:
    print(text, flush=True)


def _with_defaults(given: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment, with what is different about a start by this module."""
    environ = dict(given)
    environ["GONGHUI_ENV"] = environ.get("GONGHUI_ENV") or "development"
    environ["DEMO"] = environ.get("DEMO") or ("1" if environ["GONGHUI_ENV"] == "development" else "0")
    environ["PYTHONUNBUFFERED"] = "1"
    local = PROJECT / "instance"
    if not environ.get("INSTANCE_DIR") and not os.access(local if local.exists() else PROJECT, os.W_OK | os.X_OK):
        environ["INSTANCE_DIR"] = str(state_folder() / "instance")
        _say(f"This folder belongs to another account; data goes to {environ['INSTANCE_DIR']}")
    return environ


def _checked(environ: Mapping[str, str], own_database: bool) -> Settings:
    """The settings, checked before anything is written or started. Raises SettingsError.

    Keys and the database's URL are stand-ins where we shall make them ourselves.
    """
    later = {} if _has_keys(environ) else fresh_keys()
    if own_database:
        later["DATABASE_URL"] = "postgresql://embedded"
    return load({**environ, **later})


def _has_keys(environ: Mapping[str, str]) -> bool:
    return environ.get("GONGHUI_ENV") == "production" or any(environ.get(name) for name in fresh_keys())


def _keys(instance: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The keys of this instance, made on its first start. Nothing when the environment has any: then it has all."""
    if _has_keys(environ):
        return {}
    path = instance / "keys.env"
    if not path.exists():
        fresh = path.with_name("keys.env.new")
        fresh.touch(mode=0o600)
        fresh.write_text("".join(f"{name}={value}\n" for name, value in fresh_keys().items()))
        fresh.rename(path)
    return dict(line.split("=", 1) for line in path.read_text().splitlines())


def _database(instance: Path) -> embedded.Server:
    directory = instance / "postgresql"
    if not directory.exists():
        _say("Making a PostgreSQL cluster (once)...")
    return embedded.start(directory)


@contextlib.contextmanager
def _told_to_commands(instance: Path, environ: Mapping[str, str]) -> Iterator[None]:
    """Keeps run.env while we run: what `flask --app wsgi …` needs in its environment to work on this very instance."""
    told = ("GONGHUI_ENV", "DEMO", "INSTANCE_DIR", "PORT", "PUBLIC_URL", "DATABASE_URL", *fresh_keys())
    path, fresh = instance / "run.env", instance / "run.env.new"
    fresh.touch(mode=0o600)
    fresh.write_text("".join(f"{name}={shlex.quote(environ[name])}\n" for name in told if environ.get(name)))
    fresh.rename(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _reach(database_url: str) -> None:
    """Raises StartError when the database that was named does not answer."""
    try:
        psycopg.connect(database_url.replace("+psycopg", "", 1), connect_timeout=10).close()
    except psycopg.Error as error:
        why = " ".join(str(error).split())
        raise StartError(f"DATABASE_URL names a database that does not answer: {why}") from error


def _module(arguments: list[str], environ: Mapping[str, str], keep: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
    return children.spawn([sys.executable, "-m", *arguments], env=environ, cwd=PROJECT, keep=keep)


def _prepare(signals: Signals, environ: Mapping[str, str], stopping: Parts, watched: Parts) -> None:
    """Bring the database up to date. Raises PartEndedError when that fails, Stopped when somebody loses patience."""
    process = stopping["prepare"] = _module(["flask", "--app", "wsgi", "prepare"], environ)
    while process.poll() is None:
        signals.check(watched)
        signals.wait(3600)
    if process.returncode:
        signals.check({"prepare": process})
    del stopping["prepare"]


def _healthy(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(reachable(host).strip("[]"), port, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _announce(address: str, demo: bool) -> None:
    _say(f"\n  Gonghui runs at  {address}\n")
    if demo:
        _say(f"  Sign in as a demo member, shop clerk or union officer:  {address}/demo\n")
    _say("  Ctrl-C stops it.\n")


def _stop(signals: Signals, parts: Parts) -> None:
    """End `parts` in order, and by force after a while or at once when asked again."""
    if parts:
        _say("Stopping...")
    asked = signals.stops
    for process in parts.values():
        if process.poll() is None:
            process.terminate()
    end = time.monotonic() + _GRACE_SECONDS
    while any(process.poll() is None for process in parts.values()):
        if signals.stops > asked or time.monotonic() > end:
            break
        signals.wait(end - time.monotonic())
    for process in parts.values():
        children.kill_group(process)


if __name__ == "__main__":
    sys.exit(main())
