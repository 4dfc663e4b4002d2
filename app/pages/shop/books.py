"""The owner's books on the phone: a day, a month, and both as files for a spreadsheet program."""

import datetime
from dataclasses import dataclass

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.language import text
from app.pages.paths import page_asked
from app.pages.shop.frame import owner, page
from app.pages.shop.undo import reasons
from app.throttle import WRITE, limiter
from services.core import clock
from services.core.calendar import DAY, local_date
from services.core.errors import NotFound
from services.core.sheets import CSV_TYPE, XLSX_TYPE, Cell, Column, Kind, in_yuan, write_csv, write_xlsx
from services.reports import shop
from services.reports.types import ShopRow

blueprint = Blueprint("shop_books", __name__, template_folder="..")


@dataclass(frozen=True)
class Span:
    """Days from `first` to `last`, and the text by which an address names them."""

    first: datetime.date
    last: datetime.date
    name: str


@blueprint.get("/day")
def day() -> ResponseReturnValue:
    """Sums and every redemption of one day in China; what names no day is today."""
    merchant_id, asked, today = owner().merchant_id, _day(request.args.get("day", "")), local_date(clock.now())
    period = shop.shop_day(merchant_id=merchant_id, day=asked.first)
    rows = shop.page_of_shop(merchant_id=merchant_id, first=asked.first, last=asked.last, request=page_asked())
    return page("shop/books_day.html", period=period, page=rows, span=asked, today=today, one_day=DAY)


@blueprint.get("/month")
def month() -> ResponseReturnValue:
    """Sums of a month by day, branch and clerk; what names no month is this one."""
    asked, today = _month(request.args.get("month", "")), local_date(clock.now())
    period = shop.shop_month(merchant_id=owner().merchant_id, month=asked.first)
    around = (f"{asked.first - DAY:%Y-%m}", f"{asked.last + DAY:%Y-%m}")
    return page("shop/books_month.html", period=period, span=asked, around=around, today=today)


@blueprint.get("/<span>.<kind>")
@limiter.limit(WRITE)
def file(span: str, kind: str) -> ResponseReturnValue:
    """Every redemption of a day (2026-11-22) or a month (2026-11), the oldest first, as xlsx or csv."""
    merchant_id = owner().merchant_id
    asked = _month(span) if len(span) == len("2026-11") else _day(span)
    if asked.name != span or kind not in ("xlsx", "csv"):
        raise NotFound("not_found")
    found = shop.rows_of_shop(merchant_id=merchant_id, first=asked.first, last=asked.last)
    rows = [_cells(row) for row in found]
    columns = columns_of_file()
    data = write_csv(columns, rows) if kind == "csv" else write_xlsx(columns, rows, name=span)
    response = Response(data, content_type=CSV_TYPE if kind == "csv" else XLSX_TYPE)
    response.headers["Content-Disposition"] = f"attachment; filename=gonghui-{span}.{kind}"
    return response


def columns_of_file() -> list[Column]:
    """What a file's columns are called in the reader's language."""
    return [
        Column(_("时间"), Kind.TIME, 20),
        Column(_("流水号"), width=12),
        Column(_("门店"), width=20),
        Column(_("店员"), width=12),
        Column(_("优惠"), width=28),
        Column(_("会员"), width=12),
        Column(_("消费（元）"), Kind.YUAN, 12),
        Column(_("省下（元）"), Kind.YUAN, 12),
        Column(_("实收（元）"), Kind.YUAN, 12),
        Column(_("状态"), width=12),
        Column(_("撤销原因"), width=18),
    ]


def _cells(row: ShopRow) -> tuple[Cell, ...]:
    return (
        row.redeemed_at.replace(microsecond=0),
        row.number,
        text(row.branch_name),
        row.clerk_name,
        text(row.offer_title),
        row.masked_name,
        in_yuan(row.amount_fen),
        in_yuan(row.saved_fen),
        in_yuan(row.pay_fen),
        _("已撤销") if row.voided_at else _("核实中") if row.disputed_at else _("有效"),
        reasons()[row.void_reason] if row.void_reason else None,
    )


def _day(asked: str) -> Span:
    try:
        found = datetime.date.fromisoformat(asked)
    except ValueError:
        found = local_date(clock.now())
    found = _possible(found)
    return Span(found, found, found.isoformat())


def _month(asked: str) -> Span:
    try:
        first = datetime.date.fromisoformat(f"{asked}-01")
    except ValueError:
        first = local_date(clock.now()).replace(day=1)
    first = _possible(first).replace(day=1)
    return Span(first, (first + 31 * DAY).replace(day=1) - DAY, f"{first:%Y-%m}")


def _possible(day: datetime.date) -> datetime.date:
    """Years in which there can be something: the ends of the calendar have no day before or after."""
    return day if 2000 <= day.year <= 2999 else local_date(clock.now())
