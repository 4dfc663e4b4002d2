"""The client of the WeChat platform: sign-in codes, phone numbers, signatures for pages.

The only importer of wechatpy, whose gaps it covers (docs/decisions/0017): one stable token for all
processes, time limits, bounded repeats, and errors of our own that carry no address, secret, token or code.
Never call it inside a transaction: it lets go of the session's database connection before it calls out.
"""

import datetime
import hashlib
import logging
import re
import secrets
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import requests
import structlog
from wechatpy.client import WeChatClient
from wechatpy.client.api.base import BaseWeChatAPI
from wechatpy.exceptions import WeChatException
from wechatpy.oauth import WeChatOAuth

from services.accounts import errors
from services.accounts.service import lending
from services.accounts.types import Lent
from services.core.errors import DomainError, Forbidden, Invalid, Unavailable

log = structlog.get_logger("gonghui.wechat")
# At debug it prints addresses, and with them secrets and tokens.
logging.getLogger("urllib3").setLevel(logging.INFO)

OFFICIAL_API, OFFICIAL_OPEN = "https://api.weixin.qq.com", "https://open.weixin.qq.com"
TIMEOUT = (3, 5)
"""Seconds to connect, and between two pieces of an answer."""
PATIENCE, POLL = 12.0, 0.1
"""Seconds for which one waits for another's renewal: a lease and a little; and between two looks."""
BUSY = -1
STALE = frozenset({40001, 40014, 42001})
CODE_REFUSED = frozenset({40029, 40163})
RISKY_USER = 40226
TOO_OFTEN = frozenset({45009, 45011, 44991})
MARGIN, SHORTEST = 300, 60
"""A value is renewed 5 minutes before the platform ends it, and kept a minute at least."""
_RID = re.compile(r"rid: ?([0-9a-f-]{8,40})")
T = TypeVar("T")
Transact = Callable[[Callable[[], Any]], Any]


class PlatformBusy(Unavailable):
    """No answer, half an answer, or one that says to come again."""


class PlatformMisconfigured(Unavailable):
    """The platform refuses us, not the user: app id, secret, address list, permission. An operator must act."""


class PlatformTooOften(Unavailable):
    """This user or this app asked too much of the platform; a minute later it answers again."""


class PlatformCodeRefused(Invalid):
    """The code is used, over, or of another app: the client must fetch a new one. Never repeated."""


class PlatformUserRefused(Forbidden):
    """The platform warns of this user, or shows a snapshot of a page and no real user at all."""


@dataclass(frozen=True)
class AppKeys:
    """One app of ours at the platform: a mini program or an official account."""

    appid: str
    secret: str

    def __repr__(self) -> str:
        return f"AppKeys({self.appid})"


@dataclass(frozen=True)
class WechatUser:
    """Who came with a code. `unionid` is there when our apps are joined at the Open Platform."""

    appid: str
    openid: str
    unionid: str | None

    def __repr__(self) -> str:
        return f"WechatUser({self.appid})"


@dataclass(frozen=True)
class PageSignature:
    """What wx.config takes. `timestamp` is whole seconds: iPhones refuse the scan when it is a number in quotes."""

    appid: str
    timestamp: int
    nonce: str
    signature: str


@dataclass(frozen=True)
class _Failed:
    """What went wrong, without anything of the request. `errcode` is None when no answer could be read."""

    errcode: int | None
    status: int | None = None
    rid: str | None = None

    @property
    def worth_repeating(self) -> bool:
        return self.errcode == BUSY or (self.status or 0) >= 500


