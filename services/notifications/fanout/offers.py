"""Of offers: a shop and the federation that its agreement is with write to each other."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from services.core.db import db
from services.core.errors import NotFound
from services.core.outbox import Message
from services.merchants import queries as merchants
from services.notifications.types import Fan, Notice, Recipient, RecipientKind
from services.offers import queries as offers
from services.offers.messages import OfferHeldByShop, OfferProposed, ProposalAnswered
from services.offers.types import OfferId


def _proposed(payload: Mapping[str, Any]) -> list[Notice]:
    """Nothing when the shop has taken it back meanwhile."""
    draft = offers.draft(OfferId(uuid.UUID(payload["offer_id"])))
    if draft is None:
        return []
    union, facts = _federation(draft.merchant_id, draft.terms.title)
    return [Notice(union, "proposal.union", facts)]


def _held(payload: Mapping[str, Any]) -> list[Notice]:
    try:
        offer = offers.offer(OfferId(uuid.UUID(payload["offer_id"])))
    except NotFound:
        return []
    union, facts = _federation(offer.merchant_id, offer.title)
    return [Notice(union, "held.union", facts) if payload["paused"] else Notice(union, "let_go.union", facts)]


def _answered(payload: Mapping[str, Any]) -> list[Notice]:
    facts: dict[str, Any] = {"offer": {"zh": payload["title_zh"], "en": payload["title_en"]}}
    branches = merchants.branches_of(uuid.UUID(payload["merchant_id"]))
    told = [Recipient(RecipientKind.BRANCH, branch.id) for branch in branches]
    if payload["accepted"]:
        return [Notice(branch, "proposal.accepted", facts) for branch in told]
    return [Notice(branch, "proposal.dropped", facts) for branch in told]


def _federation(merchant_id: uuid.UUID, title: dict[str, str]) -> tuple[Recipient, dict[str, Any]]:
    """Whom to tell, and the facts."""
    shop = merchants.federations().subquery()
    row = db.session.execute(select(shop).where(shop.c.merchant_id == merchant_id)).one()
    return Recipient(RecipientKind.UNION, row.federation_id), {"merchant": row.merchant_name, "offer": title}


FANS: tuple[tuple[type[Message], Fan], ...] = (
    (OfferProposed, _proposed),
    (ProposalAnswered, _answered),
    (OfferHeldByShop, _held),
)
