"""The gateway's desk through the API: messages in both languages, tests to colleagues, mappings, pauses."""

import datetime
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from services.accounts.types import OfficerActor
from services.core import clock
from services.core.db import db
from services.notifications.models import Pause
from services.notifications.notices import mass
from services.notifications.templates import TEMPLATES
from services.notifications.templates.layouts import LAYOUTS
from services.notifications.types import Channel
from tests.builders.reach import MP, OA, Reachable
from tests.builders.world import World
from tests.harness.channels import Fake, Use
from tests.http.test_api_events import Sends, reads, sends

__all__ = ["sends"]

SAFETY = "/staff/message-layouts/template/safety"
KEYS = {"what": "thing1", "when": "time2", "next": "thing3"}


@pytest.fixture
def officer(world: World) -> OfficerActor:
    return world.officer()


@pytest.fixture
def ports(use: Use) -> dict[Channel, Fake]:
    found = {
        Channel.TEMPLATE: Fake(Channel.TEMPLATE, provider=OA, repeats_safely=True),
        Channel.MP_SUBSCRIBE: Fake(Channel.MP_SUBSCRIBE, provider=MP),
        Channel.SMS: Fake(Channel.SMS, provider="aliyun"),
    }
    use(*found.values())
    return found


def acts(sends: Sends, actor: Any, what: str, body: Any, key: str | None = None) -> Any:
    return sends(actor, what, body, key=key or str(uuid4()))


def test_every_message_is_listed_and_shown_in_both_languages(
    sends: Sends, officer: OfficerActor, ports: dict[Channel, Fake]
) -> None:
    items = reads(sends(officer, "GET /staff/messages"))["items"]
    assert sorted(one["name"] for one in items) == sorted(TEMPLATES)
    frozen = next(one for one in items if one["name"] == "card.frozen")
    assert frozen["channels"] == ["template", "mp_subscribe", "sms"] and frozen["layout"] == "safety"
    assert (frozen["subject"], frozen["group"], frozen["sms"], frozen["at_once"]) == ("till", "safety", "urgent", True)
    whole = reads(sends(officer, "GET /staff/messages/card.frozen"))
    assert {name: whole[name] for name in frozen} == frozen
    chinese, english = whole["previews"]
    assert (chinese["language"], chinese["title"]) == ("zh", "您的会员卡已冻结")
    assert (english["language"], english["title"]) == ("en", "Your member card is frozen")
    assert english["card"][0] == {"field": "what", "text": "Your card is frozen"}
    assert chinese["sms"]["pieces"] == 1 and chinese["sms"]["length"] == len(chinese["sms"]["text"]) + len(
        "【示例工会】"
    )
    kept = reads(sends(officer, "GET /staff/messages/redemption.branch"))
    assert (kept["answers"], kept["channels"], kept["previews"][0]["card"]) == (None, [], None)
    assert sends(officer, "GET /staff/messages/no.such").status_code == 404


def test_a_mapping_is_set_by_language_with_its_past_and_who_comes_late_is_told(
    sends: Sends, officer: OfficerActor, ports: dict[Channel, Fake], sql: psycopg.Connection
) -> None:
    items = reads(sends(officer, "GET /staff/message-layouts"))["items"]
    wechat = [one for one in items if one["channel"] == "template"]
    assert [(one["layout"], one["language"]) for one in wechat] == [
        (name, language) for name in LAYOUTS for language in ("zh", "en")
    ]
    assert all(one["mapped"] is None for one in items)
    answer = {one["language"]: one["fields"]["state"] for one in wechat if one["layout"] == "answer"}
    assert answer == {"zh": "phrase", "en": "thing"}
    body = {"platform_id": "A" * 43, "keys": KEYS, "seen": 0}
    key = str(uuid4())
    first = reads(acts(sends, officer, f"PUT {SAFETY}", body, key))
    assert reads(acts(sends, officer, f"PUT {SAFETY}", body, key)) == first, "the same key is the same act"
    assert (first["mapped"]["version"], first["mapped"]["keys"]) == (1, KEYS)
    late = acts(sends, officer, f"PUT {SAFETY}", body)
    assert (late.status_code, late.json["code"]) == (409, "template_set_meanwhile")
    second = reads(acts(sends, officer, f"PUT {SAFETY}", {**body, "platform_id": "B" * 43, "seen": 1}))
    assert [(one["version"], one["ended_at"] is None) for one in second["past"]] == [(2, True), (1, False)]
    english = reads(acts(sends, officer, f"PUT {SAFETY}", {**body, "platform_id": "C" * 43, "language": "en"}))
    assert (english["language"], english["mapped"]["version"]) == ("en", 1)
    held = {
        (one["layout"], one["language"]): one["mapped"]["platform_id"][0]
        for one in reads(sends(officer, "GET /staff/message-layouts"))["items"]
        if one["mapped"]
    }
    assert held == {("safety", "zh"): "B", ("safety", "en"): "C"}
    assert reads(sends(officer, f"GET {SAFETY}?language=en")) == english
    audited = sql.execute("SELECT count(*) FROM audit_entries WHERE action = 'channel.mapped'").fetchone()
    assert audited == (3,)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"platform_id": "short"}, "wechat_template_id_wrong"),
        ({"keys": {**KEYS, "what": "time1"}}, "field_key_wrong"),
        ({"keys": {**KEYS, "next": "thing1"}}, "field_key_twice"),
        ({"keys": {}}, "field_key_missing"),
        ({"keys": {**KEYS, "what": "x" * 21}}, "validation_failed"),
        ({"language": "fr"}, "validation_failed"),
    ],
)
def test_a_mapping_that_does_not_fit_says_why(
    sends: Sends, officer: OfficerActor, ports: dict[Channel, Fake], given: dict[str, Any], code: str
) -> None:
    refused = acts(sends, officer, f"PUT {SAFETY}", {"platform_id": "A" * 43, "keys": KEYS, "seen": 0, **given})
    assert (refused.status_code, refused.json["code"]) == (422, code)
    assert reads(sends(officer, f"GET {SAFETY}"))["past"] == []


