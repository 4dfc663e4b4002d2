"""Workers are killed at random moments while they send, and the platform is slow and fails at random: nothing is lost,
and what the platform can tell apart never comes twice."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask import Flask

from services.notifications.types import Channel
from tests.builders.world import World
from tests.harness.invariants import nothing_doubled_or_lost
from tests.harness.processes import Processes, until
from tests.partners.conftest import platform
from tests.partners.gateway import Gateway, set_up, sms_stand_in
from tests.partners.platform import SUBSCRIBE, TEMPLATE, Fault, StandIn, Status, Trouble
from tests.partners.platform import environment as settings_of
from tests.partners.sms import SmsStandIn

__all__ = ["platform", "set_up", "sms_stand_in"]
TROUBLES: list[Trouble] = [-1, Status(502), Fault.LOST, Fault.LOST_HALF, Fault.HALF, Fault.NOT_JSON]
OPEN = "SELECT count(*) FROM deliveries WHERE status IN ('created', 'sending')"
UNPLANNED = "SELECT count(*) FROM inbox_messages WHERE next_step_at IS NOT NULL"
#: Two minutes pass for what a dead worker held; an hour for what waits for another try.
LEASES = "UPDATE deliveries SET leased_until = now() - interval '1 second' WHERE status = 'sending'"
DYING = """SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND state IN ('active', 'idle in transaction') AND backend_type = 'client backend'"""
TRIES = """UPDATE deliveries SET next_try_at = now() WHERE id IN
    (SELECT id FROM deliveries WHERE status = 'created' AND next_try_at > now() FOR UPDATE SKIP LOCKED)"""
PAUSES = "UPDATE pauses SET until = now() WHERE until IS NOT NULL"


@pytest.fixture
def sender(set_up: Flask, environment_of_worker: dict[str, str], tmp_path: Path) -> Iterator[Processes]:
    found = Processes(environment_of_worker, tmp_path / "log", worker=("tests.stories.sweeping_worker",))
    yield found
    found.stop()


@pytest.fixture
def environment_of_worker(environment: dict[str, str], platform: StandIn) -> dict[str, str]:
    return {**environment, **settings_of(platform), "WECHAT_MP_PAGE": "pages/index/index", "DEMO": "0"}


@pytest.fixture
def house(
    set_up: Flask, platform: StandIn, sms_stand_in: SmsStandIn, sql: psycopg.Connection, run_jobs: Callable[[], None],
    at: Callable[..., None],
) -> Gateway:  # fmt: skip
    found = Gateway(World(set_up), platform, sms_stand_in, sql, run_jobs, at)
    found.maps("safety")
    return found


@pytest.mark.timeout(300)
def test_a_few_kills_while_messages_go_out(house: Gateway, sender: Processes) -> None:
    kills = _send_while_killing(house, sender, messages=120, kills=3, chance=random.Random())
    assert kills == 3
    print(_all_is_there(house, messages=120))


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_a_thousand_messages_survive_kills(house: Gateway, sender: Processes, seed: int) -> None:
    kills = _send_while_killing(house, sender, messages=1000, kills=12, chance=random.Random(seed))
    print(f"seed {seed}: {kills} kills, {_all_is_there(house, messages=1000)}")


def _send_while_killing(house: Gateway, sender: Processes, *, messages: int, kills: int, chance: random.Random) -> int:
    """Half of the messages by each kind of channel: one knows a repeat, one does not. Returns the number of kills."""
    people = [house.member(Channel.MP_SUBSCRIBE if number % 2 else Channel.TEMPLATE) for number in range(messages)]
    for person in people:
        house.told(person)
    house.platform.next_fault = _trouble(house.platform, chance)  # type: ignore[method-assign]
    done = 0
    sender.start("worker")
    while not _over(house):
        _moves_on(house, sender, chance.randint(1, messages // (2 * kills) if done < kills else messages))
        if done < kills and not _over(house):
            sender.kill("worker")
            done += 1
            until(
                lambda: house.sql.execute(DYING).fetchone() is None, "the server is done with what the dead one began"
            )
            house.sql.execute(LEASES)
            sender.start("worker")
    return done


def _moves_on(house: Gateway, sender: Processes, number: int) -> None:
    """Waits until the platform has so many more, so that a kill meets sends."""
    known = len(house.platform.sent) + number
    until(lambda: len(house.platform.sent) >= known or _over(house), f"it goes on; log:\n{sender.tail()}", 120)


def _trouble(platform: StandIn, chance: random.Random) -> Callable[[str, str], Trouble | None]:
    def next_fault(path: str, openid: str) -> Trouble | None:
        if path not in (TEMPLATE, SUBSCRIBE):
            return None
        time.sleep(chance.uniform(0.005, 0.15))
        return chance.choice(TROUBLES) if chance.random() < 0.15 else None

    return next_fault


def _over(house: Gateway) -> bool:
    house.sql.execute(TRIES)
    house.sql.execute(PAUSES)
    rows = house.sql.execute(f"SELECT ({OPEN}) + ({UNPLANNED})".encode()).fetchone()
    return rows == (0,)


def _all_is_there(house: Gateway, *, messages: int) -> str:
    """What is written down is what the platform took; returns the figures."""
    sql, taken = house.sql, house.platform.sent
    assert sql.execute("SELECT count(*) FROM inbox_messages").fetchone() == (messages,)
    by_state = Counter(
        {(channel, status): number for channel, status, number in sql.execute(
            "SELECT channel, status, count(*) FROM deliveries GROUP BY 1, 2"
        )}
    )  # fmt: skip
    assert sum(by_state.values()) == messages
    assert set(by_state) <= {("template", "sent"), ("mp_subscribe", "sent"), ("mp_subscribe", "unknown")}, by_state
    ids = [one.client_id for one in taken if one.path == TEMPLATE]
    repeats = len(ids) - len(set(ids))
    assert repeats == 0, "the platform knows a repeat by its id"
    assert len(ids) == by_state["template", "sent"] == messages // 2
    people = Counter(one.openid for one in taken if one.path == SUBSCRIBE)
    twice = sum(number - 1 for number in people.values())
    assert twice == 0, "what may come twice is never repeated"
    sent, unknown = by_state["mp_subscribe", "sent"], by_state["mp_subscribe", "unknown"]
    assert sent <= len(people) <= sent + unknown
    assert sql.execute("SELECT sum(reserved), sum(spent), sum(lost) FROM credits").fetchone() == (0, sent + unknown, 0)
    nothing_doubled_or_lost(sql, drained=True)
    return (
        f"{len(ids)} template messages, {house.platform.repeated} asked twice and taken once; {sent} subscribe messages"
        f" sent, {unknown} unknown of which {len(people) - sent} arrived; {twice} came twice"
    )
