"""Pure decisions: which channel is next for one addressee, and when."""

import datetime
from collections.abc import Mapping

from services.core.calendar import Hours, minute_of, out_of
from services.notifications.templates.template import Sms, Template
from services.notifications.types import OPEN, REACHED, Channel, DeliveryStatus, Hindrance, Look, Step

QUIET = Hours(21 * 60, 8 * 60)
"""At night only what is marked at once goes out (features.md 8: 21:00 to 8:00)."""
WECHAT = (Channel.TEMPLATE, Channel.OA_SUBSCRIBE, Channel.MP_SUBSCRIBE)
"""In this order: a template message costs no consent."""


def quiet(now: datetime.datetime) -> bool:
    minute = minute_of(now)
    return QUIET.covers(minute) or QUIET.runs_on(minute)


def out_of_quiet(now: datetime.datetime) -> datetime.datetime:
    """The next moment, `now` included, at which people may be disturbed."""
    return out_of(QUIET, now)


def useless_from(
    template: Template, told_at: datetime.datetime, good_until: datetime.datetime | None
) -> datetime.datetime:
    """`good_until`: what this one message tells of ends then, whatever its template says."""
    ends = told_at + template.useful_for
    return min(ends, good_until) if good_until else ends


def next_step(
    template: Template,
    *,
    hindrances: Mapping[Channel, Hindrance | None],
    tried: Mapping[Channel, DeliveryStatus],
    read: bool,
    told_at: datetime.datetime,
    now: datetime.datetime,
    good_until: datetime.datetime | None = None,
) -> Step | Look | None:
    """The ladder of one message for one addressee: a Step to take, a Look later, or None when nothing is left.

    WeChat first, the first channel that nothing hinders, if the message answers an act; no second one while one is
    open or has gone out. SMS at once for URGENT, when WeChat is of no use; for UNREAD once `unread_after` is over
    and nobody has read it, whatever WeChat does meanwhile. Read, or past its use: nothing more. A step waits for the
    end of the night unless at_once; what would be useless by then is not begun.
    """
    ends = useless_from(template, told_at, good_until)
    if read or now >= ends:
        return None
    at = now if template.at_once else out_of_quiet(now)
    if at >= ends:
        return None
    settled = any(status in OPEN or status in REACHED for status in tried.values())
    if template.card and template.answers and not settled:
        for channel in WECHAT:
            if channel not in tried and hindrances.get(channel, Hindrance.NOT_SET_UP) is None:
                return Step(channel, at)
    if not template.sms_text or Channel.SMS in tried or hindrances.get(Channel.SMS, Hindrance.NOT_SET_UP) is not None:
        return None
    if template.sms is Sms.URGENT and not settled:
        return Step(Channel.SMS, at)
    if template.sms is Sms.UNREAD:
        due = told_at + template.unread_after
        if now >= due:
            return Step(Channel.SMS, at)
        return Look(due) if due < ends else None
    return None
