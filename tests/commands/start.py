"""A start of the real supervisor, as a terminal would do it, and what it leaves behind."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent.parent
SUPERVISOR = (sys.executable, "-m", "app.supervisor")
READY = "Ctrl-C stops it"
_OURS = ("GONGHUI_", "PORT", "HOST", "INSTANCE_DIR", "DATABASE_URL", "REDIS_URL", "DEMO", "PUBLIC_URL", "WEB_", "MAKE")


def _as_under_a_terminal() -> None:
    """A shell that started the tests in the background, or nohup, lets all of them ignore Ctrl-C or a hangup."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


class Start:
    """One start with its own instance folder. `output` is all that it has said so far."""

    def __init__(
        self,
        instance: Path,
        settings: Mapping[str, str] | None = None,
        command: tuple[str, ...] = SUPERVISOR,
        folder: Path = PROJECT,
        mark: Path | None = None,
    ) -> None:
        """`mark` is a path that the command line or environment of all its processes has: by default the instance's."""
        self.instance = instance
        self._mark = mark or instance
        self._output = self._mark.with_name(f"{self._mark.name}.{time.monotonic_ns()}.out")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        environ = {**clean, "DEMO": "0", "INSTANCE_DIR": str(instance), **(settings or {})}
        self.began = time.monotonic()
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_as_under_a_terminal,  # noqa: PLW1509
            )

    @property
    def output(self) -> str:
        return self._output.read_text()

    def wait_until_ready(self, seconds: float = 240) -> str:
        """Returns the address when the start says that it is up. Fails with its output when it ends instead."""
        end = time.monotonic() + seconds
        while READY not in self.output:
            assert self.process.poll() is None, self.output
            assert time.monotonic() < end, self.output
            time.sleep(0.05)
        found = re.search(r"runs at +(\S+)", self.output)
        assert found, self.output
        return found[1]

    def health(self) -> int:
        with urllib.request.urlopen(f"{self.wait_until_ready()}/healthz", timeout=60) as answer:
            return int(answer.status)

    def press_ctrl_c(self) -> None:
        """As a terminal does: to the whole foreground group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self, seconds: float = 240) -> int:
        """Waits for its end and returns the exit code."""
        return self.process.wait(seconds)

    def left(self, seconds: float = 60) -> list[str]:
        """The processes of this start that are still there after `seconds`, or none as soon as all are gone."""
        deadline = time.monotonic() + seconds
        while (alive := _processes_with(self._mark)) and time.monotonic() < deadline:
            time.sleep(0.05)
        return alive


def supervisor_pid(instance: Path) -> int:
    return int((instance / "supervisor.lock").read_text().rpartition("pid ")[2])


def part_pid(instance: Path, mark: str) -> int:
    """The pid of the supervisor's direct child with `mark` in its command line."""
    parent = str(supervisor_pid(instance))
    for process in Path("/proc").glob("[0-9]*"):
        try:
            status = (process / "stat").read_text().rpartition(") ")[2].split()
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if status[1] == parent and mark in command:
            return int(process.name)
    raise AssertionError(f"no child with {mark} in {instance}")


def _processes_with(mark: Path) -> list[str]:
    alive = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            mine = os.fsencode(mark) in command + (process / "environ").read_bytes()
        except OSError:
            continue
        if mine and command:
            alive.append(f"{process.name} {command.replace(bytes(1), b' ').decode(errors='replace')}")
    return alive
