"""An offer before members see it: what somebody would be told at some time, and what a bill would save."""

import datetime
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from app.api.schemas import Answer, Fen, likely, no_of
from app.api.staff import desk
from app.api.staff_offers import NO_OFFER, found, said_of
from app.wording import member_words
from services.core import clock
from services.core.errors import Refusal
from services.members.rules import may_use_benefits
from services.members.types import Standing
from services.merchants.types import Record
from services.offers import queries
from services.offers.rules import may_use, saving
from services.offers.types import Offer, OfferId, Person, Saving, Terms, Uses
from services.unions import queries as unions
from services.unions.types import TradeGroup, UnionId

trials = desk("api_staff_preview", "The federation's desk: an offer is tried before it is published")


class PersonIn(Schema):
    """Somebody who might come. The uses are those that he has had already."""

    union_id = fields.UUID(load_default=None, allow_none=True, metadata={"description": "the federation without it"})
    standing = fields.String(load_default="active", validate=validate.OneOf([one.value for one in Standing]))
    trade_group = fields.String(
        load_default=None, allow_none=True, validate=validate.OneOf([one.value for one in TradeGroup])
    )
    today = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 999))
    this_week = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 999))
    this_month = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 999))
    in_all = fields.Integer(load_default=0, strict=True, validate=validate.Range(0, 999))
    been_here = fields.Boolean(load_default=False)


class PreviewIn(Schema):
    person = fields.Nested(PersonIn, load_default=lambda: PersonIn().load({}))
    at = fields.AwareDateTime(
        load_default=None, allow_none=True, validate=likely, metadata={"description": "now without it"}
    )
    branch_id = fields.UUID(load_default=None, allow_none=True)
    amount_fen = Fen(load_default=None, allow_none=True, metadata={"description": "the bill"})


class SavingOut(Answer):
    amount_fen = fields.Integer(allow_none=True)
    saved_fen = fields.Integer(allow_none=True)
    pay_fen = fields.Integer(allow_none=True)


class PreviewOut(Answer):
    said = fields.List(fields.String(), metadata={"description": "as members would read it"})
    allowed = fields.Boolean()
    code = fields.String(allow_none=True)
    reason = fields.String(allow_none=True, metadata={"description": "for the member"})
    saving = fields.Nested(SavingOut, allow_none=True)


@trials.route("/staff/offers/<uuid:offer_id>/preview", methods=["POST"])
@trials.arguments(PreviewIn)
@trials.response(200, PreviewOut)
@trials.refusal(404, f"{NO_OFFER}, or no such union of it")
def preview(data: dict[str, Any], offer_id: UUID) -> dict[str, Any]:
    """What this person would be told at that instant, and what a bill would save: of the draft, else of what holds."""
    held, written, shop = found(offer_id)
    said: Terms = written.terms if written else held  # type: ignore[assignment]
    offer = queries.as_offer(said, offer_id=OfferId(offer_id), shop=shop, held=held)
    told = _told(offer, shop, data)
    worth = saving(offer, data["amount_fen"]) if told is None else None
    return {
        "said": said_of(said, shop.id),
        **no_of(worth if isinstance(worth, Refusal) else told, member_words),
        "saving": worth if isinstance(worth, Saving) else None,
    }


def _told(offer: Offer, shop: Record, data: dict[str, Any]) -> Refusal | None:
    given, at = data["person"], data["at"] or clock.now()
    home = unions.office_within(UnionId(given["union_id"] or shop.federation_id), scopes=(shop.federation_path,))
    group = TradeGroup(given["trade_group"]) if given["trade_group"] else None
    person = Person(home.path, Standing(given["standing"]), group)
    uses = Uses(**{name: given[name] for name in ("today", "this_week", "this_month", "in_all", "been_here")})
    moment = queries.moment(at.astimezone(datetime.UTC), [offer])
    return may_use_benefits(person.standing) or may_use(
        offer, person, uses=uses, moment=moment, branch_id=data["branch_id"]
    )
