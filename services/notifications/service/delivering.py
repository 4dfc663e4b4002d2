"""Takes deliveries to send: leased in one statement, filled with words and addresses; and what killed senders left."""

import datetime
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, update

from services.accounts import queries as accounts
from services.accounts.service.codes import PROVEN_FIELD
from services.accounts.service.wechat import OPENID_FIELD
from services.accounts.types import AccountId
from services.core.crypto import vault
from services.core.db import db
from services.members.service import PHONE_FIELD
from services.notifications import consents
from services.notifications import reach as reaching
from services.notifications.fields import cut
from services.notifications.models import ChannelTemplate, Delivery, Follower, InboxMessage, Pause
from services.notifications.ports import Outgoing, Result
from services.notifications.reach import LOCAL, LOCAL_ID, Providers, layout_of
from services.notifications.rules import quiet
from services.notifications.templates import TEMPLATES, texts
from services.notifications.templates.layouts import LAYOUTS
from services.notifications.types import Channel, DeliveryId, DeliveryStatus

LEASE = datetime.timedelta(seconds=120)
"""Longer than sending.BUDGET and the slowest channel together."""
BATCH = 480
"""How many are leased together."""
FOLLOWER_FIELD = "followers.openid"


@dataclass(frozen=True)
class Leased:
    """What is ready to be sent, and what cannot be: its address or its template went away meanwhile."""

    outgoing: list[Outgoing]
    dead: list[Result]


def lease(ids: Collection[DeliveryId], *, providers: Providers, now: datetime.datetime) -> Leased:
    """Takes those of `ids` (BATCH at most) that may go out now and that nobody else holds. Commit before sending.

    Not taken: what is not due, or would wake somebody, or is over, or goes by a channel that is paused. From here to
    `record` no database connection is needed: a slow channel holds up nobody else. At most seven statements.
    """
    if not ids:
        return Leased([], [])
    taken = (
        update(Delivery)
        .where(Delivery.id.in_(ids), _may_go(now, providers))
        .values(status=DeliveryStatus.SENDING, leased_until=now + LEASE, attempts=Delivery.attempts + 1)
        .returning(Delivery.id, Delivery.inbox_id, Delivery.account_id, Delivery.channel, Delivery.template_id)
        .cte("taken")
    )
    query = select(taken, InboxMessage.template, InboxMessage.facts, InboxMessage.created_at).join(
        InboxMessage, InboxMessage.id == taken.c.inbox_id
    )
    rows = list(db.session.execute(query))
    addresses = _addresses({AccountId(row.account_id) for row in rows}, providers)
    mappings = _mappings({row.template_id for row in rows})
    leased = Leased([], [])
    for row in rows:
        address, mapping = addresses.get((row.account_id, Channel(row.channel))), mappings.get(row.template_id)
        if address is None:
            reason = "no_address"
        elif mapping is None and row.template_id != LOCAL_ID:
            reason = "not_mapped"
        else:
            leased.outgoing.append(_filled(row, address, mapping))
            continue
        leased.dead.append(Result(row.id, DeliveryStatus.PERMANENT_FAILURE, reason))
    return leased


def due(*, providers: Providers, now: datetime.datetime) -> list[DeliveryId]:
    """The oldest BATCH that may go out now."""
    waiting = select(Delivery.id).where(_may_go(now, providers)).order_by(Delivery.next_try_at).limit(BATCH)
    return [DeliveryId(found) for found in db.session.scalars(waiting)]


def sweep(*, repeats_safely: Mapping[Channel, bool], now: datetime.datetime) -> None:
    """Closes every state that a killed sender or time itself left in between.

    Leases that ran out: sent again if the channel recognises a repeat, else unknown, its consent spent (the inbox has
    the message either way). Whatever is past its deadline: expired, its consent given back.
    """
    stale = (Delivery.status == DeliveryStatus.SENDING) & (Delivery.leased_until < now)
    again = [channel for channel, safely in repeats_safely.items() if safely]
    db.session.execute(
        update(Delivery)
        .where(stale, Delivery.channel.in_(again))
        .values(status=DeliveryStatus.CREATED, leased_until=None, next_try_at=now)
    )
    lost = (
        update(Delivery)
        .where(stale)
        .values(status=DeliveryStatus.UNKNOWN, reason="sender_lost", leased_until=None, finished_at=now)
        .returning(Delivery.credit_id)
    )
    consents.spend([one for one in db.session.scalars(lost) if one], now=now)
    over = (
        update(Delivery)
        .where(Delivery.status == DeliveryStatus.CREATED, Delivery.deadline_at <= now)
        .values(status=DeliveryStatus.EXPIRED, reason="deadline", finished_at=now)
        .returning(Delivery.credit_id)
    )
    consents.give_back([one for one in db.session.scalars(over) if one], now=now)


