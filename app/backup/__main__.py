"""`python -m app.backup backup|restore FILE`: as the flask commands, for a machine without a PostgreSQL of its own.

Starts the embedded PostgreSQL of INSTANCE_DIR for the command and stops it again, so that a restore into an empty
folder is one command. With DATABASE_URL set it only hands on to flask.
"""

import contextlib
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from app import embedded
from app.claims import StartError, instance_folder
from app.settings import PROJECT, fresh_keys

COMMANDS = ("backup", "restore")


def main(arguments: list[str]) -> int:
    """Exit code of the command; 2 when it could not be started."""
    if not arguments or arguments[0] not in COMMANDS:
        sys.stderr.write("usage: python -m app.backup backup|restore [--check] FILE\n")
        return 2
    environ = dict(os.environ)
    # A path is meant from where the caller stands.
    given = [arguments[0], *(one if one.startswith("-") else str(Path(one).absolute()) for one in arguments[1:])]
    try:
        with _surroundings(environ) as known:
            command = [sys.executable, "-m", "flask", "--app", "wsgi", *given]
            return subprocess.run(command, env=known, cwd=PROJECT, check=False).returncode  # noqa: S603
    except (StartError, embedded.EmbeddedError) as error:
        sys.stderr.write(f"gonghui: {error}\n")
        return 2


@contextlib.contextmanager
def _surroundings(environ: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The environment with keys and database of the instance, where the caller's has none."""
    if environ.get("DATABASE_URL") or environ.get("GONGHUI_ENV") == "production":
        yield dict(environ)
        return
    instance = instance_folder(Path(environ.get("INSTANCE_DIR") or PROJECT / "instance"))
    keys = instance / "keys.env"
    found = {**environ, "INSTANCE_DIR": str(instance)}
    if keys.exists() and not any(environ.get(name) for name in fresh_keys()):
        found |= dict(line.split("=", 1) for line in keys.read_text().splitlines())
    with _alone(instance), embedded.cluster(instance / "postgresql") as url:
        yield {**{name: value for name, value in found.items() if not name.startswith("PG")}, "DATABASE_URL": url}


@contextlib.contextmanager
def _alone(instance: Path) -> Iterator[None]:
    """Holds the lock of `make run`: two servers on one cluster would be the end of it."""
    with (instance / "supervisor.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartError(f"{instance} is running: stop it first, or name its database in DATABASE_URL") from None
        yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
