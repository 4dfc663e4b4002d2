"""Why a message stands where it stands is said in words: each reason that the gateway writes has them."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

from app.pages.staff import messages_words
from services.notifications import sending
from tests.house.tree import ROOT, plant, sources

MAKES = {"Result", "Said", "_expire"}
"""Calls whose second argument or `reason` says why."""


def written(tree: Path) -> Iterator[str]:
    """The reasons in the source: of results, and of rows that are closed."""
    for path, module in sources(tree, "services/notifications"):
        if "/templates/" in path:
            continue  # there a reason is a shop's, in a sample
        for node in ast.walk(module):
            if isinstance(node, ast.Call):
                yield from (
                    one.value for one in _why(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)
                )
            elif isinstance(node, ast.Dict):
                named = zip(node.keys, node.values, strict=True)
                yield from (
                    _text(value) for key, value in named if key is not None and _text(key) == "reason" and _text(value)
                )


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _why(call: ast.Call) -> Iterator[ast.expr]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    own = any(isinstance(one, ast.Attribute) and getattr(one.value, "id", "") == "DeliveryStatus" for one in call.args)
    if name in MAKES or own:
        yield from call.args
    yield from (one.value for one in call.keywords if one.arg == "reason")


def wordless(reasons: set[str], known: Callable[[str], bool]) -> list[str]:
    return sorted(one for one in reasons if not known(one))


def test_each_reason_has_words() -> None:
    named = {*sending.UNTRIED, sending.NO_CONSENT}
    found = set(written(ROOT))
    assert {"deadline", "not_theirs", "never_settled", "too_few", "own_number_limit", "stopped"} <= found
    assert wordless(found | named, messages_words.known) == []


def test_a_reason_without_words_is_found(tmp_path: Path) -> None:
    tree = plant(tmp_path, "services/notifications/x.py", 'a = Result(1, DeliveryStatus.EXPIRED, "never_heard")\n')
    assert wordless(set(written(tree)), messages_words.known) == ["never_heard"]
