"""What an officer reads of partner shops. His subtrees are an argument: another federation's shops are not there."""

import datetime
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, false, func, or_, select
from sqlalchemy.orm import aliased

from services.core.calendar import DAY
from services.core.db import Rows, db
from services.core.errors import NotFound
from services.core.keyboard import half_width
from services.core.paging import Page, PageRequest
from services.merchants.errors import AGREEMENT_UNKNOWN, BRANCH_UNKNOWN, MERCHANT_UNKNOWN
from services.merchants.models import Agreement, Branch, Merchant, Trade
from services.merchants.queries import branch_of
from services.merchants.rules import ENDING
from services.merchants.types import Agreement as AgreementView
from services.merchants.types import AgreementId, BranchId, MerchantId, Outlet, Record, State, TradeCode
from services.merchants.types import Trade as TradeView
from services.unions import queries as unions
from services.unions.types import UnionId, UnionPath

SEARCH_MOST, WORDS_MOST = 60, 5

_union = unions.unions().subquery("union")


def page_of_records(
    *,
    scopes: Sequence[UnionPath],
    on: datetime.date,
    request: PageRequest,
    text: str = "",
    trade: TradeCode | None = None,
    state: State | None = None,
) -> Page[Record]:
    """The partner shops of these federations as they stand on that day, the newest first. One statement.

    Every word of `text` stands in the shop's name, plaque number, or a branch's name or address.
    """
    query = _records(on).where(unions.in_scopes(_union.c.union_path, scopes), *map(_said, _words(text)))
    if trade:
        query = query.where(Merchant.trade == trade)
    if state:
        query = query.where(_state(on) == state)
    rows = db.session.execute(request.apply(query, Merchant.id)).all()
    return request.page([_record(row) for row in rows], [row[0].id for row in rows])


def of_federations(scopes: Sequence[UnionPath]) -> set[MerchantId]:
    """Every shop of these federations. One statement."""
    query = select(Merchant.id).join(_union, _union.c.union_id == Merchant.union_id)
    return set(map(MerchantId, db.session.scalars(query.where(unions.in_scopes(_union.c.union_path, scopes)))))


def counts(*, scopes: Sequence[UnionPath], on: datetime.date) -> dict[State, int]:
    """How many shops stand how; a state that none has is missing. One statement."""
    state = _state(on).label("state")
    query = select(state, func.count()).select_from(Merchant).join(_union, _union.c.union_id == Merchant.union_id)
    rows = db.session.execute(query.where(unions.in_scopes(_union.c.union_path, scopes)).group_by(state))
    return {State(found): count for found, count in rows}


def record(merchant_id: MerchantId, *, scopes: Sequence[UnionPath], on: datetime.date) -> Record:
    """One shop as it stands on that day. Raises NotFound(merchant_unknown), also for another federation's."""
    query = _records(on).where(Merchant.id == merchant_id, unions.in_scopes(_union.c.union_path, scopes))
    row = db.session.execute(query).first()
    if row is None:
        raise NotFound(MERCHANT_UNKNOWN)
    return _record(row)


def agreements(merchant_id: MerchantId) -> list[AgreementView]:
    """What was signed with a shop, the newest first."""
    query = select(Agreement).where(Agreement.merchant_id == merchant_id).order_by(Agreement.id.desc())
    return [_agreement(row) for row in db.session.scalars(query)]


def agreement(agreement_id: AgreementId, *, merchant_id: MerchantId) -> AgreementView:
    """Raises NotFound(agreement_unknown), also for another shop's."""
    row = db.session.get(Agreement, agreement_id)
    if row is None or row.merchant_id != merchant_id:
        raise NotFound(AGREEMENT_UNKNOWN)
    return _agreement(row)


def outlets(merchant_id: MerchantId) -> list[Outlet]:
    """Every branch that a shop ever had, the open ones first."""
    query = select(Branch).where(Branch.merchant_id == merchant_id)
    rows = db.session.scalars(query.order_by(Branch.closed_at.is_not(None), Branch.id))
    return [Outlet(branch_of(row), row.closed_at) for row in rows]


