"""The stand-in is as strict about messages as the platform: fields, consents, ids, menus; and so are its events."""

import json
import xml.etree.ElementTree as ET

import pytest
import urllib3

from tests.partners.platform import PEOPLE, SUBSCRIBE, TEMPLATE, App, Refused, StandIn, as_json, as_xml, template_id
from tests.partners.platform.fields import complaint

LI, ZHAO, _ = PEOPLE
USE = template_id("use")
FIELDS = {"thing1": "会员卡刚用过一次", "time2": "12:05", "character_string3": "7K3M9Q"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("thing1", "字" * 20),
        ("short_thing1", "五个字以内"),
        ("phrase3", "已通过"),
        ("character_string2", "aB-12!"),
        ("letter1", "abc"),
        ("symbol1", "，!"),
        ("name1", "欧阳春梅"),
        ("name1", "Abdurrahman M"),
        ("date2", "2019年10月1日"),
        ("date2", "2019年10月1日 15:01"),
        ("date2", "2019-10-01~2019-10-07"),
        ("date2", "2019/10/1"),
        ("time2", "15:01"),
        ("time2", "15:01:09"),
        ("time2", "2019年10月1日 15:01"),
        ("time2", "15:01~16:01"),
        ("amount1", "¥100元"),
        ("amount1", "1234567890.12"),
        ("number1", "12.5"),
        ("phone_number1", "+86-0766-66888866"),
        ("car_number1", "粤A8Z888挂"),
        ("const1", "普通"),
    ],
)
def test_a_value_of_the_documents_is_taken(key: str, value: str) -> None:
    assert complaint(key, value) is None


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("thing1", "字" * 21, "invalid"),
        ("thing1", "", "is empty"),
        ("thing1", " \u200b", "is empty"),
        ("thing1", "一\n二", "invalid"),
        ("thing1", 7, "invalid"),
        ("short_thing1", "六个字的文字", "invalid"),
        ("phrase3", "通过ok", "invalid"),
        ("phrase3", "六个字的短语", "invalid"),
        ("character_string2", "号7", "invalid"),
        ("character_string2", "0" * 33, "invalid"),
        ("name1", "李2", "invalid"),
        ("name1", "a" * 21, "invalid"),
        ("name1", "李" + "a" * 10, "invalid"),
        ("date2", "2019-02-30", "invalid"),
        ("date2", "2019-10/01", "invalid"),
        ("date2", "2019-10-01～2019-10-07", "invalid"),
        ("time2", "24:00", "invalid"),
        ("time2", "9:05", "invalid"),
        ("time2", "2019-10-01", "invalid"),
        ("amount1", "1,000", "invalid"),
        ("amount1", "12345678901", "invalid"),
        ("number1", "-1", "invalid"),
        ("phone_number1", "电话1", "invalid"),
        ("car_number1", "粤AA中888", "invalid"),
        ("surprise1", "x", "invalid"),
        ("thing", "x", "invalid"),
    ],
)
def test_a_value_that_breaks_its_type_is_refused(key: str, value: object, said: str) -> None:
    assert complaint(key, value) == f"argument invalid! data.{key}.value {said}"


def _body(app: App, **other: object) -> dict[str, object]:
    data = {key: {"value": text} for key, text in FIELDS.items()}
    return {"touser": LI.openid(app.appid), "template_id": USE, "data": data, **other}


def _refusal(platform: StandIn, app: App, **other: object) -> int:
    send = platform.template if app is platform.official_account else platform.subscribe
    with pytest.raises(Refused) as refused:
        send(app, _body(app, **other))
    return refused.value.errcode


def test_each_rule_of_a_subscribe_message_has_its_code(platform: StandIn) -> None:
    app = platform.mini_program
    assert _refusal(platform, app) == 43101
    platform.consent(LI, USE)
    assert _refusal(platform, app, page="/pages/index/index") == 41030
    assert _refusal(platform, app, page="pages/other") == 41030
    assert _refusal(platform, app, lang="zh") == 40097
    assert _refusal(platform, app, miniprogram_state="release") == 40097
    assert _refusal(platform, app, data={"thing1": "x"}) == 47001
    assert _refusal(platform, app, data={"thing1": {"value": "x"}}) == 47003
    assert platform.subscribe(app, _body(app))["errcode"] == 0
    assert _refusal(platform, app) == 43101
    with pytest.raises(Refused) as refused:
        platform.subscribe(platform.official_account, _body(app))
    assert refused.value.errcode == 48001


