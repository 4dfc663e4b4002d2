"""Who follows the official account, and whose notices a follower gets who is nobody's sign-in."""

import datetime
import re

from sqlalchemy import and_, delete, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.accounts import queries as accounts
from services.accounts.service.wechat import OPENID_FIELD, lock_accounts
from services.accounts.types import AccountId
from services.core import outbox
from services.core.crypto import vault
from services.core.db import db
from services.core.ids import random_base32
from services.core.signing import token_digest
from services.notifications.messages import FollowerLinked
from services.notifications.models import Block, Credit, Follower, FollowScene, Spoken, Wish
from services.notifications.service.callbacks import Event, Handlers
from services.notifications.types import Channel

FOLLOWER_FIELD = "followers.openid"
SCENE_LENGTH = 26
SCENE_LIFETIME = datetime.timedelta(minutes=10)
_SCENE = re.compile(rf"(?:qrscene_)?([0-9A-Z]{{{SCENE_LENGTH}}})")


def scene(*, account_id: AccountId, now: datetime.datetime) -> str:
    """26 random characters for a QR code of the official account: who follows by it gets this account's notices.

    Once, and for ten minutes. Make a new one for each page; it is kept as a digest only.
    """
    token = random_base32(SCENE_LENGTH)
    row = {"digest": token_digest(token), "account_id": account_id, "expires_at": now + SCENE_LIFETIME}
    db.session.execute(insert(FollowScene).values(row))
    return token


def say(*, appid: str, openid_index: bytes, following: bool, at: datetime.datetime) -> bool:
    """Somebody follows, or does not, since `at`. What is older than what is known changes nothing, and is False.

    The platform counts in whole seconds: of two in one second following wins, for a refusal mends that.
    """
    at = at.replace(microsecond=0)
    new = insert(Follower).values(appid=appid, openid_index=openid_index, following=following, changed_at=at)
    newer = or_(
        Follower.changed_at < new.excluded.changed_at,
        and_(
            Follower.changed_at == new.excluded.changed_at,
            or_(new.excluded.following, Follower.following == new.excluded.following),
        ),
    )
    written = new.on_conflict_do_update(
        index_elements=[Follower.appid, Follower.openid_index],
        set_={"following": new.excluded.following, "changed_at": new.excluded.changed_at},
        where=newer,
    ).returning(Follower.openid_index)
    return db.session.execute(written).first() is not None


def linked(account_id: AccountId) -> bool:
    """Does a WeChat that is nobody's sign-in get this account's notices?"""
    query = select(Follower.openid_index).where(Follower.account_id == account_id).limit(1)
    return db.session.scalar(query) is not None


def unlink(*, account_id: AccountId) -> bool:
    """The WeChat that followed by this account's QR code gets nothing any more. False: there was none."""
    theirs = update(Follower).where(Follower.account_id == account_id)
    gone = theirs.values(account_id=None, openid=None).returning(Follower.openid_index)
    return db.session.execute(gone).first() is not None


def forget(*, account_id: AccountId) -> None:
    """What is kept of the ways to an account that is being closed: who follows, consents, wishes. Before its WeChat is
    dropped: by that they are found. The platform's refusals of an address stay, as digests."""
    unlink(account_id=account_id)
    ways = accounts.wechat_addresses().subquery()
    own = select(ways.c.appid, ways.c.openid_index).where(ways.c.account_id == account_id)
    for table in (Credit, Follower):
        theirs = tuple_(table.appid, table.openid_index).in_(own)
        db.session.execute(delete(table).where(theirs).execution_options(synchronize_session=False))
    for row in (Wish, Spoken, FollowScene):
        db.session.execute(delete(row).where(row.account_id == account_id))


def let_go() -> int:
    """Takes back what is linked to accounts that are bound to nobody any more, and forgets what they chose: the
    next member is another person.

    Returns how many links.
    """
    bound = accounts.bound_members().subquery()
    for table in (Wish, Spoken):
        theirs = delete(table).where(table.account_id.not_in(select(bound.c.account_id)))
        db.session.execute(theirs.execution_options(synchronize_session=False))
    idle = update(Follower).where(
        Follower.account_id.is_not(None), Follower.account_id.not_in(select(bound.c.account_id))
    )
    gone = idle.values(account_id=None, openid=None).returning(Follower.openid_index)
    return len(db.session.execute(gone, execution_options={"synchronize_session": False}).all())


def subscribed(event: Event) -> bool:
    """`subscribe`, and `SCAN` of somebody who follows already: by a scene of ours, the follower gets its notices."""
    openid = event.text("FromUserName")
    index = vault.blind_index(OPENID_FIELD, openid)
    if not say(appid=event.source, openid_index=index, following=True, at=event.happened_at):
        return True
    refused = (Block.channel.in_((Channel.TEMPLATE, Channel.OA_SUBSCRIBE))) & (Block.address_index == index)
    db.session.execute(delete(Block).where(refused))
    shown = _SCENE.fullmatch(event.text("EventKey"))
    if shown:
        _link(event, openid, index, shown.group(1))
    return True


def unsubscribed(event: Event) -> bool:
    """Who leaves is forgotten, whosever notices he got."""
    index = vault.blind_index(OPENID_FIELD, event.text("FromUserName"))
    if say(appid=event.source, openid_index=index, following=False, at=event.happened_at):
        gone = update(Follower).where(Follower.appid == event.source, Follower.openid_index == index)
        db.session.execute(gone.values(account_id=None, openid=None))
    return True


def _link(event: Event, openid: str, index: bytes, token: str) -> None:
    """Only a WeChat that is nobody's, for an account of a member that has no WeChat of this app. The member is told.

    Locks the account's row: two who scan at once, or a sign-in that comes meanwhile, come one after the other.
    """
    used = db.session.scalar(
        update(FollowScene)
        .where(
            FollowScene.digest == token_digest(token), FollowScene.used_at.is_(None),
            FollowScene.expires_at > event.happened_at,
        )
        .values(used_at=event.now)
        .returning(FollowScene.account_id)
    )  # fmt: skip
    if used is None:
        return
    account_id = AccountId(used)
    lock_accounts(account_id)
    member_id = accounts.member_of(account_id)
    ways = accounts.wechat_addresses().subquery()
    signs_in = select(ways.c.account_id).where(
        ways.c.appid == event.source, or_(ways.c.account_id == account_id, ways.c.openid_index == index)
    )
    if member_id is None or linked(account_id) or db.session.execute(signs_in).first():
        return
    free = update(Follower).where(
        Follower.appid == event.source, Follower.openid_index == index, Follower.account_id.is_(None)
    )
    given = free.values(account_id=account_id, openid=vault.seal(FOLLOWER_FIELD, openid))
    if db.session.execute(given.returning(Follower.openid_index)).first():
        outbox.post(FollowerLinked(member_id))


HANDLERS: Handlers = {"subscribe": subscribed, "SCAN": subscribed, "unsubscribe": unsubscribed}
