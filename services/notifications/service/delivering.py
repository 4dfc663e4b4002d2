"""Takes deliveries to send: leased in one statement, filled with words and addresses; and what killed senders left."""

import datetime
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update

from services.accounts import queries as accounts
from services.accounts.service.codes import PROVEN_FIELD
from services.accounts.service.wechat import OPENID_FIELD
from services.accounts.types import AccountId
from services.core.crypto import vault
from services.core.db import among, db
from services.members.service import PHONE_FIELD
from services.notifications import consents
from services.notifications import reach as reaching
from services.notifications.fields import cut
from services.notifications.models import ChannelTemplate, Delivery, Follower, InboxMessage, Pause
from services.notifications.notices.halting import halted
from services.notifications.notices.words import filled
from services.notifications.ports import Outgoing, Result
from services.notifications.reach import LOCAL, LOCAL_ID, Providers, layout_of
from services.notifications.rules import quiet
from services.notifications.service import effects
from services.notifications.templates import TEMPLATES, texts
from services.notifications.templates.layouts import LAYOUTS
from services.notifications.types import Channel, DeliveryId, DeliveryStatus

LEASE = datetime.timedelta(seconds=120)
"""Longer than sending.BUDGET and the slowest channel together."""
BATCH = 480
"""How many are leased together."""
FOLLOWER_FIELD = "followers.openid"
SETTLED_BY = datetime.timedelta(days=3)
"""By then every report has come that will."""
PAUSE_KEPT = datetime.timedelta(hours=1)
"""A pause that is over stays so long, so that a breaker that opens again waits longer."""


@dataclass(frozen=True)
class Leased:
    """What is ready to be sent, and what is not sent: it was read, or its address or template went away meanwhile."""

    outgoing: list[Outgoing]
    dead: list[Result]


def lease(ids: Collection[DeliveryId], *, providers: Providers, now: datetime.datetime) -> Leased:
    """Takes those of `ids` (BATCH at most) that may go out now and that nobody else holds. Commit before sending.

    Not taken: what is not due, or would wake somebody, or is over, or goes by a channel that is paused, or belongs to a
    notice that was stopped. From here to `record` no database connection is needed: a slow channel holds up nobody
    else. At most eight statements.
    """
    if not ids:
        return Leased([], [])
    taken = (
        update(Delivery)
        .where(among(Delivery.id, ids), _may_go(now, providers))
        .values(status=DeliveryStatus.SENDING, leased_until=now + LEASE, attempts=Delivery.attempts + 1)
        .returning(Delivery.id, Delivery.inbox_id, Delivery.account_id, Delivery.channel, Delivery.template_id)
        .cte("taken")
    )
    query = select(
        taken, InboxMessage.template, InboxMessage.facts, InboxMessage.created_at, InboxMessage.read_at
    ).join(InboxMessage, InboxMessage.id == taken.c.inbox_id)
    rows = list(db.session.execute(query))
    addresses = _addresses({AccountId(row.account_id) for row in rows}, providers)
    mappings = _mappings({row.template_id for row in rows})
    leased = Leased([], [])
    for row, facts in zip(rows, filled([row.facts for row in rows]), strict=True):
        address, mapping = addresses.get((row.account_id, Channel(row.channel))), mappings.get(row.template_id)
        if row.read_at:
            leased.dead.append(Result(row.id, DeliveryStatus.EXPIRED, "read"))
        elif address is None:
            leased.dead.append(Result(row.id, DeliveryStatus.PERMANENT_FAILURE, "no_address"))
        elif not _of_provider(row.template_id, mapping, providers[Channel(row.channel)]):
            leased.dead.append(Result(row.id, DeliveryStatus.PERMANENT_FAILURE, "not_mapped"))
        else:
            leased.outgoing.append(_filled(row, facts, address, mapping))
    return leased


def due(*, providers: Providers, now: datetime.datetime) -> list[DeliveryId]:
    """The oldest BATCH that may go out now."""
    waiting = select(Delivery.id).where(_may_go(now, providers)).order_by(Delivery.next_try_at).limit(BATCH)
    return [DeliveryId(found) for found in db.session.scalars(waiting)]


