"""WeChat and SMS write in the language that somebody chose, where a template of it is mapped; else in Chinese."""

import functools
import uuid
from collections.abc import Callable

import psycopg
import pytest
from flask.testing import FlaskClient

from app.callbacks import let_go
from services.accounts.types import MemberActor
from services.cards.messages import CardFrozen
from services.core import clock, outbox
from services.notifications import service
from services.notifications.ports import Outgoing
from services.notifications.service import asking
from services.notifications.service.asking import Tap
from services.notifications.types import Channel, Language
from services.rights import service as rights
from tests.builders.reach import MP, OA, Reachable
from tests.builders.world import World
from tests.harness.channels import Fake, Use
from tests.http.pages import Reader

ZH, EN = "您的会员卡已冻结", "Your card is frozen"
DESK = "/staff/channels/messages"


@pytest.fixture
def member(world: World) -> MemberActor:
    return world.member()


@pytest.fixture
def reachable(world: World, member: MemberActor) -> Reachable:
    found = Reachable(world)
    for appid in (OA, MP):
        found.wechat(member.account_id, appid)
    return found


def chosen(sql: psycopg.Connection) -> list[tuple[object, ...]]:
    return sql.execute("SELECT account_id, language FROM message_languages").fetchall()


def speaks(world: World, member: MemberActor, language: Language = Language.EN) -> None:
    world.do(lambda: service.write_in(account_id=member.account_id, language=language))


def sent(world: World, member: MemberActor, *ports: Fake) -> list[Outgoing]:
    """What goes out when his card is frozen, which is told at any hour."""
    here = {port.channel: port.provider for port in ports}
    payload = {"card_id": str(uuid.uuid4()), "member_id": str(member.member_id)}
    tell = functools.partial(service.tell, topic=CardFrozen.topic, message_id=uuid.uuid4(), payload=payload)
    inbox = world.do(functools.partial(tell, now=clock.now()))
    plan = world.do(lambda: service.plan(providers=here, only=inbox, now=clock.now()))
    return world.do(lambda: service.lease(plan.opened, providers=here, now=clock.now())).outgoing


TEMPLATE = Fake(Channel.TEMPLATE, provider=OA)
SUBSCRIBE = Fake(Channel.MP_SUBSCRIBE, provider=MP)
SMS = Fake(Channel.SMS, provider="aliyun")


def test_who_chose_english_gets_it_where_it_is_mapped_and_chinese_elsewhere(
    world: World, member: MemberActor, reachable: Reachable
) -> None:
    reachable.mapped(Channel.TEMPLATE, "safety")
    speaks(world, member)
    (one,) = sent(world, member, TEMPLATE)
    assert (one.language, one.platform_id, one.title) == ("zh", "T-template-safety", ZH)
    reachable.mapped(Channel.TEMPLATE, "safety", "T-en", language="en")
    (one,) = sent(world, member, TEMPLATE)
    assert (one.language, one.platform_id, one.title) == ("en", "T-en", "Your member card is frozen")
    assert one.fields["thing1"] == EN and one.fields["thing3"] == "Unfreeze once safe"
    speaks(world, member, Language.ZH)
    (one,) = sent(world, member, TEMPLATE)
    assert (one.language, one.platform_id) == ("zh", "T-template-safety")
    other = world.member("王建国")
    reachable.wechat(other.account_id)
    assert [one.language for one in sent(world, other, TEMPLATE)] == ["zh"], "who chose nothing"


def test_a_consent_to_the_chinese_template_is_used_until_there_is_one_to_the_english(
    world: World, member: MemberActor, reachable: Reachable, sql: psycopg.Connection
) -> None:
    chinese = reachable.mapped(Channel.MP_SUBSCRIBE, "safety")
    english = reachable.mapped(Channel.MP_SUBSCRIBE, "safety", "T-en", language="en")
    speaks(world, member)
    reachable.consents(member.account_id, chinese)
    assert [one.platform_id for one in sent(world, member, SUBSCRIBE)] == [chinese]
    assert sent(world, member, SUBSCRIBE) == [], "that consent is held"
    reachable.consents(member.account_id, english)
    assert [(one.platform_id, one.language) for one in sent(world, member, SUBSCRIBE)] == [(english, "en")]
    held = sql.execute("SELECT template_id, granted, reserved FROM credits ORDER BY template_id").fetchall()
    assert held == [(english, 1, 1), (chinese, 1, 1)]


def test_an_sms_is_in_english_too(world: World, member: MemberActor, reachable: Reachable) -> None:
    reachable.mapped(Channel.SMS, "card.frozen", provider="aliyun")
    speaks(world, member)
    assert [one.language for one in sent(world, member, SMS)] == ["zh"]
    reachable.mapped(Channel.SMS, "card.frozen", "SMS_2", provider="aliyun", language="en")
    (one,) = sent(world, member, SMS)
    assert (one.language, one.platform_id) == ("en", "SMS_2") and one.title.startswith("Your member card is frozen.")


def test_what_is_asked_for_at_a_tap_is_the_template_that_will_be_used(
    world: World, member: MemberActor, reachable: Reachable
) -> None:
    chinese = reachable.mapped(Channel.MP_SUBSCRIBE, "use")
    english = reachable.mapped(Channel.MP_SUBSCRIBE, "use", "T-en", language="en")
    other = reachable.mapped(Channel.MP_SUBSCRIBE, "answer")

    def asked() -> set[str]:
        providers = {Channel.MP_SUBSCRIBE: MP}
        return {
            one.template_id
            for one in asking.to_ask(
                account_id=member.account_id, tap=Tap.REDEEM, channel=Channel.MP_SUBSCRIBE, providers=providers
            )
        }

    assert world.do(asked) == {chinese, other}
    speaks(world, member)
    assert world.do(asked) == {english, other}


