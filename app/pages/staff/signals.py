"""What is worth a look at the federation's shops: a list for a person, who says what he found."""

import datetime
import uuid
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.language import language
from app.pages.paths import page_asked, see_other
from app.pages.staff import desk
from app.throttle import WRITE, limiter
from app.wording import clerk_words
from services.accounts import queries as accounts
from services.accounts.types import AccountId, Capability
from services.core import clock
from services.core.errors import Conflict, DomainError, Invalid
from services.core.transaction import in_transaction
from services.redemptions.types import RedemptionId, number_of
from services.signals import queries, service
from services.signals.rules import LOOK_BACK, NOTE_LEAST, NOTE_MOST, RECEIPTS
from services.signals.types import Signal, SignalId

blueprint = Blueprint("staff_signals", __name__, template_folder="..")


@blueprint.get("")
def signals() -> ResponseReturnValue:
    """What nobody has looked at; `?done=1` what somebody has."""
    scopes, done = permissions.scopes(Capability.MANAGE_SHOPS), request.args.get("done") == "1"
    page = queries.page_of_signals(scopes=scopes, looked=done, request=page_asked())
    return desk.page("staff/signals.html", page=page, done=done, back_days=LOOK_BACK.days)


@blueprint.get("/<uuid:signal_id>")
def one(signal_id: UUID) -> ResponseReturnValue:
    return _one(SignalId(signal_id))


@blueprint.post("/<uuid:signal_id>")
@limiter.limit(WRITE)
def look(signal_id: UUID) -> ResponseReturnValue:
    """Keeps who looked, when, and what he found; a colleague may have been faster."""
    scopes, officer = permissions.scopes(Capability.MANAGE_SHOPS), desk.officer()
    line, note = SignalId(signal_id), request.form.get("note", "")
    try:
        in_transaction(lambda: service.look(actor=officer, scopes=scopes, signal_id=line, note=note, now=clock.now()))
    except (Conflict, Invalid) as error:
        return _one(line, error), 409 if isinstance(error, Conflict) else 422
    return see_other("staff_signals.one", signal_id=line)


def _one(signal_id: SignalId, error: DomainError | None = None) -> str:
    found = queries.one(signal_id, scopes=permissions.scopes(Capability.MANAGE_SHOPS))
    facts = {name: fact for name, fact in error.facts.items() if name != "field"} if error else {}
    return desk.page(
        "staff/signals_one.html",
        signal=found,
        receipts=[(one, number_of(one), _made(one)) for one in found.redemptions],
        most=RECEIPTS,
        back_days=LOOK_BACK.days,
        looker=_looker(found),
        shop_page=desk.address("staff_shops.shop", merchant_id=found.merchant_id),
        least=NOTE_LEAST,
        longest=NOTE_MOST,
        said=clerk_words(error.code, facts, language=language()) if error else "",
        at_field=isinstance(error, Invalid),
        typed=request.form.get("note", "")[: NOTE_MOST * 2],
    )


def _made(redemption_id: RedemptionId) -> datetime.datetime:
    """A UUIDv7 begins with its time in milliseconds."""
    return datetime.datetime.fromtimestamp((redemption_id.int >> 80) / 1000, datetime.UTC)


def _looker(signal: Signal) -> Any:
    """The name of the officer who looked."""
    if signal.look is None:
        return None
    account = signal.look.actor.partition(":")[2]
    return accounts.display_names([AccountId(uuid.UUID(account))]).get(account)
