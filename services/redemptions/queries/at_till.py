"""What a till reads: one redemption's whole state, a scan and its answers, wrong typed codes."""

import datetime
import uuid
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, func, select

from services.accounts.types import ClerkActor
from services.cards import queries as cards
from services.cards.errors import TYPED_CODE_WRONG
from services.cards.types import CardStatus
from services.core.calendar import day_bounds, local_date
from services.core.db import Rows, db, run
from services.core.errors import NotFound
from services.members import queries as members
from services.members.rules import masked_name
from services.members.types import Holder, MemberId
from services.merchants import queries as merchants
from services.merchants.types import Counter
from services.offers import queries as offers
from services.offers import rules as offer_rules
from services.offers.rules import ONE_PURCHASE
from services.offers.types import Offer, OfferId, Person, Uses, Visit
from services.redemptions.errors import SCAN_UNKNOWN
from services.redemptions.models import Attempt, Redemption, Scan
from services.redemptions.rules import CLERK_WINDOW
from services.redemptions.types import OfferAnswer, RedemptionId, ScanId, ScanView

VISITS = 10
"""How many uses one purchase is looked for among: those that may forbid another come first."""

_version = offers.versions().subquery("version")


@dataclass(frozen=True)
class Till:
    """Everything that decides one redemption, read in one statement once scan and card are locked."""

    scan_id: ScanId
    clerk_id: uuid.UUID
    expires_at: datetime.datetime
    used: bool
    card_status: CardStatus
    holder: Holder
    counter: Counter
    #: None when this shop has no such offer
    offer: Offer | None
    uses: Uses


@dataclass(frozen=True)
class FormerScan:
    id: ScanId
    clerk_id: uuid.UUID
    merchant_id: uuid.UUID
    scanned_at: datetime.datetime


@dataclass(frozen=True)
class WrongTyped:
    """Wrong typed codes: by this clerk in the last ten minutes, at this branch today."""

    by_clerk: int
    oldest_seconds: int
    at_branch: int


_LOCK = (
    select(Scan.id)
    .join(cards.BARE, cards.BARE.id == Scan.card_id)
    .where(Scan.id == bindparam("scan_id"))
    .with_for_update(key_share=True)
)
_VISIT = (
    select(Redemption.offer_id, Redemption.offer_title, Redemption.redeemed_at, _version.c.stacks)
    .join(_version, _version.c.version_id == Redemption.version_id)
    .where(
        Redemption.member_id == bindparam("member_id"),
        Redemption.merchant_id == bindparam("merchant_id"),
        Redemption.voided_at.is_(None),
    )
    .order_by(
        ((Redemption.redeemed_at > bindparam("since")) & ~_version.c.stacks).desc(), Redemption.redeemed_at.desc()
    )
    .limit(VISITS)
)


def _till() -> Rows:
    card, counter = cards.cards_with_holders().subquery("card"), merchants.counters().subquery("counter")
    offer = offers.offers().subquery("offer")
    this_offer = (offer.c.offer_id == bindparam("offer_id")) & (offer.c.offer_merchant_id == Scan.merchant_id)
    query = (
        select(Scan.id.label("scan_id"), Scan.clerk_id, Scan.expires_at, Redemption.id.label("redemption_id"))
        .add_columns(*_without(card, "card_id"), *_without(counter, "clerk_id"), *offer.c)
        .join(card, card.c.card_id == Scan.card_id)
        .join(counter, counter.c.clerk_id == Scan.clerk_id)
        .outerjoin(Redemption, Redemption.scan_id == Scan.id)
        .outerjoin(offer, this_offer)
        .where(Scan.id == bindparam("scan_id"))
    )
    return offers.with_uses(query, card.c.member_id, offers.BOUND_KEYS, offer.c.offer_id)


def _without(subquery: Any, *names: str) -> list[Any]:
    return [column for column in subquery.c if column.name not in names]


_TILL = _till()


def till(*, scan_id: ScanId, offer_id: OfferId, now: datetime.datetime) -> Till | None:
    """Locks the scan's row and the card's until the transaction ends; None if there is no such scan.

    One member's redemptions queue at the card: what is read after it is exact. Three statements.
    """
    if run(_LOCK, {"scan_id": scan_id}).first() is None:
        return None
    row = run(_TILL, {"scan_id": scan_id, "offer_id": offer_id, **offers.keys(local_date(now))}).one()
    holder, counter = members.holder_of(row), merchants.counter_of(row)
    offer = offers.offer_of(row) if row.offer_id else None
    uses = offers.uses_of(row)
    if offer:
        visits = visits_of(holder.member_id, merchant_id=counter.merchant_id, now=now)
        uses = with_visits(uses, offer.id, visits, now=now)
    return Till(
        ScanId(row.scan_id),
        row.clerk_id,
        row.expires_at,
        row.redemption_id is not None,
        CardStatus(row.card_status),
        holder,
        counter,
        offer,
        uses,
    )


