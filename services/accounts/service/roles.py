"""Open an account; give a role and take it back."""

import datetime

from sqlalchemy import select, update

from services.accounts.errors import ROLE_UNKNOWN, ROLES_APART
from services.accounts.models import Account, RoleGrant
from services.accounts.rules import may_hold_together
from services.accounts.service.sessions import end_sessions
from services.accounts.types import AccountId, Ended, Persona, Role
from services.core import audit
from services.core.db import db
from services.core.errors import Conflict, NotFound
from services.core.ids import uuid7
from services.members.types import MemberId
from services.unions.types import UnionId


def open_account(*, display_name: str, now: datetime.datetime, member_id: MemberId | None = None) -> AccountId:
    """Raises Conflict(account_exists) if the member has one."""
    account = Account(id=uuid7(), display_name=display_name, member_id=member_id, created_at=now)
    db.session.add(account)
    db.session.flush()
    return AccountId(account.id)


def grant(
    *,
    account_id: AccountId,
    role: Role,
    union_id: UnionId,
    actor: str,
    now: datetime.datetime,
    ends_on: datetime.date | None = None,
) -> None:
    """Gives a role over a subtree. Locks the account's row. Audited.

    Raises Conflict(role_granted_already), and Conflict(roles_apart): who runs the system or audits does no business.
    """
    db.session.execute(select(Account.id).where(Account.id == account_id).with_for_update(key_share=True))
    held = select(RoleGrant.role).where(RoleGrant.account_id == account_id, RoleGrant.ended_at.is_(None))
    if not all(may_hold_together(role, Role(other)) for other in db.session.scalars(held)):
        raise Conflict(ROLES_APART)
    db.session.add(
        RoleGrant(id=uuid7(), account_id=account_id, role=role, union_id=union_id, granted_at=now, ends_on=ends_on)
    )
    db.session.flush()
    detail = {"role": role, "union": str(union_id)}
    audit.record("role.granted", actor=actor, subject_id=account_id, now=now, detail=detail)


def end_roles(account_id: AccountId, *, actor: str, now: datetime.datetime) -> None:
    """Takes back everything that the account holds, what sleeps too. As `end_role`, each of them; none is no error."""
    held = select(RoleGrant.role, RoleGrant.union_id).where(
        RoleGrant.account_id == account_id, RoleGrant.ended_at.is_(None)
    )
    for one in db.session.execute(held.order_by(RoleGrant.id)).all():
        end_role(account_id=account_id, role=Role(one.role), union_id=UnionId(one.union_id), actor=actor, now=now)


def end_role(*, account_id: AccountId, role: Role, union_id: UnionId, actor: str, now: datetime.datetime) -> None:
    """Takes a role back; the officer's sessions end with it. Raises NotFound(role_unknown). Audited."""
    ended = db.session.execute(
        update(RoleGrant)
        .where(
            RoleGrant.account_id == account_id, RoleGrant.role == role, RoleGrant.union_id == union_id,
            RoleGrant.ended_at.is_(None),
        )
        .values(ended_at=now)
        .returning(RoleGrant.id)
    ).first()  # fmt: skip
    if ended is None:
        raise NotFound(ROLE_UNKNOWN)
    detail = {"role": role, "union": str(union_id)}
    audit.record("role.ended", actor=actor, subject_id=account_id, now=now, detail=detail)
    end_sessions(account_id, because=Ended.ROLE, actor=actor, now=now, persona=Persona.OFFICER)
