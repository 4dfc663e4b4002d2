"""A member asks for a correction of his record; an officer of his union decides."""

import datetime
from typing import Any

from sqlalchemy import select, update

from services.accounts import above
from services.accounts import queries as accounts
from services.accounts.types import Capability, MemberActor, OfficerActor
from services.bindings.rules import tray_of
from services.core import audit, outbox, purging, workdays
from services.core.crypto import vault
from services.core.db import db
from services.core.errors import Conflict, Forbidden, Invalid, NotFound
from services.core.ids import uuid7
from services.core.phones import phone
from services.members import corrections as records
from services.members import queries as members
from services.members.messages import CorrectionAsked, CorrectionDecided
from services.members.rules import tidy_name
from services.members.types import ChangeReason, Correction, MemberId
from services.rights import rules, wishes
from services.rights.errors import (
    CORRECTION_CALL_FIRST,
    CORRECTION_DECIDED,
    CORRECTION_EMPTY,
    CORRECTION_NOTE_MISSING,
    CORRECTION_OWN,
    CORRECTION_PHONE,
    CORRECTION_UNKNOWN,
)
from services.rights.models import CorrectionRequest
from services.rights.types import CorrectionId, CorrectionStatus, Wish
from services.unions import queries as unions
from services.unions.types import UnionId

NOTE_FIELD = "correction_requests.note"
NAME_MOST, WORDS_MOST, NOTE_MOST = 60, 200, 200


def ask_correction(*, actor: MemberActor, wish: Wish, now: datetime.datetime, proven: bool = False) -> CorrectionId:
    """Puts a request into the tray of the member's union, or of the first above with an officer who would see it.

    `proven`: the session has a fresh proof. Without one a new phone or document is taken all the same, since the old
    phone may be lost, and the officer has to call before he says yes.
    Raises Invalid(correction_empty, correction_phone) and Conflict(correction_open) while another is open. Audited
    with the names of the fields; posts members.correction_asked.
    """
    wish = _tidied(wish)
    fields = [name for name, value in vars(wish).items() if value]
    if not fields:
        raise Invalid(CORRECTION_EMPTY)
    union_id = _tray(actor.member_id, now)
    row = CorrectionRequest(
        id=uuid7(), member_id=actor.member_id, union_id=union_id, status=CorrectionStatus.OPEN, fields=fields,
        asked=wishes.sealed(wish), proven=proven or not rules.needs_proof(fields), filed_at=now,
        due_at=workdays.due(now, rules.CORRECTED_IN), outcome=[],
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("correction.asked", actor=actor.label, subject_id=row.id, now=now, detail={"fields": fields})
    outbox.post(CorrectionAsked(union_id=union_id, request_id=row.id))
    return CorrectionId(row.id)


def withdraw_correction(*, actor: MemberActor, request_id: CorrectionId, now: datetime.datetime) -> None:
    """Takes a request back; what it said is gone. Twice is no error. Raises NotFound(correction_unknown). Audited."""
    row = _locked(request_id)
    if row is None or row.member_id != actor.member_id:
        raise NotFound(CORRECTION_UNKNOWN)
    if row.status == CorrectionStatus.OPEN:
        _close(request_id, CorrectionStatus.WITHDRAWN, now)
        audit.record("correction.withdrawn", actor=actor.label, subject_id=request_id, now=now)


def decide_correction(
    *,
    actor: OfficerActor,
    request_id: CorrectionId,
    accept: bool,
    note: str,
    now: datetime.datetime,
    called: bool = False,
) -> None:
    """Writes what the member asked for into his record, or says no in words that he reads.

    `called`: the officer has asked the member himself, by the number in the roster or face to face; a yes to what was
    asked for without a proof needs it. Locks the request's row, then the member's. What no field is for ("words") the
    officer does himself before. Raises NotFound(correction_unknown) outside of the officer's subtrees,
    Forbidden(correction_own) for his own, Conflict(correction_decided) if somebody was faster,
    Invalid(correction_note_missing) for a no without words, Invalid(correction_call_first), and what
    members.corrections.correct raises. Audited; posts members.correction_decided.
    """
    note = " ".join(note.split())[:NOTE_MOST]
    if not accept and not note:
        raise Invalid(CORRECTION_NOTE_MISSING, field="note")
    row = _locked(request_id)
    if row is None or not actor.may(Capability.EDIT_MEMBERS, unions.office(UnionId(row.union_id)).path):
        raise NotFound(CORRECTION_UNKNOWN)
    if row.member_id == accounts.member_of(actor.account_id):
        raise Forbidden(CORRECTION_OWN)
    if row.status != CorrectionStatus.OPEN:
        raise Conflict(CORRECTION_DECIDED)
    if accept and not row.proven and not called:
        raise Invalid(CORRECTION_CALL_FIRST, field="called")
    written = _written(actor, row, now) if accept else ()
    status = CorrectionStatus.DONE if accept else CorrectionStatus.REFUSED
    sealed = vault.seal(NOTE_FIELD, note) if note else None
    _close(request_id, status, now, decided_by=actor.account_id, note=sealed, outcome=list(written))
    audit.record(
        "correction.decided", actor=actor.label, subject_id=request_id, now=now,
        detail={"status": status, "member": str(row.member_id), "changed": list(written), "called": called},
    )  # fmt: skip
    outbox.post(CorrectionDecided(member_id=row.member_id, accepted=accept))


def purge_corrections(now: datetime.datetime) -> int:
    """Forgets a batch of requests that were closed half a year ago. Run it until it returns 0."""
    return purging.forget(CorrectionRequest.closed_at, before=now - rules.CORRECTIONS_KEPT)  # type: ignore[arg-type]


def _tidied(wish: Wish) -> Wish:
    number = phone(wish.phone) if wish.phone else None
    if wish.phone and number is None:
        raise Invalid(CORRECTION_PHONE, field="phone")
    name = tidy_name(wish.name)[:NAME_MOST] if wish.name else None
    return Wish(name or None, number, wish.document, " ".join(wish.words.split())[:WORDS_MOST])


def _written(actor: OfficerActor, row: Any, now: datetime.datetime) -> tuple[str, ...]:
    """Names of what was written into the record of what the member asked for."""
    wish = wishes.opened(row.asked)
    return records.correct(
        member_id=MemberId(row.member_id),
        correction=Correction(name=wish.name, phone=wish.phone, document=wish.document),
        reason=ChangeReason.ASKED,
        actor=actor.label,
        scopes=actor.scopes(Capability.EDIT_MEMBERS),
        now=now,
        own=accounts.member_of(actor.account_id),
        untouchable=above.untouchable,
    )


def _tray(member_id: MemberId, now: datetime.datetime) -> UnionId:
    upwards = unions.above(members.profile(member_id).union_path)[::-1]
    return tray_of(upwards, lambda one: accounts.has_active_officer(one, now=now))


def _locked(request_id: CorrectionId) -> Any:
    columns = (
        CorrectionRequest.member_id, CorrectionRequest.union_id, CorrectionRequest.status, CorrectionRequest.asked,
        CorrectionRequest.proven,
    )  # fmt: skip
    return db.session.execute(select(*columns).where(CorrectionRequest.id == request_id).with_for_update()).first()


def _close(request_id: CorrectionId, status: CorrectionStatus, now: datetime.datetime, **more: object) -> None:
    values = {"status": status, "closed_at": now, "asked": None, **more}
    db.session.execute(update(CorrectionRequest).where(CorrectionRequest.id == request_id).values(values))
