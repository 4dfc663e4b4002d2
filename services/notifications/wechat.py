"""The channels of WeChat: template messages and subscribe messages. One send at a time to a person is the caller's."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import structlog

from services.accounts.wechat import Failed, Platform
from services.notifications import verdicts
from services.notifications.ports import TIMEOUT, Outgoing, Result
from services.notifications.types import Channel, DeliveryStatus

log = structlog.get_logger("gonghui.notifications")
TEMPLATE_PATH = "cgi-bin/message/template/send"
OA_PATH = "cgi-bin/message/subscribe/bizsend"
MP_PATH = "cgi-bin/message/subscribe/send"
SPARE = 0.5
"""Seconds kept back, so that the platform's client gives up before the channel must."""
LANGUAGES = {"zh": "zh_CN", "en": "en_US"}


class TemplatePort:
    """服务号模板消息: to a follower. The platform knows a delivery by its id for 10 minutes, so it may be repeated."""

    channel, repeats_safely = Channel.TEMPLATE, True

    def __init__(self, platform: Platform, *, public_url: str) -> None:
        self.provider, self._platform, self._public_url = platform.appid, platform, public_url

    def send(self, outgoing: Outgoing) -> Result:
        body = {**_common(outgoing), "client_msg_id": outgoing.id.hex}
        if outgoing.link:
            body["url"] = self._public_url + outgoing.link
        return _sent(self._platform, TEMPLATE_PATH, body, outgoing, safe=True)


class OaSubscribePort:
    """服务号订阅通知: one consent, one message. Never repeated by itself: the platform knows no id of ours."""

    channel, repeats_safely = Channel.OA_SUBSCRIBE, False

    def __init__(self, platform: Platform, *, public_url: str) -> None:
        self.provider, self._platform, self._public_url = platform.appid, platform, public_url

    def send(self, outgoing: Outgoing) -> Result:
        body = _common(outgoing)
        if outgoing.link:
            body["page"] = self._public_url + outgoing.link
        return _sent(self._platform, OA_PATH, body, outgoing)


class MpSubscribePort:
    """小程序订阅消息: as above. `page` of the mini program gets our path as ?path=; without one it opens nothing."""

    channel, repeats_safely = Channel.MP_SUBSCRIBE, False

    def __init__(self, platform: Platform, *, page: str = "") -> None:
        self.provider, self._platform, self._page = platform.appid, platform, page

    def send(self, outgoing: Outgoing) -> Result:
        body = {**_common(outgoing), "miniprogram_state": "formal", "lang": LANGUAGES[outgoing.language]}
        if outgoing.link and self._page:
            body["page"] = f"{self._page}?path={quote(outgoing.link, safe='')}"
        return _sent(self._platform, MP_PATH, body, outgoing)


def _common(outgoing: Outgoing) -> dict[str, Any]:
    data = {key: {"value": text} for key, text in outgoing.fields.items()}
    return {"touser": outgoing.address, "template_id": outgoing.platform_id, "data": data}


def _sent(platform: Platform, path: str, body: Mapping[str, Any], outgoing: Outgoing, *, safe: bool = False) -> Result:
    answer = platform.ask(path, body, safe=safe, within=TIMEOUT - SPARE)
    if not isinstance(answer, Failed):
        msgid = answer.get("msgid")
        return Result(
            outgoing.id, DeliveryStatus.SENT, provider_id=str(msgid) if msgid else None,
            charged=outgoing.channel.of_consent,
        )  # fmt: skip
    verdict, reason = verdicts.verdict(answer, repeats_safely=safe), verdicts.reason(answer)
    say = log.error if verdict.alarm else log.info
    say("not sent", channel=outgoing.channel, delivery=str(outgoing.id), reason=reason, rid=answer.rid,
        template=outgoing.platform_id, keys=sorted(outgoing.fields))  # fmt: skip
    return Result(outgoing.id, verdict.status, reason, effect=verdict.effect, charged=verdict.charged)
