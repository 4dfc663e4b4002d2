"""No test without an assertion: a test that cannot fail tells nothing."""

import ast
from pathlib import Path

from tests.house.tree import ROOT, Function, functions, plant, sources

#: Calls that fail by themselves when something is wrong.
JUDGES = frozenset({"raises", "warns", "expect", "fail"})


def toothless(tree: Path) -> list[str]:
    """Tests that neither assert nor call a function of the tests that does, at any depth."""
    modules = dict(sources(tree, "tests"))
    helpers: dict[str, list[Function]] = {}
    for module in modules.values():
        for function in functions(module):
            if not function.name.startswith("test_"):
                helpers.setdefault(function.name, []).append(function)
    judging = {name for name, found in helpers.items() if any(map(_judges, found))}
    while new := {name for name, found in helpers.items() if any(_calls(one) & judging for one in found)} - judging:
        judging |= new
    return [
        f"{path}::{function.name}"
        for path, module in modules.items()
        for function in functions(module)
        if function.name.startswith("test_") and not _judges(function) and not _calls(function) & judging
    ]


def _judges(function: Function) -> bool:
    return any(isinstance(node, ast.Assert) for node in ast.walk(function)) or bool(_named(function) & JUDGES)


def _calls(function: Function) -> set[str]:
    """Functions it calls by their plain name. Methods do not count: `client.get` is no judge."""
    return {
        node.func.id for node in ast.walk(function) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


def _named(function: Function) -> set[str]:
    methods = {
        node.func.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    return _calls(function) | methods


def test_every_test_asserts_something() -> None:
    assert toothless(ROOT) == []


def test_a_test_that_cannot_fail_is_found(tmp_path: Path) -> None:
    text = """
def check(value): assert value
def deeper(value): check(value)
def idle(value): return value
def test_one(): assert 1
def test_two(): deeper(1)
def test_three():
    with pytest.raises(ValueError): int("x")
def test_four(): idle(1)
def test_five(client): client.check("/")
"""
    tree = plant(tmp_path, "tests/unit/test_planted.py", text)
    assert toothless(tree) == ["tests/unit/test_planted.py::test_four", "tests/unit/test_planted.py::test_five"]
