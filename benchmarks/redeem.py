"""Scan and redeem, ours against the floor, in alternation: `.venv/bin/python -m benchmarks.redeem`.

Both sides run under the same gunicorn settings (app/gunicorn.py: gthread, preload) on one PostgreSQL with fsync on,
each in a database of its own. A round gives each side the same three loads after one another: scans; redemptions of
those scans; and pairs, where each phone scans and then redeems. Linux only: processor times come from /proc.
"""

import argparse
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flask_migrate
from flask import Flask

from app.embedded import start
from app.factory import create_app
from app.settings import PROJECT, Settings, fresh_keys, load
from benchmarks import floor, world
from benchmarks.load import Job
from services.cards import rules
from services.cards.types import Serial
from services.core import clock
from services.core.signing import Signer
from tests.harness.statements import statements

SIDES = ("ours", "floor")
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Server:
    port: int
    process: subprocess.Popen[bytes]


@dataclass(frozen=True)
class Measured:
    """One load on one side. Processor times are milliseconds a request; latencies milliseconds by kind."""

    per_second: float
    web_ms: float
    database_ms: float
    #: the share of one processor that the generator took
    generator: float
    latency: dict[str, tuple[float, float]]
    scanned: list[list[Any]]


class Bench:
    """Two sides under one load: each has a server and a town."""

    def __init__(self, options: argparse.Namespace, settings: Settings, postgres: int, sides: tuple[str, str]) -> None:
        self.options, self.settings, self.postgres, self.sides = options, settings, postgres, sides
        self.servers: dict[str, Server] = {}
        self.towns: dict[str, world.Town] = {}
        self.used = dict.fromkeys(sides, 0)
        self.runs = 0

    def load(self, side: str, mode: str, seconds: float, scans: list[list[Any]] | None = None) -> Measured:
        """One load. Cards are held out in turn, so that each comes back only after its code has changed."""
        self.runs += 1
        first, town = self.used[side], self.towns[side]
        key_id, key = self.settings.signing_keys[0]
        job = Job(
            mode, self.servers[side].port, self.options.connections, seconds, town.clerks, key_id, key.hex(),
            town.serials[first:] + town.serials[:first], f"run{self.runs:05d}", scans or [],
        )  # fmt: skip
        web, database = family(self.servers[side].process.pid), family(self.postgres)
        generator = subprocess.run(
            [sys.executable, "-m", "benchmarks.load"],
            input=json.dumps(job.__dict__).encode(), stdout=subprocess.PIPE, check=True, cwd=PROJECT,
        )  # fmt: skip
        web, database = family(self.servers[side].process.pid) - web, family(self.postgres) - database
        result = json.loads(generator.stdout)
        bad = {name: count for name, count in result["statuses"].items() if not name.split()[1].startswith("2")}
        if bad:
            raise SystemExit(f"{side}, {mode}: {bad}; the last: {result['sample']}")
        times = result["seconds"]
        count = sum(map(len, times.values()))
        self.used[side] = (first + len(times.get("scan", []))) % len(town.serials)
        return Measured(
            count / result["elapsed"],
            web * 1000 / count,
            database * 1000 / count,
            result["cpu"] / result["elapsed"],
            {kind: _percentiles(values) for kind, values in times.items()},
            result["scanned"],
        )


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(
        prefix="gonghui-bench-", ignore_cleanup_errors=True, dir=options.directory
    ) as folder:
        database = start(Path(folder) / "pg")
        try:
            environ = {
                **os.environ, **fresh_keys(), "DATABASE_URL": database.url, "WEB_WORKERS": str(options.workers),
                "WEB_THREADS": str(options.threads), "REDIS_URL": options.redis or "", "DEMO": "0",
                "PUBLIC_URL": "http://127.0.0.1:8000", "INSTANCE_DIR": folder,
            }  # fmt: skip
            _run(options, environ, Path(folder), database.process.pid)
        finally:
            database.stop()


def _run(options: argparse.Namespace, environ: dict[str, str], folder: Path, postgres: int) -> None:
    settings = load(environ)
    apps = {"ours": create_app(settings), "floor": floor.create_floor(settings)}
    with apps["ours"].app_context():
        flask_migrate.upgrade()
    bench = Bench(options, settings, postgres, SIDES)
    ours = settings.database_url.replace("+psycopg", "", 1)
    town = world.build(apps["ours"], ours, floor.database_url(settings), shops=options.shops)
    bench.towns = dict.fromkeys(SIDES, town)
    counts = {side: count_statements(app, settings, town) for side, app in apps.items()}
    targets = {"ours": "wsgi:app", "floor": "benchmarks.floor:create_floor()"}
    with contextlib.ExitStack() as stack:
        for side, target in targets.items():
            bench.servers[side] = stack.enter_context(serving(target, environ, folder / f"{side}.log"))
        if options.hold:
            print(json.dumps({side: server.process.pid for side, server in bench.servers.items()}), flush=True)
        warm(bench)
        if options.hold:
            while True:
                scans = bench.load(options.hold, "pair", options.seconds)
                print(f"{options.hold}: {scans.per_second:.0f} requests/s", flush=True)
        rounds = alternate(bench)
        nothing = bench.load("floor", "nothing", options.seconds)
    _report(options, rounds, nothing, counts)


def warm(bench: Bench) -> None:
    for side in bench.sides:
        bench.load(side, "pair", min(3.0, bench.options.seconds))


