"""Runs a Python command with the project's requirements: `python app/venv.py REQUIREMENTS... -- ARGUMENTS...`

Makes `.venv`, installs what the given files pin, does neither when that has been done, and becomes
`.venv/bin/python ARGUMENTS...`. Console scripts are never used: their first line breaks in a long path or one with
spaces. Needs nothing but Python, so it must import nothing of the project.
"""

import contextlib
import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

PROJECT = Path(__file__).resolve().parent.parent


class VenvError(Exception):
    """The environment cannot be made; the text is one line."""


def state_folder() -> Path:
    """Where this clone keeps what it makes when its own folder cannot be written to."""
    # Not Path.home(): an account without a home gets a plain refusal later, not a RuntimeError here.
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")  # noqa: PTH111
    return Path(state) / "gonghui" / hashlib.sha256(os.fsencode(PROJECT)).hexdigest()[:12]


def main(arguments: list[str]) -> NoReturn:
    """Become the command, or exit with one line."""
    divider = arguments.index("--")
    files = [PROJECT / name for name in arguments[:divider]]
    # Started as root for a folder's owner, we have no home of root's.
    os.environ.setdefault("HOME", os.path.expanduser("~"))  # noqa: PTH111
    try:
        with _one_at_a_time():
            python = _python_with(files)
    except (VenvError, OSError) as error:
        sys.exit(f"gonghui: {error}")
    os.execv(python, [str(python), *arguments[divider + 1 :]])  # noqa: S606


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two starts of one clone must not install over each other; the lock is on the folder itself."""
    folder = os.open(PROJECT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _python_with(files: list[Path]) -> Path:
    """The Python of the first environment that has `files` installed, or that we may install them in."""
    places = [PROJECT / ".venv", state_folder() / "venv"]
    for venv in places:
        if _runs(venv) and all(_has(venv, file) for file in files):
            return venv / "bin" / "python"
    for venv in places:
        if os.access(venv if venv.exists() else PROJECT, os.W_OK | os.X_OK) or venv == places[-1]:
            _install(venv, files)
            break
    return venv / "bin" / "python"


def _runs(venv: Path) -> bool:
    """Whether this account can run it: its Python may have gone, or lie in somebody else's home."""
    try:
        trial = [str(venv / "bin" / "python"), "-c", "import pip"]
        return subprocess.run(trial, capture_output=True, check=False).returncode == 0  # noqa: S603
    except OSError:
        return False


def _stamp(venv: Path, file: Path) -> Path:
    return venv / f".installed-{file.name}"


def _has(venv: Path, file: Path) -> bool:
    """Whether what `file` pins now is installed there."""
    stamp = _stamp(venv, file)
    return stamp.is_file() and stamp.read_text() == _digest(file)


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _install(venv: Path, files: list[Path]) -> None:
    if not _runs(venv):
        print(f"Making {_shown(venv)} with Python {sys.version.split()[0]}...", flush=True)
        _call([sys.executable, "-m", "venv", "--clear", str(venv)], "python -m venv failed")
    for file in files:
        if _has(venv, file):
            continue
        print(f"Installing {file.name} (once; a minute or so)...", flush=True)
        pip = [str(venv / "bin" / "python"), "-m", "pip", "-qq", "--disable-pip-version-check", "--no-input"]
        pip += ["install", "--require-hashes", "--only-binary", ":all:", "-r", str(file)]
        _call(pip, f"{file.name} could not be installed")
        _stamp(venv, file).write_text(_digest(file))


def _shown(path: Path) -> str:
    return str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else str(path)


def _call(command: list[str], failure: str) -> None:
    """Raises VenvError; what the command printed has told why."""
    if subprocess.run(command, check=False).returncode:  # noqa: S603
        raise VenvError(f"{failure}: see above")


if __name__ == "__main__":
    main(sys.argv[1:])
