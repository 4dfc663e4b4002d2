"""The same load on a small house and on a big one: 1,000 members, and 1,000,000 with 10,000,000 past redemptions.

    .venv/bin/python -m benchmarks.big build --directory /big      # half an hour and 20 GB
    .venv/bin/python -m benchmarks.big measure --directory /big    # some minutes; as often as you like
    .venv/bin/python -m benchmarks.big plans --directory /big      # how one scan and one redemption are planned there
    .venv/bin/python -m benchmarks.big figures --directory /big    # the officer's figures of a month and of a year
    rm -r /big

Both houses are databases of one cluster, each with a server of its own under app/gunicorn.py; fsync is on while it is
measured.
"""

import argparse
import contextlib
import datetime
import json
import os
import sys
import time
from dataclasses import asdict
from pathlib import Path

import flask_migrate
import psycopg
from flask import Flask
from sqlalchemy import text

from app.embedded import Server, start
from app.factory import create_app
from app.settings import Settings, fresh_keys, load
from benchmarks import history, world
from benchmarks.plans import explain
from benchmarks.redeem import Bench, alternate, count_statements, report, serving, warm
from services.core import clock
from services.core.calendar import local_date
from services.core.db import db
from services.reports import figures
from services.unions.types import UnionPath

SIDES = ("big", "small")
MEMBERS = {"small": 1000, "big": 1_000_000}
PAST = {"small": 10_000, "big": 10_000_000}
BUILDING = {"fsync": "off", "shared_buffers": "2GB", "max_wal_size": "8GB"}


def main() -> None:
    options = _options()
    folder = Path(options.directory).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    keys_file = folder / "keys.json"
    if not keys_file.exists():
        keys_file.write_text(json.dumps(fresh_keys()))
    server = start(folder / "pg", settings=BUILDING if options.what == "build" else {})
    try:
        environs = {
            side: {
                **os.environ, **json.loads(keys_file.read_text()), "DATABASE_URL": _url(server, side), "DEMO": "0",
                "WEB_WORKERS": str(options.workers), "WEB_THREADS": str(options.threads), "REDIS_URL": "",
                "PUBLIC_URL": "http://127.0.0.1:8000", "INSTANCE_DIR": str(folder / side), "LOG_LEVEL": "error",
            }
            for side in SIDES
        }  # fmt: skip
        {"build": _build, "measure": _measure, "figures": _figures, "plans": _plans}[options.what](
            options, environs, folder, server
        )
    finally:
        server.stop()


def _url(server: Server, side: str) -> str:
    return server.url.replace("/gonghui?", f"/{side}?", 1)


def _build(options: argparse.Namespace, environs: dict[str, dict[str, str]], folder: Path, server: Server) -> None:
    for side in reversed(SIDES):
        begun = time.monotonic()
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {side}")  # type: ignore[arg-type]
            connection.execute(f"CREATE DATABASE {side}")  # type: ignore[arg-type]
        (folder / side).mkdir(exist_ok=True)
        app = create_app(load(environs[side]))
        with app.app_context():
            flask_migrate.upgrade()
        town = world.build(app, _url(server, side), None, members=MEMBERS[side])
        (folder / f"{side}.json").write_text(json.dumps(asdict(town)))
        history.fill(_url(server, side), PAST[side])
        with psycopg.connect(_url(server, side)) as connection:
            row = connection.execute("SELECT pg_size_pretty(pg_database_size(current_database()))").fetchone()
        print(f"{side}: {row and row[0]}, {time.monotonic() - begun:.0f} s", flush=True)


def _measure(options: argparse.Namespace, environs: dict[str, dict[str, str]], folder: Path, server: Server) -> None:
    settings = {side: load(environs[side]) for side in SIDES}
    bench = Bench(options, settings["big"], server.process.pid, SIDES)
    bench.towns = {side: world.Town(**json.loads((folder / f"{side}.json").read_text())) for side in SIDES}
    counts = {side: count_statements(_app(settings[side]), settings[side], bench.towns[side]) for side in SIDES}
    with contextlib.ExitStack() as stack:
        for side in SIDES:
            bench.servers[side] = stack.enter_context(serving("wsgi:app", environs[side], folder / f"{side}.log"))
        warm(bench)
        rounds = alternate(bench)
    report(options, rounds, counts, SIDES)


def _figures(options: argparse.Namespace, environs: dict[str, dict[str, str]], folder: Path, server: Server) -> None:
    """How long the officer's page waits for its figures, of the whole district; nothing is cached between."""
    today = local_date(clock.now())
    with _app(load(environs["big"])).app_context(), psycopg.connect(_url(server, "big")) as connection:
        row = connection.execute("SELECT path FROM unions WHERE parent_id IS NULL").fetchone()
        assert row is not None
        for days in (7, 31):
            first = today - datetime.timedelta(days=days)
            for _ in range(3):
                # The page has five seconds for a statement; here it may take what it takes.
                db.session.execute(text("SET LOCAL statement_timeout = 0"))
                begun = time.perf_counter()
                found = figures.period(scopes=[UnionPath(row[0])], first=first, last=today - world.DAY)
                print(f"{days} days: {time.perf_counter() - begun:.2f} s, {found.total.redemptions:,}", flush=True)


def _plans(options: argparse.Namespace, environs: dict[str, dict[str, str]], folder: Path, server: Server) -> None:
    settings, town = load(environs["big"]), world.Town(**json.loads((folder / "big.json").read_text()))
    if explain(_app(settings), settings, town):
        raise SystemExit("a growing table is read from end to end")


def _app(settings: Settings) -> Flask:
    return create_app(settings)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("build", "measure", "figures", "plans"))
    parser.add_argument("--directory", required=True, help="a disk with 25 GB of room")
    parser.add_argument("--rounds", type=int, default=5)
    # A card's next code comes after half a minute: a thousand of them last for three loads.
    parser.add_argument("--seconds", type=float, default=3, help="length of one load")
    parser.add_argument("--connections", type=int, default=24)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=8)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