def outlet(branch_id: BranchId, *, merchant_id: MerchantId) -> Outlet:
    """Raises NotFound(branch_unknown), also for another shop's."""
    row = db.session.get(Branch, branch_id)
    if row is None or row.merchant_id != merchant_id:
        raise NotFound(BRANCH_UNKNOWN)
    return Outlet(branch_of(row), row.closed_at)


def states(on: datetime.date) -> Rows:
    """merchant_id, merchant_name, federation_id, federation_path, state, agreement_until, awaits_renewal, for a join.

    `awaits_renewal`: its agreement ends within 30 days or has ended, and the partnership was not ended.
    """
    return select(
        Merchant.id.label("merchant_id"),
        Merchant.name.label("merchant_name"),
        _union.c.union_id.label("federation_id"),
        _union.c.union_path.label("federation_path"),
        _state(on).label("state"),
        Merchant.agreement_until,
        and_(Merchant.ended_at.is_(None), Merchant.agreement_until <= on + ENDING * DAY).label("awaits_renewal"),
    ).join(_union, _union.c.union_id == Merchant.union_id)


def _records(on: datetime.date) -> Rows:
    return (
        select(Merchant, Trade, _union.c.union_path, _state(on).label("state"))
        .join(Trade, Trade.code == Merchant.trade)
        .join(_union, _union.c.union_id == Merchant.union_id)
    )


def _state(on: datetime.date) -> ColumnElement[str]:
    branch = aliased(Branch)
    return case(
        (Merchant.agreement_until < on, State.ENDED.value),
        (Merchant.suspended_on <= on, State.SUSPENDED.value),
        (Merchant.agreement_from > on, State.BEGINS.value),
        (~exists().where(branch.merchant_id == Merchant.id, branch.closed_at.is_(None)), State.NO_BRANCH.value),
        (Merchant.agreement_until <= on + ENDING * DAY, State.ENDING.value),
        else_=State.OPEN.value,
    )


def _words(text: str) -> list[str]:
    return half_width(text).lower().replace("\x00", "").split()[:WORDS_MOST]


def _said(word: str) -> ColumnElement[bool]:
    branch = aliased(Branch)
    at_branch = exists().where(branch.merchant_id == Merchant.id, _holds(word, branch.name, branch.address))
    return or_(_holds(word, Merchant.name), func.strpos(func.lower(Merchant.plaque_number), word) > 0, at_branch)


def _holds(word: str, *texts: Any) -> ColumnElement[bool]:
    found = (func.strpos(func.lower(text[language].astext), word) > 0 for text in texts for language in ("zh", "en"))
    return or_(false(), *found)


def _record(row: Any) -> Record:
    merchant, trade = row[0], row[1]
    return Record(
        id=MerchantId(merchant.id),
        federation_id=UnionId(merchant.union_id),
        federation_path=UnionPath(row.union_path),
        name=merchant.name,
        trade=TradeView(TradeCode(trade.code), trade.name, trade.icon),
        about=merchant.about,
        agreement_from=merchant.agreement_from,
        agreement_until=merchant.agreement_until,
        suspended_on=merchant.suspended_on,
        suspension_reason=merchant.suspension_reason,
        plaque_number=merchant.plaque_number,
        plaque_hung_on=merchant.plaque_hung_on,
        door_sign_on=merchant.door_sign_on,
        ended_at=merchant.ended_at,
        ended_reason=merchant.ended_reason,
        state=State(row.state),
    )


def _agreement(row: Agreement) -> AgreementView:
    return AgreementView(
        AgreementId(row.id), row.starts_on, row.ends_on, row.signed_on, row.signed_by, row.paper_key, row.recorded_by,
        row.recorded_at,
    )  # fmt: skip
