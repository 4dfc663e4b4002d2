"""Every message of the outbox is told to somebody, in a template of two languages that is fit for a lock screen."""

import ast
import dataclasses
import importlib
import string
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.notifications.fanout import FANS, events
from services.notifications.notices import audience
from services.notifications.templates import TEMPLATES, Template
from tests.house.tree import ROOT, plant, sources

LANGUAGES = ("zh", "en")
#: What a lock screen never names: hardship, illness, sums.
PRIVATE = ("困难", "救助", "病", "元", "¥", "hardship", "illness", "aid ")


def messages(tree: Path) -> dict[str, str]:
    """Topic of every class in services/*/messages.py, and where it stands."""
    return {
        node.value.value: path
        for path, module in sources(tree, "services")
        if path.endswith("/messages.py")
        for node in ast.walk(module)
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "topic"
        if isinstance(node.value, ast.Constant)
    }


def templates_used(tree: Path) -> set[str]:
    """The second argument of every Notice(...)."""
    return {
        ast.literal_eval(node.args[1])
        for _, module in sources(tree, "services/notifications")
        for node in ast.walk(module)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Notice" and len(node.args) > 1
    }


def templates_amiss(templates: Mapping[str, Template]) -> list[str]:
    """Templates without one of the languages, with a title that holds a fact, or with other facts in each language."""
    found = []
    for name, one in templates.items():
        whole = all(one.title.get(language) and one.body.get(language) for language in LANGUAGES)
        titles = " ".join(one.title.values())
        places = {frozenset(_places(text)) for text in one.body.values()}
        if not whole or "{" in titles or any(word in titles for word in PRIVATE) or len(places) > 1:
            found.append(name)
    return found


def _places(text: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(text) if name]


def test_every_message_has_a_fan_and_every_fan_a_message() -> None:
    assert set(messages(ROOT)) == set(FANS)


def test_a_topic_begins_with_the_name_of_its_package() -> None:
    assert [topic for topic, path in messages(ROOT).items() if path.split("/")[1] != topic.split(".")[0]] == []


def test_a_message_is_frozen_and_holds_plain_values() -> None:
    for path in set(messages(ROOT).values()):
        module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
        kinds = [kind for kind in vars(module).values() if isinstance(kind, type) and hasattr(kind, "topic")]
        for kind in kinds:
            parameters: Any = kind.__dataclass_params__  # type: ignore[attr-defined]
            assert parameters.frozen, kind
            assert {field.type for field in dataclasses.fields(kind)} <= {uuid.UUID, str, int, bool}, kind


def test_every_template_is_used_and_every_used_one_is_there() -> None:
    assert templates_used(ROOT) | audience.TEMPLATES | events.TEMPLATES == set(TEMPLATES)


def test_every_template_is_whole_and_fit_for_a_lock_screen() -> None:
    assert templates_amiss(TEMPLATES) == []


def test_a_message_that_nobody_is_told_is_found(tmp_path: Path) -> None:
    tree = plant(tmp_path, "services/events/messages.py", 'class Drawn:\n    topic: ClassVar[str] = "events.drawn"\n')
    assert messages(tree) == {"events.drawn": "services/events/messages.py"}


def test_a_template_that_is_used_in_a_fan_is_found(tmp_path: Path) -> None:
    tree = plant(tmp_path, "services/notifications/fanout.py", 'def _drawn(p):\n    return [Notice(who, "draw.won")]\n')
    assert templates_used(tree) == {"draw.won"}


def test_an_unfit_template_is_found() -> None:
    good = Template({"zh": "字", "en": "w"}, {"zh": "{at} 字", "en": "w {at}"})
    amiss = {
        "no english": dataclasses.replace(good, title={"zh": "字"}),
        "empty body": dataclasses.replace(good, body={"zh": "", "en": "w"}),
        "a fact in the title": dataclasses.replace(good, title={"zh": "{name}", "en": "w"}),
        "a sum in the title": dataclasses.replace(good, title={"zh": "补助 500 元", "en": "w"}),
        "another fact in english": dataclasses.replace(good, body={"zh": "{at}", "en": "{name}"}),
    }
    assert templates_amiss({"good": good, **amiss}) == list(amiss)
