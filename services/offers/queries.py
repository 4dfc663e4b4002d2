"""Reads."""

import dataclasses
import datetime
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, func, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by

from services.core import workdays
from services.core.calendar import DAY, local_date
from services.core.db import Rows, db, run
from services.core.errors import NotFound
from services.members.types import MemberId
from services.merchants import queries as merchants
from services.merchants.types import BranchId, MerchantId, Record
from services.offers.errors import OFFER_UNKNOWN
from services.offers.models import Allowance, BranchStock, Offer, Version
from services.offers.rows import TERMS, terms_of, values_of
from services.offers.rules import ALL, day_key, month_key, week_key
from services.offers.types import (
    Draft,
    Holidays,
    Moment,
    OfferId,
    Terms,
    Uses,
    VersionId,
)
from services.offers.types import Offer as OfferView
from services.unions import queries as unions
from services.unions.types import UnionPath


def _branch_taken() -> ColumnElement[Any]:
    """[[branch, taken], …] of an offer, one row."""
    pair = func.jsonb_build_array(BranchStock.branch_id, BranchStock.taken)
    query = select(func.jsonb_agg(aggregate_order_by(pair, BranchStock.branch_id)))
    return query.where(BranchStock.offer_id == Offer.id).correlate(Offer).scalar_subquery()


def offers() -> Rows:
    """Every offer that was published, with its terms and whom it is for, for a join: read by `offer_of`."""
    audience, shop = unions.unions().subquery("audience"), merchants.federations().subquery("offering")
    return (
        select(
            Offer.id.label("offer_id"),
            Offer.merchant_id.label("offer_merchant_id"),
            Offer.version_id,
            Version.number.label("version_number"),
            *TERMS,
            Offer.stock_taken,
            Offer.budget_spent_fen,
            Offer.paused_at,
            Offer.paused_by_shop,
            Offer.withdrawn_at,
            _branch_taken().label("branch_taken"),
            shop.c.federation_path.label("offer_federation_path"),
            audience.c.union_path.label("audience_path"),
            audience.c.union_name.label("audience_name"),
        )
        .join(Version, Version.id == Offer.version_id)
        .join(shop, shop.c.merchant_id == Offer.merchant_id)
        .outerjoin(audience, audience.c.union_id == Version.audience_union_id)
    )


def offer_of(row: Any) -> OfferView:
    return OfferView(
        **values_of(row),
        id=OfferId(row.offer_id),
        merchant_id=MerchantId(row.offer_merchant_id),
        version_id=VersionId(row.version_id),
        number=row.version_number,
        federation_path=UnionPath(row.offer_federation_path),
        stock_taken=row.stock_taken,
        budget_spent_fen=row.budget_spent_fen,
        branch_taken=tuple((BranchId(uuid.UUID(branch)), taken) for branch, taken in row.branch_taken or ()),
        audience_path=UnionPath(row.audience_path) if row.audience_path else None,
        audience_name=row.audience_name,
        paused=row.paused_at is not None,
        paused_by_shop=row.paused_by_shop,
        withdrawn=row.withdrawn_at is not None,
    )


def moment(at: datetime.datetime, offers: Iterable[Terms]) -> Moment:
    """That instant as these offers see it. One statement, and none unless one of them asks about public holidays."""
    day = local_date(at)
    asked = any(one.holidays is not Holidays.ANY for one in offers)
    return Moment(at, workdays.holidays(day - DAY, day) if asked else frozenset())


def versions() -> Rows:
    """version_id and every column of the terms, for a join: read by `terms_of`."""
    return select(Version.id.label("version_id"), *TERMS)


def terms_of_version(version_id: uuid.UUID) -> Terms:
    """What a redemption was decided by."""
    return terms_of(db.session.scalars(select(Version).where(Version.id == version_id)).one())


def offer(offer_id: OfferId) -> OfferView:
    """An offer that was published, whatever became of it. Raises NotFound(offer_unknown)."""
    row = db.session.execute(offers().where(Offer.id == offer_id)).first()
    if row is None:
        raise NotFound(OFFER_UNKNOWN)
    return offer_of(row)


def draft(offer_id: OfferId) -> Draft | None:
    """The terms that are being written for this offer."""
    return next(iter(_drafts(Offer.id == offer_id)), None)


def as_offer(terms: Terms, *, offer_id: OfferId, shop: Record, held: OfferView | None) -> OfferView:
    """Terms that are being written as an offer that holds, with the counters as they stand. Never paused."""
    given = {one.name: getattr(terms, one.name) for one in dataclasses.fields(Terms)}
    union = unions.office(terms.audience_union_id) if terms.audience_union_id else None
    return OfferView(
        **given,
        id=offer_id,
        merchant_id=shop.id,
        version_id=held.version_id if held else VersionId(offer_id),
        number=(held.number if held else 0) + 1,
        federation_path=shop.federation_path,
        stock_taken=held.stock_taken if held else 0,
        budget_spent_fen=held.budget_spent_fen if held else 0,
        branch_taken=held.branch_taken if held else (),
        audience_path=union.path if union else None,
        audience_name=union.name if union else None,
    )


def drafts_of(merchant_id: MerchantId) -> list[Draft]:
    """Everything that is being written for this shop, the newest first. One statement."""
    return _drafts(Offer.merchant_id == merchant_id)


