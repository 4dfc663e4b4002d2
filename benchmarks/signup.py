"""An opening: 2,000 members rush for 500 places, ours against the floor: `.venv/bin/python -m benchmarks.signup`.

Both sides run under app/gunicorn.py on one PostgreSQL with fsync on, each in a database of its own, in alternation;
each round has an event of its own. 64 requests are in flight (a closed loop); as many may wait as there are places, the
rest is refused. Then the same on a full house: 64 events and 100,000 entries are there already. What nobody may get
wrong is looked up in the database after every round. `--plans` explains the statements on the full house instead,
`--profile` runs entries in one thread under cProfile there. Linux only.
"""

import argparse
import contextlib
import cProfile
import json
import os
import pstats
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flask_migrate
import psycopg
from flask import Flask

from app.embedded import start
from app.factory import create_app
from app.settings import PROJECT, Settings, fresh_keys, load
from benchmarks import signup_world
from benchmarks.floor import database_url
from benchmarks.plans import explained
from benchmarks.redeem import Server, family, serving
from benchmarks.signup_load import Rush
from services.events.types import EventId
from tests.harness.statements import statements

SIDES = ("ours", "floor")
GROWING = ("members", "sessions", "accounts", "signups", "signup_people", "audit_entries", "idempotency_keys",
           "procrastinate_jobs", "event_misses", "attainments")  # fmt: skip


@dataclass(frozen=True)
class Round:
    """One rush on one side. Latencies: milliseconds, p50 and p95, of who took a place, who waits, who was refused."""

    per_second: float
    sold_out: float
    web_ms: float
    database_ms: float
    took: tuple[float, float]
    waits: tuple[float, float]
    refused: tuple[float, float]


class Bench:
    def __init__(self, options: argparse.Namespace, settings: Settings, app: Flask, postgres: int) -> None:
        self.options, self.settings, self.app, self.postgres = options, settings, app, postgres
        self.ours, self.theirs = settings.database_url.replace("+psycopg", "", 1), database_url(settings)
        self.town = signup_world.build(app, self.ours, self.theirs, options.members)
        self.servers: dict[str, Server] = {}
        self.runs = 0

    @property
    def waiting(self) -> int:
        found: int = self.options.places
        return found

    def event(self, side: str) -> EventId:
        places = self.options.places
        if side == "ours":
            return signup_world.open_event(self.app, self.town, places=places, waiting=self.waiting, number=self.runs)
        return signup_world.open_floor_event(self.theirs, places=places, waiting=self.waiting)

    def rush(self, side: str) -> Round:
        self.runs += 1
        event_id, server = self.event(side), self.servers[side]
        rush = Rush(server.port, self.options.connections, str(event_id), self.town.tokens, f"rush{self.runs:04d}")
        web, database = family(server.process.pid), family(self.postgres)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.signup_load"],
            input=json.dumps(rush.__dict__).encode(), stdout=subprocess.PIPE, check=True, cwd=PROJECT,
        )  # fmt: skip
        web, database = family(server.process.pid) - web, family(self.postgres) - database
        answers = json.loads(done.stdout)["answers"]
        self.check(side, event_id, answers)
        begun, count = min(one[0] for one in answers), len(answers)
        by_state = {state: [one for one in answers if one[3] == state] for state in {one[3] for one in answers}}
        sold_out = max(one[1] for one in by_state["confirmed"]) - begun
        return Round(
            len(by_state["confirmed"]) / sold_out, sold_out, web * 1000 / count, database * 1000 / count,
            _times(by_state["confirmed"]), _times(by_state["waiting"]), _times(by_state["waiting_full"]),
        )  # fmt: skip

    def check(self, side: str, event_id: EventId, answers: list[list[Any]]) -> None:
        """Every place is given, none twice; the line is in order of arrival. Ends the run otherwise."""
        states = {one[3] for one in answers}
        if states != {"confirmed", "waiting", "waiting_full"}:
            raise SystemExit(f"{side}: {states}")
        url, table = (self.ours, "event_quotas") if side == "ours" else (self.theirs, "events")
        key = "event_id = %s AND ordinal = 0" if side == "ours" else "id = %s"
        with psycopg.connect(url) as connection:
            query = f"""SELECT taken, (SELECT count(*) FROM signups WHERE event_id = %s AND state = 'confirmed')
                FROM {table} WHERE {key}"""
            row = connection.execute(query, [event_id, event_id]).fetchone()  # type: ignore[arg-type]
            positions = connection.execute(
                "SELECT id, position FROM signups WHERE event_id = %s AND state = 'waiting'", [event_id]
            ).fetchall()
        if row is None or set(row) != {self.options.places}:
            raise SystemExit(f"{side}: {row} of {self.options.places} places are taken")
        times = {one[4]: (one[0], one[1]) for one in answers}
        first, ahead = min(one[1] for one in answers if one[3] == "waiting"), 0.0
        late = sum(one[0] > first for one in answers if one[3] == "confirmed")
        if late:
            raise SystemExit(f"{side}: {late} got a place after somebody had begun to wait")
        for signup_id, _ in sorted(positions, key=lambda pair: pair[1]):
            sent, answered = times[str(signup_id)]
            if answered < ahead:
                raise SystemExit(f"{side}: somebody who had been answered stands behind one who came later")
            ahead = max(ahead, sent)


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(
        prefix="gonghui-signup-", ignore_cleanup_errors=True, dir=options.directory
    ) as folder:
        database = start(Path(folder) / "pg")
        try:
            environ = {
                **os.environ, **fresh_keys(), "DATABASE_URL": database.url, "WEB_WORKERS": str(options.workers),
                "WEB_THREADS": str(options.threads), "REDIS_URL": options.redis or "", "DEMO": "0",
                "PUBLIC_URL": "http://127.0.0.1:8000", "INSTANCE_DIR": folder, "LOG_LEVEL": "info",
            }  # fmt: skip
            _run(options, environ, Path(folder), database.process.pid)
        finally:
            database.stop()


