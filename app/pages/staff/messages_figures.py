"""What the channels did, by hour and by day; what was read; whom nothing reaches, and why. Counts, never a name."""

from collections.abc import Sequence

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import permissions
from app.channels import channels
from app.language import language
from app.pages.staff import desk, messages_words
from app.pages.staff.messages_plot import sending_plots
from app.throttle import WRITE, limiter
from services.accounts.types import Capability
from services.core import clock
from services.core.calendar import local
from services.core.errors import NotFound
from services.core.sheets import CSV_TYPE, XLSX_TYPE, Cell, Column, Kind, write_csv, write_xlsx
from services.notifications import figures, reached
from services.notifications.figures import Span
from services.notifications.templates import TEMPLATES
from services.notifications.types import Channel

blueprint = Blueprint("staff_sending", __name__, template_folder="..")

SPANS = {"hours": figures.hours, "days": figures.days}


@blueprint.get("")
def sending() -> ResponseReturnValue:
    """The last 30 days, or with `?by=hours` the last 48 hours."""
    scopes, now, here = permissions.scopes(Capability.MANAGE_CHANNELS), clock.now(), channels().providers
    by = "hours" if request.args.get("by") == "hours" else "days"
    spans = SPANS[by](now=now)
    read = [line for line in figures.read_share(now=now) if line.template in TEMPLATES]
    return desk.page(
        "staff/messages_figures.html",
        by=by,
        plots=sending_plots(spans),
        failures=figures.failures(since=spans[0].begins_at),
        read=read,
        told_all=sum(line.told for line in read),
        read_all=sum(line.read for line in read),
        reached=reached.reached(scopes=scopes, providers=here),
        credits=reached.credit_levels(providers=here),
        channels=[channel for channel in Channel if channel in here],
        templates=TEMPLATES,
        local=local,
        language=language(),
        words=messages_words,
    )


@blueprint.get("/<by>.<kind>")
@limiter.limit(WRITE)
def file(by: str, kind: str) -> ResponseReturnValue:
    """Each hour or day and channel as xlsx or csv."""
    permissions.scopes(Capability.MANAGE_CHANNELS)
    if by not in SPANS or kind not in ("xlsx", "csv"):
        raise NotFound("not_found")
    columns = [
        Column(_("时间"), width=18),
        Column(_("渠道"), width=20),
        Column(_("发出"), Kind.WHOLE, 10),
        Column(_("没成"), Kind.WHOLE, 10),
    ]
    rows = _rows(SPANS[by](now=clock.now()), by)
    data = write_csv(columns, rows) if kind == "csv" else write_xlsx(columns, rows, name=by)
    response = Response(data, content_type=CSV_TYPE if kind == "csv" else XLSX_TYPE)
    response.headers["Content-Disposition"] = f"attachment; filename=gonghui-sending-{by}.{kind}"
    return response


def _rows(spans: Sequence[Span], by: str) -> list[tuple[Cell, ...]]:
    form = "%Y-%m-%d %H:%M" if by == "hours" else "%Y-%m-%d"
    return [
        (local(span.begins_at).strftime(form), str(messages_words.CHANNELS[channel]), one.sent, one.failed)
        for span in spans
        for channel, one in sorted(span.by_channel.items())
    ]
