"""Where accounts are reached: sealed until the moment of filling a message."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from sqlalchemy import select

from services.accounts import queries as accounts
from services.accounts.service.codes import PROVEN_FIELD
from services.accounts.service.wechat import OPENID_FIELD
from services.accounts.types import AccountId
from services.core.crypto import vault
from services.core.db import among, db
from services.members.service import PHONE_FIELD
from services.notifications import reach as reaching
from services.notifications.models import Follower
from services.notifications.reach import Providers
from services.notifications.types import Channel

FOLLOWER_FIELD = "followers.openid"


@dataclass(frozen=True)
class Address:
    """Where an account is reached by one channel: sealed, what opens it, and its digest."""

    sealed: bytes
    index: bytes
    opened: Callable[[bytes], str]


def addresses(people: Collection[AccountId], providers: Providers) -> dict[tuple[AccountId, Channel], Address]:
    """Openids and phones, sealed. An own WeChat goes before one that only follows."""
    found: dict[tuple[AccountId, Channel], Address] = {}
    if not people:
        return found
    ways = accounts.wechat_addresses().subquery()
    linked = select(Follower.account_id, Follower.appid, Follower.openid, Follower.openid_index).where(
        among(Follower.account_id, people), Follower.openid.is_not(None)
    )
    own = select(ways.c.account_id, ways.c.appid, ways.c.openid, ways.c.openid_index).where(
        among(ways.c.account_id, people)
    )
    known = [(row, _openid_that_follows) for row in db.session.execute(linked)]
    known += [(row, _own_openid) for row in db.session.execute(own)]
    for row, opened in known:
        for channel, provider in providers.items():
            if channel.of_wechat and provider == row.appid:
                found[row.account_id, channel] = Address(row.openid, row.openid_index, opened)
    if Channel.SMS in providers:
        for row in db.session.execute(reaching.phone_ways(people)):
            sealed, opened = (row.recorded, _recorded_phone) if row.recorded else (row.proven, _proven_phone)
            found[row.account_id, Channel.SMS] = Address(sealed, row.address_index, opened)
    return found


def _own_openid(sealed: bytes) -> str:
    return vault.unseal(OPENID_FIELD, sealed)


def _openid_that_follows(sealed: bytes) -> str:
    return vault.unseal(FOLLOWER_FIELD, sealed)


def _recorded_phone(sealed: bytes) -> str:
    return vault.unseal(PHONE_FIELD, sealed)


def _proven_phone(sealed: bytes) -> str:
    return vault.unseal(PROVEN_FIELD, sealed)
