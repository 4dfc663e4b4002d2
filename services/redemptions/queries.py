"""Reads. What a clerk, a member or an officer may see is a required argument of each."""

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
from services.core.paging import Page, PageRequest
from services.members import queries as members
from services.members.rules import masked_name
from services.members.types import Holder, MemberId
from services.merchants import queries as merchants
from services.merchants.types import Counter
from services.offers import queries as offers
from services.offers import rules as offer_rules
from services.offers.rules import ONE_PURCHASE
from services.offers.types import Offer, OfferId, Person, Uses, Visit
from services.redemptions.errors import REDEMPTION_UNKNOWN, SCAN_UNKNOWN
from services.redemptions.models import Attempt, Redemption, Scan
from services.redemptions.rules import CLERK_WINDOW
from services.redemptions.types import OfferAnswer, Receipt, RedemptionId, ScanId, ScanView

VISITS = 10
"""How many uses back one purchase is looked for: nobody makes more in a quarter of an hour."""

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
    .order_by(Redemption.id.desc())
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
        visits = visits_of(holder.member_id, merchant_id=counter.merchant_id)
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


def visits_of(member_id: MemberId, *, merchant_id: uuid.UUID) -> list[tuple[uuid.UUID, Visit]]:
    """The member's latest uses at this shop that stand, the newest first, each with its offer. One statement."""
    rows = run(_VISIT, {"member_id": member_id, "merchant_id": merchant_id})
    return [(row.offer_id, Visit(row.offer_title, row.redeemed_at, row.stacks)) for row in rows]


def with_visits(
    uses: Uses, offer_id: OfferId, visits: list[tuple[uuid.UUID, Visit]], *, now: datetime.datetime
) -> Uses:
    """Adds to the counts whether the member was here before, and another offer that may belong to this purchase."""
    others = (visit for other, visit in visits if other != offer_id and visit.at > now - ONE_PURCHASE)
    # One that adds up with anything hides no older one that does not.
    lately = min(others, key=lambda visit: visit.stacks, default=None)
    return replace(uses, been_here=bool(visits), lately=lately)


def shops_used(member_id: MemberId) -> frozenset[uuid.UUID]:
    """Where this member has used anything that stands. One statement."""
    query = select(Redemption.merchant_id.distinct()).where(
        Redemption.member_id == member_id, Redemption.voided_at.is_(None)
    )
    return frozenset(db.session.scalars(query))


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
    visits = visits_of(holder.member_id, merchant_id=actor.merchant_id) if found else []
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


def receipt_of_member(redemption_id: RedemptionId, *, member_id: MemberId) -> Receipt | None:
    return _one(_receipts().where(Redemption.id == redemption_id, Redemption.member_id == member_id))


def receipt_of_branch(redemption_id: RedemptionId, *, branch_id: uuid.UUID) -> Receipt | None:
    return _one(_receipts().where(Redemption.id == redemption_id, Redemption.branch_id == branch_id))


def latest_of_member(*, member_id: MemberId, since: datetime.datetime) -> Receipt | None:
    """The member's newest redemption since then that he has not disputed: what the card page tells at the counter."""
    stands = Redemption.disputed_at.is_(None) & Redemption.voided_at.is_(None)
    recent = (Redemption.member_id == member_id) & (Redemption.redeemed_at >= since) & stands
    return _one(_receipts().where(recent).order_by(Redemption.id.desc()).limit(1))


def receipt_of(redemption_id: RedemptionId) -> Receipt:
    """For whoever may see every one. Raises NotFound(redemption_unknown)."""
    found = _one(_receipts().where(Redemption.id == redemption_id))
    if found is None:
        raise NotFound(REDEMPTION_UNKNOWN)
    return found


def receipt(redemption_id: RedemptionId) -> tuple[Receipt, MemberId, uuid.UUID] | None:
    """For the gateway, which tells both sides: the receipt, its member and its branch."""
    row = db.session.execute(_receipts().where(Redemption.id == redemption_id)).first()
    return (_receipt(row), MemberId(row.member_id), row.branch_id) if row else None


