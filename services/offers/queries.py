"""Reads."""

import datetime
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, bindparam, select, true
from sqlalchemy.orm import aliased

from services.core.db import Rows, db, run
from services.core.errors import Refusal
from services.core.paging import Page, PageRequest
from services.members.rules import may_use_benefits
from services.members.types import MemberId, Profile
from services.merchants import queries as merchants
from services.merchants.types import MerchantId, Trade
from services.offers.models import Allowance, Offer
from services.offers.rules import ALL, may_use
from services.offers.types import AmountPolicy, OfferId, OfferKind, Uses
from services.offers.types import Offer as OfferView
from services.unions import queries as unions
from services.unions.types import UnionPath


@dataclass(frozen=True)
class ListedOffer:
    """An offer in the public list, with its shop. For a reader who is a member: `allowed`, or the reason why not."""

    offer: OfferView
    merchant_name: dict[str, str]
    trade: Trade
    allowed: bool | None
    refusal: Refusal | None


def offers() -> Rows:
    """Every offer with the path of its audience, for a join: read a row with `offer_of`."""
    audience = unions.unions().subquery("audience")
    return select(
        Offer.id.label("offer_id"),
        Offer.merchant_id.label("offer_merchant_id"),
        Offer.title,
        Offer.kind,
        Offer.percent_off,
        Offer.threshold_fen,
        Offer.off_fen,
        Offer.gift,
        Offer.amount_policy,
        Offer.starts_on,
        Offer.ends_on,
        Offer.per_member_daily,
        Offer.per_member_total,
        Offer.stock_total,
        Offer.stock_taken,
        Offer.withdrawn_at,
        audience.c.union_path.label("audience_path"),
    ).outerjoin(audience, audience.c.union_id == Offer.audience_union_id)


def offer_of(row: Any) -> OfferView:
    return OfferView(
        id=OfferId(row.offer_id),
        merchant_id=MerchantId(row.offer_merchant_id),
        title=row.title,
        kind=OfferKind(row.kind),
        percent_off=row.percent_off,
        threshold_fen=row.threshold_fen,
        off_fen=row.off_fen,
        gift=row.gift,
        amount_policy=AmountPolicy(row.amount_policy),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        per_member_daily=row.per_member_daily,
        per_member_total=row.per_member_total,
        stock_total=row.stock_total,
        stock_taken=row.stock_taken,
        audience_path=UnionPath(row.audience_path) if row.audience_path else None,
        withdrawn=row.withdrawn_at is not None,
    )


def at_till(*, merchant_id: uuid.UUID, member_id: MemberId, today: datetime.date) -> list[tuple[OfferView, Uses]]:
    """Every offer of this shop that is not long gone, with this member's uses. One statement."""
    recent = today - datetime.timedelta(days=7)
    values = {"merchant_id": merchant_id, "member_id": member_id, "window": today.isoformat(), "recent": recent}
    return [(offer_of(row), _uses_of(row)) for row in run(_AT_TILL, values)]


def of_shop(*, merchant_id: uuid.UUID, today: datetime.date) -> list[OfferView]:
    """What a shop gives on that day, the oldest first. One statement."""
    query = offers().where(Offer.merchant_id == merchant_id, Offer.starts_on <= today, Offer.ends_on >= today)
    query = query.where(Offer.withdrawn_at.is_(None))
    return [offer_of(row) for row in db.session.execute(query.order_by(Offer.id))]


def page_of_offers(
    *, today: datetime.date, request: PageRequest, reader: Profile | None = None, trade: Trade | None = None
) -> Page[ListedOffer]:
    """Offers that run today or will, at shops whose agreement runs; newest first. One statement."""
    shop = merchants.open_on(today).subquery("shop")
    query = _with_uses(offers(), reader.id if reader else None, today.isoformat()).join(
        shop, shop.c.merchant_id == Offer.merchant_id
    )
    query = query.add_columns(shop.c.merchant_name, shop.c.trade)
    query = query.where(Offer.withdrawn_at.is_(None), Offer.ends_on >= today)
    if trade:
        query = query.where(shop.c.trade == trade)
    rows = db.session.execute(request.apply(query, Offer.id)).all()
    return request.page([_listed(row, reader, today) for row in rows], [row.offer_id for row in rows])


def _listed(row: Any, reader: Profile | None, today: datetime.date) -> ListedOffer:
    offer, refusal = offer_of(row), None
    if reader:
        refusal = may_use_benefits(reader.standing) or may_use(
            offer, union_path=reader.union_path, uses=_uses_of(row), today=today
        )
    return ListedOffer(offer, row.merchant_name, Trade(row.trade), refusal is None if reader else None, refusal)


def _with_uses(query: Rows, member_id: MemberId | BindParameter[Any] | None, day: str | BindParameter[Any]) -> Rows:
    daily, total = aliased(Allowance), aliased(Allowance)
    for alias, window in ((daily, day), (total, ALL)):
        mine = ~true() if member_id is None else alias.member_id == member_id
        query = query.outerjoin(alias, (alias.offer_id == Offer.id) & mine & (alias.window == window))
    return query.add_columns(daily.used.label("used_today"), total.used.label("used_in_all"))


_AT_TILL = (
    _with_uses(offers(), bindparam("member_id"), bindparam("window"))
    .where(
        Offer.merchant_id == bindparam("merchant_id"),
        Offer.withdrawn_at.is_(None),
        Offer.ends_on >= bindparam("recent"),
    )
    .order_by(Offer.id)
)


def _uses_of(row: Any) -> Uses:
    return Uses(row.used_today or 0, row.used_in_all or 0)