def _run(options: argparse.Namespace, environ: dict[str, str], folder: Path, postgres: int) -> None:
    settings = load(environ)
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
    bench = Bench(options, settings, app, postgres)
    if options.plans or options.profile:
        signup_world.fill(app, bench.ours, bench.town)
        _plans(bench) if options.plans else _profile(bench)
        return
    counted = {kind: len(sent) for kind, sent in _three_kinds(bench, statements).items()}
    targets = {"ours": "wsgi:app", "floor": "benchmarks.signup_floor:create_floor()"}
    with contextlib.ExitStack() as stack:
        for side, target in targets.items():
            bench.servers[side] = stack.enter_context(serving(target, environ, folder / f"{side}.log"))
        for side in SIDES:
            bench.rush(side)
        empty = _alternate(bench, "empty")
        signup_world.fill(app, bench.ours, bench.town)
        full = _alternate(bench, "full")
    _report(options, empty, full, counted)


def _alternate(bench: Bench, house: str) -> dict[str, list[Round]]:
    rounds: dict[str, list[Round]] = {side: [] for side in SIDES}
    for number in range(bench.options.rounds):
        for side in SIDES[:: 1 if number % 2 == 0 else -1]:
            done = bench.rush(side)
            rounds[side].append(done)
            line = f"{done.per_second:5.0f}/s sold out {done.sold_out:5.2f} s refused p50 {done.refused[0]:5.0f} ms"
            print(f"{house} {number + 1} {side:6}{line} load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
    return rounds


def _report(
    options: argparse.Namespace,
    empty: dict[str, list[Round]],
    full: dict[str, list[Round]],
    counted: dict[str, int],
) -> None:
    print(f"{options.workers} worker(s) of {options.threads} threads, {options.connections} in flight,", end=" ")
    print(f"{options.members} members, {options.places} places, {options.rounds} rounds,", end=" ")
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; statements {counted}\n")
    print("| | sign-ups/s | sold out s | took p50 / p95 ms | waits p50 / p95 ms | refused p50 / p95 ms |", end="")
    print(f" web CPU ms | PostgreSQL CPU ms |\n|{'---|' * 8}")
    for house, rounds in (("empty", empty), ("full", full)):
        for side in SIDES:
            print(_row(f"{house}, {side}", rounds[side]))
    ratios = {
        house: [one.per_second / other.per_second for one, other in zip(rounds["ours"], rounds["floor"], strict=True)]
        for house, rounds in (("empty", empty), ("full", full))
    }
    for house, found in ratios.items():
        said = " ".join(f"{one:.2f}" for one in found)
        print(f"\n{house}: ours / floor by round {said}; median **{statistics.median(found):.2f}**", end="")
    slower = statistics.median(ratios["full"]) / statistics.median(ratios["empty"])
    web = _middle(full["ours"], "web_ms") / _middle(empty["ours"], "web_ms")
    base = _middle(full["ours"], "database_ms") / _middle(empty["ours"], "database_ms")
    print(f"\n\nA full house / an empty one: ours / floor {slower:.2f}, web CPU {web:.2f}, PostgreSQL CPU {base:.2f}.")
    print("0 oversold, every place given, the line in order of arrival: looked up after every rush.")


def _row(name: str, runs: list[Round]) -> str:
    pairs = " | ".join(
        " / ".join(f"{statistics.median(getattr(run, kind)[at] for run in runs):.0f}" for at in (0, 1))
        for kind in ("took", "waits", "refused")
    )
    rate, sold, web, base = (_middle(runs, one) for one in ("per_second", "sold_out", "web_ms", "database_ms"))
    return f"| {name} | {rate:.0f} | {sold:.2f} | {pairs} | {web:.2f} | {base:.2f} |"


def _three_kinds(bench: Bench, watch: Callable[[], Any]) -> dict[str, Any]:
    """One entry that gets a place, one that waits, one that is refused, each under what `watch` opens."""
    event_id = signup_world.open_event(bench.app, bench.town, places=2, waiting=1)
    client, watched = bench.app.test_client(), {}
    for number, (token, kind) in enumerate(
        zip(bench.town.tokens, ("", "straight", "waiting", "refused"), strict=False)
    ):
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"kinds-{number}-{time.time_ns()}"}
        with watch() as seen:
            client.post(f"/api/v1/events/{event_id}/signups", json={}, headers=headers)
        watched[kind] = seen
    del watched[""]
    return watched


