"""Who brings codes to phones: the provider's port, or, on a machine without one, the demo's page of a phone."""

import datetime
import sys
import uuid
from collections.abc import Callable
from functools import partial
from typing import Protocol

from services.core.db import db
from services.core.ids import uuid7
from services.members.rules import masked_phone
from services.notifications.models import LocalMessage
from services.notifications.ports import Result
from services.notifications.reach import LOCAL
from services.notifications.sms import texts
from services.notifications.sms.port import Transact
from services.notifications.types import Channel, DeliveryId, DeliveryStatus


class Carrier(Protocol):
    def send_code(self, *, phone: str, code: str, template: str, reference: uuid.UUID) -> Result:
        """Hands six digits over, once. Says what became of it; the same meaning as Port.send."""


class LocalCodes:
    """Codes on the demo's page of a phone and on the worker's terminal. Production has no such carrier."""

    def __init__(self, *, transact: Transact, clock: Callable[[], datetime.datetime]) -> None:
        self._transact, self._clock = transact, clock

    def send_code(self, *, phone: str, code: str, template: str, reference: uuid.UUID) -> Result:
        self._transact(partial(_keep, phone, code, self._clock()))
        sys.stderr.write(f"code for {masked_phone(phone)}: {code}\n")
        sys.stderr.flush()
        return Result(DeliveryId(reference), DeliveryStatus.SENT)


def _keep(phone: str, code: str, now: datetime.datetime) -> None:
    text = texts.CODE.format(code=code)
    shown = {
        "title": text,
        "template": f"{LOCAL}-code",
        "fields": {"text": text},
        "to": masked_phone(phone),
        "link": "",
    }
    db.session.add(LocalMessage(id=uuid7(), channel=Channel.SMS, account_id=None, shown=shown, created_at=now))
    db.session.flush()