def _may_go(now: datetime.datetime, providers: Providers) -> ColumnElement[bool]:
    of_template = (
        select(ChannelTemplate.platform_id).where(ChannelTemplate.id == Delivery.template_id).correlate(Delivery)
    )
    paused = exists().where(
        Pause.channel == Delivery.channel,
        or_(Pause.subject == "", Pause.subject == of_template.scalar_subquery()),
        or_(Pause.until.is_(None), Pause.until > now),
    )
    conditions = [
        Delivery.status == DeliveryStatus.CREATED, Delivery.next_try_at <= now, Delivery.channel.in_(list(providers)),
        or_(Delivery.deadline_at.is_(None), Delivery.deadline_at > now), ~paused,
    ]  # fmt: skip
    return and_(*conditions, Delivery.at_once) if quiet(now) else and_(*conditions)


def _filled(row: Any, address: str, mapping: Any) -> Outgoing:
    """The message in the channel's own fields."""
    template, channel = TEMPLATES[row.template], Channel(row.channel)
    language = mapping.language if mapping else "zh"
    written = texts(row.template, channel, row.facts, told_at=row.created_at, language=language)
    keys = mapping.keys if mapping else {name: name for name in written}
    if channel.of_wechat:
        types = LAYOUTS[layout_of(channel, template, row.template)].fields
        fields = {keys[name]: cut(types[name], written[name]) for name in types}
    else:
        fields = {keys.get(name, name): text for name, text in written.items() if name != "text"}
    return Outgoing(
        id=DeliveryId(row.id),
        channel=channel,
        address=address,
        platform_id=mapping.platform_id if mapping else f"{LOCAL}-{layout_of(channel, template, row.template)}",
        fields=fields,
        title=written.get("text") or template.title[language],
        link=f"/inbox/{row.inbox_id}",
        language=language,
    )


def _mappings(ids: Collection[uuid.UUID | None]) -> dict[uuid.UUID, ChannelTemplate]:
    wanted = [one for one in ids if one and one != LOCAL_ID]
    if not wanted:
        return {}
    return {row.id: row for row in db.session.scalars(select(ChannelTemplate).where(ChannelTemplate.id.in_(wanted)))}


def _addresses(people: Collection[AccountId], providers: Providers) -> dict[tuple[AccountId, Channel], str]:
    """Openids and phones in clear. An own WeChat goes before one that only follows."""
    found: dict[tuple[AccountId, Channel], str] = {}
    if not people:
        return found
    ways = accounts.wechat_addresses().subquery()
    linked = select(Follower.account_id, Follower.appid, Follower.openid).where(
        Follower.account_id.in_(people), Follower.openid.is_not(None)
    )
    own = select(ways.c.account_id, ways.c.appid, ways.c.openid).where(ways.c.account_id.in_(people))
    known = [(row, vault.unseal(FOLLOWER_FIELD, row.openid)) for row in db.session.execute(linked)]
    known += [(row, vault.unseal(OPENID_FIELD, row.openid)) for row in db.session.execute(own)]
    for row, openid in known:
        for channel, provider in providers.items():
            if channel.of_wechat and provider == row.appid:
                found[row.account_id, channel] = openid
    if Channel.SMS in providers:
        for row in db.session.execute(reaching.phone_ways(people)):
            phone = vault.unseal(PHONE_FIELD, row.recorded) if row.recorded else vault.unseal(PROVEN_FIELD, row.proven)
            found[row.account_id, Channel.SMS] = phone
    return found
