"""Reads. Who asks decides what is seen: the member everything of his own, the shop nobody, the union a masked name."""

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select

from services.complaints.errors import COMPLAINT_UNKNOWN
from services.complaints.models import Complaint
from services.complaints.types import Answer, AnsweredAs, ComplaintId, ForShop, ForUnion
from services.complaints.types import Complaint as ComplaintView
from services.core.calendar import local
from services.core.db import Rows, db
from services.core.errors import NotFound
from services.core.paging import Page, PageRequest
from services.members import queries as members
from services.members.rules import masked_name
from services.members.types import MemberId
from services.merchants import queries as merchants
from services.merchants.types import BranchId, MerchantId
from services.offers.types import OfferId
from services.unions import queries as unions
from services.unions.types import UnionId, UnionPath

MOST = 200
"""How many open ones a list shows: who has more than that does not read on."""
_OPEN = Complaint.answered_at.is_(None)


def of_member(*, member_id: MemberId, request: PageRequest) -> Page[ComplaintView]:
    """A member's own, newest first. One statement."""
    return _page(_complaints().where(Complaint.member_id == member_id), request)


def one_of_member(complaint_id: ComplaintId, *, member_id: MemberId) -> ComplaintView:
    """Raises NotFound(complaint_unknown), also for another member's."""
    return _member_view(_one(_complaints().where(Complaint.id == complaint_id, Complaint.member_id == member_id)))


def last_branch(*, member_id: MemberId, offer_id: OfferId) -> BranchId | None:
    """Where this member told last of this offer."""
    query = select(Complaint.branch_id).where(Complaint.member_id == member_id, Complaint.offer_id == offer_id)
    found = db.session.scalar(query.order_by(Complaint.id.desc()).limit(1))
    return BranchId(found) if found else None


def of_today(*, member_id: MemberId, offer_id: OfferId, day: datetime.date) -> ComplaintId | None:
    """What this member has told of this offer on that day in China."""
    query = select(Complaint.id).where(
        Complaint.member_id == member_id, Complaint.offer_id == offer_id, Complaint.happened_on == day
    )
    found = db.session.scalar(query)
    return ComplaintId(found) if found else None


def open_of_shop(merchant_id: uuid.UUID, *, branch_id: uuid.UUID | None = None) -> list[ForShop]:
    """What waits for the shop's answer, the most urgent first; of one branch only if given. One statement."""
    query = _complaints().where(_of_shop(merchant_id, branch_id), _OPEN).order_by(Complaint.due_at, Complaint.id)
    return [_shop_view(row) for row in db.session.execute(query.limit(MOST))]


def answered_of_shop(
    merchant_id: uuid.UUID, *, request: PageRequest, branch_id: uuid.UUID | None = None
) -> Page[ForShop]:
    """What has its answer, newest first. One statement."""
    query = _complaints().where(_of_shop(merchant_id, branch_id), ~_OPEN)
    rows = db.session.execute(request.apply(query, Complaint.id)).all()
    return request.page([_shop_view(row) for row in rows], [row[0].id for row in rows])


def one_of_shop(complaint_id: ComplaintId, *, merchant_id: uuid.UUID, branch_id: uuid.UUID | None = None) -> ForShop:
    """Raises NotFound(complaint_unknown), also for another shop's."""
    return _shop_view(_one(_complaints().where(Complaint.id == complaint_id, _of_shop(merchant_id, branch_id))))


def waiting_at_shop(merchant_id: uuid.UUID, *, branch_id: uuid.UUID | None = None) -> int:
    """How many wait for the shop's answer."""
    return db.session.scalar(select(func.count()).where(_of_shop(merchant_id, branch_id), _OPEN)) or 0


def overdue(*, scopes: Sequence[UnionPath], now: datetime.datetime) -> list[ForUnion]:
    """What shops of these federations have not answered for a day, the oldest first. One statement."""
    query = _for_union(scopes).where(_OPEN, Complaint.due_at <= now).order_by(Complaint.due_at, Complaint.id)
    return [_union_view(row) for row in db.session.execute(query.limit(MOST))]


def young(*, scopes: Sequence[UnionPath], now: datetime.datetime) -> list[ForUnion]:
    """What the shop still has time to answer, the most urgent first. One statement."""
    query = _for_union(scopes).where(_OPEN, Complaint.due_at > now).order_by(Complaint.due_at, Complaint.id)
    return [_union_view(row) for row in db.session.execute(query.limit(MOST))]


