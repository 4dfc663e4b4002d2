"""Codes of the inbox and of how messages reach somebody."""

from app.wording.wording import Wording

CODES: dict[str, Wording] = {
    "message_unknown": Wording(
        "没有这条消息：可能不是您的，也可能已经过期删除了。",
        "There is no such message: it may be somebody else’s, or it was deleted after its time.",
    ),
    "group_always_on": Wording(
        "安全提醒关不掉：有人动您的账号或会员卡时，一定要让您知道。",
        "Safety notices cannot be switched off: you must hear of it when somebody uses your account or card.",
    ),
}
