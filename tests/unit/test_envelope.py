"""What the platform posts: only what is signed, fresh, whole and of the right app is read; answers go back likewise."""

import base64
import contextlib
import datetime
import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto

from services.notifications import bodies, envelope
from services.notifications.bodies import Wrong
from services.notifications.envelope import Door, Mode

NOW = datetime.datetime(2026, 11, 20, 4, 0, tzinfo=datetime.UTC)
SECONDS = str(int(NOW.timestamp()))
APPID, TOKEN = "wx0123456789abcdef", "a-token-of-tests"
NEW, OLD = bytes(range(32)), bytes(range(32, 64))
MESSAGE = {
    "ToUserName": "gh_0123456789ab", "FromUserName": "o-reader-1", "CreateTime": SECONDS, "MsgType": "event",
    "Event": "subscribe", "EventKey": "",
}  # fmt: skip
BOMB = '<!DOCTYPE x [<!ENTITY a "lol">' + "".join(
    f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)


def door(mode: Mode = Mode.SAFE, *keys: bytes) -> Door:
    return Door(APPID, TOKEN, () if mode is Mode.PLAIN else keys or (NEW, OLD), mode)


def xml(body: dict[str, str]) -> str:
    return "<xml>" + "".join(f"<{name}><![CDATA[{text}]]></{name}>" for name, text in body.items()) + "</xml>"


def query(sealed: str | None = None, *, timestamp: str = SECONDS, nonce: str = "7081") -> dict[str, str]:
    found = {
        "timestamp": timestamp, "nonce": nonce, "signature": envelope.signature(TOKEN, timestamp, nonce),
    }  # fmt: skip
    if sealed is not None:
        found |= {"encrypt_type": "aes", "msg_signature": envelope.signature(TOKEN, timestamp, nonce, sealed)}
    return found


def sealed_xml(content: str, key: bytes = NEW, appid: str = APPID) -> tuple[str, bytes]:
    sealed = envelope.seal(key, appid, content.encode())
    return sealed, xml({"ToUserName": "gh_0123456789ab", "Encrypt": sealed}).encode()


def why(work: Callable[[], Any]) -> str:
    with pytest.raises(Wrong) as raised:
        work()
    return f"{raised.value.why}!" if raised.value.forged else raised.value.why


def encoding_key(key: bytes) -> str:
    return base64.b64encode(key).decode().rstrip("=")


def test_what_wechatpy_seals_we_open_and_the_other_way_round() -> None:
    theirs = WeChatCrypto(TOKEN, encoding_key(NEW), APPID)
    text = theirs.encrypt_message(xml(MESSAGE), "7081", SECONDS)
    outer = bodies.parse(text.encode())
    found = envelope.open_body(door(), query(outer["Encrypt"]), text.encode(), now=NOW)
    assert (found.event, found.sender, found.appid) == ("subscribe", "o-reader-1", APPID)
    answer = bodies.parse(envelope.reply(door(), found, "好", now=NOW).encode())
    opened = theirs.decrypt_message(answer, answer["MsgSignature"], answer["TimeStamp"], answer["Nonce"])
    assert bodies.parse(opened.encode()) == {
        "ToUserName": "o-reader-1", "FromUserName": "gh_0123456789ab", "CreateTime": SECONDS, "MsgType": "text",
        "Content": "好",
    }  # fmt: skip


def test_the_former_key_still_opens_and_answers_go_back_under_it() -> None:
    sealed, raw = sealed_xml(xml(MESSAGE), OLD)
    found = envelope.open_body(door(), query(sealed), raw, now=NOW)
    assert found.key == OLD
    assert why(lambda: envelope.open_body(door(Mode.SAFE, NEW), query(sealed), raw, now=NOW)) == "cipher"


@given(st.binary(max_size=200))
def test_whatever_is_sealed_comes_out_again(content: bytes) -> None:
    assert envelope.unseal(door(), envelope.seal(NEW, APPID, content)) == (content, NEW)


def test_each_way_to_write_the_same_is_read_the_same() -> None:
    in_json = json.dumps({**MESSAGE, "CreateTime": int(SECONDS)})
    sealed_json = envelope.seal(NEW, APPID, in_json.encode())
    sealed, raw = sealed_xml(xml(MESSAGE))
    found = [
        envelope.open_body(door(Mode.PLAIN), query(), xml(MESSAGE).encode(), now=NOW),
        envelope.open_body(door(Mode.PLAIN), query(), in_json.encode(), now=NOW),
        envelope.open_body(door(Mode.COMPATIBLE), query(), xml(MESSAGE).encode(), now=NOW),
        envelope.open_body(door(), query(sealed), raw, now=NOW),
        envelope.open_body(door(), query(sealed_json), json.dumps({"Encrypt": sealed_json}).encode(), now=NOW),
    ]
    assert len({one.digest for one in found}) == 1
    assert {(one.event, one.sender, one.happened_at) for one in found} == {("subscribe", "o-reader-1", NOW)}


