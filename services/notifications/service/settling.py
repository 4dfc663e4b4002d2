"""What the platform says later of what was sent, and of what people consented to: its events, one handler each.

Rows are locked as in `recording`: deliveries, consents, followers, then the inbox.
"""

import datetime
import re
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, or_, select, update

from services.accounts.service.wechat import OPENID_FIELD
from services.core.crypto import vault
from services.core.db import Rows, db
from services.notifications import consents
from services.notifications.bodies import Body, items
from services.notifications.models import Block, ChannelTemplate, Delivery, InboxMessage, MassSend
from services.notifications.service import following, recording
from services.notifications.service.callbacks import Event, Handlers
from services.notifications.types import Channel, DeliveryStatus

_TEMPLATE_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_CONSENTS = (Channel.OA_SUBSCRIBE, Channel.MP_SUBSCRIBE)
_NOT_SETTLED = frozenset({DeliveryStatus.SENT, DeliveryStatus.UNKNOWN})
_BLOCKED, _NO_CREDIT = "user block", "43101"


@dataclass(frozen=True)
class _Sent:
    """A delivery that went out, or may have. Its row is held."""

    id: uuid.UUID
    inbox_id: uuid.UUID
    status: DeliveryStatus
    credit_id: uuid.UUID | None


def template_finished(event: Event) -> bool:
    """TEMPLATESENDJOBFINISH: it arrived, the follower blocked us, or the platform gave it up."""
    status = event.text("Status").strip()
    sent = _by_provider_id(event.text("MsgID"), _index(event), (Channel.TEMPLATE,))
    if sent is None:
        return not event.text("MsgID")
    if status.startswith("success"):
        _settle(sent, DeliveryStatus.DELIVERED, None, event.now)
        return True
    reason = _word(status.removeprefix("failed").lstrip(": "))
    blocked = reason == _BLOCKED
    failed = DeliveryStatus.PERMANENT_FAILURE if blocked else DeliveryStatus.TEMPORARY_FAILURE
    if blocked:
        following.say(appid=event.source, openid_index=_index(event), following=False, at=event.happened_at)
    _settle(sent, failed, reason, event.now)
    return True


def popup(event: Event) -> bool:
    """subscribe_msg_popup_event: each accept is one message more, or any number of a long-term template."""
    for item in _by_template(event):
        accepted = item.get("SubscribeStatusString") == "accept"
        (_grant if accepted else _refuse)(event, str(item["TemplateId"]))
    return True


def changed(event: Event) -> bool:
    """subscribe_msg_change_event: switched off in the settings. Switching on alone grants no message."""
    for item in _by_template(event):
        if item.get("SubscribeStatusString") == "reject":
            _refuse(event, str(item["TemplateId"]))
    return True


def consent_used(event: Event) -> bool:
    """subscribe_msg_sent_event: what became of a subscribe message, also of one whose answer got lost."""
    done = [_consent_used(event, item) for item in _by_template(event)]
    return all(done)


def mass_finished(event: Event) -> bool:
    """MASSSENDJOBFINISH of one call of a notice."""
    found = select(MassSend.id, MassSend.status).where(MassSend.provider_id == event.text("MsgID")).with_for_update()
    row = db.session.execute(found).first() if event.text("MsgID") else None
    if row is None:
        return not event.text("MsgID")
    if DeliveryStatus(row.status) in _NOT_SETTLED:
        status = event.text("Status").strip()
        arrived = status.replace(" ", "") == "sendsuccess"
        ended = DeliveryStatus.DELIVERED if arrived else DeliveryStatus.PERMANENT_FAILURE
        one = update(MassSend).where(MassSend.id == row.id)
        db.session.execute(one.values(status=ended, reason=None if arrived else _word(status)))
    return True


def _consent_used(event: Event, item: Body) -> bool:
    index, code = _index(event), str(item.get("ErrorCode", ""))
    sent = _by_provider_id(str(item.get("MsgID", "")), index, _CONSENTS)
    if sent is None:
        if _under_way(index):
            return False
        sent = _only_unknown(event.source, index, str(item["TemplateId"]))
    if sent is None:
        return False
    if code in ("0", ""):
        _settle(sent, DeliveryStatus.DELIVERED, None, event.now)
        return True
    if code == _NO_CREDIT and sent.credit_id:
        recording.end([sent.credit_id], now=event.now)
        consents.lose([sent.credit_id], now=event.now)
    _settle(sent, DeliveryStatus.PERMANENT_FAILURE, _word(code), event.now)
    return True