def sweep(*, repeats_safely: Mapping[Channel, bool], now: datetime.datetime) -> None:
    """Closes every state that a killed sender or time itself left in between.

    Leases that ran out: sent again if the channel recognises a repeat, else unknown, its consent spent (the inbox has
    the message either way). Whatever is past its deadline: expired, its consent given back. Whatever waits for a
    channel that this installation no longer has: expired too, and its message takes the next step. What stayed
    unknown for days is given up, so that a report finds the right one of later sends. Pauses long over are forgotten.
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
    spent = [one for one in db.session.scalars(lost) if one]
    _expire(Delivery.deadline_at <= now, "deadline", now)
    stranded = _expire(Delivery.channel.not_in(list(repeats_safely)), "not_set_up", now)
    consents.spend(spent, now=now)
    effects.free_ladder(stranded, now=now)
    for_ever = (Delivery.status == DeliveryStatus.UNKNOWN) & (Delivery.finished_at <= now - SETTLED_BY)
    given_up = {"status": DeliveryStatus.TEMPORARY_FAILURE, "reason": "never_settled"}
    db.session.execute(update(Delivery).where(for_ever).values(given_up))
    db.session.execute(delete(Pause).where(Pause.until <= now - PAUSE_KEPT))


def _expire(which: ColumnElement[bool], reason: str, now: datetime.datetime) -> list[uuid.UUID]:
    """Closes what waits and will not be sent, gives its consent back; returns the messages."""
    over = (
        update(Delivery)
        .where(Delivery.status == DeliveryStatus.CREATED, which)
        .values(status=DeliveryStatus.EXPIRED, reason=reason, finished_at=now)
        .returning(Delivery.inbox_id, Delivery.credit_id)
    )
    rows = db.session.execute(over).all()
    back = [row.credit_id for row in rows if row.credit_id]
    consents.hold(back)
    consents.give_back(back, now=now)
    return [row.inbox_id for row in rows]


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
        or_(Delivery.deadline_at.is_(None), Delivery.deadline_at > now), ~paused, ~halted(),
    ]  # fmt: skip
    return and_(*conditions, Delivery.at_once) if quiet(now) else and_(*conditions)


def _of_provider(template_id: uuid.UUID | None, mapping: ChannelTemplate | None, provider: str) -> bool:
    """Whether the template that was chosen when this was planned is one of the provider that sends now."""
    if template_id == LOCAL_ID:
        return provider.startswith(LOCAL)
    return mapping is not None and mapping.provider == provider


def _filled(row: Any, facts: Mapping[str, Any], address: str, mapping: Any) -> Outgoing:
    """The message in the channel's own fields."""
    template, channel = TEMPLATES[row.template], Channel(row.channel)
    language = mapping.language if mapping else "zh"
    heading = facts.get("notice_title") or template.title
    written = texts(row.template, channel, facts, told_at=row.created_at, language=language)
    keys = mapping.keys if mapping else {name: name for name in written}
    if channel.of_wechat:
        types = LAYOUTS[layout_of(channel, template, row.template)].fields
        fields = {keys[name]: cut(types[name], written[name]) for name in types}
    else:
        named = {keys.get(name, name): text for name, text in written.items() if name != "text"}
        # By place, where the provider counts its variables: "1", "2", … "10".
        fields = {key: named[key] for key in sorted(named, key=lambda key: (len(key), key))}
    return Outgoing(
        id=DeliveryId(row.id),
        channel=channel,
        address=address,
        platform_id=mapping.platform_id if mapping else f"{LOCAL}-{layout_of(channel, template, row.template)}",
        fields=fields,
        title=written.get("text") or heading.get(language) or heading["zh"],
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
        among(Follower.account_id, people), Follower.openid.is_not(None)
    )
    own = select(ways.c.account_id, ways.c.appid, ways.c.openid).where(among(ways.c.account_id, people))
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