def alternate(bench: Bench) -> dict[tuple[str, str], list[Measured]]:
    """The two sides by turns, the first of a round by turns too."""
    results: dict[tuple[str, str], list[Measured]] = {}
    for number in range(bench.options.rounds):
        for side in bench.sides[:: 1 if number % 2 == 0 else -1]:
            scans = bench.load(side, "scan", bench.options.seconds)
            redemptions = bench.load(side, "redeem", 600, scans.scanned)
            pairs = bench.load(side, "pair", bench.options.seconds)
            for mode, measured in (("scan", scans), ("redeem", redemptions), ("pair", pairs)):
                results.setdefault((side, mode), []).append(measured)
            line = "  ".join(f"{m.per_second:6.0f}/s" for m in (scans, redemptions, pairs))
            print(f"round {number + 1} {side:10}{line}  load {os.getloadavg()[0]:.1f}", file=sys.stderr, flush=True)
    return results


def count_statements(app: Flask, settings: Settings, town: world.Town) -> dict[str, int]:
    """Statements a request, counted at psycopg in this process; the first request of each kind is not looked at."""
    signer, client, sent = Signer(), app.test_client(), {}
    signer.open(settings.signing_keys)
    token, offer_id = town.clerks[0]
    headers = {"Authorization": f"Bearer {token}"}
    for serial in town.serials[-2:]:
        code = rules.sign(signer, Serial(serial), now=clock.now()).text
        with statements() as at_scan:
            scan = client.post("/api/v1/shop/scan", json={"code": code}, headers=headers)
        body = {"scan_id": scan.json["scan_id"], "offer_id": offer_id, "amount_fen": 4650}
        with statements() as at_redeem:
            done = client.post(
                "/api/v1/redemptions", json=body, headers={**headers, "Idempotency-Key": f"count-{serial}"}
            )
        if done.status_code != 201:
            raise SystemExit(f"refused: {done.json}")
        sent = {"scan": len(at_scan), "redeem": len(at_redeem)}
    return sent


def _report(
    options: argparse.Namespace,
    rounds: dict[tuple[str, str], list[Measured]],
    nothing: Measured,
    counts: dict[str, dict[str, int]],
) -> None:
    report(options, rounds, counts, SIDES)
    busiest = max(run.generator for runs in rounds.values() for run in runs)
    print(f"\nThe generator took at most {busiest:.0%} of a processor; against an empty Flask answer it drove", end=" ")
    print(f"{nothing.per_second:.0f} requests/s with {nothing.generator:.0%}.")


def report(
    options: argparse.Namespace,
    rounds: dict[tuple[str, str], list[Measured]],
    counts: dict[str, dict[str, int]],
    sides: tuple[str, str],
) -> None:
    """A table of both sides, and the first's throughput to the second's: the median of the rounds."""
    load_now = "/".join(f"{load:.1f}" for load in os.getloadavg())
    print(f"{options.workers} worker(s) of {options.threads} threads, {options.connections} connections,", end=" ")
    print(f"{options.rounds} rounds of {options.seconds:.0f} s, {os.cpu_count()} processors, load {load_now}\n")
    print(f"| | requests/s | p50 ms | p99 ms | web CPU ms | PostgreSQL CPU ms | statements |\n|{'---|' * 7}")
    for mode in ("scan", "redeem", "pair"):
        for side in sides:
            print(_row(mode, side, rounds[side, mode], counts[side]))
        by_round = list(zip(rounds[sides[0], mode], rounds[sides[1], mode], strict=True))
        ratios = sorted(one.per_second / other.per_second for one, other in by_round)
        middle = statistics.median(ratios)
        print(f"| **{mode}, {' / '.join(sides)}** | **{middle:.2f}** ({ratios[0]:.2f} to {ratios[-1]:.2f}) | | | | | |")


def _row(mode: str, side: str, runs: list[Measured], sent: dict[str, int]) -> str:
    kinds = list(runs[0].latency)
    p50, p99 = (
        " / ".join(f"{statistics.median(run.latency[kind][at] for run in runs):.1f}" for kind in kinds) for at in (0, 1)
    )
    rate, web, database = (
        statistics.median(getattr(run, name) for run in runs) for name in ("per_second", "web_ms", "database_ms")
    )
    count = sum(sent[kind] for kind in kinds)
    return f"| {mode}, {side} | {rate:.0f} | {p50} | {p99} | {web:.2f} | {database:.2f} | {count} |"


@contextlib.contextmanager
def serving(target: str, environ: dict[str, str], log: Path) -> Iterator[Server]:
    """A gunicorn with the settings of the house. Its log goes to a file, as a service's does."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "-c", "python:app.gunicorn", target]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, env={**environ, "PORT": str(port)}, cwd=PROJECT, stdout=output, stderr=output
        )
    try:
        _wait(process, port, log)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(30)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + 60
    while True:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port)).close()
            return
        if process.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"gunicorn did not start: {log.read_text()[-2000:]}")
        time.sleep(0.1)


def family(parent: int) -> float:
    """Seconds of processor time of a process, its children, and its children that have ended."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    total = 0.0
    for pid in (str(parent), *children):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
            total += sum(map(int, fields[11:15] if pid == str(parent) else fields[11:13])) / TICK
    return total


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    cuts = statistics.quantiles(seconds, n=100)
    return cuts[49] * 1000, cuts[98] * 1000


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6, help="length of one load")
    parser.add_argument("--connections", type=int, default=24)
    parser.add_argument("--workers", type=int, default=1, help="above 1 needs --redis, as in production")
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--redis", help="REDIS_URL for the rate limits; without it they are counted in memory")
    parser.add_argument("--shops", type=int, default=world.SHOPS, help="1: every till takes the same limited stock")
    parser.add_argument("--directory", help="where the cluster is put: a disk, not a memory file system")
    parser.add_argument("--hold", choices=SIDES, help="load one side until stopped, for a profiler")
    return parser.parse_args()


if __name__ == "__main__":
    main()
