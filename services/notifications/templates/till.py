"""Of cards, tills and redemptions."""

import datetime

from services.accounts.types import Capability
from services.notifications.templates.template import Sms, Template, card
from services.notifications.types import Act, Group, Place
from services.redemptions.types import VoidReason

SAMPLE: dict[str, object] = {
    "at": "2026-11-20T04:05:00+00:00",
    "merchant": {"zh": "示例餐馆", "en": "Example Noodles"},
    "branch": {"zh": "中心店", "en": "Main"},
    "offer": {"zh": "套餐九折", "en": "Set menu, 10% off"},
    "saved_fen": 200,
    "number": "7K3M9Q",
    "name": "李*梅",
}
UNDONE_FOR: dict[VoidReason, dict[str, str]] = {
    VoidReason.WRONG_AMOUNT: {"zh": "金额输错了", "en": "the sum was wrong"},
    VoidReason.WRONG_OFFER: {"zh": "选错了优惠", "en": "another offer was meant"},
    VoidReason.WRONG_CUSTOMER: {"zh": "不是您本人用的，或扫错了人", "en": "it was somebody else’s use"},
    VoidReason.RETURNED: {"zh": "退货或退款", "en": "a return or a refund"},
    VoidReason.NOT_GIVEN: {"zh": "优惠没有给到", "en": "the discount was not given"},
    VoidReason.OTHER: {"zh": "其他原因", "en": "another reason"},
}
"""Why a use was undone, as its member is told; the note beside it is for the shop and the union."""