def _grant(event: Event, template_id: str) -> None:
    mapped = select(ChannelTemplate.id).where(
        ChannelTemplate.provider == event.source, ChannelTemplate.platform_id == template_id,
        ChannelTemplate.long_term, ChannelTemplate.ended_at.is_(None),
    )  # fmt: skip
    standing = db.session.execute(mapped.limit(1)).first() is not None
    refused = and_(Block.channel.in_(_CONSENTS), Block.address_index == _index(event))
    db.session.execute(delete(Block).where(refused))
    consents.grant(
        appid=event.source, openid_index=_index(event), template_id=template_id, standing=standing, now=event.now
    )


def _refuse(event: Event, template_id: str) -> None:
    consent: Any = {"appid": event.source, "openid_index": _index(event), "template_id": template_id}
    recording.end(consents.of(**consent), now=event.now)
    consents.refuse(**consent, now=event.now)


def _by_template(event: Event) -> list[Body]:
    """In one order, so that two events of one person do not lock in a circle."""
    whole = [one for one in items(event.body) if _TEMPLATE_ID.fullmatch(str(one.get("TemplateId", "")))]
    return sorted(whole, key=lambda one: str(one["TemplateId"]))


def _by_provider_id(provider_id: str, index: bytes, channels: tuple[Channel, ...]) -> _Sent | None:
    if not provider_id:
        return None
    query = _sent().where(
        Delivery.provider_id == provider_id, Delivery.channel.in_(channels), Delivery.address_index == index
    )
    return _held(query)


def _under_way(index: bytes) -> bool:
    """Is a message to this address being sent right now? Then the event may be of that one."""
    query = select(Delivery.id).where(
        Delivery.status == DeliveryStatus.SENDING, Delivery.address_index == index, Delivery.channel.in_(_CONSENTS)
    )
    return db.session.execute(query.limit(1)).first() is not None


def _only_unknown(appid: str, index: bytes, template_id: str) -> _Sent | None:
    """The one delivery whose answer got lost that this may be of; none if there are two."""
    mapped = select(ChannelTemplate.id).where(
        ChannelTemplate.provider == appid, ChannelTemplate.platform_id == template_id
    )
    lost = and_(Delivery.status == DeliveryStatus.UNKNOWN, Delivery.address_index == index)
    query = select(Delivery.id).where(lost, Delivery.channel.in_(_CONSENTS), Delivery.template_id.in_(mapped))
    found = list(db.session.scalars(query.limit(2)))
    return _held(_sent().where(Delivery.id == found[0], lost)) if len(found) == 1 else None


def _sent() -> Rows:
    return select(Delivery.id, Delivery.inbox_id, Delivery.status, Delivery.credit_id)


def _held(query: Rows) -> _Sent | None:
    row = db.session.execute(query.with_for_update()).first()
    return _Sent(row.id, row.inbox_id, DeliveryStatus(row.status), row.credit_id) if row else None


def _settle(sent: _Sent, status: DeliveryStatus, reason: str | None, now: datetime.datetime) -> None:
    """What is read, or settled before, stays so. A failure frees the next step of its message's ladder."""
    if sent.status not in _NOT_SETTLED:
        return
    one = update(Delivery).where(Delivery.id == sent.id)
    db.session.execute(one.values(status=status, reason=reason, finished_at=now))
    if status is not DeliveryStatus.DELIVERED:
        later = or_(InboxMessage.next_step_at.is_(None), InboxMessage.next_step_at > now)
        unread = update(InboxMessage).where(InboxMessage.id == sent.inbox_id, InboxMessage.read_at.is_(None), later)
        db.session.execute(unread.values(next_step_at=now))


def _index(event: Event) -> bytes:
    return vault.blind_index(OPENID_FIELD, event.text("FromUserName"))


def _word(text: str) -> str:
    """Somebody else's reason, as long as ours may be, and without anything but letters and digits."""
    return re.sub(r"[^0-9A-Za-z():, ]", "", text)[:60] or "failed"


HANDLERS: Handlers = {
    "TEMPLATESENDJOBFINISH": template_finished,
    "subscribe_msg_popup_event": popup,
    "subscribe_msg_change_event": changed,
    "subscribe_msg_sent_event": consent_used,
    "MASSSENDJOBFINISH": mass_finished,
}
