"""The member's own pages: the card, the history, messages, settings."""

import datetime
import math
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app import permissions
from app.api.cards import card_url
from app.pages.paths import local_path, page_asked, see_other
from app.terms import receipt as receipt_terms
from app.throttle import WRITE, limiter
from services.accounts import queries as accounts
from services.accounts.types import MemberActor
from services.cards import picture, service
from services.cards import queries as cards
from services.cards.rules import STEP_SECONDS, TYPED_SECONDS
from services.cards.types import TypedCodeView
from services.core import clock
from services.core.calendar import day_start, local_date
from services.core.errors import NotFound, Refusal
from services.core.transaction import in_transaction
from services.events.queries import reading
from services.members import queries as members
from services.members.rules import may_use_benefits
from services.merchants import queries as merchants
from services.offers.queries import terms_of_version
from services.redemptions import queries
from services.redemptions import service as redemptions
from services.redemptions.errors import REDEMPTION_UNKNOWN
from services.redemptions.types import Receipt, RedemptionId

blueprint = Blueprint("member", __name__, template_folder="..")

JUST_NOW = datetime.timedelta(minutes=5)
"""How long the card page shows a redemption as news: the member is still at the counter."""


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """The card with the code of this half minute."""
    return _home(typed=None)


@blueprint.get("/card")
def card() -> ResponseReturnValue:
    """The moving parts of the card page, for its script: the code, and what has just been used."""
    return render_template("member/code.html", **_code(permissions.caller(MemberActor)))


@blueprint.post("/digits")
@limiter.limit(WRITE)
def digits() -> ResponseReturnValue:
    """Eight digits to read out: on the card page, or as the part of it that a script asks for."""
    actor = permissions.caller(MemberActor)
    typed = in_transaction(lambda: service.typed_code(member_id=actor.member_id, now=clock.now()))
    if isinstance(typed, Refusal):
        return see_other("member.home")  # the card is frozen, and the page says what to do
    if request.headers.get("X-Part"):
        return render_template("member/digits.html", typed=typed, typed_left=TYPED_SECONDS)
    return _home(typed=typed)


@blueprint.get("/history")
def history() -> ResponseReturnValue:
    actor = permissions.caller(MemberActor)
    page = queries.history(member_id=actor.member_id, request=page_asked())
    return render_template("member/history.html", page=page)


@blueprint.get("/history/<uuid:redemption_id>")
def receipt(redemption_id: UUID) -> ResponseReturnValue:
    """With the terms of that day, whatever the offer says now."""
    found = _mine(redemption_id)
    terms = receipt_terms(terms_of_version(found.version_id)) if found.version_id else []
    outcome = {"undoing": queries.undoing(found.id), "settlement": queries.settlement(found.id)}
    return render_template("member/receipt.html", receipt=found, terms=terms, **outcome)


@blueprint.get("/history/<uuid:redemption_id>/not-me")
def not_me(redemption_id: UUID) -> ResponseReturnValue:
    """Says what "not me" does before it is done."""
    return render_template("member/not_me.html", receipt=_mine(redemption_id))


@blueprint.post("/history/<uuid:redemption_id>/not-me")
@limiter.limit(WRITE)
def dispute(redemption_id: UUID) -> ResponseReturnValue:
    actor, now = permissions.caller(MemberActor), clock.now()
    in_transaction(lambda: redemptions.dispute(actor=actor, redemption_id=RedemptionId(redemption_id), now=now))
    return see_other("member.receipt", redemption_id=redemption_id)


@blueprint.get("/me")
def me() -> ResponseReturnValue:
    actor = permissions.caller(MemberActor)
    officer = accounts.officer(actor.account_id, on=local_date(clock.now()))
    return render_template(
        "member/me.html",
        profile=members.profile(actor.member_id),
        phone=members.phone(actor.member_id),
        card=cards.card_of(actor.member_id),
        officer=officer is not None,
        clerk=bool(merchants.clerks_of_account(actor.account_id)),
    )


@blueprint.post("/me/freeze")
@limiter.limit(WRITE)
def freeze() -> ResponseReturnValue:
    actor, now = permissions.caller(MemberActor), clock.now()
    in_transaction(lambda: service.freeze(member_id=actor.member_id, actor=actor.label, now=now))
    return redirect(local_path(request.form.get("back", ""), "/me"), 303)


@blueprint.post("/me/unfreeze")
@limiter.limit(WRITE)
def unfreeze() -> ResponseReturnValue:
    actor, now = permissions.caller(MemberActor), clock.now()
    in_transaction(lambda: service.unfreeze(member_id=actor.member_id, actor=actor.label, now=now))
    return redirect(local_path(request.form.get("back", ""), "/me"), 303)


@blueprint.get("/me/new-card")
def new_card() -> ResponseReturnValue:
    """Says what a new card means before it is made."""
    return render_template("member/new_card.html", card=cards.card_of(permissions.caller(MemberActor).member_id))


@blueprint.post("/me/new-card")
@limiter.limit(WRITE)
def reissue() -> ResponseReturnValue:
    actor, now = permissions.caller(MemberActor), clock.now()
    in_transaction(lambda: service.reissue(member_id=actor.member_id, actor=actor.label, now=now))
    return see_other("member.me")


def _home(typed: TypedCodeView | None) -> str:
    actor = permissions.caller(MemberActor)
    profile = members.profile(actor.member_id)
    year = day_start(local_date(clock.now()).replace(month=1, day=1))
    uses, saved_fen = queries.saved_since(member_id=actor.member_id, since=year)
    return render_template(
        "member/home.html",
        profile=profile,
        suspended=may_use_benefits(profile.standing),
        asked_for=reading.waiting_for(actor.member_id, now=clock.now()),
        uses=uses,
        saved_fen=saved_fen,
        typed=typed,
        typed_left=TYPED_SECONDS,
        **_code(actor),
    )


def _code(actor: MemberActor) -> dict[str, Any]:
    """The code drawn, how many seconds are left of its step and of its life, and what was used a moment ago."""
    now = clock.now()
    card = cards.card_of(actor.member_id)
    code = service.rotating_code(card, now=now)
    left = (code.renew_at - now).total_seconds() if code else 0.0
    return {
        "card": card,
        "drawing": picture.draw(card_url(code.text)) if code else None,
        "quiet": picture.QUIET_ZONE,
        "left": left,
        "good": (code.expires_at - now).total_seconds() if code else 0.0,
        "gone": STEP_SECONDS - math.ceil(left),
        "news": queries.latest_of_member(member_id=actor.member_id, since=now - JUST_NOW),
    }


def _mine(redemption_id: UUID) -> Receipt:
    member_id = permissions.caller(MemberActor).member_id
    receipt = queries.receipt_of_member(RedemptionId(redemption_id), member_id=member_id)
    if receipt is None:
        raise NotFound(REDEMPTION_UNKNOWN)
    return receipt
