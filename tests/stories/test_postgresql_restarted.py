"""PostgreSQL goes away and comes back in the middle of redemptions: in order, and as in a crash."""

import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from app import embedded
from tests.builders.world import World
from tests.harness.processes import Processes, until
from tests.harness.threads import connected_to
from tests.stories.aftermath import all_is_there, queue_is_worked_off, sweep_later
from tests.stories.traffic import Traffic, visits

# A commit is on the disk before it is acknowledged, as in service; the disk itself does not fail here.
SETTINGS = {"fsync": "off", "synchronous_commit": "on"}


class Cluster:
    """A PostgreSQL that can be stopped in order, crashed, and started again at the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server = embedded.start(folder, settings=SETTINGS)
        self.url = self._server.url

    def stop(self) -> None:
        self._server.stop()

    def crash(self) -> None:
        """Every server process drops everything at once; the next start replays the log."""
        self._server.process.send_signal(signal.SIGQUIT)
        self._server.process.wait(60)

    def start(self) -> None:
        self._server = embedded.start(self._folder, settings=SETTINGS)
        assert self._server.url == self.url


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    with tempfile.TemporaryDirectory(prefix="gonghui-test-", ignore_cleanup_errors=True) as folder:
        found = Cluster(Path(folder) / "pg")
        yield found
        found.stop()


@pytest.fixture
def served(cluster: Cluster, environment: dict[str, str], tmp_path: Path) -> Iterator[Processes]:
    """Web and worker on the cluster that will be restarted."""
    found = Processes({**environment, "DATABASE_URL": cluster.url, "DEMO": "0"}, tmp_path / "log")
    found.prepare()
    yield found
    found.stop()


@pytest.mark.timeout(400)
def test_redemptions_go_on_by_themselves_after_postgresql_was_stopped_and_after_it_crashed(
    app: Flask, cluster: Cluster, served: Processes
) -> None:
    _redeem_through_restarts(app, cluster, served, redemptions=60, rounds=[cluster.stop, cluster.crash])


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_five_hundred_redemptions_survive_ten_restarts_of_postgresql(
    app: Flask, cluster: Cluster, served: Processes
) -> None:
    _redeem_through_restarts(app, cluster, served, redemptions=500, rounds=[cluster.stop, cluster.crash] * 5)


def _redeem_through_restarts(
    app: Flask, cluster: Cluster, served: Processes, *, redemptions: int, rounds: list[Callable[[], None]]
) -> None:
    with connected_to(app, cluster.url.replace("postgresql://", "postgresql+psycopg://")) as wide:
        traffic = Traffic(served.port, visits(World(wide), redemptions), threads=4)
        served.start()
        served.wait_ready()
        traffic.start()
        for number, stop in enumerate(rounds):
            _answered(traffic, redemptions * (number + 1) // (len(rounds) + 2))
            stop()
            time.sleep(0.5)
            cluster.start()
            took = _answered(traffic, len(traffic.tally.answers) + 1)
            print(f"{stop.__name__}: redemptions go on {took:.1f} s after the start")
        tally = traffic.finish()
        print(f"clients saw {dict(tally.seen)}")
        assert tally.seen["503"] + tally.seen["broken"] > 0, "the restarts were not noticed: nothing was tried"
        assert not served.ended(), served.tail()
        with psycopg.connect(cluster.url, autocommit=True) as sql:
            print(f"queue empty after {queue_is_worked_off(sql, served):.1f} s")
            sweep_later(wide)
            all_is_there(sql, tally, number=redemptions)


def _answered(traffic: Traffic, number: int) -> float:
    """Waits until so many visits have their answer; returns how long it took."""
    answers = traffic.tally.answers
    return until(lambda: len(answers) >= number or not traffic.running, "redemptions go on", 120)
