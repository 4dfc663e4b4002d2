"""Who somebody is to WeChat: identities of accounts, the way to WeChat and back, whom an account acts for."""

import datetime
import secrets
from collections.abc import Sequence

from sqlalchemy import Row, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from services.accounts.models import Account, SignInState, WechatIdentity
from services.accounts.service.roles import open_account
from services.accounts.types import AccountId, MemberActor, VisitorActor
from services.accounts.wechat import WechatUser
from services.core import purging
from services.core.crypto import vault
from services.core.db import db
from services.core.errors import LostRace
from services.core.ids import uuid7
from services.core.signing import token_digest
from services.members.types import MemberId

OPENID_FIELD, UNIONID_FIELD = "wechat_identities.openid", "wechat_identities.unionid"
STATE_LIFETIME = datetime.timedelta(minutes=10)


def identify(*, user: WechatUser, now: datetime.datetime) -> AccountId:
    """The account of whoever the platform says is here; a new one, bound to nobody, at the first time.

    Somebody known by another app of ours is found by the unionid. Two first times at once, or a bond that moves
    meanwhile: runs again. Locks the row of an account that is known until the end, so that its sessions are complete.
    """
    openid_index = vault.blind_index(OPENID_FIELD, user.openid)
    unionid_index = vault.blind_index(UNIONID_FIELD, user.unionid) if user.unionid else None
    unionid = vault.seal(UNIONID_FIELD, user.unionid) if user.unionid else None
    of = (WechatIdentity.appid == user.appid) & (WechatIdentity.openid_index == openid_index)
    identity = select(WechatIdentity.id, WechatIdentity.account_id, WechatIdentity.unionid_index).where(of)
    known = db.session.execute(identity).first()
    if known:
        # A bond that moves takes the WeChat away under the account's lock: what was read before it counts for nothing.
        db.session.execute(select(Account.id).where(Account.id == known.account_id).with_for_update(read=True))
        if db.session.execute(identity).first() != known:
            raise LostRace
        if unionid_index and known.unionid_index is None:
            joined = update(WechatIdentity).where(WechatIdentity.id == known.id)
            db.session.execute(joined.values(unionid=unionid, unionid_index=unionid_index))
        return AccountId(known.account_id)
    account_id = _joined_by(unionid_index, user.appid) or open_account(display_name="", now=now)
    row = {
        "id": uuid7(), "appid": user.appid, "openid": vault.seal(OPENID_FIELD, user.openid),
        "openid_index": openid_index, "unionid": unionid, "unionid_index": unionid_index,
        "account_id": account_id, "created_at": now,
    }  # fmt: skip
    added = insert(WechatIdentity).values(row).on_conflict_do_nothing().returning(WechatIdentity.id)
    if db.session.execute(added).first() is None:
        raise LostRace
    return account_id


def _joined_by(unionid_index: bytes | None, appid: str) -> AccountId | None:
    """The account known by another app under this unionid, unless it has somebody of this app already."""
    if unionid_index is None:
        return None
    rows = db.session.execute(
        select(WechatIdentity.account_id, WechatIdentity.appid).where(WechatIdentity.unionid_index == unionid_index)
    ).all()
    accounts = {row.account_id for row in rows}
    return AccountId(accounts.pop()) if len(accounts) == 1 and appid not in {row.appid for row in rows} else None


def give_wechat(*, account_id: AccountId, user: WechatUser, now: datetime.datetime) -> None:
    """This account is known by this WeChat from now on; nothing happens if that one is somebody's already."""
    row = {
        "id": uuid7(), "appid": user.appid, "openid": vault.seal(OPENID_FIELD, user.openid),
        "openid_index": vault.blind_index(OPENID_FIELD, user.openid), "account_id": account_id, "created_at": now,
    }  # fmt: skip
    db.session.execute(insert(WechatIdentity).values(row).on_conflict_do_nothing())


def has_wechat(account_id: AccountId) -> bool:
    """Does somebody sign in to this account with WeChat?"""
    query = select(WechatIdentity.id).where(WechatIdentity.account_id == account_id).limit(1)
    return db.session.scalar(query) is not None


def take_wechat(*, source: AccountId, target: AccountId) -> bool:
    """Moves the WeChat of `source` to `target`. The one that `target` had goes, if it is another person's view of it.

    True when one went. The same app twice, or two unionids, are two WeChats; two apps without a unionid may be one.
    The caller holds both accounts' rows.
    """
    theirs, ours = _identities(source), _identities(target)
    apps, unions = {row.appid for row in ours}, {row.unionid_index for row in ours if row.unionid_index}
    another = any(
        row.appid in apps or (row.unionid_index and unions and row.unionid_index not in unions) for row in theirs
    )
    if another:
        db.session.execute(delete(WechatIdentity).where(WechatIdentity.account_id == target))
    db.session.execute(update(WechatIdentity).where(WechatIdentity.account_id == source).values(account_id=target))
    return another


def drop_wechat(account_id: AccountId) -> None:
    """Nobody signs in to this account with WeChat any more; the WeChat is free for another one."""
    db.session.execute(delete(WechatIdentity).where(WechatIdentity.account_id == account_id))


def actor_of_account(account_id: AccountId) -> MemberActor | VisitorActor:
    """In which capacity somebody signs in whose account is known: as the member, or as a visitor who may bind.

    Locks the account's row until the session is there: an unbinding that comes meanwhile finds it, and ends it.
    """
    query = select(Account.member_id).where(Account.id == account_id).with_for_update(read=True)
    member_id = db.session.scalar(query)
    return MemberActor(account_id, MemberId(member_id)) if member_id else VisitorActor(account_id)


def lock_accounts(*account_ids: AccountId) -> None:
    """Locks these rows in the order of their ids: whoever binds or moves a bond does so one after the other."""
    query = select(Account.id).where(Account.id.in_(account_ids)).order_by(Account.id).with_for_update(key_share=True)
    db.session.execute(query).all()


def bind(*, account_id: AccountId, member_id: MemberId | None, display_name: str) -> None:
    """This account acts for this member from now on, or for nobody. Raises Conflict(account_exists)."""
    values = {"member_id": member_id, "display_name": display_name[:60]}
    db.session.execute(update(Account).where(Account.id == account_id).values(values))


def leave_for_wechat(now: datetime.datetime) -> tuple[str, str]:
    """Begins a way to WeChat and back: the state for the address, and what the browser keeps in a cookie."""
    state, browser = secrets.token_hex(16), secrets.token_hex(16)
    row = SignInState(digest=token_digest(state), browser_digest=token_digest(browser), expires_at=now + STATE_LIFETIME)
    db.session.add(row)
    db.session.flush()
    return state, browser


def back_from_wechat(*, state: str, browser: str, now: datetime.datetime) -> bool:
    """Is this the browser that left with this state, within ten minutes and for the first time? Uses the state up."""
    used = db.session.execute(
        update(SignInState)
        .where(
            SignInState.digest == token_digest(state), SignInState.browser_digest == token_digest(browser),
            SignInState.used_at.is_(None), SignInState.expires_at > now,
        )
        .values(used_at=now)
        .returning(SignInState.digest)
    ).first()  # fmt: skip
    return used is not None


def purge_states(now: datetime.datetime) -> int:
    """Forgets a batch of ways that nobody came back from. Run it until it returns 0."""
    return purging.forget(SignInState.expires_at, before=now)


def _identities(account_id: AccountId) -> Sequence[Row[str, bytes | None]]:
    query = select(WechatIdentity.appid, WechatIdentity.unionid_index)
    return db.session.execute(query.where(WechatIdentity.account_id == account_id)).all()
