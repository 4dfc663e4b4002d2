"""A sheet is handed in, and may be dropped again."""

import datetime
import hashlib
from typing import Any

from sqlalchemy import func, select

from services.core import audit, outbox
from services.core.crypto import vault
from services.core.db import db
from services.core.errors import Conflict, NotFound
from services.core.ids import uuid7
from services.members.models import RosterImport, RosterRow
from services.members.roster import errors
from services.members.roster.payloads import FILE_NAME_FIELD
from services.members.roster.types import ImportId, Kind, State
from services.members.roster.work import Check
from services.unions import queries as unions
from services.unions.rules import within
from services.unions.types import UnionId, UnionPath

Scopes = tuple[UnionPath, ...]


def hand_in(
    *,
    union_id: UnionId,
    kind: Kind,
    file_name: str,
    file_key: str,
    data: bytes,
    scopes: Scopes,
    actor: str,
    now: datetime.datetime,
    post: bool = True,
) -> ImportId:
    """Opens an import of a file that is kept already (core.files), and posts its check unless the caller does it.

    `scopes` are the subtrees in which the actor may import. Raises NotFound(union_unknown) for a union outside.
    Audited.
    """
    union = unions.office_within(union_id, scopes=scopes)
    reach = next(scope for scope in scopes if within(union.path, scope))
    row = RosterImport(
        id=uuid7(), union_id=union_id, reach=reach, kind=kind, state=State.READING,
        file_name=vault.seal(FILE_NAME_FIELD, file_name[:120]), file_key=file_key,
        sha256=hashlib.sha256(data).digest(), fault_facts={}, report={}, counts={}, outcomes={}, progress=0, total=0,
        missing=0, members_before=0, created_by=actor, created_at=now,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    detail = {"union": str(union_id), "kind": kind, "sha256": row.sha256.hex()}
    audit.record("roster.handed_in", actor=actor, subject_id=row.id, now=now, detail=detail)
    if post:
        outbox.post(Check(row.id))
    return ImportId(row.id)


def drop(*, import_id: ImportId, scopes: Scopes, actor: str, now: datetime.datetime) -> None:
    """Puts an import away that was not applied. Raises NotFound, Conflict(roster_import_moved_on). Audited."""
    row = locked(import_id, scopes, State.READING, State.CHECKED, State.REFUSED)
    row.state, row.run = State.DROPPED, None
    db.session.flush()
    audit.record("roster.dropped", actor=actor, subject_id=import_id, now=now)


def locked(import_id: ImportId, scopes: Scopes | None, *states: State) -> RosterImport:
    """The import under a row lock, in one of these states. `scopes` None: the worker, who may see all.

    Raises NotFound(roster_import_unknown), also for what lies outside of the scopes, and
    Conflict(roster_import_moved_on).
    """
    row = db.session.scalars(
        select(RosterImport)
        .where(RosterImport.id == import_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None or (scopes is not None and not visible(row.union_id, scopes)):
        raise NotFound(errors.IMPORT_UNKNOWN)
    if State(row.state) not in states:
        raise Conflict(errors.IMPORT_MOVED_ON, state=row.state)
    return row


def visible(union_id: Any, scopes: Scopes) -> bool:
    path = unions.office(UnionId(union_id)).path
    return any(within(path, scope) for scope in scopes)


def recount(row: RosterImport) -> None:
    """Renews the figures of an import; some 50 ms for 72,000 rows."""
    rows = RosterRow.import_id == row.id
    row.counts = _figures(select(RosterRow.verdict, func.count()).where(rows).group_by(RosterRow.verdict))
    ended = select(RosterRow.outcome, func.count()).where(rows, RosterRow.outcome.is_not(None))
    row.outcomes = _figures(ended.group_by(RosterRow.outcome))
    row.missing = row.counts.get("missing", 0)
    db.session.flush()


def _figures(query: Any) -> dict[str, int]:
    return {str(word): int(count) for word, count in db.session.execute(query)}
