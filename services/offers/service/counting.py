"""Uses are counted, and taken back when one is undone: by member and window, by stock, by budget."""

import datetime
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import String, Uuid, bindparam, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from services.core.db import db, run
from services.core.errors import Conflict, LostRace
from services.members.types import MemberId
from services.offers import errors
from services.offers.models import Allowance, BranchStock, Offer
from services.offers.rules import windows
from services.offers.types import Offer as OfferView
from services.offers.types import Terms


@dataclass(frozen=True)
class PastCount:
    """A use that has happened already, elsewhere."""

    offer: OfferView
    member_id: MemberId
    branch_id: uuid.UUID
    day: datetime.date
    saved_fen: int | None


_COUNT = (
    insert(Allowance)
    .from_select(
        ["member_id", "offer_id", "window", "used"],
        select(
            bindparam("member_id", type_=Uuid()),
            bindparam("offer_id", type_=Uuid()),
            func.unnest(bindparam("windows", type_=ARRAY(String))),
            literal(1),
        ),
    )
    .on_conflict_do_update(index_elements=["member_id", "offer_id", "window"], set_={"used": Allowance.used + 1})
)


def count(offer: OfferView, *, member_id: MemberId, day: datetime.date) -> None:
    """Counts one use in each window that has a limit. Locks those allowance rows in the order of their key.

    The caller holds the member's card and has read the counts under that lock.
    """
    if keys := windows(offer, day=day):
        run(_COUNT, {"member_id": member_id, "offer_id": offer.id, "windows": keys})


_TAKE = (
    update(Offer)
    .where(
        Offer.id == bindparam("offer_id"),
        Offer.version_id == bindparam("decided_by"),
        or_(Offer.stock_total.is_(None), Offer.stock_taken + bindparam("pieces") <= Offer.stock_total),
        or_(Offer.budget_fen.is_(None), Offer.budget_spent_fen + bindparam("fen") <= Offer.budget_fen),
    )
    .values(
        stock_taken=Offer.stock_taken + bindparam("pieces"), budget_spent_fen=Offer.budget_spent_fen + bindparam("fen")
    )
    .returning(Offer.id)
)
_TAKE_THERE = (
    update(BranchStock)
    .where(
        BranchStock.offer_id == bindparam("this_offer"),
        BranchStock.branch_id == bindparam("at_branch"),
        BranchStock.taken < BranchStock.total,
    )
    .values(taken=BranchStock.taken + 1)
    .returning(BranchStock.branch_id)
)


def take(offer: OfferView, *, branch_id: uuid.UUID, saved_fen: int | None) -> None:
    """Takes one piece of limited stock and the saving off a limited budget; nothing to do without limits.

    Locks the offer's row, then the branch's: they stay locked until the commit and every till of the shop wants them,
    so call this last. Raises LostRace when somebody was faster, or when the terms have changed.
    """
    pieces, fen = _pieces(offer), _fen(offer, saved_fen)
    if offer.stock_total is not None or offer.budget_fen is not None:
        values = {"offer_id": offer.id, "decided_by": offer.version_id, "pieces": pieces, "fen": fen}
        if run(_TAKE, values).first() is None:
            raise LostRace
    there = {"this_offer": offer.id, "at_branch": branch_id}
    if offer.left_at(branch_id) is not None and run(_TAKE_THERE, there).first() is None:
        raise LostRace


