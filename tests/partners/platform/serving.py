"""The platform over HTTP, on loopback."""

import html
import json
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from tests.partners.platform.memory import CALLS, MENU, StandIn
from tests.partners.platform.people import REFUSALS, Fault, Refused, Status, Trouble

SHOWN = 200
OUTRIGHT = (Fault.HANG, Fault.HALF, Fault.SERVER_ERROR, Fault.NOT_JSON, Fault.A_LIST)
TAKEN_FIRST = (Fault.LOST, Fault.LOST_HALF, Fault.LATE)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, platform: StandIn) -> None:
        self.open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), type("Handler", (_Handler,), {"platform": platform}))

    def end(self) -> None:
        """Connections that are kept open end with it: no thread of ours outlives a test."""
        self.shutdown()
        for one in list(self.open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 1 << 16
    platform: StandIn
    server: Server

    def setup(self) -> None:
        super().setup()
        self.platform.connections += 1
        self.server.open.add(self.connection)

    def finish(self) -> None:
        self.server.open.discard(self.connection)
        super().finish()

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def log_message(self, *args: object) -> None:
        pass

    def _serve(self, method: str) -> None:
        platform, parts = self.platform, urlsplit(self.path)
        self.close_connection = not platform.keep_alive
        platform.calls[parts.path] += 1
        platform.seen.append(f"{method} {parts.path}")
        if parts.path.startswith("/connect/"):
            self._connect(parts.path, parts.query)
            return
        if parts.path.startswith("/sent"):
            self._taken(parts.path)
            return
        raw, status = self._body()
        if status:
            self._send(b"", status=status)
            return
        openid = _touser(raw)
        fault = platform.next_fault(parts.path, openid)
        with platform.alone(parts.path, openid) as first:
            if fault in OUTRIGHT or isinstance(fault, Status):
                self._misbehave(fault)
                return
            time.sleep(platform.latency)
            answer = self._answer(method, parts.path, parts.query, raw, fault, first=first)
        if fault in TAKEN_FIRST:
            self._lose(fault)
            return
        self._json(answer, sns=parts.path.startswith("/sns/"))

    def _body(self) -> tuple[bytes, int]:
        """The body, or the status for one that the platform does not take: it wants a Content-Length."""
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            while size := int(self.rfile.readline(), 16):
                self.rfile.read(size + 2)
            self.close_connection = True
            return b"", 412
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)), 0

    def _answer(
        self, method: str, path: str, query: str, raw: bytes, fault: Trouble | None, *, first: bool
    ) -> dict[str, Any]:
        rid = "-".join(secrets.token_hex(4) for _ in range(3))
        mark = f", rid: {rid}" if path.startswith("/sns/") else f" rid: {rid}"
        try:
            given, body = self._checked(method, path, query, raw)
            _refuse(fault, first=first)
            if fault is Fault.REVOKED:
                self.platform.tokens.clear()
            answer = self.platform.answer(path, given, body)
        except Refused as refused:
            return {"errcode": refused.errcode, "errmsg": refused.errmsg + mark, **refused.more}
        if fault is Fault.OTHER_WATERMARK:
            answer["phone_info"]["watermark"]["appid"] = "wx" + "0" * 16
        return answer

    def _checked(self, method: str, path: str, query: str, raw: bytes) -> tuple[dict[str, str], dict[str, Any]]:
        """What was sent, if it is exactly what the call takes: names, types, method."""
        if path not in CALLS:
            raise Refused(40066, "invalid url")
        wanted, names, members = CALLS[path]
        if method != wanted:
            raise Refused(43001 if wanted == "GET" else 43002, f"require {wanted} method")
        given = dict(parse_qsl(query, keep_blank_values=True))
        if set(given) - names or (names - set(given)) - {"appid", "secret", "access_token"}:
            raise Refused(40097, f"invalid args {sorted(set(given) ^ names)}")
        if wanted == "GET":
            return given, {}
        try:
            body = json.loads(raw.decode("utf-8"))
        except ValueError:
            raise Refused(47001, "data format error") from None
        if path == MENU and isinstance(body, dict) and set(body) == {"menu"}:
            raise Refused(40016, "invalid button size")
        if not isinstance(body, dict) or set(body) - set(members):
            raise Refused(47001, "data format error")
        if any(type(value) is not members[name] for name, value in body.items()):
            raise Refused(47001, "data format error")
        if path == MENU and b"\\u" in raw:
            raise Refused(40033, "invalid charset")
        return given, body

    def _misbehave(self, fault: Trouble) -> None:
        if fault is Fault.HANG:
            self.close_connection = True
            self.platform.hanging.set()
            self.platform.released.wait(30)
        elif fault is Fault.HALF:
            self._half()
        elif fault is Fault.SERVER_ERROR or isinstance(fault, Status):
            status = fault.code if isinstance(fault, Status) else 502
            self._send(f"<html>{status}</html>".encode(), status=status, kind="text/html")
        else:
            self._send(b"<html>" if fault is Fault.NOT_JSON else b"[1, 2]", kind="text/plain")

    def _lose(self, fault: Trouble) -> None:
        """It has taken the message; nobody is told."""
        self.close_connection = True
        if fault is Fault.LOST_HALF:
            self._half()
        elif fault is Fault.LATE:
            self.platform.hanging.set()
            self.platform.released.wait(30)

    def _half(self) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("Content-Length", "200")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b'{"errcode": 0, ')

    def _connect(self, path: str, query: str) -> None:
        if path == "/connect/pick":
            self.send_response(302)
            self.send_header("Location", quote(self.platform.picked(dict(parse_qsl(query))), safe=":/?&=%"))
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._send(self.platform.page(query), kind="text/html")

    def _taken(self, path: str) -> None:
        """By hand: what it took, the newest first; as figures under /sent.json."""
        platform = self.platform
        if path == "/sent.json":
            figures = {"sent": len(platform.sent), "repeated": platform.repeated, "calls": dict(platform.calls)}
            self._send(json.dumps(figures).encode())
            return
        rows = "".join(
            f"<article><h2>{html.escape(sent.path)}</h2><p>{html.escape(sent.openid)} {html.escape(sent.template)}"
            + "".join(f"<br>{html.escape(key)}: {html.escape(text)}" for key, text in sent.fields.items())
            + f"<br>{html.escape(sent.link)}</p></article>"
            for sent in reversed(platform.sent[-SHOWN:])
        )
        head = f'<!doctype html><meta charset="utf-8"><title>WeChat</title><h1>{len(platform.sent)} 条消息</h1>'
        self._send((head + rows).encode(), kind="text/html")

    def _json(self, answer: dict[str, Any], *, sns: bool) -> None:
        self._send(json.dumps(answer, ensure_ascii=False).encode(), kind="text/plain" if sns else "application/json")

    def _send(self, body: bytes, *, status: int = 200, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def running(port: int = 0) -> Iterator[StandIn]:
    """The platform at `url`, until the block ends."""
    platform = StandIn()
    with Server(port, platform) as server:
        platform.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield platform
        finally:
            platform.released.set()
            server.end()
            thread.join()


def environment(platform: StandIn) -> dict[str, str]:
    """The settings of an application that takes this stand-in for the platform."""
    return {
        "WECHAT_MP_APPID": platform.mini_program.appid,
        "WECHAT_MP_SECRET": platform.mini_program.secret,
        "WECHAT_OA_APPID": platform.official_account.appid,
        "WECHAT_OA_SECRET": platform.official_account.secret,
        "WECHAT_API_URL": platform.url,
        "WECHAT_OPEN_URL": platform.url,
    }


def _refuse(fault: Trouble | None, *, first: bool) -> None:
    if not first:
        raise Refused(43108, "frequent operation")
    if fault in REFUSALS:
        raise REFUSALS[fault]
    if isinstance(fault, int):
        raise Refused(fault, "argument invalid! data.thing1.value invalid" if fault == 47003 else "refused by a test")


def _touser(raw: bytes) -> str:
    try:
        body = json.loads(raw)
    except ValueError:
        return ""
    touser = body.get("touser") if isinstance(body, dict) else None
    return touser if isinstance(touser, str) else ""
