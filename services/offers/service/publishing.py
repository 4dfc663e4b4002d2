"""An offer is written and published."""

import dataclasses
import datetime
import uuid
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from services.core import audit, outbox
from services.core.db import db
from services.core.errors import Conflict, Invalid, NotFound
from services.core.ids import uuid7
from services.merchants import queries as merchants
from services.merchants import service as shops
from services.merchants.types import MerchantId
from services.offers import errors
from services.offers.faults import faults
from services.offers.messages import OfferProposed, ProposalAnswered
from services.offers.models import BranchStock, Offer, Version
from services.offers.rows import terms_of
from services.offers.types import OfferId, Terms, VersionId
from services.unions import queries as unions
from services.unions.rules import within

MOST_PROPOSALS = 20
"""What one shop may have waiting for its federation."""


def draft(
    *, merchant_id: MerchantId, terms: Terms, actor: str, now: datetime.datetime, by_shop: bool = False
) -> OfferId:
    """A new offer that nobody sees yet. Raises Invalid for the first fault of the terms.

    `by_shop`: the shop itself hands it in; posts OfferProposed. Locks the shop's row and raises
    Conflict(proposals_open) above MOST_PROPOSALS that wait for an answer.
    """
    if by_shop:
        _may_propose(merchant_id)
    offer = Offer(id=uuid7(), merchant_id=merchant_id, stock_taken=0, budget_spent_fen=0, drafts_written=0)
    offer.proposed = by_shop
    db.session.add(offer)
    db.session.flush()
    _write(offer, terms, actor, now)
    if by_shop:
        outbox.post(OfferProposed(offer.id))
    return OfferId(offer.id)


def _may_propose(merchant_id: MerchantId) -> None:
    shops.lock_shop(merchant_id)
    open_ones = (Offer.merchant_id == merchant_id, Offer.proposed, Offer.version_id.is_(None))
    waiting = select(func.count()).select_from(Offer).where(*open_ones, Offer.withdrawn_at.is_(None))
    if (db.session.scalar(waiting) or 0) >= MOST_PROPOSALS:
        raise Conflict(errors.PROPOSALS_OPEN, limit=MOST_PROPOSALS)


def redraft(*, offer_id: OfferId, terms: Terms, seen: int | None, actor: str, now: datetime.datetime) -> None:
    """Writes the next version of an offer. `seen` is the revision of the draft that was read, None where none was.

    Locks the offer's row. Raises NotFound(offer_unknown), Conflict(offer_withdrawn), Conflict(draft_changed) when
    somebody else has written meanwhile, Invalid for the first fault of the terms.
    """
    offer = locked(offer_id)
    found = _draft(offer_id)
    if (found.revision if found else None) != seen:
        raise Conflict(errors.DRAFT_CHANGED)
    if found:
        db.session.execute(delete(Version).where(Version.id == found.id))
    _write(offer, terms, actor, now)


def publish(*, offer_id: OfferId, seen: int, actor: str, now: datetime.datetime) -> VersionId:
    """The draft holds from now on; what was decided before stays as it was decided. Audited.

    Posts ProposalAnswered when it is the first version of what the shop handed in.

    `seen` is the revision that was read before saying so. Locks the offer's row. Raises NotFound(offer_unknown),
    Conflict(nothing_to_publish, draft_changed, offer_withdrawn), Invalid(stock_below_taken, budget_below_spent).
    """
    offer = locked(offer_id)
    version = _draft(offer_id)
    if version is None:
        raise Conflict(errors.NOTHING_TO_PUBLISH)
    if version.revision != seen:
        raise Conflict(errors.DRAFT_CHANGED)
    terms, proposed = terms_of(version), offer.proposed and offer.version_id is None
    if terms.stock_total is not None and terms.stock_total < offer.stock_taken:
        raise Invalid(errors.STOCK_BELOW_TAKEN, field="stock_total", taken=offer.stock_taken)
    if terms.budget_fen is not None and terms.budget_fen < offer.budget_spent_fen:
        raise Invalid(errors.BUDGET_BELOW_SPENT, field="budget", spent_fen=offer.budget_spent_fen)
    values = {"published_at": now, "published_by": actor}
    db.session.execute(update(Version).where(Version.id == version.id).values(values))
    holds = {"version_id": version.id, "stock_total": terms.stock_total, "budget_fen": terms.budget_fen}
    db.session.execute(update(Offer).where(Offer.id == offer_id).values(holds))
    _share_stock(offer_id, terms)
    if proposed:
        _answer(offer, terms.title, accepted=True)
    audit.record("offer.published", actor=actor, subject_id=offer_id, now=now, detail={"version": version.number})
    return VersionId(version.id)


