"""Reads: somebody's own inbox."""

from sqlalchemy import func, select, text

from services.core import outbox
from services.core.db import db
from services.core.paging import Page, PageRequest
from services.notifications.models import InboxMessage
from services.notifications.types import InboxItem, Recipient


def inbox(recipient: Recipient, request: PageRequest) -> Page[InboxItem]:
    """Newest first. One statement."""
    query = select(InboxMessage).where(
        InboxMessage.recipient_kind == recipient.kind, InboxMessage.recipient_id == recipient.id
    )
    rows = list(db.session.scalars(request.apply(query, InboxMessage.id)))
    items = [
        InboxItem(row.id, row.template, row.facts, row.created_at, row.read_at is not None, row.version) for row in rows
    ]
    return request.page(items, [row.id for row in rows])


def unread(recipient: Recipient) -> int:
    return (
        db.session.scalar(
            select(func.count()).where(
                InboxMessage.recipient_kind == recipient.kind,
                InboxMessage.recipient_id == recipient.id,
                InboxMessage.read_at.is_(None),
            )
        )
        or 0
    )


def untold() -> int:
    """Messages of the outbox whose job failed for the last time: nobody was told. It reads every job that waits."""
    query = text("SELECT count(*) FROM procrastinate_jobs WHERE queue_name = :queue AND status = 'failed'")
    return db.session.scalar(query, {"queue": outbox.QUEUE}) or 0