def test_of_a_compatible_body_only_what_was_sealed_counts() -> None:
    sealed = envelope.seal(NEW, APPID, xml(MESSAGE).encode())
    raw = xml({**MESSAGE, "FromUserName": "o-somebody-else", "Encrypt": sealed}).encode()
    assert envelope.open_body(door(Mode.COMPATIBLE), query(sealed), raw, now=NOW).sender == "o-reader-1"
    forged = {**query(sealed), "msg_signature": "0" * 40}
    assert why(lambda: envelope.open_body(door(Mode.COMPATIBLE), forged, raw, now=NOW)) == "msg_signature!"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"signature": "0" * 40}, "signature!"),
        ({"signature": ""}, "signature!"),
        ({"signature": "签"}, "signature!"),
        ({"nonce": "7082"}, "signature!"),
        ({"nonce": ""}, "query"),
        ({"nonce": "7 0"}, "query"),
        ({"timestamp": str(int(SECONDS) + 1)}, "signature!"),
        ({"timestamp": ""}, "query"),
        ({"timestamp": "0" + SECONDS}, "query"),
        ({"timestamp": "９" * 10}, "query"),
    ],
)
def test_a_forged_parameter_is_refused(change: dict[str, str], said: str) -> None:
    assert why(lambda: envelope.check_signature(door(), {**query(), **change}, now=NOW)) == said


def test_a_signature_holds_for_ten_minutes_either_way() -> None:
    for seconds, fresh in ((-600, True), (600, True), (-601, False), (601, False)):
        signed = query(timestamp=str(int(SECONDS) + seconds))
        if fresh:
            assert envelope.check_signature(door(), signed, now=NOW) == signed["signature"]
        else:
            assert why(lambda signed=signed: envelope.check_signature(door(), signed, now=NOW)) == "stale!"


def test_an_empty_token_lets_nobody_in() -> None:
    empty = Door(APPID, "", (), Mode.PLAIN)
    assert why(lambda: envelope.check_signature(empty, query(), now=NOW)) == "token!"


def test_the_check_of_the_address_reads_back_plain_letters_only() -> None:
    assert envelope.echo(door(), {**query(), "echostr": "5523011"}, now=NOW) == "5523011"
    for text in ("", "<script>", "a" * 201, "两"):
        assert why(lambda text=text: envelope.echo(door(), {**query(), "echostr": text}, now=NOW)) == "echo"


def test_in_safe_mode_nothing_in_clear_is_believed() -> None:
    assert why(lambda: envelope.open_body(door(), query(), xml(MESSAGE).encode(), now=NOW)) == "clear!"


def test_in_plain_mode_nothing_sealed_is_opened() -> None:
    sealed, raw = sealed_xml(xml(MESSAGE))
    assert why(lambda: envelope.open_body(door(Mode.PLAIN), query(sealed), raw, now=NOW)) == "sealed"


def test_what_is_sealed_for_another_app_or_badly_is_refused() -> None:
    def said(sealed: str) -> str:
        raw = json.dumps({"Encrypt": sealed}).encode()
        return why(lambda: envelope.open_body(door(), query(sealed), raw, now=NOW))

    whole = envelope.seal(NEW, APPID, xml(MESSAGE).encode())
    assert said(envelope.seal(NEW, "wx" + "f" * 16, xml(MESSAGE).encode())) == "cipher"
    assert said(whole[:-3]) == "base64"
    assert said(base64.b64encode(base64.b64decode(whole)[:-16]).decode()) == "cipher"
    assert said(base64.b64encode(os.urandom(96)).decode()) == "cipher"
    assert said("") == "cipher"
    assert said("签") == "base64"
    assert said(envelope.seal(NEW, APPID, b"")) == "json"


