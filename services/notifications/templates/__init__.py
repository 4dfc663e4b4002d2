"""The words of each notice, Chinese and English. `title` is fit for a lock screen: no name, no sum, no reason.

The facts "at" and "until" are shown as times in China, "on" as a day, "saved_fen" as yuan; a fact that is a text in
two languages is given in the reader's.
"""

import datetime
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.core.calendar import local
from services.core.money import yuan
from services.notifications.templates import (
    bindings,
    complaints,
    events,
    following,
    notices,
    offers,
    people,
    shops,
    till,
)
from services.notifications.templates.template import Template
from services.notifications.types import Channel

__all__ = ["PAST", "SUBJECTS", "TEMPLATES", "Template", "Words", "texts", "variables", "words"]

SUBJECTS: dict[str, dict[str, Template]] = {
    "till": till.TEMPLATES, "people": people.TEMPLATES, "bindings": bindings.TEMPLATES,
    "complaints": complaints.TEMPLATES, "shops": shops.TEMPLATES, "offers": offers.TEMPLATES,
    "following": following.TEMPLATES, "events": events.TEMPLATES, "notices": notices.TEMPLATES,
}  # fmt: skip
"""The messages by subject, as the desk lists them."""

TEMPLATES: dict[str, Template] = {name: one for part in SUBJECTS.values() for name, one in part.items()}


PAST: dict[tuple[str, int], Template] = {
    # Before it said why.
    ("void.member", 1): Template(
        {"zh": "一笔优惠撤销了", "en": "A discount was undone"},
        {
            "zh": "{at} 在{merchant}（{branch}）用的“{offer}”撤销了，次数已还给您。流水号 {number}。",
            "en": "“{offer}”, used {at} at {merchant} ({branch}), was undone and does not count. Receipt {number}.",
        },
    ),
}
"""Former words, by template and version: what was told in them is still read in them."""


INSTANTS = ("at", "until")
TEST = {"zh": "【测试】", "en": "[Test] "}


@dataclass(frozen=True)
class Words:
    title: str
    body: str


def words(template: str, facts: Mapping[str, Any], *, language: str, version: int | None = None) -> Words:
    """The notice in `language` ("zh" or "en"), in the words of the version that it was told in; a test says so."""
    chosen = TEMPLATES[template]
    if version is not None and version != chosen.version:
        chosen = PAST[template, version]
    shown = {name: _shown(name, value, language) for name, value in facts.items()}
    saved = facts.get("saved_fen")
    shown["saved"] = "" if not saved else (f"，省 {yuan(saved)} 元" if language == "zh" else f", saved ¥{yuan(saved)}")
    mark = TEST[language] if facts.get("test") else ""
    # An officer's notice brings its own title.
    title = shown.get("notice_title", chosen.title[language])
    return Words(mark + title, chosen.body[language].format_map(shown))


def texts(
    template: str, channel: Channel, facts: Mapping[str, Any], *, told_at: datetime.datetime, language: str
) -> dict[str, str]:
    """What goes out, field by field of the layout, not cut yet; of an SMS its variables, and the whole as `text`."""
    chosen = TEMPLATES[template]
    shown = {name: _shown(name, value, language) for name, value in facts.items()}
    shown |= {name: _instant(datetime.datetime.fromisoformat(facts[name])) for name in INSTANTS if name in facts}
    shown["told"] = _instant(told_at)
    if channel is Channel.SMS:
        said = (chosen.sms_text or {})[language]
        return {"text": said.format_map(shown), **{name: shown[name] for name in variables(template, language)}}
    card = chosen.card
    return {name: text[language].format_map(shown) for name, text in card.fields.items()} if card else {}


def variables(template: str, language: str = "zh") -> list[str]:
    """The facts that an SMS holds, in the order of its text, each once."""
    said = (TEMPLATES[template].sms_text or {})[language]
    return list(dict.fromkeys(name for _, name, _, _ in string.Formatter().parse(said) if name))


def _instant(at: datetime.datetime) -> str:
    """As the platform's fields take it."""
    return f"{local(at):%Y-%m-%d %H:%M}"


def _shown(name: str, value: Any, language: str) -> str:
    if isinstance(value, dict):
        return str(value.get(language) or value["zh"])
    if name in INSTANTS:
        at = local(datetime.datetime.fromisoformat(value))
        return f"{at.month} 月 {at.day} 日 {at:%H:%M}" if language == "zh" else f"{at:%d %b %H:%M}"
    if name == "on":
        day = datetime.date.fromisoformat(value)
        return f"{day.year} 年 {day.month} 月 {day.day} 日" if language == "zh" else f"{day.day} {day:%b %Y}"
    return str(value)
