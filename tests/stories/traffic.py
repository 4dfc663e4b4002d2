"""Clerks at work over real HTTP, each visit carried through under one idempotency key until it has an answer."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from services.cards import queries as card_queries
from services.cards import service as cards
from services.cards.types import CardView
from services.core import clock
from services.offers.types import OfferId
from tests.builders.world import World

PAUSE = 0.05
GIVE_UP = 240.0
CLERKS = 12


@dataclass(frozen=True)
class Visit:
    """One member with one wish at one till."""

    key: str
    card: CardView
    offer_id: OfferId
    headers: dict[str, str]


@dataclass
class Tally:
    """What the clients saw: how often each status or broken connection, and the final answer to each key."""

    seen: Counter[str] = field(default_factory=Counter)
    answers: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)

    def done(self) -> set[str]:
        """The ids of the redemptions that were acknowledged."""
        return {body["id"] for status, body in self.answers.values() if status == 201}

    def refused(self) -> Counter[str]:
        return Counter(body["code"] for status, body in self.answers.values() if status != 201)


def visits(world: World, number: int) -> list[Visit]:
    """Members who each come once, for one of three offers: a daily limit, a total limit, a stock that does not do."""
    shop = world.shop()
    offers = [
        world.offer(shop, per_member_daily=1),
        world.offer(shop, per_member_total=2, per_member_daily=2),
        world.offer(shop, stock_total=max(1, number // 5)),
    ]
    tills = [world.bearer(world.clerk(shop)) for _ in range(CLERKS)]
    members = [world.member() for _ in range(number)]
    held = [world.look(lambda member=member: card_queries.card_of(member.member_id)) for member in members]
    return [
        Visit(f"visit-{place:06d}", card, offers[place % 3], tills[place % CLERKS]) for place, card in enumerate(held)
    ]


class Traffic:
    """Threads that work through the visits; `tally` grows while they do."""

    def __init__(self, port: int, wanted: Iterable[Visit], *, threads: int = 6) -> None:
        self.tally = Tally()
        self._port = port
        self._waiting = list(wanted)[::-1]
        self._end = time.monotonic() + GIVE_UP + 4 * len(self._waiting)
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(threads)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    @property
    def running(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def finish(self) -> Tally:
        """Waits for the last answer."""
        for thread in self._threads:
            thread.join(max(0.0, self._end - time.monotonic()))
        assert not self.running, f"clients without an answer; they saw {self.tally.seen}"
        assert not self.tally.odd, self.tally.odd[:5]
        return self.tally

    def _work(self) -> None:
        while self._waiting:
            try:
                visit = self._waiting.pop()
            except IndexError:
                return
            try:
                self.tally.answers[visit.key] = self._carry_through(visit)
            except Exception as fault:
                self.tally.odd.append(f"{visit.key}: {fault!r}")

    def _carry_through(self, visit: Visit) -> tuple[int, dict[str, Any]]:
        while True:
            code = cards.rotating_code(visit.card, now=clock.now())
            assert code is not None
            status, scan = self._send("/api/v1/shop/scan", {"code": code.text}, visit)
            if status == 200:
                break
            assert scan["code"] == "code_expired", scan
        body = {"scan_id": scan["scan_id"], "offer_id": str(visit.offer_id), "amount_fen": 4650}
        return self._send("/api/v1/redemptions", body, visit)

    def _send(self, path: str, body: dict[str, Any], visit: Visit) -> tuple[int, dict[str, Any]]:
        """Repeats the same request under the same key until the answer is a yes or a no."""
        while time.monotonic() < self._end:
            status, answer, headers = self._once(path, body, {**visit.headers, "Idempotency-Key": visit.key})
            self.tally.seen[str(status or "broken")] += 1
            if status == 503 and "Retry-After" not in headers:
                self.tally.odd.append(f"503 without Retry-After: {answer}")
            if status >= 500 and status != 503:
                self.tally.odd.append(f"{path}: {status} {answer}")
            if 200 <= status < 500 and status != 429:
                return status, answer
            time.sleep(PAUSE)
        raise TimeoutError(path)

    def _once(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> tuple[int, dict[str, Any], Any]:
        """One request; status 0 when the connection broke, so that nobody knows what became of it."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request("POST", path, json.dumps(body), {**headers, "Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, json.loads(response.read()), response.headers
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            return 0, {}, {}
        finally:
            connection.close()
