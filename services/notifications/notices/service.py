"""Verbs of officers: write, ask for release, release, take back, drop, stop, withdraw. Each locks the notice's row.

Two people for a large notice: the one who releases it has written no version of it. The database holds the last line
(ck_officer_notices_two_people), the audit trail who wrote the versions before.
"""

import dataclasses
import datetime

from sqlalchemy import select, text, update

from services.accounts.types import Capability, OfficerActor
from services.core import audit, outbox
from services.core.db import db, run
from services.core.errors import Conflict, Invalid, NotFound, Refusal
from services.core.ids import uuid7
from services.events.queries import events
from services.events.types import EventId
from services.merchants import records
from services.notifications import consents
from services.notifications.models import Delivery, MassSend, OfficerNotice
from services.notifications.notices import counting, queries, rules
from services.notifications.notices.errors import (
    NOTICE_CHANGED,
    NOTICE_EVENT_UNKNOWN,
    NOTICE_MASS_USED_UP,
    NOTICE_MOVED_ON,
    NOTICE_NOBODY,
    NOTICE_SHOP_UNKNOWN,
    NOTICE_UNION_UNKNOWN,
    NOTICE_UNKNOWN,
)
from services.notifications.notices.types import Draft, NoticeId, State
from services.notifications.types import DeliveryStatus
from services.notifications.work import NoticeReleased
from services.unions import queries as unions
from services.unions.types import UnionPath

_PATIENT = text("SET LOCAL statement_timeout = '60s'")
"""At night everybody's SMS may be waiting for the morning."""
WRITTEN = "notice.written"
_OPEN = (State.DRAFT, State.WAITING)
_ONE_OFFICER = text("SELECT pg_advisory_xact_lock(hashtext('notices.released_alone'), hashtext(:account))")


