"""Verbs that change the tree."""

from sqlalchemy import func, select

from services.core.db import db
from services.core.ids import uuid7
from services.unions.models import Union
from services.unions.rules import child_path
from services.unions.types import Level, UnionId, UnionPath, UnionView


def found(*, name: dict[str, str], level: Level, parent: UnionView | None = None) -> UnionView:
    """Adds a union below `parent` (none for a federation). Locks the parent's row while it picks the next code."""
    parent_id = parent.id if parent else None
    if parent_id:
        db.session.execute(select(Union.id).where(Union.id == parent_id).with_for_update())
    siblings = db.session.scalar(select(func.count()).where(Union.parent_id.is_not_distinct_from(parent_id))) or 0
    path = child_path(parent.path if parent else None, siblings + 1)
    union = Union(id=uuid7(), parent_id=parent_id, path=path, level=level, name=name)
    db.session.add(union)
    db.session.flush()
    return UnionView(UnionId(union.id), UnionId(parent_id) if parent_id else None, UnionPath(path), level, name)
