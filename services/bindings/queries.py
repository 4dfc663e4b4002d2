"""Reads: where a request stands, what lies in a tray."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select

from services.accounts import queries as accounts
from services.accounts.types import AccountId
from services.bindings.errors import BINDING_UNKNOWN
from services.bindings.models import BindingRequest, Bond, Consent
from services.bindings.types import (
    BondEnd,
    Case,
    Compared,
    InTray,
    RefusedFor,
    RequestId,
    Standing,
    Status,
    Why,
)
from services.core.crypto import vault
from services.core.db import Rows, db
from services.core.errors import NotFound
from services.members import documents
from services.members import queries as members
from services.members.documents import Document, DocumentType
from services.members.rules import masked_name, masked_phone, same_name
from services.members.types import Found, MemberId
from services.members.types import Standing as MemberStanding
from services.unions import queries as unions
from services.unions.rules import within
from services.unions.types import UnionId, UnionPath

BATCH, MOST = 200, 100


@dataclass(frozen=True)
class Agreed:
    """One version of a text that somebody accepted."""

    text: str
    version: str
    how: str
    accepted_at: datetime.datetime


def has_open(account_id: AccountId) -> bool:
    of = (BindingRequest.account_id == account_id) & (BindingRequest.status == Status.OPEN)
    return db.session.scalar(select(BindingRequest.id).where(of)) is not None


def bound_since(member_id: MemberId) -> datetime.datetime | None:
    """When the open bond of this member was made; None without one."""
    return db.session.scalar(select(Bond.made_at).where(Bond.member_id == member_id, Bond.ended_at.is_(None)))


def moved_since(member_id: MemberId, *, since: datetime.datetime) -> bool:
    """Has this member's bond gone to another WeChat after that time?"""
    query = select(Bond.id).where(
        Bond.member_id == member_id, Bond.ended_because == BondEnd.MOVED, Bond.ended_at > since
    )
    return db.session.scalar(query.limit(1)) is not None


def moved_at(member_id: MemberId) -> datetime.datetime | None:
    """When the bond last went to another WeChat."""
    query = select(func.max(Bond.ended_at)).where(Bond.member_id == member_id, Bond.ended_because == BondEnd.MOVED)
    return db.session.scalar(query)


def consents(account_id: AccountId) -> list[Agreed]:
    """What the person behind this account accepted, the newest first."""
    rows = db.session.scalars(
        select(Consent).where(Consent.account_id == account_id).order_by(Consent.accepted_at.desc())
    )
    return [Agreed(row.text, row.version, row.how, row.accepted_at) for row in rows]


