"""A test message to a colleague: one template with its sample facts, by the channels that an officer picks."""

import datetime
import uuid
from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.accounts.types import AccountId, OfficerActor
from services.core import audit, outbox
from services.core.budget import DAY, spend
from services.core.db import db
from services.core.errors import Invalid, NotFound, TooOften
from services.core.ids import uuid7
from services.notifications import consents, errors
from services.notifications import reach as reaching
from services.notifications.models import Delivery, InboxMessage
from services.notifications.reach import Providers, Reach
from services.notifications.templates import TEMPLATES
from services.notifications.templates.template import Template
from services.notifications.types import Channel, DeliveryId, DeliveryStatus, InboxId, Language, RecipientKind
from services.notifications.work import TrialWritten
from services.unions.types import UnionId

TESTS_A_DAY = 20
USEFUL_FOR = datetime.timedelta(hours=1)


def channels_of(template: Template) -> list[Channel]:
    """By which channels a message can go at all."""
    wechat = [channel for channel in Channel if channel.of_wechat and template.card and template.answers]
    return [*wechat, *([Channel.SMS] if template.sms_text else [])]


def send_test(
    *,
    by: OfficerActor,
    to: AccountId,
    union_id: UnionId,
    template: str,
    channels: Collection[Channel],
    key: uuid.UUID,
    providers: Providers,
    now: datetime.datetime,
    language: Language = Language.ZH,
) -> InboxId | None:
    """Writes the message into the inbox of the colleague's union, marked as a test, and opens a delivery to the
    colleague for each channel, by its template in `language`; the worker sends them. That somebody holds an office is
    the act which WeChat's service messages answer here, so `to` must be an officer: the caller sees to that.

    None when this form (`key`) was sent before. It goes at night too: whoever sends it waits for it. Raises
    NotFound(template_unknown), Invalid with the reason why a channel does not reach the colleague, and TooOften above
    TESTS_A_DAY. Takes one consent for each subscribe message. Posts TrialWritten. Audited without a name.
    """
    if template not in TEMPLATES:
        raise NotFound(errors.TEMPLATE_UNKNOWN)
    one, wanted = TEMPLATES[template], [channel for channel in Channel if channel in channels]
    if not set(wanted) <= set(channels_of(one)):
        raise Invalid(errors.TEST_CHANNEL_WRONG, field="channels")
    wait = spend("messages.test", by.account_id.bytes, limits=[(DAY, TESTS_A_DAY)], now=now)
    if wait:
        raise TooOften(errors.TESTS_USED_UP, seconds=wait, limit=TESTS_A_DAY)
    found = reaching.reach([to], providers=providers, only=language)
    inbox_id = _write(template, union_id, key, now)
    if inbox_id is None:
        return None
    rows = [_delivery(inbox_id, to, channel, found, template, now) for channel in wanted]
    consents.reserve(found.consents.taken, now=now)
    if rows:
        db.session.execute(insert(Delivery).values(rows))
        outbox.post(TrialWritten(inbox_id), priority=outbox.URGENT)
    detail = {"template": template, "channels": " ".join(channel.value for channel in wanted)}
    audit.record("message.tested", actor=by.label, subject_id=to, now=now, detail=detail)
    return inbox_id


def opened(inbox_id: InboxId) -> list[DeliveryId]:
    """What a test message opened and nobody has sent yet."""
    waiting = select(Delivery.id).where(Delivery.inbox_id == inbox_id, Delivery.status == DeliveryStatus.CREATED)
    return [DeliveryId(found) for found in db.session.scalars(waiting)]


def _write(template: str, union_id: UnionId, key: uuid.UUID, now: datetime.datetime) -> InboxId | None:
    """What happened "at" a time in the sample happened now."""
    one = TEMPLATES[template]
    facts = {**one.sample, "test": True, **({"at": now.isoformat()} if "at" in one.sample else {})}
    row = insert(InboxMessage).values(
        id=uuid7(), message_id=key, recipient_kind=RecipientKind.UNION, recipient_id=union_id, template=template,
        version=one.version, facts=facts, created_at=now,
    )  # fmt: skip
    id_ = db.session.scalar(row.on_conflict_do_nothing().returning(InboxMessage.id))
    return InboxId(id_) if id_ else None


def _delivery(
    inbox_id: InboxId, to: AccountId, channel: Channel, found: Reach, template: str, now: datetime.datetime
) -> dict[str, Any]:
    one = TEMPLATES[template]
    way = found.way(to, channel, one, template)
    if way.hindrance:
        raise Invalid(errors.HINDERED[way.hindrance], field="channels")
    return {
        "id": uuid7(), "inbox_id": inbox_id, "account_id": to, "channel": channel, "status": DeliveryStatus.CREATED,
        "attempts": 0, "at_once": True, "created_at": now, "next_try_at": now, "deadline_at": now + USEFUL_FOR,
        "address_index": way.address_index, "template_id": way.mapping.id if way.mapping else None,
        "credit_id": found.consent(channel, way),
    }  # fmt: skip