def _plans(bench: Bench) -> None:
    bad = 0
    for kind, plans in _three_kinds(bench, lambda: explained("")).items():
        print(f"## {kind}\n")
        for plan in plans:
            print(plan, end="\n\n")
            whole = [table for table in re.findall(r"Seq Scan on (\w+)", plan) if table in GROWING]
            bad += len(whole)
            print("".join(f"!! reads {table} from end to end\n" for table in whole), end="")
    if bad:
        raise SystemExit("a growing table is read from end to end")


def _profile(bench: Bench) -> None:
    """Where the time of an entry goes, in one thread: those that get a place, then those that are refused."""
    client = bench.app.test_client()
    half = len(bench.town.tokens) // 2
    for kind, places, tokens in (("took", half, bench.town.tokens[:half]), ("refused", 0, bench.town.tokens[half:])):
        event_id = signup_world.open_event(bench.app, bench.town, places=max(places, 1), waiting=0)
        if not places:
            tokens = [bench.town.tokens[0], *tokens]  # noqa: PLW2901
        profile, begun = cProfile.Profile(time.thread_time), time.thread_time()
        profile.enable()
        for token in tokens:
            headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"profile-{time.time_ns()}"}
            client.post(f"/api/v1/events/{event_id}/signups", json={}, headers=headers)
        profile.disable()
        print(f"## {kind}: {(time.thread_time() - begun) * 1000 / len(tokens):.2f} ms CPU each, under the profiler")
        pstats.Stats(profile).sort_stats("cumulative").print_stats(r"services|app/|sqlalchemy/engine|psycopg/", 60)


def _middle(runs: list[Round], name: str) -> float:
    return statistics.median(getattr(run, name) for run in runs)


def _times(answers: list[list[Any]]) -> tuple[float, float]:
    cuts = statistics.quantiles([(one[1] - one[0]) * 1000 for one in answers], n=100)
    return cuts[49], cuts[94]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--members", type=int, default=2000)
    parser.add_argument("--places", type=int, default=500)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--workers", type=int, default=1, help="above 1 needs --redis, as in production")
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--redis", help="REDIS_URL for the rate limits; without it they are counted in memory")
    parser.add_argument("--directory", help="where the cluster is put: a disk, not a memory file system")
    parser.add_argument("--plans", action="store_true")
    parser.add_argument("--profile", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
