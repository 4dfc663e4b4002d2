"""Web and worker are killed at random moments while clerks redeem: nothing is doubled and nothing lost."""

import random
import time

import psycopg
import pytest

from tests.builders.world import World
from tests.harness.processes import Processes, until
from tests.stories.aftermath import all_is_there, deliveries_are_closed, queue_is_worked_off, sweep_later
from tests.stories.traffic import Tally, Traffic, visits

VICTIMS = ("web", "web child", "worker", "web and worker")


@pytest.mark.timeout(400)
def test_a_few_kills_double_nothing_and_lose_nothing(
    world: World, sql: psycopg.Connection, processes: Processes
) -> None:
    tally, kills = _redeem_while_killing(world, processes, redemptions=60, kills=4)
    assert kills == 4
    # Two minutes pass for those who died: their heartbeats are old, their leases have run out.
    processes.kill("worker")
    sql.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")
    processes.start("worker")
    queue_is_worked_off(sql, processes)
    sweep_later(world.app)
    all_is_there(sql, tally, number=60)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_five_hundred_redemptions_survive_many_kills(
    world: World, sql: psycopg.Connection, processes: Processes, seed: int
) -> None:
    tally, kills = _redeem_while_killing(world, processes, redemptions=500, kills=60, seed=seed)
    waited = queue_is_worked_off(sql, processes)
    swept = deliveries_are_closed(sql, processes)
    all_is_there(sql, tally, number=500)
    unknown = sql.execute("SELECT count(*) FROM deliveries WHERE status = 'unknown'").fetchone()
    print(f"seed {seed}: {kills} kills, saw {dict(tally.seen)}, {len(tally.done())} done, {tally.refused()} refused, ")
    print(f"queue empty after {waited:.0f} s, deliveries closed after {swept:.0f} s, {unknown} unknown")


def _redeem_while_killing(
    world: World, processes: Processes, *, redemptions: int, kills: int, seed: int = 0
) -> tuple[Tally, int]:
    """Kills until `kills` are reached or every visit has its answer; returns the answers and the number of kills."""
    chance, done = random.Random(seed or None), 0
    traffic = Traffic(processes.port, visits(world, redemptions))
    processes.start()
    processes.wait_ready()
    traffic.start()
    while done < kills and traffic.running:
        processes.wait_ready()
        _moves_on(traffic, len(traffic.tally.answers))
        time.sleep(chance.uniform(0, 0.3))
        _kill(processes, chance.choice(VICTIMS))
        done += 1
        processes.start()
    tally = traffic.finish()
    assert not processes.ended(), processes.tail()
    return tally, done


def _moves_on(traffic: Traffic, known: int) -> None:
    """Waits for the first answer after a start, so that a kill meets requests under way, not an idle process."""
    until(lambda: len(traffic.tally.answers) > known or not traffic.running, "clients get answers again", 120)


def _kill(processes: Processes, victim: str) -> None:
    if victim == "web child":
        processes.kill_child()
    else:
        for name in victim.split(" and "):
            processes.kill(name)