def give_back(
    terms: Terms, *, offer_id: uuid.UUID, member_id: MemberId, branch_id: uuid.UUID, day: datetime.date,
    saved_fen: int | None,
) -> None:  # fmt: skip
    """Takes back what one use counted, by the terms it was decided by. Locks as `count` and then `take` do."""
    if keys := windows(terms, day=day):
        db.session.execute(
            select(Allowance.window)
            .where(Allowance.member_id == member_id, Allowance.offer_id == offer_id, Allowance.window.in_(keys))
            .order_by(Allowance.window)
            .with_for_update()
        )
        db.session.execute(
            update(Allowance)
            .where(Allowance.member_id == member_id, Allowance.offer_id == offer_id, Allowance.window.in_(keys))
            .values(used=Allowance.used - 1)
        )
    pieces, fen = _pieces(terms), _fen(terms, saved_fen)
    if pieces or fen:
        back = {"stock_taken": Offer.stock_taken - pieces, "budget_spent_fen": Offer.budget_spent_fen - fen}
        db.session.execute(update(Offer).where(Offer.id == offer_id).values(back))
    if any(share.branch_id == branch_id and share.stock_total is not None for share in terms.branches):
        db.session.execute(
            update(BranchStock)
            .where(BranchStock.offer_id == offer_id, BranchStock.branch_id == branch_id)
            .values(taken=BranchStock.taken - 1)
        )


def count_past_uses(uses: Iterable[PastCount]) -> None:
    """Counts uses that have happened already, each with its day: in windows, stock and budget, as at a till.

    Limits of a member are not judged here. Locks the allowance rows in the order of their key, then the offers' rows
    likewise. Raises Conflict(sold_out) if that is more than a stock or a budget holds.
    """
    used: Counter[tuple[uuid.UUID, uuid.UUID, str]] = Counter()
    taken: dict[uuid.UUID, tuple[int, int]] = {}
    there: Counter[tuple[uuid.UUID, uuid.UUID]] = Counter()
    for use in uses:
        offer = use.offer
        used.update((use.member_id, offer.id, window) for window in windows(offer, day=use.day))
        pieces, fen = taken.get(offer.id, (0, 0))
        taken[offer.id] = pieces + _pieces(offer), fen + _fen(offer, use.saved_fen)
        if offer.left_at(use.branch_id) is not None:
            there[offer.id, use.branch_id] += 1
    if used:
        statement = insert(Allowance)
        statement = statement.on_conflict_do_update(
            index_elements=["member_id", "offer_id", "window"], set_={"used": Allowance.used + statement.excluded.used}
        )
        keys = ("member_id", "offer_id", "window", "used")
        db.session.execute(statement, [dict(zip(keys, (*key, used[key]), strict=True)) for key in sorted(used)])
    for offer_id, (pieces, fen) in sorted(taken.items()):
        if pieces or fen:
            _take_many(offer_id, pieces, fen)
    for (offer_id, branch_id), pieces in sorted(there.items()):
        _take_many_there(offer_id, branch_id, pieces)


def _take_many(offer_id: uuid.UUID, pieces: int, fen: int) -> None:
    taken = db.session.execute(
        update(Offer)
        .where(
            Offer.id == offer_id,
            or_(Offer.stock_total.is_(None), Offer.stock_taken + pieces <= Offer.stock_total),
            or_(Offer.budget_fen.is_(None), Offer.budget_spent_fen + fen <= Offer.budget_fen),
        )
        .values(stock_taken=Offer.stock_taken + pieces, budget_spent_fen=Offer.budget_spent_fen + fen)
        .returning(Offer.id)
    ).first()
    if taken is None:
        raise Conflict(errors.SOLD_OUT)


def _take_many_there(offer_id: uuid.UUID, branch_id: uuid.UUID, pieces: int) -> None:
    taken = db.session.execute(
        update(BranchStock)
        .where(
            BranchStock.offer_id == offer_id,
            BranchStock.branch_id == branch_id,
            BranchStock.taken + pieces <= BranchStock.total,
        )
        .values(taken=BranchStock.taken + pieces)
        .returning(BranchStock.branch_id)
    ).first()
    if taken is None:
        raise Conflict(errors.SOLD_OUT)


def _pieces(terms: Terms) -> int:
    return int(terms.stock_total is not None)


def _fen(terms: Terms, saved_fen: int | None) -> int:
    return 0 if terms.budget_fen is None else saved_fen or 0
