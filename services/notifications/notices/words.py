"""What a notice says, read where it stands: an inbox row holds only which notice it is."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from services.core.db import db
from services.notifications.models import OfficerNotice

WITHDRAWN = {
    "notice_title": {"zh": "这条通知已由工会撤回", "en": "The union has withdrawn this notice"},
    "notice_text": {
        "zh": "内容不再显示。有疑问，请问您的工会。",
        "en": "Its text is not shown any more. If in doubt, ask your union.",
    },
}


def filled(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same facts; those that name a notice with its title and text too. One statement if any does, else none."""
    ids = {uuid.UUID(facts["notice"]) for facts in rows if "notice" in facts}
    if not ids:
        return [dict(facts) for facts in rows]
    query = select(OfficerNotice.id, OfficerNotice.title, OfficerNotice.body, OfficerNotice.withdrawn_at)
    found = {
        str(row.id): WITHDRAWN if row.withdrawn_at else {"notice_title": row.title, "notice_text": row.body}
        for row in db.session.execute(query.where(OfficerNotice.id.in_(ids)))
    }
    return [{**facts, **found.get(str(facts.get("notice")), {})} for facts in rows]
