"""Reads. The directory is public: it shows open unions and of them name, place and phone."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from services.core.db import Rows, db
from services.core.errors import Invalid, NotFound
from services.core.paging import MOST, Page, PageRequest
from services.unions.errors import UNION_UNKNOWN
from services.unions.models import Union
from services.unions.rules import TOKEN_LENGTH, UNION_ENDINGS, asked_words, parts
from services.unions.types import Contact, Level, Office, Place, TradeGroup, UnionId, UnionPath, UnionView

_VIEW = (Union.id, Union.parent_id, Union.path, Union.level, Union.name)


def unions() -> Rows:
    """id, path, name, trade group of every union, for a higher package to join."""
    return select(
        Union.id.label("union_id"),
        Union.path.label("union_path"),
        Union.name.label("union_name"),
        Union.trade_group.label("union_trade_group"),
    )


def in_subtree(path: ColumnElement[str] | InstrumentedAttribute[str], scope: UnionPath) -> ColumnElement[bool]:
    """The SQL twin of rules.within. Paths hold no wildcard characters."""
    return (path == scope) | path.like(f"{scope}.%")


def in_scopes(
    path: ColumnElement[str] | InstrumentedAttribute[str], scopes: Sequence[UnionPath]
) -> ColumnElement[bool]:
    """Inside any of several subtrees; nothing is inside none."""
    return or_(literal(False), *(in_subtree(path, scope) for scope in scopes))


def subtree(*, scope: UnionPath, level: Level | None = None) -> list[UnionView]:
    """The union at `scope` and all open ones below it, in tree order; only those of `level` if given."""
    query = select(*_VIEW).where(in_subtree(Union.path, scope), Union.closed_at.is_(None)).order_by(Union.path)
    if level:
        query = query.where(Union.level == level)
    return [_view(row) for row in db.session.execute(query)]


def at(path: UnionPath) -> UnionView:
    """The union at this very path, e.g. the top of an officer's scope."""
    return _view(db.session.scalars(select(Union).where(Union.path == path)).one())


def roots() -> list[UnionView]:
    """The federations."""
    return [_view(row) for row in db.session.scalars(select(Union).where(Union.parent_id.is_(None)))]


def office(union_id: UnionId) -> Office:
    """A union, closed or open, with how it is reached. Raises NotFound(union_unknown)."""
    return _office_where(Union.id == union_id)


def office_within(union_id: UnionId, *, scopes: Sequence[UnionPath]) -> Office:
    """As `office`, for one who may see these subtrees only. Raises NotFound(union_unknown) for any other union."""
    return _office_where(and_(Union.id == union_id, in_scopes(Union.path, scopes)))


def open_office(union_id: UnionId) -> Office:
    """As `office`, for the public: a closed union is none. Raises NotFound(union_unknown)."""
    return _office_where(and_(Union.id == union_id, Union.closed_at.is_(None)))


def by_join_token(token: str) -> Office:
    """Whose poster it is. Raises NotFound(union_unknown) for a token replaced, or of a union that is closed."""
    if len(token) != TOKEN_LENGTH or not token.isalnum():
        raise NotFound(UNION_UNKNOWN)
    return _office_where(and_(Union.join_token == token.upper(), Union.closed_at.is_(None)))


def join_token(union_id: UnionId) -> str:
    return db.session.scalars(select(Union.join_token).where(Union.id == union_id)).one()


def join_tokens(union_ids: Sequence[UnionId]) -> dict[UnionId, str]:
    """What the QR codes of these unions' posters say."""
    rows = db.session.execute(select(Union.id, Union.join_token).where(Union.id.in_(union_ids)))
    return {UnionId(row.id): row.join_token for row in rows}


def named(paths: Collection[UnionPath]) -> dict[UnionPath, dict[str, str]]:
    """The names of the unions at these paths."""
    rows = db.session.execute(select(Union.path, Union.name).where(Union.path.in_(paths)))
    return {UnionPath(row.path): row.name for row in rows}


