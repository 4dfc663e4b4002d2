"""The clerk's pages: scan, choose an offer, type the bill, receipt; the day; messages."""

import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, make_response, request, url_for
from flask.typing import ResponseReturnValue

from app import permissions
from app.errors import refusal_problem
from app.idempotency import idempotently
from app.language import language
from app.pages.paths import newest_shown, page_asked, see_other
from app.pages.shop import wechat
from app.pages.shop.complaints import waiting
from app.pages.shop.frame import page
from app.pages.shop.steps import ABOUT_THE_AMOUNT, NextStep, next_step
from app.pages.shop.undo import reasons as undo_reasons
from app.terms import deal, terms
from app.throttle import SCAN, WRITE, limiter
from app.wording import clerk_words
from services.accounts.types import ClerkActor
from services.core import clock
from services.core.calendar import local_date
from services.core.errors import Invalid, NotFound, Refusal
from services.core.money import parse_yuan
from services.core.transaction import in_transaction
from services.merchants import queries as merchants
from services.notifications import queries as notifications
from services.notifications import service as notices
from services.notifications.types import Recipient, RecipientKind
from services.offers.errors import OFFER_WITHDRAWN
from services.offers.types import OfferId
from services.redemptions import queries, service, undoing
from services.redemptions.errors import REDEMPTION_UNKNOWN, SCAN_EXPIRED, SCAN_UNKNOWN, SCAN_USED
from services.redemptions.types import OfferAnswer, Receipt, RedemptionId, ScanId, ScanView

blueprint = Blueprint("shop", __name__, template_folder="..")


@blueprint.get("/")
def till() -> ResponseReturnValue:
    """Where codes are read: by WeChat's scanner, by camera, by a scanner that types, or by hand."""
    script = wechat.script()
    response = make_response(page("shop/till.html", wechat=script))
    if script:
        response.headers["Content-Security-Policy"] = wechat.policy(script)
    return response


@blueprint.post("/scan")
@limiter.limit(SCAN)
def scan() -> ResponseReturnValue:
    """Reads a code; the same form sent twice gets the same answer, though the code has run out meanwhile."""
    actor, text = _clerk(), request.form.get("code", "")
    body, status = idempotently(
        lambda: service.scan(actor=actor, text=text, now=clock.now()), _scan_id, scope=actor.label
    )
    return see_other("shop.scanned", scan_id=body["id"]) if status < 400 else _refused(body)


@blueprint.get("/scans/<uuid:scan_id>")
def scanned(scan_id: UUID) -> ResponseReturnValue:
    """Who was scanned, and what he may use here: for five minutes and one redemption."""
    scan = _scan(scan_id)
    return page("shop/scanned.html", scan=scan, deal=deal, **_validity(scan))


@blueprint.get("/scans/<uuid:scan_id>/offers/<uuid:offer_id>")
def offer(scan_id: UUID, offer_id: UUID) -> ResponseReturnValue:
    return _bill(scan_id, offer_id)


@blueprint.post("/redemptions")
@limiter.limit(SCAN)
def redeem() -> ResponseReturnValue:
    """Records the discount; the same form sent twice is one redemption."""
    actor, scan_id, offer_id = _clerk(), _field_id("scan_id"), _field_id("offer_id")
    try:
        body, status = idempotently(lambda: _redeem(actor, scan_id, offer_id), _where, scope=actor.label)
    except Invalid as error:
        return _bill(scan_id, offer_id, said=clerk_words(error.code, error.facts, language=language()), status=422)
    if status < 400:
        return see_other("shop.receipt", redemption_id=body["id"])
    if body["code"] in ABOUT_THE_AMOUNT:
        return _bill(scan_id, offer_id, said=body["detail"], status=status)
    return _refused(body, scan_id=scan_id)


@blueprint.get("/redemptions/<uuid:redemption_id>")
def receipt(redemption_id: UUID) -> ResponseReturnValue:
    actor, found_id = _clerk(), RedemptionId(redemption_id)
    found = undoing.receipt_at_till(found_id, actor=actor)
    if found is None:
        raise NotFound(REDEMPTION_UNKNOWN)
    undone = undoing.undoing_of(found_id) if found.voided_at else None
    may_undo = bool(undoing.undoable([found], actor=actor, now=clock.now()))
    return page("shop/receipt.html", receipt=found, undone=undone, reasons=undo_reasons(), may_undo=may_undo)


