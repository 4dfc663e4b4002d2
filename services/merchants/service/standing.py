"""A shop takes no cards for a while, or for good."""

import datetime

from services.core import audit, outbox
from services.core.calendar import DAY, local_date
from services.core.db import db
from services.core.errors import Conflict, Invalid
from services.merchants import messages
from services.merchants.errors import DAY_PAST, PARTNERSHIP_ENDED, SUSPENDED_ALREADY
from services.merchants.models import Merchant
from services.merchants.service.locking import locked
from services.merchants.types import MerchantId


def suspend(
    *, merchant_id: MerchantId, first_day: datetime.date, reason: str, actor: str, now: datetime.datetime
) -> None:
    """From that day on (today or later) the shop takes no cards, until it is taken back. The shop is told why.

    Twice the same is once. Locks the shop. Posts merchants.suspended. Audited. Raises NotFound(merchant_unknown),
    Invalid(day_past), Conflict(suspended_already) when another suspension stands, Conflict(partnership_ended).
    """
    merchant = locked(merchant_id)
    if (merchant.suspended_on, merchant.suspension_reason) == (first_day, reason):
        return
    if merchant.suspended_on is not None:
        raise Conflict(SUSPENDED_ALREADY, date=merchant.suspended_on.isoformat())
    _check_not_over(merchant, local_date(now))
    if first_day < local_date(now):
        raise Invalid(DAY_PAST, field="first_day")
    merchant.suspended_on, merchant.suspension_reason = first_day, reason
    db.session.flush()
    on = first_day.isoformat()
    outbox.post(messages.Suspended(merchant_id=merchant.id, on=on, reason=reason))
    audit.record("merchant.suspended", actor=actor, subject_id=merchant.id, now=now, detail={"on": on})


def resume(*, merchant_id: MerchantId, actor: str, now: datetime.datetime) -> None:
    """Takes a suspension back, begun or not; without one nothing happens. The shop is told.

    Locks the shop. Posts merchants.resumed. Audited. Raises NotFound(merchant_unknown).
    """
    merchant = locked(merchant_id)
    if merchant.suspended_on is None:
        return
    merchant.suspended_on = merchant.suspension_reason = None
    db.session.flush()
    outbox.post(messages.Resumed(merchant_id=merchant.id))
    audit.record("merchant.resumed", actor=actor, subject_id=merchant.id, now=now)


def end(*, merchant_id: MerchantId, last_day: datetime.date, reason: str, actor: str, now: datetime.datetime) -> None:
    """Ends the partnership: cards are taken up to that day (today or later), or the agreement's if that is earlier.

    Under an agreement that has not begun none ever are. The shop is told why; nobody waits for a renewal any more, and
    `renew` begins anew. Twice the same is once. Locks the shop. Posts merchants.ended. Audited. Raises
    NotFound(merchant_unknown), Invalid(day_past), Conflict(partnership_ended) when it was ended otherwise before.
    """
    merchant, today = locked(merchant_id), local_date(now)
    until = min(last_day, merchant.agreement_until)
    if merchant.ended_at is not None:
        if (merchant.agreement_until, merchant.ended_reason) == (until, reason):
            return
        raise Conflict(PARTNERSHIP_ENDED, date=merchant.agreement_until.isoformat())
    if last_day < today:
        raise Invalid(DAY_PAST, field="last_day")
    if merchant.agreement_from > until:
        merchant.agreement_from = until = today - DAY
    merchant.agreement_until, merchant.ended_at, merchant.ended_reason = until, now, reason
    db.session.flush()
    on = until.isoformat()
    outbox.post(messages.Ended(merchant_id=merchant.id, on=on, reason=reason))
    audit.record("merchant.ended", actor=actor, subject_id=merchant.id, now=now, detail={"on": on})


def _check_not_over(merchant: Merchant, today: datetime.date) -> None:
    if merchant.agreement_until < today:
        raise Conflict(PARTNERSHIP_ENDED, date=merchant.agreement_until.isoformat())
