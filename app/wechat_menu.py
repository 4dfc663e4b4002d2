"""The official account's menu: our own pages and answers, as `flask wechat menu` publishes it."""

from typing import Any

from app.wechat_answers import Keyword

MOST_BUTTONS, MOST_BELOW = 3, 5
NAME_BYTES, BELOW_BYTES, KEY_BYTES, URL_BYTES = 16, 60, 128, 1024
"""Bytes of UTF-8: a Chinese sign is three."""


def menu(public_url: str) -> list[dict[str, Any]]:
    """The buttons, with addresses of this installation."""

    def page(name: str, path: str) -> dict[str, Any]:
        return {"type": "view", "name": name, "url": public_url + path}

    def answer(name: str, keyword: Keyword) -> dict[str, Any]:
        return {"type": "click", "name": name, "key": keyword.value}

    return [
        page("会员卡", "/"),
        {"name": "优惠", "sub_button": [page("优惠", "/offers"), page("商家", "/shops")]},
        {
            "name": "服务",
            "sub_button": [
                page("我的消息", "/inbox"),
                page("找工会", "/unions"),
                answer("工会活动", Keyword.EVENTS),
                answer("有事要问", Keyword.AID),
                answer("人工电话", Keyword.HUMAN),
            ],
        },
    ]


def faults(buttons: list[dict[str, Any]]) -> list[str]:
    """What the platform would refuse, in words for an operator."""
    found = [] if 1 <= len(buttons) <= MOST_BUTTONS else [f"{len(buttons)} buttons; 1 to {MOST_BUTTONS} are allowed"]
    for button in buttons:
        below = button.get("sub_button")
        found += _too_long(button, NAME_BYTES)
        if below is not None and not 1 <= len(below) <= MOST_BELOW:
            found.append(f"{button['name']}: {len(below)} entries; 1 to {MOST_BELOW} are allowed")
        for entry in below or ():
            found += _too_long(entry, BELOW_BYTES)
    return found


def _too_long(button: dict[str, Any], name_bytes: int) -> list[str]:
    limits = {"name": name_bytes, "key": KEY_BYTES, "url": URL_BYTES}
    return [
        f"{button['name']}: its {part} has {len(str(button[part]).encode())} bytes; {most} are allowed"
        for part, most in limits.items()
        if len(str(button.get(part, "")).encode()) > most
    ]