@blueprint.get("/today")
def today() -> ResponseReturnValue:
    actor, now = _clerk(), clock.now()
    shown = queries.day_at_branch(branch_id=actor.branch_id, day=local_date(now), request=page_asked())
    undoable = undoing.undoable(shown.items, actor=actor, now=now)
    return page("shop/today.html", page=shown, day=local_date(now), undoable=undoable)


@blueprint.get("/inbox")
def inbox() -> ResponseReturnValue:
    return page("shop/inbox.html", page=notifications.inbox(_branch(), page_asked()), reports=waiting(_clerk()))


@blueprint.post("/inbox/read")
@limiter.limit(WRITE)
def mark_read() -> ResponseReturnValue:
    """The whole branch has seen what one clerk was shown."""
    branch, newest = _branch(), newest_shown()
    in_transaction(lambda: notices.mark_read(branch, now=clock.now(), newest=newest))
    return see_other("shop.inbox")


@blueprint.get("/me")
def me() -> ResponseReturnValue:
    return page("shop/me.html", owner=merchants.is_owner(_clerk().clerk_id), reports=waiting(_clerk()))


def _redeem(actor: ClerkActor, scan_id: UUID, offer_id: UUID) -> Receipt | Refusal:
    typed = "" if "skip" in request.form else request.form.get("amount", "").strip()
    return service.redeem(
        actor=actor,
        scan_id=ScanId(scan_id),
        offer_id=OfferId(offer_id),
        amount_fen=parse_yuan(typed) if typed else None,
        now=clock.now(),
    )


def _scan_id(scan: ScanView) -> dict[str, Any]:
    return {"id": str(scan.id)}


def _where(receipt: Receipt) -> dict[str, Any]:
    """What is kept as the answer to the form's key."""
    return {"id": str(receipt.id), "url": url_for("shop.receipt", redemption_id=receipt.id)}


def _bill(scan_id: UUID, offer_id: UUID, *, said: str = "", status: int = 200) -> ResponseReturnValue:
    """The page of one offer with the amount, as typed before; `said` tells what was wrong with it.

    An offer that has gone meanwhile takes no scan with it: there may be another one for the customer.
    """
    scan = _scan(scan_id)
    answer = next((answer for answer in scan.offers if answer.offer.id == offer_id), None)
    if answer is None:
        return _refused(refusal_problem(Refusal(OFFER_WITHDRAWN)), scan_id=scan_id)
    typed = request.form.get("amount", "").strip()[:20]
    values = {"answer": answer, "terms": terms(answer.offer), "deal": deal(answer.offer), "typed": typed, "said": said}
    return page("shop/bill.html", scan=scan, refusal=_no(scan, answer), **values, **_validity(scan)), status


def _no(scan: ScanView, answer: OfferAnswer) -> Refusal | None:
    """Why this form cannot be sent as things stand now; the service decides again when it is."""
    if scan.redemption_id:
        return Refusal(SCAN_USED)
    return Refusal(SCAN_EXPIRED) if clock.now() >= scan.expires_at else answer.refusal


def _refused(problem: dict[str, Any], *, scan_id: UUID | None = None) -> ResponseReturnValue:
    step = next_step(problem["code"])
    back = scan_id if step is NextStep.OTHER_OFFER else None
    return page("shop/refused.html", problem=problem, step=step, scan_id=back), int(problem["status"])


def _validity(scan: ScanView) -> dict[str, Any]:
    left: datetime.timedelta = scan.expires_at - clock.now()
    return {"left": max(0.0, left.total_seconds())}


def _scan(scan_id: UUID) -> ScanView:
    return queries.scan_view(scan_id=ScanId(scan_id), actor=_clerk(), now=clock.now())


def _field_id(name: str) -> UUID:
    try:
        return UUID(request.form.get(name, ""))
    except ValueError:
        raise NotFound(SCAN_UNKNOWN) from None


def _clerk() -> ClerkActor:
    return permissions.caller(ClerkActor)


def _branch() -> Recipient:
    return Recipient(RecipientKind.BRANCH, _clerk().branch_id)
