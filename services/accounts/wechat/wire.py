"""One call to the platform over HTTP: wechatpy with our time limits, and what went wrong as a plain value."""

import logging
import re
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from wechatpy.client import WeChatClient
from wechatpy.client.api.base import BaseWeChatAPI
from wechatpy.exceptions import WeChatException
from wechatpy.oauth import WeChatOAuth

# At debug it prints addresses, and with them secrets and tokens.
logging.getLogger("urllib3").setLevel(logging.INFO)

OFFICIAL_API, OFFICIAL_OPEN = "https://api.weixin.qq.com", "https://open.weixin.qq.com"
TIMEOUT = (3.0, 5.0)
"""Seconds to connect, and between two pieces of an answer."""
LEAST = 0.2
"""Seconds below which no call is begun any more."""
BUSY = -1
_RID = re.compile(r"rid: ?([0-9a-f-]{8,40})")
_FIELD = re.compile(r"data\.([a-z_]+[0-9]{1,3})\.value")


@dataclass(frozen=True)
class AppKeys:
    """One app of ours at the platform: a mini program or an official account."""

    appid: str
    secret: str

    def __repr__(self) -> str:
        return f"AppKeys({self.appid})"


@dataclass(frozen=True)
class Failed:
    """What went wrong, without anything of the request."""

    #: the platform's own code; none when no answer could be read
    errcode: int | None
    #: HTTP status, where there was one
    status: int | None = None
    #: the platform's id of the request, for its support
    rid: str | None = None
    #: the request may have arrived, and nobody knows what became of it
    lost: bool = False
    #: the key of a template that 47003 complains of
    field: str | None = None
    #: what the platform calls the message that it has had already (45065)
    known_as: str | None = None

    @property
    def worth_repeating(self) -> bool:
        return self.errcode == BUSY or (self.status or 0) >= 500


class Wire(WeChatClient):  # type: ignore[misc]
    """wechatpy's client with our address, time limits and pool. It neither fetches nor keeps a token: Platform does."""

    def __init__(self, app: AppKeys, api_url: str, connections: int) -> None:
        super().__init__(app.appid, app.secret, auto_retry=False)
        self._http.trust_env = False
        # Narrower than its threads, it would throw a connection away after nearly every call.
        self._http.mount(f"{api_url}/", HTTPAdapter(pool_connections=1, pool_maxsize=connections))
        self._url = api_url
        self.API_BASE_URL = f"{api_url}/cgi-bin/"
        for part in vars(self).values():  # every endpoint has an address of its own
            if isinstance(part, BaseWeChatAPI) and getattr(part, "API_BASE_URL", None):
                part.API_BASE_URL = part.API_BASE_URL.replace(OFFICIAL_API, api_url)

    @property
    def access_token(self) -> str:
        raise AttributeError("Platform gives the token")

    def call(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, safe: bool = False,
        until: float | None = None, **kwargs: Any,
    ) -> dict[str, Any] | Failed:  # fmt: skip
        """One call; a `safe` one is repeated once when the platform is busy.

        Gives up by `until` (of time.monotonic); without it each try has TIMEOUT.
        """
        # None: requests leaves it out, and wechatpy does not fetch a token of its own.
        query = {"access_token": None, **(params or {})}
        for last in (False, True):
            limits = _limits(until)
            if limits is None:
                return Failed(None)
            answer = outcome(
                partial(self._request, method, f"{self._url}/{path}", params=query, timeout=limits, **kwargs)
            )
            if last or not safe or not isinstance(answer, Failed) or not answer.worth_repeating:
                return answer
            if until is not None and until - time.monotonic() < LEAST:
                return answer
        raise AssertionError("unreachable")

    def close(self) -> None:
        self._http.close()

    def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Any:
        return super()._request(method, url_or_endpoint, allow_redirects=False, **kwargs)


class OAuth(WeChatOAuth):  # type: ignore[misc]
    """Keeps what it was given, so no two requests may share one."""

    def __init__(self, app: AppKeys, api_url: str, open_url: str, redirect_uri: str, state: str) -> None:
        super().__init__(app.appid, app.secret, redirect_uri, scope="snsapi_base", state=state)
        self._http.trust_env = False
        self.API_BASE_URL, self.OAUTH_BASE_URL = f"{api_url}/", f"{open_url}/connect/"

    def user_of(self, params: Mapping[str, str]) -> dict[str, Any] | Failed:
        return outcome(lambda: self._request("get", "sns/oauth2/access_token", params=dict(params)))

    def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Any:
        return super()._request(method, url_or_endpoint, timeout=TIMEOUT, allow_redirects=False, **kwargs)


def outcome(ask: Callable[[], Any]) -> dict[str, Any] | Failed:
    """The answer, or what went wrong as a plain value: an exception would carry the address with all that is in it."""
    try:
        answer = ask()
    except WeChatException as error:
        return _failed(error)
    except requests.RequestException as error:
        return Failed(None, lost=not _never_sent(error))
    except UnicodeEncodeError:  # our own body
        return Failed(None, status=400)
    except (ValueError, TypeError, KeyError):  # an answer that makes no sense
        return Failed(None, lost=True)
    if isinstance(answer, dict):
        return answer
    status = answer.status_code if isinstance(answer, requests.Response) else None
    redirected = status is not None and status >= 300
    return Failed(None, status if redirected else None, lost=not redirected)


def _failed(error: WeChatException) -> Failed:
    response, text = getattr(error, "response", None), str(error.errmsg or "")
    status = getattr(response, "status_code", None)
    rid, field = _RID.search(text), _FIELD.search(text)
    known = response.json().get("msg_id") if response is not None and error.errcode == 45065 else None
    return Failed(
        error.errcode,
        status,
        rid.group(1) if rid else None,
        lost=error.errcode is None and status == 504,  # its gate gave up waiting for what it had passed on
        field=field.group(1) if field else None,
        known_as=str(known) if known else None,
    )


def _never_sent(error: requests.RequestException) -> bool:
    """Whether the connection was never made, so that nothing can have arrived."""
    if isinstance(error, requests.ConnectTimeout):
        return True
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    if isinstance(reason, urllib3.exceptions.SSLError):
        return bool(reason.args) and isinstance(reason.args[0], ssl.SSLCertVerificationError)
    return isinstance(reason, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError)


def _limits(until: float | None) -> tuple[float, float] | None:
    """Seconds to connect and to wait; none when there is no time left."""
    connect, read = TIMEOUT
    if until is None:
        return connect, read
    left = until - time.monotonic()
    if left < LEAST:
        return None
    connect = min(connect, left / 2)
    return connect, min(read, left - connect)
