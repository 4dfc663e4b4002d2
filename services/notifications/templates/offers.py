"""The words of what a shop and its federation tell each other about offers."""

from services.accounts.types import Capability
from services.notifications.templates.template import Template, card
from services.notifications.types import Act, Place

SAMPLE: dict[str, object] = {
    "merchant": {"zh": "示例餐馆", "en": "Example Noodles"},
    "offer": {"zh": "套餐九折", "en": "Set menu, 10% off"},
}
TEMPLATES: dict[str, Template] = {
    "proposal.union": Template(
        {"zh": "一家商户交来新优惠", "en": "A shop handed in a new offer"},
        {
            "zh": "{merchant}写了“{offer}”，等工会看过后发布。到“优惠”里处理。",
            "en": "{merchant} wrote “{offer}”. It waits for the union under “Offers”.",
        },
        opens=Place.TASKS,
        answers=Act.ON_DUTY,
        capability=Capability.MANAGE_SHOPS,
        card=card(
            "task", what=("一家商户交来新优惠", "New offer to review"), next=("请到待办处理", "Please open Tasks")
        ),
        sample=SAMPLE,
    ),
    "proposal.accepted": Template(
        {"zh": "本店的新优惠发布了", "en": "Your new offer is out"},
        {
            "zh": "工会发布了“{offer}”，会员现在能看到。发布的条款以“优惠”里写的为准。",
            "en": "The union published “{offer}”. The terms that hold are under “Offers”.",
        },
        sample=SAMPLE,
    ),
    "proposal.dropped": Template(
        {"zh": "本店的新优惠没有发布", "en": "Your new offer was not published"},
        {
            "zh": "工会没有发布“{offer}”。想知道原因，请店主联系工会；改好了可以再交。",
            "en": "The union did not publish “{offer}”. Ask the union why; you may hand in another one.",
        },
        sample=SAMPLE,
    ),
    "held.union": Template(
        {"zh": "一家商户暂停了一项优惠", "en": "A shop paused an offer"},
        {
            "zh": "{merchant}暂停了“{offer}”，会员现在用不了。有疑问请问问店里。",
            "en": "{merchant} paused “{offer}”; members cannot use it now. If in doubt, ask the shop.",
        },
        opens=Place.TASKS,
        capability=Capability.MANAGE_SHOPS,
        sample=SAMPLE,
    ),
    "let_go.union": Template(
        {"zh": "一家商户恢复了一项优惠", "en": "A shop gives an offer again"},
        {
            "zh": "{merchant}恢复了“{offer}”，会员又能用了。",
            "en": "{merchant} gives “{offer}” again; members can use it.",
        },
        opens=Place.TASKS,
        capability=Capability.MANAGE_SHOPS,
        sample=SAMPLE,
    ),
}
