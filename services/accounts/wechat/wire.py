"""One call to the platform over HTTP, within our time limits; what went wrong is a plain value.

Straight on urllib3: wechatpy and requests on top of it take as much of a processor as the rest of a send.
"""

import json
import logging
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import certifi
import urllib3
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


class Wire:
    """The connections to the platform. It knows no token."""

    def __init__(self, api_url: str, connections: int) -> None:
        self._url = api_url
        # Narrower than its threads, it would throw a connection away after nearly every call.
        self._pool = urllib3.PoolManager(num_pools=1, maxsize=connections, ca_certs=certifi.where())

    def call(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, data: Mapping[str, Any] | None = None,
        safe: bool = False, until: float | None = None,
    ) -> dict[str, Any] | Failed:  # fmt: skip
        """One call; a `safe` one is repeated once when the platform is busy.

        Gives up by `until` (of time.monotonic); without it each try has TIMEOUT.
        """
        url = f"{self._url}/{path}" + (f"?{urlencode(params)}" if params else "")
        try:
            # Real letters: some calls refuse escapes. A whole body: the platform wants its length.
            body = None if data is None else json.dumps(data, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            return Failed(None, status=400)
        for last in (False, True):
            limits = _limits(until)
            if limits is None:
                return Failed(None)
            answer = self._once(method, url, body, limits)
            if last or not safe or not isinstance(answer, Failed) or not answer.worth_repeating:
                return answer
            if until is not None and until - time.monotonic() < LEAST:
                return answer
        raise AssertionError("unreachable")

    def close(self) -> None:
        self._pool.clear()

    def _once(self, method: str, url: str, body: bytes | None, limits: urllib3.Timeout) -> dict[str, Any] | Failed:
        """Raises nothing: an exception would carry the address with all that is in it."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        try:
            response = self._pool.request(
                method, url, body=body, headers=headers, timeout=limits, retries=False, redirect=False
            )
        except urllib3.exceptions.HTTPError as error:
            return Failed(None, lost=not _never_sent(error))
        return _understood(response.status, response.data)


class OAuth(WeChatOAuth):  # type: ignore[misc]
    """The address at which a reader is recognised."""

    def __init__(self, app: AppKeys, open_url: str, redirect_uri: str, state: str) -> None:
        super().__init__(app.appid, app.secret, redirect_uri, scope="snsapi_base", state=state)
        self.OAUTH_BASE_URL = f"{open_url}/connect/"


def _understood(status: int, raw: bytes) -> dict[str, Any] | Failed:
    """The answer's members. Every refusal of the platform itself is HTTP 200 with an errcode, as plain text or not."""
    if status != 200:
        # 504: its gate gave up waiting for what it had passed on.
        return Failed(None, status, lost=status == 504)
    try:
        answer = json.loads(raw.decode("utf-8", "ignore"), strict=False)
        errcode = int(answer.get("errcode") or 0)
    except (ValueError, TypeError, AttributeError):
        return Failed(None, lost=True)
    if not errcode:
        return dict(answer)
    text, known = str(answer.get("errmsg") or ""), answer.get("msg_id")
    rid, field = _RID.search(text), _FIELD.search(text)
    return Failed(
        errcode,
        status,
        rid.group(1) if rid else None,
        field=field.group(1) if field else None,
        known_as=str(known) if known else None,
    )


def _never_sent(error: urllib3.exceptions.HTTPError) -> bool:
    """Whether the connection was never made, so that nothing can have arrived."""
    if isinstance(error, urllib3.exceptions.SSLError):
        return bool(error.args) and isinstance(error.args[0], ssl.SSLCertVerificationError)
    return isinstance(error, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError)


def _limits(until: float | None) -> urllib3.Timeout | None:
    """Time to connect and to wait; none when there is no time left."""
    connect, read = TIMEOUT
    if until is not None:
        left = until - time.monotonic()
        if left < LEAST:
            return None
        connect = min(connect, left / 2)
        read = min(read, left - connect)
    return urllib3.Timeout(connect=connect, read=read)
