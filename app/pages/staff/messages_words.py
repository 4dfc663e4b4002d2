"""The gateway's states and codes in an officer's words: channels, acts, ladders, reasons."""

import datetime
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from app import message_desk
from services.notifications.notices import mass
from services.notifications.templates import TEMPLATES
from services.notifications.templates.template import Sms, Template
from services.notifications.types import Act, Channel, Group

SUBJECTS: dict[str, Any] = {
    "till": _("会员卡和核销"),
    "people": _("资料和账号"),
    "bindings": _("绑定"),
    "complaints": _("会员反馈"),
    "shops": _("商户和协议"),
    "offers": _("优惠"),
    "following": _("关注服务号"),
    "events": _("活动报名"),
    "notices": _("工会通知"),
}
CHANNELS: dict[Channel, Any] = {
    Channel.TEMPLATE: _("服务号模板消息"),
    Channel.OA_SUBSCRIBE: _("服务号订阅通知"),
    Channel.MP_SUBSCRIBE: _("小程序订阅消息"),
    Channel.SMS: _("短信"),
}
PAUSED: dict[str, Any] = {**{one.value: said for one, said in CHANNELS.items()}, mass.CHANNEL: _("公众号群发")}
"""What may stand still: the mass message of officers' notices is no channel of single messages."""
MISSING: dict[Channel, Any] = {
    Channel.TEMPLATE: _(
        "要有认证的服务号，并设置 WECHAT_OA_APPID 和 WECHAT_OA_SECRET。要办什么、先后顺序，见 docs/launch.md 的 C。"
    ),
    Channel.OA_SUBSCRIBE: _(
        "要有认证的服务号，并设置 WECHAT_OA_APPID 和 WECHAT_OA_SECRET。要办什么、先后顺序，见 docs/launch.md 的 C。"
    ),
    Channel.MP_SUBSCRIBE: _(
        "要有小程序，并设置 WECHAT_MP_APPID 和 WECHAT_MP_SECRET。要办什么、先后顺序，见 docs/launch.md 的 D。"
    ),
    Channel.SMS: _("要在阿里云或腾讯云开通短信，并设置 SMS_PROVIDER。要办什么、先后顺序，见 docs/launch.md 的 E。"),
}
ACTS: dict[Act, Any] = {
    Act.REDEEMED: _("会员用过卡"),
    Act.BOUND: _("会员绑定或解绑"),
    Act.STOPPED_CARD: _("会员冻结了卡"),
    Act.COMPLAINED: _("会员反映过问题"),
    Act.ASKED: _("会员提出过申请"),
    Act.SIGNED_UP: _("会员报名了活动"),
    Act.ON_DUTY: _("经办人的职责"),
}
GROUPS: dict[Group, Any] = {
    Group.SAFETY: _("安全提醒，不能关"),
    Group.CARD: _("用卡提醒"),
    Group.ANSWERS: _("办理结果"),
    Group.EVENTS: _("活动提醒"),
    Group.NOTICES: _("工会通知"),
    Group.DUTY: _("工作待办"),
}
FIELDS: dict[str, Any] = {
    "what": _("事项"),
    "when": _("时间"),
    "number": _("编号"),
    "state": _("状态"),
    "next": _("提示"),
}
TYPES: dict[str, Any] = {
    "thing": _("文字，20 字以内"),
    "phrase": _("5 个汉字以内"),
    "time": _("时间"),
    "date": _("日期"),
    "character_string": _("数字字母，32 位以内"),
}
OUTCOMES: dict[str, Any] = {
    "retry": _("会再试"),
    "temporary_failure": _("试了多次没成"),
    "permanent_failure": _("这个人现在收不到"),
    "technical_failure": _("我们的请求或账号有问题"),
    "unknown": _("不知道到没到"),
}
STATES: dict[str, Any] = {
    "open": _("能收到"),
    "not_bound": _("还没绑定手机"),
    "not_set_up": _("没有开通这个渠道"),
    "not_mapped": _("平台模板还没填"),
    "no_wechat": _("没用这个微信应用登录过"),
    "not_following": _("没有关注服务号"),
    "no_credit": _("没有可用的订阅授权"),
    "no_phone": _("没有手机号"),
    "refused": _("渠道拒收"),
}
_REASONS: dict[str, Any] = {
    "breaker": _("渠道连续没有应答，先停一停"),
    "deadline": _("过了有用的时间"),
    "sender_lost": _("发送的进程中断了"),
    "no_address": _("找不到这个人的地址"),
    "not_mapped": _("平台模板还没填"),
    "not_set_up": _("没有开通这个渠道"),
    "never_settled": _("几天没有回执"),
    "own_minute_limit": _("到了我们自己的每分钟上限"),
    "own_money_limit": _("到了我们自己的每天费用上限"),
    "not_a_mobile_number": _("不是手机号"),
    "too_long": _("短信太长"),
    "late": _("这一批没来得及，马上再发"),
    "paused": _("渠道停着，过后再发"),
    "read": _("已经读了"),
    "stopped": _("通知被停了"),
    "not_theirs": _("账号已换人或不再任职"),
    "address_changed": _("换了微信，原来的授权用不上"),
    "not_filled": _("内容填不进模板"),
    "no_consent": _("前一条说没有订阅授权，这条没发"),
    "too_few": _("不到两个人，群发不收"),
    "own_number_limit": _("到了我们自己给每个号码的上限"),
    "own_minute_over": _("一直超过我们自己的每分钟上限"),
    "own_money_over": _("一直超过我们自己的每天费用上限"),
    "limits_unknown": _("查不到我们自己的上限，过后再发"),
    "user block": _("这个人拒收服务号的消息"),
    "45028": _("这个月的群发次数用完了"),
    "40003": _("微信不认这个用户"),
    "40013": _("appid 不对"),
    "40036": _("模板 ID 不对"),
    "40037": _("模板 ID 不对，或模板已删"),
    "40125": _("密钥不对"),
    "40164": _("本机的地址不在微信的白名单里"),
    "40243": _("密钥被冻结"),
    "40249": _("微信认为是营销内容，不让发"),
    "43004": _("没有关注服务号"),
    "43101": _("没有订阅授权，或已拒收"),
    "43107": _("模板被微信封了"),
    "43108": _("同时发给一个人，稍后再试"),
    "43116": _("模板被微信限制"),
    "44991": _("发得太快，过一分钟再发"),
    "45009": _("今天的次数用完了，明天再发"),
    "45011": _("发得太快，过一分钟再发"),
    "45168": _("有微信不让发的词"),
    "47003": _("字段的内容不合要求"),
    "48001": _("服务号或小程序没有这个权限"),
    "48004": _("接口被微信封了"),
    "50002": _("账号被限制"),
    "87014": _("有微信不让发的词"),
}


