"""The platform's memory, and its answers."""

import contextlib
import html
import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.partners.platform.console import Console
from tests.partners.platform.people import CODE_SECONDS, PEOPLE, App, Code, Fault, For, Person, Refused, Trouble
from tests.partners.platform.sending import BIZSEND, MASS, ONE_AT_A_TIME, SUBSCRIBE, TEMPLATE, Sending

TOKEN_SECONDS, LEAST_LEFT = 7200, 300
AUTHORIZE = ["appid", "redirect_uri", "response_type", "scope", "state"]
MENU, QR_CODE, USER_INFO = "/cgi-bin/menu/create", "/cgi-bin/qrcode/create", "/cgi-bin/user/info"
#: Parameters in the address, and members of the body, that each call takes; nothing else.
CALLS: dict[str, tuple[str, set[str], dict[str, type]]] = {
    "/cgi-bin/stable_token": ("POST", set(), {"grant_type": str, "appid": str, "secret": str, "force_refresh": bool}),
    "/cgi-bin/ticket/getticket": ("GET", {"access_token", "type"}, {}),
    "/sns/jscode2session": ("GET", {"appid", "secret", "js_code", "grant_type"}, {}),
    "/sns/oauth2/access_token": ("GET", {"appid", "secret", "code", "grant_type"}, {}),
    "/wxa/business/getuserphonenumber": ("POST", {"access_token"}, {"code": str}),
    TEMPLATE: (
        "POST", {"access_token"},
        {"touser": str, "template_id": str, "data": dict, "url": str, "client_msg_id": str},
    ),
    BIZSEND: ("POST", {"access_token"}, {"touser": str, "template_id": str, "data": dict, "page": str}),
    SUBSCRIBE: (
        "POST", {"access_token"},
        {"touser": str, "template_id": str, "data": dict, "page": str, "lang": str, "miniprogram_state": str},
    ),
    MASS: ("POST", {"access_token"}, {"touser": list, "msgtype": str, "text": dict, "clientmsgid": str}),
    MENU: ("POST", {"access_token"}, {"button": list}),
    QR_CODE: ("POST", {"access_token"}, {"action_name": str, "expire_seconds": int, "action_info": dict}),
    USER_INFO: ("GET", {"access_token", "openid"}, {}),
}  # fmt: skip


class StandIn(Sending, Console):
    """The platform's memory. `calls` counts what was asked; `faults` are what comes next, by path or by openid.

    `latency`: seconds that each answer takes. `keep_alive`: connections stay open, as the real one's do; `connections`
    counts them.
    """

    def __init__(self) -> None:
        mini_program = App("wx" + "a1" * 8, secrets.token_hex(16))
        official_account = App("wx" + "b2" * 8, secrets.token_hex(16))
        Sending.__init__(self, mini_program, official_account)
        Console.__init__(self)
        for person in PEOPLE:
            self.knows(person)
        self.apps = {app.appid: app for app in (self.mini_program, self.official_account)}
        self.calls: Counter[str] = Counter()
        self.seen: list[str] = []
        self.faults: dict[str, deque[Trouble]] = {}
        self.tokens: dict[str, tuple[str, float]] = {}
        self.tickets: dict[str, str] = {}
        self.codes: dict[str, Code] = {}
        self.whitelisted = True
        self.released = threading.Event()
        self.hanging = threading.Event()
        self.before_hanging: Callable[[], None] = lambda: None
        self.latency, self.keep_alive, self.connections = 0.0, False, 0
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        self.url = ""

    def fail(self, path: str, *faults: Trouble) -> None:
        """What happens to the next calls of a path, or to the next messages to an openid."""
        if {Fault.HANG, Fault.LATE} & set(faults):
            self.before_hanging()
        self.faults.setdefault(path, deque()).extend(faults)

    def next_fault(self, path: str, openid: str) -> Trouble | None:
        with self._lock:
            waiting = self.faults.get(openid) or self.faults.get(path)
            return waiting.popleft() if waiting else None

    @contextlib.contextmanager
    def alone(self, path: str, openid: str) -> Iterator[bool]:
        """Whether nothing else is being sent to this openid: the platform refuses a second one (43108)."""
        one = openid if path in ONE_AT_A_TIME else ""
        with self._lock:
            first = one not in self._busy
            if one and first:
                self._busy.add(one)
        try:
            yield first
        finally:
            if one and first:
                with self._lock:
                    self._busy.discard(one)

    def code(self, use: For, person: Person, *, appid: str = "", age: float = 0, snapshot: bool = False) -> str:
        """A code as a phone would get it, `age` seconds ago."""
        default = self.official_account if use is For.PAGE else self.mini_program
        code = secrets.token_hex(16)
        self.knows(person)
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
            TEMPLATE: lambda given, wanted: self.template(self._with_token(given), wanted),
            BIZSEND: lambda given, wanted: self.bizsend(self._with_token(given), wanted),
            SUBSCRIBE: lambda given, wanted: self.subscribe(self._with_token(given), wanted),
            MASS: lambda given, wanted: self.mass(self._with_token(given), wanted),
            MENU: self._menu,
            QR_CODE: self._qr_code,
            USER_INFO: lambda given, _body: self.user_info(self._with_token(given), given),
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

    def _menu(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        self._only(self._with_token(query), self.official_account)
        return self.set_menu(body)

    def _qr_code(self, query: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        self._only(self._with_token(query), self.official_account)
        return self.qr_code(body)

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
