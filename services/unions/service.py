"""Verbs that change the tree. Nothing moves a union below another one: every path below it would change.

Who may change which union is the caller's scope: verbs take the union as it was read inside that scope.
"""

import datetime
from collections.abc import Sequence
from typing import Any

from sqlalchemy import exists, func, insert, select
from sqlalchemy.orm import aliased

from services.core import audit
from services.core.db import db
from services.core.errors import Conflict, Invalid, NotFound
from services.core.ids import random_base32, uuid7
from services.unions.errors import UNION_CLOSED, UNION_HAS_BRANCHES, UNION_IS_ROOT, UNION_LEVEL, UNION_UNKNOWN
from services.unions.models import Union
from services.unions.rules import BELOW, TOKEN_LENGTH, child_path
from services.unions.types import Contact, Level, TradeGroup, UnionId, UnionPath, UnionView


def found(
    *, name: dict[str, str], level: Level, parent: UnionView | None = None, contact: Contact | None = None
) -> UnionView:
    """Adds a union below `parent` (none for a federation). Locks the parent's row while it picks the next code."""
    return found_many(names=[name], level=level, parent=parent, contacts=[contact] if contact else ())[0]


def found_many(
    *, names: Sequence[dict[str, str]], level: Level, parent: UnionView | None, contacts: Sequence[Contact] = ()
) -> list[UnionView]:
    """Adds several unions below one parent, in this order, each with its contact if given. Locks as `found`."""
    parent_id = parent.id if parent else None
    if parent_id:
        db.session.execute(select(Union.id).where(Union.id == parent_id).with_for_update(key_share=True))
    siblings = db.session.scalar(select(func.count()).where(Union.parent_id.is_not_distinct_from(parent_id))) or 0
    founded = [
        UnionView(UnionId(uuid7()), parent_id, child_path(parent.path if parent else None, ordinal), level, name)
        for ordinal, name in enumerate(names, start=siblings + 1)
    ]
    reached = [*contacts, *[Contact()] * (len(founded) - len(contacts))]
    if founded:
        rows = [
            vars(union) | _columns(contact) | {"join_token": random_base32(TOKEN_LENGTH)}
            for union, contact in zip(founded, reached, strict=True)
        ]
        db.session.execute(insert(Union).execution_options(render_nulls=True), rows)
    return founded


def add(
    *,
    name: dict[str, str],
    level: Level,
    parent_id: UnionId,
    actor: str,
    now: datetime.datetime,
    contact: Contact | None = None,
) -> UnionView:
    """An officer adds a union. Locks the parent. Audited as union.founded.

    Raises NotFound(union_unknown), Conflict(union_closed), Invalid(union_level) for a level that cannot stand there.
    """
    parent = _locked(parent_id)
    if level not in BELOW[Level(parent.level)]:
        raise Invalid(UNION_LEVEL, field="level")
    above = UnionView(parent_id, None, UnionPath(parent.path), Level(parent.level), parent.name)
    union = found(name=name, level=level, parent=above, contact=contact)
    detail = {"level": level, "parent": str(parent_id)}
    audit.record("union.founded", actor=actor, subject_id=union.id, now=now, detail=detail)
    return union


def rename(*, union_id: UnionId, name: dict[str, str], actor: str, now: datetime.datetime) -> None:
    """Gives another name; the same one changes nothing. Locks the row. Audited as union.renamed, with both names.

    Raises NotFound(union_unknown), Conflict(union_closed).
    """
    union = _locked(union_id)
    if union.name != name:
        detail = {"before": union.name, "after": name}
        union.name = name
        _written("union.renamed", union_id, actor, now, detail)


def describe(*, union_id: UnionId, contact: Contact, actor: str, now: datetime.datetime) -> None:
    """Sets phone, address and place as a whole; the same ones change nothing. Locks the row.

    Audited as union.described with the names of what changed. Raises NotFound(union_unknown), Conflict(union_closed).
    """
    union = _locked(union_id)
    changed = [name for name, value in _columns(contact).items() if getattr(union, name) != value]
    if changed:
        for name, value in _columns(contact).items():
            setattr(union, name, value)
        _written("union.described", union_id, actor, now, {"changed": changed})


def set_trade_group(*, union_id: UnionId, trade_group: TradeGroup | None, actor: str, now: datetime.datetime) -> None:
    """Says what the members of a grass-roots union do, None where that is mixed; the same changes nothing.

    Locks the row. Audited as union.described. Raises NotFound(union_unknown), Conflict(union_closed),
    Invalid(union_level) for a union that is above others.
    """
    union = _locked(union_id)
    if union.trade_group == trade_group:
        return
    if union.level != Level.GRASSROOTS:
        raise Invalid(UNION_LEVEL, field="trade_group")
    union.trade_group = trade_group
    _written("union.described", union_id, actor, now, {"changed": ["trade_group"]})


def close(*, union_id: UnionId, actor: str, now: datetime.datetime) -> None:
    """Takes a union out of the directory for good; its poster ends. Its members stay until they are moved.

    Locks the row, so that no union is added below meanwhile. Audited as union.closed. Raises NotFound(union_unknown),
    Conflict(union_closed, union_has_branches) and Conflict(union_is_root) for a federation.
    """
    union, below = _locked(union_id), aliased(Union)
    if union.parent_id is None:
        raise Conflict(UNION_IS_ROOT)
    if db.session.scalar(select(exists().where(below.parent_id == union_id, below.closed_at.is_(None)))):
        raise Conflict(UNION_HAS_BRANCHES)
    union.closed_at = now
    _written("union.closed", union_id, actor, now, {})


def renew_join_token(*, union_id: UnionId, actor: str, now: datetime.datetime) -> None:
    """Gives the union's poster a new address; the old posters end. Locks the row. Audited as union.poster_renewed.

    Raises NotFound(union_unknown), Conflict(union_closed).
    """
    union = _locked(union_id)
    union.join_token = random_base32(TOKEN_LENGTH)
    _written("union.poster_renewed", union_id, actor, now, {})


def _locked(union_id: UnionId) -> Union:
    """The row of an open union, kept from others until the commit; other tables may still refer to it meanwhile."""
    query = select(Union).where(Union.id == union_id).with_for_update(key_share=True)
    union = db.session.scalars(query.execution_options(populate_existing=True)).first()
    if union is None:
        raise NotFound(UNION_UNKNOWN)
    if union.closed_at:
        raise Conflict(UNION_CLOSED)
    return union


def _written(action: str, union_id: UnionId, actor: str, now: datetime.datetime, detail: dict[str, Any]) -> None:
    db.session.flush()
    audit.record(action, actor=actor, subject_id=union_id, now=now, detail=detail)


def _columns(contact: Contact) -> dict[str, Any]:
    place = contact.place
    return {
        "phone": contact.phone,
        "address": contact.address,
        "latitude": place.latitude if place else None,
        "longitude": place.longitude if place else None,
    }
