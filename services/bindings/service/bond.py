"""Make a bond, move it, end it."""

import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.accounts import posts
from services.accounts import queries as accounts
from services.accounts.service import codes, end_roles, end_sessions, wechat
from services.accounts.types import AccountId, Ended, MemberActor, Persona
from services.bindings import messages
from services.bindings.errors import BINDING_ACCOUNT_HAS_ROLE, BOUND_ALREADY, MEMBER_NOT_BOUND, UNBIND_HOLDS_ROLE
from services.bindings.models import BindingRequest, Bond
from services.bindings.types import BondEnd, Bound, How, Status
from services.cards import queries as cards
from services.cards import service as card_verbs
from services.core import audit, outbox
from services.core.calendar import local_date
from services.core.db import db
from services.core.errors import Conflict, LostRace
from services.core.ids import uuid7
from services.members.types import MemberId
from services.merchants import service as shops

_SESSIONS_END = {BondEnd.BY_MEMBER: Ended.UNBOUND, BondEnd.BY_OFFICER: Ended.UNBOUND, BondEnd.CLOSED: Ended.CLOSED}


def lock(account_id: AccountId, member_id: MemberId) -> AccountId | None:
    """Locks this account and the one that is bound to the member, which it returns, in the order of their ids."""
    holder = accounts.account_of_member(member_id)
    wechat.lock_accounts(*{account_id, holder or account_id})
    if accounts.account_of_member(member_id) != holder:
        raise LostRace
    return holder


def make(
    *, account_id: AccountId, member_id: MemberId, name: str, phone: str, how: How, actor: str, now: datetime.datetime
) -> Bound:
    """The account acts for the member from now on; a card is issued if there is none. The caller has proof.

    A member who has an account keeps it, with its roles and history: the WeChat of `account_id` passes to it, and if
    another WeChat was there that one goes, its sessions end as bond_moved and bindings.moved is posted. The account
    that is returned is the one to sign in to. Posts at shops go along to it, unless `account_id` was another person's
    before: then they end. Locks both accounts in the order of their ids; whoever loses a race runs again. Doing it
    twice is no error. Raises Conflict(bound_already) if the account is another member's, and
    Conflict(binding_account_has_role) if it holds a role without being a member's: whose role that is nobody knows.
    Audited; posts bindings.bound.
    """
    holder = lock(account_id, member_id)
    own = accounts.member_of(account_id)
    if own == member_id:
        return Bound(account_id, member_id)
    if own:
        raise Conflict(BOUND_ALREADY)
    if posts.grants_of(account_id, on=local_date(now)):
        raise Conflict(BINDING_ACCOUNT_HAS_ROLE)
    if _was_anothers(account_id, member_id):
        shops.let_clerks_go(account_id, actor=actor, now=now)
    if holder is None:
        _open(account_id, member_id, how, now)
        wechat.bind(account_id=account_id, member_id=member_id, display_name=name)
        holder = account_id
    else:
        shops.pass_clerks(source=account_id, target=holder, actor=actor, now=now)
        if wechat.take_wechat(source=account_id, target=holder):
            _move(holder, member_id, how, actor, now)
    codes.prove_phone(account_id=holder, phone=phone, now=now)
    if holder != account_id:
        codes.forget_phone(account_id)
    if not cards.has_card(member_id):
        card_verbs.issue(member_id=member_id, actor=actor, now=now)
    audit.record("bond.made", actor=actor, subject_id=member_id, now=now, detail={"how": how, "account": str(holder)})
    outbox.post(messages.Bound(member_id=member_id))
    return Bound(holder, member_id)


def unbind(*, member_id: MemberId, because: BondEnd, actor: str, now: datetime.datetime) -> None:
    """The member's account acts for nobody any more, and his sessions end; what he did stays his. Locks the account.

    By the member himself: Conflict(unbind_holds_role) while he holds a role; his posts at shops stay with the account.
    Else the phone may be in wrong hands: every session ends, every post, and nobody signs in to the account with
    WeChat any more. No role outlives the bond. Raises Conflict(member_not_bound). Audited; posts bindings.unbound.
    """
    holder = accounts.account_of_member(member_id)
    if holder is None:
        raise Conflict(MEMBER_NOT_BOUND)
    wechat.lock_accounts(holder)
    if accounts.member_of(holder) != member_id:
        raise Conflict(MEMBER_NOT_BOUND)
    by_member = because is BondEnd.BY_MEMBER
    if by_member and accounts.officer(holder, on=local_date(now)):
        raise Conflict(UNBIND_HOLDS_ROLE)
    wechat.bind(account_id=holder, member_id=None, display_name=accounts.display_name(holder))
    _end(member_id, because, now)
    codes.forget_phone(holder)
    persona = Persona.MEMBER if by_member else None
    end_sessions(holder, because=_SESSIONS_END[because], actor=actor, now=now, persona=persona)
    end_roles(holder, actor=actor, now=now)
    if not by_member:
        shops.let_clerks_go(holder, actor=actor, now=now)
        wechat.drop_wechat(holder)
    audit.record("bond.ended", actor=actor, subject_id=member_id, now=now, detail={"because": because})
    outbox.post(messages.Unbound(member_id=member_id))


def enter(*, account_id: AccountId) -> MemberActor | None:
    """As whom a visitor goes on whose claim was approved while he waited; None: nothing was, or not any more.

    Where the member had an account already, that one, as long as its bond has not ended or moved since.
    """
    own = accounts.member_of(account_id)
    if own:
        return MemberActor(account_id, own)
    query = (
        select(BindingRequest.member_id, Bond.account_id)
        .join(Bond, (Bond.member_id == BindingRequest.member_id) & (Bond.account_id == BindingRequest.bound_account_id))
        .where(BindingRequest.account_id == account_id, BindingRequest.status == Status.APPROVED)
        .where(Bond.ended_at.is_(None), Bond.made_at <= BindingRequest.closed_at)
        .order_by(BindingRequest.closed_at.desc())
        .limit(1)
    )
    row = db.session.execute(query).first()
    return MemberActor(AccountId(row.account_id), MemberId(row.member_id)) if row else None


def _was_anothers(account_id: AccountId, member_id: MemberId) -> bool:
    """Did this account act for somebody else before?"""
    query = select(Bond.id).where(Bond.account_id == account_id, Bond.member_id != member_id)
    return db.session.scalar(query.limit(1)) is not None


def _open(account_id: AccountId, member_id: MemberId, how: How, now: datetime.datetime) -> None:
    """The unique open bond of a member is the judge between two at once: the second waits, and runs again."""
    row = {"id": uuid7(), "member_id": member_id, "account_id": account_id, "how": how, "made_at": now}
    made = insert(Bond).values(row).on_conflict_do_nothing().returning(Bond.id)
    if db.session.execute(made).first() is None:
        raise LostRace


def _move(holder: AccountId, member_id: MemberId, how: How, actor: str, now: datetime.datetime) -> None:
    _end(member_id, BondEnd.MOVED, now)
    _open(holder, member_id, how, now)
    end_sessions(holder, because=Ended.BOND_MOVED, actor=actor, now=now)
    audit.record("bond.moved", actor=actor, subject_id=member_id, now=now, detail={"how": how})
    outbox.post(messages.BondMoved(member_id=member_id, at=now.isoformat()))


def _end(member_id: MemberId, because: BondEnd, now: datetime.datetime) -> None:
    of = (Bond.member_id == member_id) & Bond.ended_at.is_(None)
    db.session.execute(update(Bond).where(of).values(ended_at=now, ended_because=because))
