"""The load generator: a process of its own, raw sockets, one selector, prebuilt bytes. Told by JSON on stdin.

Every connection is a clerk's phone that sends its next request when the last one is answered (a closed loop). It
prints its own CPU time, so that one sees that it is not the bottleneck.
"""

import datetime
import json
import resource
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from services.cards import rules
from services.cards.types import Serial
from services.core.signing import Signer

HEAD = (
    "POST {path} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
    "Accept: application/json\r\nAccept-Language: zh-CN,zh;q=0.9\r\n"
)


@dataclass
class Job:
    """What the generator shall do."""

    #: "scan"; "redeem" what was scanned; "pair": each phone scans, then redeems; "nothing": an empty answer
    mode: str
    port: int
    connections: int
    seconds: float
    #: per clerk: token, the offer that he gives
    clerks: list[list[str]]
    key_id: str
    key: str
    #: serials of the cards to be held out, in this order, each once
    serials: list[int]
    #: makes idempotency keys of this run unlike any other's
    run: str
    #: for mode "redeem": [clerk, scan id]; ends when they are used up
    scans: list[list[Any]] = field(default_factory=list)


@dataclass(eq=False)
class Phone:
    connection: socket.socket
    clerk: int = 0
    kind: str = ""
    sent_at: float = 0.0
    received: bytes = b""
    scan_id: str = ""


class Generator:
    def __init__(self, job: Job) -> None:
        self.job = job
        self.signer = Signer()
        self.signer.open(((job.key_id, bytes.fromhex(job.key)),))
        self.serials = iter(job.serials)
        self.scans: Iterator[list[Any]] = iter(job.scans)
        heads = {"scan": "/api/v1/shop/scan", "redeem": "/api/v1/redemptions"}
        self.heads = {
            kind: [HEAD.format(path=path, token=token) for token, _ in job.clerks] for kind, path in heads.items()
        }
        self.turn = 0
        self.seconds: dict[str, list[float]] = {"scan": [], "redeem": [], "nothing": []}
        self.statuses: dict[str, int] = {}
        self.scanned: list[list[Any]] = []
        self.sample = ""

    def run(self) -> dict[str, Any]:
        selector = selectors.DefaultSelector()
        for _ in range(self.job.connections):
            connection = socket.create_connection(("127.0.0.1", self.job.port))
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(connection, selectors.EVENT_READ, Phone(connection))
        used, begun = _cpu(), time.perf_counter()
        end, open_requests = begun + self.job.seconds, 0
        for key in list(selector.get_map().values()):
            open_requests += self._next(key.data)
        while open_requests:
            for key, _ in selector.select():
                phone = key.data
                if not self._receive(phone):
                    continue
                going_on = time.perf_counter() < end and self._next(phone)
                open_requests -= not going_on
        elapsed = time.perf_counter() - begun
        return {
            "elapsed": elapsed,
            "cpu": _cpu() - used,
            "seconds": {kind: values for kind, values in self.seconds.items() if values},
            "statuses": self.statuses,
            "scanned": self.scanned,
            "sample": self.sample,
        }

    def _next(self, phone: Phone) -> bool:
        """Sends this phone's next request; False when there is nothing left to send."""
        mode = self.job.mode
        if mode == "nothing":
            phone.kind, request = "nothing", b"GET /nothing HTTP/1.1\r\nHost: bench\r\n\r\n"
        elif mode == "redeem" or phone.scan_id:
            if mode == "redeem":
                taken = next(self.scans, None)
                if taken is None:
                    return False
                phone.clerk, phone.scan_id = taken
            request = self._redeem(phone)
        else:
            serial = next(self.serials, None)
            if serial is None:
                return False
            phone.clerk = self.turn % len(self.job.clerks)
            request = self._scan(phone, serial)
        self.turn += 1
        phone.sent_at = time.perf_counter()
        phone.connection.sendall(request)
        return True

    def _scan(self, phone: Phone, serial: int) -> bytes:
        phone.kind = "scan"
        code = rules.sign(self.signer, Serial(serial), now=datetime.datetime.now(datetime.UTC)).text
        body = f'{{"code":"{code}"}}'
        return f"{self.heads['scan'][phone.clerk]}Content-Length: {len(body)}\r\n\r\n{body}".encode()

    def _redeem(self, phone: Phone) -> bytes:
        phone.kind = "redeem"
        offer_id = self.job.clerks[phone.clerk][1]
        body = f'{{"scan_id":"{phone.scan_id}","offer_id":"{offer_id}","amount_fen":4650}}'
        phone.scan_id = ""
        return (
            f"{self.heads['redeem'][phone.clerk]}Idempotency-Key: {self.job.run}-{self.turn:08d}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()

    def _receive(self, phone: Phone) -> bool:
        """Reads; True when the answer is whole. Raises ConnectionError when the server hangs up."""
        chunk = phone.connection.recv(65536)
        if not chunk:
            raise ConnectionError("the server hung up")
        phone.received += chunk
        head = phone.received.find(b"\r\n\r\n")
        if head < 0:
            return False
        begin = phone.received.index(b"Content-Length: ") + 16
        length = int(phone.received[begin : phone.received.index(b"\r", begin)])
        if len(phone.received) < head + 4 + length:
            return False
        self.seconds[phone.kind].append(time.perf_counter() - phone.sent_at)
        self._read(phone, phone.received[9:12].decode(), phone.received[head + 4 :])
        phone.received = b""
        return True

    def _read(self, phone: Phone, status: str, body: bytes) -> None:
        name = f"{phone.kind} {status}"
        self.statuses[name] = self.statuses.get(name, 0) + 1
        if status[0] != "2":
            self.sample = body.decode()
        elif phone.kind == "scan":
            begin = body.index(b'"scan_id"')
            begin = body.index(b'"', begin + 9) + 1
            scan_id = body[begin : begin + 36].decode()
            if self.job.mode == "scan":
                self.scanned.append([phone.clerk, scan_id])
            else:
                phone.scan_id = scan_id


def _cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    print(json.dumps(Generator(Job(**json.load(sys.stdin))).run()))


if __name__ == "__main__":
    main()
