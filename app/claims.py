"""What one start holds for itself: its instance folder, locked, and its port."""

import contextlib
import errno
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

from app.settings import Settings

_PORTS_TRIED = 100
_KILLED_WEB_SECONDS = 5.0


class StartError(Exception):
    """The start cannot go on; the text is one line for the person who started us."""


def instance_folder(folder: Path) -> Path:
    """The instance's folder, made when missing. As root it lets others pass, since PostgreSQL cannot be root."""
    folder = folder.absolute()
    try:
        folder.mkdir(mode=0o700 if os.geteuid() else 0o711, parents=True, exist_ok=True)
    except OSError as error:
        raise StartError(f"INSTANCE_DIR: {folder} cannot be made: {error.strerror}") from error
    return folder


@contextlib.contextmanager
def claimed(instance: Path, settings: Settings, *, fixed_port: bool) -> Iterator[socket.socket]:
    """Hold the instance and a listening socket until leaving. Raises StartError when another start has them.

    A port that was asked for is the one (`fixed_port`); else it is the next free one. The lock is the kernel's, so a
    killed holder leaves none; its text says for the next one who holds it.
    """
    with _lock_file(instance).open("a+") as lock:
        lock.seek(0)
        holder = lock.read().strip()
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartError(f"already running {holder}; set INSTANCE_DIR for a second one beside it") from None
        # A name in a free lock: that supervisor was killed, and its web process may still be letting go of the port.
        patience = _KILLED_WEB_SECONDS if holder else 0.0
        with _listen(settings, fixed=fixed_port, patience=patience) as listener:
            lock.truncate(0)
            lock.write(f"at http://{reachable(settings.host)}:{listener.getsockname()[1]}, pid {os.getpid()}\n")
            lock.flush()
            try:
                yield listener
            finally:
                lock.truncate(0)


def reachable(host: str) -> str:
    """The host part of a URL that reaches a server listening on `host` from this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"[{host}]" if ":" in host else host


def _lock_file(instance: Path) -> Path:
    path = instance / "supervisor.lock"
    try:
        path.touch(mode=0o600)
    except OSError as error:
        raise StartError(f"INSTANCE_DIR: {instance} cannot be written to: {error.strerror}") from error
    return path


def _listen(settings: Settings, *, fixed: bool, patience: float) -> socket.socket:
    end = time.monotonic() + patience
    while True:
        for port in range(settings.port, min(settings.port + (1 if fixed else _PORTS_TRIED), 65536)):
            family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
            try:
                return socket.create_server((settings.host, port), family=family, backlog=2048)
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    why = str(error.strerror).partition(" (")[0]
                    raise StartError(f"HOST={settings.host} PORT={port} cannot be listened on: {why}") from error
            if time.monotonic() < end:
                break
        if time.monotonic() >= end:
            raise StartError(f"PORT={settings.port} is taken: stop what listens there, or set another PORT")
        time.sleep(0.1)
