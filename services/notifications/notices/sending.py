"""The worker's part: puts a released notice into the inboxes in one statement, and closes it when all is done.

The channels take it from there like any other message: every inbox row carries when its ladder begins.
"""

import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, Uuid, cast, exists, func, literal, or_, select, text, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from services.core import audit
from services.core.db import db, run
from services.core.errors import LostRace
from services.core.ids import uuid7, uuid7_made_by_database
from services.notifications.models import Delivery, InboxMessage, MassSend, OfficerNotice
from services.notifications.notices import audience, counting, queries, service
from services.notifications.notices.types import NoticeId, NoticeView, State
from services.notifications.templates import TEMPLATES
from services.notifications.types import OPEN, DeliveryStatus, RecipientKind

PEOPLE_A_CALL = 8_000
"""Of a mass message. The platform takes 10,000; people are dealt out by their ids, so calls differ a little."""
LOOKED_BACK = datetime.timedelta(days=4)
"""A stopped notice may have sends in flight that come back as not sent; after its deadline none is left."""
_PATIENT = text("SET LOCAL statement_timeout = '120s'")
ACTOR = "job:notices"


def due(*, now: datetime.datetime) -> list[NoticeId]:
    """Notices whose time has come, and those that are under way, the oldest first."""
    waiting = (OfficerNotice.status == State.SCHEDULED) & (OfficerNotice.send_at <= now)
    query = select(OfficerNotice.id).where(or_(waiting, OfficerNotice.status == State.SENDING))
    return [NoticeId(found) for found in db.session.scalars(query.order_by(OfficerNotice.send_at))]


def start(*, notice_id: NoticeId, above: int, with_mass: bool, now: datetime.datetime) -> NoticeView:
    """Puts a scheduled notice that is due into every inbox of its audience, in one statement, once.

    Counted again: if it has grown above what one officer may release alone, it waits for a second one instead.
    Returns it as it stands then. Locks the notice's row. Raises LostRace when the roster grew meanwhile.
    """
    row = db.session.scalar(
        select(OfficerNotice).where(OfficerNotice.id == notice_id).with_for_update(),
        execution_options={"populate_existing": True},
    )
    if row is None or row.status != State.SCHEDULED or row.send_at is None or row.send_at > now:
        return queries.view_of(notice_id)
    notice = queries.view_of(notice_id)
    run(_PATIENT, {})
    people = counting.people(notice.readers, scope=notice.union_path, now=now)
    if people > above and not row.second_needed:
        row.status, row.second_needed, row.people = State.WAITING, True, people
        row.released_by = row.released_at = None
        audit.record("notice.grown", actor=ACTOR, subject_id=row.id, now=now, detail={"people": people})
    else:
        row.people = _tell(notice, now)
        if row.people > above and not row.second_needed:
            raise LostRace
        row.status, row.started_at = State.SENDING, now
        if row.mass and with_mass:
            _deal_out(notice, row.people, now)
        audit.record("notice.started", actor=ACTOR, subject_id=row.id, now=now, detail={"people": row.people})
    db.session.flush()
    return queries.view_of(notice_id)


def finish(*, notice_id: NoticeId, now: datetime.datetime) -> None:
    """Sent, once nothing of it waits for a channel any more."""
    waits = exists().where(InboxMessage.message_id == notice_id, InboxMessage.next_step_at.is_not(None))
    open_ones = exists().where(Delivery.notice_id == notice_id, Delivery.status.in_(OPEN))
    calls = exists().where(MassSend.notice_id == notice_id, MassSend.status.in_(OPEN))
    db.session.execute(
        update(OfficerNotice)
        .where(OfficerNotice.id == notice_id, OfficerNotice.status == State.SENDING, ~waits, ~open_ones, ~calls)
        .values(status=State.SENT, finished_at=now)
    )


def tidy(*, now: datetime.datetime) -> None:
    """What a stop met in flight and a channel gave back is closed too."""
    halted = select(OfficerNotice.id).where(
        or_(OfficerNotice.stopped_at > now - LOOKED_BACK, OfficerNotice.withdrawn_at > now - LOOKED_BACK)
    )
    for notice_id in db.session.scalars(halted).all():
        service.close_deliveries(notice_id, now=now)


def _tell(notice: NoticeView, now: datetime.datetime) -> int:
    """INSERT … SELECT; ids sort by the time they are made. Returns how many inboxes it stands in."""
    name = audience.template_of(notice.readers, sms=notice.sms)
    template = TEMPLATES[name]
    theirs = audience.member_ids(notice.readers, scope=notice.union_path, now=now).subquery("theirs")
    facts: dict[str, Any] = {"notice": str(notice.id)}
    columns: dict[str, ColumnElement[Any]] = {
        "id": uuid7_made_by_database(),
        "message_id": literal(notice.id, Uuid()),
        "recipient_kind": literal(RecipientKind.MEMBER.value, String()),
        "recipient_id": theirs.c.member_id,
        "template": literal(name, String()),
        "version": literal(template.version),
        "facts": cast(literal(facts, JSONB()), JSONB()),
        "created_at": literal(now),
        "next_step_at": literal(now if template.leaves_the_house else None, InboxMessage.next_step_at.type),
    }
    rows = select(*(value.label(name) for name, value in columns.items())).select_from(theirs)
    told = insert(InboxMessage).from_select(list(columns), rows).on_conflict_do_nothing()
    db.session.execute(told)
    query = select(func.count()).where(InboxMessage.message_id == notice.id)
    return db.session.scalar(query) or 0


def _deal_out(notice: NoticeView, people: int, now: datetime.datetime) -> None:
    """The calls of its mass message: of how many there are, and so who belongs to which, never changes again."""
    calls = max(-(-people // PEOPLE_A_CALL), 1)
    rows = [
        {
            "id": uuid7(), "notice_id": notice.id, "chunk": chunk, "people": 0, "status": DeliveryStatus.CREATED,
            "attempts": 0, "created_at": now,
        }
        for chunk in range(calls)
    ]  # fmt: skip
    db.session.execute(insert(MassSend).values(rows).on_conflict_do_nothing())
