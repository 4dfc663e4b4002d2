"""Verbs that change the tree."""

from collections.abc import Sequence

from sqlalchemy import func, insert, select

from services.core.db import db
from services.core.ids import uuid7
from services.unions.models import Union
from services.unions.rules import child_path
from services.unions.types import Level, UnionId, UnionView


def found(*, name: dict[str, str], level: Level, parent: UnionView | None = None) -> UnionView:
    """Adds a union below `parent` (none for a federation). Locks the parent's row while it picks the next code."""
    return found_many(names=[name], level=level, parent=parent)[0]


def found_many(*, names: Sequence[dict[str, str]], level: Level, parent: UnionView | None) -> list[UnionView]:
    """Adds several unions below one parent, in this order. Locks as `found`."""
    parent_id = parent.id if parent else None
    if parent_id:
        db.session.execute(select(Union.id).where(Union.id == parent_id).with_for_update(key_share=True))
    siblings = db.session.scalar(select(func.count()).where(Union.parent_id.is_not_distinct_from(parent_id))) or 0
    founded = [
        UnionView(UnionId(uuid7()), parent_id, child_path(parent.path if parent else None, ordinal), level, name)
        for ordinal, name in enumerate(names, start=siblings + 1)
    ]
    if founded:
        db.session.execute(insert(Union), [vars(union) for union in founded])
    return founded
