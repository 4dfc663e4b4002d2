"""The words of each notice, Chinese and English. `title` is fit for a lock screen: no name, no sum, no reason.

The fact "at" is shown as a time in China, "on" as a day, "saved_fen" as yuan; a fact that is a text in two languages
is given in the reader's.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.core.calendar import local
from services.core.money import yuan
from services.notifications.templates import bindings, complaints, offers, people, shops, till
from services.notifications.templates.template import Template

__all__ = ["TEMPLATES", "Template", "Words", "words"]

TEMPLATES: dict[str, Template] = {
    **till.TEMPLATES, **people.TEMPLATES, **bindings.TEMPLATES, **complaints.TEMPLATES, **shops.TEMPLATES,
    **offers.TEMPLATES,
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    title: str
    body: str


def words(template: str, facts: Mapping[str, Any], *, language: str) -> Words:
    """The notice in `language` ("zh" or "en")."""
    chosen = TEMPLATES[template]
    shown = {name: _shown(name, value, language) for name, value in facts.items()}
    saved = facts.get("saved_fen")
    shown["saved"] = "" if not saved else (f"，省 {yuan(saved)} 元" if language == "zh" else f", saved ¥{yuan(saved)}")
    return Words(chosen.title[language], chosen.body[language].format_map(shown))


def _shown(name: str, value: Any, language: str) -> str:
    if isinstance(value, dict):
        return str(value.get(language) or value["zh"])
    if name == "at":
        at = local(datetime.datetime.fromisoformat(value))
        return f"{at.month} 月 {at.day} 日 {at:%H:%M}" if language == "zh" else f"{at:%d %b %H:%M}"
    if name == "on":
        day = datetime.date.fromisoformat(value)
        return f"{day.year} 年 {day.month} 月 {day.day} 日" if language == "zh" else f"{day.day} {day:%b %Y}"
    return str(value)
