"""Of binding."""

from services.accounts.types import Capability
from services.notifications.templates.template import Sms, Template, card
from services.notifications.types import Act, Group, Place

TEMPLATES: dict[str, Template] = {
    "bond.made": Template(
        {"zh": "您的会员身份已绑定", "en": "Your membership is bound"},
        {
            "zh": "以后打开工惠就是您的会员码。不是您本人操作？请马上打电话给单位工会。",
            "en": "From now on Gonghui opens with your member code. Was it not you? Call your union at once.",
        },
        opens=Place.CARD,
        group=Group.SAFETY,
        answers=Act.BOUND,
        card=card(
            "safety",
            what=("您的会员身份已绑定", "Membership bound"),
            next=("不是您本人？请找单位工会", "Not you? Call union"),
        ),
        at_once=True,
    ),
    "bond.moved": Template(
        {"zh": "您的工惠换了一个微信", "en": "Your account moved to another WeChat"},
        {
            "zh": "{at} 您的会员身份绑定到了另一个微信，原来的已退出。不是您本人操作？请马上打电话给单位工会。",
            "en": "At {at} your membership was bound to another WeChat and the former one was signed out. Was it not "
            "you? Call your union at once.",
        },
        opens=Place.CARD,
        group=Group.SAFETY,
        answers=Act.BOUND,
        card=card(
            "safety",
            what=("您的工惠换了一个微信", "WeChat was changed"),
            when="{at}",
            next=("不是您本人？请找单位工会", "Not you? Call union"),
        ),
        sms_text={
            "zh": "您的工惠会员身份绑定到了另一个微信。不是您本人操作？请马上打电话给单位工会。",
            "en": "Your Gonghui membership was bound to another WeChat. Not you? Call your union at once.",
        },
        sms=Sms.URGENT,
        at_once=True,
        sample={"at": "2026-11-20T04:05:00+00:00"},
    ),
    "bond.ended": Template(
        {"zh": "您的会员身份已解除绑定", "en": "Your membership was unbound"},
        {
            "zh": "卡和用过的记录都还在。要继续用，重新绑定就行。不是您本人操作？请打电话给单位工会。",
            "en": "Your card and history are kept. Bind again to go on. Was it not you? Call your union.",
        },
        opens=Place.INBOX,
        group=Group.SAFETY,
        answers=Act.BOUND,
        card=card(
            "safety",
            what=("您的会员身份已解除绑定", "Membership unbound"),
            next=("不是您本人？请找单位工会", "Not you? Call union"),
        ),
        at_once=True,
    ),
    "binding.filed": Template(
        {"zh": "有一份绑定申请等您核实", "en": "A binding request is waiting"},
        {
            "zh": "一位职工申请绑定会员身份，名册对不上，要您看一下。请到“待我审批”里处理。",
            "en": "A worker wants to bind, and the roster does not settle it. Please open “Requests”.",
        },
        opens=Place.TRAY,
        answers=Act.ON_DUTY,
        capability=Capability.DECIDE_BINDINGS,
        card=card(
            "task",
            what=("一份绑定申请等您核实", "A binding to check"),
            next=("请到待我审批处理", "Please open Requests"),
        ),
    ),
    "binding.nudged": Template(
        {"zh": "绑定申请快到期了", "en": "A binding request is nearly due"},
        {
            "zh": "有一份绑定申请还没有处理，到期会转到上级工会。请到“待我审批”里处理。",
            "en": "A binding request is still open and goes to the union above when it is overdue. Please open "
            "“Requests”.",
        },
        opens=Place.TRAY,
        answers=Act.ON_DUTY,
        capability=Capability.DECIDE_BINDINGS,
        card=card(
            "task", what=("绑定申请快到期了", "Request nearly due"), next=("到期会转到上级工会", "Else it goes up")
        ),
        sms_text={
            "zh": "有一份绑定申请快到期了，到期会转到上级工会。请到工惠“待我审批”处理。",
            "en": "A binding request is nearly due. Please decide it in Gonghui.",
        },
        sms=Sms.UNREAD,
    ),
    "binding.raised": Template(
        {"zh": "下级工会转来一份绑定申请", "en": "A binding request came up from a union below"},
        {
            "zh": "下级工会没有按时处理，现在由您处理。请到“待我审批”里看。",
            "en": "The union below did not decide in time; it is yours now. Please open “Requests”.",
        },
        opens=Place.TRAY,
        answers=Act.ON_DUTY,
        capability=Capability.DECIDE_BINDINGS,
        card=card(
            "task",
            what=("下级转来一份绑定申请", "A request came up"),
            next=("请到待我审批处理", "Please open Requests"),
        ),
    ),
    "binding.missed": Template(
        {"zh": "一份绑定申请已转到上级工会", "en": "A binding request went to the union above"},
        {
            "zh": "到期没有处理，已转到上级工会，您不用再处理。",
            "en": "It was not decided in time and is with the union above now. There is nothing left to do.",
        },
        opens=Place.TRAY,
        capability=Capability.DECIDE_BINDINGS,
    ),
}
