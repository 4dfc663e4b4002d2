"""The member's own card: what the phone holds out."""

import datetime
from typing import Any

from flask import Response, current_app
from marshmallow import fields

from app import permissions
from app.api import Blueprint
from app.api.schemas import Answer, OfficerText
from app.errors import problem_response, refusal_problem
from app.throttle import WRITE, limiter
from services.accounts.types import MemberActor
from services.cards import picture, service
from services.cards import queries as cards
from services.cards.errors import CARD_FROZEN
from services.cards.types import CardView
from services.core import clock
from services.core.errors import Conflict, Refusal
from services.core.transaction import in_transaction
from services.members import queries as members

me = Blueprint("api_me", __name__, description="The signed-in member and the benefit card")
PICTURE = {"type": "string", "format": "binary"}


class MeOut(Answer):
    name = fields.String()
    standing = fields.String(metadata={"description": "active, grace, moving, retired, suspended or left"})
    union_name = OfficerText()
    masked_phone = fields.String(allow_none=True)
    joined_on = fields.Date()


class CardOut(Answer):
    number = fields.String()
    status = fields.String(metadata={"description": "active or frozen"})
    code = fields.String(allow_none=True, metadata={"description": "none while the card is frozen"})
    url = fields.String(allow_none=True, metadata={"description": "what the QR code carries"})
    renew_at = fields.AwareDateTime(allow_none=True, metadata={"description": "when the next code is there"})
    expires_at = fields.AwareDateTime(allow_none=True)


class TypedCodeOut(Answer):
    digits = fields.String()
    expires_at = fields.AwareDateTime()


@me.route("/me")
@me.response(200, MeOut)
def profile() -> Any:
    """Who is signed in."""
    member_id = permissions.caller(MemberActor).member_id
    return {**vars(members.profile(member_id)), "masked_phone": members.phone(member_id)}


@me.route("/me/card")
@me.response(200, CardOut)
def card() -> dict[str, Any]:
    """The card and the code of this half minute."""
    return card_body(cards.card_of(permissions.caller(MemberActor).member_id), now=clock.now())


@me.route("/me/card/qr.svg")
@me.response(200, PICTURE, content_type="image/svg+xml")
@me.refusal(409, "the card is frozen")
def qr_svg() -> Response:
    """The code as SVG. 409 while the card is frozen."""
    return Response(picture.svg(_url_now()), mimetype="image/svg+xml")


@me.route("/me/card/qr.png")
@me.response(200, PICTURE, content_type="image/png")
@me.refusal(409, "the card is frozen")
def qr_png() -> Response:
    """The code as PNG. 409 while the card is frozen."""
    return Response(picture.png(_url_now()), mimetype="image/png")


@me.route("/me/card/typed-code", methods=["POST"])
@limiter.limit(WRITE)
@me.response(201, TypedCodeOut)
@me.refusal(409, "the card is frozen")
def typed_code() -> Any:
    """Eight digits to read out, good for 120 s and one scan. The former ones stop working."""
    actor = permissions.caller(MemberActor)
    result = in_transaction(lambda: service.typed_code(member_id=actor.member_id, now=clock.now()))
    return problem_response(refusal_problem(result)) if isinstance(result, Refusal) else result


@me.route("/me/card/freeze", methods=["POST"])
@limiter.limit(WRITE)
@me.response(200, CardOut)
def freeze() -> dict[str, Any]:
    """Stops the card at once. Doing it twice is no error."""
    actor = permissions.caller(MemberActor)
    now = clock.now()
    return card_body(
        in_transaction(lambda: service.freeze(member_id=actor.member_id, actor=actor.label, now=now)), now=now
    )


@me.route("/me/card/unfreeze", methods=["POST"])
@limiter.limit(WRITE)
@me.response(200, CardOut)
def unfreeze() -> dict[str, Any]:
    """Lifts a freeze. Doing it twice is no error."""
    actor = permissions.caller(MemberActor)
    now = clock.now()
    return card_body(
        in_transaction(lambda: service.unfreeze(member_id=actor.member_id, actor=actor.label, now=now)), now=now
    )


@me.route("/me/card/reissue", methods=["POST"])
@limiter.limit(WRITE)
@me.response(200, CardOut)
def reissue() -> dict[str, Any]:
    """Ends the card and issues another: for a phone that somebody else may have copied the code from."""
    actor = permissions.caller(MemberActor)
    now = clock.now()
    in_transaction(lambda: service.reissue(member_id=actor.member_id, actor=actor.label, now=now))
    return card_body(cards.card_of(actor.member_id), now=now)


def card_body(card: CardView, *, now: datetime.datetime) -> dict[str, Any]:
    code = service.rotating_code(card, now=now)
    return {
        "number": card.number,
        "status": card.status,
        "code": code.text if code else None,
        "url": card_url(code.text) if code else None,
        "renew_at": code.renew_at if code else None,
        "expires_at": code.expires_at if code else None,
    }


def card_url(code: str) -> str:
    """Upper case by default: capitals and digits make the QR code coarser and easier to read."""
    settings = current_app.config["SETTINGS"]
    url = f"{settings.public_url}/c/{code}"
    return url.upper() if settings.code_case == "upper" else url.lower()


def _url_now() -> str:
    code = service.rotating_code(cards.card_of(permissions.caller(MemberActor).member_id), now=clock.now())
    if code is None:
        raise Conflict(CARD_FROZEN)
    return card_url(code.text)
