"""Web and worker as the processes they are in service, and the means to kill them at any moment."""

import contextlib
import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from app import children
from app.settings import PROJECT

WEB = ("gunicorn", "-c", "python:app.gunicorn", "wsgi:app")
WORKER = ("app.worker",)
START_SECONDS = 120.0

Answer = tuple[int, dict[str, object]]


def free_port() -> int:
    """A port that stays free until its server starts, and while it is away.

    Below those that systems give to connections: what runs beside this test opens hundreds of them.
    """
    while True:
        with socket.socket() as listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", random.randrange(20_000, 32_000)))
            return int(listener.getsockname()[1])


def until(holds: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> float:
    """Waits until `holds`; returns how long it took. Fails with `what` after `seconds`."""
    begin = time.monotonic()
    while not holds():
        assert time.monotonic() - begin < seconds, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.02)
    return time.monotonic() - begin


class Processes:
    """One web and one worker on one database. Start them from the thread that lives longest: they die with it."""

    def __init__(self, environment: Mapping[str, str], log: Path, *, worker: tuple[str, ...] = WORKER) -> None:
        self.port = free_port()
        self.log = log
        kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        self._environment = {**kept, **environment, "PORT": str(self.port), "LOG_LEVEL": "warning"}
        self._modules = {"web": WEB, "worker": worker}
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def prepare(self) -> None:
        """Brings an empty database to the newest schema."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "prepare"]
        with self.log.open("ab") as output:
            done = subprocess.run(
                command, env=self._environment, cwd=PROJECT, stdout=output, stderr=output, check=False
            )
        assert done.returncode == 0, self.tail()

    def start(self, *names: str) -> None:
        """Starts those of "web" and "worker" that are not running."""
        for name in names or tuple(self._modules):
            if name not in self.running:
                with self.log.open("ab") as output:
                    self.running[name] = children.spawn(
                        [sys.executable, "-m", *self._modules[name]],
                        env=self._environment,
                        cwd=PROJECT,
                        output=output.fileno(),
                    )

    def kill(self, name: str) -> None:
        """SIGKILL for the process and its children: what a power cut does to them."""
        children.kill_group(self.running.pop(name))

    def kill_child(self) -> None:
        """SIGKILL for one process that serves requests; gunicorn itself stays and starts another."""
        for pid in self.web_children()[:1]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def web_children(self) -> list[int]:
        asking = ["ps", "-o", "pid=", "--ppid", str(self.running["web"].pid)]
        return [int(line) for line in subprocess.run(asking, capture_output=True, check=False).stdout.split()]

    def wait_ready(self) -> None:
        until(lambda: self.get("/healthz")[0] == 200, f"web answers; its log:\n{self.tail()}")

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None, {"Accept": "application/json"})

    def post(self, path: str, body: Mapping[str, object], headers: Mapping[str, str]) -> Answer:
        return self._ask("POST", path, json.dumps(body), {**headers, "Content-Type": "application/json"})

    def _ask(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> Answer:
        """Status and body; (0, {}) when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        except (OSError, http.client.HTTPException):
            return 0, {}
        finally:
            connection.close()

    def ended(self) -> dict[str, int]:
        """Those that are no longer there though nobody killed them, with their exit codes."""
        codes = {name: process.poll() for name, process in self.running.items()}
        return {name: code for name, code in codes.items() if code is not None}

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-3000:] if self.log.exists() else ""

    def stop(self) -> None:
        for name in list(self.running):
            self.kill(name)


@pytest.fixture
def processes(app: object, environment: dict[str, str], tmp_path: Path) -> Iterator[Processes]:
    """Web and worker on the database of the tests, not started yet. They end before its tables are emptied."""
    found = Processes(environment, tmp_path / "log")
    yield found
    found.stop()
