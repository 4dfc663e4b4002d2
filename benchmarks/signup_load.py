"""The rush at an opening: each member signs up once, so many requests in flight. A process of its own, as load.py."""

import json
import sys
import time
from dataclasses import dataclass
from typing import Any

from benchmarks.load import HEAD, Generator, Phone

BODY = b'{"category":1,"wait":true}'


@dataclass
class Rush:
    port: int
    connections: int
    event_id: str
    #: of sessions, in the order in which they come
    tokens: list[str]
    #: makes idempotency keys of this run unlike any other's
    run: str
    #: no rush lasts longer
    seconds: float = 600.0


class Rushing(Generator):
    def __init__(self, rush: Rush) -> None:
        self.rush = self.job = rush  # type: ignore[assignment]
        self.tokens = iter(rush.tokens)
        self.turn, self.sample = 0, ""
        self.seconds = {"sign_up": []}
        self.statuses: dict[str, int] = {}
        self.scanned = []
        #: sent, answered (both seconds), status, state or code, id
        self.answers: list[list[Any]] = []

    def _next(self, phone: Phone) -> bool:
        token = next(self.tokens, None)
        if token is None:
            return False
        self.turn += 1
        phone.kind = "sign_up"
        head = HEAD.format(path=f"/api/v1/events/{self.rush.event_id}/signups", token=token)
        head += f"Idempotency-Key: {self.rush.run}-{self.turn:08d}\r\nContent-Length: {len(BODY)}\r\n\r\n"
        phone.sent_at = time.perf_counter()
        phone.connection.sendall(head.encode() + BODY)
        return True

    def _read(self, phone: Phone, status: str, body: bytes) -> None:
        super()._read(phone, "409" if status == "201" else status, body)
        said = json.loads(body)
        told = said.get("state") or said.get("code")
        self.answers.append([phone.sent_at, time.perf_counter(), int(status), told, said.get("id", "")])


def main() -> None:
    rushing = Rushing(Rush(**json.load(sys.stdin)))
    result = rushing.run()
    print(json.dumps({"elapsed": result["elapsed"], "cpu": result["cpu"], "answers": rushing.answers}))


if __name__ == "__main__":
    main()
