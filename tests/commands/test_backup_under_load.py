"""A backup taken while everybody writes is one moment of the database, with the files of that moment."""

import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from services.core import clock
from services.core.files import files
from services.core.transaction import in_transaction
from services.members import service as members
from services.members.types import Standing
from tests.builders.world import World
from tests.commands.operating import Environment, complaints, run
from tests.harness.processes import until

NAMES_A_FILE = "SELECT name FROM members WHERE name LIKE 'file %'"


class Writers:
    """Threads that enrol and change members, and put and delete files that a member's name stands for."""

    def __init__(self, world: World, url: str) -> None:
        self._world, self._url = world, url
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=work) for work in (self._write, self._write, self._forget)]
        self.rounds = 0

    def start(self) -> None:
        for thread in self._threads:
            thread.start()
        until(lambda: self.rounds > 5, "they write")

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _write(self) -> None:
        while not self._stop.is_set():
            key = files.put(b"picture" * 1000)
            with self._world.app.app_context():
                in_transaction(lambda key=key: self._enrol(key))  # type: ignore[misc]
            self.rounds += 1

    def _enrol(self, key: str) -> None:
        now = clock.now()
        for name in ("写者", f"file {key}"):
            member = members.enrol(name=name, union_id=self._world.union.id, joined_on=now.date())
            if name == "写者":
                members.change_standing(member_id=member, standing=Standing.GRACE, actor="test", now=now)

    def _forget(self) -> None:
        one = f"DELETE FROM members WHERE name = ({NAMES_A_FILE} LIMIT 1) RETURNING name"
        with psycopg.connect(self._url, autocommit=True) as connection:
            while not self._stop.wait(0.05):
                if row := connection.execute(one).fetchone():
                    files.delete(row[0].removeprefix("file "))


@pytest.fixture
def writers(world: World, source: Environment) -> Iterator[Writers]:
    found = Writers(world, source["DATABASE_URL"])
    yield found
    found.stop()


def test_a_backup_taken_while_everybody_writes_is_one_moment(
    source: Environment, target: Environment, kept: str, tmp_path: Path, writers: Writers
) -> None:
    writers.start()
    before = writers.rounds
    done = run(source, "backup", str(tmp_path / "busy"))
    assert done.returncode == 0, done.stderr
    assert writers.rounds > before
    done = run(target, "restore", str(tmp_path / "busy"))
    assert (done.returncode, complaints(done)) == (0, []), done.stderr
    with psycopg.connect(target["DATABASE_URL"]) as there:
        # A writer's member and the act on it are one transaction: a moment has both or neither.
        changed = "SELECT count(*) FROM members WHERE name = '写者' AND standing = 'grace'"
        told = "SELECT count(*) FROM audit_entries WHERE action = 'member.standing'"
        assert there.execute(changed).fetchone() == there.execute(told).fetchone() != (0,)
        keys = [name.removeprefix("file ") for (name,) in there.execute(NAMES_A_FILE)]
    folder = Path(target["INSTANCE_DIR"]) / "files"
    assert keys
    assert [key for key in keys if not (folder / key[:2] / key).exists()] == []
