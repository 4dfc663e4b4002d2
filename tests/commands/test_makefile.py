"""The Makefile, and that every way to start Gonghui starts the same commands."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.commands.start import PROJECT

WEB = "python -m gunicorn -c python:app.gunicorn wsgi:app"
WORKER = "python -m app.worker"
PREPARE = "python -m flask --app wsgi prepare"


def _make(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["make", *arguments], cwd=PROJECT, capture_output=True, text=True, check=False)


def test_help_lists_every_target() -> None:
    declared = re.search(r"^\.PHONY: (.*)$", (PROJECT / "Makefile").read_text(), re.MULTILINE)
    assert declared
    listed = re.findall(r"^  make ([a-z]+) +\S", _make("help").stdout, re.MULTILINE)
    assert sorted(listed) == sorted(declared[1].split())


def test_a_machine_without_a_fitting_python_is_told_in_one_line_what_to_install() -> None:
    answer = _make("run", "PYTHON=/nowhere/python")
    assert answer.returncode == 2
    assert re.fullmatch(r"Makefile:\d+: \*\*\* No Python from 3\.11 to 3\.14 .*python3-venv.*\n", answer.stderr)


def test_continuous_integration_runs_make_test_and_nothing_else() -> None:
    script = PROJECT / ".ci" / "run"
    commands = [line for line in script.read_text().splitlines() if line and not line.startswith("#")]
    assert os.access(script, os.X_OK)
    assert commands == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "make test"]


def test_no_path_in_the_makefile_is_absolute() -> None:
    text = (PROJECT / "Makefile").read_text()
    assert "CURDIR" not in text
    assert not re.search(r"""(?<![\w.:/~"'*])/(?:home|usr|opt|work|root|tmp)/""", text)


@pytest.mark.parametrize(
    ("file", "commands"),
    [("Procfile", (WEB, WORKER, PREPARE)), ("compose.yaml", (WORKER, PREPARE)), ("Dockerfile", (WEB,))],
)
def test_containers_and_procfile_run_the_same_commands(file: str, commands: tuple[str, ...]) -> None:
    # The exec form ["a", "b"] reads as "a b".
    text = re.sub(r'", "', " ", (PROJECT / Path(file)).read_text()).replace('"', "")
    assert all(command in text for command in commands)
