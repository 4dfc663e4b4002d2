"""What the owner of a shop sees of it: its redemptions of a day, its month in sums."""

import datetime
from typing import Any

from marshmallow import Schema, fields, validate

from app import permissions
from app.api import Blueprint
from app.api.schemas import Answer, OfficerText, PageIn, page_request
from services.accounts.types import ClerkActor
from services.core import clock
from services.core.calendar import YEARS, local_date
from services.core.errors import Forbidden, Invalid
from services.merchants import queries as merchants
from services.merchants.errors import OWNER_ONLY
from services.redemptions import queries as redemptions
from services.reports import shop
from services.reports.types import At, ShopPeriod

books = Blueprint("api_books", __name__, description="The owner's books")

"""In which there can be something."""


class DayIn(PageIn):
    day = fields.Date(load_default=None, metadata={"description": "a day in China; today without it"})


class MonthIn(Schema):
    month = fields.String(
        load_default=None, validate=validate.Regexp(r"^2[0-9]{3}-(0[1-9]|1[0-2])\Z"),
        metadata={"description": "2026-11; this month without it"},
    )  # fmt: skip


class SumsOut(Answer):
    redemptions = fields.Integer(metadata={"description": "those that stand"})
    amount_fen = fields.Integer()
    saved_fen = fields.Integer()
    unrecorded = fields.Integer(metadata={"description": "of them without a bill: in no amount"})
    disputed = fields.Integer(metadata={"description": "of them not the member, as he says: in no amount"})
    voided = fields.Integer(metadata={"description": "undone: in nothing else"})


class RowOut(Answer):
    id = fields.UUID()
    number = fields.String()
    redeemed_at = fields.AwareDateTime()
    branch_name = OfficerText()
    clerk_name = fields.String(allow_none=True, metadata={"description": "for the owner only"})
    offer_title = OfficerText()
    masked_name = fields.String()
    amount_fen = fields.Integer(allow_none=True)
    saved_fen = fields.Integer(allow_none=True)
    pay_fen = fields.Integer(allow_none=True)
    disputed_at = fields.AwareDateTime(allow_none=True)
    voided_at = fields.AwareDateTime(allow_none=True)
    void_reason = fields.String(allow_none=True, metadata={"description": "for the owner only"})


class DayOut(Answer):
    day = fields.Date()
    total = fields.Nested(SumsOut, allow_none=True, metadata={"description": "for the owner only"})
    items = fields.List(fields.Nested(RowOut))
    next = fields.String(allow_none=True)


class DaySumsOut(Answer):
    day = fields.Date()
    sums = fields.Nested(SumsOut)


class AtOut(Answer):
    id = fields.UUID(metadata={"description": "of the branch, or of the clerk"})
    branch_name = OfficerText()
    clerk_name = fields.String(allow_none=True)
    sums = fields.Nested(SumsOut)


class MonthOut(Answer):
    first = fields.Date()
    last = fields.Date()
    total = fields.Nested(SumsOut)
    days = fields.List(fields.Nested(DaySumsOut), metadata={"description": "those on which something happened"})
    branches = fields.List(fields.Nested(AtOut))
    clerks = fields.List(fields.Nested(AtOut))


@books.route("/shop/redemptions")
@books.arguments(DayIn, location="query")
@books.response(200, DayOut)
def day(query: dict[str, Any]) -> dict[str, Any]:
    """The redemptions of a day, the undone ones too, newest first: of an owner's whole shop, of a clerk's branch today.

    403 owner_only where a clerk asks for a former day: who came when is nothing to leaf through.
    """
    actor, asked, request = permissions.caller(ClerkActor), query["day"] or local_date(clock.now()), page_request(query)
    _possible(asked, "day")
    if not merchants.is_owner(actor.clerk_id):
        if asked != local_date(clock.now()):
            raise Forbidden(OWNER_ONLY)
        found = redemptions.day_at_branch(branch_id=actor.branch_id, day=asked, request=request)
        rows = [{**vars(one), "number": one.number, "clerk_name": None, "void_reason": None} for one in found.items]
        return {"day": asked, "total": None, "items": rows, "next": found.next}
    page = shop.page_of_shop(merchant_id=actor.merchant_id, first=asked, last=asked, request=request)
    total = shop.shop_day(merchant_id=actor.merchant_id, day=asked).total
    return {"day": asked, "total": total, "items": page.items, "next": page.next}


@books.route("/shop/month")
@books.arguments(MonthIn, location="query")
@books.response(200, MonthOut)
def month(query: dict[str, Any]) -> dict[str, Any]:
    """Sums of a month by day, branch and clerk. 403 owner_only for another clerk."""
    today = local_date(clock.now())
    asked = datetime.date.fromisoformat(f"{query['month']}-01") if query["month"] else today
    return _period(shop.shop_month(merchant_id=owner().merchant_id, month=asked))


def owner() -> ClerkActor:
    """The caller, who owns the shop. Raises Forbidden(owner_only)."""
    actor = permissions.caller(ClerkActor)
    if not merchants.is_owner(actor.clerk_id):
        raise Forbidden(OWNER_ONLY)
    return actor


def _period(found: ShopPeriod) -> dict[str, Any]:
    days = [{"day": day, "sums": sums} for day, sums in found.days]
    at: dict[str, tuple[At, ...]] = {"branches": found.branches, "clerks": found.clerks}
    return {"first": found.first, "last": found.last, "total": found.total, "days": days, **at}


def _possible(day: datetime.date, field: str) -> None:
    """The ends of the calendar have no day before or after."""
    if day.year not in YEARS:
        raise Invalid("date_malformed", field=field)
