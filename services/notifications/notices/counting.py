"""How many a notice reaches, by what, and why not: counted by the database, so that 72,000 people are one statement."""

import datetime

from sqlalchemy import ColumnElement, and_, exists, false, func, literal, not_, or_, select
from sqlalchemy.sql import Subquery

from services.accounts import queries as accounts
from services.core.db import db
from services.notifications import consents
from services.notifications.models import Block, Credit, Follower, Wish
from services.notifications.notices import audience
from services.notifications.notices.types import Count, Readers
from services.notifications.reach import Layouts, Providers, layout_of, mappings, phone_ways
from services.notifications.templates import TEMPLATES
from services.notifications.types import Channel, Group, Language
from services.unions.types import UnionPath


def people(readers: Readers, *, scope: UnionPath, now: datetime.datetime) -> int:
    """How many inboxes it would stand in now."""
    theirs = audience.member_ids(readers, scope=scope, now=now).subquery()
    return db.session.scalar(select(func.count()).select_from(theirs)) or 0


def count(
    readers: Readers, *, scope: UnionPath, sms: bool, mass: bool, providers: Providers, now: datetime.datetime
) -> Count:
    """The size and the reach of a notice as it would go out now. Two statements."""
    layouts = mappings(providers)
    theirs = audience.member_ids(readers, scope=scope, now=now).subquery("theirs")
    held = accounts.bound_members().subquery("held")
    account = held.c.account_id
    phones = phone_ways(select(held.c.account_id)).subquery("phones")
    by_sms = and_(literal(sms and _texted(layouts)), phones.c.account_id.is_not(None), _not_blocked_phone(phones))
    by_wechat = _service_messages(account, readers, providers, layouts) if readers.act else _mass(account, providers)
    rows = (
        select(
            account.is_not(None).label("bound"),
            func.coalesce(Wish.sms, True).label("wants_sms"),
            func.coalesce(Wish.wechat, True).label("wants_wechat"),
            by_sms.label("by_sms"),
            and_(literal(bool(readers.act) or mass), account.is_not(None), by_wechat).label("by_wechat"),
        )
        .select_from(theirs)
        .outerjoin(held, held.c.member_id == theirs.c.member_id)
        .outerjoin(phones, phones.c.account_id == account)
        .outerjoin(Wish, and_(Wish.account_id == account, Wish.group == Group.NOTICES))
        .subquery("rows")
    )
    texted, told = and_(rows.c.by_sms, rows.c.wants_sms), and_(rows.c.by_wechat, rows.c.wants_wechat)
    reached = or_(texted, told)
    hindered = and_(rows.c.bound, not_(reached))
    declined = or_(and_(rows.c.by_sms, not_(rows.c.wants_sms)), and_(rows.c.by_wechat, not_(rows.c.wants_wechat)))

    def number(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(condition)

    found = db.session.execute(
        select(
            func.count(), number(told), number(texted), number(not_(reached)), number(not_(rows.c.bound)),
            number(and_(hindered, declined)), number(and_(hindered, not_(declined))),
        )
    ).one()  # fmt: skip
    return Count(*found)


def _texted(layouts: Layouts) -> bool:
    return (Channel.SMS, audience.TEXTED, Language.ZH) in layouts


def _not_blocked_phone(phones: Subquery) -> ColumnElement[bool]:
    return ~exists().where(Block.channel == Channel.SMS, Block.address_index == phones.c.address_index)


def _mass(account: ColumnElement[object], providers: Providers) -> ColumnElement[bool]:
    appid = providers.get(Channel.TEMPLATE)
    return following(account, appid) if appid else false()


def following(account: ColumnElement[object], appid: str) -> ColumnElement[bool]:
    """The account follows this official account, as far as the platform said: by its own WeChat, or a linked one."""
    ways = accounts.wechat_addresses().subquery()
    own = exists().where(
        ways.c.account_id == account, ways.c.appid == appid, Follower.appid == appid,
        Follower.openid_index == ways.c.openid_index, Follower.following,
    )  # fmt: skip
    return or_(own, exists().where(Follower.account_id == account, Follower.appid == appid, Follower.following))


def _service_messages(
    account: ColumnElement[object], readers: Readers, providers: Providers, layouts: Layouts
) -> ColumnElement[bool]:
    """By a template message, as of a follower, or by a consent that is left."""
    name = audience.template_of(readers, sms=False)
    found: list[ColumnElement[bool]] = [false()]
    for channel, appid in providers.items():
        mapping = layouts.get((channel, layout_of(channel, TEMPLATES[name], name), Language.ZH))
        if not channel.of_wechat or mapping is None:
            continue
        if channel is Channel.TEMPLATE:
            found.append(following(account, appid))
        else:
            found.append(_consent(account, appid, mapping.platform_id))
    return or_(*found)


def _consent(account: ColumnElement[object], appid: str, template_id: str) -> ColumnElement[bool]:
    ways = accounts.wechat_addresses().subquery()
    return exists().where(
        ways.c.account_id == account, ways.c.appid == appid, Credit.appid == appid,
        Credit.openid_index == ways.c.openid_index, Credit.template_id == template_id,
        or_(Credit.standing, consents.available() >= 1),
    )  # fmt: skip
