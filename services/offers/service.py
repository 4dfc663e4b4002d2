"""Verbs: publish and withdraw an offer; count uses; take stock."""

import datetime
import uuid
from collections import Counter
from collections.abc import Iterable

from sqlalchemy import String, Uuid, bindparam, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert

from services.core import audit
from services.core.db import db, run
from services.core.errors import Conflict, LostRace, NotFound
from services.core.ids import uuid7
from services.members.types import MemberId
from services.merchants.types import MerchantId
from services.offers import errors
from services.offers.models import Allowance, Offer
from services.offers.rules import ALL, windows
from services.offers.types import AmountPolicy, OfferId, OfferKind, Uses
from services.offers.types import Offer as OfferView
from services.unions.types import UnionId


def publish(
    *,
    merchant_id: MerchantId,
    title: dict[str, str],
    kind: OfferKind,
    starts_on: datetime.date,
    ends_on: datetime.date,
    actor: str,
    now: datetime.datetime,
    amount_policy: AmountPolicy = AmountPolicy.REQUIRED,
    percent_off: int | None = None,
    threshold_fen: int | None = None,
    off_fen: int | None = None,
    gift: dict[str, str] | None = None,
    per_member_daily: int | None = None,
    per_member_total: int | None = None,
    stock_total: int | None = None,
    audience_union_id: UnionId | None = None,
) -> OfferId:
    """Adds an offer; the table refuses terms that contradict each other. Audited."""
    offer = Offer(
        id=uuid7(),
        merchant_id=merchant_id,
        title=title,
        kind=kind,
        percent_off=percent_off,
        threshold_fen=threshold_fen,
        off_fen=off_fen,
        gift=gift,
        amount_policy=amount_policy,
        starts_on=starts_on,
        ends_on=ends_on,
        per_member_daily=per_member_daily,
        per_member_total=per_member_total,
        stock_total=stock_total,
        stock_taken=0,
        audience_union_id=audience_union_id,
    )
    db.session.add(offer)
    db.session.flush()
    audit.record("offer.published", actor=actor, subject_id=offer.id, now=now)
    return OfferId(offer.id)


def withdraw(*, offer_id: OfferId, actor: str, now: datetime.datetime) -> None:
    """Ends the offer at once. Raises NotFound(offer_unknown). Audited."""
    done = db.session.execute(
        update(Offer).where(Offer.id == offer_id).values(withdrawn_at=now).returning(Offer.id)
    ).first()
    if done is None:
        raise NotFound(errors.OFFER_UNKNOWN)
    audit.record("offer.withdrawn", actor=actor, subject_id=offer_id, now=now)


_COUNT_USE = (
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
    .returning(Allowance.window, Allowance.used)
)


def count_use(offer: OfferView, *, member_id: MemberId, today: datetime.date) -> Uses:
    """Counts one use in each window that has a limit and returns the uses *before* it.

    Locks those allowance rows, in the order of their key, until the transaction ends: two tills with one member
    queue here, different members never meet. If the answer is no after all, call `uncount_use`.
    """
    keys = windows(offer, today=today)
    if not keys:
        return Uses()
    counted = run(_COUNT_USE, {"member_id": member_id, "offer_id": offer.id, "windows": keys})
    used = {row.window: row.used - 1 for row in counted}
    return Uses(used.get(today.isoformat(), 0), used.get(ALL, 0))


def uncount_use(offer: OfferView, *, member_id: MemberId, today: datetime.date) -> None:
    """Takes back what `count_use` counted, in the same transaction or in a later one."""
    keys = windows(offer, today=today)
    if keys:
        db.session.execute(
            update(Allowance)
            .where(Allowance.member_id == member_id, Allowance.offer_id == offer.id, Allowance.window.in_(keys))
            .values(used=Allowance.used - 1)
        )


def count_past_uses(uses: Iterable[tuple[OfferView, MemberId, datetime.date]]) -> None:
    """Counts uses that have happened already, each with its day: in the windows that have a limit, and in the stock.

    Limits are not judged here. Locks the allowance rows in the order of their key, then the offers' rows likewise.
    Raises Conflict(sold_out) if that is more than a stock holds.
    """
    used: Counter[tuple[uuid.UUID, uuid.UUID, str]] = Counter()
    pieces: Counter[uuid.UUID] = Counter()
    for offer, member_id, day in uses:
        used.update((member_id, offer.id, window) for window in windows(offer, today=day))
        if offer.stock_total is not None:
            pieces[offer.id] += 1
    if used:
        statement = insert(Allowance)
        statement = statement.on_conflict_do_update(
            index_elements=["member_id", "offer_id", "window"], set_={"used": Allowance.used + statement.excluded.used}
        )
        keys = ("member_id", "offer_id", "window", "used")
        db.session.execute(statement, [dict(zip(keys, (*key, used[key]), strict=True)) for key in sorted(used)])
    for offer_id, count in sorted(pieces.items()):
        _take_pieces(offer_id, count)


def _take_pieces(offer_id: uuid.UUID, count: int) -> None:
    taken = db.session.execute(
        update(Offer)
        .where(Offer.id == offer_id, Offer.stock_taken + count <= Offer.stock_total)
        .values(stock_taken=Offer.stock_taken + count)
        .returning(Offer.id)
    ).first()
    if taken is None:
        raise Conflict(errors.SOLD_OUT)


_TAKE_STOCK = (
    update(Offer)
    .where(Offer.id == bindparam("offer_id"), Offer.stock_taken < Offer.stock_total)
    .values(stock_taken=Offer.stock_taken + 1)
    .returning(Offer.id)
)


def take_stock(offer: OfferView) -> None:
    """Takes one piece of a limited stock; nothing to do without a limit. Raises LostRace when none is left.

    The offer's row stays locked until the commit and every till of the shop wants it: call this last.
    """
    if offer.stock_total is None:
        return
    if run(_TAKE_STOCK, {"offer_id": offer.id}).first() is None:
        raise LostRace
