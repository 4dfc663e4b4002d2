"""One app of ours at the platform, and everything that we ask it."""

import dataclasses
import datetime
import hashlib
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

from services.accounts import errors
from services.accounts.types import Lent
from services.accounts.wechat.loans import Loan, Loans, Transact
from services.accounts.wechat.problems import (
    STALE,
    PlatformBusy,
    PlatformCodeRefused,
    PlatformMisconfigured,
    PlatformUserRefused,
    refused,
)
from services.accounts.wechat.wire import OFFICIAL_API, OFFICIAL_OPEN, AppKeys, Failed, OAuth, Wire
from services.core.errors import Invalid

log = structlog.get_logger("gonghui.wechat")
WITHIN = 8.5
"""Seconds by which `ask` gives up, a new token and a repeat included."""
UNKNOWN_OPENID = 40003


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


class Platform:
    """One app of ours at the platform. Fine for many threads; every process has its own, the token is shared.

    `connections`: how many threads may talk at once without a new connection each time.
    """

    def __init__(
        self, app: AppKeys, *, transact: Transact, clock: Callable[[], datetime.datetime],
        api_url: str = OFFICIAL_API, open_url: str = OFFICIAL_OPEN, connections: int = 10,
    ) -> None:  # fmt: skip
        self.appid = app.appid
        self._app, self._transact, self._clock = app, transact, clock
        self._open_url = open_url
        self._wire = Wire(api_url, connections)
        self._loans = Loans(app.appid, transact, clock)

    def close(self) -> None:
        """Ends the connections that stand open."""
        self._wire.close()

    # --- who somebody is

    def code_to_session(self, js_code: str) -> WechatUser:
        """Who stands behind a mini program's sign-in code. Asks once: a code lives for one call.

        Raises PlatformCodeRefused, PlatformUserRefused, PlatformTooOften, PlatformBusy, PlatformMisconfigured. The
        session key that comes along is dropped: nothing here decrypts with it.
        """
        params = {**self._secrets(), "js_code": js_code, "grant_type": "authorization_code"}
        return self._user(self._call("get", "sns/jscode2session", params=params))

    def phone_number(self, code: str) -> str:
        """The phone that a mini program's user showed us: digits of a mainland number.

        Raises as `code_to_session`, and Invalid(phone_malformed) for a phone of another country.
        """
        answer = self._checked(self._with_token("post", "wxa/business/getuserphonenumber", data={"code": code}))
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
        return str(OAuth(self._app, self._open_url, redirect_uri, state).authorize_url)

    def oauth_openid(self, code: str) -> WechatUser:
        """Who came back from `authorize_url` with this code. Raises as `code_to_session`.

        A snapshot user, whom the platform invents for somebody who only looks, is PlatformUserRefused.
        """
        params = {**self._secrets(), "code": code, "grant_type": "authorization_code"}
        found = self._checked(self._call("get", "sns/oauth2/access_token", params=params))
        if found.get("is_snapshotuser"):
            raise PlatformUserRefused(errors.WECHAT_SNAPSHOT)
        return self._user(found)

    def follows(self, openid: str) -> bool | None:
        """Whether this user follows the official account; None when the platform does not say. Raises nothing of it."""
        answer = self._with_token(
            "get", "cgi-bin/user/info", params={"openid": openid}, safe=True, until=time.monotonic() + WITHIN
        )
        if isinstance(answer, Failed):
            if answer.errcode != UNKNOWN_OPENID:
                self._say(answer)
            return None
        said = answer.get("subscribe")
        return bool(said) if said in (0, 1) else None

    # --- pages, codes, the menu

    def jsapi_signature(self, url: str) -> PageSignature:
        """Signs the page at `url`, without what follows #, for WeChat's own scripts. The caller knows it is ours."""
        nonce, timestamp = secrets.token_hex(8), int(self._clock().timestamp())
        ticket = self._given(self._loans.lent(Lent.TICKET, self._fetch_ticket))
        text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url.partition('#')[0]}"
        return PageSignature(self.appid, timestamp, nonce, hashlib.sha1(text.encode()).hexdigest())  # noqa: S324

    def qr_ticket(self, scene: str, seconds: int) -> str:
        """What the official account's QR code says that brings `scene` (1 to 64 characters) back, for so many seconds.

        The text inside the code, to be drawn by us. Raises PlatformBusy, PlatformTooOften, PlatformMisconfigured.
        """
        body = {
            "action_name": "QR_STR_SCENE", "expire_seconds": seconds, "action_info": {"scene": {"scene_str": scene}},
        }  # fmt: skip
        url = self._checked(self._with_token("post", "cgi-bin/qrcode/create", data=body, safe=True)).get("url")
        if not isinstance(url, str) or not url:
            raise PlatformBusy(errors.WECHAT_BUSY)
        return url

    def publish_menu(self, buttons: Sequence[Mapping[str, Any]]) -> None:
        """Replaces the official account's menu. Raises as `qr_ticket`: PlatformMisconfigured for a menu it refuses."""
        self._checked(self._with_token("post", "cgi-bin/menu/create", data={"button": list(buttons)}, safe=True))

    # --- messages

    def mass(self, openids: Sequence[str], text: str, client_id: str) -> str | Failed:
        """One of the month's mass messages of the official account, to 2 to 10,000 followers: the platform's id of it.

        The same `client_id` (up to 64 characters) goes out once, so after a lost answer it is repeated; then the id of
        the first comes back. Failed as of `ask`; 45028: the month's messages are used up.
        """
        body = {"touser": list(openids), "msgtype": "text", "text": {"content": text}, "clientmsgid": client_id}
        answer = self.ask("cgi-bin/message/mass/send", body, safe=True)
        if isinstance(answer, Failed):
            return answer.known_as or answer
        return str(answer.get("msg_id") or "")

    def ask(
        self, path: str, body: Mapping[str, Any], *, safe: bool = False, within: float = WITHIN
    ) -> dict[str, Any] | Failed:
        """Sends something: the answer, or what went wrong. Raises nothing of the platform's; gives up `within` seconds.

        The token is kept in memory for a few seconds, so many in a row cost the database nothing; a refused one is
        renewed once. A `safe` call is repeated once when the platform is busy. Failed.lost: it may have arrived. For
        the worker's threads, which hold no database connection: unlike the others it does not let go of one.
        """
        until, rejected = time.monotonic() + within, None
        while True:
            token = self._loans.at_hand(self._fetch_token, rejected=rejected, until=until)
            if isinstance(token, Failed):  # nothing was sent
                return dataclasses.replace(token, lost=False)
            answer = self._wire.call("post", path, params={"access_token": token}, data=body, safe=safe, until=until)
            if rejected or not isinstance(answer, Failed) or answer.errcode not in STALE:
                return answer
            rejected = token

    # --- the token

    def token(self, rejected: str | None = None) -> str:
        """The access token of all processes; a new one if the platform has just `rejected` the stored one."""
        return self._given(self._loans.lent(Lent.TOKEN, self._fetch_token, rejected=rejected))

    def _with_token(
        self, method: str, path: str, *, params: Mapping[str, str] | None = None, **kwargs: Any
    ) -> dict[str, Any] | Failed:
        """Calls with the token; once more with another if that one was refused."""
        until, rejected = kwargs.get("until"), None
        while True:
            token = self._loans.lent(Lent.TOKEN, self._fetch_token, rejected=rejected, until=until)
            if isinstance(token, Failed):
                return token
            answer = self._call(method, path, params={**(params or {}), "access_token": token}, **kwargs)
            if rejected or not isinstance(answer, Failed) or answer.errcode not in STALE:
                return answer
            rejected = token

    def _fetch_token(self, until: float | None) -> Loan | Failed:
        body = {"grant_type": "client_credential", "force_refresh": False, **self._secrets()}
        answer = self._call("post", "cgi-bin/stable_token", data=body, safe=True, until=until)
        return _loan(answer, "access_token")

    def _fetch_ticket(self, until: float | None) -> Loan | Failed:
        fetch = partial(self._with_token, "get", "cgi-bin/ticket/getticket", params={"type": "jsapi"})
        return _loan(fetch(safe=True, until=until), "ticket")

    def _secrets(self) -> dict[str, str]:
        return {"appid": self._app.appid, "secret": self._app.secret}

    def _call(self, method: str, path: str, **kwargs: Any) -> dict[str, Any] | Failed:
        self._let_go()
        return self._wire.call(method, path, **kwargs)

    def _let_go(self) -> None:
        """Nobody holds a database connection while an outsider is called; a guard's look-up may have left one."""
        self._transact(lambda: None)

    def _user(self, answer: dict[str, Any] | Failed) -> WechatUser:
        found = self._checked(answer)
        openid, unionid = found.get("openid"), found.get("unionid")
        if not isinstance(openid, str) or not openid:
            raise PlatformBusy(errors.WECHAT_BUSY)
        return WechatUser(self.appid, openid, unionid if isinstance(unionid, str) and unionid else None)

    def _checked(self, answer: dict[str, Any] | Failed) -> dict[str, Any]:
        if isinstance(answer, dict):
            return answer
        self._say(answer)
        raise refused(answer)

    def _given(self, value: str | Failed) -> str:
        if isinstance(value, str):
            return value
        self._say(value)
        raise refused(value)

    def _say(self, failed: Failed) -> None:
        say = log.error if isinstance(refused(failed), PlatformMisconfigured) else log.warning
        say("platform", appid=self.appid, errcode=failed.errcode, status=failed.status, rid=failed.rid)


def _loan(answer: dict[str, Any] | Failed, name: str) -> Loan | Failed:
    """The lent value and for how many seconds. Failed when the answer has not both."""
    if isinstance(answer, Failed):
        return answer
    value, seconds = answer.get(name), answer.get("expires_in")
    if not isinstance(value, str) or not value or not isinstance(seconds, int) or isinstance(seconds, bool):
        return Failed(None)
    return value, seconds
