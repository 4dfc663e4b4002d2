"""Of “the shop said no”."""

from services.accounts.types import Capability
from services.notifications.templates.template import Template, card
from services.notifications.types import Act, Group, Place

SAMPLE: dict[str, object] = {
    "at": "2026-11-20T04:05:00+00:00",
    "merchant": {"zh": "示例餐馆", "en": "Example Noodles"},
    "branch": {"zh": "中心店", "en": "Main"},
    "offer": {"zh": "套餐九折", "en": "Set menu, 10% off"},
}
TEMPLATES: dict[str, Template] = {
    "complaint.branch": Template(
        {"zh": "有一条会员反馈等店主答复", "en": "A member’s report waits for the owner"},
        {
            "zh": "有会员反映，在{branch}没有用成“{offer}”。"
            "请店主在“设置”里的“会员反馈”答复，一天内没有答复会转给工会。",
            "en": "A member says that “{offer}” was not given at {branch}. Owner: please answer under “Settings”, "
            "“Members’ reports”. After a day it goes to the union.",
        },
        sample=SAMPLE,
    ),
    "complaint.settled": Template(
        {"zh": "工会答复了一条会员反馈", "en": "The union answered a member’s report"},
        {
            "zh": "关于{branch}的“{offer}”，工会已经答复会员。答复在“会员反馈”里，请看一看。",
            "en": "The union has answered the report about “{offer}” at {branch}. See “Members’ reports”.",
        },
        sample=SAMPLE,
    ),
    "complaint.union": Template(
        {"zh": "有一条会员反馈还没有答复", "en": "A member’s report has no answer yet"},
        {
            "zh": "会员反映 {at} 在{merchant}（{branch}）没有用成“{offer}”，商户一天没有答复。请到“会员反馈”里处理。",
            "en": "{at} at {merchant} ({branch}): “{offer}” was not given, and the shop has not answered for a day. "
            "Please open “Members’ reports”.",
        },
        opens=Place.TASKS,
        answers=Act.ON_DUTY,
        capability=Capability.MANAGE_SHOPS,
        card=card(
            "task",
            what=("一条会员反馈没有答复", "Report unanswered"),
            next=("请到会员反馈处理", "Please open Reports"),
        ),
        sample=SAMPLE,
    ),
    "complaint.answered": Template(
        {"zh": "您的反馈有了答复", "en": "There is an answer to your report"},
        {
            "zh": "您反映 {at} 在{merchant}（{branch}）没有用成“{offer}”。答复在“我的”里的“我的反馈”。",
            "en": "You told us of “{offer}”, {at} at {merchant} ({branch}). The answer is under “Me”, “My reports”.",
        },
        opens=Place.COMPLAINTS,
        group=Group.ANSWERS,
        answers=Act.COMPLAINED,
        card=card(
            "answer",
            what=("您的反馈有了答复", "Report answered"),
            state=("已答复", "Answered"),
            next=("点开看答复", "Open for the answer"),
        ),
        sample=SAMPLE,
    ),
}
