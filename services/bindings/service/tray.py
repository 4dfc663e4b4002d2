"""An officer decides a request."""

import datetime
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update

from services.accounts import posts
from services.accounts import queries as accounts
from services.accounts.rules import LEVEL, invitable
from services.accounts.types import AccountId, Capability, Grant, OfficerActor
from services.bindings import messages, queries
from services.bindings.errors import (
    BINDING_DECIDED,
    BINDING_ELSEWHERE,
    BINDING_HOLDS_ROLE,
    BINDING_NOBODY,
    BINDING_NOTE_MISSING,
    BINDING_OWN,
    BINDING_UNKNOWN,
)
from services.bindings.models import BindingRequest
from services.bindings.service import bond
from services.bindings.service.claim import DOCUMENT_FIELD, NOTE_FIELD, PHONE_FIELD, closed, tray_for
from services.bindings.types import Bound, How, RefusedFor, RequestId, Status, Why
from services.core import audit, outbox
from services.core.calendar import local_date
from services.core.crypto import vault
from services.core.db import db
from services.core.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from services.members import queries as members
from services.members import service as member_verbs
from services.members.corrections import saw_phone
from services.members.documents import Document, DocumentType
from services.members.types import Found, Standing
from services.unions.types import UnionId, UnionPath

NOTE_LENGTH = 200


def approve(*, actor: OfficerActor, request_id: RequestId, take_phone: bool, now: datetime.datetime) -> Bound | Refusal:
    """Binds the worker to the member whose document he named; with `take_phone` the roster gets the proven phone.

    What this officer may not decide is passed on, which is kept: Refusal(binding_elsewhere), to the member's own union
    when that is not his; Refusal(binding_holds_role), above the roles of a member whom he could not have invited to
    them, since they go along with the account. Both audited, and told as bindings.filed.

    Locks the request's row first, then as bond.make. Raises NotFound(binding_unknown) for a request outside of the
    officer's subtrees, Forbidden(binding_own) for his own, Conflict(binding_decided) with who and when if somebody was
    faster, Conflict(binding_nobody) when the roster has nobody with this document (add the member first). Audited;
    posts bindings.bound, and bindings.moved if another WeChat had the bond.
    """
    row = _take(actor, request_id)
    found = found_for(row)
    if found is None:
        raise Conflict(BINDING_NOBODY)
    if found.member_id == accounts.member_of(actor.account_id):
        raise Forbidden(BINDING_OWN)
    if not actor.may(Capability.DECIDE_BINDINGS, found.union_path):
        return _pass_on(request_id, row.union_id, found, Refusal(BINDING_ELSEWHERE), actor, now)
    holder = bond.lock(AccountId(row.account_id), found.member_id)
    roles = posts.grants_of(holder, on=local_date(now)) if holder else ()
    if not all(invitable(actor, role=one.role, level=LEVEL[one.role], path=one.scope) for one in roles):
        return _pass_on(request_id, row.union_id, found, Refusal(BINDING_HOLDS_ROLE), actor, now, roles)
    phone = vault.unseal(PHONE_FIELD, row.phone)
    if take_phone and found.phone != phone:
        member_verbs.change_phone(member_id=found.member_id, phone=phone, actor=actor.label, now=now)
    detail = {"member": str(found.member_id), "why": row.why, "phone": "taken" if take_phone else "left"}
    audit.record("binding.approved", actor=actor.label, subject_id=request_id, now=now, detail=detail)
    bound = bond.make(
        account_id=AccountId(row.account_id), member_id=found.member_id, name=found.name, phone=phone, how=How.TRAY,
        actor=actor.label, now=now,
    )  # fmt: skip
    entered = {"member_id": found.member_id, "bound_account_id": bound.account_id}
    _close(request_id, Status.APPROVED, actor, now, **entered)
    return bound