def standing(account_id: AccountId) -> Standing | None:
    """The newest request of this account, None without one. Names the union that the worker named, not the tray."""
    row = db.session.scalars(
        select(BindingRequest)
        .where(BindingRequest.account_id == account_id)
        .order_by(BindingRequest.filed_at.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    office = unions.office(UnionId(row.named_union_id))
    return Standing(
        id=RequestId(row.id),
        status=Status(row.status),
        union_id=office.id,
        union_name=office.name,
        union_phone=office.contact.phone,
        filed_at=row.filed_at,
        due_at=row.due_at,
        raised=row.raised_at is not None,
        closed_at=row.closed_at,
        reason=RefusedFor(row.reason) if row.reason else None,
        note=vault.unseal("binding_requests.note", row.note) if row.note else None,
    )


def path_of(union_id: UnionId) -> str:
    return unions.office(union_id).path


def tray(*, scopes: Sequence[UnionPath], below: bool) -> list[InTray]:
    """The open requests of these unions, by due date, a hundred at most; with `below` also those under them."""
    query = _lines().where(BindingRequest.status == Status.OPEN).order_by(BindingRequest.due_at, BindingRequest.id)
    path = _UNION.c.union_path
    of = unions.in_scopes(path, scopes) if below else path.in_(scopes)
    return [_line(row) for row in db.session.execute(query.where(of).limit(MOST))]


def waiting(*, scopes: Sequence[UnionPath]) -> int:
    """How many requests lie in the trays of these unions."""
    query = select(func.count()).join(_UNION, _UNION.c.union_id == BindingRequest.union_id)
    of = (BindingRequest.status == Status.OPEN) & _UNION.c.union_path.in_(scopes)
    return db.session.scalar(query.select_from(BindingRequest).where(of)) or 0


def case(request_id: RequestId, *, scopes: Sequence[UnionPath]) -> Case:
    """One request beside what the roster says. Raises NotFound(binding_unknown) outside of these subtrees, and for one
    that was withdrawn. Of a member outside of them nothing is shown but that there is one."""
    in_scope = unions.in_scopes(_UNION.c.union_path, scopes)
    row = db.session.execute(_lines().where(BindingRequest.id == request_id, in_scope)).first()
    if row is None or row.status == Status.WITHDRAWN:
        raise NotFound(BINDING_UNKNOWN)
    known, on_phone = _roster(row), 0
    found = known if known and any(within(known.union_path, scope) for scope in scopes) else None
    name, number, phone = (_said(row, field) for field in ("name", "document_number", "phone"))
    if phone:
        on_phone = members.sharing_phone(phone)
    profile = members.profile(found.member_id) if found else None
    return Case(
        line=_line(row),
        union_path=UnionPath(row.union_path),
        account_id=AccountId(row.account_id),
        member_id=found.member_id if found else None,
        status=Status(row.status),
        name=_compared(name, found.name if found else None, same_name, lambda one: one),
        document=_compared(number, number if found else None, str.__eq__, documents.masked),
        phone=_compared(phone, found.phone if found else None, str.__eq__, masked_phone),
        on_phone=on_phone,
        document_kind=row.document_kind,
        member_union=profile.union_name if profile else None,
        member_standing=profile.standing if profile else None,
        bound_elsewhere=bool(found and accounts.account_of_member(found.member_id)),
        elsewhere=known is not None and found is None,
        decided_by=accounts.display_name(AccountId(row.decided_by)) if row.decided_by else None,
        closed_at=row.closed_at,
    )


def unnudged() -> list[tuple[RequestId, UnionId, datetime.datetime]]:
    """A batch of open requests of which the officers were not reminded, and since when they have them; oldest first."""
    since = func.coalesce(BindingRequest.raised_at, BindingRequest.filed_at).label("since")
    query = select(BindingRequest.id, BindingRequest.union_id, since).where(
        BindingRequest.status == Status.OPEN, BindingRequest.nudged_at.is_(None)
    )
    rows = db.session.execute(query.order_by(BindingRequest.due_at).limit(BATCH))
    return [(RequestId(row.id), UnionId(row.union_id), row.since) for row in rows]


def overdue(now: datetime.datetime) -> list[tuple[RequestId, UnionId, datetime.datetime]]:
    """A batch of open requests whose time is over, the oldest first."""
    query = select(BindingRequest.id, BindingRequest.union_id, BindingRequest.due_at).where(
        BindingRequest.status == Status.OPEN, BindingRequest.due_at < now
    )
    rows = db.session.execute(query.order_by(BindingRequest.due_at).limit(BATCH))
    return [(RequestId(row.id), UnionId(row.union_id), row.due_at) for row in rows]


_UNION = unions.unions().subquery("tray_union")


def _lines() -> Rows:
    return select(
        *BindingRequest.__table__.c, _UNION.c.union_path, _UNION.c.union_name
    ).join(_UNION, _UNION.c.union_id == BindingRequest.union_id)  # fmt: skip


def _line(row: Row[Any]) -> InTray:
    name = _said(row, "name")
    return InTray(
        id=RequestId(row.id),
        masked_name=masked_name(name) if name else "",
        union_name=row.union_name,
        why=Why(row.why),
        crowded=row.crowded,
        filed_at=row.filed_at,
        due_at=row.due_at,
        raised=row.raised_at is not None,
    )


def _said(row: Row[Any], field: str) -> str:
    sealed = getattr(row, field)
    return vault.unseal(f"binding_requests.{field}", sealed) if sealed else ""


def _roster(row: Row[Any]) -> Found | None:
    """Whom the document belongs to now; of a closed request, whom it belonged to is all that is left."""
    number = _said(row, "document_number")
    if not number:
        return None
    found = members.by_document(Document(DocumentType(row.document_kind), number))
    return found if found and found.standing is not MemberStanding.LEFT else None


def _compared(said: str, roster: str | None, same: Any, masked: Any) -> Compared:
    return Compared(
        masked(said) if said else "", masked(roster) if roster else None, bool(roster and same(said, roster))
    )
