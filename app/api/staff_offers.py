"""Offers for the federation's officers: written, looked at, published, held back, ended."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields

from app import terms as words
from app.api.own_shop import HeldOut, held_body
from app.api.schemas import KEY, Answer
from app.api.staff import desk, officer, once, seen
from app.api.terms import TermsIn, WholeTermsOut, named_as_sent, refuse_over, terms_body, terms_of
from app.throttle import WRITE, limiter
from services.core import clock
from services.core.errors import NotFound
from services.core.transaction import in_transaction
from services.merchants.types import Record
from services.offers import queries, service
from services.offers.errors import NOTHING_TO_PUBLISH, OFFER_UNKNOWN
from services.offers.types import Draft, Offer, OfferId, Terms
from services.redemptions.queries.of_offers import times_used

offers = desk("api_staff_offers", "The federation's desk: offers of partner shops")

NO_OFFER = "no such offer of a shop of your federation"


class DraftOut(Answer):
    offer_id = fields.UUID()
    revision = fields.Integer(metadata={"description": "send it back as `seen`"})
    terms = fields.Nested(WholeTermsOut)
    said = fields.List(fields.String(), metadata={"description": "every term, each in a sentence"})
    drafted_at = fields.AwareDateTime()
    proposed = fields.Boolean(metadata={"description": "the shop itself handed it in"})


class OfShopOut(Answer):
    items = fields.List(fields.Nested(HeldOut), metadata={"description": "published, newest first"})
    drafts = fields.List(fields.Nested(DraftOut))


class OneOut(Answer):
    shop_id = fields.UUID()
    holds = fields.Nested(HeldOut, allow_none=True, metadata={"description": "null until it is published"})
    draft = fields.Nested(DraftOut, allow_none=True)


class VersionOut(Answer):
    number = fields.Integer()
    published_at = fields.AwareDateTime()
    terms = fields.Nested(WholeTermsOut)
    said = fields.List(fields.String())


class HistoryOut(Answer):
    items = fields.List(fields.Nested(VersionOut))


class RedraftIn(Schema):
    seen = fields.Integer(
        required=True,
        strict=True,
        allow_none=True,
        metadata={"description": "the revision that was read; null: none was"},
    )
    terms = fields.Nested(TermsIn, required=True)


class PublishIn(Schema):
    seen = fields.Integer(required=True, strict=True, metadata={"description": "the revision that was looked at"})


@offers.route("/staff/shops/<uuid:merchant_id>/offers")
@offers.response(200, OfShopOut)
@offers.refusal(404, "no such shop of your federation")
def of_shop(merchant_id: UUID) -> dict[str, Any]:
    """Everything that the shop ever published, and what is being written."""
    shop = seen(merchant_id)
    used, drafts = times_used(shop.id), queries.drafts_of(shop.id)
    held = [held_body(one, used.get(one.id, 0)) for one in queries.all_of_shop(shop.id)]
    return {"items": held, "drafts": [_draft_body(draft) for draft in drafts]}


@offers.route("/staff/shops/<uuid:merchant_id>/offers", methods=["POST"])
@limiter.limit(WRITE)
@offers.arguments(TermsIn())
@offers.response(201, DraftOut())
@offers.refusal(404, "no such shop of your federation, or no such union of it")
@offers.doc(parameters=[KEY])
def draft(data: dict[str, Any], merchant_id: UUID) -> Response:
    """A new offer that nobody sees until it is published."""
    shop, actor = seen(merchant_id), officer().label
    said = terms_of(data, shop.federation_path)

    def work() -> dict[str, Any]:
        with named_as_sent():
            made = service.draft(merchant_id=shop.id, terms=said, actor=actor, now=clock.now())
        return _draft_body(_draft(made))

    return once(work, DraftOut(), f"draft {merchant_id}")


@offers.route("/staff/offers/<uuid:offer_id>")
@offers.response(200, OneOut)
@offers.refusal(404, NO_OFFER)
def one(offer_id: UUID) -> dict[str, Any]:
    """The terms that hold with their counters, and what is being written for it."""
    held, written, shop = found(offer_id)
    return {
        "shop_id": shop.id,
        "holds": _held_body(held) if held else None,
        "draft": _draft_body(written) if written else None,
    }


@offers.route("/staff/offers/<uuid:offer_id>/draft", methods=["PUT"])
@limiter.limit(WRITE)
@offers.arguments(RedraftIn)
@offers.response(200, DraftOut)
@offers.refusal(404, NO_OFFER)
@offers.refusal(409, "somebody else has written meanwhile, or it is withdrawn")
def redraft(data: dict[str, Any], offer_id: UUID) -> dict[str, Any]:
    """Writes the next version as a whole; what holds stays until it is published."""
    *_, shop = found(offer_id)
    said, actor, known = terms_of(data["terms"], shop.federation_path), officer().label, OfferId(offer_id)
    with named_as_sent():
        in_transaction(
            lambda: service.redraft(offer_id=known, terms=said, seen=data["seen"], actor=actor, now=clock.now())
        )
    return _draft_body(_draft(known))


@offers.route("/staff/offers/<uuid:offer_id>/draft", methods=["DELETE"])
@limiter.limit(WRITE)
@offers.response(204)
@offers.refusal(404, NO_OFFER)
@offers.refusal(409, "nothing is being written, or it is withdrawn")
def discard(offer_id: UUID) -> None:
    """Drops the draft; an offer that was never published goes with it."""
    found(offer_id)
    known, actor = OfferId(offer_id), officer().label
    in_transaction(lambda: service.discard(offer_id=known, actor=actor, now=clock.now()))


@offers.route("/staff/offers/<uuid:offer_id>/publish", methods=["POST"])
@limiter.limit(WRITE)
@offers.arguments(PublishIn())
@offers.response(201, HeldOut())
@offers.refusal(404, NO_OFFER)
@offers.refusal(409, "nothing is being written, somebody else has written meanwhile, or it is withdrawn")
@offers.doc(parameters=[KEY])
def publish(data: dict[str, Any], offer_id: UUID) -> Response:
    """What was looked at holds from now on; what was decided before stays as it was decided."""
    _, written, _ = found(offer_id)
    known, actor = OfferId(offer_id), officer().label

    def work() -> dict[str, Any]:
        if written and written.revision == data["seen"]:
            refuse_over(written.terms)
        with named_as_sent():
            service.publish(offer_id=known, seen=data["seen"], actor=actor, now=clock.now())
        return _held_body(queries.offer(known))

    return once(work, HeldOut(), f"publish {offer_id}")


@offers.route("/staff/offers/<uuid:offer_id>/pause", methods=["POST"])
@limiter.limit(WRITE)
@offers.response(200, HeldOut)
@offers.refusal(404, NO_OFFER)
@offers.refusal(409, "it is withdrawn")
def pause(offer_id: UUID) -> dict[str, Any]:
    """Holds it back until it is resumed here. Twice is once."""
    return _act(offer_id, service.pause)


@offers.route("/staff/offers/<uuid:offer_id>/resume", methods=["POST"])
@limiter.limit(WRITE)
@offers.response(200, HeldOut)
@offers.refusal(404, NO_OFFER)
@offers.refusal(409, "it is withdrawn")
def resume(offer_id: UUID) -> dict[str, Any]:
    """Lets it go again, whoever paused it. Twice is once."""
    return _act(offer_id, service.resume)


@offers.route("/staff/offers/<uuid:offer_id>/withdraw", methods=["POST"])
@limiter.limit(WRITE)
@offers.response(200, HeldOut)
@offers.refusal(404, NO_OFFER)
@offers.refusal(409, "it is withdrawn already")
def withdraw(offer_id: UUID) -> dict[str, Any]:
    """Ends it at once and for good."""
    return _act(offer_id, service.withdraw)


@offers.route("/staff/offers/<uuid:offer_id>/history")
@offers.response(200, HistoryOut)
@offers.refusal(404, NO_OFFER)
def history(offer_id: UUID) -> dict[str, Any]:
    """Every version that was published, newest first."""
    *_, shop = found(offer_id)
    return {
        "items": [
            {"number": number, "published_at": at, "terms": terms_body(terms), "said": said_of(terms, shop.id)}
            for number, at, _, terms in queries.history(OfferId(offer_id))
        ]
    }


def found(offer_id: UUID) -> tuple[Offer | None, Draft | None, Record]:
    """An offer with what is being written for it. Raises NotFound(offer_unknown), also for another federation's."""
    written, held = queries.draft(OfferId(offer_id)), None
    try:
        held = queries.offer(OfferId(offer_id))
    except NotFound:
        if written is None:
            raise
    try:
        return held, written, seen(held.merchant_id if held else written.merchant_id)  # type: ignore[union-attr]
    except NotFound:
        raise NotFound(OFFER_UNKNOWN) from None


def _act(offer_id: UUID, verb: Callable[..., None]) -> dict[str, Any]:
    held, *_ = found(offer_id)
    if held is None:
        raise NotFound(OFFER_UNKNOWN)
    actor = officer().label
    in_transaction(lambda: verb(offer_id=held.id, actor=actor, now=clock.now()))
    return _held_body(queries.offer(held.id))


def _held_body(offer: Offer) -> dict[str, Any]:
    return held_body(offer, times_used(offer.merchant_id).get(offer.id, 0))


def _draft(offer_id: OfferId) -> Draft:
    found = queries.draft(offer_id)
    if found is None:  # published or dropped by somebody else this very moment
        raise NotFound(NOTHING_TO_PUBLISH)
    return found


def _draft_body(draft: Draft) -> dict[str, Any]:
    said = said_of(draft.terms, draft.merchant_id)
    return {**vars(draft), "terms": terms_body(draft.terms), "said": said}


def said_of(terms: Terms, merchant_id: UUID) -> list[str]:
    return words.sentences(terms, words.names(merchant_id, terms))
