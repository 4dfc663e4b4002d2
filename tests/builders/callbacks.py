"""The platform as it calls us back: bodies, signatures, ciphers, and the rows that its events speak of."""

import dataclasses
import datetime
import itertools
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.core import clock
from services.core.db import db
from services.core.ids import uuid7
from services.notifications import envelope
from services.notifications.envelope import Door, Mode
from services.notifications.models import Delivery, InboxMessage
from services.notifications.types import Channel, DeliveryStatus
from tests.builders.reach import MP, OA
from tests.builders.world import World

TOKENS = {OA: "token-of-the-oa", MP: "token-of-the-mp"}
NEW, OLD = bytes(range(32)), bytes(range(32, 64))
ORIGINAL = "gh_0123456789ab"
NONCES = itertools.count(1000)


def seconds(at: datetime.datetime | None = None) -> int:
    return int((at or clock.now()).timestamp())


def xml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "".join(
            "".join(f"<{name}>{xml(one)}</{name}>" for one in (inner if isinstance(inner, list) else [inner]))
            for name, inner in value.items()
        )
    return f"<![CDATA[{value}]]>"


class Caller:
    """One app of ours at the platform, set up in this mode. Every call is signed anew."""

    def __init__(self, client: FlaskClient, *, appid: str = OA, mode: Mode = Mode.SAFE, key: bytes = NEW) -> None:
        self.client, self.key = client, key
        self.door = Door(appid, TOKENS[appid], (NEW, OLD), mode)
        self.path = "/wechat/oa" if appid == OA else "/wechat/mp"

    def event(self, name: str, openid: str, *, at: datetime.datetime | None = None, **more: Any) -> dict[str, Any]:
        return {
            "ToUserName": ORIGINAL, "FromUserName": openid, "CreateTime": seconds(at), "MsgType": "event",
            "Event": name, **more,
        }  # fmt: skip

    def text(self, openid: str, words: str, *, number: str = "9007199254740993") -> dict[str, Any]:
        return {
            "ToUserName": ORIGINAL, "FromUserName": openid, "CreateTime": seconds(), "MsgType": "text",
            "Content": words, "MsgId": number,
        }  # fmt: skip

    def raw(self, body: Mapping[str, Any], *, in_json: bool = False) -> bytes:
        return (json.dumps(body) if in_json else f"<xml>{xml(body)}</xml>").encode()

    def sealed(self, content: bytes, *, appid: str = "", key: bytes = b"") -> str:
        return envelope.seal(key or self.key, appid or self.door.appid, content)

    def query(
        self, sealed: str | None = None, *, at: datetime.datetime | None = None, nonce: str = ""
    ) -> dict[str, str]:
        timestamp, nonce = str(seconds(at)), nonce or str(next(NONCES))
        found = {"timestamp": timestamp, "nonce": nonce}
        found["signature"] = envelope.signature(self.door.token, timestamp, nonce)
        if sealed is not None:
            found["encrypt_type"] = "aes"
            found["msg_signature"] = envelope.signature(self.door.token, timestamp, nonce, sealed)
        return found

    def send(self, raw: bytes, query: Mapping[str, str]) -> TestResponse:
        return self.client.post(self.path, data=raw, query_string=dict(query), content_type="text/xml")

    def call(self, body: Mapping[str, Any], *, in_json: bool = False, nonce: str = "") -> TestResponse:
        """As the platform does it in this mode."""
        clear = self.raw(body, in_json=in_json)
        if self.door.mode is Mode.PLAIN:
            return self.send(clear, self.query(nonce=nonce))
        sealed = self.sealed(clear)
        outer = {"ToUserName": ORIGINAL, "Encrypt": sealed}
        if self.door.mode is Mode.COMPATIBLE:
            outer = {**body, "Encrypt": sealed}
        return self.send(self.raw(outer, in_json=in_json), self.query(sealed, nonce=nonce))


def set_up(world: World, put: Callable[[dict[str, Any], str, Any], None], mode: Mode = Mode.SAFE) -> None:
    """Gives the application both apps, called back in this mode."""
    settings = world.app.config["SETTINGS"]
    keys = () if mode is Mode.PLAIN else (NEW, OLD)
    put(
        world.app.config,
        "SETTINGS",
        dataclasses.replace(
            settings, wechat_oa=(OA, "s" * 32), wechat_mp=(MP, "s" * 32),
            wechat_oa_push=(TOKENS[OA], keys, mode.value), wechat_mp_push=(TOKENS[MP], keys, mode.value),
        ),
    )  # fmt: skip


def delivered(
    world: World, address_index: bytes, *, channel: Channel = Channel.TEMPLATE, provider_id: str | None = None,
    status: DeliveryStatus = DeliveryStatus.SENT, template_id: uuid.UUID | None = None,
    credit_id: uuid.UUID | None = None,
) -> uuid.UUID:  # fmt: skip
    """A delivery in this state, with its message; returns its id."""
    id_, inbox_id, now = uuid7(), uuid7(), clock.now()
    message = InboxMessage(
        id=inbox_id, message_id=uuid7(), recipient_kind="member", recipient_id=uuid7(), template="record.member",
        version=1, facts={}, created_at=now,
    )  # fmt: skip
    delivery = Delivery(
        id=id_, inbox_id=inbox_id, account_id=uuid7(), channel=channel, status=status, created_at=now, next_try_at=now,
        attempts=1, at_once=False, address_index=address_index, provider_id=provider_id, template_id=template_id,
        credit_id=credit_id,
    )  # fmt: skip

    def build() -> None:
        db.session.add_all([message, delivery])
        db.session.flush()

    world.do(build)
    return id_
