"""Takes deliveries to send: leased in one statement, filled with words and addresses; and what killed senders left."""

import datetime
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import ColumnElement, and_, delete, exists, or_, select, update

from services.accounts import queries as accounts
from services.accounts.types import AccountId
from services.core.db import among, db
from services.notifications import consents
from services.notifications import reach as reaching
from services.notifications.fields import cut
from services.notifications.models import ChannelTemplate, Delivery, InboxMessage, Pause
from services.notifications.notices.halting import halted
from services.notifications.notices.words import filled
from services.notifications.ports import Outgoing, Result
from services.notifications.reach import LOCAL, LOCAL_IDS, Providers, layout_of
from services.notifications.rules import quiet
from services.notifications.sending import LEAVES_ROOM
from services.notifications.service import effects
from services.notifications.service.addresses import Address, addresses
from services.notifications.templates import TEMPLATES, texts
from services.notifications.templates.layouts import LAYOUTS
from services.notifications.types import Channel, DeliveryId, DeliveryStatus, Language, Recipient, RecipientKind

log = structlog.get_logger("gonghui.notifications")
LEASE = datetime.timedelta(seconds=120)
"""Longer than sending.BUDGET and the slowest channel together."""
BATCH = 480
"""How many are leased together."""
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
    else. At most eight statements, and one for each address that changed since the plan.
    """
    rows = sorted(_taken(ids, providers, now), key=lambda row: not row.at_once) if ids else []
    if not rows:
        return Leased([], [])
    found_at = addresses({AccountId(row.account_id) for row in rows}, providers)
    mappings, strangers = _mappings({row.template_id for row in rows}), _strangers(rows, now)
    leased, moved = Leased([], []), dict[uuid.UUID, bytes]()
    for row, facts in zip(rows, filled([row.facts for row in rows]), strict=True):
        address, mapping = found_at.get((row.account_id, Channel(row.channel))), mappings.get(row.template_id)
        if row.read_at:
            leased.dead.append(Result(row.id, DeliveryStatus.EXPIRED, "read"))
        elif row.id in strangers:
            leased.dead.append(Result(row.id, DeliveryStatus.PERMANENT_FAILURE, "not_theirs"))
        elif address is None:
            leased.dead.append(Result(row.id, DeliveryStatus.PERMANENT_FAILURE, "no_address"))
        elif row.credit_id and address.index != row.address_index:
            # The consent is another WeChat's.
            leased.dead.append(Result(row.id, DeliveryStatus.PERMANENT_FAILURE, "address_changed"))
        elif not _of_provider(row.template_id, mapping, providers[Channel(row.channel)]):
            leased.dead.append(Result(row.id, DeliveryStatus.PERMANENT_FAILURE, "not_mapped"))
        else:
            _add(leased, row, facts, address, mapping)
            if address.index != row.address_index:
                moved[row.id] = address.index
    for id_, index in moved.items():
        db.session.execute(update(Delivery).where(Delivery.id == id_).values(address_index=index))
    return leased


def _taken(ids: Collection[DeliveryId], providers: Providers, now: datetime.datetime) -> list[Any]:
    """Leases them in one statement, in the order of their ids, past those that somebody else holds."""
    free = (
        select(Delivery.id)
        .where(among(Delivery.id, ids), _may_go(now, providers))
        .order_by(Delivery.id)
        .with_for_update(skip_locked=True)
        .cte("free")
    )
    taken = (
        update(Delivery)
        .where(Delivery.id == free.c.id)
        .values(status=DeliveryStatus.SENDING, leased_until=now + LEASE, attempts=Delivery.attempts + 1)
        .returning(
            Delivery.id, Delivery.inbox_id, Delivery.account_id, Delivery.channel, Delivery.template_id,
            Delivery.credit_id, Delivery.address_index, Delivery.at_once,
        )
        .cte("taken")
    )  # fmt: skip
    bound = accounts.bound_members().subquery("bound")
    query = (
        select(
            taken, InboxMessage.template, InboxMessage.facts, InboxMessage.created_at, InboxMessage.read_at,
            InboxMessage.recipient_kind, InboxMessage.recipient_id, bound.c.member_id,
        )
        .join(InboxMessage, InboxMessage.id == taken.c.inbox_id)
        .outerjoin(bound, bound.c.account_id == taken.c.account_id)
    )  # fmt: skip
    return list(db.session.execute(query))


def due(*, providers: Providers, now: datetime.datetime) -> list[DeliveryId]:
    """The oldest BATCH that may go out now, what is at once before everything else."""
    waiting = select(Delivery.id).where(_may_go(now, providers)).order_by(Delivery.next_try_at)
    urgent = list(db.session.scalars(waiting.where(Delivery.at_once).limit(BATCH)))
    rest = db.session.scalars(waiting.where(~Delivery.at_once).limit(BATCH - len(urgent)))
    return [DeliveryId(found) for found in (*urgent, *rest)]


def batches(
    ids: Sequence[DeliveryId], *, repeats_safely: Mapping[Channel, bool], in_flight: int
) -> list[Sequence[DeliveryId]]:
    """What is leased together. Of channels that know no repeat no more than are sent at once: the sender may be killed,
    and what it held of them is unknown and never sent again, so it holds nothing that it has not begun. What is at
    once goes in batches of its own, first."""
    if len(ids) <= in_flight:
        return [ids] if ids else []
    safely = [channel for channel, safe in repeats_safely.items() if safe]
    query = select(Delivery.id, Delivery.at_once, Delivery.channel.in_(safely).label("safe"))
    known = {row.id: (row.at_once, row.safe) for row in db.session.execute(query.where(among(Delivery.id, ids)))}
    found: list[Sequence[DeliveryId]] = []
    for kind in ((True, True), (True, False), (False, True), (False, False)):
        lot, size = [one for one in ids if known.get(one) == kind], BATCH if kind[1] else in_flight
        found += [lot[start : start + size] for start in range(0, len(lot), size)]
    return found


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
        ~and_(Delivery.at_once, Pause.reason.in_(LEAVES_ROOM)),
    )
    conditions = [
        Delivery.status == DeliveryStatus.CREATED, Delivery.next_try_at <= now, Delivery.channel.in_(list(providers)),
        or_(Delivery.deadline_at.is_(None), Delivery.deadline_at > now), ~paused, ~halted(),
    ]  # fmt: skip
    return and_(*conditions, Delivery.at_once) if quiet(now) else and_(*conditions)


def _of_provider(template_id: uuid.UUID | None, mapping: ChannelTemplate | None, provider: str) -> bool:
    """Whether the template that was chosen when this was planned is one of the provider that sends now."""
    if template_id in LOCAL_IDS.values():
        return provider.startswith(LOCAL)
    return mapping is not None and mapping.provider == provider


def _strangers(rows: Collection[Any], now: datetime.datetime) -> set[uuid.UUID]:
    """The deliveries to an account that would not be told any more: its bond moved, or it lost its office, since the
    plan. The next member is another person. A test is nobody's but the colleague's."""
    of_unions = {
        row.id: (Recipient(RecipientKind.UNION, row.recipient_id), TEMPLATES[row.template].capability)
        for row in rows
        if row.recipient_kind == RecipientKind.UNION and row.template in TEMPLATES and "test" not in row.facts
    }
    told = reaching.readers(set(of_unions.values()), now=now) if of_unions else {}
    return {
        row.id
        for row in rows
        if (row.recipient_kind == RecipientKind.MEMBER and row.member_id != row.recipient_id)
        or (row.id in of_unions and row.account_id not in told.get(of_unions[row.id], ()))
    }


def _add(leased: Leased, row: Any, facts: Mapping[str, Any], address: Address, mapping: Any) -> None:
    """One that cannot be filled fails by itself: raised, it would come back with the whole batch for ever."""
    try:
        leased.outgoing.append(_filled(row, facts, address.opened(address.sealed), mapping))
    except Exception as error:
        log.warning("not filled", delivery=str(row.id), template=row.template, error=type(error).__name__)
        leased.dead.append(Result(row.id, DeliveryStatus.TECHNICAL_FAILURE, "not_filled"))


def _filled(row: Any, facts: Mapping[str, Any], address: str, mapping: Any) -> Outgoing:
    """The message in the channel's own fields."""
    template, channel = TEMPLATES[row.template], Channel(row.channel)
    language = Language(mapping.language) if mapping else _local_language(row.template_id)
    heading = facts.get("notice_title") or template.title
    written = texts(row.template, channel, facts, told_at=row.created_at, language=language)
    keys = mapping.keys if mapping else {name: name for name in written}
    if channel.of_wechat:
        types = LAYOUTS[layout_of(channel, template, row.template)].types(language)
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
        at_once=row.at_once,
    )


def _local_language(template_id: uuid.UUID) -> Language:
    return next(language for language, id_ in LOCAL_IDS.items() if id_ == template_id)


def _mappings(ids: Collection[uuid.UUID | None]) -> dict[uuid.UUID, ChannelTemplate]:
    wanted = [one for one in ids if one and one not in LOCAL_IDS.values()]
    if not wanted:
        return {}
    return {row.id: row for row in db.session.scalars(select(ChannelTemplate).where(ChannelTemplate.id.in_(wanted)))}
