"""Layouts of WeChat messages: fields with types, shared by many messages, as the platform lets an app have only 25.

An officer maps each to a template that the federation has chosen from the platform's library: its id, and which of its
keys holds which field. The key's prefix must be the field's type.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from services.notifications.types import FieldType


@dataclass(frozen=True)
class Layout:
    """`name`: what an officer looks for in the platform's library."""

    name: Mapping[str, str]
    fields: Mapping[str, FieldType]

    def types(self, language: str) -> Mapping[str, FieldType]:
        """The platform's type of each field: a phrase takes Chinese signs only, so English stands in a thing."""
        if language == "zh":
            return self.fields
        return {name: FieldType.THING if kind is FieldType.PHRASE else kind for name, kind in self.fields.items()}


LAYOUTS: dict[str, Layout] = {
    "use": Layout(
        {"zh": "会员卡使用提醒", "en": "Card was used"},
        {"what": FieldType.THING, "when": FieldType.TIME, "number": FieldType.CHARACTER_STRING},
    ),
    "safety": Layout(
        {"zh": "账户安全提醒", "en": "Account safety"},
        {"what": FieldType.THING, "when": FieldType.TIME, "next": FieldType.THING},
    ),
    "answer": Layout(
        {"zh": "办理进度提醒", "en": "Progress of a request"},
        {"what": FieldType.THING, "state": FieldType.PHRASE, "when": FieldType.TIME, "next": FieldType.THING},
    ),
    "change": Layout(
        {"zh": "变更通知", "en": "Notice of a change"},
        {"what": FieldType.THING, "when": FieldType.TIME, "next": FieldType.THING},
    ),
    "task": Layout(
        {"zh": "待办事项提醒", "en": "Something to do"},
        {"what": FieldType.THING, "when": FieldType.TIME, "next": FieldType.THING},
    ),
}
