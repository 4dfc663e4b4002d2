"""`python -m app.supervisor`, which is what `make run` becomes: starts, refusals, and ends of every kind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import PROJECT
from tests.commands.stand_in import build
from tests.commands.start import SUPERVISOR, Start, part_pid, supervisor_pid

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
    pytest.mark.timeout(600),
]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project that is started, with an instance that each test starts again."""
    return build(tmp_path_factory.mktemp("command") / "a project 项目")


@pytest.fixture
def running(project: Path) -> Iterator[Start]:
    start = _start(project)
    start.wait_until_ready()
    yield start
    if start.process.poll() is None:
        start.press_ctrl_c()
    start.end()


def _start(project: Path, settings: dict[str, str] | None = None) -> Start:
    return Start(project / "instance", settings, SUPERVISOR, project)


def test_gonghui_itself_starts_serves_and_stops(tmp_path: Path) -> None:
    start = Start(tmp_path / "instance")
    assert start.health() == 200
    start.press_ctrl_c()
    assert start.end() == 0
    assert start.left(0) == []
    assert "Traceback" not in start.output


def test_a_command_beside_it_works_on_the_same_instance(tmp_path: Path) -> None:
    start = Start(tmp_path / "instance")
    start.wait_until_ready()
    told = tmp_path / "instance" / "run.env"
    assert told.stat().st_mode & 0o777 == 0o600
    command = f"set -a; . '{told}'; exec '{sys.executable}' -m flask --app wsgi unions list"
    said = subprocess.run(
        ["sh", "-c", command], cwd=PROJECT, env={"PATH": os.environ["PATH"]}, capture_output=True, check=False
    )
    assert said.returncode == 0, said.stderr.decode()
    start.press_ctrl_c()
    assert start.end() == 0
    assert not told.exists()


def test_it_serves_says_so_and_ctrl_c_leaves_nothing(running: Start) -> None:
    assert running.health() == 200
    running.press_ctrl_c()
    assert running.end() == 0
    assert running.output.rstrip().endswith("Stopped.")
    assert running.left(0) == []
    assert "Traceback" not in running.output


def test_a_second_supervisor_of_one_instance_is_refused_with_the_address_of_the_first(
    running: Start, project: Path
) -> None:
    second = _start(project)
    assert second.end() == 2
    assert second.output == (
        f"gonghui: already running at {running.wait_until_ready()}, pid {running.process.pid};"
        " set INSTANCE_DIR for a second one beside it\n"
    )
    assert running.health() == 200


def test_two_instances_of_one_clone_run_side_by_side(running: Start, project: Path, tmp_path: Path) -> None:
    other = Start(tmp_path / "other", None, SUPERVISOR, project)
    assert other.wait_until_ready() != running.wait_until_ready()
    assert (other.health(), running.health()) == (200, 200)
    other.press_ctrl_c()
    assert other.end() == 0


def test_killed_outright_it_leaves_nothing_and_starts_again_on_the_same_port(running: Start, project: Path) -> None:
    port = running.wait_until_ready().rpartition(":")[2]
    os.kill(supervisor_pid(running.instance), signal.SIGKILL)
    again = _start(project, {"PORT": port})
    assert running.end() == -signal.SIGKILL
    assert again.wait_until_ready().endswith(f":{port}")
    again.press_ctrl_c()
    assert again.end() == 0
    assert again.left() == []


@pytest.mark.parametrize(
    ("mark", "name"), [("gunicorn", "web"), ("app.worker", "worker"), ("postgres -D", "PostgreSQL")]
)
def test_when_one_part_dies_all_stop_and_it_says_which(running: Start, mark: str, name: str) -> None:
    os.kill(part_pid(running.instance, mark), signal.SIGKILL)
    assert running.end() == 1
    assert f"gonghui: {name} ended unexpectedly (killed by SIGKILL); everything is stopped\n" in running.output
    assert running.left() == []


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGHUP])
def test_other_wishes_to_stop_are_heard_too(running: Start, sign: signal.Signals) -> None:
    running.process.send_signal(sign)
    assert running.end() == 0
    assert running.left(0) == []


def test_ctrl_c_during_the_start_leaves_nothing(project: Path) -> None:
    start = _start(project)
    while not start.left(0):
        assert start.process.poll() is None, start.output
    start.press_ctrl_c()
    start.end()
    assert start.left() == []


def test_a_port_that_is_taken_is_refused_when_it_was_asked_for(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = str(holder.getsockname()[1])
        start = _start(project, {"PORT": port})
        assert start.end() == 2
    assert start.output == f"gonghui: PORT={port} is taken: stop what listens there, or set another PORT\n"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"PORT": "http"}, "PORT"),
        ({"PORT": "70000"}, "PORT"),
        ({"DEMO": "perhaps"}, "DEMO"),
        ({"GONGHUI_ENV": "prod"}, "GONGHUI_ENV"),
        ({"GONGHUI_ENV": "production"}, "DATABASE_URL"),
        ({"DATABASE_URL": "mysql://db/gonghui"}, "DATABASE_URL"),
        ({"DATABASE_URL": "postgresql://somebody:secret@127.0.0.1:1/gonghui"}, "DATABASE_URL"),
        ({"REDIS_URL": "localhost"}, "REDIS_URL"),
        ({"INDEX_KEY": "00" * 32}, "SIGNING_KEYS"),
        ({"HOST": "192.0.2.1"}, "HOST"),
        ({"INSTANCE_DIR": "/dev/null/instance"}, "INSTANCE_DIR"),
    ],
)
def test_a_bad_setting_stops_the_start_with_one_line(project: Path, settings: dict[str, str], said: str) -> None:
    start = _start(project, settings)
    assert start.end() == 2
    assert start.output.startswith("gonghui: ")
    assert said in start.output
    assert start.output.count("\n") == 1
    assert "secret" not in start.output
