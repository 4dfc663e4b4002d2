"""`make run` from nothing, in the places and under the accounts where such commands break. Slow: each installs anew."""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.commands.start import PROJECT, Start, supervisor_pid

pytestmark = [
    pytest.mark.soak,
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc"),
]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to change accounts")
MAKE_RUN = ("make", "run")
LONG = "工会 会员 服务/" + "a folder with a long name and spaces/" * 6 + "工惠"


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder under /tmp that every account can reach, unlike pytest's own."""
    outer = Path(tempfile.mkdtemp(prefix="place-"))
    outer.chmod(0o755)
    inner = outer / "place"
    inner.mkdir()
    yield inner
    shutil.rmtree(outer)


def _clone(target: Path) -> Path:
    files = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, files.split("\0")):
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, copy)
    return target


def _give(folder: Path, uid: int) -> None:
    subprocess.run(["chown", "-R", f"{uid}:{uid}", str(folder)], check=True)


def _as_plain_user(home: Path) -> tuple[str, ...]:
    """`make run` as an account with nothing but a home."""
    user = pwd.getpwnam("nobody").pw_uid
    home.mkdir(exist_ok=True)
    _give(home, user)
    account = ("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups")
    return (*account, "env", "-u", "XDG_STATE_HOME", "-u", "XDG_CACHE_HOME", f"HOME={home}", *MAKE_RUN)


def _runs(clone: Path, command: tuple[str, ...] = MAKE_RUN) -> Start:
    """Start, look, stop; nothing stays."""
    start = Start(clone / "instance", {"INSTANCE_DIR": ""}, command, clone, mark=clone.parent)
    start.wait_until_ready(600)
    assert start.health() == 200
    start.press_ctrl_c()
    start.end()
    assert start.left() == []
    return start


@pytest.mark.parametrize("folder", ["plain", LONG])
def test_from_nothing_and_again_within_five_seconds(place: Path, folder: str) -> None:
    clone = _clone(place / folder)
    _runs(clone)
    start = Start(clone / "instance", {"INSTANCE_DIR": ""}, MAKE_RUN, clone)
    start.wait_until_ready(5)
    start.press_ctrl_c()
    start.end()
    assert start.left() == []


@as_root
def test_in_a_folder_that_only_root_may_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    clone = _clone(closed / "clone")
    _runs(clone)
    assert closed.stat().st_mode & 0o777 == 0o700
    _runs(clone)


@as_root
def test_as_root_in_a_plain_users_folder_leaves_nothing_of_roots(place: Path) -> None:
    clone = _clone(place / "clone")
    command = _as_plain_user(place / "home")
    _give(clone, pwd.getpwnam("nobody").pw_uid)
    _runs(clone)
    assert [path for path in clone.rglob("*") if path.lstat().st_uid == 0] == []
    _runs(clone, command)


@as_root
@pytest.mark.parametrize("chown_between", [False, True])
def test_first_as_root_and_then_as_a_plain_user(place: Path, chown_between: bool) -> None:
    clone = _clone(place / "clone")
    _runs(clone)
    command = _as_plain_user(place / "home")
    if chown_between:
        _give(clone, pwd.getpwnam("nobody").pw_uid)
    start = _runs(clone, command)
    assert ("belongs to another account" in start.output) == (not chown_between)


def test_two_clones_side_by_side(place: Path) -> None:
    starts = []
    for name in ("one", "two"):
        clone = _clone(place / name)
        starts.append(Start(clone / "instance", {"INSTANCE_DIR": ""}, MAKE_RUN, clone))
    addresses = {start.wait_until_ready(800) for start in starts}
    assert len(addresses) == 2
    assert [start.health() for start in starts] == [200, 200]
    for start in starts:
        start.press_ctrl_c()
        start.end()
        assert start.left() == []


@pytest.mark.parametrize("victim", ["make", "supervisor"])
def test_killed_outright_it_leaves_nothing_and_starts_again(place: Path, victim: str) -> None:
    clone = _clone(place / "clone")
    start = Start(clone / "instance", {"INSTANCE_DIR": ""}, MAKE_RUN, clone)
    start.wait_until_ready(600)
    os.kill(start.process.pid if victim == "make" else supervisor_pid(start.instance), signal.SIGKILL)
    start.end()
    assert start.left() == []
    _runs(clone)
