"""Messages at the platform: templates, followers, consents, what it took, and the events that it would post."""

import base64
import dataclasses
import hashlib
import itertools
import json
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from tests.partners.platform.fields import complaint
from tests.partners.platform.people import App, Person, Refused

TEMPLATE, BIZSEND = "/cgi-bin/message/template/send", "/cgi-bin/message/subscribe/bizsend"
SUBSCRIBE, MASS = "/cgi-bin/message/subscribe/send", "/cgi-bin/message/mass/send"
ONE_AT_A_TIME = (BIZSEND, SUBSCRIBE)
ONCE_SECONDS, MASS_A_MONTH = 600, 4
ANY_OPENID = re.compile(r"o[0-9A-Za-z_-]{27}")
PRESETS: dict[str, tuple[str, ...]] = {
    "use": ("thing1", "time2", "character_string3"),
    "safety": ("thing1", "time2", "thing3"),
    "answer": ("thing1", "phrase2", "time3", "thing4"),
    "change": ("thing1", "time2", "thing3"),
    "task": ("thing1", "time2", "thing3"),
}
"""Chosen from the platform's library already, in both apps; `template_id` has the ids."""


def template_id(name: str) -> str:
    """43 characters, as the platform's."""
    return base64.urlsafe_b64encode(hashlib.sha256(name.encode()).digest()).decode()[:43]


@dataclasses.dataclass(frozen=True)
class Sent:
    """A message that the platform took. `link`: the address or page that it opens; of a mass message the text is a
    field."""

    path: str
    appid: str
    openid: str
    template: str
    fields: Mapping[str, str]
    link: str
    client_id: str
    msgid: int
    at: float


