"""An offer is held back, let go, ended. Each locks the offer's row and is audited.

Raises NotFound(offer_unknown), Conflict(offer_withdrawn).
"""

import datetime

from sqlalchemy import update

from services.core import audit, outbox
from services.core.budget import DAY, spend
from services.core.db import db
from services.core.errors import Conflict, TooOften
from services.offers import errors
from services.offers.messages import OfferHeldByShop
from services.offers.models import Offer
from services.offers.service.publishing import locked
from services.offers.types import OfferId

MOST_A_DAY = 10
"""How often a shop may hold back and give again one offer: the federation is told of each."""


def pause(*, offer_id: OfferId, actor: str, now: datetime.datetime, by_shop: bool = False) -> None:
    """Holds the offer back until `resume`; twice changes nothing.

    What the federation holds back stays so until the federation lets it go, also where the shop paused it before.
    `by_shop`: the shop does it; posts OfferHeldByShop, raises TooOften(held_too_often) above MOST_A_DAY changes.
    """
    offer = locked(offer_id)
    if offer.paused_at is not None and (by_shop or not offer.paused_by_shop):
        return
    if by_shop:
        _spend(offer_id, now)
    paused_at = offer.paused_at or now
    _set(offer_id, paused_at=paused_at, paused_by_shop=by_shop)
    if by_shop:
        outbox.post(OfferHeldByShop(offer_id, paused=True))
    audit.record("offer.paused", actor=actor, subject_id=offer_id, now=now)


def resume(*, offer_id: OfferId, actor: str, now: datetime.datetime, by_shop: bool = False) -> None:
    """Ends `pause`; twice changes nothing.

    `by_shop`: the shop does it; posts OfferHeldByShop, raises Conflict(paused_by_union) for what it did not pause,
    TooOften as `pause`.
    """
    offer = locked(offer_id)
    if offer.paused_at is None:
        return
    if by_shop and not offer.paused_by_shop:
        raise Conflict(errors.PAUSED_BY_UNION)
    _set(offer_id, paused_at=None, paused_by_shop=False)
    if by_shop:
        _spend(offer_id, now)
        outbox.post(OfferHeldByShop(offer_id, paused=False))
    audit.record("offer.resumed", actor=actor, subject_id=offer_id, now=now)


def withdraw(*, offer_id: OfferId, actor: str, now: datetime.datetime) -> None:
    """Ends the offer at once and for good; what is being written for it goes unread."""
    locked(offer_id)
    _set(offer_id, withdrawn_at=now)
    audit.record("offer.withdrawn", actor=actor, subject_id=offer_id, now=now)


def _spend(offer_id: OfferId, now: datetime.datetime) -> None:
    if wait := spend("offers.held", offer_id.bytes, limits=((DAY, MOST_A_DAY),), now=now):
        raise TooOften(errors.HELD_TOO_OFTEN, seconds=wait, limit=MOST_A_DAY)


def _set(offer_id: OfferId, **values: object) -> None:
    db.session.execute(update(Offer).where(Offer.id == offer_id).values(**values))
