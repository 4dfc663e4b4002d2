"""What the platform posts to us, and what we answer: signatures and the cipher. No database, no clock.

Nothing of a request is believed before its signature, and in safe mode nothing that is not encrypted: whoever saw one
plain signature could post in clear under it. `Wrong` says with one short word what is amiss, and nothing of the body.
"""

import base64
import datetime
import hashlib
import hmac
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from services.notifications.bodies import Body, Wrong, items, parse

FRESH = datetime.timedelta(minutes=10)
"""How far a signature's time may lie from ours, either way."""
BLOCK = 32
"""PKCS#7 is padded to 32 here, though AES has blocks of 16."""
_TIMESTAMP = re.compile(r"[1-9][0-9]{9}")
_NONCE = re.compile(r"[\x21-\x7e]{1,64}")
_ECHO = re.compile(r"[0-9A-Za-z_=+/-]{1,200}")
_EVENT = re.compile(r"[0-9A-Za-z_]{1,40}")


class Mode(StrEnum):
    """消息加解密方式, as it is chosen in the platform's console."""

    PLAIN = "plain"
    COMPATIBLE = "compatible"  # takes both, for changing from one to the other
    SAFE = "safe"


@dataclass(frozen=True)
class Door:
    """How one app of ours is called back. The newest key comes first; the others only open."""

    appid: str
    token: str = field(repr=False)
    aes_keys: tuple[bytes, ...] = field(repr=False)
    mode: Mode


@dataclass(frozen=True)
class Incoming:
    """One message or event that is really the platform's."""

    appid: str
    #: the event's name, or the message's type: "subscribe", "text"
    event: str
    happened_at: datetime.datetime
    #: the same for each attempt to bring the same thing
    digest: bytes
    body: Body = field(repr=False)
    #: which answers must be sealed with; None: it came in clear
    key: bytes | None = field(default=None, repr=False)

    @property
    def sender(self) -> str:
        return str(self.body["FromUserName"])

    def text(self, name: str) -> str:
        value = self.body.get(name)
        return value if isinstance(value, str) else ""


def echo(door: Door, query: Mapping[str, str], *, now: datetime.datetime) -> str:
    """What the console's check of the address wants to read back. Raises Wrong."""
    check_signature(door, query, now=now)
    text = query.get("echostr", "")
    if not _ECHO.fullmatch(text):
        raise Wrong("echo")
    return text


def check_signature(door: Door, query: Mapping[str, str], *, now: datetime.datetime) -> str:
    """The signature, when it is the platform's and fresh. Raises Wrong."""
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    if not _TIMESTAMP.fullmatch(timestamp) or not _NONCE.fullmatch(nonce):
        raise Wrong("query")
    given = query.get("signature", "")
    if not _same(given, signature(door.token, timestamp, nonce)):
        raise Wrong("signature", forged=True)
    if abs(now.timestamp() - int(timestamp)) > FRESH.total_seconds():
        raise Wrong("stale", forged=True)
    return given


def open_body(door: Door, query: Mapping[str, str], raw: bytes, *, now: datetime.datetime) -> Incoming:
    """Reads a body whose `check_signature` has passed. Raises Wrong.

    What is encrypted is verified before it is opened, and only what was inside counts then.
    """
    outer = parse(raw)
    sealed = outer.get("Encrypt")
    if sealed is None:
        if door.mode is Mode.SAFE:
            raise Wrong("clear", forged=True)
        return _incoming(door, outer, None, now)
    if door.mode is Mode.PLAIN or not isinstance(sealed, str):
        raise Wrong("sealed")
    expected = signature(door.token, query["timestamp"], query["nonce"], sealed)
    if not _same(query.get("msg_signature", ""), expected):
        raise Wrong("msg_signature", forged=True)
    content, key = unseal(door, sealed)
    return _incoming(door, parse(content), key, now)


def signature(token: str, *parts: str) -> str:
    """SHA-1 of the sorted parts, as the platform wants it. An empty token signs nothing."""
    if not token:
        raise Wrong("token", forged=True)
    return hashlib.sha1("".join(sorted((token, *parts))).encode()).hexdigest()  # noqa: S324


