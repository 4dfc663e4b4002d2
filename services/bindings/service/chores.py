"""Time passes: officers are reminded, what nobody decided goes up, what is long over is forgotten."""

import datetime

from sqlalchemy import update

from services.bindings import messages, queries, rules
from services.bindings.models import BindingRequest
from services.bindings.types import RequestId, Status
from services.core import audit, outbox, purging, workdays
from services.core.calendar import local_date
from services.core.db import db
from services.unions import queries as unions
from services.unions.types import UnionId

ACTOR = "job:bindings"


def nudge(now: datetime.datetime) -> int:
    """On the second working day reminds the union in whose tray a request lies, once. Returns how many.

    Posts bindings.nudged.
    """
    nudged = 0
    for request_id, union_id, since in queries.unnudged():
        if local_date(workdays.due(since, rules.NUDGED_ON)) > local_date(now):
            continue
        of = (BindingRequest.id == request_id) & (BindingRequest.status == Status.OPEN)
        marked = update(BindingRequest).where(of, BindingRequest.nudged_at.is_(None)).values(nudged_at=now)
        if db.session.execute(marked.returning(BindingRequest.id)).first():
            outbox.post(messages.RequestNudged(union_id=union_id, request_id=request_id))
            nudged += 1
    return nudged


def raise_overdue(now: datetime.datetime) -> int:
    """What nobody decided in time goes to the union above, with as much time again. Returns how many.

    At the federation it stays where it is, and the federation is told each working day. Posts bindings.raised to both
    unions. Audited.
    """
    moved = 0
    for request_id, union_id, due_at in queries.overdue(now):
        parent = unions.office(union_id).parent_id
        values = (
            {"union_id": parent, "raised_at": now, "due_at": workdays.due(now, rules.DECIDED_IN), "nudged_at": None}
            if parent
            else {"due_at": workdays.due(now, 1)}
        )
        of = (BindingRequest.id == request_id) & (BindingRequest.status == Status.OPEN)
        taken = update(BindingRequest).where(of, BindingRequest.due_at == due_at).values(values)
        if db.session.execute(taken.returning(BindingRequest.id)).first() is None:
            continue
        moved += 1
        _tell(request_id, union_id, parent, now)
    return moved


def purge(now: datetime.datetime) -> int:
    """Forgets a batch of requests that were closed half a year ago. Run it until it returns 0."""
    return purging.forget(BindingRequest.closed_at, before=now - rules.KEPT_CLOSED)  # type: ignore[arg-type]


def _tell(request_id: RequestId, union_id: UnionId, parent: UnionId | None, now: datetime.datetime) -> None:
    if parent is None:
        outbox.post(messages.RequestNudged(union_id=union_id, request_id=request_id))
        return
    audit.record(
        "binding.raised", actor=ACTOR, subject_id=request_id, now=now,
        detail={"from": str(union_id), "to": str(parent)},
    )  # fmt: skip
    outbox.post(messages.RequestRaised(from_union_id=union_id, to_union_id=parent, request_id=request_id))
