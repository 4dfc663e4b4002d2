"""Reads about notices, for officers. Whose may be seen is always an argument."""

import datetime
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select, text

from services.accounts import queries as accounts
from services.accounts.types import MAY, AccountId, Capability
from services.core import audit
from services.core.calendar import SHANGHAI, local, local_date
from services.core.db import Rows, db, run
from services.core.errors import NotFound
from services.core.paging import Page, PageRequest
from services.notifications.models import Delivery, InboxMessage, MassSend, OfficerNotice
from services.notifications.notices import audience, rules
from services.notifications.notices.errors import NOTICE_UNKNOWN
from services.notifications.notices.types import NoticeId, NoticeView, Progress, State
from services.notifications.types import OPEN
from services.unions import queries as unions
from services.unions.types import UnionId, UnionPath

_ONE_RELEASE = text("SELECT pg_advisory_xact_lock(hashtext('notices.mass_month'))")


@dataclass(frozen=True)
class MassMonth:
    """Calls of the mass message this month (China) that the same followers may have got."""

    sent: int

    @property
    def left(self) -> int:
        return rules.mass_left(self.sent)


def page(request: PageRequest, *, scopes: Sequence[UnionPath]) -> Page[NoticeView]:
    """The notices of these subtrees, newest first, without what was dropped. One statement."""
    query = _rows(scopes).where(OfficerNotice.status != State.DROPPED)
    rows = db.session.execute(request.apply(query, OfficerNotice.id)).all()
    return request.page([view(row) for row in rows], [row[0].id for row in rows])


def one(notice_id: NoticeId, *, scopes: Sequence[UnionPath]) -> NoticeView:
    """Raises NotFound(notice_unknown), also for another subtree's."""
    row = db.session.execute(_rows(scopes).where(OfficerNotice.id == notice_id)).first()
    if row is None:
        raise NotFound(NOTICE_UNKNOWN)
    return view(row)


def view_of(notice_id: uuid.UUID) -> NoticeView:
    """Any notice, for the verbs and the worker."""
    row = db.session.execute(_rows(None).where(OfficerNotice.id == notice_id)).one()
    return view(row)


def progress(notice: NoticeView) -> Progress:
    """How far it has come. Two statements, three with a mass message."""
    facts = select(
        func.count(), func.count().filter(InboxMessage.next_step_at.is_not(None)),
        func.count().filter(InboxMessage.read_at.is_not(None)),
    )  # fmt: skip
    told, waiting, read = db.session.execute(facts.where(InboxMessage.message_id == notice.id)).one()
    ways = select(Delivery.channel, Delivery.status, func.count()).where(Delivery.notice_id == notice.id)
    found = db.session.execute(ways.group_by(Delivery.channel, Delivery.status)).all()
    deliveries: dict[str, int] = {}
    for _, status, number in found:
        deliveries[status] = deliveries.get(status, 0) + number
    calls = select(MassSend.status, func.sum(MassSend.people)).where(MassSend.notice_id == notice.id)
    mass = {row[0]: int(row[1]) for row in db.session.execute(calls.group_by(MassSend.status))} if notice.mass else {}
    pending = (waiting if notice.state is State.SENDING else 0) + sum(deliveries.get(one, 0) for one in OPEN)
    # Those whom it never left the inbox for stay when the inbox is forgotten: people is what was told.
    return Progress(max(told, notice.people or 0), pending, read, deliveries, mass)


def mass_month(
    *, scope: UnionPath, now: datetime.datetime, but: uuid.UUID | None = None, hold: bool = True
) -> MassMonth:
    """Mass messages of this month whose followers may be among these: of this subtree and of the unions above it.

    Whoever counts to release one comes after whoever did before: it locks until the end. Without `hold` it only looks.
    """
    if hold:
        run(_ONE_RELEASE, {})
    month = local(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0, tzinfo=SHANGHAI)
    union = unions.unions().subquery("union")
    above = [path.path for path in unions.above(scope)]
    related = or_(unions.in_subtree(union.c.union_path, scope), union.c.union_path.in_(above))
    query = (
        select(func.count())
        .select_from(OfficerNotice)
        .join(union, union.c.union_id == OfficerNotice.union_id)
        .where(
            OfficerNotice.mass, related, OfficerNotice.id != (but or uuid.UUID(int=0)),
            or_(
                OfficerNotice.started_at >= month.astimezone(datetime.UTC),
                OfficerNotice.status.in_([State.SCHEDULED, State.SENDING]),
            ),
        )
    )  # fmt: skip
    return MassMonth(db.session.scalar(query) or 0)


def released_alone(account_id: AccountId, *, now: datetime.datetime) -> int:
    """People of what this officer released within a day without a second one."""
    query = select(func.sum(OfficerNotice.people)).where(
        OfficerNotice.released_by == account_id,
        ~OfficerNotice.second_needed,
        OfficerNotice.released_at > now - rules.OWN_DAY,
    )
    return int(db.session.scalar(query) or 0)


def writers(notice: NoticeView) -> set[AccountId]:
    """Whoever wrote a version of it."""
    labels = audit.actors("notice.written", subject_id=notice.id)
    return {notice.author, *(AccountId(uuid.UUID(one.partition(":")[2])) for one in labels)}


def others_who_release(*, scope: UnionPath, but: Sequence[AccountId], now: datetime.datetime) -> int:
    """How many officers, these aside, could release a notice of this union. One statement."""
    held = accounts.grants_in_force(on=local_date(now)).subquery("held")
    union = unions.unions().subquery("union")
    roles = [role for role, may in MAY.items() if Capability.RELEASE_NOTICES in may]
    above = [path.path for path in unions.above(scope)]
    query = (
        select(func.count(held.c.account_id.distinct()))
        .join(union, union.c.union_id == held.c.union_id)
        .where(held.c.role.in_(roles), union.c.union_path.in_(above), held.c.account_id.not_in(but))
    )
    return db.session.scalar(query) or 0


def _rows(scopes: Sequence[UnionPath] | None) -> Rows:
    """None: of every subtree."""
    union = unions.unions().subquery("union")
    query = select(OfficerNotice, union.c.union_path, union.c.union_name).join(
        union, union.c.union_id == OfficerNotice.union_id
    )
    return query if scopes is None else query.where(unions.in_scopes(union.c.union_path, scopes))


def view(row: Any) -> NoticeView:
    """Reads a row of OfficerNotice, union_path, union_name."""
    kept: OfficerNotice = row[0]
    return NoticeView(
        id=NoticeId(kept.id), union_id=UnionId(kept.union_id), union_path=UnionPath(row.union_path),
        union_name=row.union_name,
        author=AccountId(kept.author), title=kept.title, body=kept.body, readers=audience.read(kept.audience),
        sms=kept.sms, mass=kept.mass, state=State(kept.status), revision=kept.revision,
        second_needed=kept.second_needed, people=kept.people, created_at=kept.created_at, send_at=kept.send_at,
        released_by=AccountId(kept.released_by) if kept.released_by else None, released_at=kept.released_at,
        started_at=kept.started_at, finished_at=kept.finished_at, stopped_at=kept.stopped_at,
        withdrawn_at=kept.withdrawn_at,
    )  # fmt: skip