def test_what_is_not_set_up_here_has_no_mapping(
    sends: Sends, officer: OfficerActor, ports: dict[Channel, Fake]
) -> None:
    body = {"platform_id": "A" * 43, "keys": KEYS, "seen": 0}
    for path in ("oa_subscribe/safety", "template/lottery", "pigeon/safety", "sms/safety"):
        assert sends(officer, f"GET /staff/message-layouts/{path}").status_code == 404, path
        assert acts(sends, officer, f"PUT /staff/message-layouts/{path}", body).status_code == 404, path


def test_a_test_reaches_the_colleague_once_in_the_language_asked_for(
    sends: Sends,
    world: World,
    officer: OfficerActor,
    ports: dict[Channel, Fake],
    run_jobs: Callable[[], None],
    sql: psycopg.Connection,
) -> None:
    reach, (me,) = Reachable(world), reads(sends(officer, "GET /staff/message-colleagues"))["items"]
    assert me["account_id"] == str(officer.account_id)
    reach.wechat(officer.account_id)
    reach.mapped(Channel.TEMPLATE, "use")
    path, body = "POST /staff/messages/redemption.member/test", {"to": me["account_id"], "channels": ["template"]}
    none = acts(sends, officer, path, {**body, "language": "en"})
    assert (none.status_code, none.json["code"]) == (422, "test_not_mapped")
    reach.mapped(Channel.TEMPLATE, "use", "T-en", language="en")
    key = str(uuid4())
    sent = [acts(sends, officer, path, {**body, "language": "en"}, key) for _ in range(2)]
    assert [one.status_code for one in sent] == [201, 201] and sent[0].json == sent[1].json
    run_jobs()
    assert [(one.platform_id, one.fields["thing1"]) for one in ports[Channel.TEMPLATE].got] == [
        ("T-en", "Your card was used")
    ]
    held = sql.execute("SELECT id FROM inbox_messages WHERE facts ? 'test'").fetchall()
    assert [str(row[0]) for row in held] == [sent[0].json["message_id"]]
    nobody = acts(sends, officer, path, {"to": str(world.member().account_id)})
    assert (nobody.status_code, nobody.json["code"]) == (422, "test_colleague_missing")
    pigeon = acts(sends, officer, path, {**body, "channels": ["pigeon"]})
    assert (pigeon.status_code, pigeon.json["code"]) == (422, "validation_failed")


def test_pauses_are_listed_and_released_those_of_mass_messages_too(
    sends: Sends, world: World, officer: OfficerActor, sql: psycopg.Connection
) -> None:
    now = clock.now()
    until = now + datetime.timedelta(hours=12)

    def stop() -> None:
        db.session.add(Pause(channel=mass.CHANNEL, subject="", until=until, reason="48001", since=now, times=1))
        db.session.add(Pause(channel="template", subject="T", until=None, reason="40037", since=now, times=1))

    world.do(stop)
    items = reads(sends(officer, "GET /staff/message-pauses"))["items"]
    assert {(one["channel"], one["subject"], one["reason"]) for one in items} == {
        ("mass", "", "48001"), ("template", "T", "40037"),
    }  # fmt: skip
    release = "POST /staff/message-pauses/release"
    for _ in range(2):
        left = reads(acts(sends, officer, release, {"channel": "mass"}))["items"]
        assert [one["channel"] for one in left] == ["template"], "twice is no harm"
    assert acts(sends, officer, release, {"channel": "pigeon"}).status_code == 422
    assert reads(acts(sends, officer, release, {"channel": "template", "subject": "T"}))["items"] == []
    audited = sql.execute("SELECT detail->>'channel' FROM audit_entries WHERE action = 'channel.resumed'").fetchall()
    assert sorted(row[0] for row in audited) == ["mass", "template"]