TEMPLATES: dict[str, Template] = {
    "redemption.member": Template(
        {"zh": "您的会员卡刚用过一次", "en": "Your member card was just used"},
        {
            "zh": "{at} 在{merchant}（{branch}）用了“{offer}”{saved}。流水号 {number}。"
            "不是您用的？到“记录”里点“不是我用的”，卡会马上冻结。",
            "en": "{at} at {merchant} ({branch}): “{offer}”{saved}. Receipt {number}. Not you? Tap “Not me” in "
            "your history and the card is frozen at once.",
        },
        opens=Place.HISTORY,
        group=Group.CARD,
        answers=Act.REDEEMED,
        card=card("use", what=("会员卡刚用过一次", "Your card was used"), when="{at}", number=("{number}", "{number}")),
        at_once=True,
        useful_for=datetime.timedelta(hours=12),
        sample=SAMPLE,
    ),
    "redemption.branch": Template(
        {"zh": "核销成功一笔", "en": "A discount was recorded"},
        {
            "zh": "{at} {name} 用了“{offer}”{saved}。流水号 {number}。",
            "en": "{at} {name} used “{offer}”{saved}. Receipt {number}.",
        },
        sample=SAMPLE,
    ),
    "dispute.member": Template(
        {"zh": "您的反馈已收到", "en": "We have your report"},
        {
            "zh": "您说 {at} 那笔（流水号 {number}）不是您用的。卡已冻结，工会正在核实，结果会告诉您。",
            "en": "You said the use of {at} (receipt {number}) was not you. Your card is frozen; the union is "
            "looking into it and will tell you.",
        },
        opens=Place.HISTORY,
        group=Group.SAFETY,
        answers=Act.REDEEMED,
        card=card(
            "answer",
            what=("您的反馈已收到", "We have your report"),
            state=("核实中", "Open"),
            next=("点开看说明", "Open for details"),
        ),
        sample=SAMPLE,
    ),
    "dispute.branch": Template(
        {"zh": "有一笔核销需要核实", "en": "A redemption needs checking"},
        {
            "zh": "顾客说 {at} 那笔“{offer}”（流水号 {number}）不是本人用的。请回想当时的情况，工会会联系您。",
            "en": "The member says “{offer}” at {at} (receipt {number}) was somebody else. Please recall what you "
            "can; the union will get in touch.",
        },
        sample=SAMPLE,
    ),
    "dispute.union": Template(
        {"zh": "有一笔核销需要核实", "en": "A redemption needs checking"},
        {
            "zh": "会员反映 {at} 在{merchant}（{branch}）的一笔不是本人所用，流水号 {number}。卡已自动冻结。",
            "en": "A member reports that receipt {number}, {at} at {merchant} ({branch}), was not them. The card "
            "froze by itself.",
        },
        opens=Place.TASKS,
        answers=Act.ON_DUTY,
        capability=Capability.MANAGE_SHOPS,
        card=card(
            "task",
            what=("有一笔核销需要核实", "A use needs a check"),
            next=("请到待办处理", "Please open Tasks"),
        ),
        sample=SAMPLE,
    ),
    "void.member": Template(
        {"zh": "一笔优惠撤销了", "en": "A discount was undone"},
        {
            "zh": "{at} 在{merchant}（{branch}）用的“{offer}”撤销了，原因：{reason}。次数已还给您。流水号 {number}。"
            "有疑问请问商户或工会。",
            "en": "“{offer}”, used {at} at {merchant} ({branch}), was undone ({reason}) and does not count any "
            "more. Receipt {number}. If in doubt, ask the shop or your union.",
        },
        version=2,
        opens=Place.HISTORY,
        group=Group.CARD,
        answers=Act.REDEEMED,
        card=card(
            "answer",
            what=("一笔优惠撤销了", "A use was undone"),
            state=("已撤销", "Undone"),
            next=("点开看原因", "Open for the reason"),
        ),
        sample={**SAMPLE, "reason": UNDONE_FOR[VoidReason.WRONG_AMOUNT]},
    ),
    "void.branch": Template(
        {"zh": "撤销了一笔核销", "en": "A redemption was undone"},
        {
            "zh": "{at} 那笔“{offer}”（流水号 {number}）已撤销，不再计入统计。",
            "en": "“{offer}” at {at} (receipt {number}) was undone and no longer counts.",
        },
        sample=SAMPLE,
    ),
    "settled.member": Template(
        {"zh": "您的反馈有结果了", "en": "There is an answer to your report"},
        {
            "zh": "{at} 在{merchant}（{branch}）那笔“{offer}”（流水号 {number}），工会核实过了，记录保留。"
            "工会的说明：{note}。还有疑问，请问您单位的工会。",
            "en": "The union has looked into “{offer}”, {at} at {merchant} ({branch}), receipt {number}: the record "
            "stands. It says: {note}. If in doubt, ask your union.",
        },
        opens=Place.HISTORY,
        group=Group.ANSWERS,
        answers=Act.REDEEMED,
        card=card(
            "answer",
            what=("您的反馈有结果了", "Report answered"),
            state=("已核实", "Checked"),
            next=("点开看结果", "Open for the answer"),
        ),
        sample={**SAMPLE, "note": "已向门店核实"},
    ),
    "settled.branch": Template(
        {"zh": "一笔核销核实过了", "en": "A redemption has been checked"},
        {
            "zh": "{at} 那笔“{offer}”（流水号 {number}）工会核实过了，照常有效、计入统计。谢谢配合。",
            "en": "The union has looked into “{offer}” at {at} (receipt {number}): it stands and counts. Thank you.",
        },
        sample=SAMPLE,
    ),
    "card.frozen": Template(
        {"zh": "您的会员卡已冻结", "en": "Your member card is frozen"},
        {
            "zh": "现在谁也用不了这张卡。找回手机或确认安全后，到“我的”里点“解冻”就能再用。",
            "en": "Nobody can use it now. When you are sure that all is well, tap “Unfreeze” under “Me”.",
        },
        opens=Place.CARD,
        group=Group.SAFETY,
        answers=Act.STOPPED_CARD,
        card=card(
            "safety",
            what=("您的会员卡已冻结", "Your card is frozen"),
            next=("确认安全后可以解冻", "Unfreeze once safe"),
        ),
        sms_text={
            "zh": "您的会员卡已冻结，现在谁也用不了。确认安全后，到工惠“我的”里解冻。",
            "en": "Your member card is frozen. When all is well, unfreeze it in Gonghui.",
        },
        sms=Sms.URGENT,
        at_once=True,
    ),
    "typing.branch": Template(
        {"zh": "今天不能再输数字码了", "en": "No more typed codes today"},
        {
            "zh": "本店今天输错数字码满 20 次，为防盗用已停到 24:00。扫二维码照常可用。",
            "en": "20 wrong typed codes today: typing is stopped until midnight. Scanning works as usual.",
        },
    ),
    "typing.union": Template(
        {"zh": "一家门店输错数字码过多", "en": "Many wrong typed codes at a shop"},
        {
            "zh": "{merchant}（{branch}）今天输错数字码满 20 次，已自动停到 24:00。请问问店里情况。",
            "en": "{merchant} ({branch}) typed 20 wrong codes today and is stopped until midnight. Ask the shop.",
        },
        opens=Place.TASKS,
        capability=Capability.MANAGE_SHOPS,
        sample=SAMPLE,
    ),
}
