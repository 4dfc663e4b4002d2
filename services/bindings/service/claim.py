"""Somebody says who he is: bound at once where the roster proves it, else a request in a union's tray."""

import datetime
from collections.abc import Sequence

from sqlalchemy import update

from services.accounts import posts
from services.accounts import queries as accounts
from services.accounts.service import codes, wechat
from services.accounts.types import AccountId, Grant, VisitorActor
from services.bindings import messages, queries, rules
from services.bindings.errors import (
    BINDING_NAME_MISSING,
    BINDING_OPEN_ALREADY,
    BINDING_TOO_OFTEN,
    BINDING_UNKNOWN,
    BOUND_ALREADY,
    CONSENT_OUTDATED,
    PHONE_NOT_PROVEN,
)
from services.bindings.models import BindingRequest, Consent
from services.bindings.service import bond
from services.bindings.types import Bound, Claim, Filed, How, RequestId, Status, Why
from services.core import audit, outbox, workdays
from services.core.budget import spend
from services.core.calendar import local_date
from services.core.crypto import vault
from services.core.db import db
from services.core.errors import Conflict, Invalid, LostRace, NotFound, TooOften
from services.core.ids import uuid7
from services.members import queries as members
from services.members.documents import Document
from services.members.rules import tidy_name
from services.members.types import Found, MemberId
from services.unions import queries as unions
from services.unions.types import UnionId

NAME_FIELD, DOCUMENT_FIELD = "binding_requests.name", "binding_requests.document_number"
PHONE_FIELD, NOTE_FIELD = "binding_requests.phone", "binding_requests.note"


def claim(*, actor: VisitorActor, said: Claim, now: datetime.datetime) -> Bound | Filed:
    """Binds at once when name, document and the roster's phone agree; files a request with the union otherwise.

    The answer is the same whether the document is a member's or nobody's. Needs a phone proven within half an hour
    (Conflict phone_not_proven) and the consent's current version (Invalid consent_outdated); the consent is recorded.
    Raises Conflict(bound_already, binding_open_already), NotFound(union_unknown), and TooOften(binding_too_often) above
    5 tries an hour or 10 a day of one account or one phone, or about one document where the roster proves nothing.
    Locks both accounts before it judges, and raises as bond.make. Audited; posts bindings.bound or bindings.filed.
    """
    name = tidy_name(said.name)
    if not name:
        raise Invalid(BINDING_NAME_MISSING, field="name")
    if said.consent_version != rules.CONSENT_VERSION:
        raise Invalid(CONSENT_OUTDATED, field="consent_version")
    named = unions.open_office(said.union_id)
    found, holder = _locked(actor.account_id, said.document)
    phone = _may_claim(actor.account_id, now)
    _count("bindings.account", actor.account_id.bytes, now)
    _count("bindings.phone", phone.encode(), now)
    _consented(actor.account_id, said, now)
    sharing, roles = members.sharing_phone(phone), posts.grants_of(holder, on=local_date(now)) if holder else ()
    held = _held(found.member_id, holder, actor.account_id, phone, roles, now) if found and holder else None
    why = rules.judge(found=found, name=name, phone=phone, sharing=sharing, held=held)
    if why is None and found:
        return bond.make(
            account_id=actor.account_id, member_id=found.member_id, name=found.name, phone=phone, how=How.ROSTER,
            actor=actor.label, now=now,
        )  # fmt: skip
    _count("bindings.document", said.document.index_text.encode(), now)
    crowded = rules.is_crowded(on_phone=sharing, is_among_them=bool(found and found.phone == phone))
    known = found if why is not Why.NOT_FOUND else None
    tray = tray_for(known.union_id if known else named.id, now, roles=roles if known else ())
    return _file(
        actor, said, name, phone, known=known, why=why or Why.NOT_FOUND, crowded=crowded, named=named.id, tray=tray,
        now=now,
    )  # fmt: skip


def withdraw(*, actor: VisitorActor, request_id: RequestId, now: datetime.datetime) -> None:
    """The worker takes the request back, to correct it or to leave it. Raises NotFound(binding_unknown) for one that is
    not his or not open any more: an officer who decides at the same moment wins or loses as a whole. Audited."""
    taken = db.session.execute(
        update(BindingRequest)
        .where(
            BindingRequest.id == request_id, BindingRequest.account_id == actor.account_id,
            BindingRequest.status == Status.OPEN,
        )
        .values(closed(Status.WITHDRAWN, now))
        .returning(BindingRequest.id)
    ).first()  # fmt: skip
    if taken is None:
        raise NotFound(BINDING_UNKNOWN)
    audit.record("binding.withdrawn", actor=actor.label, subject_id=request_id, now=now)


