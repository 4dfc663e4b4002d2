"""The channel: own limits first, then the provider."""

import datetime
import functools
import re
import uuid
from collections.abc import Callable
from typing import Any

import structlog

from services.core.errors import DomainError
from services.notifications.ports import Effect, Outgoing, Result
from services.notifications.sms import texts
from services.notifications.sms.limits import Held, Limits, pay
from services.notifications.sms.provider import Answer, Provider, Sms
from services.notifications.types import Channel, DeliveryId, DeliveryStatus

log = structlog.get_logger("gonghui.sms")
NUMBER = re.compile(r"1[0-9]{10}")
WHOLE = "text"
"""The field that holds the whole text; a variable of the provider's only where a mapping gives it another name."""
NO_NUMBER = Answer(DeliveryStatus.PERMANENT_FAILURE, "not_a_mobile_number", Effect.BLOCK_ADDRESS)
TOO_LONG = Answer(DeliveryStatus.TECHNICAL_FAILURE, "too_long")
BUSY = Answer(DeliveryStatus.CREATED, "limits_unknown")
Transact = Callable[[Callable[[], Any]], Any]


class SmsPort:
    """ports.Port. An SMS has no key by which a provider knows a repeat: a lost answer is UNKNOWN and stays so until
    a report comes. Never call it inside a transaction."""

    channel = Channel.SMS
    repeats_safely = False

    def __init__(
        self,
        provider: str,
        make: Callable[[], Provider],
        *,
        sign: str,
        limits: Limits,
        transact: Transact,
        clock: Callable[[], datetime.datetime],
    ) -> None:
        self.provider, self._make, self._sign = provider, make, sign
        self._limits, self._transact, self._clock = limits, transact, clock

    @functools.cached_property
    def _provider(self) -> Provider:
        """Made by the first send: only the worker pays for what the provider's package loads."""
        return self._make()

    def send(self, outgoing: Outgoing) -> Result:
        """Hands it over once, if our own limits let it: else CREATED, or PERMANENT_FAILURE for the number's day."""
        variables = {name: value for name, value in outgoing.fields.items() if name != WHOLE}
        sms = Sms(outgoing.address, outgoing.platform_id, variables, str(outgoing.id))
        answer = self._hand_over(sms, outgoing.title, is_code=False, at_once=outgoing.at_once)
        return Result(outgoing.id, answer.status, answer.reason, answer.provider_id, answer.effect)

    def send_code(self, *, phone: str, code: str, template: str, reference: uuid.UUID) -> Result:
        """Hands six digits over, once."""
        sms = Sms(phone, template, {"code": code}, str(reference))
        answer = self._hand_over(sms, texts.CODE.format(code=code), is_code=True)
        return Result(DeliveryId(reference), answer.status, answer.reason, answer.provider_id, answer.effect)

    def _hand_over(self, sms: Sms, text: str, *, is_code: bool, at_once: bool = False) -> Answer:
        sign = self._sign
        if not NUMBER.fullmatch(sms.phone):
            return NO_NUMBER
        if not texts.fits(text, sign):
            return TOO_LONG
        fen = texts.cost_fen(text, sign, fen=self._limits.fen_per_message)
        try:
            self._transact(
                lambda: pay(
                    self._limits, phone=sms.phone, fen=fen, is_code=is_code, at_once=at_once, now=self._clock()
                )
            )  # fmt: skip
        except Held as held:
            return held.answer
        except DomainError:  # the database is away or busy: nothing was counted, nothing went out
            return BUSY
        answer = self._provider.submit(sms)
        if answer.effect is Effect.STOP_CHANNEL:
            log.error("sms provider refuses us", provider=self.provider, reason=answer.reason)
        return answer