def above(path: UnionPath) -> list[UnionView]:
    """The unions from the root down to the one at `path`, itself included."""
    return [_view(row) for row in db.session.scalars(select(Union).where(Union.path.in_(parts(path))).order_by("path"))]


def below(parent_id: UnionId | None, request: PageRequest) -> Page[Office]:
    """Open unions directly below one, or the federations, in tree order. One statement."""
    return _page(and_(Union.parent_id.is_not_distinct_from(parent_id), Union.closed_at.is_(None)), request)


def search(text: str, request: PageRequest, *, scope: UnionPath | None = None) -> Page[Office]:
    """Open unions that fit what somebody typed, in tree order: a town before the unions in it. One statement.

    Every word stands in the name or address of the union or in the name of one above it; or the name of a
    grass-roots union without its 工会 stands in what was typed, as an employer's full name holds it.
    Nothing typed finds nothing.
    """
    words = asked_words(text)
    if not words:
        return Page([], None)
    bare = func.regexp_replace(Union.name["zh"].astext, UNION_ENDINGS, "")
    holds_name = and_(func.length(bare) > 1, func.strpos("".join(words), func.lower(bare)) > 0)
    fits = or_(and_(*(_said_of(word) for word in words)), and_(Union.level == Level.GRASSROOTS, holds_name))
    if scope:
        fits = and_(fits, in_subtree(Union.path, scope))
    return _page(and_(fits, Union.closed_at.is_(None)), request)


def _said_of(word: str) -> ColumnElement[bool]:
    upper = aliased(Union)
    # Nothing stands below a grass-roots union. The others are few, and read once: not for each union of the tree.
    named = (
        select(upper.path.concat(".%").label("below"))
        .where(upper.level != Level.GRASSROOTS, func.strpos(func.lower(_joined(upper.name)), word) > 0)
        .cte()
        .prefix_with("MATERIALIZED")
    )
    own = func.lower(_joined(Union.name, Union.address))
    return or_(func.strpos(own, word) > 0, exists().where(Union.path.like(named.c.below)))


def _joined(*texts: Any) -> ColumnElement[str]:
    return func.concat_ws(" ", *(text[language].astext for text in texts for language in ("zh", "en")))


def _page(condition: ColumnElement[bool], request: PageRequest) -> Page[Office]:
    limit = min(request.limit, MOST)
    query = _offices().where(condition)
    if request.cursor:
        if not request.cursor.replace(".", "").isalnum():
            raise Invalid("cursor_malformed", field="cursor")
        query = query.where(Union.path > request.cursor)
    rows = db.session.execute(query.order_by(Union.path).limit(limit + 1)).all()
    found = [_office(row[0], row[1]) for row in rows[:limit]]
    return Page(found, found[-1].path if len(rows) > limit else None)


_PARENT = aliased(Union, name="parent")


def _offices() -> Rows:
    return select(Union, _PARENT.name.label("above")).outerjoin(_PARENT, _PARENT.id == Union.parent_id)


def _office_where(condition: ColumnElement[bool]) -> Office:
    row = db.session.execute(_offices().where(condition)).first()
    if row is None:
        raise NotFound(UNION_UNKNOWN)
    return _office(row[0], row[1])


def _office(row: Union, above: dict[str, str] | None) -> Office:
    place = Place(row.latitude, row.longitude) if row.latitude is not None and row.longitude is not None else None
    return Office(
        UnionId(row.id),
        UnionId(row.parent_id) if row.parent_id else None,
        UnionPath(row.path),
        Level(row.level),
        row.name,
        above,
        Contact(row.phone, row.address, place),
        row.closed_at,
        TradeGroup(row.trade_group) if row.trade_group else None,
    )


def _view(row: Any) -> UnionView:
    """Reads a whole row, or the columns of _VIEW."""
    parent = UnionId(row.parent_id) if row.parent_id else None
    return UnionView(UnionId(row.id), parent, UnionPath(row.path), Level(row.level), row.name)
