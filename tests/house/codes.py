"""Every stable code that the tree can say, with the facts it comes with: read out of the source, not run."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.house.tree import sources

KINDS = frozenset({"Refusal", "problem"})
#: Each file of app/ and services/ with its syntax tree. Parsed once for all questions: that takes a second.
Modules = list[tuple[str, ast.Module]]


def modules_of(tree: Path) -> Modules:
    return list(sources(tree, "app", "services"))


class Said(NamedTuple):
    """One place that says a code, and the facts it gives; None where the source does not show them."""

    place: str
    code: str
    facts: frozenset[str] | None


def constants(modules: Modules, *, where: str = "") -> dict[str, str]:
    """NAME -> text, of every module-level NAME = "text" in the files of services/ whose path ends so."""
    return {
        target.id: node.value.value
        for path, module in modules
        if path.startswith("services/") and path.endswith(where)
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def error_classes(modules: Modules) -> frozenset[str]:
    """DomainError and all classes that grow out of it, wherever they stand."""
    known = {"DomainError"}
    classes = [
        (node.name, {base.id for base in node.bases if isinstance(base, ast.Name)})
        for _, module in modules
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef)
    ]
    while new := {name for name, bases in classes if bases & known} - known:
        known |= new
    return frozenset(known)


def said(modules: Modules) -> Iterator[Said]:
    """Every Refusal, domain error and problem of the tree, and every constraint's meaning."""
    names, kinds = constants(modules), KINDS | error_classes(modules)
    for path, module in modules:
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and _name(node.func) in kinds and node.args:
                for code in _codes(node.args[0], names):
                    yield Said(f"{path}:{node.lineno}", code, _facts(node))
            elif isinstance(node, ast.Call) and _name(node.func) == "register" and node.args:
                meanings = node.args[0].values if isinstance(node.args[0], ast.Dict) else []
                for value in meanings:
                    yield from (Said(f"{path}:{value.lineno}", code, frozenset()) for code in _codes(value, names))


def _codes(node: ast.expr, names: dict[str, str]) -> list[str]:
    if isinstance(node, ast.IfExp):
        return _codes(node.body, names) + _codes(node.orelse, names)
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    name = _name(node)
    return [names[name]] if name in names else []


def _facts(call: ast.Call) -> frozenset[str] | None:
    named = {keyword.arg for keyword in call.keywords if keyword.arg}
    for argument in call.args[1:]:
        if isinstance(argument, ast.Dict):
            named |= {key.value for key in argument.keys if isinstance(key, ast.Constant)}
        elif not isinstance(argument, ast.Constant):
            return None
    return frozenset(named)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