def unseal(door: Door, sealed: str) -> tuple[bytes, bytes]:
    """What is inside, and the key that opened it. Raises Wrong, whichever part is amiss."""
    try:
        data = base64.b64decode(sealed, validate=True)
    except ValueError:
        raise Wrong("base64") from None
    if not data or len(data) % BLOCK:
        raise Wrong("cipher")
    for key in door.aes_keys:
        content = _unpadded(_aes(key).decryptor().update(data))
        found = _inside(content, door.appid) if content is not None else None
        if found is not None:
            return found, key
    raise Wrong("cipher")


def seal(key: bytes, appid: str, content: bytes) -> str:
    """The other way round: 16 random bytes, length, content, appid, padded to 32."""
    text = os.urandom(16) + len(content).to_bytes(4, "big") + content + appid.encode()
    pad = BLOCK - len(text) % BLOCK
    return base64.b64encode(_aes(key).encryptor().update(text + bytes([pad]) * pad)).decode()


def reply(door: Door, incoming: Incoming, text: str, *, now: datetime.datetime) -> str:
    """A text in answer, in the way the question came: sealed with its key, or in clear."""
    seconds = int(now.timestamp())
    answer = (
        f"<xml><ToUserName>{_cdata(incoming.sender)}</ToUserName>"
        f"<FromUserName>{_cdata(incoming.text('ToUserName'))}</FromUserName>"
        f"<CreateTime>{seconds}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content>{_cdata(text)}</Content></xml>"
    )
    if incoming.key is None:
        return answer
    sealed, nonce = seal(incoming.key, door.appid, answer.encode()), str(int.from_bytes(os.urandom(5), "big"))
    signed = signature(door.token, str(seconds), nonce, sealed)
    return (
        f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt><MsgSignature><![CDATA[{signed}]]></MsgSignature>"
        f"<TimeStamp>{seconds}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
    )


def _incoming(door: Door, body: Body, key: bytes | None, now: datetime.datetime) -> Incoming:
    kind, sender, created = body.get("MsgType"), body.get("FromUserName"), body.get("CreateTime")
    event = body.get("Event") if kind == "event" else kind
    if not isinstance(event, str) or not _EVENT.fullmatch(event):
        raise Wrong("event")
    if not isinstance(sender, str) or not _NONCE.fullmatch(sender):
        raise Wrong("sender")
    if not isinstance(created, str) or not _TIMESTAMP.fullmatch(created):
        raise Wrong("created")
    happened_at = datetime.datetime.fromtimestamp(int(created), datetime.UTC)
    if happened_at > now + FRESH:
        # It would outdate everything that comes after it.
        raise Wrong("created")
    return Incoming(door.appid, event, happened_at, _digest(body, event), body, key)


def _digest(body: Body, event: str) -> bytes:
    """Of MsgId for a message; for an event of who, when and what: two templates sent in one second are two."""
    message = body.get("MsgId")
    if message is not None:
        parts: list[Any] = ["message", message]
    else:
        parts = [event, *(body.get(name) for name in ("FromUserName", "CreateTime", "EventKey", "MsgID", "TemplateId"))]
        parts.append(items(body))
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).digest()


def _aes(key: bytes) -> Cipher[modes.CBC]:
    return Cipher(algorithms.AES(key), modes.CBC(key[:16]))


def _unpadded(content: bytes) -> bytes | None:
    pad = content[-1]
    whole = 1 <= pad <= BLOCK and content.endswith(bytes([pad]) * pad)
    return content[:-pad] if whole else None


def _inside(content: bytes, appid: str) -> bytes | None:
    length = int.from_bytes(content[16:20], "big")
    message, owner = content[20 : 20 + length], content[20 + length :]
    whole = len(content) >= 20 and len(message) == length
    return message if whole and hmac.compare_digest(owner, appid.encode()) else None


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def _cdata(text: str) -> str:
    """Nothing in it ends it."""
    return f"<![CDATA[{text.replace(']]>', ']] >')}]]>"