def refuse(
    *, actor: OfficerActor, request_id: RequestId, reason: RefusedFor, note: str, now: datetime.datetime
) -> None:
    """Says no, with a reason that the worker reads; "other" needs words. Locks and raises as `approve`. Audited."""
    note = note.strip()[:NOTE_LENGTH]
    if reason is RefusedFor.OTHER and not note:
        raise Invalid(BINDING_NOTE_MISSING, field="note")
    _take(actor, request_id)
    sealed = vault.seal(NOTE_FIELD, note) if note else None
    _close(request_id, Status.REFUSED, actor, now, reason=reason, note=sealed)
    audit.record("binding.refused", actor=actor.label, subject_id=request_id, now=now, detail={"reason": reason})


def see_phone(*, actor: OfficerActor, request_id: RequestId, now: datetime.datetime) -> str:
    """The phone that the worker proved, in full, to call him. Locks and raises as `approve`. Audited, each time.

    Counts as a look at the record of the member whose document he named, and is shown to that member.
    """
    row = _take(actor, request_id)
    audit.record("binding.phone_seen", actor=actor.label, subject_id=request_id, now=now)
    found, scopes = found_for(row), actor.scopes(Capability.DECIDE_BINDINGS)
    saw_phone(member_id=found.member_id if found else None, actor=actor.label, scopes=scopes, now=now)
    return vault.unseal(PHONE_FIELD, row.phone)


def found_for(row: Any) -> Found | None:
    """Whom the document of an open request belongs to as the roster is now: the officer may have mended it since."""
    number = vault.unseal(DOCUMENT_FIELD, row.document_number)
    found = members.by_document(Document(DocumentType(row.document_kind), number))
    return found if found and found.standing is not Standing.LEFT else None


def _take(actor: OfficerActor, request_id: RequestId) -> Any:
    """The open request, its row locked, if this officer may decide it."""
    query = (
        select(
            BindingRequest.account_id, BindingRequest.status, BindingRequest.why, BindingRequest.closed_at,
            BindingRequest.decided_by, BindingRequest.document_kind, BindingRequest.document_number,
            BindingRequest.phone, BindingRequest.union_id,
        )
        .where(BindingRequest.id == request_id)
        .with_for_update()
    )  # fmt: skip
    row: Any = db.session.execute(query).first()
    if row is None or not actor.may(Capability.DECIDE_BINDINGS, UnionPath(queries.path_of(row.union_id))):
        raise NotFound(BINDING_UNKNOWN)
    if row.account_id == actor.account_id:
        raise Forbidden(BINDING_OWN)
    if row.status == Status.WITHDRAWN:
        raise NotFound(BINDING_UNKNOWN)
    if row.status != Status.OPEN:
        who = accounts.display_name(AccountId(row.decided_by)) if row.decided_by else ""
        raise Conflict(BINDING_DECIDED, at=row.closed_at.isoformat(), who=who)
    return row


def _pass_on(
    request_id: RequestId, union_id: UnionId, found: Found, because: Refusal, actor: OfficerActor,
    now: datetime.datetime, roles: Sequence[Grant] = (),
) -> Refusal:  # fmt: skip
    """Into the tray where it belongs, with the due date that the worker was told."""
    tray = tray_for(found.union_id, now, roles=roles)
    if tray == union_id:
        return because
    values: dict[str, object] = {"union_id": tray, "member_id": found.member_id, "nudged_at": None}
    if roles:
        values["why"] = Why.HOLDS_ROLE
    db.session.execute(update(BindingRequest).where(BindingRequest.id == request_id).values(values))
    detail = {"from": str(union_id), "to": str(tray), "because": because.code}
    audit.record("binding.passed_on", actor=actor.label, subject_id=request_id, now=now, detail=detail)
    outbox.post(messages.RequestFiled(union_id=tray, request_id=request_id))
    return because


def _close(request_id: RequestId, status: Status, actor: OfficerActor, now: datetime.datetime, **more: object) -> None:
    values = {**closed(status, now), "decided_by": actor.account_id, **more}
    db.session.execute(update(BindingRequest).where(BindingRequest.id == request_id).values(values))
