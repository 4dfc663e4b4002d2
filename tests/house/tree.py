"""The source tree as data. Every checker of this folder is a function over a tree, so that a second test can feed it
a copy with a planted fault."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CODE = ("app", "services", "migrations")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def files(root: Path, *folders: str) -> Iterator[str]:
    """Each Python file below these folders of `root`: its path from there."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            yield path.relative_to(root).as_posix()


def sources(root: Path, *folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Each Python file below these folders of `root`: its path from there, and its syntax tree."""
    for path in files(root, *folders):
        yield path, ast.parse((root / path).read_text(encoding="utf-8"))


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def plant(root: Path, path: str, text: str) -> Path:
    """Writes one file of a small tree that has a fault; returns the tree."""
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text, encoding="utf-8")
    return root
