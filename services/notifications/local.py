"""The channels of a machine without WeChat or SMS: what would have gone out is kept for the demo's page of a phone."""

import datetime
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import select

from services.core.db import db
from services.core.ids import uuid7
from services.notifications.models import Delivery, LocalMessage
from services.notifications.ports import Outgoing, Result
from services.notifications.reach import LOCAL
from services.notifications.types import Channel, DeliveryStatus

Transact = Callable[[Callable[[], Any]], Any]


class LocalPort:
    """Takes everything. The address is the account's own: nothing of it leaves the machine."""

    repeats_safely = True

    def __init__(self, channel: Channel, *, transact: Transact, clock: Callable[[], datetime.datetime]) -> None:
        self.channel, self.provider = channel, local_provider(channel)
        self._transact, self._clock = transact, clock

    def send(self, outgoing: Outgoing) -> Result:
        self._transact(partial(_keep, outgoing, self._clock()))
        return Result(outgoing.id, DeliveryStatus.SENT, provider_id=outgoing.id.hex)


def local_provider(channel: Channel) -> str:
    """One app for the official account, one for the mini program, one for SMS."""
    if channel is Channel.MP_SUBSCRIBE:
        return f"{LOCAL}-mp"
    return f"{LOCAL}-sms" if channel is Channel.SMS else f"{LOCAL}-oa"


def _keep(outgoing: Outgoing, now: datetime.datetime) -> None:
    shown = {
        "title": outgoing.title,
        "template": outgoing.platform_id,
        "fields": dict(outgoing.fields),
        "link": outgoing.link,
    }
    account = db.session.scalar(select(Delivery.account_id).where(Delivery.id == outgoing.id))
    row = LocalMessage(id=uuid7(), channel=outgoing.channel, account_id=account, shown=shown, created_at=now)
    db.session.add(row)
    db.session.flush()
