"""Receipts of the federation's shops: looked up, seen masked, undone with a reason; disputed ones first."""

import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.errors import refusal_problem
from app.language import language
from app.pages.paths import page_asked, see_other
from app.pages.staff import desk
from app.throttle import WRITE, limiter
from app.wording import clerk_words
from services.accounts.types import Capability
from services.core import clock
from services.core.calendar import DAY, YEARS, local_date
from services.core.errors import DomainError, Invalid, Refusal
from services.core.keyboard import one_line
from services.core.paging import Page
from services.core.transaction import in_transaction
from services.redemptions import queries, rules, service
from services.redemptions.errors import RECEIPT_DAYS_WRONG, REDEMPTION_VOIDED
from services.redemptions.types import RedemptionId, VoidReason
from services.redemptions.undoing import NOTE_LENGTH, reason_of

blueprint = Blueprint("staff_receipts", __name__, template_folder="..")

SHOP_LENGTH = 60


@blueprint.get("")
def receipts() -> ResponseReturnValue:
    """What members said was not them; with `number`, `shop` or days in the address, what was looked for."""
    scopes = permissions.scopes(Capability.MANAGE_SHOPS)
    asked = {name: one_line(request.args.get(name, ""))[:SHOP_LENGTH] for name in ("number", "shop", "first", "last")}
    if not any(asked.values()):
        page = queries.disputed(scopes=scopes, request=page_asked())
        return desk.page("staff/receipts.html", page=page, searched=False, **_form(asked))
    try:
        page = _found(asked)
    except Invalid as error:
        return desk.page("staff/receipts.html", page=Page([], None), searched=True, **_form(asked, error)), 422
    return desk.page("staff/receipts.html", page=page, searched=True, **_form(asked))


@blueprint.get("/<uuid:redemption_id>")
def one(redemption_id: UUID) -> ResponseReturnValue:
    return _one(redemption_id)


@blueprint.post("/<uuid:redemption_id>/settle")
@limiter.limit(WRITE)
def settle(redemption_id: UUID) -> ResponseReturnValue:
    """The union has looked into the dispute and the redemption stands. Settled already: the receipt says so."""
    found, officer, note = _case(redemption_id).receipt.id, desk.officer(), request.form.get("note", "")
    try:
        in_transaction(lambda: service.settle(actor=officer, redemption_id=found, note=note, now=clock.now()))
    except Invalid as error:
        return _one(redemption_id, said=_said(error)), 422
    return see_other("staff_receipts.one", redemption_id=found)


@blueprint.get("/<uuid:redemption_id>/undo")
def confirm(redemption_id: UUID) -> ResponseReturnValue:
    """Says what undoing does before it is done, and asks why."""
    return _confirm(redemption_id)


@blueprint.post("/<uuid:redemption_id>/undo")
@limiter.limit(WRITE)
def undo(redemption_id: UUID) -> ResponseReturnValue:
    """The member is told, limits and stock get it back. Undone already, as by a second tap: the receipt says why."""
    found, officer = _case(redemption_id).receipt.id, desk.officer()
    try:
        reason, note = reason_of(request.form.get("reason", ""), request.form.get("note", ""))
    except Invalid as error:
        return _confirm(redemption_id, error), 422
    result = in_transaction(
        lambda: service.void(actor=officer, redemption_id=found, reason=reason, note=note, now=clock.now())
    )
    if isinstance(result, Refusal) and result.code != REDEMPTION_VOIDED:
        problem = refusal_problem(result)
        return _confirm(redemption_id, said=problem["detail"]), int(problem["status"])
    return see_other("staff_receipts.one", redemption_id=found)


def _found(asked: dict[str, str]) -> Page[queries.Case]:
    first, last = _days(asked)
    return queries.found(
        scopes=permissions.scopes(Capability.MANAGE_SHOPS),
        first=first,
        last=last,
        number=rules.receipt_number(asked["number"]) if asked["number"] else None,
        shop=asked["shop"],
        request=page_asked(),
    )


def _days(asked: dict[str, str]) -> tuple[datetime.date, datetime.date]:
    """The days as they were typed; the last month where none was. Raises Invalid(receipt_days_wrong)."""
    last, first = _day(asked["last"]), _day(asked["first"])
    month = (rules.MOST_DAYS - 1) * DAY
    today = local_date(clock.now())
    if first is None:
        last = last or today
        return last - month, last
    return first, last or min(max(today, first), first + month)


def _day(text: str) -> datetime.date | None:
    """The day typed, None where none was. Raises Invalid(receipt_days_wrong) for what is none that could be meant."""
    try:
        day = datetime.date.fromisoformat(text) if text else None
    except ValueError:
        day = datetime.date.min
    if day and day.year not in YEARS:
        raise Invalid(RECEIPT_DAYS_WRONG, field="first", most=rules.MOST_DAYS)
    return day


def _form(asked: dict[str, str], error: Invalid | None = None) -> dict[str, Any]:
    """The fields as typed; days are filled in as they are searched."""
    today = local_date(clock.now())
    shown = dict(asked)
    if error is None:
        first, last = _days(asked)
        shown |= {"first": first.isoformat(), "last": last.isoformat()}
    return {
        "asked": shown,
        "today": today,
        "field": error.facts.get("field") if error else None,
        "said": _said(error) if error else "",
        "most": rules.MOST_DAYS,
    }


def _one(redemption_id: UUID, *, said: str = "") -> str:
    case = _case(redemption_id)
    return desk.page(
        "staff/receipts_one.html",
        case=case,
        undoing=queries.undoing(case.receipt.id),
        settlement=queries.settlement(case.receipt.id),
        shop_page=desk.address("staff_shops.shop", merchant_id=case.merchant_id),
        note=request.form.get("note", "")[: rules.NOTE_MOST * 2],
        least=rules.NOTE_LEAST,
        longest=rules.NOTE_MOST,
        said=said,
    )


def _confirm(redemption_id: UUID, error: Invalid | None = None, *, said: str = "") -> str:
    return desk.page(
        "staff/receipts_undo.html",
        case=_case(redemption_id),
        reasons=VoidReason,
        chosen=request.form.get("reason", ""),
        note=request.form.get("note", "")[: NOTE_LENGTH * 2],
        longest=NOTE_LENGTH,
        field=error.facts.get("field") if error else None,
        said=_said(error) if error else said,
    )


def _said(error: DomainError) -> str:
    facts = {name: fact for name, fact in error.facts.items() if name != "field"}
    return clerk_words(error.code, facts, language=language())


def _case(redemption_id: UUID) -> queries.Case:
    return queries.case(RedemptionId(redemption_id), scopes=permissions.scopes(Capability.MANAGE_SHOPS))
