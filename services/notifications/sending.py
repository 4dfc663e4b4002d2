"""Calls the channels: no database here, many sends in flight, one at a time to each address."""

import datetime
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from threading import Lock

import structlog

from services.notifications.ports import PAUSES, Effect, Outgoing, Port, Result
from services.notifications.types import Channel, DeliveryStatus

log = structlog.get_logger("gonghui.notifications")
BUDGET = 60.0
"""Seconds after which nothing more of a batch is begun: the lease must not run out over what is in flight."""
TRIPS = 5
"""So many failures of a channel in a row that are no answer at all, and the rest of the batch is not tried."""
BREAKER, LATE, PAUSED = "breaker", "late", "paused"
NO_CONSENT = "no_consent"
"""Of a message that was not tried: the one before it to the same person met a 43101."""
OWN_MINUTE, OWN_MONEY = "own_minute_limit", "own_money_limit"
LEAVES_ROOM = frozenset({OWN_MINUTE, OWN_MONEY})
"""Our own bounds of SMS were full, but for what is kept for messages at once: these go on."""
MINUTE_OVER, MONEY_OVER = "own_minute_over", "own_money_over"
"""They were full for messages at once too."""
UNTRIED = frozenset({BREAKER, LATE, PAUSED, MINUTE_OVER, MONEY_OVER, *LEAVES_ROOM})
"""Reasons of results that stand for no attempt."""
DOWN = "down"
"""Begins the reason of a result that is no answer: 5xx, time-out, no connection."""


class Breaker:
    """What one batch learns while it goes: channels that give no answers, channels and templates that said stop.

    Fine for many threads.
    """

    def __init__(self) -> None:
        self._lock, self._row = Lock(), defaultdict[Channel, int](int)
        self._stopped: set[tuple[Channel, str]] = set()
        self._crowded: set[Channel] = set()
        self._no_consent: set[tuple[Channel, str, str]] = set()

    def why_not(self, outgoing: Outgoing) -> str | None:
        """Why this one is not tried at all; None if it is."""
        if self._row[outgoing.channel] >= TRIPS:
            return BREAKER
        stopped = {(outgoing.channel, ""), (outgoing.channel, outgoing.platform_id)} & self._stopped
        crowded = outgoing.channel in self._crowded and not outgoing.at_once
        return PAUSED if stopped or crowded else None

    def knows_no(self, outgoing: Outgoing) -> bool:
        """Has the platform just said that this person has no consent left for this template?"""
        return (outgoing.channel, outgoing.address, outgoing.platform_id) in self._no_consent

    def learn(self, result: Result, outgoing: Outgoing) -> None:
        """Whoever goes on after a stop is asking the platform to take the interface away."""
        with self._lock:
            down = (result.reason or "").startswith(DOWN)
            self._row[outgoing.channel] = self._row[outgoing.channel] + 1 if down else 0
            if result.effect is Effect.NO_CREDIT:
                self._no_consent.add((outgoing.channel, outgoing.address, outgoing.platform_id))
            if result.reason in LEAVES_ROOM:
                self._crowded.add(outgoing.channel)
            elif result.effect in PAUSES:
                subject = outgoing.platform_id if result.effect is Effect.PAUSE_TEMPLATE else ""
                self._stopped.add((outgoing.channel, subject))


def send(ports: Mapping[Channel, Port], batch: Sequence[Outgoing], pool: Executor) -> list[Result]:
    """Sends a batch, outside any transaction; a Result for each. Two messages to one address go one after the other.

    What a port raises is logged by its kind only: an error may name a person.
    """
    began, breaker = time.monotonic(), Breaker()
    by_address: dict[tuple[Channel, str], list[Outgoing]] = defaultdict(list)
    for outgoing in batch:
        by_address[outgoing.channel, outgoing.address].append(outgoing)

    def work(queue: list[Outgoing]) -> list[Result]:
        return [_one(ports[outgoing.channel], outgoing, breaker, began) for outgoing in queue]

    return [result for results in pool.map(work, by_address.values()) for result in results]


def _one(port: Port, outgoing: Outgoing, breaker: Breaker, began: float) -> Result:
    if why := breaker.why_not(outgoing):
        return Result(outgoing.id, DeliveryStatus.CREATED, why)
    if breaker.knows_no(outgoing):
        return Result(outgoing.id, DeliveryStatus.PERMANENT_FAILURE, NO_CONSENT)
    if time.monotonic() - began > BUDGET:
        return Result(outgoing.id, DeliveryStatus.CREATED, LATE)
    start = time.monotonic()
    try:
        result = port.send(outgoing)
    except Exception as error:
        log.warning("not sent", channel=outgoing.channel, delivery=str(outgoing.id), error=type(error).__name__)
        status = DeliveryStatus.CREATED if port.repeats_safely else DeliveryStatus.UNKNOWN
        result = Result(outgoing.id, status, f"{DOWN}:fault")
    result = replace(result, took=datetime.timedelta(seconds=time.monotonic() - start))
    breaker.learn(result, outgoing)
    return result
