"""Pure decisions about a partner shop."""

import datetime

from services.core.errors import Refusal
from services.merchants import errors
from services.merchants.types import Counter


def may_stand_at(counter: Counter, *, today: datetime.date) -> Refusal | None:
    """May somebody open this till at all? The clerk first: what is wrong with him he cannot mend by waiting."""
    if counter.clerk_left:
        return Refusal(errors.CLERK_LEFT)
    if counter.branch_closed:
        return Refusal(errors.BRANCH_CLOSED)
    suspended = counter.suspended_on is not None and counter.suspended_on <= today
    return Refusal(errors.MERCHANT_SUSPENDED) if suspended else None


def may_take_cards(counter: Counter, *, today: datetime.date) -> Refusal | None:
    """May this till take cards on this day?"""
    if refused := may_stand_at(counter, today=today):
        return refused
    if today < counter.agreement_from:
        return Refusal(errors.AGREEMENT_NOT_STARTED, {"date": counter.agreement_from.isoformat()})
    if today > counter.agreement_until:
        return Refusal(errors.AGREEMENT_ENDED, {"date": counter.agreement_until.isoformat()})
    return None
