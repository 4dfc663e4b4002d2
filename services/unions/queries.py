"""Reads."""

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from services.core.db import Rows, db
from services.unions.models import Union
from services.unions.types import Level, UnionId, UnionPath, UnionView


def unions() -> Rows:
    """id, path, name of every union, for a higher package to join."""
    return select(Union.id.label("union_id"), Union.path.label("union_path"), Union.name.label("union_name"))


def in_subtree(path: ColumnElement[str] | InstrumentedAttribute[str], scope: UnionPath) -> ColumnElement[bool]:
    """The SQL twin of rules.within. Paths hold no wildcard characters."""
    return (path == scope) | path.like(f"{scope}.%")


def subtree(*, scope: UnionPath, level: Level | None = None) -> list[UnionView]:
    """The union at `scope` and all below it, in tree order; only those of `level` if given."""
    query = select(Union).where(in_subtree(Union.path, scope)).order_by(Union.path)
    if level:
        query = query.where(Union.level == level)
    return [_view(row) for row in db.session.scalars(query)]


def at(path: UnionPath) -> UnionView:
    """The union at this very path, e.g. the top of an officer's scope."""
    return _view(db.session.scalars(select(Union).where(Union.path == path)).one())


def roots() -> list[UnionView]:
    """The federations."""
    return [_view(row) for row in db.session.scalars(select(Union).where(Union.parent_id.is_(None)))]


def _view(row: Union) -> UnionView:
    parent = UnionId(row.parent_id) if row.parent_id else None
    return UnionView(UnionId(row.id), parent, UnionPath(row.path), Level(row.level), row.name)
