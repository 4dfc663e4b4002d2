"""Pure decisions about the tree."""

from services.core.ids import to_base32
from services.unions.types import UnionPath

CODE_LENGTH = 4


def within(path: str, scope: str) -> bool:
    """Is the union at `path` the one at `scope` or below it?"""
    return path == scope or path.startswith(scope + ".")


def child_path(parent: UnionPath | None, ordinal: int) -> UnionPath:
    """The path of the `ordinal`-th child. ValueError above 1,048,575 children."""
    code = to_base32(ordinal, CODE_LENGTH)
    return UnionPath(f"{parent}.{code}" if parent else code)
