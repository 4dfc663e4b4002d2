"""Who did what to which row: written in the transaction of the act, chained later, so that no row can quietly go.

Sealing runs as a job over ranges of ids (which sort by time). It keeps five minutes' distance, far more than the
15 s a transaction may idle, so no row can still arrive inside a sealed range. A row that is changed, removed or
slipped in afterwards breaks the chain from there on: `verify` names the range.
"""

import datetime
import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, bindparam, insert, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.core import constraints, outbox
from services.core.copying import copy_in
from services.core.db import Base, Code, Key, db, run
from services.core.ids import uuid7
from services.core.paging import Page, PageRequest

SEALED_ALREADY = "sealed_already"

constraints.register(
    {
        "uq_audit_seals_first_id": SEALED_ALREADY,
        "uq_audit_seals_last_id": SEALED_ALREADY,
        "uq_audit_seals_previous_id": SEALED_ALREADY,
    }
)
MARGIN = datetime.timedelta(minutes=5)
BATCH = 5000
CLOCKS_APART = 60_000
"""Milliseconds by which the clocks of two of our machines may differ."""


class AuditEntry(Base):
    """Append-only. Never holds a name, a phone, a code or an amount in words: ids and the facts of the decision."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index(None, "action", "id"),
        # For a person who asks who read or changed his record: few of all entries.
        Index("ix_audit_entries_member_subject", "subject_id", "id", postgresql_where=text("action LIKE 'member.%'")),
    )

    id: Mapped[Key]
    at: Mapped[datetime.datetime]
    #: who: "clerk:<id>", "member:<id>", "officer:<id>", "job:<name>"
    actor: Mapped[str]
    #: what, in the words of the package: "redemption.recorded"
    action: Mapped[Code]
    subject_id: Mapped[uuid.UUID]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)


class AuditSeal(Base):
    """One link of the chain: the digest covers the previous digest and each row of the range."""

    __tablename__ = "audit_seals"

    id: Mapped[Key]
    first_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    last_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    rows: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    #: the seal before this one; none at the first. Unique: two sealers cannot both continue the chain.
    previous_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("audit_seals.id"), unique=True)
    sealed_at: Mapped[datetime.datetime]


_ENTRY = insert(AuditEntry)
_VALUES = {column.name: bindparam(f"entry_{column.name}", type_=column.type) for column in AuditEntry.__table__.c}
_ENTRY_AND_MESSAGE = outbox.DEFER.add_cte(insert(AuditEntry).values(_VALUES).cte("entry"))


def record(
    action: str,
    *,
    actor: str,
    subject_id: uuid.UUID,
    now: datetime.datetime,
    detail: Mapping[str, Any] | None = None,
    telling: outbox.Message | None = None,
) -> None:
    """Writes one entry in the caller's transaction: if this fails, the act fails. Posts `telling` with it, in the same
    statement, as outbox.post does."""
    entry = {"id": uuid7(), "at": now, "actor": actor, "action": action, "subject_id": subject_id}
    entry["detail"] = dict(detail or {})
    if telling is None:
        run(_ENTRY, entry)
    else:
        values = {f"entry_{name}": value for name, value in entry.items()}
        run(_ENTRY_AND_MESSAGE, values | outbox.posted(telling, uuid7()))


@dataclass(frozen=True)
class Act:
    """What `record` takes, for many at once."""

    action: str
    actor: str
    subject_id: uuid.UUID
    at: datetime.datetime
    detail: Mapping[str, Any] = field(default_factory=dict)


def record_many(acts: Iterable[Act]) -> None:
    """As `record`, for masses. Ids tell when the entries are written, so acts of the past enter no sealed range."""
    rows = [
        {"id": uuid7(), "at": act.at, "actor": act.actor, "action": act.action, "subject_id": act.subject_id,
         "detail": dict(act.detail)}
        for act in acts
    ]  # fmt: skip
    copy_in("audit_entries", ("id", "at", "actor", "action", "subject_id", "detail"), rows)


@dataclass(frozen=True)
class Entry:
    """One act, as an auditor reads it."""

    id: uuid.UUID
    at: datetime.datetime
    actor: str
    subject_id: uuid.UUID
    detail: Mapping[str, Any]


def acts(action: str, request: PageRequest) -> Page[Entry]:
    """Every act of one kind, the newest first."""
    columns = (AuditEntry.id, AuditEntry.at, AuditEntry.actor, AuditEntry.subject_id, AuditEntry.detail)
    query = request.apply(select(*columns).where(AuditEntry.action == action), AuditEntry.id)
    found = [Entry(*row) for row in db.session.execute(query)]
    return request.page(found, [entry.id for entry in found])


def actors(action: str, *, subject_id: uuid.UUID) -> set[str]:
    """Who has done this to a row whose id was made (core.ids) no later than the act."""
    begin = uuid.UUID(int=max((subject_id.int >> 80) - CLOCKS_APART, 0) << 80)
    query = select(AuditEntry.actor).where(
        AuditEntry.action == action, AuditEntry.id >= begin, AuditEntry.subject_id == subject_id
    )
    return set(db.session.scalars(query.distinct()))


def seal(now: datetime.datetime) -> int:
    """Chains up to 5,000 entries older than five minutes; returns how many. Run it until it returns 0."""
    last = _last_seal()
    # A UUIDv7 begins with its time in milliseconds, so an instant is an id to compare with.
    horizon = uuid.UUID(int=int((now - MARGIN).timestamp() * 1000) << 80)
    query = select(AuditEntry).where(AuditEntry.id < horizon).order_by(AuditEntry.id).limit(BATCH)
    if last:
        query = query.where(AuditEntry.id > last.last_id)
    entries = list(db.session.scalars(query))
    if not entries:
        return 0
    db.session.add(
        AuditSeal(
            id=uuid7(),
            first_id=entries[0].id,
            last_id=entries[-1].id,
            rows=len(entries),
            digest=_digest(last.digest if last else b"", entries),
            previous_id=last.id if last else None,
            sealed_at=now,
        )
    )
    db.session.flush()
    return len(entries)


def verify() -> uuid.UUID | None:
    """Walks the chain; returns the first seal that does not hold any more, None when all hold."""
    before: AuditSeal | None = None
    for link in db.session.scalars(select(AuditSeal).order_by(AuditSeal.id)):
        low = before.last_id if before else uuid.UUID(int=0)
        rows = select(AuditEntry).where(AuditEntry.id > low, AuditEntry.id <= link.last_id).order_by(AuditEntry.id)
        entries = list(db.session.scalars(rows))
        chained = link.previous_id == (before.id if before else None)
        if (
            not chained
            or len(entries) != link.rows
            or link.digest != _digest(before.digest if before else b"", entries)
        ):
            return link.id
        before = link
    return None


def _last_seal() -> AuditSeal | None:
    return db.session.scalar(select(AuditSeal).order_by(AuditSeal.id.desc()).limit(1))


def _digest(previous: bytes, entries: list[AuditEntry]) -> bytes:
    digest = hashlib.sha256(previous)
    for entry in entries:
        at = entry.at.astimezone(datetime.UTC).isoformat()
        line = [str(entry.id), at, entry.actor, entry.action, str(entry.subject_id), entry.detail]
        digest.update(json.dumps(line, sort_keys=True, ensure_ascii=False).encode() + b"\n")
    return digest.digest()
