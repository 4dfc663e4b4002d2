"""What really arrives: a redemption, a binding request and a test message, in the inbox and at the platform, word by
word, as template and as subscribe message."""

import uuid

import pytest

from app.channels import channels
from services.accounts.types import MemberActor
from services.core import clock
from services.core.paging import PageRequest
from services.notifications import queries, trial
from services.notifications.templates import words
from services.notifications.types import Channel, Recipient, RecipientKind
from tests.builders.binding import Binding
from tests.partners.gateway import PATHS, Gateway, Member, gateway, set_up, sms_stand_in
from tests.partners.platform import Sent, template_id
from tests.races.till import Till

__all__ = ["gateway", "set_up", "sms_stand_in"]
CHANNELS = pytest.mark.parametrize("channel", [Channel.TEMPLATE, Channel.OA_SUBSCRIBE, Channel.MP_SUBSCRIBE])


def _only(gateway: Gateway, person: Member, channel: Channel, layout: str) -> Sent:
    """The one message that the platform took, to this person, by this template; it opens the inbox's page of it."""
    (sent,) = gateway.platform.sent
    app = gateway.app_of(channel)
    assert (sent.openid, sent.template, sent.appid) == (person.openid(app.appid), template_id(layout), app.appid)
    ((inbox_id,),) = gateway.sql.execute(
        "SELECT inbox_id FROM deliveries WHERE status = 'sent' AND channel = %s", [channel]
    ).fetchall()
    on_page = f"https://gh.example.cn/inbox/{inbox_id}"
    in_program = f"pages/index/index?path=%2Finbox%2F{inbox_id}"
    assert sent.link == (in_program if channel is Channel.MP_SUBSCRIBE else on_page)
    assert gateway.credits == ([(1, 0, 1, 0)] if channel.of_consent else [])
    return sent


def _told(gateway: Gateway, recipient: Recipient) -> list[tuple[str, str]]:
    page = gateway.world.look(lambda: queries.inbox(recipient, PageRequest(limit=20)))
    shown = [words(item.template, item.facts, language="zh", version=item.version) for item in page.items]
    return [(one.title, one.body) for one in shown]


@CHANNELS
def test_a_redemption(gateway: Gateway, channel: Channel) -> None:
    gateway.maps("use")
    person = gateway.member(channel, layout="use")
    shop = gateway.world.shop()
    till = Till(gateway.world, shop.clerk)
    assert person.account_id and person.member_id
    member = MemberActor(person.account_id, person.member_id)
    assert till.redeem(till.scanned(member), gateway.world.offer(shop)).code == "done"
    gateway.works()
    sent = _only(gateway, person, channel, "use")
    number = sent.fields["character_string3"]
    assert dict(sent.fields) == {
        "thing1": "会员卡刚用过一次", "time2": "2026-11-20 12:00", "character_string3": number,
    }  # fmt: skip
    assert len(number) == 9 and number[4] == "-"
    ((title, body),) = _told(gateway, Recipient(RecipientKind.MEMBER, person.member_id))
    assert title == "您的会员卡刚用过一次"
    assert body == (
        "11 月 20 日 12:00 在老灶牛肉面（高营店）用了“堂食 9 折”，省 4.65 元。"
        f"流水号 {number}。不是您用的？到“记录”里点“不是我用的”，卡会马上冻结。"
    )
    for secret in ("老灶", "4.65", "李"):
        assert secret not in str(sent.fields), "not on a lock screen"


@CHANNELS
def test_a_binding_request(gateway: Gateway, channel: Channel) -> None:
    gateway.maps("task")
    binding = Binding(gateway.world)
    officer = binding.officer()
    person = gateway.known(
        Member("周敏", "10055556666", account_id=officer.account_id), channel, layout="task"
    )  # fmt: skip
    _, document = binding.rostered(phone=None)
    binding.filed(binding.visitor(), document, name="李春兰")
    gateway.works()
    sent = _only(gateway, person, channel, "task")
    assert dict(sent.fields) == {
        "thing1": "一份绑定申请等您核实", "time2": "2026-11-20 12:00", "thing3": "请到待我审批处理",
    }  # fmt: skip
    told = _told(gateway, Recipient(RecipientKind.UNION, gateway.world.union.id))
    assert told == [
        (
            "有一份绑定申请等您核实",
            "一位职工申请绑定会员身份，名册对不上，要您看一下。请到“待我审批”里处理。",
        )
    ]


@CHANNELS
def test_a_test_message_reaches_one_colleague_and_nobody_else(gateway: Gateway, channel: Channel) -> None:
    gateway.maps("task")
    by, to = gateway.world.officer(), gateway.world.officer()
    person = gateway.known(Member("周敏", "10055556666", account_id=to.account_id), channel, layout="task")
    gateway.known(Member("邓华", "10066667777", account_id=by.account_id), channel, layout="task", consents=0)

    def send() -> object:
        return trial.send_test(
            by=by, to=to.account_id, union_id=gateway.world.federation.id, template="correction.union",
            channels=[channel], key=uuid.uuid4(), providers=channels().providers, now=clock.now(),
        )  # fmt: skip

    assert gateway.world.do(send)
    gateway.works()
    sent = _only(gateway, person, channel, "task")
    assert set(sent.fields) == {"thing1", "time2", "thing3"}
    assert sent.fields["time2"] == "2026-11-20 12:00"
    ((title, _),) = _told(gateway, Recipient(RecipientKind.UNION, gateway.world.federation.id))
    assert title


@CHANNELS
def test_a_test_message_that_is_refused_goes_to_nobody_instead(gateway: Gateway, channel: Channel) -> None:
    """It stands in the union's inbox, whose other officers must not be told of a sample."""
    gateway.maps("task")
    by, to = gateway.world.officer(), gateway.world.officer()
    for who, name in ((by, "邓华"), (to, "周敏")):
        gateway.known(Member(name, "10055556666", account_id=who.account_id), channel, layout="task")
    gateway.platform.fail(PATHS[channel], 47003)

    def send() -> object:
        return trial.send_test(
            by=by, to=to.account_id, union_id=gateway.world.federation.id, template="correction.union",
            channels=[channel], key=uuid.uuid4(), providers=channels().providers, now=clock.now(),
        )  # fmt: skip

    assert gateway.world.do(send)
    gateway.works()
    gateway.later(minutes=5)
    assert gateway.deliveries == [(channel, "technical_failure", "47003:thing1")]
    assert gateway.platform.sent == []