def test_a_member_chooses_on_the_page_with_the_switch_of_the_pages_and_by_the_api(
    client: FlaskClient, world: World, member: MemberActor, sql: psycopg.Connection
) -> None:
    reader = Reader(client, world, member)
    page = reader.open("/me/reaching")
    assert 'value="zh" checked' in page and 'value="en" checked' not in page and chosen(sql) == []
    assert reader.send(page, "/me/reaching", language="en").status_code == 303
    assert 'value="en" checked' in reader.open("/me/reaching") and chosen(sql) == [(member.account_id, "en")]
    assert reader.send(page, "/me/reaching", language="klingon").status_code == 303
    assert chosen(sql) == [(member.account_id, "en")]
    for lang, kept in (("zh", "zh"), ("xx", "zh"), ("en", "en")):
        assert reader.send(reader.open("/me"), "/preferences", lang=lang).status_code == 303
        assert chosen(sql) == [(member.account_id, kept)]
    assert reader.send(reader.open("/me"), "/preferences", text="large").status_code == 303
    assert chosen(sql) == [(member.account_id, "en")]
    bearer, path = world.bearer(member), "/api/v1/me/messages/language"
    assert client.get(path, headers=bearer).json == {"language": "en"}
    assert client.put(path, headers=bearer, json={"language": "zh"}).json == {"language": "zh"}
    assert client.put(path, headers=bearer, json={"language": "fr"}).status_code == 422
    assert chosen(sql) == [(member.account_id, "zh")]


def test_the_inbox_is_in_the_language_of_its_reader(client: FlaskClient, world: World, member: MemberActor) -> None:
    sent(world, member)
    assert ZH in Reader(client, world, member).open("/inbox")
    client.set_cookie("lang", "en")
    assert "Your member card is frozen" in Reader(client, world, member).open("/inbox")


def test_nobody_is_written_to_in_the_language_of_the_member_before(
    world: World, member: MemberActor, sql: psycopg.Connection
) -> None:
    other, third = world.member("王建国"), world.member("孙七")
    for one in (member, other, third):
        speaks(world, one)
    sql.execute("UPDATE accounts SET member_id = NULL WHERE id = %s", [member.account_id])
    with world.app.app_context():
        let_go(0)
    assert {row[0] for row in chosen(sql)} == {other.account_id, third.account_id}
    assert world.do(lambda: rights.close_account(actor=third, now=clock.now())) is None
    assert chosen(sql) == [(other.account_id, "en")]


def test_the_local_platform_shows_english_to_who_chose_it(
    world: World, member: MemberActor, run_jobs: Callable[[], None], sql: psycopg.Connection
) -> None:
    for appid in ("local-oa", "local-mp"):
        Reachable(world).wechat(member.account_id, appid)
    speaks(world, member)
    world.do(lambda: outbox.post(CardFrozen(card_id=uuid.uuid4(), member_id=member.member_id), priority=outbox.URGENT))
    run_jobs()
    shown = sql.execute("SELECT shown->>'title', shown->'fields'->>'what' FROM local_messages").fetchall()
    assert ("Your member card is frozen", EN) in shown


def test_an_officer_maps_and_tries_each_language_by_itself(
    client: FlaskClient, world: World, use: Use, run_jobs: Callable[[], None]
) -> None:
    port = Fake(Channel.TEMPLATE, provider=OA, repeats_safely=True)
    use(port)
    officer = world.officer()
    Reachable(world).wechat(officer.account_id)
    reader = Reader(client, world, officer)
    path = f"{DESK}/layouts/template/answer"
    keys = {"keys.what": "thing1", "keys.state": "phrase2", "keys.when": "time3", "keys.next": "thing4"}
    assert reader.send(reader.open(path), path, platform_id="A" * 43, **keys).status_code == 303
    assert "英文没填" in reader.open(f"{DESK}/layouts")
    english = f"{path}?in=en"
    page = reader.open(english)
    assert "不填就照样发中文" in page and "A" * 43 not in page
    refused = reader.send(page, english, platform_id="B" * 43, **keys)
    assert refused.status_code == 422 and 'id="key-state-err"' in refused.text and "B" * 43 in refused.text
    trial = {"to": str(officer.account_id), "channels": "template", "language": "en"}
    shown = reader.open(f"{DESK}/one/settled.member")
    early = reader.send(shown, "/test", **trial)
    assert early.status_code == 422 and "还没有对应平台模板" in early.text and 'value="en" checked' in early.text
    saved = reader.send(page, english, platform_id="B" * 43, **{**keys, "keys.state": "thing2"})
    assert saved.status_code == 303 and "in=en" in saved.location and "saved=1" in saved.location
    assert "B" * 43 in reader.open(english) and "B" * 43 not in reader.open(path)
    assert "英文第 1 版" in reader.open(f"{DESK}/layouts")
    for language in ("en", "zh"):
        shown = reader.open(f"{DESK}/one/settled.member")
        assert reader.send(shown, "/test", **{**trial, "language": language}).status_code == 303
        run_jobs()
    assert [(one.platform_id[0], one.fields["thing1"]) for one in port.got] == [
        ("B", "Report answered"), ("A", "您的反馈有结果了"),
    ]  # fmt: skip
    assert port.got[0].fields["thing2"] == "Checked" and port.got[1].fields["phrase2"] == "已核实"
