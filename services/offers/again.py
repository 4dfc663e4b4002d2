"""When an offer that cannot be used now can be used. Pure."""

import datetime
from collections.abc import Iterator
from dataclasses import replace

from services.core.calendar import DAY, day_start, monday
from services.offers.rules import ONE_PURCHASE, may_use
from services.offers.types import Moment, Offer, Person, Uses

HORIZON = 100
"""Days ahead that are looked at: between two public holidays lie fewer."""


def again(offer: Offer, person: Person, *, uses: Uses, moment: Moment) -> datetime.datetime | None:
    """The first instant after `moment` at which this member may use it, if he uses nothing until then.

    None where time alone mends nothing. `moment.holidays` has to reach HORIZON days ahead.
    """
    for at in _turns(offer, uses, moment):
        later = Moment(at, moment.holidays)
        if may_use(offer, person, uses=_uses_then(uses, moment.day, later.day), moment=later) is None:
            return at
    return None


def _turns(offer: Offer, uses: Uses, moment: Moment) -> Iterator[datetime.datetime]:
    """The instants at which an answer may change, in order."""
    alone = uses.lately.at + ONE_PURCHASE if uses.lately else moment.at
    if alone > moment.at:
        yield alone
    first = max(moment.day, offer.starts_on)
    begins = sorted({0, *(hours.begin for hours in offer.hours)})
    for count in range(min(HORIZON, (offer.ends_on - first).days + 2)):
        for minute in begins:
            at = day_start(first + count * DAY) + datetime.timedelta(minutes=minute)
            if at > moment.at:
                yield at


def _uses_then(uses: Uses, today: datetime.date, day: datetime.date) -> Uses:
    return replace(
        uses,
        today=uses.today if day == today else 0,
        this_week=uses.this_week if monday(day) == monday(today) else 0,
        this_month=uses.this_month if day.replace(day=1) == today.replace(day=1) else 0,
    )
