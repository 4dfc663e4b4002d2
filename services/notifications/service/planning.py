"""Decides for each message and addressee which channel is next, and opens a delivery for it."""

import datetime
import uuid
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, update

from services.accounts.types import AccountId
from services.core.copying import copy_in
from services.core.db import among, db
from services.core.ids import uuid7
from services.notifications import consents
from services.notifications import reach as reaching
from services.notifications.models import Delivery, InboxMessage
from services.notifications.notices.halting import notice_of, stopped
from services.notifications.reach import Providers, Reach
from services.notifications.rules import next_step, useless_from
from services.notifications.templates import TEMPLATES
from services.notifications.templates.template import Sms
from services.notifications.types import (
    Channel,
    DeliveryId,
    DeliveryStatus,
    Hindrance,
    InboxId,
    Look,
    Recipient,
    RecipientKind,
    Step,
)

PLANNED = 480
"""How many messages one transaction decides on."""


@dataclass(frozen=True)
class Plan:
    """`looked`: how many messages were decided on; 0 means that none is due. `opened`: deliveries to send."""

    looked: int
    opened: list[DeliveryId]


def plan(
    *, providers: Providers, now: datetime.datetime, only: Collection[InboxId] | None = None, limit: int = PLANNED
) -> Plan:
    """Takes messages whose next step is due (of `only`, or the oldest `limit`) one step up the ladder.

    Locks their rows, passing over those that another worker holds, and the consents of their readers. A consent is
    reserved together with the delivery that needs it. About twelve statements, whatever the number of messages.
    """
    messages = _due(now, only, limit)
    if not messages:
        return Plan(0, [])
    # A message of a template that there is no more stays in the inbox, and must not keep the others.
    wanted = {
        message.id: (_recipient(message), TEMPLATES[message.template].capability)
        for message in messages
        if message.template in TEMPLATES
    }
    readers = reaching.readers(set(wanted.values()), now=now)
    people = {account for accounts in readers.values() for account in accounts}
    reach = reaching.reach(people, providers=providers)
    tried = _tried([message.id for message in messages])
    halted = stopped(message.facts for message in messages)
    opened: list[dict[str, Any]] = []
    looks: dict[datetime.datetime | None, list[uuid.UUID]] = defaultdict(list)
    for message in messages:
        # A test went to one colleague; it is nobody else's.
        over = notice_of(message.facts) in halted or "test" in message.facts or message.id not in wanted
        theirs = [] if over else readers.get(wanted[message.id], [])
        steps = [_step(message, account, reach, tried, now) for account in theirs]
        opened += [row for row, _ in steps if row]
        looks[min((look for _, look in steps if look), default=None)].append(message.id)
    consents.reserve(reach.consents.taken, now=now)
    if opened:
        copy_in("deliveries", list(opened[0]), opened)
    for at, ids in looks.items():
        db.session.execute(update(InboxMessage).where(among(InboxMessage.id, ids)).values(next_step_at=at))
    return Plan(len(messages), [DeliveryId(row["id"]) for row in opened])


def _due(now: datetime.datetime, only: Collection[InboxId] | None, limit: int) -> list[Any]:
    query = select(
        InboxMessage.id, InboxMessage.recipient_kind, InboxMessage.recipient_id, InboxMessage.template,
        InboxMessage.facts, InboxMessage.created_at, InboxMessage.read_at,
    ).where(InboxMessage.next_step_at <= now)  # fmt: skip
    if only is not None:
        query = query.where(among(InboxMessage.id, only))
    held = query.order_by(InboxMessage.next_step_at).limit(limit).with_for_update(skip_locked=True)
    return list(db.session.execute(held))


def _step(
    message: Any,
    account: AccountId,
    reach: Reach,
    tried: dict[tuple[uuid.UUID, uuid.UUID], dict[Channel, DeliveryStatus]],
    now: datetime.datetime,
) -> tuple[dict[str, Any] | None, datetime.datetime | None]:
    """A delivery to open, if any, and when to look again, if ever."""
    good_until = _good_until(message.facts)
    template, before = TEMPLATES[message.template], tried.get((message.id, account), {})
    ways = {channel: reach.way(account, channel, template, message.template) for channel in reach.providers}
    hindrances = {channel: way.hindrance for channel, way in ways.items()}
    if template.sms is Sms.URGENT and hindrances.get(Channel.SMS, Hindrance.NOT_SET_UP) is None:
        # What is urgent does not wait until an operator has mended a channel.
        still = [one for one in hindrances if one.of_wechat and reach.stands_still(one, ways[one])]
        hindrances |= dict.fromkeys(still, Hindrance.REFUSED)

    def decide(tried_now: dict[Channel, DeliveryStatus]) -> Step | Look | None:
        return next_step(
            template, hindrances=hindrances, tried=tried_now, read=message.read_at is not None,
            told_at=message.created_at, now=now, good_until=good_until,
        )  # fmt: skip

    step = decide(before)
    if not isinstance(step, Step):
        return None, step.at if step else None
    way = ways[step.channel]
    row = {
        "id": uuid7(), "inbox_id": message.id, "account_id": account, "channel": step.channel.value,
        "status": DeliveryStatus.CREATED.value, "attempts": 0, "at_once": template.at_once, "created_at": now,
        "next_try_at": step.at, "deadline_at": useless_from(template, message.created_at, good_until),
        "address_index": way.address_index, "template_id": way.mapping.id if way.mapping else None,
        "credit_id": reach.consent(step.channel, way), "notice_id": notice_of(message.facts),
    }  # fmt: skip
    after = decide({**before, step.channel: DeliveryStatus.CREATED})
    return row, after.at if isinstance(after, Look) else None


def _tried(inbox_ids: Collection[uuid.UUID]) -> dict[tuple[uuid.UUID, uuid.UUID], dict[Channel, DeliveryStatus]]:
    found: dict[tuple[uuid.UUID, uuid.UUID], dict[Channel, DeliveryStatus]] = defaultdict(dict)
    query = select(Delivery.inbox_id, Delivery.account_id, Delivery.channel, Delivery.status)
    for row in db.session.execute(query.where(among(Delivery.inbox_id, inbox_ids))):
        found[row.inbox_id, row.account_id][Channel(row.channel)] = DeliveryStatus(row.status)
    return found


def _good_until(facts: dict[str, Any]) -> datetime.datetime | None:
    """The fact of this name: an offer that ends, an event that begins."""
    return datetime.datetime.fromisoformat(facts["good_until"]) if "good_until" in facts else None


def _recipient(message: Any) -> Recipient:
    return Recipient(RecipientKind(message.recipient_kind), message.recipient_id)