@pytest.mark.parametrize("pad", [b"\x00" * 32, b"\x01" * 31 + b"\x21", b"\x07" * 31 + b"\x08"])
def test_padding_is_checked_byte_by_byte(pad: bytes) -> None:
    inner = xml(MESSAGE).encode()
    content = bytes(16) + len(inner).to_bytes(4, "big") + inner + APPID.encode()
    content = content[: len(content) // 32 * 32] + pad
    data = envelope._aes(NEW).encryptor().update(content)
    assert why(lambda: envelope.unseal(door(), base64.b64encode(data).decode())) == "cipher"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "json"),
        (b"\xff\xfe<\x00x\x00m\x00l\x00/\x00>\x00", "text"),
        ('<?xml version="1.0" encoding="gbk"?><xml><a>\u5de5</a></xml>'.encode("gbk"), "text"),
        (b"<xml><a></xml>", "xml"),
        (b"<xml>text</xml>", "shape"),
        (f"{BOMB}]><xml><a>&i;</a></xml>".encode(), "xml"),
        (b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><xml><a>b</a></xml>', "xml"),
        (b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><a>&e;</a></xml>', "xml"),
        (b"<xml><a>&unknown;</a></xml>", "xml"),
        (b"<a>" * 3000 + b"</a>" * 3000, "depth"),
        (b'{"a": "b"', "json"),
        (b'{"a": "b", "a": "c"}', "twice"),
        (b'{"a": {"b": 1, "b": 1}}', "twice"),
        (b'{"a": NaN}', "number"),
        (b'{"a": "\\ud800"}', "json"),
        (b'["a"]', "shape"),
        (b'{"a":' * 50 + b"1" + b"}" * 50, "depth"),
        (b"[" * 60000, "json"),
        (b'{"a": ' + b"9" * 5000 + b"}", "json"),
        (b" " * (bodies.LARGEST + 1), "size"),
    ],
)
def test_hostile_bodies_are_refused_in_a_word(raw: bytes, said: str) -> None:
    assert why(lambda: bodies.parse(raw)) == said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Event": ""}, "event"),
        ({"Event": "sub scribe"}, "event"),
        ({"MsgType": "x" * 41}, "event"),
        ({"FromUserName": ""}, "sender"),
        ({"FromUserName": "o reader"}, "sender"),
        ({"CreateTime": "soon"}, "created"),
        ({"CreateTime": "-1"}, "created"),
        ({"CreateTime": str(int(SECONDS) + 601)}, "created"),
    ],
)
def test_an_event_that_says_nonsense_is_refused(change: dict[str, str], said: str) -> None:
    raw = xml({**MESSAGE, **change}).encode()
    assert why(lambda: envelope.open_body(door(Mode.PLAIN), query(), raw, now=NOW)) == said


def test_two_senders_in_one_body_are_none() -> None:
    raw = xml(MESSAGE).replace("</xml>", "<FromUserName>o-other</FromUserName></xml>").encode()
    assert why(lambda: envelope.open_body(door(Mode.PLAIN), query(), raw, now=NOW)) == "sender"


def test_what_differs_is_not_taken_for_the_same() -> None:
    def digest(**change: str) -> bytes:
        raw = xml({**MESSAGE, **change}).encode()
        return envelope.open_body(door(Mode.PLAIN), query(), raw, now=NOW).digest

    another_time = str(int(SECONDS) - 1)
    changes = ({}, {"FromUserName": "o-2"}, {"CreateTime": another_time}, {"Event": "SCAN"}, {"EventKey": "k"},
               {"MsgID": "1"}, {"MsgID": "2"})  # fmt: skip
    assert len({digest(**change) for change in changes}) == len(changes)
    assert digest(MsgId="9007199254740993") == digest(MsgId="9007199254740993", CreateTime=another_time)


def test_a_list_is_read_as_one_object_or_several_in_json_and_xml() -> None:
    one, two = {"TemplateId": "t1"}, {"TemplateId": "t2"}
    parts = ["<List><TemplateId>t1</TemplateId></List>", "<List><TemplateId>t2</TemplateId></List>"]
    wrapped = "<xml><SubscribeMsgPopupEvent>{}</SubscribeMsgPopupEvent></xml>"
    assert bodies.items(bodies.parse(json.dumps({"List": one}).encode())) == [one]
    assert bodies.items(bodies.parse(json.dumps({"List": [one, two]}).encode())) == [one, two]
    assert bodies.items(bodies.parse(wrapped.format(parts[0]).encode())) == [one]
    assert bodies.items(bodies.parse(wrapped.format("".join(parts)).encode())) == [one, two]
    assert bodies.items(bodies.parse(b'{"List": "t1"}')) == []


def test_nothing_that_somebody_wrote_ends_the_answer_early() -> None:
    raw = xml({**MESSAGE, "ToUserName": "]]]]><![CDATA[>"}).encode()
    incoming = envelope.open_body(door(Mode.PLAIN), query(), raw, now=NOW)
    text = "]]></Content><MsgType>news</MsgType><Content><![CDATA["
    answer = bodies.parse(envelope.reply(door(Mode.PLAIN), incoming, text, now=NOW).encode())
    assert (answer["MsgType"], answer["Content"]) == ("text", text.replace("]]>", "]] >"))


def test_nothing_of_a_key_or_a_body_shows_when_it_is_printed() -> None:
    sealed, raw = sealed_xml(xml(MESSAGE))
    shown = repr(envelope.open_body(door(), query(sealed), raw, now=NOW)) + repr(door())
    assert TOKEN not in shown and "o-reader-1" not in shown and repr(NEW) not in shown


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
fields = st.dictionaries(st.sampled_from([*MESSAGE, "List", "MsgID", "MsgId", "Encrypt", "Content"]), values)


posted = st.binary(max_size=300) | st.text(max_size=300).map(str.encode) | fields.map(json.dumps).map(str.encode)


@given(posted)
def test_whatever_is_posted_is_read_or_refused(raw: bytes) -> None:
    found = None
    with contextlib.suppress(Wrong):
        found = envelope.open_body(door(Mode.COMPATIBLE), query(), raw, now=NOW)
    assert found is None or (found.sender and found.event and isinstance(bodies.items(found.body), list))
