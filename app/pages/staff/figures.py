"""What the union gets to know of its partner shops, over a month or any days up to a year."""

import datetime
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import permissions
from app.pages.staff import desk
from app.pages.staff.figures_plot import time_plot, week_plot
from services.accounts.types import Capability
from services.core import clock
from services.core.calendar import DAY, local_date
from services.reports.figures import FEWEST, LONGEST, period

blueprint = Blueprint("staff_figures", __name__, template_folder="..")

EARLIEST = datetime.date(2020, 1, 1)


@blueprint.get("")
def figures() -> ResponseReturnValue:
    """This month, or the days in the address. Days that cannot be come back as they were typed; nothing is counted."""
    today = local_date(clock.now())
    asked = {name: request.args.get(name, "").strip()[:10] for name in ("first", "last")}
    values: dict[str, Any] = {"today": today, "earliest": EARLIEST, "spans": _spans(today), "fewest": FEWEST}
    span = _days(asked, today)
    if isinstance(span, str):
        return desk.page("staff/figures.html", asked=asked, said=span, found=None, **values), 422
    first, last = span
    found = period(scopes=permissions.scopes(Capability.SEE_DAY), first=first, last=last)
    return desk.page(
        "staff/figures.html",
        asked={"first": first.isoformat(), "last": last.isoformat()},
        said="",
        found=found,
        days=time_plot([(day, sums.redemptions) for day, sums in found.days]),
        week=None if found.few else week_plot(found.hours),
        **values,
    )


def _days(asked: dict[str, str], today: datetime.date) -> tuple[datetime.date, datetime.date] | str:
    """The days asked for, or what is wrong with them; this month where none were."""
    try:
        first = datetime.date.fromisoformat(asked["first"]) if asked["first"] else None
        last = datetime.date.fromisoformat(asked["last"]) if asked["last"] else None
    except ValueError:
        return str(_("日期要像 %(day)s 这样。", day=today.isoformat()))
    last = last or today
    first = first or last.replace(day=1)
    if first < EARLIEST or last > today:
        return str(_("只能看 %(first)s 到今天之间的日子。", first=EARLIEST.isoformat()))
    if first > last:
        return str(_("“从哪天”要在“到哪天”的前面。"))
    if (last - first).days >= LONGEST:
        return str(_("一次最多看一年，请把日子选近一点。"))
    return first, last


def _spans(today: datetime.date) -> list[tuple[str, str, str]]:
    """Words, first and last day of what is often wanted."""
    month = today.replace(day=1)
    before = month - DAY
    spans = (
        (_("本月"), month, today),
        (_("上月"), before.replace(day=1), before),
        (_("近 90 天"), today - 89 * DAY, today),
        (_("近一年"), today - 364 * DAY, today),
    )
    return [(words, first.isoformat(), last.isoformat()) for words, first, last in spans]
