"""Codes of the gateway's desk: layouts and the providers' templates, test messages."""

from app.wording.wording import Wording

CODES: dict[str, Wording] = {
    "template_unknown": Wording("没有这种消息。", "There is no such message."),
    "layout_unknown": Wording("这个渠道没有这种版式。", "This channel has no such layout."),
    "template_set_meanwhile": Wording(
        "同事刚刚改过这里。下面是现在的设置，请看过再改。",
        "A colleague has just changed this. Below is what holds now; look at it before you change it.",
    ),
    "wechat_template_id_wrong": Wording(
        "模板 ID 是 43 位字母、数字、- 和 _。请到微信后台“模板消息”或“订阅消息”里整串复制。",
        "A template id has 43 letters, digits, - and _. Copy all of it from the platform’s console.",
    ),
    "sms_template_id_wrong": Wording(
        "阿里云的模板代码像 SMS_123456789，腾讯云的是一串数字。请从短信控制台复制。",
        "Aliyun’s template code looks like SMS_123456789, Tencent’s is digits. Copy it from the SMS console.",
    ),
    "field_key_missing": Wording(
        "这一项还没填。平台模板里每个字段后面都写着，像 thing1。",
        "This one is missing. The platform’s template names each field, such as thing1.",
    ),
    "field_key_wrong": Wording(
        "这一项要用 {type} 类型的字段，像 {type}1。请换一个字段，或换一个平台模板。",
        "This takes a field of type {type}, such as {type}1. Choose another field, or another template.",
    ),
    "field_key_twice": Wording(
        "这个字段上面已经用过了，每项要用不同的字段。", "That field is used above. Each item needs a field of its own."
    ),
    "sms_variable_wrong": Wording(
        "阿里云填变量名（字母开头），腾讯云填位置 1、2、3，不重复、不跳号。",
        "For Aliyun the variable’s name (a letter first); for Tencent its place: 1, 2, 3, none twice, none left out.",
    ),
    "test_channel_wrong": Wording("这种消息不走这个渠道。", "This message does not go by that channel."),
    "test_colleague_missing": Wording("请选一位同事。", "Choose a colleague."),
    "tests_used_up": Wording("今天已发过 {limit} 条测试，明天再发。", "{limit} tests were sent today. Go on tomorrow."),
    "test_not_set_up": Wording(
        "这里还没有开通这个渠道，见“消息渠道”。", "This channel is not set up here: see the channels’ state."
    ),
    "test_not_mapped": Wording(
        "这个渠道还没有对应平台模板，请先在“模板”里填好。",
        "The platform’s template is not chosen for this channel yet: do that under templates first.",
    ),
    "test_no_wechat": Wording(
        "这位同事还没有用这个微信应用登录过，请他先登录一次。",
        "This colleague has not signed in with this WeChat app. Ask for that first.",
    ),
    "test_not_following": Wording(
        "这位同事没有关注服务号，请他先关注。",
        "This colleague does not follow the official account. Ask for that first.",
    ),
    "test_no_credit": Wording(
        "这位同事没有可用的订阅授权，请他先在页面上点一次“允许”。",
        "This colleague has no consent left. Ask for one tap on “allow” first.",
    ),
    "test_no_phone": Wording(
        "这位同事没有登记手机号，请换一位，或先登记。",
        "No phone is known of this colleague. Choose another, or record it.",
    ),
    "test_refused": Wording(
        "这个渠道拒收发给这位同事的消息，请换一位。",
        "The channel refuses this colleague’s address. Choose another.",
    ),
    "test_unwanted": Wording(
        "这位同事关掉了这类消息，请换一位。", "This colleague switched such messages off. Choose another."
    ),
}