def history(*, member_id: MemberId, request: PageRequest) -> Page[Receipt]:
    """A member's own redemptions, newest first. One statement."""
    rows = db.session.execute(request.apply(_receipts().where(Redemption.member_id == member_id), Redemption.id)).all()
    return request.page([_receipt(row) for row in rows], [row.id for row in rows])


def day_at_branch(*, branch_id: uuid.UUID, day: datetime.date, request: PageRequest) -> Page[Receipt]:
    """A branch's redemptions of one day in China, newest first. One statement."""
    begin, end = day_bounds(day)
    query = _receipts().where(
        Redemption.branch_id == branch_id, Redemption.redeemed_at >= begin, Redemption.redeemed_at < end
    )
    rows = db.session.execute(request.apply(query, Redemption.id)).all()
    return request.page([_receipt(row) for row in rows], [row.id for row in rows])


def count_at_branch(*, branch_id: uuid.UUID, day: datetime.date) -> int:
    begin, end = day_bounds(day)
    query = select(func.count()).where(
        Redemption.branch_id == branch_id,
        Redemption.redeemed_at >= begin,
        Redemption.redeemed_at < end,
        Redemption.voided_at.is_(None),
    )
    return db.session.scalar(query) or 0


def saved_since(*, member_id: MemberId, since: datetime.datetime) -> tuple[int, int]:
    """How often, and how many fen in all, a member has saved since then; uses with no amount count as 0 fen."""
    row = db.session.execute(
        select(func.count(), func.coalesce(func.sum(Redemption.saved_fen), 0)).where(
            Redemption.member_id == member_id,
            Redemption.redeemed_at >= since,
            Redemption.disputed_at.is_(None),
            Redemption.voided_at.is_(None),
        )
    ).one()
    return row[0], int(row[1] or 0)


def disputed_since(*, member_id: MemberId, since: datetime.datetime) -> bool:
    """Has this member said of a use since then that it was not his?"""
    query = select(Redemption.id).where(Redemption.member_id == member_id, Redemption.disputed_at >= since)
    return db.session.scalar(query.limit(1)) is not None


def redemptions() -> Rows:
    """Plain columns of every redemption, for reports to join and group."""
    return select(
        Redemption.id.label("redemption_id"),
        Redemption.member_id,
        Redemption.merchant_id,
        Redemption.branch_id,
        Redemption.offer_title,
        Redemption.amount_fen,
        Redemption.saved_fen,
        Redemption.redeemed_at,
        Redemption.disputed_at,
        Redemption.voided_at,
        Redemption.offer_id,
        Redemption.clerk_id,
    )


def _receipts() -> Rows:
    place, holder = merchants.names().subquery("place"), members.holders().subquery("holder")
    return (
        select(Redemption, place.c.merchant_name, place.c.branch_name, holder.c.member_name)
        .add_columns(Redemption.id, Redemption.member_id, Redemption.branch_id)
        .join(place, place.c.branch_id == Redemption.branch_id)
        .join(holder, holder.c.member_id == Redemption.member_id)
    )


def _one(query: Rows) -> Receipt | None:
    row = db.session.execute(query).first()
    return _receipt(row) if row else None


def _receipt(row: Any) -> Receipt:
    redemption: Redemption = row[0]
    return Receipt(
        id=RedemptionId(redemption.id),
        offer_title=redemption.offer_title,
        gift=redemption.gift,
        merchant_name=row.merchant_name,
        branch_name=row.branch_name,
        masked_name=masked_name(row.member_name),
        amount_fen=redemption.amount_fen,
        saved_fen=redemption.saved_fen,
        pay_fen=redemption.pay_fen,
        redeemed_at=redemption.redeemed_at,
        disputed_at=redemption.disputed_at,
        voided_at=redemption.voided_at,
        offer_id=OfferId(redemption.offer_id),
    )
