"""Child processes that end with their parent, and run as the account they should.

Used by the supervisor and by the embedded PostgreSQL. On Linux the work is done by util-linux's `setpriv`, put
before the command: it changes the account and asks the kernel to signal the child when its parent dies, in the
order that the kernel wants, and replaces itself by the command, so that the process id stays.
"""

import contextlib
import functools
import os
import shutil
import signal
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

_REACHES = ("", "dac_read_search", "dac_override")


class ChildError(Exception):
    """A child cannot be run as it should; the text is one line for the person who started us."""


@dataclass(frozen=True)
class Account:
    """An unprivileged account for a child of root. `capability` lets it pass folders that are closed to it."""

    uid: int
    gid: int
    capability: str = ""


@functools.cache
def _setpriv() -> str | None:
    """The path of a `setpriv` that knows --pdeathsig (busybox's does not), or None."""
    path = shutil.which("setpriv")
    if path is None:
        return None
    trial = [path, "--pdeathsig", "KILL", "--", "true"]
    probe = subprocess.run(trial, capture_output=True, check=False)  # noqa: S603
    return path if probe.returncode == 0 else None


def launcher(account: Account | None = None, death: signal.Signals = signal.SIGKILL) -> list[str]:
    """What to put before a command line: the child gets `death` when we die, and runs as `account` (None: as we do).

    Empty where the system cannot do it (macOS). Raises ChildError when an account is asked for in vain.
    """
    setpriv = _setpriv()
    if setpriv is None:
        if account is not None:
            raise ChildError("started as root, this needs `setpriv` (util-linux): install it, or start as a plain user")
        return []
    options = ["--pdeathsig", death.name.removeprefix("SIG")]
    if account is not None:
        options += ["--reuid", str(account.uid), "--regid", str(account.gid), "--clear-groups"]
        if account.capability:
            options += [f"--inh-caps=+{account.capability}", f"--ambient-caps=+{account.capability}"]
            # Without this bit access(2), which PostgreSQL asks about its own binaries, ignores the capability.
            options.append("--securebits=+no_setuid_fixup")
    return [setpriv, *options, "--"]


def reaching(uid: int, gid: int, *, program: Path, folder: Path) -> Account:
    """The account with the least that lets it run `program` and stand in `folder`, found by trying.

    A clone in a root-only folder is closed to every other account: then one capability opens the way, and no
    folder's permissions change. Raises ChildError when nothing helps.
    """
    for capability in _REACHES:
        account = Account(uid, gid, capability)
        trial = [*launcher(account), "/bin/sh", "-c", 'cd "$1" && exec "$0" --version', str(program), str(folder)]
        if subprocess.run(trial, capture_output=True, check=False, cwd="/").returncode == 0:  # noqa: S603
            return account
    raise ChildError(f"account {uid} can reach {folder} or {program} in no way: move the folder, or set DATABASE_URL")


def spawn(
    arguments: Iterable[str],
    *,
    env: Mapping[str, str],
    account: Account | None = None,
    death: signal.Signals = signal.SIGKILL,
    cwd: Path | None = None,
    output: int | None = None,
    keep: tuple[int, ...] = (),
) -> subprocess.Popen[bytes]:
    """Start a direct child in its own process group, so that a terminal's Ctrl-C does not reach it.

    `output` is a file descriptor for stdout and stderr (None: ours); `keep` are descriptors that it inherits.
    Must be called from a thread that lives as long as the child should: the kernel watches the thread.
    """
    return subprocess.Popen(  # noqa: S603
        [*launcher(account, death), *arguments],
        env=env,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        process_group=0,
        pass_fds=keep,
    )


def stop(process: subprocess.Popen[bytes], *steps: tuple[signal.Signals, float]) -> int:
    """Send each step's signal and wait its seconds for the end; SIGKILL after the last. Returns the exit code."""
    for sign, seconds in steps:
        process.send_signal(sign)
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
    return kill_group(process)


def kill_group(process: subprocess.Popen[bytes]) -> int:
    """SIGKILL for a child of `spawn` and all of its own children that stayed with it. Returns its exit code."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def give(path: Path, account: Account) -> None:
    """Make `account` the owner of `path` and all below it; links are not followed."""
    os.chown(path, account.uid, account.gid, follow_symlinks=False)
    for folder, folders, files in os.walk(path):
        for name in folders + files:
            os.chown(Path(folder, name), account.uid, account.gid, follow_symlinks=False)
