"""What the official account answers by itself: to a word that somebody typed, a tap on its menu, a new follower.

Chinese only: the account is. No word of anybody's trouble comes back: whoever asks for help is told where to ask.
"""

import re
from enum import StrEnum

from services.core.errors import DomainError
from services.unions import queries as unions


class Keyword(StrEnum):
    """A subject; also the key of a menu's button."""

    CARD = "card"
    SHOPS = "shops"
    EVENTS = "events"
    AID = "aid"
    HUMAN = "human"


_SAID: dict[Keyword, tuple[str, ...]] = {
    # Help and a person go first: "困难补助" is no card, "人工办卡" is no card either.
    Keyword.AID: ("困难", "救助", "补助", "补贴", "帮扶", "慰问", "生病", "大病", "住院", "借款", "求助", "维权",
                  "欠薪", "讨薪", "工伤", "aid"),
    Keyword.HUMAN: ("人工", "客服", "电话", "投诉", "找人", "联系", "热线", "human"),
    Keyword.CARD: ("会员卡", "会员码", "二维码", "出示", "绑定", "认证", "办卡", "卡", "card"),
    Keyword.SHOPS: ("商家", "商户", "店", "优惠", "打折", "折扣", "吃饭", "附近", "福利", "shop"),
    Keyword.EVENTS: ("活动", "报名", "比赛", "联谊", "相亲", "演出", "培训", "讲座", "event"),
}  # fmt: skip
LONGEST = 40
"""Characters in which a subject is looked for. Whoever writes more tells a story, and a story wants a person."""


def keyword(text: str) -> Keyword | None:
    """The subject of what somebody typed."""
    typed = re.sub(r"\s+", "", text).lower()
    if not typed or len(typed) > LONGEST:
        return None
    return next((one for one, words in _SAID.items() if any(word in typed for word in words)), None)


def by_key(key: str) -> Keyword | None:
    """The subject of a menu's button."""
    return next((one for one in Keyword if one.value == key), None)


def welcome(public_url: str) -> str:
    """To somebody who has just begun to follow."""
    return (
        "您好，这里是工会会员服务号。\n"
        f"{_link(public_url, '/', '打开会员卡')}，到商家出示就有优惠。\n"
        f"{_link(public_url, '/shops', '看看有哪些商家')}\n"
        "想找什么，直接打字就行，例如“会员卡”“商家”“活动”“人工”。"
    )


def answer(subject: Keyword | None, public_url: str) -> str:
    """What is said of a subject; without one, what can be typed. One statement for HUMAN, none for the others."""
    if subject is Keyword.CARD:
        return f"{_link(public_url, '/', '打开会员卡')}，付款前给店员看一下就行。还没绑定的，会先请您绑定。"
    if subject is Keyword.SHOPS:
        return (
            f"{_link(public_url, '/offers', '看优惠')}，或{_link(public_url, '/shops', '找商家')}，离您近的排在前面。"
        )
    if subject is Keyword.EVENTS:
        return f"工会的活动会通知到您的{_link(public_url, '/inbox', '消息')}里，也可以问{_office(public_url)}。"
    if subject is Keyword.AID:
        return (
            f"这件事请直接问您所在的工会，{_link(public_url, '/unions', '电话和地址在这里')}。\n"
            "这里是自动回复，没有人看，请不要写个人情况。"
        )
    if subject is Keyword.HUMAN:
        return _human(public_url)
    return (
        "这里是自动回复，可以打这些字：\n会员卡：出示会员码\n商家：找优惠\n活动：工会的活动\n人工：工会的电话\n"
        f"也可以{_link(public_url, '/unions', '找您所在的工会')}。"
    )


def _human(public_url: str) -> str:
    phone = _phone()
    line = f"区总工会电话：{phone}（工作日）。\n" if phone else ""
    return f"{line}您所在工会的{_link(public_url, '/unions', '电话和地址在这里')}。"


def _office(public_url: str) -> str:
    return _link(public_url, "/unions", "您所在的工会")


def _phone() -> str | None:
    """The federation's office, when there is one and it has a telephone."""
    found = unions.roots()
    try:
        return unions.open_office(found[0].id).contact.phone if len(found) == 1 else None
    except DomainError:
        return None


def _link(public_url: str, path: str, words: str) -> str:
    return f'<a href="{public_url}{path}">{words}</a>'