def closed(status: Status, now: datetime.datetime) -> dict[str, object]:
    """What a request becomes when it is over: what the worker said is gone with it."""
    return {"status": status, "closed_at": now, "name": None, "document_number": None, "phone": None}


def tray_for(union_id: UnionId, now: datetime.datetime, *, roles: Sequence[Grant] = ()) -> UnionId:
    """In whose tray a request of this union lies: its own, or that of the next above with an active officer.

    About somebody who holds `roles`: the first above all of them, since they go along with the account.
    """
    upwards = rules.above_roles(unions.above(unions.office(union_id).path)[::-1], [role.scope for role in roles])
    return rules.tray_of(upwards, lambda one: accounts.has_active_officer(one, now=now))


def _locked(account_id: AccountId, document: Document) -> tuple[Found | None, AccountId | None]:
    """Whom the document belongs to and which account is his, with both accounts locked in the order of their ids."""
    found = members.by_document(document)
    holder = accounts.account_of_member(found.member_id) if found else None
    wechat.lock_accounts(*{account_id, holder or account_id})
    found = members.by_document(document)
    if (accounts.account_of_member(found.member_id) if found else None) != holder:
        raise LostRace
    return found, holder


def _may_claim(account_id: AccountId, now: datetime.datetime) -> str:
    """The phone that was proven just now. The caller holds the account's row."""
    if accounts.member_of(account_id):
        raise Conflict(BOUND_ALREADY)
    if queries.has_open(account_id):
        raise Conflict(BINDING_OPEN_ALREADY)
    phone = codes.proven_phone(account_id, since=now - codes.PROVEN_FOR)
    if phone is None:
        raise Conflict(PHONE_NOT_PROVEN)
    return phone


def _count(what: str, who: bytes, now: datetime.datetime) -> None:
    if wait := spend(what, who, limits=rules.TRIES, now=now):
        raise TooOften(BINDING_TOO_OFTEN, seconds=wait, minutes=-(-wait // 60))


def _consented(account_id: AccountId, said: Claim, now: datetime.datetime) -> None:
    db.session.add(
        Consent(
            id=uuid7(), account_id=account_id, text=rules.CONSENT_TEXT, version=said.consent_version, how=said.via,
            accepted_at=now,
        )
    )  # fmt: skip


def _held(
    member_id: MemberId, holder: AccountId, account_id: AccountId, phone: str, roles: Sequence[Grant],
    now: datetime.datetime,
) -> rules.Held:  # fmt: skip
    return rules.Held(
        would_move=wechat.has_wechat(account_id),
        moved_lately=queries.moved_since(member_id, since=now - rules.MOVE_EVERY),
        has_role=bool(roles),
        same_phone=codes.own_phone(holder, now=now) == phone,
    )


def _file(
    actor: VisitorActor, said: Claim, name: str, phone: str, *, known: Found | None, why: Why, crowded: bool,
    named: UnionId, tray: UnionId, now: datetime.datetime,
) -> Filed:  # fmt: skip
    """With the member's own union where the document is known, else with the one that the worker named."""
    request_id, due_at = RequestId(uuid7()), workdays.due(now, rules.DECIDED_IN)
    db.session.add(
        BindingRequest(
            id=request_id,
            account_id=actor.account_id,
            member_id=known.member_id if known else None,
            union_id=tray,
            named_union_id=named,
            why=why,
            crowded=crowded,
            status=Status.OPEN,
            name=vault.seal(NAME_FIELD, name),
            document_kind=said.document.kind,
            document_number=vault.seal(DOCUMENT_FIELD, said.document.number),
            phone=vault.seal(PHONE_FIELD, phone),
            filed_at=now,
            due_at=due_at,
        )
    )
    db.session.flush()
    audit.record("binding.filed", actor=actor.label, subject_id=request_id, now=now, detail={"why": why})
    outbox.post(messages.RequestFiled(union_id=tray, request_id=request_id))
    return Filed(request_id, due_at)