def known(code: str) -> bool:
    """Has a reason of ours words of its own?"""
    return code.partition(":")[0] in {*_REASONS, "down"}


def reason(code: str) -> str:
    """A channel's code, or a word of ours, as a sentence; the code itself stands beside it on the page."""
    head, _sep, rest = code.partition(":")
    if head == "down":
        return str(gettext("渠道没有应答"))
    if head == "47003" and rest:
        return str(gettext("字段 %(field)s 的内容不合要求", field=rest))
    return str(_REASONS[head]) if head in _REASONS else str(gettext("渠道不收，代码见右边"))


def ladder(template: Template) -> str:
    """In which order a message takes its channels."""
    steps = [gettext("收件箱")]
    if template.card and template.answers:
        steps.append(gettext("微信"))
    if template.sms_text and template.sms is Sms.URGENT:
        steps.append(gettext("微信送不到马上发短信"))
    if template.sms_text and template.sms is Sms.UNREAD:
        steps.append(gettext("%(after)s没读再发短信", after=length(template.unread_after)))
    return str(gettext("；").join(steps))


def times(template: Template) -> str:
    """When it may go out, and until when."""
    night = gettext("夜里也发") if template.at_once else gettext("夜里 9 点到早上 8 点不发")
    return str(gettext("%(night)s；超过 %(long)s就不再发", night=night, long=length(template.useful_for)))


def length(span: datetime.timedelta) -> str:
    hours = int(span.total_seconds() // 3600)
    if hours >= 48 and hours % 24 == 0:
        return str(gettext("%(count)s 天", count=hours // 24))
    if hours:
        return str(gettext("%(count)s 小时", count=hours))
    return str(gettext("%(count)s 分钟", count=int(span.total_seconds() // 60)))


def layout_name(name: str, language: str) -> str:
    return message_desk.layout_name(name)[language]


def sms_text(name: str, language: str) -> str:
    """As it is handed in to the provider for approval, with its variables."""
    return (TEMPLATES[name].sms_text or {})[language]
