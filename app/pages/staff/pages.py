"""An officer's pages: one day's redemptions in the officer's part of the tree, and the union's notices."""

import datetime
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app.pages.paths import newest_shown, page_asked, see_other
from app.pages.staff import desk
from app.pages.staff.plot import plot
from app.throttle import WRITE, limiter
from services.accounts.types import Capability
from services.core import clock
from services.core.calendar import local_date
from services.core.transaction import in_transaction
from services.notifications import queries as notifications
from services.notifications import service as notices
from services.reports import queries

blueprint = Blueprint("staff", __name__, template_folder="..")

EARLIEST = datetime.date(2020, 1, 1)


@blueprint.get("/")
def day() -> ResponseReturnValue:
    """One day: figures, plot, table. A day that is none shows today and says so."""
    scopes = desk.officer().scopes(Capability.SEE_DAY)
    if not scopes:
        return see_other(desk.side()[0].endpoint)
    scope, today, asked = scopes[0], local_date(clock.now()), request.args.get("day", "")
    chosen = _day(asked, today) if asked else today
    shown = chosen or today
    figures = queries.day_figures(scope=scope, day=shown)
    rows = queries.day_rows(scope=scope, day=shown, request=page_asked())
    values: dict[str, Any] = {"day": shown, "today": today, "bad_day": chosen is None, "plot": plot(figures.hours)}
    return desk.page("staff/day.html", figures=figures, page=rows, **values), 422 if chosen is None else 200


@blueprint.get("/inbox")
def inbox() -> ResponseReturnValue:
    union = desk.own_union()
    return desk.page("staff/inbox.html", union, page=notifications.inbox(desk.inbox_of(union), page_asked()))


@blueprint.post("/inbox/read")
@limiter.limit(WRITE)
def mark_read() -> ResponseReturnValue:
    """The union has seen the notices that were shown."""
    recipient, newest = desk.inbox_of(desk.own_union()), newest_shown()
    in_transaction(lambda: notices.mark_read(recipient, now=clock.now(), newest=newest))
    return see_other("staff.inbox")


def _day(text: str, today: datetime.date) -> datetime.date | None:
    """The day in ?day=, None if it is none or lies outside of what there can be."""
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day <= today else None
