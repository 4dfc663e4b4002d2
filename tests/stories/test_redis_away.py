"""Redis holds only what may be forgotten: without it limits are stricter, and redemptions stay exact."""

import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from flask import Flask

from app import children
from tests.builders.world import World
from tests.harness.machine import REDIS_MISSING, redis_server
from tests.harness.processes import Processes, free_port, until
from tests.stories.aftermath import all_is_there, queue_is_worked_off, sweep_later
from tests.stories.traffic import Traffic, visits

pytestmark = [pytest.mark.skipif(redis_server() is None, reason=REDIS_MISSING), pytest.mark.timeout(400)]
WEB_WORKERS = 2


class Redis:
    """A redis-server that can be killed, held and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        command = [*(redis_server() or []), "--port", str(self.port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(self._folder)]
        with (self._folder / "redis.log").open("ab") as output:
            self.process = children.spawn(command, env={"PATH": "/usr/bin:/bin"}, output=output.fileno())
        until(self._answers, "redis-server answers")
        return self.process

    def _answers(self) -> bool:
        with redis.Redis(port=self.port, socket_timeout=1) as client:
            try:
                return bool(client.ping())
            except redis.RedisError:
                return False


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Redis]:
    found = Redis(tmp_path)
    yield found
    children.kill_group(found.process)


@pytest.fixture
def served(app: Flask, environment: dict[str, str], cache: Redis, tmp_path: Path) -> Iterator[Processes]:
    """Two web processes that share their counters through Redis, and a worker."""
    shared = {"REDIS_URL": f"redis://127.0.0.1:{cache.port}/0", "WEB_WORKERS": str(WEB_WORKERS)}
    found = Processes({**environment, **shared}, tmp_path / "log")
    found.start()
    found.wait_ready()
    until(lambda: len(found.web_children()) == WEB_WORKERS, "both web processes are there")
    yield found
    found.stop()


def test_two_web_processes_count_one_limit_together(world: World, served: Processes) -> None:
    assert served.get("/readyz")[1]["status"] == "ok"
    headers = world.bearer(world.shop().clerk)
    seen = Counter(served.post("/api/v1/shop/scan", {"code": "no code"}, headers)[0] for _ in range(140))
    assert seen == {409: 120, 429: 20}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_redemptions_stay_exact_when_redis_dies_or_hangs_in_their_midst(
    world: World, sql: psycopg.Connection, served: Processes, cache: Redis, how: signal.Signals
) -> None:
    traffic = Traffic(served.port, visits(world, 60), threads=4)
    traffic.start()
    until(lambda: len(traffic.tally.answers) >= 15, "redemptions go on")
    cache.process.send_signal(how)
    tally = traffic.finish()

    assert set(tally.seen) <= {"200", "201", "409"}, tally.seen
    status, parts = served.get("/readyz")
    assert (status, parts["status"], parts["database"]) == (200, "degraded", "ok")
    assert str(parts["redis"]).startswith("down")
    queue_is_worked_off(sql, served)
    sweep_later(world.app)
    all_is_there(sql, tally, number=60)


def test_without_redis_writes_are_limited_more_strictly_and_reading_goes_on_until_it_is_back(
    world: World, served: Processes, cache: Redis
) -> None:
    headers = world.bearer(world.shop().clerk)
    children.kill_group(cache.process)

    seen = Counter(served.post("/api/v1/shop/scan", {"code": "no code"}, headers)[0] for _ in range(100))
    assert set(seen) == {409, 429}, seen
    assert seen[409] <= 30 * WEB_WORKERS, "stricter than the 120 a minute that hold with Redis"
    assert {served.get("/healthz")[0] for _ in range(100)} == {200}
    assert {served.get("/api/v1/offers")[0] for _ in range(100)} == {200}

    cache.start()
    assert served.get("/readyz")[1]["status"] == "ok"
    other = world.bearer(world.shop().clerk)
    until(lambda: _shared(served, cache, other), "counters are shared again", 120)


def _shared(served: Processes, cache: Redis, headers: dict[str, str]) -> bool:
    served.post("/api/v1/shop/scan", {"code": "no code"}, headers)
    with redis.Redis(port=cache.port) as client:
        return int(client.dbsize()) > 0