def _drafts(which: ColumnElement[bool]) -> list[Draft]:
    query = (
        select(Offer.id.label("offer_id"), Offer.merchant_id, Version.revision, Version.drafted_by, Version.drafted_at)
        .add_columns(*TERMS, Offer.proposed, Offer.version_id)
        .join(Version, Version.offer_id == Offer.id)
        .where(which, Version.published_at.is_(None), Offer.withdrawn_at.is_(None))
        .order_by(Version.drafted_at.desc())
    )
    return [
        Draft(
            OfferId(row.offer_id), MerchantId(row.merchant_id), row.revision, terms_of(row), row.drafted_by,
            row.drafted_at, row.proposed, row.version_id is not None,
        )
        for row in db.session.execute(query)
    ]  # fmt: skip


def drafts_waiting(scopes: Sequence[UnionPath]) -> list[Draft]:
    """What shops of these federations handed in and nobody has answered, the oldest first. One statement."""
    shop = merchants.federations().subquery("shop")
    those = select(shop.c.merchant_id).where(unions.in_scopes(shop.c.federation_path, scopes))
    found = _drafts(and_(Offer.proposed, Offer.version_id.is_(None), Offer.merchant_id.in_(those)))
    return found[::-1]


def waiting() -> Rows:
    """offer_id, merchant_id, drafted_at of what shops handed in and nobody has answered, for a join."""
    return (
        select(Offer.id.label("offer_id"), Offer.merchant_id, Version.drafted_at)
        .join(Version, and_(Version.offer_id == Offer.id, Version.published_at.is_(None)))
        .where(Offer.proposed, Offer.version_id.is_(None), Offer.withdrawn_at.is_(None))
    )


def all_of_shop(merchant_id: MerchantId) -> list[OfferView]:
    """Every offer that a shop ever published, the newest first: for its owner and for the federation. One statement."""
    query = offers().where(Offer.merchant_id == merchant_id).order_by(Offer.id.desc())
    return [offer_of(row) for row in db.session.execute(query)]


def history(offer_id: OfferId) -> list[tuple[int, datetime.datetime, str, Terms]]:
    """Number, time of publishing, by whom, terms: of every version that was published, the newest first."""
    query = select(Version).where(Version.offer_id == offer_id, Version.published_at.is_not(None))
    rows = db.session.scalars(query.order_by(Version.number.desc()))
    return [(row.number, row.published_at, row.published_by, terms_of(row)) for row in rows if row.published_at]  # type: ignore[misc]


def at_till(*, merchant_id: uuid.UUID, member_id: MemberId, today: datetime.date) -> list[tuple[OfferView, Uses]]:
    """Every offer of this shop that is not long gone, with this member's counted uses. One statement."""
    recent = today - datetime.timedelta(days=7)
    values = {"merchant_id": merchant_id, "member_id": member_id, "recent": recent, **keys(today)}
    return [(offer_of(row), uses_of(row)) for row in run(_AT_TILL, values)]


def of_shop(*, merchant_id: uuid.UUID, today: datetime.date) -> list[OfferView]:
    """What a shop gives on that day, the oldest first. One statement."""
    query = offers().where(Offer.merchant_id == merchant_id, Version.starts_on <= today, Version.ends_on >= today)
    query = query.where(Offer.withdrawn_at.is_(None), Offer.paused_at.is_(None))
    return [offer_of(row) for row in db.session.execute(query.order_by(Offer.id))]


def keys(day: datetime.date) -> dict[str, str]:
    """The windows of that day, by the names that `with_uses` binds."""
    return {"day_key": day_key(day), "week_key": week_key(day), "month_key": month_key(day)}


def with_uses(
    query: Select[Any],
    member_id: MemberId | BindParameter[Any] | ColumnElement[Any] | None,
    windows: dict[str, str] | dict[str, BindParameter[str]],
    offer_id: ColumnElement[Any] | None = None,
) -> Rows:
    """Adds a member's counted uses to a query over offers: read by `uses_of`."""
    names = {"used_today": windows["day_key"], "used_week": windows["week_key"], "used_month": windows["month_key"]}
    names["used_in_all"] = ALL
    counts = [func.max(Allowance.used).filter(Allowance.window == window).label(name) for name, window in names.items()]
    mine = ~true() if member_id is None else Allowance.member_id == member_id
    this = Offer.id if offer_id is None else offer_id
    used = (
        select(*counts)
        .where(mine, Allowance.offer_id == this, Allowance.window.in_(list(names.values())))
        .correlate_except(Allowance)
        .lateral("used")
    )
    return query.join(used, true()).add_columns(*used.c)


def uses_of(row: Any) -> Uses:
    return Uses(row.used_today or 0, row.used_week or 0, row.used_month or 0, row.used_in_all or 0)


BOUND_KEYS: dict[str, BindParameter[str]] = {name: bindparam(name) for name in ("day_key", "week_key", "month_key")}

_AT_TILL = (
    with_uses(offers(), bindparam("member_id"), BOUND_KEYS)
    .where(
        Offer.merchant_id == bindparam("merchant_id"),
        Offer.withdrawn_at.is_(None),
        Version.ends_on >= bindparam("recent"),
    )
    .order_by(Offer.id)
)
