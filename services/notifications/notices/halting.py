"""Whether a notice was stopped or withdrawn: asked before every step and every send, so that a stop holds at once."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select

from services.core.db import db
from services.notifications.models import Delivery, OfficerNotice
from services.notifications.notices.types import State


def _over() -> ColumnElement[bool]:
    return or_(OfficerNotice.status == State.STOPPED, OfficerNotice.withdrawn_at.is_not(None))


def halted() -> ColumnElement[bool]:
    """Of a delivery: its notice goes no further."""
    return exists().where(OfficerNotice.id == Delivery.notice_id, _over())


def notice_of(facts: Mapping[str, Any]) -> uuid.UUID | None:
    return uuid.UUID(facts["notice"]) if "notice" in facts else None


def stopped(rows: Iterable[Mapping[str, Any]]) -> set[uuid.UUID]:
    """Of the notices that these facts name, those that go no further. No statement where none is named."""
    ids = {notice for facts in rows if (notice := notice_of(facts))}
    if not ids:
        return set()
    return set(db.session.scalars(select(OfficerNotice.id).where(OfficerNotice.id.in_(ids), _over())))
