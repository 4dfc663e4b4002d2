"""Whom the channels reach among the members of some unions, and why not: counted set by set, never a name."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Subquery, case, func, literal, or_, select, union_all

from services.accounts import queries as accounts
from services.core.db import db
from services.members import queries as members
from services.members.types import Standing
from services.notifications.consents import available
from services.notifications.models import Block, Credit, Follower
from services.notifications.reach import Providers, mappings
from services.notifications.types import Channel, Hindrance, Language
from services.unions import queries as unions
from services.unions.types import UnionPath

NOT_BOUND = "not_bound"
"""Nobody has bound this member on a phone yet: no channel and no inbox."""
OPEN = "open"
NOBODY = "nobody"


@dataclass(frozen=True)
class Reached:
    """`channels`: of each channel how many members are OPEN to it, or what stands in the way of how many."""

    members: int
    wechat: int
    sms_only: int
    inbox_only: int
    not_bound: int
    channels: Mapping[Channel, Mapping[str, int]]


@dataclass(frozen=True)
class CreditLevel:
    """Consents of one app: how many messages may still be sent, and how many of its people have none left."""

    provider: str
    left: int
    people: int
    without: int
    standing: int


def reached(*, scopes: tuple[UnionPath, ...], providers: Providers) -> Reached:
    """Every member of these unions who has not left. Two statements, whatever their number.

    What somebody has switched off does not count here: it is another choice for each group of messages.
    """
    mapped = {channel for channel, _, language in mappings(providers) if language is Language.ZH}
    states = _states(scopes, providers, mapped)
    channels: dict[Channel, Counter[str]] = {channel: Counter() for channel in Channel}
    sums: Counter[str] = Counter()
    for *found, number in db.session.execute(states):
        by_channel = dict(zip(Channel, found, strict=True))
        for channel, state in by_channel.items():
            channels[channel][state] += number
        wechat = any(by_channel[channel] == OPEN for channel in Channel if channel.of_wechat)
        bound = NOT_BOUND not in found
        sms = by_channel[Channel.SMS] == OPEN
        sums["wechat" if wechat else "sms" if sms else "inbox" if bound else NOT_BOUND] += number
    return Reached(
        members=sum(sums.values()), wechat=sums["wechat"], sms_only=sums["sms"], inbox_only=sums["inbox"],
        not_bound=sums[NOT_BOUND], channels={channel: dict(counts) for channel, counts in channels.items()},
    )  # fmt: skip


def credit_levels(*, providers: Providers) -> list[CreditLevel]:
    """Of each app whose subscribe messages go out here. One statement an app."""
    apps = sorted({provider for channel, provider in providers.items() if channel.of_consent})
    return [_level(appid) for appid in apps]


def _level(appid: str) -> CreditLevel:
    ways = accounts.wechat_addresses().subquery()
    theirs = (
        select(
            Credit.openid_index,
            func.sum(case((Credit.standing, 0), else_=available())).label("left"),
            func.bool_or(Credit.standing).label("standing"),
        )
        .where(Credit.appid == appid)
        .group_by(Credit.openid_index)
        .subquery()
    )
    some = or_(theirs.c.left >= 1, theirs.c.standing)
    row = db.session.execute(
        select(
            func.coalesce(func.sum(theirs.c.left), 0).label("left"),
            func.count(ways.c.openid_index).label("people"),
            func.count().filter(ways.c.openid_index.is_not(None), some.is_not(True)).label("without"),
            func.count().filter(theirs.c.standing).label("standing"),
        )
        .select_from(ways)
        .outerjoin(theirs, theirs.c.openid_index == ways.c.openid_index)
        .where(ways.c.appid == appid)
    ).one()
    return CreditLevel(appid, int(row.left), row.people, row.without, row.standing)


def _states(scopes: tuple[UnionPath, ...], providers: Providers, mapped: set[Channel]) -> Any:
    """A column for each channel with the first thing that hinders, or OPEN; and how many members stand so."""
    holder, bound = members.holders().subquery(), accounts.bound_members().subquery()
    phone, proven = members.phones().subquery(), accounts.phone_addresses().subquery()
    blocked = select(Block.address_index).where(Block.channel == Channel.SMS).subquery()
    address = func.coalesce(phone.c.phone_index, proven.c.phone_index)
    ways = {channel: _ways(channel, providers.get(channel, NOBODY)) for channel in Channel if channel.of_wechat}
    columns: list[ColumnElement[str]] = []
    for channel in Channel:
        if channel not in providers or channel not in mapped:
            fixed = Hindrance.NOT_SET_UP if channel not in providers else Hindrance.NOT_MAPPED
            state: ColumnElement[str] = literal(fixed.value)
        elif channel is Channel.SMS:
            state = case(
                (address.is_(None), Hindrance.NO_PHONE.value),
                (blocked.c.address_index.is_not(None), Hindrance.REFUSED.value),
                else_=OPEN,
            )
        else:
            state = func.coalesce(ways[channel].c.state, Hindrance.NO_WECHAT.value)
        columns.append(case((bound.c.account_id.is_(None), NOT_BOUND), else_=state).label(channel.value))
    joined = (
        select(*columns, func.count().label("number"))
        .select_from(holder)
        .join(phone, phone.c.member_id == holder.c.member_id)
        .outerjoin(bound, bound.c.member_id == holder.c.member_id)
        .outerjoin(proven, proven.c.account_id == bound.c.account_id)
        .outerjoin(blocked, blocked.c.address_index == address)
        .where(unions.in_scopes(holder.c.union_path, scopes), holder.c.standing != Standing.LEFT)
    )
    for way in ways.values():
        joined = joined.outerjoin(way, way.c.account_id == bound.c.account_id)
    return joined.group_by(*(column.name for column in columns))


def _ways(channel: Channel, appid: str) -> Subquery:
    """account_id, and OPEN or what hinders, of the best WeChat that an account has in this app."""
    own = accounts.wechat_addresses().subquery()
    linked = select(Follower.account_id, Follower.openid_index).where(
        Follower.appid == appid, Follower.account_id.is_not(None), Follower.following
    )
    each = union_all(select(own.c.account_id, own.c.openid_index).where(own.c.appid == appid), linked).subquery()
    gone = select(Follower.openid_index).where(Follower.appid == appid, ~Follower.following).subquery()
    refused = select(Block.address_index).where(Block.channel == channel).subquery()
    consented = (
        select(Credit.openid_index)
        .where(Credit.appid == appid, or_(Credit.standing, available() >= 1))
        .distinct()
        .subquery()
    )
    last = Hindrance.NO_CREDIT if channel.of_consent else Hindrance.NOT_FOLLOWING
    missing = consented.c.openid_index.is_(None) if channel.of_consent else gone.c.openid_index.is_not(None)
    rank = case((refused.c.address_index.is_not(None), 0), (missing, 1), else_=2)
    best = func.max(rank)
    state = case((best == 2, OPEN), (best == 1, last.value), else_=Hindrance.REFUSED.value)
    return (
        select(each.c.account_id, state.label("state"))
        .select_from(each)
        .outerjoin(gone, gone.c.openid_index == each.c.openid_index)
        .outerjoin(refused, refused.c.address_index == each.c.openid_index)
        .outerjoin(consented, consented.c.openid_index == each.c.openid_index)
        .group_by(each.c.account_id)
        .subquery(f"way_{channel.value}")
    )
