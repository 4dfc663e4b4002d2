"""PostgreSQL's own programs: which ones to use, and how they are told where the database is."""

import contextlib
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from psycopg import pq

from app import children, embedded
from app.backup.archive import BackupError

OUR_SECRETS = frozenset({"SIGNING_KEYS", "FIELD_KEYS", "INDEX_KEY", "BACKUP_KEY", "DATABASE_URL", "REDIS_URL"})
_NUMBER = re.compile(r"\(PostgreSQL\) (\d+)")


@dataclass(frozen=True)
class Tools:
    """pg_dump, pg_restore and psql of one version, in one folder."""

    folder: Path
    major: int

    def command(self, name: str, *arguments: str) -> list[str]:
        """The command line of a child that ends with us."""
        return [*children.launcher(), str(self.folder / name), *arguments]


def tools_for(server: int) -> Tools:
    """The oldest programs that are not older than a server of this major version: they write what it understands.

    Looks on the path and in the wheel of the embedded PostgreSQL. Raises BackupError when there are none.
    """
    found = {_version(folder): folder for folder in _folders()}
    fitting = sorted(major for major in found if major >= server)
    if not fitting:
        have = f"only version {max(found)}" if any(found) else "none"
        raise BackupError(f"the server is PostgreSQL {server} and of pg_dump there is {have}: install its client")
    return Tools(found[fitting[0]], fitting[0])


def environment(url: str) -> dict[str, str]:
    """What a program of PostgreSQL needs to reach the database. A password is never on a command line."""
    kept = {name: value for name, value in os.environ.items() if name not in OUR_SECRETS}
    named = {
        option.envvar.decode(): option.val.decode()
        for option in pq.Conninfo.parse(url.encode())
        if option.val is not None and option.envvar
    }
    return {**kept, **named, "LC_ALL": "C", "PGTZ": "UTC"}


def reason(output: bytes) -> str:
    """The first line of a program's complaints: what follows is only its consequence."""
    lines = [line.strip() for line in output.decode(errors="replace").splitlines() if line.strip()]
    errors = [line for line in lines if "error:" in line or "ERROR:" in line or "FATAL:" in line]
    line = ((errors or lines) + ["no reason given"])[0]
    return re.sub(r"^(pg_dump|pg_restore|psql)(:<stdin>:\d+)?: (error: )?", "", line)


def _folders() -> list[Path]:
    system = shutil.which("pg_dump")
    folders = [Path(system).resolve().parent] if system and "/usr/share/" not in str(Path(system).resolve()) else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    with contextlib.suppress(embedded.EmbeddedError):
        folders.append(embedded.binary("pg_dump").parent)
    return [folder for folder in folders if all((folder / name).exists() for name in ("pg_dump", "pg_restore", "psql"))]


def _version(folder: Path) -> int:
    command = [str(folder / "pg_dump"), "--version"]
    said = subprocess.run(command, capture_output=True, text=True, check=False, env=_plain(os.environ))  # noqa: S603
    number = _NUMBER.search(said.stdout)
    return int(number[1]) if number else 0


def _plain(environ: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in environ.items() if name not in OUR_SECRETS}