class Sending:
    """`sent` is what it took, in order; `repeated` counts what came again with an id that it had."""

    def __init__(self, mini_program: App, official_account: App) -> None:
        self.mini_program, self.official_account = mini_program, official_account
        presets = {template_id(name): keys for name, keys in PRESETS.items()}
        self.templates: dict[str, dict[str, tuple[str, ...]]] = {
            app.appid: dict(presets) for app in (mini_program, official_account)
        }
        self.openids: dict[str, str] = {}
        self.followers: set[str] = set()
        self.consents: Counter[tuple[str, str]] = Counter()
        self.standing: set[tuple[str, str]] = set()
        self.pages = {"pages/index/index"}
        self.sent: list[Sent] = []
        self.repeated = 0
        self.taken: Counter[str] = Counter()
        self.quota: dict[str, int] = {TEMPLATE: 100_000}
        #: every well-formed openid is a follower who has consented: for measuring
        self.anybody = False
        self._client_ids: dict[tuple[str, str], tuple[float, int]] = {}
        self._mass_ids: dict[str, int] = {}
        self._mass_received: Counter[str] = Counter()
        self._ids = itertools.count(2**60 + 1)

    # --- what people do, and what the platform posts about it

    def knows(self, person: Person) -> None:
        for app in (self.mini_program, self.official_account):
            self.openids[person.openid(app.appid)] = app.appid

    def follow(self, person: Person, *, scene: str = "") -> dict[str, Any]:
        """The event of it: by the QR code of `scene`, if one is given."""
        self.knows(person)
        self.followers.add(person.openid(self.official_account.appid))
        by_code = {"EventKey": f"qrscene_{scene}", "Ticket": f"ticket-{scene}"} if scene else {"EventKey": ""}
        return self.event(person, "subscribe", **by_code)

    def unfollow(self, person: Person) -> dict[str, Any]:
        self.followers.discard(person.openid(self.official_account.appid))
        return self.event(person, "unsubscribe", EventKey="")

    def consent(
        self, person: Person, *templates: str, app: App | None = None, accept: bool = True, standing: bool = False
    ) -> dict[str, Any]:
        """One tap in the platform's own question, for one or several templates: its event."""
        self.knows(person)
        app = app or self.mini_program
        for one in templates:
            key = person.openid(app.appid), one
            self.consents[key] += accept
            if standing and accept:
                self.standing.add(key)
        said = "accept" if accept else "reject"
        tapped = [{"TemplateId": one, "SubscribeStatusString": said, "PopupScene": "0"} for one in templates]
        return self.event(person, "subscribe_msg_popup_event", app=app, List=_single(tapped))

    def take_back(self, person: Person, template: str, *, app: App | None = None) -> dict[str, Any]:
        """Refused in the settings."""
        app = app or self.mini_program
        key = person.openid(app.appid), template
        self.consents.pop(key, None)
        self.standing.discard(key)
        refused = {"TemplateId": template, "SubscribeStatusString": "reject"}
        return self.event(person, "subscribe_msg_change_event", app=app, List=refused)

    def finished(self, sent: Sent, *, status: str = "success", errcode: int = 0) -> dict[str, Any]:
        """What the platform posts once it has delivered a message, or has not."""
        whole = {
            "ToUserName": f"gh_{sent.appid[2:14]}", "FromUserName": sent.openid, "CreateTime": int(time.time()),
            "MsgType": "event",
        }  # fmt: skip
        if sent.path == TEMPLATE:
            return {**whole, "Event": "TEMPLATESENDJOBFINISH", "MsgID": sent.msgid, "Status": status}
        about = {
            "TemplateId": sent.template, "MsgID": str(sent.msgid), "ErrorCode": str(errcode), "ErrorStatus": status,
        }  # fmt: skip
        return {**whole, "Event": "subscribe_msg_sent_event", "List": about}

    def event(self, person: Person, name: str, *, app: App | None = None, **more: object) -> dict[str, Any]:
        app = app or self.official_account
        whole: dict[str, Any] = {"ToUserName": f"gh_{app.appid[2:14]}", "FromUserName": person.openid(app.appid)}
        return {**whole, "CreateTime": int(time.time()), "MsgType": "event", "Event": name, **more}

    # --- what an application asks; Refused for a no

    def template(self, app: App, body: dict[str, Any]) -> dict[str, Any]:
        self._only(app, self.official_account)
        openid, keys = self._checked(TEMPLATE, app, body)
        _address(body.get("url", ""))
        client_id = body.get("client_msg_id", "")
        at, known = self._client_ids.get((openid, client_id), (0.0, 0))
        if client_id and time.monotonic() - at < ONCE_SECONDS and known:
            self.repeated += 1
            return {"errcode": 0, "errmsg": "ok", "msgid": known}
        if openid not in self.followers and not self.anybody:
            raise Refused(43004, "require subscribe")
        msgid = self._accept(TEMPLATE, app, openid, body, keys, link=body.get("url", ""), client_id=client_id)
        if client_id:
            self._client_ids[openid, client_id] = time.monotonic(), msgid
        return {"errcode": 0, "errmsg": "ok", "msgid": msgid}

    def bizsend(self, app: App, body: dict[str, Any]) -> dict[str, Any]:
        self._only(app, self.official_account)
        openid, keys = self._checked(BIZSEND, app, body)
        _address(body.get("page", ""))
        self._spend(openid, body["template_id"])
        self._accept(BIZSEND, app, openid, body, keys, link=body.get("page", ""))
        return {"errcode": 0, "errmsg": "ok"}  # as documented: without an id

    def subscribe(self, app: App, body: dict[str, Any]) -> dict[str, Any]:
        self._only(app, self.mini_program)
        if body.get("miniprogram_state", "formal") not in ("developer", "trial", "formal"):
            raise Refused(40097, "invalid args miniprogram_state")
        if body.get("lang", "zh_CN") not in ("zh_CN", "en_US", "zh_HK", "zh_TW"):
            raise Refused(40097, "invalid args lang")
        openid, keys = self._checked(SUBSCRIBE, app, body)
        page = body.get("page", "")
        if page and page.partition("?")[0] not in self.pages:
            raise Refused(41030, "invalid page")
        self._spend(openid, body["template_id"])
        msgid = self._accept(SUBSCRIBE, app, openid, body, keys, link=page)
        return {"errcode": 0, "errmsg": "ok", "msgid": msgid}

    def mass(self, app: App, body: dict[str, Any]) -> dict[str, Any]:
        self._only(app, self.official_account)
        people, content = body.get("touser"), body.get("text", {}).get("content")
        if not isinstance(people, list) or len(set(people)) < 2 or len(people) > 10_000:
            raise Refused(40130, "invalid openid list size, at least two openid")
        if body.get("msgtype") != "text" or not isinstance(content, str) or not content.strip():
            raise Refused(44004, "empty content")
        client_id = body.get("clientmsgid", "")
        if len(client_id.encode()) > 64:
            raise Refused(45067, "clientmsgid size out of limit")
        if client_id in self._mass_ids:
            self.repeated += 1
            raise Refused(45065, "clientmsgid exist", msg_id=self._mass_ids[client_id])
        for openid in people:
            self._belongs(app, openid)
        reached = [one for one in people if self._mass_received[one] < MASS_A_MONTH]
        if not reached:
            raise Refused(45028, "has no masssend quota")
        msgid = next(self._ids)
        if client_id:
            self._mass_ids[client_id] = msgid
        for openid in reached:
            if openid in self.followers or self.anybody:
                self._mass_received[openid] += 1
                fields = {"content": content}
                self.sent.append(Sent(MASS, app.appid, openid, "", fields, "", client_id, msgid, time.time()))
        return {"errcode": 0, "errmsg": "send job submission success", "msg_id": msgid, "msg_data_id": msgid + 7}

    def user_info(self, app: App, query: dict[str, str]) -> dict[str, Any]:
        self._only(app, self.official_account)
        openid = query.get("openid", "")
        self._belongs(app, openid)
        if openid not in self.followers and not self.anybody:
            return {"subscribe": 0, "openid": openid}
        return {"subscribe": 1, "openid": openid, "language": "zh_CN", "subscribe_time": int(time.time())}

    def _only(self, app: App, wanted: App) -> None:
        if app is not wanted:
            raise Refused(48001, "api unauthorized")

    def _belongs(self, app: App, openid: object) -> None:
        known = isinstance(openid, str) and self.openids.get(openid) == app.appid
        if not known and not (self.anybody and isinstance(openid, str) and ANY_OPENID.fullmatch(openid)):
            raise Refused(40003, "invalid openid")

    def _checked(self, path: str, app: App, body: dict[str, Any]) -> tuple[str, tuple[str, ...]]:
        """Whom it is for and the template's keys, when everything about it is right but the consent."""
        if self.taken[path] >= self.quota.get(path, 10_000_000):
            raise Refused(45009, "reach max api daily quota limit")
        self._belongs(app, body.get("touser"))
        keys = self.templates[app.appid].get(body.get("template_id", ""))
        if keys is None:
            raise Refused(40037, "invalid template_id")
        data = body.get("data")
        if not isinstance(data, dict) or any(
            not isinstance(one, dict) or list(one) != ["value"] for one in data.values()
        ):
            raise Refused(47001, "data format error")
        for key in keys:
            if key not in data:
                raise Refused(47003, f"argument invalid! data.{key}.value is empty")
            if wrong := complaint(key, data[key]["value"]):
                raise Refused(47003, wrong)
        for key in set(data) - set(keys):
            raise Refused(47003, f"argument invalid! data.{key}.value invalid")
        return body["touser"], keys

    def _spend(self, openid: str, template: str) -> None:
        key = openid, template
        if key in self.standing or self.anybody:
            return
        if self.consents[key] < 1:
            raise Refused(43101, "user refuse to accept the msg")
        self.consents[key] -= 1

    def _accept(
        self, path: str, app: App, openid: str, body: dict[str, Any], keys: Sequence[str], *, link: str,
        client_id: str = "",
    ) -> int:  # fmt: skip
        self.taken[path] += 1
        msgid = next(self._ids)
        fields = {key: str(body["data"][key]["value"]) for key in keys}
        self.sent.append(
            Sent(path, app.appid, openid, body["template_id"], fields, link, client_id, msgid, time.time())
        )
        return msgid


def as_xml(event: Mapping[str, Any]) -> bytes:
    """An event as it is posted when XML is chosen in the console: a list stands in an element named for its event."""

    def element(name: str, value: object) -> str:
        if isinstance(value, dict):
            return f"<{name}>{''.join(element(*pair) for pair in value.items())}</{name}>"
        return f"<{name}>{value}</{name}>" if isinstance(value, int) else f"<{name}><![CDATA[{value}]]></{name}>"

    parts: list[str] = []
    for name, value in event.items():
        if name == "List":
            around = "".join(word.title() for word in str(event["Event"]).split("_"))
            several = value if isinstance(value, list) else [value]
            parts.append(f"<{around}>{''.join(element('List', one) for one in several)}</{around}>")
        else:
            parts.append(element(name, value))
    return f"<xml>{''.join(parts)}</xml>".encode()


def as_json(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode()


def _single(items: list[dict[str, str]]) -> object:
    """One stands alone, several in a list: so the platform's JSON has it."""
    return items[0] if len(items) == 1 else items


def _address(url: str) -> None:
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise Refused(40097, "invalid args url")