def test_a_long_term_consent_is_not_used_up(platform: StandIn) -> None:
    app = platform.mini_program
    platform.consent(LI, USE, standing=True)
    assert [platform.subscribe(app, _body(app))["errcode"] for _ in range(3)] == [0, 0, 0]
    platform.take_back(LI, USE)
    assert _refusal(platform, app) == 43101


def test_a_template_message_with_an_id_that_it_had_goes_out_once_to_each(platform: StandIn) -> None:
    app = platform.official_account
    platform.follow(LI)
    platform.follow(ZHAO)
    first, second = (platform.template(app, _body(app, client_msg_id="a")) for _ in range(2))
    platform.template(app, _body(app, client_msg_id="b"))
    platform.template(app, _body(app, client_msg_id="a", touser=ZHAO.openid(app.appid)))
    assert first == second
    assert (len(platform.sent), platform.repeated) == (3, 1)


def test_no_subscriber_no_message(platform: StandIn) -> None:
    app = platform.official_account
    platform.follow(LI)
    platform.unfollow(LI)
    assert _refusal(platform, app) == 43004


@pytest.mark.parametrize(
    ("buttons", "errcode"),
    [
        ([], 40016),
        ([{"type": "view", "name": "x", "url": "https://a.example"}] * 4, 40016),
        ([{"type": "view", "name": "六个汉字名称", "url": "https://a.example"}], 40018),
        ([{"type": "view", "name": "x", "url": "https://a.example/" + "x" * 1024}], 40020),
        ([{"type": "click", "name": "x", "key": "k" * 129}], 40019),
        ([{"type": "jump", "name": "x", "url": "https://a.example"}], 40017),
        ([{"name": "x", "sub_button": []}], 40023),
        ([{"name": "x", "sub_button": [{"type": "click", "name": "字" * 21, "key": "k"}]}], 40025),
    ],
)
def test_a_menu_out_of_its_limits_is_refused(platform: StandIn, buttons: list[dict[str, object]], errcode: int) -> None:
    with pytest.raises(Refused) as refused:
        platform.set_menu({"button": buttons})
    assert (refused.value.errcode, platform.menu) == (errcode, [])


def test_an_event_is_posted_as_json_or_xml(platform: StandIn) -> None:
    one = json.loads(as_json(platform.consent(LI, USE)))
    assert one["List"] == {"TemplateId": USE, "SubscribeStatusString": "accept", "PopupScene": "0"}
    two = platform.consent(LI, USE, template_id("task"), accept=False)
    assert [said["SubscribeStatusString"] for said in two["List"]] == ["reject", "reject"]
    assert platform.consents[LI.openid(platform.mini_program.appid), USE] == 1
    root = ET.fromstring(as_xml(two))
    assert [said.text for said in root.findall("SubscribeMsgPopupEvent/List/TemplateId")] == [USE, template_id("task")]
    assert ET.fromstring(as_xml(platform.follow(LI, scene="k7"))).findtext("EventKey") == "qrscene_k7"


def test_what_became_of_a_message_is_posted_with_its_id(platform: StandIn) -> None:
    platform.follow(LI)
    platform.consent(LI, USE)
    platform.template(platform.official_account, _body(platform.official_account))
    platform.subscribe(platform.mini_program, _body(platform.mini_program))
    template, subscribe = platform.sent
    assert (template.path, subscribe.path) == (TEMPLATE, SUBSCRIBE)
    done = platform.finished(template, status="failed:user block")
    assert (done["Event"], done["MsgID"], done["Status"]) == (
        "TEMPLATESENDJOBFINISH", template.msgid, "failed:user block",
    )  # fmt: skip
    assert platform.finished(subscribe)["List"]["MsgID"] == str(subscribe.msgid)


def test_by_hand_one_sees_what_it_took(platform: StandIn) -> None:
    platform.follow(LI)
    data = {"thing1": {"value": "<b>刚用过"}, "time2": {"value": "12:05"}, "character_string3": {"value": "7K3M9Q"}}
    platform.template(platform.official_account, _body(platform.official_account, data=data))
    page = urllib3.request("GET", f"{platform.url}/sent").data.decode()
    assert "1 条消息" in page and "thing1: &lt;b&gt;刚用过" in page and "7K3M9Q" in page
    assert urllib3.request("GET", f"{platform.url}/sent.json").json()["sent"] == 1