def write(*, draft: Draft, officer: OfficerActor, now: datetime.datetime) -> NoticeId:
    """A first version, in a union of the officer's. Raises Invalid, with the field."""
    said = _reachable(rules.checked(draft, now=now), officer)
    row = OfficerNotice(
        id=uuid7(), author=officer.account_id, status=State.DRAFT, revision=1, second_needed=False, created_at=now,
        **_columns(said),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    _written("notice.written", row, officer.label, now, revision=1)
    return NoticeId(row.id)


def change(*, notice_id: NoticeId, draft: Draft, seen: int, officer: OfficerActor, now: datetime.datetime) -> int:
    """Another version, whose author is this officer; the revision goes up, and whoever was asked is asked again.

    Returns the revision. Raises Invalid; Conflict(notice_changed) when `seen` is not the newest, and
    Conflict(notice_moved_on) once it was released.
    """
    row = _held(notice_id, officer)
    _at(row, seen, *_OPEN)
    said = _reachable(rules.checked(draft, now=now), officer)
    for name, value in _columns(said).items():
        setattr(row, name, value)
    row.author, row.status, row.revision = officer.account_id, State.DRAFT, row.revision + 1
    row.second_needed, row.people = False, None
    db.session.flush()
    _written("notice.written", row, officer.label, now, revision=row.revision)
    return row.revision


def ask_release(*, notice_id: NoticeId, seen: int, officer: OfficerActor, above: int, now: datetime.datetime) -> None:
    """It waits for a second officer; twice is once. Raises Conflict as `change`, Invalid(notice_nobody)."""
    row = _held(notice_id, officer)
    _at(row, seen, *_OPEN)
    row.people = _people(row, now)
    row.second_needed = rules.second_needed(people=row.people, own_today=0, above=above)
    if row.status == State.DRAFT:
        row.status = State.WAITING
        _written("notice.asked", row, officer.label, now, revision=row.revision, people=row.people)
    db.session.flush()


def release(
    *, notice_id: NoticeId, seen: int, officer: OfficerActor, above: int, now: datetime.datetime
) -> NoticeId | Refusal:
    """Lets it go out, now or when it is due: the revision that this officer has `seen`, to people counted now.

    For more than `above` people a second officer is needed, who may release in this union and wrote no version;
    what one officer released alone within a day adds up. The refusal is kept in the audit trail. The same officer
    again changes nothing. Locks the notice, then the officer's own releases. Posts NoticeReleased.
    """
    row = _held(notice_id, officer)
    if row.released_by == officer.account_id and row.revision == seen and row.status not in _OPEN:
        return notice_id
    wrote = row.author == officer.account_id or officer.label in audit.actors(WRITTEN, subject_id=row.id)
    _at(row, seen, *(_OPEN if wrote else (State.WAITING,)))
    scope = _path(row)
    releases = officer.may(Capability.RELEASE_NOTICES, scope)
    # Two who write for each other are no second look either.
    own = 0 if releases and not wrote else _released_alone(officer, now)
    row.people = _people(row, now)
    row.second_needed = rules.second_needed(people=row.people, own_today=own, above=above)
    no = rules.refusal(needed=row.second_needed, wrote=wrote, releases=releases)
    if no:
        db.session.flush()
        _written("notice.release_refused", row, officer.label, now, why=no, people=row.people)
        return Refusal(no, {"above": above})
    if row.mass and not queries.mass_month(scope=scope, now=now, but=row.id).left:
        raise Conflict(NOTICE_MASS_USED_UP, most=rules.MASS_A_MONTH)
    row.send_at = max(row.send_at or now, now)
    row.status, row.released_by, row.released_at = State.SCHEDULED, officer.account_id, now
    db.session.flush()
    _written("notice.released", row, officer.label, now, revision=seen, people=row.people)
    if row.send_at <= now:
        outbox.post(NoticeReleased(row.id))
    return notice_id


def take_back(*, notice_id: NoticeId, officer: OfficerActor, now: datetime.datetime) -> None:
    """What waits, or was released and has not begun, is a draft again. Raises Conflict(notice_moved_on)."""
    row = _held(notice_id, officer)
    if row.status == State.DRAFT:
        return
    _in(row, State.WAITING, State.SCHEDULED)
    row.status, row.released_by, row.released_at = State.DRAFT, None, None
    db.session.flush()
    _written("notice.taken_back", row, officer.label, now)


def drop(*, notice_id: NoticeId, officer: OfficerActor, now: datetime.datetime) -> None:
    """A draft that nobody wants; twice is once. Raises Conflict(notice_moved_on)."""
    row = _held(notice_id, officer)
    if row.status == State.DROPPED:
        return
    _in(row, *_OPEN)
    row.status = State.DROPPED
    db.session.flush()
    _written("notice.dropped", row, officer.label, now)


def stop(*, notice_id: NoticeId, officer: OfficerActor, now: datetime.datetime) -> None:
    """No channel goes on with it; what stands in inboxes stays. What is in flight at this moment arrives.

    Twice is once. Locks the notice, then its open deliveries in the order of their ids. Raises Conflict.
    """
    row = _held(notice_id, officer)
    if row.status == State.STOPPED:
        return
    _in(row, State.SENDING)
    _stop(row, now)
    _written("notice.stopped", row, officer.label, now)


def withdraw(*, notice_id: NoticeId, officer: OfficerActor, now: datetime.datetime) -> None:
    """Its text is shown nowhere any more, and no channel goes on with it. Twice is once. Locks as `stop`."""
    row = _held(notice_id, officer)
    if row.withdrawn_at:
        return
    _in(row, State.SENDING, State.SENT, State.STOPPED)
    row.withdrawn_at = now
    if row.status == State.SENDING:
        _stop(row, now)
    db.session.flush()
    close_deliveries(row.id, now=now)
    _written("notice.withdrawn", row, officer.label, now)


def close_deliveries(notice_id: object, *, now: datetime.datetime) -> None:
    """Expires what a stopped notice left waiting, and gives the consents back."""
    waiting = (
        select(Delivery.id)
        .where(Delivery.notice_id == notice_id, Delivery.status == DeliveryStatus.CREATED)
        .order_by(Delivery.id)
        .with_for_update()
        .cte("waiting")
    )
    over = (
        update(Delivery)
        .where(Delivery.id.in_(select(waiting.c.id)))
        .values(status=DeliveryStatus.EXPIRED, reason="stopped", finished_at=now)
        .returning(Delivery.credit_id)
    )
    back = db.session.scalars(over.execution_options(synchronize_session=False)).all()
    consents.give_back([one for one in back if one], now=now)
    calls = update(MassSend).where(MassSend.notice_id == notice_id, MassSend.status == DeliveryStatus.CREATED)
    db.session.execute(calls.values(status=DeliveryStatus.EXPIRED, reason="stopped"))


def _stop(row: OfficerNotice, now: datetime.datetime) -> None:
    run(_PATIENT, {})
    row.status, row.stopped_at = State.STOPPED, now
    db.session.flush()
    close_deliveries(row.id, now=now)


def _held(notice_id: NoticeId, officer: OfficerActor) -> OfficerNotice:
    """The row, locked. Raises NotFound(notice_unknown) outside the officer's unions."""
    row = db.session.scalar(
        select(OfficerNotice).where(OfficerNotice.id == notice_id).with_for_update(),
        execution_options={"populate_existing": True},
    )
    if row is None or not officer.may(Capability.SEND_NOTICES, _path(row)):
        raise NotFound(NOTICE_UNKNOWN)
    return row


def _at(row: OfficerNotice, seen: int, *states: State) -> None:
    _in(row, *states)
    if row.revision != seen:
        raise Conflict(NOTICE_CHANGED)


def _in(row: OfficerNotice, *states: State) -> None:
    if row.status not in states:
        raise Conflict(NOTICE_MOVED_ON)


def _people(row: OfficerNotice, now: datetime.datetime) -> int:
    """Counted anew: the roster grows. Raises Invalid(notice_nobody)."""
    view = queries.view_of(row.id)
    found = counting.people(view.readers, scope=view.union_path, now=now)
    if not found:
        raise Invalid(NOTICE_NOBODY)
    return found


def _released_alone(officer: OfficerActor, now: datetime.datetime) -> int:
    """People of what this officer released within a day without a second one. Locks against his other window."""
    run(_ONE_OFFICER, {"account": str(officer.account_id)})
    return queries.released_alone(officer.account_id, now=now)


def _path(row: OfficerNotice) -> UnionPath:
    return unions.office(row.union_id).path  # type: ignore[arg-type]


def _reachable(draft: Draft, officer: OfficerActor) -> Draft:
    """With what its event is. Raises Invalid(notice_union_unknown) for a union that is closed or not the officer's, and
    Invalid(notice_shop_unknown, notice_event_unknown) for a shop or an event that he does not look after: who was
    there is not his to ask."""
    try:
        office = unions.office_within(draft.union_id, scopes=officer.scopes(Capability.SEND_NOTICES))
    except NotFound:
        raise Invalid(NOTICE_UNION_UNKNOWN, field="union") from None
    if office.closed_at:
        raise Invalid(NOTICE_UNION_UNKNOWN, field="union")
    used, signed_up = draft.readers.used, draft.readers.signed_up
    if used and used.shop_id not in records.of_federations(officer.scopes(Capability.MANAGE_SHOPS)):
        raise Invalid(NOTICE_SHOP_UNKNOWN, field="shop")
    if signed_up:
        try:
            event = events.within(EventId(signed_up.event_id), scopes=officer.scopes(Capability.MANAGE_EVENTS))
        except NotFound:
            raise Invalid(NOTICE_EVENT_UNKNOWN, field="event") from None
        act = dataclasses.replace(signed_up, private=event.private)
        return dataclasses.replace(draft, readers=dataclasses.replace(draft.readers, act=act))
    return draft


def _columns(draft: Draft) -> dict[str, object]:
    kept = {one.name: getattr(draft, one.name) for one in dataclasses.fields(draft) if one.name != "readers"}
    return {**kept, "audience": rules.dumped(draft.readers)}


def _written(action: str, row: OfficerNotice, actor: str, now: datetime.datetime, **detail: object) -> None:
    audit.record(action, actor=actor, subject_id=row.id, now=now, detail=detail)