def answered(*, scopes: Sequence[UnionPath], request: PageRequest) -> Page[ForUnion]:
    """What has its answer, newest first. One statement."""
    rows = db.session.execute(request.apply(_for_union(scopes).where(~_OPEN), Complaint.id)).all()
    return request.page([_union_view(row) for row in rows], [row[0].id for row in rows])


def open_ones() -> Rows:
    """complaint_id, merchant_id, due_at of what has no answer, for a join."""
    return select(Complaint.id.label("complaint_id"), Complaint.merchant_id, Complaint.due_at).where(_OPEN)


def one_of_union(complaint_id: ComplaintId, *, scopes: Sequence[UnionPath]) -> ForUnion:
    """Raises NotFound(complaint_unknown), also for another federation's."""
    return _union_view(_one(_for_union(scopes).where(Complaint.id == complaint_id)))


def to_tell(complaint_id: ComplaintId) -> tuple[ComplaintView, MemberId, UnionId] | None:
    """For the gateway: the complaint, its member and the federation of its shop; None once it is forgotten."""
    place = merchants.federations().subquery("place")
    query = _complaints().add_columns(place.c.federation_id).join(place, place.c.merchant_id == Complaint.merchant_id)
    row = db.session.execute(query.where(Complaint.id == complaint_id)).first()
    return (_member_view(row), MemberId(row[0].member_id), UnionId(row.federation_id)) if row else None


def complaints() -> Rows:
    """Plain columns of every complaint, for reports to join and group."""
    return select(
        Complaint.id.label("complaint_id"),
        Complaint.merchant_id,
        Complaint.branch_id,
        Complaint.offer_id,
        Complaint.happened_at,
        Complaint.raised_at,
        Complaint.answered_at,
        Complaint.answered_as,
    )


def _complaints() -> Rows:
    place = merchants.names().subquery("branch")
    query = select(Complaint, place.c.merchant_name, place.c.branch_name)
    return query.join(place, place.c.branch_id == Complaint.branch_id)


def _for_union(scopes: Sequence[UnionPath]) -> Rows:
    shop, holder = merchants.federations().subquery("shop"), members.holders().subquery("holder")
    return (
        _complaints()
        .add_columns(holder.c.member_name, holder.c.union_name)
        .join(shop, shop.c.merchant_id == Complaint.merchant_id)
        .join(holder, holder.c.member_id == Complaint.member_id)
        .where(unions.in_scopes(shop.c.federation_path, scopes))
    )


def _of_shop(merchant_id: uuid.UUID, branch_id: uuid.UUID | None) -> ColumnElement[bool]:
    shop = Complaint.merchant_id == merchant_id
    return shop if branch_id is None else shop & (Complaint.branch_id == branch_id)


def _page(query: Rows, request: PageRequest) -> Page[ComplaintView]:
    rows = db.session.execute(request.apply(query, Complaint.id)).all()
    return request.page([_member_view(row) for row in rows], [row[0].id for row in rows])


def _one(query: Rows) -> Any:
    row = db.session.execute(query.execution_options(populate_existing=True)).first()
    if row is None:
        raise NotFound(COMPLAINT_UNKNOWN)
    return row


def _facts(row: Any) -> dict[str, Any]:
    found: Complaint = row[0]
    return {
        "id": ComplaintId(found.id),
        "offer_id": OfferId(found.offer_id),
        "offer_title": found.offer_title,
        "merchant_id": MerchantId(found.merchant_id),
        "merchant_name": row.merchant_name,
        "branch_id": BranchId(found.branch_id),
        "branch_name": row.branch_name,
        "happened_at": found.happened_at,
        "note": found.note,
        "due_at": found.due_at,
        "raised_at": found.raised_at,
        "answer": _answer(found),
    }


def _answer(found: Complaint) -> Answer | None:
    if found.answer is None or found.answered_at is None or found.answered_as is None:
        return None
    return Answer(found.answer, found.answered_at, AnsweredAs(found.answered_as))


def _member_view(row: Any) -> ComplaintView:
    return ComplaintView(**_facts(row))


def _union_view(row: Any) -> ForUnion:
    masked = masked_name(row.member_name)
    return ForUnion(**_facts(row), masked_name=masked, union_name=row.union_name, answered_by=row[0].answered_by)


def _shop_view(row: Any) -> ForShop:
    found: Complaint = row[0]
    return ForShop(
        id=ComplaintId(found.id),
        offer_title=found.offer_title,
        branch_name=row.branch_name,
        hour=_hour(found.happened_at),
        note=found.note,
        due_at=_hour(found.due_at),
        raised=found.raised_at is not None,
        answer=_answer(found),
    )


def _hour(instant: datetime.datetime) -> datetime.datetime:
    return local(instant).replace(minute=0, second=0, microsecond=0)