def discard(*, offer_id: OfferId, actor: str, now: datetime.datetime, by_shop: bool = False) -> None:
    """Drops the draft; an offer that was never published goes with it. Audited. Raises as `publish`.

    Posts ProposalAnswered when the shop handed it in, unless the shop takes it back itself (`by_shop`).
    """
    offer = locked(offer_id)
    gone = db.session.execute(
        delete(Version)
        .where(Version.offer_id == offer_id, Version.published_at.is_(None))
        .returning(Version.id, Version.title)
    ).first()
    if gone is None:
        raise Conflict(errors.NOTHING_TO_PUBLISH)
    if offer.version_id is None:
        if offer.proposed and not by_shop:
            _answer(offer, gone.title, accepted=False)
        db.session.execute(delete(Offer).where(Offer.id == offer_id))
    audit.record("offer.discarded", actor=actor, subject_id=offer_id, now=now)


def _answer(offer: Offer, title: dict[str, str], *, accepted: bool) -> None:
    outbox.post(ProposalAnswered(offer.merchant_id, title["zh"], title.get("en", ""), accepted))


def locked(offer_id: OfferId) -> Offer:
    """The offer with its row locked. Raises NotFound(offer_unknown), Conflict(offer_withdrawn)."""
    offer = db.session.scalar(
        select(Offer)
        .where(Offer.id == offer_id)
        # Redemptions that are being written refer to this row: they and a new version need not wait for each other.
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if offer is None:
        raise NotFound(errors.OFFER_UNKNOWN)
    if offer.withdrawn_at is not None:
        raise Conflict(errors.OFFER_WITHDRAWN)
    return offer


def _draft(offer_id: uuid.UUID) -> Version | None:
    query = select(Version).where(Version.offer_id == offer_id, Version.published_at.is_(None))
    return db.session.scalar(query.execution_options(populate_existing=True))


def _write(offer: Offer, terms: Terms, actor: str, now: datetime.datetime) -> None:
    for fault in faults(terms):
        raise fault
    own = {branch.id for branch in merchants.branches_of(offer.merchant_id)}
    if any(share.branch_id not in own for share in terms.branches):
        raise Invalid(errors.BRANCH_OF_ANOTHER_SHOP, field="branches")
    if terms.audience_union_id and not within(
        unions.office(terms.audience_union_id).path, merchants.federation_of(offer.merchant_id)
    ):
        raise Invalid(errors.AUDIENCE_OF_ANOTHER_FEDERATION, field="audience_union_id")
    revision = offer.drafts_written + 1
    db.session.execute(update(Offer).where(Offer.id == offer.id).values(drafts_written=revision))
    number = db.session.scalar(select(func.count()).where(Version.offer_id == offer.id)) or 0
    db.session.execute(
        insert(Version).values(
            id=uuid7(),
            offer_id=offer.id,
            number=number + 1,
            revision=revision,
            drafted_by=actor,
            drafted_at=now,
            **_columns(terms),
        )
    )


def _columns(terms: Terms) -> dict[str, Any]:
    """Twin of rows.terms_of."""
    columns = {one.name: getattr(terms, one.name) for one in dataclasses.fields(Terms)}
    columns["hours"] = [[one.begin, one.until] for one in terms.hours]
    columns["branches"] = [[str(one.branch_id), one.stock_total] for one in terms.branches]
    for name in ("weekdays", "audience_groups", "audience_standings"):
        columns[name] = list(columns[name])
    return columns


def _share_stock(offer_id: OfferId, terms: Terms) -> None:
    """Writes what each branch has of its own; a branch that has none any more keeps its count."""
    for share in sorted(terms.branches, key=lambda one: one.branch_id):
        row = insert(BranchStock).values(offer_id=offer_id, branch_id=share.branch_id, total=share.stock_total, taken=0)
        written = row.on_conflict_do_update(
            index_elements=["offer_id", "branch_id"],
            set_={"total": row.excluded.total},
            where=func.coalesce(row.excluded.total, BranchStock.taken) >= BranchStock.taken,
        )
        if db.session.execute(written.returning(BranchStock.branch_id)).first() is None:
            raise Invalid(errors.STOCK_BELOW_TAKEN, field="branches")
