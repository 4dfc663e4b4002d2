"""Every stable code in words: one sentence for the clerk (or officer), one for the member, Chinese and English.

A no says why and what to do next. tests/house checks that no code of services/ is without words. Facts: `date` is
shown as a day, `at` as a time in China (as `moment` with its day), `*_fen` as yuan.
"""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from app.wording import (
    accounts,
    channels,
    complaints,
    events,
    forms,
    main_job,
    members,
    messages,
    notices,
    offers,
    rights,
    roster,
    shops,
    unions,
    using,
    wechat,
)
from app.wording.wording import Wording
from services.core.calendar import local
from services.core.money import yuan

__all__ = ["CODES", "Wording", "clerk_words", "day", "member_words", "weekdays"]

CODES: dict[str, Wording] = {
    **main_job.CODES, **accounts.CODES, **members.CODES, **rights.CODES, **shops.CODES, **unions.CODES, **wechat.CODES,
    **roster.CODES, **offers.CODES, **using.CODES, **complaints.CODES, **channels.CODES, **messages.CODES,
    **notices.CODES, **forms.CODES, **events.CODES,
}  # fmt: skip


def clerk_words(code: str, facts: Mapping[str, Any], *, language: str) -> str:
    """For whoever works here: clerk, officer, client developer."""
    wording = CODES[code]
    return (wording.zh if language == "zh" else wording.en).format_map(_shown(facts, language))


def member_words(code: str, facts: Mapping[str, Any], *, language: str) -> str:
    """For the member: what a clerk may read out."""
    wording = CODES[code]
    text = (wording.member_zh or wording.zh) if language == "zh" else (wording.member_en or wording.en)
    return text.format_map(_shown(facts, language))


def day(value: datetime.date, language: str) -> str:
    return f"{value.year} 年 {value.month} 月 {value.day} 日" if language == "zh" else f"{value.day} {value:%b %Y}"


def weekdays(days: Iterable[int], language: str) -> str:
    """1 is Monday: "周一、周三" or "Mon, Wed"."""
    if language == "zh":
        return "、".join(f"周{'一二三四五六日'[day - 1]}" for day in days)
    return ", ".join(("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[day - 1] for day in days)


def _shown(facts: Mapping[str, Any], language: str) -> dict[str, str]:
    shown = {"at": "", "moment": ""}
    for name, value in facts.items():
        if name.endswith("_fen"):
            shown[name.removesuffix("_fen")] = yuan(int(value))
        elif name == "date":
            shown[name] = day(datetime.date.fromisoformat(value), language)
        elif name == "weekdays":
            shown[name] = weekdays(map(int, value), language)
        elif name == "at":
            at = local(datetime.datetime.fromisoformat(value))
            shown[name] = f" {at:%H:%M:%S} " if language == "zh" else f" at {at:%H:%M:%S}"
            zh, en = f"{at.month} 月 {at.day} 日 {at:%H:%M}", f"on {at.day} {at:%b at %H:%M}"
            shown["moment"] = zh if language == "zh" else en
        else:
            shown[name] = str(value)
    return shown