class Platform:
    """One app of ours at the platform. Fine for many threads; every process has its own, the token is shared."""

    def __init__(
        self, app: AppKeys, *, transact: Transact, clock: Callable[[], datetime.datetime],
        api_url: str = OFFICIAL_API, open_url: str = OFFICIAL_OPEN,
    ) -> None:  # fmt: skip
        self.appid = app.appid
        self._app, self._transact, self._clock = app, transact, clock
        self._api_url, self._open_url = api_url, open_url
        self._wire = _Wire(app, api_url)

    def code_to_session(self, js_code: str) -> WechatUser:
        """Who stands behind a mini program's sign-in code. Asks once: a code lives for one call.

        Raises PlatformCodeRefused, PlatformUserRefused, PlatformTooOften, PlatformBusy, PlatformMisconfigured. The
        session key that comes along is dropped: nothing here decrypts with it.
        """
        params = {**self._secrets(), "js_code": js_code, "grant_type": "authorization_code"}
        return self._user(self._wire_call("get", "sns/jscode2session", params=params))

    def phone_number(self, code: str) -> str:
        """The phone that a mini program's user showed us: digits of a mainland number.

        Raises as `code_to_session`, and Invalid(phone_malformed) for a phone of another country.
        """
        answer = self._with_token("post", "wxa/business/getuserphonenumber", data={"code": code})
        info = answer.get("phone_info")
        info = info if isinstance(info, dict) else {}
        watermark = info.get("watermark")
        if not isinstance(watermark, dict) or watermark.get("appid") != self.appid:
            log.error("phone number of another app", appid=self.appid)
            raise PlatformCodeRefused(errors.WECHAT_CODE_REFUSED)
        if str(info.get("countryCode")) != "86" or not isinstance(info.get("purePhoneNumber"), str):
            raise Invalid(errors.PHONE_MALFORMED, field="phone")
        return str(info["purePhoneNumber"])

    def authorize_url(self, *, redirect_uri: str, state: str) -> str:
        """Where a page in WeChat's browser sends its reader to be recognised; parameters in the order it insists on."""
        return str(self._oauth(redirect_uri, state).authorize_url)

    def oauth_openid(self, code: str) -> WechatUser:
        """Who came back from `authorize_url` with this code. Raises as `code_to_session`.

        A snapshot user, whom the platform invents for somebody who only looks, is PlatformUserRefused.
        """
        params = {**self._secrets(), "code": code, "grant_type": "authorization_code"}
        self._let_go()
        oauth = self._oauth()
        answer = _outcome(lambda: oauth._request("get", "sns/oauth2/access_token", params=params))  # noqa: SLF001
        found = self._checked(answer)
        if found.get("is_snapshotuser"):
            raise PlatformUserRefused(errors.WECHAT_SNAPSHOT)
        return self._user(found)

    def jsapi_signature(self, url: str) -> PageSignature:
        """Signs the page at `url`, without what follows #, for WeChat's own scripts. The caller knows it is ours."""
        nonce, timestamp = secrets.token_hex(8), int(self._clock().timestamp())
        ticket = self._lent(Lent.TICKET)
        text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url.partition('#')[0]}"
        return PageSignature(self.appid, timestamp, nonce, hashlib.sha1(text.encode()).hexdigest())  # noqa: S324

    def token(self, rejected: str | None = None) -> str:
        """The access token of all processes; a new one if the platform has just `rejected` the stored one."""
        return self._lent(Lent.TOKEN, rejected)

    def _with_token(self, method: str, path: str, *, safe: bool = False, **kwargs: Any) -> dict[str, Any]:
        """Calls with the token; once more with another if that one was refused."""
        given = dict(kwargs.pop("params", {}))
        token = self.token()
        answer = self._wire_call(method, path, params={**given, "access_token": token}, safe=safe, **kwargs)
        if isinstance(answer, _Failed) and answer.errcode in STALE:
            token = self.token(rejected=token)
            answer = self._wire_call(method, path, params={**given, "access_token": token}, safe=safe, **kwargs)
        return self._checked(answer)

    def _lent(self, kind: Lent, rejected: str | None = None) -> str:
        """Waits, with no connection in hand, while another process renews; gives up after PATIENCE."""
        holder, patience = uuid.uuid4(), time.monotonic() + PATIENCE
        while True:
            found = self._transact(
                partial(
                    lending.borrow, appid=self.appid, kind=kind, rejected=rejected, holder=holder, now=self._clock()
                )
            )
            if isinstance(found, str):
                return found
            if found is lending.Renewal.YOURS:
                return self._renew(kind, holder)
            if time.monotonic() > patience:
                raise PlatformBusy(errors.WECHAT_BUSY)
            time.sleep(POLL)

    def _renew(self, kind: Lent, holder: uuid.UUID) -> str:
        fetch = self._fetch_token if kind is Lent.TOKEN else self._fetch_ticket
        try:
            value, seconds = fetch()
        except BaseException:
            self._transact(partial(lending.give_back, appid=self.appid, kind=kind, holder=holder))
            raise
        expires_at = self._clock() + datetime.timedelta(seconds=max(seconds - MARGIN, SHORTEST))
        self._transact(
            partial(
                lending.keep, appid=self.appid, kind=kind, value=value, expires_at=expires_at, holder=holder
            )
        )  # fmt: skip
        return value

    def _fetch_token(self) -> tuple[str, int]:
        body = {"grant_type": "client_credential", "force_refresh": False, **self._secrets()}
        return _loan(
            self._checked(self._wire_call("post", "cgi-bin/stable_token", data=body, safe=True)), "access_token"
        )

    def _fetch_ticket(self) -> tuple[str, int]:
        answer = self._with_token("get", "cgi-bin/ticket/getticket", params={"type": "jsapi"}, safe=True)
        return _loan(answer, "ticket")

    def _secrets(self) -> dict[str, str]:
        return {"appid": self._app.appid, "secret": self._app.secret}

    def _oauth(self, redirect_uri: str = "", state: str = "") -> "_OAuth":
        """A new one each time: it keeps what it was given, so no two requests may share one."""
        return _OAuth(self._app, self._api_url, self._open_url, redirect_uri, state)

    def _wire_call(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, safe: bool = False, **kwargs: Any
    ) -> "dict[str, Any] | _Failed":
        """One call; a `safe` one is repeated once when the platform is busy."""
        self._let_go()
        # None: requests leaves it out, and wechatpy does not fetch a token of its own.
        query = {"access_token": None, **(params or {})}
        ask = partial(self._wire._request, method, f"{self._api_url}/{path}", params=query, **kwargs)  # noqa: SLF001
        answer = _outcome(ask)
        if safe and isinstance(answer, _Failed) and answer.worth_repeating:
            answer = _outcome(ask)
        return answer

    def _let_go(self) -> None:
        """Nobody holds a database connection while an outsider is called; a guard's look-up may have left one."""
        self._transact(lambda: None)

    def _user(self, answer: "dict[str, Any] | _Failed") -> WechatUser:
        found = self._checked(answer)
        openid, unionid = found.get("openid"), found.get("unionid")
        if not isinstance(openid, str) or not openid:
            raise PlatformBusy(errors.WECHAT_BUSY)
        return WechatUser(self.appid, openid, unionid if isinstance(unionid, str) and unionid else None)

    def _checked(self, answer: "dict[str, Any] | _Failed") -> dict[str, Any]:
        if isinstance(answer, dict):
            return answer
        refused = _refused(answer)
        serious = isinstance(refused, PlatformMisconfigured)
        say = log.error if serious else log.warning
        say("platform", appid=self.appid, errcode=answer.errcode, status=answer.status, rid=answer.rid)
        raise refused


