"""Verbs: a member tells, the shop or the union answers, what waits too long goes to the union."""

import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from services.accounts.types import Capability, ClerkActor, MemberActor, OfficerActor
from services.complaints import errors, queries, rules
from services.complaints.messages import ComplaintAnswered, ComplaintMade, ComplaintOverdue
from services.complaints.models import Complaint
from services.complaints.types import AnsweredAs, ComplaintId
from services.core import audit, outbox
from services.core.budget import DAY, spend
from services.core.calendar import local_date
from services.core.db import db
from services.core.errors import Conflict, Forbidden, Invalid, NotFound, TooOften
from services.core.ids import uuid7
from services.merchants import queries as merchants
from services.merchants.errors import OWNER_ONLY
from services.merchants.types import BranchId
from services.offers import queries as offers
from services.offers.errors import BRANCH_OF_ANOTHER_SHOP
from services.offers.rules import not_running
from services.offers.types import OfferId

AT_ONCE = 100


def file(
    *, actor: MemberActor, offer_id: OfferId, branch_id: BranchId | None, note: str, now: datetime.datetime
) -> ComplaintId:
    """A member was refused this offer at that branch just now.

    The first of a member, an offer and a day in China counts: a second tap returns it as it is.

    Raises NotFound(offer_unknown), Conflict when the offer does not run today or the shop takes
    no cards (shop_takes_no_cards), Invalid(complaint_branch_missing, branch_of_another_shop, complaint_note_length),
    TooOften(complaints_too_often) for a sixth in a day. Posts complaints.made. Audited.
    """
    said, day = rules.note(note), local_date(now)
    offer = offers.offer(offer_id)
    if refusal := not_running(offer, day):
        raise Conflict(refusal.code, **refusal.facts)
    if not merchants.is_partner(offer.merchant_id, on=day):
        raise Conflict(errors.SHOP_TAKES_NO_CARDS)
    if branch_id is None:
        raise Invalid(errors.COMPLAINT_BRANCH_MISSING, field="branch")
    if branch_id not in {one.id for one in merchants.branches_of(offer.merchant_id)}:
        raise Invalid(BRANCH_OF_ANOTHER_SHOP, field="branch")
    made = db.session.scalar(
        insert(Complaint)
        .values(
            id=uuid7(), member_id=actor.member_id, merchant_id=offer.merchant_id, branch_id=branch_id,
            offer_id=offer_id, offer_title=offer.title, happened_at=now, happened_on=day, note=said, told_at=now,
            due_at=now + rules.ANSWERED_IN,
        )
        .on_conflict_do_nothing(index_elements=["member_id", "offer_id", "happened_on"])
        .returning(Complaint.id)
    )  # fmt: skip
    if made is None:
        return _first(actor, offer_id, day)
    if wait := spend("complaints.made", actor.member_id.bytes, limits=((DAY, rules.A_DAY),), now=now):
        raise TooOften(errors.COMPLAINTS_TOO_OFTEN, seconds=wait, limit=rules.A_DAY)
    audit.record("complaint.made", actor=actor.label, subject_id=made, now=now)
    outbox.post(ComplaintMade(complaint_id=made))
    return ComplaintId(made)


def answer(*, actor: ClerkActor | OfficerActor, complaint_id: ComplaintId, text: str, now: datetime.datetime) -> None:
    """The shop's or the union's word, once: whoever is second is told so. The member reads it. Audited.

    A conditional UPDATE of the complaint's row. Raises Invalid(complaint_answer_length),
    NotFound(complaint_unknown) for another shop's or another federation's, Forbidden(owner_only),
    Conflict(complaint_answered). Posts complaints.answered.
    """
    said = rules.answer(text)
    answered_as = _may_answer(actor, complaint_id)
    values = {"answer": said, "answered_at": now, "answered_by": actor.label, "answered_as": answered_as}
    open_one = (Complaint.id == complaint_id) & Complaint.answered_at.is_(None)
    if db.session.scalar(update(Complaint).where(open_one).values(values).returning(Complaint.id)) is None:
        raise Conflict(errors.COMPLAINT_ANSWERED)
    audit.record("complaint.answered", actor=actor.label, subject_id=complaint_id, now=now, detail={"as": answered_as})
    outbox.post(ComplaintAnswered(complaint_id=complaint_id))


def raise_overdue(now: datetime.datetime) -> int:
    """What had no answer for a day goes to the shop's federation, told once each. Returns how many: up to 100.

    Locks their rows and skips those that somebody is answering. Posts complaints.overdue.
    """
    waiting = (
        select(Complaint.id)
        .where(Complaint.answered_at.is_(None), Complaint.raised_at.is_(None), Complaint.due_at <= now)
        .order_by(Complaint.due_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    found = db.session.scalars(waiting).all()
    db.session.execute(update(Complaint).where(Complaint.id.in_(found)).values(raised_at=now))
    for complaint_id in found:
        outbox.post(ComplaintOverdue(complaint_id=complaint_id))
    return len(found)


def _first(actor: MemberActor, offer_id: OfferId, day: datetime.date) -> ComplaintId:
    this = (Complaint.member_id == actor.member_id) & (Complaint.offer_id == offer_id) & (Complaint.happened_on == day)
    return ComplaintId(db.session.scalars(select(Complaint.id).where(this)).one())


def _may_answer(actor: ClerkActor | OfficerActor, complaint_id: ComplaintId) -> AnsweredAs:
    """In which capacity. Raises as `answer`."""
    if isinstance(actor, OfficerActor):
        queries.one_of_union(complaint_id, scopes=actor.scopes(Capability.MANAGE_SHOPS))
        return AnsweredAs.UNION
    mine = (Complaint.id == complaint_id) & (Complaint.merchant_id == actor.merchant_id)
    if db.session.scalar(select(Complaint.id).where(mine)) is None:
        raise NotFound(errors.COMPLAINT_UNKNOWN)
    if not merchants.is_owner(actor.clerk_id):
        raise Forbidden(OWNER_ONLY)
    return AnsweredAs.OWNER
