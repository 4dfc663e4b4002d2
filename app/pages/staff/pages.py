"""An officer's pages: one day's redemptions in the officer's part of the tree, and the union's notices."""

import datetime
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.pages.paths import newest_shown, page_asked, see_other
from app.pages.staff.plot import plot
from app.throttle import WRITE, limiter
from services.accounts import queries as accounts
from services.accounts.types import OfficerActor
from services.core import clock
from services.core.calendar import local_date
from services.core.transaction import in_transaction
from services.notifications import queries as notifications
from services.notifications import service as notices
from services.notifications.types import Recipient, RecipientKind
from services.reports import queries
from services.unions import queries as unions
from services.unions.types import UnionView

blueprint = Blueprint("staff", __name__, template_folder="..")

EARLIEST = datetime.date(2020, 1, 1)


@blueprint.get("/")
def day() -> ResponseReturnValue:
    """One day: figures, plot, table. A day that is none shows today and says so."""
    scope, today, asked = _officer().scope, local_date(clock.now()), request.args.get("day", "")
    chosen = _day(asked, today) if asked else today
    shown = chosen or today
    figures = queries.day_figures(scope=scope, day=shown)
    rows = queries.day_rows(scope=scope, day=shown, request=page_asked())
    values: dict[str, Any] = {"day": shown, "today": today, "bad_day": chosen is None, "plot": plot(figures.hours)}
    return _page("staff/day.html", figures=figures, page=rows, **values), 422 if chosen is None else 200


@blueprint.get("/inbox")
def inbox() -> ResponseReturnValue:
    union = unions.at(_officer().scope)
    return _page("staff/inbox.html", union, page=notifications.inbox(_recipient(union), page_asked()))


@blueprint.post("/inbox/read")
@limiter.limit(WRITE)
def mark_read() -> ResponseReturnValue:
    """The union has seen the notices that were shown."""
    recipient, newest = _recipient(unions.at(_officer().scope)), newest_shown()
    in_transaction(lambda: notices.mark_read(recipient, now=clock.now(), newest=newest))
    return see_other("staff.inbox")


def _day(text: str, today: datetime.date) -> datetime.date | None:
    """The day in ?day=, None if it is none or lies outside of what there can be."""
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return None
    return day if EARLIEST <= day <= today else None


def _page(template: str, union: UnionView | None = None, **values: Any) -> str:
    """A desk page: its side names the officer and his union, and counts unread notices."""
    officer = _officer()
    union = union or unions.at(officer.scope)
    return render_template(
        template,
        officer_name=accounts.display_name(officer.account_id),
        union=union,
        unread=notifications.unread(_recipient(union)),
        **values,
    )


def _recipient(union: UnionView) -> Recipient:
    return Recipient(RecipientKind.UNION, union.id)


def _officer() -> OfficerActor:
    return permissions.caller(OfficerActor)
