"""A strict stand-in of the WeChat platform on loopback: what it answers, and what it refuses, as research found it.

By hand: `python -m tests.partners.platform --port 8765` prints the settings for an application that uses it.
"""

import argparse
import dataclasses
import hashlib
import html
import json
import secrets
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

CODE_SECONDS, TOKEN_SECONDS, LEAST_LEFT = 300, 7200, 300
AUTHORIZE = ["appid", "redirect_uri", "response_type", "scope", "state"]
#: Parameters in the address, and members of the body, that each call takes; nothing else.
CALLS: dict[str, tuple[str, set[str], dict[str, type]]] = {
    "/cgi-bin/stable_token": ("POST", set(), {"grant_type": str, "appid": str, "secret": str, "force_refresh": bool}),
    "/cgi-bin/ticket/getticket": ("GET", {"access_token", "type"}, {}),
    "/sns/jscode2session": ("GET", {"appid", "secret", "js_code", "grant_type"}, {}),
    "/sns/oauth2/access_token": ("GET", {"appid", "secret", "code", "grant_type"}, {}),
    "/wxa/business/getuserphonenumber": ("POST", {"access_token"}, {"code": str}),
}


class Fault(StrEnum):
    """What the platform does instead of answering; each once, in the order they were asked for."""

    BUSY = "busy"  # -1
    TOO_OFTEN = "too often"  # 45011
    SERVER_ERROR = "server error"  # HTTP 502
    NOT_JSON = "not json"
    A_LIST = "a list"
    HALF = "half"  # the connection ends inside the answer
    HANG = "hang"
    OTHER_WATERMARK = "other watermark"
    RISKY = "risky"  # 40226
    REVOKED = "revoked"  # 40001: somebody else fetched a token


class For(StrEnum):
    LOGIN = "login"
    PHONE = "phone"
    PAGE = "page"


@dataclasses.dataclass(frozen=True)
class App:
    appid: str
    secret: str


@dataclasses.dataclass(frozen=True)
class Person:
    """Somebody invented, with a WeChat."""

    name: str
    phone: str
    unionid: str | None = None
    country: str = "86"

    def openid(self, appid: str) -> str:
        return "o" + hashlib.sha256(f"{appid} {self.name}".encode()).hexdigest()[:27]


@dataclasses.dataclass
class Code:
    use: For
    appid: str
    person: Person
    expires_at: float
    snapshot: bool = False
    used: bool = False


class Refused(Exception):
    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.errcode, self.errmsg = errcode, errmsg


REFUSALS = {
    Fault.BUSY: Refused(-1, "system error"),
    Fault.TOO_OFTEN: Refused(45011, "api minute-quota reach limit, must slower, retry next minute"),
    Fault.RISKY: Refused(40226, "code blocked"),
}
PEOPLE = (
    Person("李春梅", "10012345678", "u-li-chunmei"),
    Person("赵国成", "10022223333"),
    Person("孙晓华", "10033334444"),
)