class _Wire(WeChatClient):  # type: ignore[misc]
    """wechatpy's client with our address and time limits. It neither fetches nor keeps a token: Platform does."""

    def __init__(self, app: AppKeys, api_url: str) -> None:
        super().__init__(app.appid, app.secret, timeout=TIMEOUT, auto_retry=False)
        self._http.trust_env = False
        self.API_BASE_URL = f"{api_url}/cgi-bin/"
        for part in vars(self).values():  # every endpoint has an address of its own
            if isinstance(part, BaseWeChatAPI) and getattr(part, "API_BASE_URL", None):
                part.API_BASE_URL = part.API_BASE_URL.replace(OFFICIAL_API, api_url)

    @property
    def access_token(self) -> str:
        raise AttributeError("Platform gives the token")

    def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Any:
        return super()._request(method, url_or_endpoint, allow_redirects=False, **kwargs)


class _OAuth(WeChatOAuth):  # type: ignore[misc]
    def __init__(self, app: AppKeys, api_url: str, open_url: str, redirect_uri: str, state: str) -> None:
        super().__init__(app.appid, app.secret, redirect_uri, scope="snsapi_base", state=state)
        self._http.trust_env = False
        self.API_BASE_URL, self.OAUTH_BASE_URL = f"{api_url}/", f"{open_url}/connect/"

    def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Any:
        return super()._request(method, url_or_endpoint, timeout=TIMEOUT, allow_redirects=False, **kwargs)


def _outcome(ask: Callable[[], Any]) -> dict[str, Any] | _Failed:
    """The answer, or what went wrong as a plain value: an exception would carry the address with all that is in it."""
    try:
        answer = ask()
    except WeChatException as error:
        status = getattr(getattr(error, "response", None), "status_code", None)
        rid = _RID.search(str(error.errmsg or ""))
        return _Failed(error.errcode, status, rid.group(1) if rid else None)
    except (requests.RequestException, ValueError, TypeError, KeyError):
        return _Failed(None)
    return answer if isinstance(answer, dict) else _Failed(None)


def _refused(failed: _Failed) -> DomainError:
    code = failed.errcode
    if code in CODE_REFUSED:
        return PlatformCodeRefused(errors.WECHAT_CODE_REFUSED)
    if code == RISKY_USER:
        return PlatformUserRefused(errors.WECHAT_USER_RISKY)
    if code in TOO_OFTEN:
        return PlatformTooOften(errors.WECHAT_TOO_OFTEN)
    if code is None or code == BUSY:
        return PlatformBusy(errors.WECHAT_BUSY)
    return PlatformMisconfigured(errors.WECHAT_MISCONFIGURED)


def _loan(answer: Mapping[str, Any], name: str) -> tuple[str, int]:
    """The lent value and for how many seconds. PlatformBusy when the answer has not both."""
    value, seconds = answer.get(name), answer.get("expires_in")
    if not isinstance(value, str) or not value or not isinstance(seconds, int) or isinstance(seconds, bool):
        raise PlatformBusy(errors.WECHAT_BUSY)
    return value, seconds
