"""One commit point: services/core/transaction.py, opened by the doors."""

import ast
from pathlib import Path

from tests.house.tree import CODE, ROOT, plant, sources

#: Where a commit may stand, and why.
ALLOWED = {
    "services/core/transaction.py": "the one place",
    "migrations/env.py": "the advisory lock is held outside the migrations' own transactions",
}
ENDS_A_TRANSACTION = frozenset({"commit", "begin"})
HOURS = {"begin"}
"""Also a plain value, of opening hours: it counts only where it is called."""


def commits(tree: Path) -> list[str]:
    """Every mention of .commit and call of .begin outside ALLOWED: `with engine.begin()` commits too."""
    found = []
    for path, module in sources(tree, *CODE):
        nodes = list(ast.walk(module))
        called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
        found += [
            f"{path}:{node.lineno}"
            for node in nodes
            if isinstance(node, ast.Attribute) and node.attr in ENDS_A_TRANSACTION and path not in ALLOWED
            if node.attr not in HOURS or id(node) in called
        ]
    return found


def test_only_the_transaction_commits() -> None:
    assert commits(ROOT) == []


def test_each_exception_is_used() -> None:
    for path in ALLOWED:
        assert ".commit()" in (ROOT / path).read_text(encoding="utf-8")


def test_a_commit_elsewhere_is_found(tmp_path: Path) -> None:
    plant(tmp_path, "services/offers/service.py", "def publish():\n    db.session.commit()\n")
    tree = plant(tmp_path, "app/jobs.py", "with db.engine.begin() as connection:\n    pass\n")
    assert commits(tree) == ["app/jobs.py:1", "services/offers/service.py:2"]