def visits_of(member_id: MemberId, *, merchant_id: uuid.UUID, now: datetime.datetime) -> list[tuple[uuid.UUID, Visit]]:
    """The member's latest uses at this shop that stand, each with its offer. One statement.

    First those within ONE_PURCHASE that add up with nothing, so that no number of others hides them.
    """
    rows = run(_VISIT, {"member_id": member_id, "merchant_id": merchant_id, "since": now - ONE_PURCHASE})
    return [(row.offer_id, Visit(row.offer_title, row.redeemed_at, row.stacks)) for row in rows]


def with_visits(
    uses: Uses, offer_id: OfferId, visits: list[tuple[uuid.UUID, Visit]], *, now: datetime.datetime
) -> Uses:
    """Adds to the counts whether the member was here before, and another offer that may belong to this purchase."""
    others = (visit for other, visit in visits if other != offer_id and visit.at > now - ONE_PURCHASE)
    # One that adds up with anything hides no older one that does not.
    lately = min(others, key=lambda visit: visit.stacks, default=None)
    return replace(uses, been_here=bool(visits), lately=lately)


def been_to(member_id: MemberId) -> Rows:
    """The shops where this member has used anything that stands: one column, for a query of a lower package."""
    return select(Redemption.merchant_id).where(Redemption.member_id == member_id, Redemption.voided_at.is_(None))


def shops_used(member_id: MemberId) -> frozenset[uuid.UUID]:
    """As `been_to`, read. One statement."""
    return frozenset(db.session.scalars(been_to(member_id).distinct()))


def scan_of_code(card_id: uuid.UUID, ref: str) -> FormerScan | None:
    """The scan that burnt this code."""
    row = db.session.execute(
        select(Scan.id, Scan.clerk_id, Scan.merchant_id, Scan.scanned_at).where(
            Scan.card_id == card_id, Scan.ref == ref
        )
    ).first()
    return FormerScan(ScanId(row.id), row.clerk_id, row.merchant_id, row.scanned_at) if row else None


def scan_view(*, scan_id: ScanId, actor: ClerkActor, now: datetime.datetime) -> ScanView:
    """This clerk's own scan as it stands now. Raises NotFound(scan_unknown), also for another clerk's."""
    card = cards.cards_with_holders().subquery("card")
    row = db.session.execute(
        select(Scan.scanned_at, Scan.expires_at, Redemption.id.label("redemption_id"), *card.c)
        .join(card, card.c.card_id == Scan.card_id)
        .outerjoin(Redemption, Redemption.scan_id == Scan.id)
        .where(Scan.id == scan_id, Scan.clerk_id == actor.clerk_id)
    ).first()
    if row is None:
        raise NotFound(SCAN_UNKNOWN)
    return answer(
        members.holder_of(row),
        scan_id=scan_id,
        scanned_at=row.scanned_at,
        expires_at=row.expires_at,
        actor=actor,
        now=now,
        redemption_id=row.redemption_id,
    )


def answer(
    holder: Holder,
    *,
    scan_id: ScanId,
    scanned_at: datetime.datetime,
    expires_at: datetime.datetime,
    actor: ClerkActor,
    now: datetime.datetime,
    redemption_id: uuid.UUID | None = None,
) -> ScanView:
    """Every offer of the clerk's shop for this holder, allowed ones first, each no with its reason."""
    found = offers.at_till(merchant_id=actor.merchant_id, member_id=holder.member_id, today=local_date(now))
    visits = visits_of(holder.member_id, merchant_id=actor.merchant_id, now=now) if found else []
    person = Person(holder.union_path, holder.standing, holder.trade_group)
    moment = offers.moment(now, [offer for offer, _ in found])
    answers = []
    for offer, counted in found:
        uses = with_visits(counted, offer.id, visits, now=now)
        refusal = offer_rules.may_use(offer, person, uses=uses, moment=moment, branch_id=actor.branch_id)
        answers.append(OfferAnswer(offer, uses, refusal))
    return ScanView(
        scan_id,
        masked_name(holder.name),
        holder.union_name,
        scanned_at,
        expires_at,
        tuple(sorted(answers, key=lambda one: one.refusal is not None)),
        RedemptionId(redemption_id) if redemption_id else None,
    )


def wrong_typed(*, actor: ClerkActor, now: datetime.datetime) -> WrongTyped:
    """Counts this branch's wrong typed codes of the day in China; the caller holds the branch's row lock."""
    midnight, _ = day_bounds(local_date(now))
    recent = now - CLERK_WINDOW
    mine = (Attempt.clerk_id == actor.clerk_id) & (Attempt.at > recent)
    row = db.session.execute(
        select(
            func.count().filter(mine).label("by_clerk"),
            func.min(Attempt.at).filter(mine).label("oldest"),
            func.count().filter(Attempt.at >= midnight).label("at_branch"),
        ).where(
            Attempt.branch_id == actor.branch_id,
            Attempt.code == TYPED_CODE_WRONG,
            Attempt.at > min(midnight, recent),
        )
    ).one()
    oldest = int((now - row.oldest).total_seconds()) if row.oldest else 0
    return WrongTyped(row.by_clerk, oldest, row.at_branch)
