"""Commands as an operator runs them: real processes."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import psycopg

from app.settings import PROJECT

Environment = dict[str, str]
Done = subprocess.CompletedProcess[str]
FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")


def surroundings(environment: Environment) -> Environment:
    """What the process sees: the given, and where programs are."""
    return {"PATH": os.environ["PATH"], **environment}


def run(environment: Environment, *arguments: str, limit: int | None = None) -> Done:
    """One command; `limit` is the largest file it may write, in bytes, as on a disk that is full."""

    def full_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit or 0, limit or 0))

    return subprocess.run(
        [*FLASK, *arguments],
        env=surroundings(environment),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=full_disk if limit else None,
    )


def complaints(done: Done) -> list[str]:
    """What it said on stderr, without how far it was."""
    return [line for line in done.stderr.splitlines() if not line.endswith("%")]


def in_one_line(done: Done, *words: str) -> bool:
    said = complaints(done)
    return done.returncode == 1 and len(said) == 1 and all(word in said[0] for word in words)


def nothing_there(target: Environment) -> bool:
    folder = Path(target["INSTANCE_DIR"])
    with psycopg.connect(target["DATABASE_URL"]) as there:
        relations = "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        empty = there.execute(relations).fetchone() == (0,)
    return empty and not [path for path in folder.rglob("*") if path.is_file()]