class StandIn:
    """The platform's memory. `calls` counts what was asked; `faults` are what comes next."""

    def __init__(self) -> None:
        self.mini_program = App("wx" + "a1" * 8, secrets.token_hex(16))
        self.official_account = App("wx" + "b2" * 8, secrets.token_hex(16))
        self.apps = {app.appid: app for app in (self.mini_program, self.official_account)}
        self.calls: Counter[str] = Counter()
        self.seen: list[str] = []
        self.faults: dict[str, deque[Fault]] = {}
        self.tokens: dict[str, tuple[str, float]] = {}
        self.tickets: dict[str, str] = {}
        self.codes: dict[str, Code] = {}
        self.whitelisted = True
        self.released = threading.Event()
        self.hanging = threading.Event()
        self._lock = threading.Lock()
        self.url = ""

    def fail(self, path: str, *faults: Fault) -> None:
        self.faults.setdefault(path, deque()).extend(faults)

    def code(self, use: For, person: Person, *, appid: str = "", age: float = 0, snapshot: bool = False) -> str:
        """A code as a phone would get it, `age` seconds ago."""
        default = self.official_account if use is For.PAGE else self.mini_program
        code = secrets.token_hex(16)
        self.codes[code] = Code(use, appid or default.appid, person, time.time() + CODE_SECONDS - age, snapshot)
        return code

    def revoke(self, appid: str) -> None:
        """Somebody else fetched a token of the other kind, or the secret was changed: the one that is out is dead."""
        with self._lock:
            self.tokens.pop(appid, None)

    def answer(self, path: str, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        """Raises Refused."""
        answers: dict[str, Callable[[dict[str, str], dict[str, Any]], dict[str, Any]]] = {
            "/cgi-bin/stable_token": lambda _query, given: self._stable_token(given),
            "/cgi-bin/ticket/getticket": lambda given, _body: self._ticket(given),
            "/sns/jscode2session": lambda given, _body: self._session(given),
            "/sns/oauth2/access_token": lambda given, _body: self._page_user(given),
            "/wxa/business/getuserphonenumber": self._phone,
        }
        with self._lock:
            return answers[path](query, body)

    def _stable_token(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("grant_type") != "client_credential":
            raise Refused(40002, "invalid grant_type")
        app = self._app(body)
        if not self.whitelisted:
            raise Refused(40164, "invalid ip 127.0.0.1, not in whitelist")
        token, until = self.tokens.get(app.appid, ("", 0.0))
        if until - time.time() < LEAST_LEFT:
            token, until = f"{len(self.calls)}_" + secrets.token_urlsafe(90), time.time() + TOKEN_SECONDS
            self.tokens[app.appid] = token, until
        return {"access_token": token, "expires_in": int(until - time.time())}

    def _ticket(self, query: dict[str, str]) -> dict[str, Any]:
        app = self._with_token(query)
        if query["type"] != "jsapi":
            raise Refused(40097, "invalid args")
        self.tickets.setdefault(app.appid, secrets.token_urlsafe(60))
        return {"errcode": 0, "errmsg": "ok", "ticket": self.tickets[app.appid], "expires_in": TOKEN_SECONDS}

    def _session(self, query: dict[str, str]) -> dict[str, Any]:
        code = self._used(query, "js_code", For.LOGIN)
        found = {"openid": code.person.openid(code.appid), "session_key": secrets.token_urlsafe(16)}
        return found | ({"unionid": code.person.unionid} if code.person.unionid else {})

    def _page_user(self, query: dict[str, str]) -> dict[str, Any]:
        code = self._used(query, "code", For.PAGE)
        found: dict[str, Any] = {
            "access_token": secrets.token_urlsafe(60),
            "expires_in": TOKEN_SECONDS,
            "refresh_token": secrets.token_urlsafe(60),
            "openid": code.person.openid(code.appid),
            "scope": "snsapi_base",
        }
        return found | ({"is_snapshotuser": 1} if code.snapshot else {})

    def _phone(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        app = self._with_token(query)
        code = self._take(body["code"], app.appid, For.PHONE)
        watermark = {"timestamp": int(time.time()), "appid": app.appid}
        info = {
            "phoneNumber": code.person.phone if code.person.country == "86" else f"+{code.person.country}",
            "purePhoneNumber": code.person.phone,
            "countryCode": code.person.country,
            "watermark": watermark,
        }
        return {"errcode": 0, "errmsg": "ok", "phone_info": info}

    def _app(self, given: dict[str, Any]) -> App:
        if not given.get("appid"):
            raise Refused(41002, "appid missing")
        if not given.get("secret"):
            raise Refused(41004, "appsecret missing")
        app = self.apps.get(given["appid"])
        if app is None:
            raise Refused(40013, "invalid appid")
        if given["secret"] != app.secret:
            raise Refused(40125, "invalid appsecret")
        return app

    def _with_token(self, query: dict[str, str]) -> App:
        token = query.get("access_token")
        if not token:
            raise Refused(41001, "access_token missing")
        for appid, (known, until) in self.tokens.items():
            if token == known and until > time.time():
                return self.apps[appid]
        raise Refused(40001, "invalid credential, access_token is invalid or not latest")

    def _used(self, query: dict[str, str], name: str, use: For) -> Code:
        if query.get("grant_type") != "authorization_code":
            raise Refused(40002, "invalid grant_type")
        return self._take(query.get(name, ""), self._app(query).appid, use)

    def _take(self, text: str, appid: str, use: For) -> Code:
        code = self.codes.get(text)
        if code is None or code.appid != appid or code.use is not use or code.expires_at < time.time():
            raise Refused(40029, "invalid code")
        if code.used:
            raise Refused(40163, "code been used")
        code.used = True
        return code

    # --- the page on which somebody says yes

    def authorize(self, address: str, person: Person, *, snapshot: bool = False) -> str:
        """Where WeChat's browser is sent after this person opened `address`, which is checked as the platform does."""
        parts = urlsplit(address)
        given = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)
        query = dict(given)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.url}/connect/oauth2/authorize", address
        assert parts.fragment == "wechat_redirect"
        assert [name for name, _ in given] == AUTHORIZE, "the platform insists on this order"
        assert query["appid"] == self.official_account.appid
        assert (query["response_type"], query["scope"]) == ("code", "snsapi_base")
        assert query["state"].isalnum() and query["state"].isascii() and len(query["state"]) <= 128
        code = self.code(For.PAGE, person, snapshot=snapshot)
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def page(self, query: str) -> bytes:
        """By hand: choose who you are."""
        links = "".join(
            f'<p><a href="/connect/pick?who={number}&{html.escape(query)}">{html.escape(person.name)}</a></p>'
            for number, person in enumerate(PEOPLE)
        )
        return f'<!doctype html><meta charset="utf-8"><title>WeChat</title><h1>您是谁？</h1>{links}'.encode()

    def picked(self, query: dict[str, str]) -> str:
        person = PEOPLE[int(query.pop("who"))]
        return self.authorize(f"{self.url}/connect/oauth2/authorize?{urlencode(query)}#wechat_redirect", person)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    platform: StandIn

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def log_message(self, *args: object) -> None:
        pass

    def _serve(self, method: str) -> None:
        platform, parts = self.platform, urlsplit(self.path)
        self.close_connection = True  # no thread of ours outlives a test, waiting for a second request
        platform.calls[parts.path] += 1
        platform.seen.append(f"{method} {parts.path}")
        if parts.path.startswith("/connect/"):
            self._connect(parts.path, parts.query)
            return
        raw, status = self._body()
        if status:
            self._send(b"", status=status)
            return
        faults = platform.faults.get(parts.path)
        fault = faults.popleft() if faults else None
        if fault in (Fault.HANG, Fault.HALF, Fault.SERVER_ERROR, Fault.NOT_JSON, Fault.A_LIST):
            self._misbehave(fault)
            return
        self._json(self._answer(method, parts.path, parts.query, raw, fault), sns=parts.path.startswith("/sns/"))

    def _body(self) -> tuple[bytes, int]:
        """The body, or the status for one that the platform does not take: it wants a Content-Length."""
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            return b"", 412
        return self.rfile.read(int(self.headers.get("Content-Length") or 0)), 0

    def _answer(self, method: str, path: str, query: str, raw: bytes, fault: Fault | None) -> dict[str, Any]:
        rid = "-".join(secrets.token_hex(4) for _ in range(3))
        mark = f", rid: {rid}" if path.startswith("/sns/") else f" rid: {rid}"
        try:
            given, body = self._checked(method, path, query, raw)
            if fault in REFUSALS:
                raise REFUSALS[fault]
            if fault is Fault.REVOKED:
                self.platform.tokens.clear()
            answer = self.platform.answer(path, given, body)
        except Refused as refused:
            return {"errcode": refused.errcode, "errmsg": refused.errmsg + mark}
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
        if not isinstance(body, dict) or set(body) - set(members):
            raise Refused(47001, "data format error")
        if any(type(value) is not members[name] for name, value in body.items()):
            raise Refused(47001, "data format error")
        return given, body

    def _misbehave(self, fault: Fault) -> None:
        if fault is Fault.HANG:
            self.platform.hanging.set()
            self.platform.released.wait(30)
        elif fault is Fault.HALF:
            self.send_response(200)
            self.send_header("Content-Length", "200")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b'{"openid": "o1')
        elif fault is Fault.SERVER_ERROR:
            self._send(b"<html>502 Bad Gateway</html>", status=502, kind="text/html")
        else:
            self._send(b"<html>" if fault is Fault.NOT_JSON else b"[1, 2]", kind="text/plain")

    def _connect(self, path: str, query: str) -> None:
        if path == "/connect/pick":
            self.send_response(302)
            self.send_header("Location", quote(self.platform.picked(dict(parse_qsl(query))), safe=":/?&=%"))
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._send(self.platform.page(query), kind="text/html")

    def _json(self, answer: dict[str, Any], *, sns: bool) -> None:
        self._send(json.dumps(answer, ensure_ascii=False).encode(), kind="text/plain" if sns else "application/json")

    def _send(self, body: bytes, *, status: int = 200, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def running(port: int = 0) -> Iterator[StandIn]:
    """The platform at `url`, until the block ends."""
    platform = StandIn()
    handler = type("Handler", (_Handler,), {"platform": platform})
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        server.daemon_threads = True
        platform.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield platform
        finally:
            platform.released.set()
            server.shutdown()
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


def main() -> None:
    parser = argparse.ArgumentParser(description="A stand-in of the WeChat platform on loopback.")
    parser.add_argument("--port", type=int, default=8765)
    with running(parser.parse_args().port) as platform:
        for name, value in environment(platform).items():
            print(f"export {name}={value}")
        print("# Ctrl-C stops it. A browser must call itself MicroMessenger to be offered the way.", flush=True)
        try:
            platform.released.wait()
        except KeyboardInterrupt:
            sys.exit(0)


if __name__ == "__main__":
    main()
