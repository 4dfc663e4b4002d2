"""The words of what is told about partner shops."""

from services.accounts.types import Capability
from services.notifications.templates.template import Template, card
from services.notifications.types import Act, Place

SAMPLE: dict[str, object] = {
    "merchant": {"zh": "示例餐馆", "en": "Example Noodles"},
    "offer": {"zh": "套餐九折", "en": "Set menu, 10% off"},
    "on": "2026-12-31",
    "reason": "协议未续签",
}
TEMPLATES: dict[str, Template] = {
    "agreement.branch": Template(
        {"zh": "合作协议快到期了", "en": "The agreement is about to end"},
        {
            "zh": "和工会的合作协议到 {on} 为止，之后不能再扫会员卡。想继续合作，请店主联系工会续签。",
            "en": "The agreement with the union runs until {on}; after that no cards are taken. To go on, the owner "
            "should ask the union to renew it.",
        },
        sample=SAMPLE,
    ),
    "agreement.union": Template(
        {"zh": "一家商户的协议快到期了", "en": "A shop’s agreement is about to end"},
        {
            "zh": "{merchant}的合作协议到 {on} 为止，还没续签。请联系商户，续签后到“商户”里登记。",
            "en": "{merchant}: the agreement runs until {on} and has not been renewed. Ask the shop, then record the "
            "new one under “Shops”.",
        },
        opens=Place.TASKS,
        answers=Act.ON_DUTY,
        capability=Capability.MANAGE_SHOPS,
        card=card(
            "task",
            what=("一家商户协议快到期了", "Agreement ends soon"),
            next=("请到待办处理", "Please open Tasks"),
        ),
        sample=SAMPLE,
    ),
    "suspended.branch": Template(
        {"zh": "本店将暂停扫会员卡", "en": "Cards will be suspended at this shop"},
        {
            "zh": "从 {on} 起，本店暂停扫会员卡。原因：{reason}。有疑问请店主联系工会。",
            "en": "From {on} on no cards are taken here. The reason: {reason}. If in doubt, the owner should ask the "
            "union.",
        },
        sample=SAMPLE,
    ),
    "resumed.branch": Template(
        {"zh": "本店可以扫会员卡了", "en": "Cards are taken here again"},
        {
            "zh": "工会撤回了暂停，本店可以照常扫会员卡。",
            "en": "The union took the suspension back. Please scan cards as usual.",
        },
        sample=SAMPLE,
    ),
    "ended.branch": Template(
        {"zh": "和工会的合作将结束", "en": "The partnership with the union ends"},
        {
            "zh": "本店扫会员卡到 {on} 为止。原因：{reason}。谢谢这段时间的合作，有疑问请店主联系工会。",
            "en": "Cards are taken here until {on}. The reason: {reason}. Thank you for taking part; if in doubt, the "
            "owner should ask the union.",
        },
        sample=SAMPLE,
    ),
}
