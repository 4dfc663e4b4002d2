"""A whole district's roster through the import: sheet, check, apply, the same again, undo. Linux only.

    .venv/bin/python -m benchmarks.roster --rows 72000

Prints seconds, processor seconds of this process, and the most memory it had, after each step.
"""

import argparse
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import flask_migrate

from app import roster
from app.demo_data import people, sheet
from app.embedded import cluster
from app.factory import create_app
from app.settings import fresh_keys, load
from services.core import clock
from services.core.files import files
from services.core.transaction import in_transaction
from services.members.roster import queries, service
from services.members.roster.types import ImportId, ImportView, Kind
from services.unions import queries as unions
from services.unions.types import UnionView

UNIONS = 1_277
ACTOR = "job:benchmark"


@contextmanager
def measured(step: str) -> Iterator[None]:
    began, worked = time.monotonic(), time.process_time()
    yield
    took, cpu = time.monotonic() - began, time.process_time() - worked
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{step:<12}{took:>7.1f} s{cpu:>7.1f} s CPU{memory:>6} MiB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=72_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="gonghui-roster-") as folder, cluster(Path(folder) / "pg") as url:
        settings = {**fresh_keys(), "DATABASE_URL": url, "INSTANCE_DIR": folder, "LOG_LEVEL": "error"}
        with create_app(load(settings)).app_context():
            flask_migrate.upgrade()
            in_transaction(lambda: people.plant(random.Random(1), count=UNIONS))
            _run(Path(folder) / "roster.xlsx", rows)


def _run(path: Path, rows: int) -> None:
    root = in_transaction(lambda: unions.roots()[0])
    every = in_transaction(lambda: [union.name["zh"] for union in unions.subtree(scope=root.path)])
    with measured("sheet"):
        sheet.write(
            path, rows=rows, unions=[name for name in every[1:] if every.count(name) == 1], seed=1, advance=bool
        )
    with measured("check"):
        first = _check(root, path.read_bytes())
    with measured("apply"):
        _do(service.begin_apply, roster.apply, root, first)
    print(_see(root, first).outcomes)
    with measured("check again"):
        again = _check(root, path.read_bytes())
    print(_see(root, again).counts)
    with measured("undo"):
        _do(service.begin_undo, roster.undo, root, first)
    print(_see(root, first).outcomes)


def _check(root: UnionView, data: bytes) -> ImportId:
    key = files.put(data)
    import_id = in_transaction(
        lambda: service.hand_in(
            union_id=root.id, kind=Kind.ADDITIONS, file_name="", file_key=key, data=data, scopes=(root.path,),
            actor=ACTOR, now=clock.now(), post=False,
        )
    )  # fmt: skip
    roster.check(import_id)
    return import_id


def _do(begin: Callable[..., None], work: Callable[[ImportId], None], root: UnionView, import_id: ImportId) -> None:
    in_transaction(lambda: begin(import_id=import_id, scopes=(root.path,), actor=ACTOR, now=clock.now(), post=False))
    work(import_id)


def _see(root: UnionView, import_id: ImportId) -> ImportView:
    return in_transaction(lambda: queries.one(import_id, scopes=(root.path,)))


if __name__ == "__main__":
    main()
