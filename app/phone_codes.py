"""Codes to a phone: made with the job that sends them, sent by the worker, remembered by the browser that asked."""

import datetime
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from flask import current_app, request
from werkzeug.wrappers import Response

from app.channels import channels
from app.partners import code_sender
from app.settings import Settings
from app.throttle import address
from services.accounts import queries as accounts
from services.accounts.errors import NO_PHONE_ON_RECORD, PHONE_CODE_OVER, PHONE_MALFORMED
from services.accounts.service import codes
from services.accounts.service.codes import Asked
from services.accounts.types import AccountId, Actor, CodeFor
from services.accounts.work import SendCode
from services.core import clock
from services.core.errors import Conflict, Invalid, Refusal
from services.core.phones import phone as read_phone
from services.core.transaction import in_transaction
from services.members import queries as members
from services.notifications import service as notifications
from services.notifications.sms import texts
from services.notifications.sms.limits import Limits, pay_for_stranger
from services.notifications.types import DeliveryStatus

log = structlog.get_logger("gonghui")
COOKIE = "phone_code"
"""Binds a code to the browser that asked for it. Lax: no form of another site can send it along."""


def ask(typed: str, purpose: CodeFor, *, account_id: AccountId | None = None) -> Asked:
    """Has the worker send a code to this phone. The same for any number: nobody is looked up, and no provider is asked
    while somebody waits for the page. `account_id`: whose budget it uses up; without one, and unless the code is one's
    own, a stranger asks: from the strangers' half of the day's money, 20 a day for an address.

    Raises Invalid(phone_malformed), TooOften(phone_code_too_often), NotFound(phone_codes_not_set_up).
    """
    sender, phone = code_sender(), read_phone(typed)
    if phone is None:
        raise Invalid(PHONE_MALFORMED, field="phone")
    per_minute = current_app.config["SETTINGS"].phone_codes_per_minute
    stranger = account_id is None and purpose not in codes.OWN

    def work() -> tuple[Asked, bool]:
        asked = codes.ask_code(
            phone=phone, purpose=purpose, per_minute=per_minute, now=clock.now(), account_id=account_id
        )
        sender.send(code_id=asked.id, phone=phone, code=asked.code)
        return asked, stranger and _pay_for_stranger()

    asked, half_gone = in_transaction(work)
    if half_gone:
        log.error("half of the money for codes of strangers is gone today")
    return asked


def _pay_for_stranger() -> bool:
    settings: Settings = current_app.config["SETTINGS"]
    limits, sign = Limits(**settings.sms_bounds._asdict()), settings.sms.sign if settings.sms else ""
    fen = texts.cost_fen(texts.CODE.format(code="0" * codes.DIGITS), sign, fen=limits.fen_per_message)
    return pay_for_stranger(limits, source=address(), fen=fen, now=clock.now())


def send(*, message_id: str, payload: dict[str, Any]) -> None:
    """Brings a code to its phone, at most once: it is taken first. A lost answer, a refusal and a killed worker are
    the same to whoever waits: he asks for another after a minute. Nothing is sent after its five minutes."""
    code_id, carrier = uuid.UUID(payload["code_id"]), channels().codes
    taken = in_transaction(lambda: codes.take_code(code_id=code_id, now=clock.now()))
    if taken is None or carrier is None:
        log.info("code not sent", code=str(code_id), reason="over" if carrier else "no_carrier")
        return
    settings: Settings = current_app.config["SETTINGS"]
    template = settings.sms.code_template if settings.sms else ""
    result = carrier.send_code(phone=taken.phone, code=taken.code, template=template, reference=code_id)
    say = log.info if result.status is DeliveryStatus.SENT else log.error
    say("code", code=str(code_id), status=result.status.value, reason=result.reason)


JOBS: dict[str, Callable[..., None]] = {SendCode.topic: send}
"""What the worker runs for codes, by topic."""


def on_record(actor: Actor) -> str:
    """The number to which a code for this person goes: the roster's, else the one that he proved himself.

    The roster's first: whoever holds a stolen session can prove a phone of his own.
    Raises Conflict(no_phone_on_record).
    """
    member_id = accounts.member_of(actor.account_id)
    phone = members.phone_number(member_id) if member_id else None
    phone = phone or codes.proven_phone(actor.account_id)
    if phone is None:
        raise Conflict(NO_PHONE_ON_RECORD)
    return phone


def use(*, request: str, code: str, purpose: CodeFor, now: datetime.datetime) -> str | Refusal:
    """As codes.use_code. Whoever reads a code there holds the phone: SMS go to it again if it was reported dead."""
    proven = codes.use_code(request=request, code=code, purpose=purpose, now=now)
    if not isinstance(proven, Refusal):
        notifications.phone_lives(proven)
    return proven


def use_own(actor: Actor, *, request: str, code: str, purpose: CodeFor, now: datetime.datetime) -> Refusal | None:
    """Uses a code up; None if it was right and went to this person's phone on record, not to somebody else's.

    A code is bound to a browser, and who is signed in there can change.
    """
    proven = use(request=request, code=code, purpose=purpose, now=now)
    if isinstance(proven, Refusal):
        return proven
    return None if proven == on_record(actor) else Refusal(PHONE_CODE_OVER)


def told(asked: Asked) -> dict[str, Any]:
    """What a client of the API is told of a code that went out."""
    again_at = asked.expires_at - codes.LIFETIME + codes.RESEND_AFTER
    return {"request": asked.request, "expires_at": asked.expires_at, "again_at": again_at}


def remember(response: Response, asked: Asked) -> None:
    settings: Settings = current_app.config["SETTINGS"]
    response.set_cookie(
        COOKIE, asked.request, max_age=int(codes.LIFETIME.total_seconds()), secure=settings.secure_cookies,
        httponly=True, samesite="Lax", path="/",
    )  # fmt: skip


def remembered() -> str:
    return request.cookies.get(COOKIE, "")


def forget(response: Response) -> None:
    settings: Settings = current_app.config["SETTINGS"]
    response.delete_cookie(COOKIE, secure=settings.secure_cookies, httponly=True, samesite="Lax", path="/")
